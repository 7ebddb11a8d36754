// What fences, comments and HTML hide though nobody meant them to: a fence without an end, a list right behind a tag.
import { readAlmostBox } from './almost.ts';
import { readBox, readHeadingBox, readMarker, readNumberedHeading } from './line.ts';

/** A line that looks like an open task. Lines are 0-based within the piece. */
export interface HiddenLine {
  line: number;
  /** Its indent in UTF-16 units. */
  column: number;
  /** What stands behind the box, or the heading. */
  rest: string;
  kind: 'box' | 'heading';
}

/** A block that holds such lines and should not. */
export interface Hidden {
  line: number;
  kind: 'fence' | 'comment' | 'html';
  /** What would close it; null: nothing has to. */
  close: string | null;
  lines: HiddenLine[];
}

/** The lines that a block of code hides; null: it is closed (then it is an example), or hides none. `own` = its lines, `line` the first. */
export const hiddenByFence = (own: readonly string[], line: number): Hidden | null => {
  const mark = /(`{3,}|~{3,})/.exec(own[0]!)?.[1];
  if (mark === undefined || (own.length > 1 && closesFence(own[own.length - 1]!, mark))) return null;
  return hiddenBy({ line, kind: 'fence', close: mark }, own);
};

const closesFence = (line: string, mark: string): boolean => {
  const text = line.trim();
  return text.length >= mark.length && text === mark[0]!.repeat(text.length);
};

/** Elements whose text is no Markdown, however it looks. */
const VERBATIM = /^[ \t]*<(script|pre|style|textarea)(?:[\s>]|$)/i;

/** The lines that HTML hides; null: a closed comment (or code), or nothing of the kind is in it. */
export const hiddenByHtml = (own: readonly string[], line: number): Hidden | null => {
  const text = own.join('\n');
  if (/^[ \t]*<!--/.test(own[0]!)) {
    return text.includes('-->') ? null : hiddenBy({ line, kind: 'comment', close: '-->' }, own);
  }
  const verbatim = VERBATIM.exec(own[0]!)?.[1];
  if (verbatim !== undefined) {
    const close = `</${verbatim}>`;
    if (text.toLowerCase().includes(close.toLowerCase())) return null;
    return hiddenBy({ line, kind: 'html', close }, own);
  }
  const open = text.replace(/<!--[\s\S]*?-->/g, comment => comment.replace(/[^\n]/g, ' '));
  return hiddenBy({ line, kind: 'html', close: null }, open.split('\n'));
};

const hiddenBy = (block: Omit<Hidden, 'lines'>, own: readonly string[]): Hidden | null => {
  const lines = own.flatMap((text, at) => (at === 0 ? [] : (openLine(text, block.line + at) ?? [])));
  return lines.length > 0 ? { ...block, lines } : null;
};

const openLine = (text: string, line: number): HiddenLine | null => {
  const column = text.length - text.trimStart().length;
  const heading = /^ {0,3}#{1,6}[ \t]+(.*)$/.exec(text)?.[1];
  if (heading !== undefined) {
    const isOpen = readHeadingBox(heading)?.state !== 'done' && readNumberedHeading(heading) !== null;
    return isOpen ? { line, column, rest: heading, kind: 'heading' } : null;
  }
  const marker = readMarker(text);
  const box = marker && readBox(marker.text);
  if (box?.state != null) return box.state === 'done' ? null : { line, column, rest: box.rest, kind: 'box' };
  const almost = readAlmostBox(text);
  return almost?.open ? { line, column, rest: almost.rest, kind: 'box' } : null;
};
