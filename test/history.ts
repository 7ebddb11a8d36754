// What earlier versions of seqrun, and the reference, have left on disk: frozen files that must be read for ever.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, 'fixtures', 'history');

/** Every file but the list of hashes, relative to the folder. */
export const frozenFiles = (): string[] =>
  (
    readdirSync(root, { recursive: true, withFileTypes: true }) as {
      name: string;
      parentPath: string;
      isFile(): boolean;
    }[]
  )
    .filter(entry => entry.isFile() && entry.name !== 'frozen.json')
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

export const readFrozen = (path: string): string => readFileSync(join(root, path), 'utf8');

export const hashOfFrozen = (path: string): string =>
  createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');

/** Folders that hold a file of this name. */
export const frozenWith = (name: string): string[] =>
  frozenFiles()
    .filter(path => path.endsWith(`/${name}`))
    .map(path => path.slice(0, -name.length - 1));

/** Keys whose members are named by ids and agents: what is added there is no field. */
const maps = new Set(
  'owners modes assignments units titleHashes title_hashes claimedTitles claimed_titles limits window_mapping reviews specs'.split(
    ' ',
  ),
);

/** The value with fields in it, at every level, that this version has never heard of. */
export const withUnknownFields = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map(one => withUnknownFields(one));
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([name, one]) => [name, withUnknownFields(one, name)]);
  const more = maps.has(key) ? [] : [['from_later', { why: ['a newer version', 3, null] }]];
  return Object.fromEntries([...known, ...more]);
};
