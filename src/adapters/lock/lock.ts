// A lock that outlives a crash of its holder: a folder of generations, of which the highest holds.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { link, open, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { shellWord } from '../../core/shell-word.ts';
import { codeOf, reasonOf, syncFolder, writeAll, writeTemp } from '../files/atomic.ts';
import { makeFolders } from '../files/make-folders.ts';
import { type Liveness, livenessOf, type ProcessIdentity } from './identity.ts';

/** Who takes a lock. `run` tells two lives of one process apart; `spec` = the real path of the spec it is taken for. */
export interface LockIdentity extends ProcessIdentity {
  run: string;
  spec?: string;
}

/** Who holds a lock, as far as its file tells. */
export interface Holder {
  pid: number;
  host: string;
  run: string;
  /** Real path of the spec that it works on, for words alone: anybody may have written it. Null = it was not written down. */
  spec: string | null;
  sinceMs: number;
}

export interface Lock {
  /**
   * Looks whether the lock is still ours: a lost generation is linked again as long as no higher one is there. False = another
   * process holds it (or the folder cannot be read): launch nothing more.
   */
  stillOurs(): Promise<boolean>;
  /** Rewrites our generation as released. The lock stays a file, so the number is never used again. Never throws. */
  release(): Promise<void>;
}

export type Taking =
  | { kind: 'held'; lock: Lock }
  | { kind: 'busy'; exit: 75; holder: Holder | null; message: string }
  | { kind: 'unwritable'; exit: 73; path: string; message: string };

export interface LockOptions {
  /** Take over from a holder that cannot be checked from here (another host or container). Never from one seen alive. */
  force: boolean;
  /** Put a `.gitignore` of `*` into the folder. */
  gitIgnored?: boolean;
  /** link(2); tests give one that refuses, as FAT and some network file systems do. */
  linkFile?: (from: string, to: string) => Promise<void>;
}

/** A generation made without link(2) is empty for a moment: so long it counts as held. */
const emptyGraceMs = 5000;
/** Each round lost means that another taker won; so many in a row is no contest any more. */
const roundsMax = 1000;
const staleTempMs = 3_600_000;

const generationSchema = v.object({
  state: v.picklist(['held', 'released']),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  startTime: v.nullable(v.string()),
  bootId: v.nullable(v.string()),
  hostname: v.string(),
  machineId: v.fallback(v.nullable(v.string()), null),
  pidNamespace: v.nullable(v.string()),
  run: v.string(),
  /** Absent in locks of older versions. */
  spec: v.fallback(v.optional(v.string()), undefined),
  sinceMs: v.number(),
});
type Generation = v.InferOutput<typeof generationSchema>;

/**
 * Takes the lock kept in `folder`, which is made when needed. Exactly one of any number of takers gets it: a generation is made
 * by link(2) of a finished file, which fails when the name is there. Holds until `release`; a dead holder's lock is taken over.
 */
export const takeLock = async (folder: string, identity: LockIdentity, options: LockOptions): Promise<Taking> => {
  const own: Generation = {
    state: 'held',
    pid: identity.pid,
    startTime: identity.startTime,
    bootId: identity.bootId,
    hostname: identity.hostname,
    machineId: identity.machineId,
    pidNamespace: identity.pidNamespace,
    run: identity.run,
    ...(identity.spec === undefined ? {} : { spec: identity.spec }),
    sinceMs: Date.now(),
  };
  try {
    await makeFolder(folder, options);
    for (let round = 0; round < roundsMax; round++) {
      const highest = highestIn(folder);
      if (highest > 0) {
        const busy = await holding(folder, highest, identity, options.force);
        if (busy === 'again') continue;
        if (busy) return busy;
      }
      const mine = highest + 1;
      if (!(await place(folder, mine, own, options))) continue;
      // A taker that slept between looking and linking may have linked a number that was pruned meanwhile.
      if (highestIn(folder) !== mine) {
        await unlink(join(folder, String(mine))).catch(() => {});
        continue;
      }
      await prune(folder, mine);
      return { kind: 'held', lock: heldLock(folder, mine, own, options) };
    }
    return busy(null, `The lock changes hands faster than it can be taken.\n  at ${folder}\nTry again in a moment.`);
  } catch (error) {
    return {
      kind: 'unwritable',
      exit: 73,
      path: folder,
      message:
        `The lock cannot be written: ${reasonOf(error)}\n  at ${folder}\n` +
        `Expected a folder that this user may write, and room on its disk: ls -ld '${existsSync(folder) ? folder : dirname(folder)}'; ` +
        `df -h '${dirname(folder)}'`,
    };
  }
};

/**
 * Who holds the lock kept in `folder`, for readers without it; null = nobody (released, never taken, or not to be read). Changes
 * nothing, never throws.
 */
export const holderOf = async (
  folder: string,
  self: ProcessIdentity,
): Promise<(Holder & { liveness: Liveness }) | null> => {
  try {
    const found = read(join(folder, String(highestIn(folder))));
    if (found.kind !== 'generation' || found.value.state === 'released') return null;
    const { pid, hostname: host, run, spec = null, sinceMs } = found.value;
    return { pid, host, run, spec, sinceMs, liveness: await livenessOf(found.value, self) };
  } catch {
    return null;
  }
};

