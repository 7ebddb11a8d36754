// Files in a folder without tasks.md that could be its task file all the same, for a message that proposes one.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** So much of a file is looked at; its tasks begin earlier. */
const looked = 64 * 1024;
const mostFiles = 50;

/** A box in a list, alone or in a heading; a heading that numbers a task. What reads the file properly need not be loaded for a refusal. */
const MARKDOWN = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+\[[ xX~/-]\]|#{2,6}[ \t]+(?:task|t|wp)[ \t-]?\d)/im;
/** A list of todos has a title and a status in each; the settings of other tools do not. */
const LIST =
  /"(?:title|content|description)"\s*:[\s\S]*"status"\s*:|"status"\s*:[\s\S]*"(?:title|content|description)"\s*:/;

/** Names of files that have tasks, those called so first. What seqrun writes is none. Never throws. */
export const taskFilesIn = (folder: string): string[] =>
  filesIn(folder)
    .filter(name => /\.(md|json)$/i.test(name) && !name.startsWith('SEQUENTIAL_'))
    .slice(0, mostFiles)
    .filter(name => (/json$/i.test(name) ? LIST : MARKDOWN).test(beginningOf(join(folder, name))))
    .sort((a, b) => Number(/task|todo/i.test(b)) - Number(/task|todo/i.test(a)) || (a < b ? -1 : 1));

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isFile() ? entry.name : []));
  } catch {
    return [];
  }
};

const beginningOf = (path: string): string => {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(looked);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, looked, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
};
