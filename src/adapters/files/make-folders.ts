// Makes a folder and those above it, and says what the disk really said when it cannot.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './atomic.ts';

/**
 * Makes a folder and those above it; one that is there is fine. Throws what the disk says. Not with `recursive`: Node then tries for
 * ever where a file system answers "no such file" to each attempt (/proc, an automounter's folder), and turns "read-only file
 * system" into "no such file".
 */
export const makeFolders = async (path: string, mode = 0o777): Promise<void> => {
  const make = () =>
    mkdir(path, { mode }).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path), mode);
    await make();
  }
};
