// Text that is safe to print: everything that came from outside is cleaned before a terminal sees it.
import { stripVTControlCharacters } from 'node:util';
import { plainJson, unseenMarks } from '../core/unseen.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A part of a line. Plain strings are cleaned too, so colour comes from `Styled` alone. */
export type Piece = string | Styled;

export interface Styled {
  style: Style;
  text: string;
}

const styled =
  (style: Style) =>
  (text: string): Styled => ({ style, text });

export const bold = styled('bold');
export const dim = styled('dim');
export const red = styled('red');
export const green = styled('green');
export const yellow = styled('yellow');
export const cyan = styled('cyan');

/** C0 and C1 controls, and the marks that change a line without being seen. */
const UNSEEN = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f${unseenMarks}]`, 'gu');
const SPACES = /[\t\n\v\f\r\u2028\u2029]+/g;

/** One line without terminal sequences and control characters; line ends and tabs become one space. */
export const clean = (text: string): string => stripVTControlCharacters(text).replace(SPACES, ' ').replace(UNSEEN, '');

/** As `clean`, line by line. */
export const cleanLines = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split(/\r\n|\r|\n/)
    .map(clean);

/** JSON whose strings hold no control character a terminal could act on. `indent` 0 = one line. */
export const safeJson = (value: unknown, indent: number): string => plainJson(JSON.stringify(value, null, indent));
