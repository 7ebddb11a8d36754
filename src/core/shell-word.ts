// How a text is written so that a shell takes it for one word.

/** The text as one word of a POSIX shell: as it is where that is safe, else in single quotes. */
export const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
