// Values of a closing block as clean, bounded text: what an agent writes there is hostile and is shown to people and agents.
import { cleanText, wholeCharacters } from './clean-text.ts';
import { withoutMarks } from './unseen.ts';

/**
 * Clean text of at most `max` characters without blanks at its ends, or null when it says nothing: not given, blank, or only a word
 * for "nothing". Numbers and booleans count as their text; an object or list as its JSON, so that nothing that was said gets lost.
 * Newlines and tabs stay. A cut ends with `…`.
 */
export const textOf = (value: unknown, max: number): string | null => {
  const written = writtenOf(value);
  if (written === null) return null;
  // What is thrown away need not be cleaned; the slack is for characters that take no room.
  const text = clean(written.slice(0, max * 4)).trim();
  return nothing.test(text) ? null : cut(text, max);
};

/** As `textOf`, on one line: every run of blanks and newlines is one space. */
export const lineOf = (value: unknown, max: number): string | null => {
  const text = textOf(value, max * 4)?.replace(/\s+/g, ' ');
  return text === undefined ? null : cut(text, max);
};

/** Also what an example holds in place of words. */
const nothing = /^(?:none|nothing|n\/a|[-–—.…]*)\.?$/i;

const writtenOf = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // So deeply nested that it cannot be written out.
    return '(nested too deeply to be shown)';
  }
};

/** Control sequences and characters can come back through the escapes of JSON, in text that was clean before. */
const clean = (text: string): string =>
  withoutMarks(cleanText(text.replace(/\r\n?|[\u2028\u2029]/g, '\n'))).replace(/\p{Cs}/gu, '\ufffd');

/** At most `max` characters; a cut ends with `…`, never with half a surrogate pair. */
export const cut = (text: string, max: number): string =>
  text.length > max ? `${wholeCharacters(text.slice(0, max - 1))}…` : text;
