// Entries of the state file whose spec is not beside it any more: one may be that of a spec that has another name now.
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, writeAtomic } from './atomic.ts';
import { type FoundEntry, readEntry } from './state-entry.ts';
import { readWithId } from './state-file.ts';
import { entriesIn, withEntryRenamed } from './state-text.ts';

export interface GoneEntry {
  name: string;
  entry: FoundEntry;
}

/** Those of specs that are gone; none where `specName` has an entry itself, or the file cannot be understood. Never throws. */
export const readGoneEntries = (path: string, specName: string): GoneEntry[] => {
  let text = '';
  try {
    text = readWithId(path)?.text ?? '';
  } catch {
    return [];
  }
  const entries = entriesIn(text);
  if (entries.some(([name]) => name === specName)) return [];
  return entries.flatMap(([name, raw]) => (isGone(join(dirname(path), name)) ? [{ name, entry: readEntry(raw) }] : []));
};

/** Puts the entry of `from` under the name `to`, which has none. To be called under the lock. Throws what the disk says. */
export const renameEntry = async (path: string, from: string, to: string): Promise<void> => {
  const found = readWithId(path);
  if (found) await writeAtomic(path, withEntryRenamed(found.text, from, to));
};

/** A link that leads nowhere is still there, and what cannot be looked at may be. */
const isGone = (path: string): boolean => {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
};
