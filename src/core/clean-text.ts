// Agent output without anything a terminal would act on: it is hostile text and is shown to people.

// 7-bit and 8-bit forms. The body of a string sequence (OSC, DCS, …) that is never ended is cut at the line's end,
// so that it cannot hide what follows. No part can match in two ways: linear on any input.
const sequences = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?`,
    String.raw`(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?`,
    String.raw`\x1b[ -/]*[0-~]?`,
    // Other C0 and C1 characters, and marks that turn the direction of writing.
    String.raw`[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]`,
  ].join('|'),
  'g',
);

/** Text of many lines without control sequences and control characters; newlines and tabs stay, CRLF becomes LF. */
export const cleanText = (text: string): string => text.replace(sequences, '');

/** One clean line of at most `max` characters: every run of blanks and newlines is one space. A cut ends with `…`. */
export const cleanLine = (text: string, max: number): string => {
  // What is thrown away need not be cleaned; the slack is for sequences that take no room.
  const line = cleanText(text.slice(0, max * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > max ? `${wholeCharacters(line.slice(0, max - 1))}…` : line;
};

/** Without half a surrogate pair at the end. */
export const wholeCharacters = (text: string): string => text.replace(/[\ud800-\udbff]$/, '');
