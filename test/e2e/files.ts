// What a folder holds, byte for byte: to show that nothing a user had was lost.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below the folder with a hash of its bytes; `.git` left out. */
export const snapshotOf = (folder: string): Map<string, string> => {
  const found = new Map<string, string>();
  const walk = (at: string): void => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      const info = lstatSync(path);
      if (info.isDirectory()) {
        if (name !== '.git') walk(path);
      } else found.set(relative(folder, path), info.isSymbolicLink() ? `link ${readlinkSync(path)}` : hashOf(path));
    }
  };
  walk(folder);
  return found;
};

/** Files of an earlier snapshot that are gone or hold something else now. Files that seqrun keeps itself do not count. */
export const changedFiles = (before: ReadonlyMap<string, string>, folder: string): string[] => {
  const now = snapshotOf(folder);
  const ours = /SEQUENTIAL_(PROGRESS\.md|STATE\.lock\/)/;
  return [...before].filter(([path, hash]) => !ours.test(path) && now.get(path) !== hash).map(([path]) => path);
};

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
