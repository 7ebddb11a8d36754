// The argv template of a command: a JSON array, or words split as a shell would, with nothing expanded.
import { nearest } from './nearest.ts';

/** An argv of at least one word, or what was expected instead. */
export type TemplateReading = { ok: true; argv: string[] } | { ok: false; expected: string };

/** Placeholders that are filled in at each start. */
export const PLACEHOLDERS = ['prompt', 'workdir', 'model', 'session'] as const;

const wrong = (expected: string): TemplateReading => ({ ok: false, expected });

/** A template from the words of a JSON array (command line or config file). */
export const checkTemplate = (argv: readonly string[]): TemplateReading => {
  if (argv.length === 0 || argv[0]!.trim() === '') return wrong('a command with at least a program name');
  for (const word of argv) {
    if (word.includes('\0')) return wrong('words without NUL characters');
    for (const [whole, name] of word.matchAll(/\{([A-Za-z_-]+)\}/g)) {
      if ((PLACEHOLDERS as readonly string[]).includes(name!)) continue;
      // Other braces may be the program's own (awk, JSON); only what is clearly meant for seqrun is refused.
      if (name === 'task') return wrong(`no ${whole}: the task is in the prompt, on stdin or in the file {prompt}`);
      const near = nearest(name!, PLACEHOLDERS);
      if (near !== null) return wrong(`a known placeholder; ${whole} is none, did you mean {${near}}?`);
    }
  }
  return { ok: true, argv: [...argv] };
};

/**
 * Reads `["prog", "--flag"]` or `prog --flag 'two words'`. Quotes and backslashes work as in sh; an unquoted operator
 * or expansion is refused, because no shell runs the command and it would arrive as plain text.
 */
export const readTemplate = (text: string): TemplateReading => {
  if (text.trimStart().startsWith('[')) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return wrong('a JSON array of strings (it begins with "[" and is not valid JSON)');
    }
    if (!Array.isArray(value) || !value.every(word => typeof word === 'string'))
      return wrong('a JSON array of strings');
    return checkTemplate(value);
  }
  const words = splitWords(text);
  return typeof words === 'string' ? wrong(words) : checkTemplate(words);
};

const noShell = (char: string): string =>
  `no bare ${char} (no shell runs it; quote it with '…', or use ["sh","-c","…"])`;

/** Words, or what was expected. */
const splitWords = (text: string): string[] | string => {
  const words: string[] = [];
  let word: string | null = null;
  let quoteMark: '"' | "'" | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoteMark === "'") {
      if (char === "'") quoteMark = null;
      else word = (word ?? '') + char;
    } else if (char === '\\') {
      const next = text[++i];
      if (next === undefined) return 'a character after the last backslash';
      // Inside double quotes sh takes a backslash away only before these.
      word = (word ?? '') + (quoteMark === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (quoteMark === '"') {
      if (char === '"') quoteMark = null;
      else if (char === '$' || char === '`') return noShell(char);
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quoteMark = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if ('|&;<>()$`'.includes(char)) {
      return noShell(char);
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quoteMark !== null) return `a closing ${quoteMark}`;
  if (word !== null) words.push(word);
  return words;
};
