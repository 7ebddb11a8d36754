// Names of files as bytes: what git prints with -z, handed to the file system and back to git without a loss.
import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** A path relative to a top level with one character per byte (latin1): a file name need not be UTF-8. */
export type Name = string;

/** The same path for calls of node:fs. */
export const onDisk = (root: string, name: Name): Buffer =>
  Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);

/** A path that node gave, as git would print it. */
export const nameOf = (text: string): Name => Buffer.from(text).toString('latin1');

/** For people: UTF-8 as it is, single bytes of anything else as `\xff`. Control characters stay; whoever prints it neutralises them. */
export const shown = (name: Name): string => {
  const bytes = Buffer.from(name, 'latin1');
  if (isUtf8(bytes)) return bytes.toString();
  return name.replace(/[\x80-\xff]/g, byte => `\\x${byte.charCodeAt(0).toString(16)}`);
};

/** The path as text for node calls that take no bytes (a working directory), or null when it is no UTF-8. */
export const textOf = (name: Name): string | null => {
  const bytes = Buffer.from(name, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : null;
};

/** Byte order, as git sorts. */
export const byName = (one: Name, other: Name): number => (one < other ? -1 : one > other ? 1 : 0);

/** The folder of a name; the empty name is the top level. */
export const folderOf = (name: Name): Name => name.slice(0, Math.max(0, name.lastIndexOf('/')));

/**
 * Files that seqrun writes, with their temp files and the copies of the state that it keeps aside, at any level. They never count as
 * work and are never put back.
 */
export const isOwn = (name: Name): boolean => {
  const parts = name.split('/');
  if (parts.includes('SEQUENTIAL_STATE.lock') || parts.includes('.seqrun')) return true;
  const base = parts.at(-1)!;
  return (
    /^(?:\.?SEQUENTIAL_(?:STATE\.json|PROGRESS\.md)|\.seqrun-[0-9a-f]{12}\.tmp$)/.test(base) ||
    /^SEQUENTIAL_STATE\.(?:before|edited|foreign|v1).*\.json$/.test(base)
  );
};

/** The same set as pathspecs of git, relative to the top level. */
export const ownPathspecs = [
  '**/SEQUENTIAL_STATE.json*',
  '**/.SEQUENTIAL_STATE.json*',
  ...['before', 'edited', 'foreign', 'v1'].map(why => `**/SEQUENTIAL_STATE.${why}*.json`),
  '**/SEQUENTIAL_PROGRESS.md*',
  '**/.SEQUENTIAL_PROGRESS.md*',
  '**/SEQUENTIAL_STATE.lock/**',
  '**/.seqrun/**',
  '**/.seqrun',
  '**/.seqrun-*.tmp',
].map(glob => `:(exclude,glob)${glob}`);

/** Names below `root` of absolute paths, whatever links lead to them; those outside are dropped. */
export const namesBelow = (root: string, paths: readonly string[]): Set<Name> => {
  const below = new Set<Name>();
  for (const path of paths) {
    const inside = relative(root, join(realOf(dirname(path)), basename(path)));
    if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`)) below.add(nameOf(inside));
  }
  return below;
};

const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Why git could not hold such a name, or null. Trees come from a place that an agent can write to, so they are checked as well. */
export const notForGit = (name: Name, isLink: boolean): string | null => {
  const parts = name.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..')) return 'its name leads elsewhere';
  if (parts.some(part => part.toLowerCase() === '.git')) return 'git keeps nothing that is called .git';
  if (isLink && parts.at(-1)!.toLowerCase() === '.gitmodules') return 'git keeps no link that is called .gitmodules';
  return null;
};
