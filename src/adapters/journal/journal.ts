// A spec's journal file: opened (torn tail cut and kept aside), made, or only read. Damage is a value; the file is kept.
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EventBody, JournalEvent } from '../../core/events.ts';
import type { State } from '../../core/state.ts';
import { codeOf, reasonOf, syncFolder, writeAtomic } from '../files/atomic.ts';
import { type OpenJournal, startAppending } from './appender.ts';
import { foldLines, type JournalLines, readLines } from './lines.ts';

export type { OpenJournal } from './appender.ts';

export interface Damaged {
  kind: 'damaged';
  exit: 65;
  path: string;
  /** First line that cannot be gone past, 1-based. */
  line: number;
  message: string;
}

export interface Unwritable {
  kind: 'unwritable';
  exit: 73;
  path: string;
  message: string;
}

/** `cutTail` is the file that keeps the bytes of an append that never happened, or null. */
export interface Opened {
  kind: 'open';
  journal: OpenJournal;
  /** What its events fold to; the caller's from now on. */
  state: State;
  cutTail: string | null;
}

/** What readers without the lock (status, why) get. `torn`: an append is under way, or was cut off. */
export type JournalReading =
  | { kind: 'missing' }
  | { kind: 'read'; events: JournalEvent[]; state: State; torn: boolean }
  | Damaged
  | { kind: 'unreadable'; exit: 66; path: string; message: string };

type OpeningEvent = Extract<EventBody, { type: 'journal.opened' }>;

/**
 * Opens the journal for appending; the caller holds the spec's lock. A torn tail is copied to `journal.torn-<time>` beside it and
 * cut; damage elsewhere leaves the file as it is. `new` = there is no file: make one with `createJournal`. Never throws for what
 * the disk says.
 */
export const openJournal = async (
  file: string,
  { nowMs }: { nowMs: () => number },
): Promise<{ kind: 'new' } | Opened | Damaged | Unwritable> => {
  let bytes: Buffer;
  try {
    bytes = await readRegular(file);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { kind: 'new' } : unwritable(file, error);
  }
  const read = readLines(bytes);
  const folded = foldLines(read.events);
  const damage = read.damage ?? folded.damage;
  if (damage) return damaged(file, damage);
  try {
    const cutTail = await mendTail(file, bytes, read, nowMs());
    return { kind: 'open', journal: await startAppending({ file, ...read, nowMs }), state: folded.state!, cutTail };
  } catch (error) {
    return unwritable(file, error);
  }
};

/**
 * Makes the journal with its first line, whole and on disk, or not at all. The caller holds the spec's lock and has seen `new`.
 */
export const createJournal = async (
  file: string,
  opened: OpeningEvent,
  { nowMs }: { nowMs: () => number },
): Promise<Opened | Unwritable> => {
  const line = JSON.stringify({ seq: 1, atMs: nowMs(), ...opened });
  try {
    if (await exists(file)) throw new Error('there is a journal already, and it must not be written over');
    await writeAtomic(file, `${line}\n`, 0o600);
    const read = readLines(Buffer.from(`${line}\n`));
    const journal = await startAppending({ file, ...read, nowMs });
    return { kind: 'open', journal, state: foldLines(read.events).state!, cutTail: null };
  } catch (error) {
    return unwritable(file, error);
  }
};

/** Reads the journal and changes nothing, also while a runner appends to it. Never throws for what the disk says. */
export const readJournal = async (file: string): Promise<JournalReading> => {
  let bytes: Buffer;
  try {
    bytes = await readRegular(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'missing' };
    return {
      kind: 'unreadable',
      exit: 66,
      path: file,
      message: `The journal cannot be read: ${reasonOf(error)}\n  at ${file}\nExpected a file that this user may read: ls -l '${file}'`,
    };
  }
  const read = readLines(bytes);
  const folded = foldLines(read.events);
  const damage = read.damage ?? folded.damage;
  if (damage) return damaged(file, damage);
  return { kind: 'read', events: read.events, state: folded.state!, torn: read.tornBytes > 0 };
};

/** Keeps a torn tail aside (flushed first) and cuts it, or gives the last line its newline back. */
const mendTail = async (file: string, bytes: Buffer, read: JournalLines, nowMs: number): Promise<string | null> => {
  if (read.tornBytes === 0 && !read.unterminated) return null;
  let aside: string | null = null;
  if (read.tornBytes > 0) {
    const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('.', '_');
    aside = join(dirname(file), `journal.torn-${time}`);
    await writeAtomic(aside, bytes.subarray(read.goodBytes), 0o600);
  }
  const handle = await open(file, 'r+');
  try {
    if (aside) await handle.truncate(read.goodBytes);
    else {
      const newline = Buffer.from('\n');
      await handle.write(newline, 0, 1, bytes.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(file));
  return aside;
};

/** A fifo or a device in the journal's place would block for ever: only a regular file is read. */
const readRegular = async (file: string): Promise<Buffer> => {
  if (!(await stat(file)).isFile()) throw new Error('it is no regular file');
  return readFile(file);
};

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const damaged = (path: string, { line, message }: { line: number; message: string }): Damaged => ({
  kind: 'damaged',
  exit: 65,
  path,
  line,
  message:
    `The journal is damaged: line ${line}: ${message}\n  at ${path}:${line}\n` +
    `Expected one event per line, numbered without gaps. The file is kept as it is. ` +
    `Put a good copy in its place, or go on from SEQUENTIAL_STATE.json: seqrun --adopt-state --spec <folder>`,
});

const unwritable = (path: string, error: unknown): Unwritable => ({
  kind: 'unwritable',
  exit: 73,
  path,
  message:
    `The journal cannot be written: ${reasonOf(error)}\n  at ${path}\n` +
    `Expected a file that this user may write: ls -l '${path}'; df -h '${dirname(path)}'`,
});
