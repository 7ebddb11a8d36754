// The user's task file: read before each selection, ticked one byte at a time, never rewritten.

import { createHash } from 'node:crypto';
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  open,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open as openFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Spec, Task } from '../../core/task.ts';
import type { SpecFile, SpecReading } from '../../engine/ports.ts';
import { codeOf, type FileId, fileIdOf, reasonOf } from './atomic.ts';

/** What the spec room knows about bytes; given in, so that this room knows nothing of dialects. */
export interface SpecText {
  /** Never throws. Wrap it to give it a cache. */
  readSpec(bytes: Uint8Array): Spec;
  /** The same bytes with the box of `task` set to `mark` (one byte differs), or why that cannot be. */
  flipBox(bytes: Uint8Array, task: Task, mark: ' ' | 'x'): { bytes: Uint8Array } | { reason: string };
}

/** 5 MB: larger files are no task lists, and reading them each time would be felt. */
const fileSizeMax = 5 * 1024 * 1024;
/** How often a file that changes under our hands is read again. */
const triesMax = 5;

const flushMs = 1_000;

/**
 * The task file at `path` (absolute). A link is followed. Reading keeps the last bytes and their `Spec`, so unchanged bytes are
 * not parsed again. Ticking keeps inode, mode and every other byte; it never makes a file.
 */
export const createSpecFile = (path: string, { readSpec, flipBox }: SpecText): SpecFile => {
  let last: { bytes: Buffer; spec: Spec; hash: string } | null = null;
  /** What a power cut leaves at least. Not by its bytes: somebody may have written others in between. */
  let settled: { id: FileId; inode: bigint; real: string } | null = null;

  const idNow = (): typeof settled => {
    try {
      const real = realpathSync(path);
      const info = statSync(real, { bigint: true });
      return { id: fileIdOf(info), inode: info.ino, real };
    } catch {
      return null;
    }
  };

  const understand = (bytes: Buffer): { spec: Spec; hash: string; unchanged: boolean } => {
    if (last?.bytes.equals(bytes)) return { spec: last.spec, hash: last.hash, unchanged: true };
    last = { bytes, spec: readSpec(bytes), hash: hashOf(bytes) };
    return { ...last, unchanged: false };
  };

  /** Our own ticks need no parsing: the next reading usually finds just these bytes. */
  const ticked = (before: Buffer, flips: readonly Flip[]): void => {
    const spec = last!.spec;
    const marks = new Map(flips.map(({ id, to }) => [id, String.fromCharCode(to)]));
    const lines = new Set(spec.tasks.filter(task => marks.has(task.id)).map(task => task.line));
    // What is said about a line shows the line.
    if (spec.diagnostics.some(one => one.line !== null && lines.has(one.line))) return;
    const bytes = Buffer.from(before);
    for (const { offset, to } of flips) bytes[offset] = to;
    const tasks = spec.tasks.map((task): Task => {
      const mark = marks.get(task.id);
      if (mark === undefined || task.box === null) return task;
      return { ...task, state: mark === 'x' ? 'done' : 'pending', box: { ...task.box, mark } };
    });
    last = { bytes, spec: { ...spec, tasks }, hash: hashOf(bytes) };
  };

  let flush: NodeJS.Timeout | null = null;
  /**
   * The disk is asked within a second, and nobody waits: the journal knows what is done, and a box that a power cut opened again is
   * seen. At once, each tick would make the next start wait for its own flush.
   */
  const flushSoon = (): void => {
    if (flush !== null) return;
    flush = setTimeout(() => {
      flush = null;
      open(path, 'r', (error, fd) => {
        if (!error) fdatasync(fd, () => close(fd, () => {}));
      });
    }, flushMs).unref();
  };

  const set = async (ids: readonly string[], mark: ' ' | 'x'): Promise<{ id: string; reason: string }[]> => {
    for (let round = 0; round < triesMax; round++) {
      const found = await readBytes(path, last !== null);
      if (found.kind !== 'bytes') return ids.map(id => ({ id, reason: found.message.split('\n')[0]! }));
      const { flips, refused } = findFlips(found.bytes, understand(found.bytes).spec, ids, mark, flipBox);
      if (flips.length === 0) return refused;
      const wasSettled = settled !== null && idNow()?.id === settled.id;
      const written = await writeFlips(path, found.bytes, flips);
      if (written === 'done') {
        flushSoon();
        // A power cut can undo no more than this tick, and that is known by the journal.
        if (wasSettled) settled = idNow();
        ticked(found.bytes, flips);
        return refused;
      }
      if (written !== 'changed') return [...refused, ...flips.map(({ id }) => ({ id, reason: written.reason }))];
    }
    return ids.map(id => ({ id, reason: 'the file changes faster than it can be ticked' }));
  };

  return {
    read: async (): Promise<SpecReading> => {
      const found = await readBytes(path, last !== null);
      if (found.kind !== 'bytes') return found;
      const { spec, hash, unchanged } = understand(found.bytes);
      return { kind: 'spec', spec, bytesHash: hash, unchanged };
    },
    settle: async () => {
      const now = idNow();
      if (now === null || now.id === settled?.id) return;
      try {
        await flushed(now.real);
        // An editor or an agent has put another file in its place: the name must stay with it.
        if (now.inode !== settled?.inode) await flushed(dirname(now.real));
        settled = now;
      } catch {
        // What cannot be flushed is read all the same.
      }
    },
    tick: ids => set(ids, 'x'),
    untick: async ids => {
      const refused = await set(ids, ' ');
      flushNow(path);
      return refused;
    },
  };
};

