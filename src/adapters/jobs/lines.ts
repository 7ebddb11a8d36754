// Reads a growing file line by line from where it stopped.
import { closeSync, openSync, readSync } from 'node:fs';
import { lineSplitter } from '../../core/line-splitter.ts';

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
  const lines = lineSplitter();
  let fd: number | null = null;
  let buffer: Buffer | null = null;

  return {
    readBytes: lines.takenBytes,
    givenBytes: lines.givenBytes,
    read: (onLine, untilBytes = Number.POSITIVE_INFINITY) => {
      try {
        fd ??= openSync(path, 'r');
      } catch {
        return false;
      }
      buffer ??= shared;
      const wanted = Math.min(buffer.length, untilBytes - lines.takenBytes());
      if (wanted <= 0) return false;
      const got = readSync(fd, buffer, 0, wanted, lines.takenBytes());
      lines.take(buffer.subarray(0, got), onLine);
      // A file that fills the buffer is a long one.
      if (got === buffer.length && buffer.length < chunkBytes) buffer = Buffer.allocUnsafe(chunkBytes);
      return got === wanted && lines.takenBytes() < untilBytes;
    },
    flush: lines.flush,
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
};
