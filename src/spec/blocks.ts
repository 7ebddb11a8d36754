// Where the parser's blocks really begin and end, and what their source says.
import type { Heading, Nodes } from 'mdast';
import type { PieceHeading } from './piece.ts';

/** A heading without its marks. */
export const headingOf = (node: Heading, text: string): PieceHeading => {
  const source = text.slice(node.position!.start.offset!, node.position!.end.offset!);
  // An underlined heading ends with the line of its underline.
  let own = source.startsWith('#') ? source.slice(node.depth).trim() : source.slice(0, source.lastIndexOf('\n')).trim();
  if (source.startsWith('#')) {
    let end = own.length;
    while (end > 0 && own[end - 1] === '#') end--;
    if (end < own.length && (end === 0 || own[end - 1] === ' ' || own[end - 1] === '\t'))
      own = own.slice(0, end).trimEnd();
  }
  return { line: node.position!.start.line - 1, depth: node.depth, text: own };
};

/** The block behind a block limits it: where a list item cuts a fence short, the end that is given lies too far. */
export const limitOf = (nodes: readonly Nodes[], at: number, limit: number): number => {
  const next = nodes[at + 1];
  return next ? Math.min(limit, next.position!.start.line - 2) : limit;
};

/** A block that its list item cuts short is said to end at the beginning of the line behind it. */
export const lastLineOf = (node: Nodes): number => {
  const { start, end } = node.position!;
  return Math.max(start.line, end.column === 1 ? end.line - 1 : end.line) - 1;
};

/** Without white space at the end. */
export const withoutEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && ' \t\n'.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
};

/** Nothing but blanks and tabs. */
export const isBlank = (line: string): boolean => {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code !== 32 && code !== 9) return false;
  }
  return true;
};

/** Code without a fence: what stands at its column opens none. */
export const isIndented = (line: string, column: number): boolean =>
  !/^(?:```|~~~)/.test(line.slice(column).trimStart());

/** Replaces comments by nothing and remembers the lines that thereby became empty. */
export const blankOut = (
  piece: { lines: string[]; commented: Set<number> },
  text: string,
  comments: readonly { from: number; to: number }[],
): void => {
  let kept = '';
  let at = 0;
  for (const { from, to } of comments) {
    kept += text.slice(at, from) + text.slice(from, to).replace(/[^\n]+/g, '\u0000');
    at = to;
  }
  const lines = (kept + text.slice(at)).split('\n');
  for (let i = 0; i < piece.lines.length; i++) {
    // A NUL of the file itself stays: only lines with a comment are looked at.
    if (lines[i] === piece.lines[i]) continue;
    const own = lines[i]!.replace(/\u0000/g, '').trimEnd();
    piece.lines[i] = own;
    if (own.trim() === '') piece.commented.add(i);
  }
};
