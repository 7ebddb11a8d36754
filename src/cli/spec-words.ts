// How the spec is named in a command that the user may copy.
import type { Intention } from './intention.ts';

/** `--spec <as typed>`, quoted for a shell where it must be. Control characters are gone: the line is printed. */
export const specWords = (intention: Pick<Intention, 'spec'>): string => `--spec ${shellWord(intention.spec)}`;

export const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
