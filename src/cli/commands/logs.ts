// `seqrun logs <unit>`: the readable rendering of the unit's last start, the same text as in its window. `--follow` shows what comes.
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartRecord } from '../../core/state.ts';
import type { Failure } from '../errors.ts';
import { type FollowWorld, followLogs, startWords } from '../following.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { lastStartOf } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const { unit, follow } = intention.command === 'logs' ? intention : { unit: '', follow: false };
  if (follow) return runFollowing(unit, intention, io);
  const looked = await lookAt(intention, io);
  if ('exit' in looked) return refused(looked, io);
  const found = lastStartOf(looked.state, unit);
  if ('exit' in found) return refused(found, io);
  const { start } = found;
  io.console.say(`start ${start.n}, ${startWords(looked.state, start)}; raw files in ${start.folder}`);
  const path = viewOf(start);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) {
    const what = 'the log of this start is gone';
    return refused({ exit: 66, what, where: { name: path }, expected: 'the folder of the start', next: null }, io);
  }
  io.console.text(text.replace(/\n$/, ''));
  return 0;
};

const refused = (failure: Failure, { console }: Io): number => {
  console.fail(failure);
  return failure.exit;
};

const viewOf = ({ folder }: StartRecord): string => join(folder, 'view.log');

/** How often the rendering is asked for more. */
const everyMs = 300;
/** How often it is asked whether the runner lives though its journal stands still. */
const aliveEveryMs = 5_000;

const runFollowing = async (unit: string, intention: Intention, io: Io): Promise<number> => {
  const enough = new AbortController();
  const stop = () => enough.abort();
  process.once('SIGINT', stop);
  try {
    const ended = await followLogs(unit, followWorld(intention, io, enough.signal));
    return typeof ended === 'number' ? ended : refused(ended, io);
  } finally {
    process.removeListener('SIGINT', stop);
  }
};

const followWorld = (intention: Intention, io: Io, signal: AbortSignal): FollowWorld => {
  let known: { looked: Awaited<ReturnType<FollowWorld['look']>>; journal: string; stamp: string; atMs: number } | null =
    null;
  return {
    look: async () => {
      // A journal that has not grown tells nothing new, and reading it again and again would cost.
      if (known && performance.now() - known.atMs < aliveEveryMs && (await stampOf(known.journal)) === known.stamp)
        return known.looked;
      // Before it is read: what is written meanwhile is read with the next look.
      const stamp = known ? await stampOf(known.journal) : '';
      const looked = await lookAt(intention, io);
      if ('exit' in looked) return looked;
      const now = { state: looked.state, alive: looked.runner !== null };
      known = { looked: now, journal: looked.places.journal, stamp, atMs: performance.now() };
      return now;
    },
    read: (start, from, all) => readLines(viewOf(start), from, all),
    pause: () =>
      new Promise(resolve => {
        if (signal.aborted) return resolve(false);
        const over = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', over);
          resolve(!signal.aborted);
        };
        const timer = setTimeout(over, everyMs);
        signal.addEventListener('abort', over, { once: true });
      }),
    out: text => io.console.text(text),
    say: line => io.console.say(line),
  };
};

const stampOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ size, mtimeMs, ino }) => `${ino} ${size} ${mtimeMs}`,
    () => 'none',
  );

/** What stands behind `from`, without the last newline. */
const readLines = async (path: string, from: number, all: boolean): Promise<{ text: string; next: number } | null> => {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const newline = bytes.subarray(0, bytesRead).lastIndexOf(0x0a);
    const until = all ? bytesRead : newline + 1;
    return { text: bytes.toString('utf8', 0, until).replace(/\n$/, ''), next: from + until };
  } finally {
    await file.close();
  }
};
