// Lines that a hand meant as a list item with a box and that Markdown takes for something else.
import { readBox } from './line.ts';

/** A line that nearly is a box. */
export interface AlmostBox {
  /** Where it begins in the line, in UTF-16 units. */
  column: number;
  /** Not ticked. */
  open: boolean;
  /** What stands behind the box. */
  rest: string;
  /** What is wrong with it, as part of a sentence. */
  because: string;
  /** The line as it is read, without its indent. */
  mended: string;
}

/** What people and word processors put where a list marker belongs. */
const FRONT =
  /^(?:([-*+]|\d{1,9}[.)])|([-–—−‐‑•·‣⁃◦▪▫●○■□∙・－＊※]|\d{1,4}[-:]|[A-Za-z][.)]|\(\w{1,3}\)))?(\s{0,8})(.*)$/su;
const SIGN = /^([☐⬜🔲◻☑☒🗹🗷])\uFE0F?\s{0,8}(?=[^\s])(.*)$/su;
const WIDE = /^(?:［|【)(.{0,2})(?:］|】)\s{0,8}(.*)$/su;
const ESCAPED = /^\\\[([ xX]?)\\?\]\s{0,8}(.*)$/su;
const EMPHASIS = /^(\*{1,3}|_{1,3}|~~)\[([ xX~/-])\](?:\1)?(?=[\s\d*_~]|$)\s{0,8}(.*)$/su;
/** `[ ]Title` and marks that are a blank of another kind, or several. A link or an address behind it makes it none. */
const LOOSE = /^\[(\s{1,3}|[xX])\](?![([:])\s{0,8}(.*)$/su;
/** A legend says what the marks mean. */
const LEGEND =
  /^(?:[=:→–—-]|(?:not (?:yet )?(?:started|done)|pending|to-?do|open|queued|in progress|(?:in)?complete[d]?|done|finished|blocked|skipped)\b[^\p{L}]*(?:$|\[))/iu;

/** The line as a box that was nearly written, or null. Bounded by the line's length; never throws. */
export const readAlmostBox = (line: string): AlmostBox | null => {
  const text = line.trimStart();
  const [, marker, other, gap, own] = FRONT.exec(text) ?? [];
  if (own === undefined) return null;
  const box = boxIn(own);
  if (!box) return null;
  const isBullet = marker !== undefined;
  const isApart = /^[ \t]+$/.test(gap ?? '');
  // A list item with a good box is read; nothing is wrong with it.
  if (isBullet && isApart && box.because === null) return null;
  const isOpen = !/^[xX]$/.test(box.mark);
  if (box.rest === '' || (!isBullet && LEGEND.test(box.rest))) return null;
  const because =
    box.because ??
    (isBullet
      ? 'there is no blank behind the list marker'
      : other === undefined
        ? 'there is no list marker in front of the box'
        : `"${other}" is no list marker`);
  return {
    column: line.length - text.length,
    open: isOpen,
    rest: box.rest,
    because,
    mended: `${marker ?? '-'} [${isOpen ? ' ' : 'x'}] ${box.rest}`,
  };
};

/** `because` null: the box itself is well written. */
const boxIn = (text: string): { mark: string; rest: string; because: string | null } | null => {
  const good = readBox(text);
  if (good?.state != null) return { mark: good.mark, rest: good.rest, because: null };
  const sign = SIGN.exec(text);
  if (sign)
    return { mark: /[☐⬜🔲◻]/u.test(sign[1]!) ? ' ' : 'x', rest: sign[2]!.trim(), because: `"${sign[1]}" is no box` };
  const wide = WIDE.exec(text);
  if (wide && /^(?:\s*|[xXｘＸ])$/u.test(wide[1]!))
    return { mark: wide[1]!.trim() === '' ? ' ' : 'x', rest: wide[2]!.trim(), because: 'its brackets are wide ones' };
  const escaped = ESCAPED.exec(text);
  if (escaped)
    return { mark: escaped[1]!, rest: escaped[2]!.trim(), because: 'a backslash makes text of its brackets' };
  const bold = EMPHASIS.exec(text);
  if (bold) {
    // The emphasis that began before the box goes on in the text.
    const rest = bold[3]!.replace(bold[1]!, '').trim();
    return { mark: bold[2]!, rest, because: 'the box stands inside emphasis' };
  }
  const loose = LOOSE.exec(text);
  if (!loose) return null;
  const because = /^(?: |[xX])$/.test(loose[1]!)
    ? 'there is no blank behind the box'
    : 'the mark in the box is not one ordinary blank';
  return { mark: loose[1]!, rest: loose[2]!.trim(), because };
};
