// Bytes that come in pieces, given line by line.

/** Lines longer than this are given cut; the rest up to the newline is dropped. */
export const lineBytesMax = 10_000_000;

export interface LineSplitter {
  /** Bytes taken so far, including those of a line that is not complete yet. */
  takenBytes(): number;
  /** Bytes of lines given so far, newlines included. */
  givenBytes(): number;
  /** The next bytes. Every line that they complete is given, the carriage return before its newline left out. They may be overwritten afterwards. */
  take(bytes: Uint8Array, onLine: (text: string) => void): void;
  /** Gives what stands after the last newline as a line; nothing when there is nothing. For the end only. */
  flush(onLine: (text: string) => void): void;
}

/** The same bytes give the same lines, wherever they are cut into pieces. Bytes that are no UTF-8 become U+FFFD. */
export const lineSplitter = (): LineSplitter => {
  let takenBytes = 0;
  let givenBytes = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const keep = (part: Uint8Array) => {
    const room = lineBytesMax - pendingBytes;
    if (room <= 0 || part.length === 0) return;
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
    takenBytes: () => takenBytes,
    givenBytes: () => givenBytes,
    take: (bytes, onLine) => {
      const base = takenBytes;
      takenBytes += bytes.length;
      for (let from = 0; from < bytes.length; ) {
        const newline = bytes.indexOf(10, from);
        if (newline < 0) {
          keep(bytes.subarray(from));
          break;
        }
        keep(bytes.subarray(from, newline));
        givenBytes = base + newline + 1;
        give(onLine);
        from = newline + 1;
      }
    },
    flush: onLine => {
      if (givenBytes === takenBytes) return;
      givenBytes = takenBytes;
      give(onLine);
    },
  };
};
