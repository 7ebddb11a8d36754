// Temporary files that a killed seqrun left behind: in the user's folder they would show up in git.
import { readdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Removes the temporary files beside `path` that another process made to replace it (`tempNameFor`). Only for who holds the
 * lock that `path` is written under: then their makers are dead. Never throws.
 */
export const removeLeftTemps = (path: string): void => {
  const begin = `.${basename(path)}.`;
  try {
    for (const name of readdirSync(dirname(path))) {
      const made = name.startsWith(begin) ? /^(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(begin.length)) : null;
      if (made && Number(made[1]) !== process.pid) unlinkSync(join(dirname(path), name));
    }
  } catch {
    // They are in nobody's way but the eye's.
  }
};

/** Removes temporary files (`tempNameFor`) in a folder whose makers are dead: others may be writing there just now. Never throws. */
export const removeTempsOfTheDead = (folder: string): void => {
  try {
    for (const name of readdirSync(folder)) {
      const made = /^\..*\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name);
      if (made && !lives(Number(made[1]))) unlinkSync(join(folder, name));
    }
  } catch {
    // As above.
  }
};

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
