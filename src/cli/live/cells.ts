// How much room text takes on a terminal, and text that fits into some: in cells, of which CJK and emoji take two. Pure.
import stringWidth from 'string-width';
import { clean } from '../text.ts';

/** Cells that a text takes; colours take none. */
export const cellsOf = (text: string): number => stringWidth(text);

/** No line of a terminal is as long; what is longer is looked at no further. */
const lengthMax = 1000;

/** More than this is one letter under a pile of marks: the letter is shown. */
const graphemeMax = 30;

let known: Intl.Segmenter | null = null;
const graphemes = (text: string): string[] => {
  known ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(known.segment(text), ({ segment }) =>
    segment.length > graphemeMax ? String.fromCodePoint(segment.codePointAt(0)!) : segment,
  );
};

/** Text of others as one line that a terminal can only show; without `unicode` each character that is not ASCII is a `?`. */
export const plainCells = (text: string, unicode: boolean): string => {
  const line = clean(text.slice(0, 4 * lengthMax))
    .slice(0, lengthMax)
    .replace(/\p{Surrogate}/gu, '\ufffd');
  if (/^[ -~]*$/.test(line)) return line;
  if (unicode) return graphemes(line).join('');
  const own = line.replaceAll('…', '...').replaceAll('—', '-');
  return Array.from(graphemes(own), one => (/^[ -~]$/.test(one) ? one : '?')).join('');
};

/** The text, or as much of its beginning as leaves room for `ellipsis`; never more than `cells`. */
export const cut = (text: string, cells: number, ellipsis: string): string => {
  if (cellsOf(text) <= cells) return text;
  let room = cells - cellsOf(ellipsis);
  if (room < 0) return '';
  let kept = '';
  for (const one of graphemes(text)) {
    room -= cellsOf(one);
    if (room < 0) break;
    kept += one;
  }
  return `${kept.trimEnd()}${ellipsis}`;
};

/** The text in at most `most` lines of so many cells, broken between words; the last one is cut where more is left. */
export const wrapped = (text: string, cells: number, most: number, ellipsis: string): string[] => {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < most - 1 && cellsOf(rest) > cells) {
    const whole = cut(rest, cells + 1, '');
    const blank = whole.lastIndexOf(' ');
    const line = blank > 0 ? whole.slice(0, blank) : cut(rest, cells, '');
    if (line === '') break;
    lines.push(line);
    rest = rest.slice(line.length).trim();
  }
  return [...lines, cut(rest, cells, ellipsis)];
};

/** The whole line in lines of at most so many cells, the further ones indented below the first; nothing is cut where there is any room. */
export const hanging = (line: string, cells: number): string[] => {
  const lead = line.slice(0, line.length - line.trimStart().length);
  const hang = `${lead}    `;
  const room = cells - hang.length;
  if (cellsOf(line) <= cells || room < 10) return [line];
  return wrapped(line, room, Number.POSITIVE_INFINITY, '').map((part, k) => `${k === 0 ? lead : hang}${part}`);
};