const heldLock = (folder: string, generation: number, own: Generation, options: LockOptions): Lock => {
  const path = join(folder, String(generation));
  return {
    stillOurs: async () => {
      try {
        if (highestIn(folder) > generation) return false;
        const found = read(path);
        if (found.kind === 'generation') return isSame(found.value, own);
        // Removed by somebody (git clean). Where another generation stands, somebody has taken the lock since.
        if (found.kind !== 'gone' || highestIn(folder) !== 0) return false;
        await makeFolder(folder, options);
        if (!(await place(folder, generation, own, options))) return false;
        return highestIn(folder) === generation;
      } catch {
        return false;
      }
    },
    release: async () => {
      try {
        const found = read(path);
        if (found.kind !== 'generation' || !isSame(found.value, own)) return;
        await rename(await writeTemp(path, text({ ...own, state: 'released' }), 0o644), path);
        await syncFolder(folder);
      } catch {
        // The process ends right after: its lock is then a dead one's, which the next taker sees.
      }
    },
  };
};

/** Why the highest generation cannot be taken over; null = it can; `again` = it changed while it was looked at. */
const holding = async (
  folder: string,
  generation: number,
  self: LockIdentity,
  force: boolean,
): Promise<Extract<Taking, { kind: 'busy' }> | 'again' | null> => {
  const path = join(folder, String(generation));
  const found = read(path);
  if (found.kind === 'gone') return 'again';
  if (found.kind === 'empty') {
    return found.ageMs < emptyGraceMs ? busy(null, `Another seqrun is taking this lock just now.\n  at ${path}`) : null;
  }
  if (found.kind === 'unreadable') {
    if (force) return null;
    return busy(
      null,
      `The lock holds something that seqrun did not write, so nobody can tell whether a runner is alive.\n  at ${path}\n` +
        `When you know that none is: seqrun --break-lock …`,
    );
  }
  const { value } = found;
  if (value.state === 'released') return null;
  const { pid, hostname: host, run, spec = null, sinceMs } = value;
  const holder: Holder = { pid, host, run, spec, sinceMs };
  const since = new Date(holder.sinceMs).toISOString();
  // The own one a person names as they have typed it.
  const other = spec === self.spec ? null : spec;
  const named = other === null ? '' : ` --spec ${shellWord(other)}`;
  switch (await livenessOf(value, self)) {
    case 'dead':
      return null;
    case 'alive':
      return busy(
        holder,
        `Another seqrun holds the lock: process ${holder.pid} on ${holder.host} since ${since} (run ${holder.run}${other === null ? '' : ` of ${other}`}).\n  at ${path}\n` +
          `One runner at a time. See what it does: seqrun status${named}; end it: seqrun stop${named}`,
      );
    case 'unknowable':
      if (force) return null;
      return busy(
        holder,
        `A seqrun on another host or in another container holds the lock: process ${holder.pid} on ${holder.host} since ${since} ` +
          `(run ${holder.run}); whether it lives cannot be seen from here.\n  at ${path}\nWhen you know that it is dead: seqrun --break-lock …`,
      );
  }
};

/** Makes generation `g` with finished content; false = somebody else made it first. */
const place = async (folder: string, g: number, own: Generation, options: LockOptions): Promise<boolean> => {
  const path = join(folder, String(g));
  const temp = await writeTemp(path, text(own), 0o644);
  try {
    await (options.linkFile ?? link)(temp, path);
    await syncFolder(folder);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') {
      // Over NFS a link that was made may be answered with an error when its reply was lost: link(2), open(2).
      return (await stat(temp)).nlink > 1;
    }
    if (code && noLinks.has(code)) return await placeWithoutLink(path, own);
    throw error;
  } finally {
    await unlink(temp).catch(() => {});
  }
};

const noLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

const placeWithoutLink = async (path: string, own: Generation): Promise<boolean> => {
  const file = await open(path, 'wx', 0o644).catch(error => {
    if (codeOf(error) === 'EEXIST') return null;
    throw error;
  });
  if (!file) return false;
  try {
    writeAll(file.fd, Buffer.from(text(own)));
    await file.sync();
  } finally {
    await file.close();
  }
  // Whoever came while the file was empty for longer than the grace went one higher: that is looked at by the caller.
  return true;
};

type Found =
  | { kind: 'generation'; value: Generation }
  | { kind: 'empty'; ageMs: number }
  | { kind: 'unreadable' }
  | { kind: 'gone' };

const read = (path: string): Found => {
  try {
    const content = readFileSync(path, 'utf8');
    if (content.trim() === '') return { kind: 'empty', ageMs: Math.abs(Date.now() - statSync(path).mtimeMs) };
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), generationSchema), content);
    return parsed.success ? { kind: 'generation', value: parsed.output } : { kind: 'unreadable' };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'gone' };
    throw error;
  }
};

/** 0 = no generation yet. */
const highestIn = (folder: string): number => {
  let highest = 0;
  for (const name of namesIn(folder)) {
    if (/^[1-9]\d{0,14}$/.test(name)) highest = Math.max(highest, Number(name));
  }
  return highest;
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** Removes generations below ours, and temp files of the long dead. The highest is never removed: numbers only grow. */
const prune = async (folder: string, own: number): Promise<void> => {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (/^[1-9]\d{0,14}$/.test(name) && Number(name) < own) await unlink(path).catch(() => {});
    else if (name.endsWith('.tmp')) {
      const info = await stat(path).catch(() => null);
      if (info && Date.now() - info.mtimeMs > staleTempMs) await unlink(path).catch(() => {});
    }
  }
};

const makeFolder = async (folder: string, options: LockOptions): Promise<void> => {
  await makeFolders(folder);
  if (options.gitIgnored) {
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
};

const busy = (holder: Holder | null, message: string): Extract<Taking, { kind: 'busy' }> => ({
  kind: 'busy',
  exit: 75,
  holder,
  message,
});

const isSame = (a: Generation, b: Generation): boolean =>
  a.state === 'held' && a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId && a.run === b.run;

const text = (generation: Generation): string => `${JSON.stringify(generation)}\n`;
