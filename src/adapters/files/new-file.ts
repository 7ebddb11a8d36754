// Makes a file that must not be there yet.
import { constants, copyFileSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, reasonOf, syncFolder, writeTemp } from './atomic.ts';

/**
 * Makes a file that is not there yet, and the folders around it: whole or not at all, and never over another file, whoever makes
 * one meanwhile. Says so when there is one (`exists`; a link to nothing counts), or why it cannot be written.
 */
export const createFile = async (path: string, text: string): Promise<'made' | 'exists' | { reason: string }> => {
  let temp: string | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    temp = await writeTemp(path, text);
    try {
      linkSync(temp, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw error;
      // A file system without links: nobody's file is written over all the same.
      copyFileSync(temp, path, constants.COPYFILE_EXCL);
    }
    await syncFolder(dirname(path));
    return 'made';
  } catch (error) {
    return codeOf(error) === 'EEXIST' && temp !== null ? 'exists' : { reason: reasonOf(error) };
  } finally {
    if (temp !== null) rmSync(temp, { force: true });
  }
};
