// Reads a growing file line by line from where it stopped.
import { closeSync, openSync, readSync } from 'node:fs';

/** Lines longer than this are given cut; the rest up to the newline is dropped. */
export const lineBytesMax = 10_000_000;

export interface LineTail {
  /** Bytes read so far, including those of a line that is not complete yet. */
  readBytes(): number;
  /** Bytes of complete lines given so far. */
  givenBytes(): number;
  /**
   * Gives every complete line up to byte `untilBytes` (exclusive; reading stops there) and at most one chunk of 1 MB.
   * True = there is more to read now. A missing file has no lines.
   */
  read(onLine: (text: string) => void, untilBytes?: number): boolean;
  /** Gives what stands after the last newline as a line. For the end only. */
  flush(onLine: (text: string) => void): void;
  close(): void;
}

const chunkBytes = 1_000_000;
/** What is read is given or copied before anybody else reads. */
const shared = Buffer.allocUnsafeSlow(64_000);

/** Lines of `path` from its first byte on. Characters that are cut by a chunk's end come out whole. The file is only read. */
export const lineTail = (path: string): LineTail => {
  let fd: number | null = null;
  let readBytes = 0;
  let givenBytes = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let buffer: Buffer | null = null;

  const keep = (part: Buffer) => {
    const room = lineBytesMax - pendingBytes;
    if (room <= 0 || part.length === 0) return;
    // A copy: the chunk's buffer is used again.
    const kept = Buffer.from(part.subarray(0, room));
    pending.push(kept);
    pendingBytes += kept.length;
  };
  const give = (onLine: (text: string) => void) => {
    const text = (pending.length === 1 ? pending[0]! : Buffer.concat(pending)).toString('utf8');
    pending = [];
    pendingBytes = 0;
    onLine(text.endsWith('\r') ? text.slice(0, -1) : text);
  };

  return {
    readBytes: () => readBytes,
    givenBytes: () => givenBytes,
    read: (onLine, untilBytes = Number.POSITIVE_INFINITY) => {
      try {
        fd ??= openSync(path, 'r');
      } catch {
        return false;
      }
      buffer ??= shared;
      const wanted = Math.min(buffer.length, untilBytes - readBytes);
      if (wanted <= 0) return false;
      const got = readSync(fd, buffer, 0, wanted, readBytes);
      const chunk = buffer.subarray(0, got);
      const base = readBytes;
      readBytes += got;
      for (let from = 0; from < got; ) {
        const newline = chunk.indexOf(10, from);
        if (newline < 0) {
          keep(chunk.subarray(from));
          break;
        }
        keep(chunk.subarray(from, newline));
        givenBytes = base + newline + 1;
        give(onLine);
        from = newline + 1;
      }
      // A file that fills the buffer is a long one.
      if (got === buffer.length && buffer.length < chunkBytes) buffer = Buffer.allocUnsafe(chunkBytes);
      return got === wanted && readBytes < untilBytes;
    },
    flush: onLine => {
      if (givenBytes === readBytes) return;
      givenBytes = readBytes;
      give(onLine);
    },
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
};
