// Cuts a Markdown file into pieces that can be parsed alone, because the parser's time grows with the square of nested lists.

import { isBlank } from './blocks.ts';

/** A block at the top of the document whose lines must not be read as anything else. */
type Open =
  | { kind: 'fence'; mark: string; length: number }
  | { kind: 'until'; end: RegExp }
  /** Something that looks like an HTML tag: an HTML block up to the next blank line, or just a paragraph. */
  | { kind: 'maybe' };

/** A line across the page: `---`, `* * *`. */
export const THEMATIC_BREAK = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const LIST_ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])([ \t]+|$)/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
/** A line whose text begins with a tag or a comment that goes on, behind any number of list markers. */
const TAG = /^[ \t]*(?:(?:(?:[-*+]|\d{1,9}[.)])[ \t]+|>[ \t]*))*(?:<\/?[a-z]|<[!?](?!.*>[ \t]*$))/i;
const FENCE = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/;

/**
 * Line numbers (0-based) where the pieces begin; the first is `from`. A piece begins at a list item or heading in column 0.
 * Parsing the pieces one by one gives the same blocks as parsing the whole: where that is in doubt (an HTML tag, a line that
 * may or may not belong to the list item above it), there is no cut, if need be for the rest of the file.
 */
export const cut = (lines: readonly string[], from = 0): number[] => {
  const starts = [from];
  let open: Open | null = null;
  /** Column where the text of the list item begins that we are in; lines at that column or further right belong to it. */
  let item: number | null | 'unsure' = null;
  let afterBlank = true;
  /** The last line with text was indented like code, which micromark keeps open over blank lines. */
  let afterCode = false;
  /** The last line with text, unless it is the last one of a block that was open. */
  let last = '';
  let closing = -1;
  /** No cut behind a tag: micromark reads one in the last line of a text otherwise than one with lines behind it. */
  const push = (i: number): void => {
    if (i > from && !TAG.test(last)) starts.push(i);
  };
  for (let i = from; i < lines.length; i++) {
    if (i > from && !isBlank(lines[i - 1]!)) last = i - 1 === closing ? '' : lines[i - 1]!;
    const line = lines[i]!;
    if (open) {
      if (open.kind === 'maybe') {
        if (isBlank(line)) {
          open = null;
          // If it was a paragraph, list items may have begun inside it.
          item = 'unsure';
          afterBlank = true;
          // Something else may have begun after the paragraph.
          afterCode = indentOf(last) > 3;
        } else if (FENCE.test(line) || untilOf(line)) {
          return starts;
        }
      } else if (closes(open, line)) {
        open = null;
        afterBlank = false;
        closing = i;
      }
      continue;
    }
    if (isBlank(line)) {
      afterBlank = true;
      continue;
    }
    const indent = indentOf(line);
    if (typeof item === 'number' && indent >= item) {
      afterBlank = false;
      continue;
    }
    const wasIn: number | null | 'unsure' = item;
    // A paragraph of the item may go on in a line that is not indented; only the parser knows whether it is one.
    if (typeof item === 'number') item = afterBlank ? null : 'unsure';
    else if (item === 'unsure' && afterBlank && indent < 2) item = null;
    /** No paragraph or code is open at the top of the document, so that any list may begin. */
    const free: boolean = (afterBlank && !afterCode) || typeof wasIn === 'number';
    afterBlank = false;
    afterCode = indent > 3;
    if (afterCode) continue;

    const perhapsInside: boolean = item === 'unsure' && typeof wasIn !== 'number' && indent >= 2;
    if (THEMATIC_BREAK.test(line)) {
      if (!perhapsInside) item = null;
      continue;
    }
    const bullet = LIST_ITEM.exec(line);
    if (bullet) {
      const empty = bullet[0].length === line.length;
      // Only bullets and the number 1 interrupt a paragraph, and for micromark that holds for a list inside the item too.
      const inner = LIST_ITEM.exec(line.slice(bullet[0].length));
      const interrupts: boolean = free || ((bullet[3] === undefined || bullet[3] === '1') && !inner);
      if (empty || !interrupts || perhapsInside) {
        item = 'unsure';
        continue;
      }
      item = textColumn(bullet);
      if (indent === 0) push(i);
      continue;
    }
    if (HEADING.test(line)) {
      if (!perhapsInside) item = null;
      if (indent === 0) push(i);
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence) {
      if (perhapsInside) return starts;
      const mark = fence[1] ?? fence[2]!;
      item = null;
      open = { kind: 'fence', mark: mark[0]!, length: mark.length };
      continue;
    }
    const end = untilOf(line);
    if (end) {
      if (perhapsInside) return starts;
      item = null;
      if (!end.test(line)) open = { kind: 'until', end };
      continue;
    }
    if (/^ {0,3}<\/?[a-z]/i.test(line)) open = { kind: 'maybe' };
    else if (/^ {0,3}>/.test(line) && !perhapsInside) item = null;
  }
  return starts;
};

/** Column of the first character that is not white space; a tab goes to the next multiple of four. */
const indentOf = (line: string): number => {
  let column = 0;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 32) column++;
    else if (code === 9) column += 4 - (column % 4);
    else break;
  }
  return column;
};

const textColumn = (bullet: RegExpExecArray): number => {
  const after = bullet[1]!.length + bullet[2]!.length;
  let column = after;
  for (const character of bullet[4]!) column += character === '\t' ? 4 - (column % 4) : 1;
  // Five or more columns of space: the item begins with indented code, one column after its marker.
  return column - after > 4 ? after + 1 : column;
};

/** How an HTML block ends that a blank line does not end (script, comment, processing instruction, declaration, CDATA), or null. */
const untilOf = (line: string): RegExp | null => {
  if (!/^ {0,3}</.test(line)) return null;
  const text = line.trimStart();
  if (/^<(?:script|pre|style|textarea)(?:[\s>]|$)/i.test(text)) return /<\/(?:script|pre|style|textarea)>/i;
  if (text.startsWith('<!--')) return /-->/;
  if (text.startsWith('<?')) return /\?>/;
  if (/^<!\[CDATA\[/.test(text)) return /\]\]>/;
  if (/^<![a-z]/i.test(text)) return />/;
  return null;
};

const closes = (open: Exclude<Open, { kind: 'maybe' }>, line: string): boolean => {
  if (open.kind === 'until') return open.end.test(line);
  if (indentOf(line) > 3) return false;
  const text = line.replace(/^[ \t]+|[ \t]+$/g, '');
  return text.length >= open.length && text === open.mark.repeat(text.length);
};