/** Back after a power cut, a tick that was taken away would look like one by hand. Where it fails, nothing else could be done. */
const flushNow = (path: string): void => {
  try {
    const fd = openSync(path, 'r');
    try {
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {}
};

/** Not in our thread: git is asked meanwhile. */
const flushed = async (path: string): Promise<void> => {
  const handle = await openFile(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const hashOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

type Bytes = { kind: 'bytes'; bytes: Buffer } | Exclude<SpecReading, { kind: 'spec' }>;

const readBytes = async (path: string, wasThere: boolean): Promise<Bytes> => {
  try {
    // Looked at first: opening a fifo would block.
    if (!statSync(path).isFile()) {
      return unreadable(
        path,
        66,
        'it is no regular file',
        `a file with tasks; the folder of the spec is given: --spec ${dirname(path)}`,
      );
    }
    const fd = openSync(path, 'r');
    try {
      return await readSteadily(path, fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return missing(path, wasThere);
    return unreadable(path, 66, reasonOf(error), `a file that this user may read: ls -l '${path}'`);
  }
};

/** Somebody may be writing: bytes count only when size and time were the same before and after. */
const readSteadily = async (path: string, fd: number): Promise<Bytes> => {
  for (let round = 0; ; round++) {
    const before = fstatSync(fd, { bigint: true });
    if (before.size > BigInt(fileSizeMax)) {
      return unreadable(path, 65, `it has ${before.size} bytes`, `at most ${fileSizeMax} bytes (5 MB): split the spec`);
    }
    const bytes = Buffer.alloc(Number(before.size));
    let length = 0;
    while (length < bytes.length) {
      const bytesRead = readSync(fd, bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const after = fstatSync(fd, { bigint: true });
    const steady = after.size === before.size && after.mtimeNs === before.mtimeNs && length === bytes.length;
    if (steady || round === triesMax) return { kind: 'bytes', bytes: bytes.subarray(0, length) };
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

interface Flip {
  id: string;
  offset: number;
  from: number;
  to: number;
}

const findFlips = (
  bytes: Buffer,
  spec: Spec,
  ids: readonly string[],
  mark: ' ' | 'x',
  flipBox: SpecText['flipBox'],
): { flips: Flip[]; refused: { id: string; reason: string }[] } => {
  const flips: Flip[] = [];
  const refused: { id: string; reason: string }[] = [];
  for (const id of ids) {
    const task = spec.tasks.find(one => one.id === id);
    if (!task) refused.push({ id, reason: `there is no task ${id} in the file any more` });
    else if (!task.box) refused.push({ id, reason: `line ${task.line} has no box` });
    else if ((mark === 'x') === (task.state === 'done')) continue;
    else {
      const flipped = flipBox(bytes, task, mark);
      if ('reason' in flipped) refused.push({ id, reason: flipped.reason });
      else {
        const flip = onlyDifference(id, bytes, flipped.bytes, task.box.offset);
        if (flip) flips.push(flip);
        else refused.push({ id, reason: `line ${task.line} cannot be ticked by changing one byte` });
      }
    }
  }
  return { flips, refused };
};

/** The one byte that differs, at the box; null when anything else does. */
const onlyDifference = (id: string, before: Buffer, after: Uint8Array, offset: number): Flip | null => {
  const from = before[offset];
  const to = after[offset];
  if (from === undefined || to === undefined || before.length !== after.length) return null;
  const same = before.subarray(0, offset).equals(after.subarray(0, offset));
  return same && before.subarray(offset + 1).equals(after.subarray(offset + 1)) ? { id, offset, from, to } : null;
};

/** Writes single bytes into the file that still holds exactly `bytes`; `changed` = it does not, read again. */
const writeFlips = async (
  path: string,
  bytes: Buffer,
  flips: readonly Flip[],
): Promise<'done' | 'changed' | { reason: string }> => {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'changed' : { reason: reasonOf(error) };
  }
  try {
    const now = await readSteadily(path, fd);
    if (now.kind !== 'bytes' || !now.bytes.equals(bytes)) return 'changed';
    for (const flip of flips) writeSync(fd, Buffer.from([flip.to]), 0, 1, flip.offset);
    // An editor that saves by rename may have put another file in its place meanwhile: then that one is to be ticked.
    const [ours, named] = [fstatSync(fd, { bigint: true }), statSync(path, { bigint: true })];
    return ours.ino === named.ino && ours.dev === named.dev ? 'done' : 'changed';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'changed' : { reason: reasonOf(error) };
  } finally {
    closeSync(fd);
  }
};

const missing = async (path: string, wasThere: boolean): Promise<Bytes> => {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => null);
  const near = (names ?? []).filter(name => /\.(md|json)$/i.test(name) && !name.startsWith('.')).slice(0, 10);
  const what = !names
    ? `The spec folder ${wasThere ? 'has vanished' : 'does not exist'}`
    : `The task file ${wasThere ? 'has vanished: it was there at the last reading' : 'does not exist'}`;
  const there =
    near.length > 0 ? ` In the folder are: ${near.map(name => JSON.stringify(name.slice(0, 100))).join(', ')}.` : '';
  return {
    kind: 'missing',
    path,
    message:
      `${what}.\n  at ${names ? path : folder}\nExpected a folder with ${basename(path)} in it.${there} ` +
      `For example: seqrun --spec ${join('.kiro', 'specs', 'checkout')}`,
  };
};

const unreadable = (path: string, exit: 65 | 66, why: string, expected: string): Bytes => ({
  kind: 'unreadable',
  path,
  exit,
  message: `The task file cannot be read: ${why}.\n  at ${path}\nExpected ${expected}`,
});
