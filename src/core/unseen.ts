// Characters that nobody sees and that change what is seen or read: one list for everything that shows text to people.

/**
 * Marks that turn the direction of writing, break lines, take no room or tag what follows, as the body of a character class (flag u).
 * The two joiners are none of them: scripts and emoji need them.
 */
export const unseenMarks =
  '\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';

const marks = new RegExp(`[${unseenMarks}]`, 'gu');
const inJson = new RegExp(`[\\u007f-\\u009f${unseenMarks}]`, 'gu');

export const withoutMarks = (text: string): string => text.replace(marks, '');

/** The same JSON, in which no string holds a character that a terminal acts on or that is not seen: they are written as escapes. */
export const plainJson = (json: string): string => json.replace(inJson, escaped);

const escaped = (char: string): string =>
  char
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
