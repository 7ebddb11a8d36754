// Folders of starts: numbered for ever, and the next one made ahead while there is time.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeStartFolder, safeSlug } from './folder.ts';

export interface Reserver {
  /**
   * The folder `<n>-<slug>` with its empty files. `n` is at least `atLeast`, above every folder that was there at the first call
   * and every one made since, and the next one where that name is taken. Throws what the disk says (ENOSPC, EACCES).
   */
  reserve(atLeast: number, slug: string): { n: number; folder: string; mark: string };
  /**
   * Makes the folder of the next start ahead, under another name: `reserve` then only renames it. One file at each turn of the event
   * loop, since a file costs 0.02 ms, but 0.7 on an ext4 where many were removed in the last minutes. Never throws.
   */
  prepare(): void;
  /** Removes what was made ahead and is not needed; nothing is made ahead after it. Never throws. */
  close(): void;
}

/** Reserves in `startsDir`, which is made when missing. One runner writes there at a time. */
export const startReserver = (startsDir: string): Reserver => {
  const ahead = join(startsDir, 'next');
  let last: number | null = null;
  /** What is left to be made of `ahead`; null = there is none, or it failed. */
  let making: Generator<void> | null = null;
  let closed = false;

  /** True when there is nothing (more) to be made. */
  const step = (): boolean => {
    try {
      return making?.next().done ?? true;
    } catch {
      // The start that needs it says why.
      making = null;
      return true;
    }
  };
  const steps = (): void => {
    if (!step()) setImmediate(steps);
  };
  const clear = (): void => {
    making = null;
    try {
      rmSync(ahead, { recursive: true, force: true });
    } catch {
      // Empty files that nobody reads; the next run tries again.
    }
  };
  /** Gives what was made ahead this name. False = there is none: make it. */
  const takeAhead = (folder: string): boolean => {
    while (!step());
    if (making === null) return false;
    making = null;
    try {
      renameSync(ahead, folder);
      return true;
    } catch {
      return false;
    }
  };
  return {
    reserve: (atLeast, slug) => {
      // What is there is listed once.
      last ??= Math.max(0, ...namesIn(startsDir).map(name => Number(/^(\d+)-/.exec(name)?.[1] ?? 0)));
      const folderOf = (n: number) => join(startsDir, `${n}-${safeSlug(slug)}`);
      let n = Math.max(last + 1, atLeast, 1);
      while (existsSync(folderOf(n))) n++;
      const folder = folderOf(n);
      if (!takeAhead(folder)) {
        mkdirSync(startsDir, { recursive: true, mode: 0o700 });
        for (const _ of makeStartFolder(folder));
      }
      last = n;
      return { n, folder, mark: newMark(n) };
    },
    prepare: () => {
      // The last start may be over before the turn of the event loop that this was put off to.
      if (making || closed) return;
      // A runner that was killed left its own.
      if (existsSync(ahead)) clear();
      making = makeStartFolder(ahead);
      steps();
    },
    close: () => {
      closed = true;
      clear();
    },
  };
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Its number (see `inheritedNumber`) is 2^43 at least: no limit that an administrator sets. */
export const newMark = (n: number): string => {
  const bytes = randomBytes(12);
  bytes[6]! |= 0x08;
  return `${n}-${bytes.toString('hex')}`;
};
