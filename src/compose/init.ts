// What `seqrun init` needs of the world: what is in a repository, where the package lies, and files that are not there yet.
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SPEC_HOMES, specsAtHome } from './spec-homes.ts';

export { findExecutable } from '../adapters/files/executables.ts';
export { createFile } from '../adapters/files/new-file.ts';
export { findTopLevel } from '../adapters/git/git.ts';

/** The package's own folder: the same from `src/compose` and from the bundle in `dist/`. */
const packageFolder = (): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  return resolve(here, /[\\/]src[\\/]compose$/.test(here) ? '../..' : '..');
};

/** A file of the package, absolute. */
export const packageFile = (...parts: string[]): string => join(packageFolder(), ...parts);

/** The agent skill as the package brings it, `{{seqrun}}` still in it. */
export const readSkill = (): Promise<string> => readFile(packageFile('templates', 'skill', 'SKILL.md'), 'utf8');

/** Folders that hold other people's code, or what was built. */
const passedBy = new Set([
  'node_modules',
  'vendor',
  'target',
  'dist',
  'build',
  'out',
  'coverage',
  'venv',
  '__pycache__',
]);
/** Hidden folders in which tools keep specs. Others (.git, .venv, .cache) are passed by. */
const looksHidden = new Set(SPEC_HOMES.map(home => home.split('/')[0]!).filter(name => name.startsWith('.')));
const deepest = 5;
const mostFolders = 4_000;

/**
 * Folders that hold a `tasks.md`, relative to `top` (`.` = itself), and whatever is a spec in one of the usual homes, by name. Bounded in
 * depth and number; links are not followed.
 */
export const specsIn = async (top: string): Promise<string[]> => {
  const found = new Set(specsAtHome(top).map(path => relative(top, path)));
  const waiting = [{ folder: top, depth: 0 }];
  for (let looked = 0; looked < mostFolders; looked++) {
    const next = waiting.shift();
    if (next === undefined) break;
    const entries: Dirent[] = await readdir(next.folder, { withFileTypes: true }).catch(() => []);
    if (entries.some(entry => entry.isFile() && entry.name === 'tasks.md')) {
      found.add(relative(top, next.folder) || '.');
    }
    if (next.depth === deepest) continue;
    for (const entry of entries) {
      // OpenSpec puts there what is done.
      if (entry.name === 'archive' && basename(next.folder) === 'changes') continue;
      const skipped = entry.name.startsWith('.') ? !looksHidden.has(entry.name) : passedBy.has(entry.name);
      if (entry.isDirectory() && !skipped)
        waiting.push({ folder: join(next.folder, entry.name), depth: next.depth + 1 });
    }
  }
  return [...found].sort();
};
