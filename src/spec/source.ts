// Bytes of a task file → lines, and the way back from a line to its byte offset.

/** A file as lines. All line numbers here are 0-based. */
export interface Source {
  /** Without BOM, line ends made `\n`. Broken UTF-8 stands as U+FFFD. */
  text: string;
  /** Without their line ends (`\n`, `\r\n` or `\r`). */
  lines: string[];
  /** Where each line begins in `text`, in UTF-16 units. */
  starts: number[];
  /** Where each line begins in the file's bytes, BOM included. */
  byteStarts: number[];
  /** First line that is not UTF-8, or null. */
  brokenLine: number | null;
  /** First line that holds a NUL byte, or null. */
  nulLine: number | null;
  /** The file begins with a UTF-16 byte order mark. */
  utf16: boolean;
}

const LF = 10;
const CR = 13;

/** Never throws. */
export const readSource = (bytes: Uint8Array): Source => {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const body = bom ? bytes.subarray(bom) : bytes;
  const { text: decoded, broken } = decode(body);
  const text = decoded.includes('\r') ? decoded.replace(/\r\n?/g, '\n') : decoded;
  const lines = text.split('\n');
  const starts: number[] = new Array(lines.length);
  let at = 0;
  for (let i = 0; i < lines.length; i++) {
    starts[i] = at;
    at += lines[i]!.length + 1;
  }
  // One byte per character and no carriage return: the offsets are the same but for the BOM.
  const byteStarts =
    text.length === body.length && text === decoded
      ? bom
        ? starts.map(s => s + bom)
        : starts
      : scanStarts(bytes, bom);
  const lineOfByte = (offset: number): number => {
    let line = 0;
    while (line + 1 < byteStarts.length && byteStarts[line + 1]! <= offset) line++;
    return line;
  };
  const nul = bytes.indexOf(0);
  return {
    text,
    lines,
    starts,
    byteStarts,
    brokenLine: broken ? firstBroken(lines, byteStarts, bytes) : null,
    nulLine: nul < 0 ? null : lineOfByte(nul),
    utf16,
  };
};

const decode = (bytes: Uint8Array): { text: string; broken: boolean } => {
  // `ignoreBOM` keeps a second BOM as a character, so that offsets stay right.
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), broken: false };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), broken: true };
  }
};

const scanStarts = (bytes: Uint8Array, bom: number): number[] => {
  const starts = [bom];
  for (let i = bom; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === LF || (byte === CR && bytes[i + 1] !== LF)) starts.push(i + 1);
  }
  return starts;
};

const firstBroken = (lines: readonly string[], byteStarts: readonly number[], bytes: Uint8Array): number => {
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.includes('�') && decode(bytes.subarray(byteStarts[i]!, byteStarts[i + 1])).broken) return i;
  }
  return 0;
};
