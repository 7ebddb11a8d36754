// Appends events to a journal file: whole lines or nothing, on the file that still has the journal's name.
// Synchronous calls, as in ../files/atomic.ts.
import {
  type BigIntStats,
  closeSync,
  constants,
  copyFileSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventBody, JournalEvent } from '../../core/events.ts';
import { type Flush, type Journal, UnwritableError } from '../../engine/ports.ts';
import { codeOf, reasonOf, syncFolder, writeAll, writeTemp } from '../files/atomic.ts';

/** How long a line may wait for the disk that nothing depends on yet. */
const soonMs = 50;

/** A journal that can be closed (twice is fine). Appends wait for each other; closing waits for the appends before it. */
export interface OpenJournal extends Journal {
  readonly file: string;
  /** The uuid in the first line. */
  readonly id: string;
  close(): Promise<void>;
}

/**
 * Goes on with a journal whose good lines are on disk and end with a newline. Holds the file open (O_APPEND). An append that
 * fails leaves no part of a line behind, or cuts it before the next one: two halves never make a line.
 */
export const startAppending = async (from: {
  file: string;
  events: JournalEvent[];
  lines: string[];
  goodBytes: number;
  nowMs: () => number;
}): Promise<OpenJournal> => {
  const { file, events, lines, nowMs } = from;
  let fd = openSync(file, constants.O_RDWR | constants.O_APPEND);
  let size = from.goodBytes;
  /** Bytes of a failed append may stand behind `size`. */
  let dirty = false;
  let closed = false;
  let flushing: Promise<void> = Promise.resolve();
  let soon: NodeJS.Timeout | null = null;
  /** Why a flush that nobody waited for failed: the next append says so. */
  let flushFailure: Error | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const lineOf = (body: EventBody): string => JSON.stringify({ seq: events.length + 1, atMs: nowMs(), ...body });

  /** What replay will read is what memory holds: both come from the line. */
  const remember = (line: string): JournalEvent => {
    const event = JSON.parse(line) as JournalEvent;
    lines.push(line);
    events.push(event);
    return event;
  };

  const cutLeftOver = (): void => {
    if (!dirty) return;
    ftruncateSync(fd, size);
    dirty = false;
  };

  const appendLine = (line: string, flush: Flush): JournalEvent => {
    const bytes = Buffer.from(`${line}\n`);
    dirty = true;
    try {
      writeAll(fd, bytes);
      if (flush === 'now') {
        fsyncSync(fd);
        // What was to be flushed soon now is.
        cancelSoon();
      }
      dirty = false;
    } catch (error) {
      // When that fails too, it is done before the next one.
      orNothing(cutLeftOver);
      throw error;
    }
    size += bytes.length;
    if (flush === 'soon') flushSoon();
    return remember(line);
  };

  /** Most often the next start is intended within that, and its flush is enough: a flush of its own makes that one wait. */
  const flushSoon = (): void => {
    soon ??= setTimeout(flushNow, soonMs);
  };
  const cancelSoon = (): void => {
    if (soon !== null) clearTimeout(soon);
    soon = null;
  };
  /** Nobody waits but `close`. */
  const flushNow = (): void => {
    soon = null;
    const on = fd;
    const doing = new Promise<void>(resolve => {
      fdatasync(on, error => {
        // Another file may stand under that number by now, and was flushed when it was made.
        if (error && on === fd && !closed) flushFailure = error;
        resolve();
      });
    });
    flushing = doing;
  };

  const rebuild = async (because: string): Promise<JournalEvent> => {
    const line = lineOf({ type: 'rebuilt', because });
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temp = await writeTemp(file, `${[...lines, line].join('\n')}\n`, 0o600);
    let fresh: number;
    try {
      fresh = openSync(temp, constants.O_RDWR | constants.O_APPEND);
      renameSync(temp, file);
    } catch (error) {
      orNothing(() => unlinkSync(temp));
      throw error;
    }
    await syncFolder(dirname(file));
    orNothing(() => closeSync(fd));
    fd = fresh;
    ({ size } = fstatSync(fresh));
    dirty = false;
    return remember(line);
  };

  const append = async (body: EventBody, flush: Flush): Promise<JournalEvent[]> => {
    const before = events.length;
    try {
      if (flushFailure) throw flushFailure;
      const because = whyNotOurs({ file, fd, size, dirty, lines, nowMs });
      if (because) await rebuild(because);
      else cutLeftOver();
      appendLine(lineOf(body), flush);
    } catch (error) {
      if (error instanceof UnwritableError || codeOf(error) === null) throw error;
      throw new UnwritableError(
        file,
        `The journal cannot be written: ${reasonOf(error)}\n  at ${file}\n` +
          `The run stops here; an agent that is running goes on and is adopted by the next start. ` +
          `Make room or give the right to write (df -h '${dirname(file)}'; ls -l '${file}'), then start seqrun again.`,
        error,
      );
    }
    return events.slice(before);
  };

  return {
    file,
    id: (events[0] as JournalEvent & { type: 'journal.opened' }).journal,
    events,
    append: (body, { flush }) => {
      const result = last.then(() => append(body, flush));
      last = result.catch(() => {});
      return result;
    },
    close: async () => {
      await last;
      if (soon !== null && !closed) {
        cancelSoon();
        flushNow();
      }
      await flushing;
      if (!closed) closeSync(fd);
      closed = true;
    },
  };
};

/**
 * Why the file under the journal's name is not the one we append to, or null. Foreign content is kept aside, unless it is our
 * journal with more lines: then another seqrun has taken over, and writing would destroy what it knows.
 */
const whyNotOurs = (ours: {
  file: string;
  fd: number;
  size: number;
  dirty: boolean;
  lines: readonly string[];
  nowMs: () => number;
}): string | null => {
  const { file } = ours;
  const held = fstatSync(ours.fd, { bigint: true });
  const named = statOf(file);
  if (!named) return 'the file had been removed';
  const same = named.ino === held.ino && named.dev === held.dev && held.nlink > 0n;
  if (same && (ours.dirty || Number(held.size) === ours.size)) return null;

  const found = named.isFile() ? readFileSync(file) : null;
  const known = Buffer.from(`${ours.lines.join('\n')}\n`);
  if (found && found.length > known.length && found.subarray(0, known.length).equals(known)) {
    throw new UnwritableError(
      file,
      `The journal has lines that this seqrun did not write: another one has taken this spec over.\n  at ${file}\n` +
        `This one stops without a further word to it; an agent that is running goes on. See what is going on: seqrun status`,
    );
  }
  if (found && found.length > 0) {
    const time = new Date(ours.nowMs()).toISOString().replace(/[-:]/g, '').replace('.', '_');
    orNothing(() => copyFileSync(file, join(dirname(file), `journal.found-${time}`)));
  }
  return same ? `the file had been changed (${held.size} bytes, expected ${ours.size})` : 'the file had been replaced';
};

const statOf = (file: string): BigIntStats | null => {
  try {
    return statSync(file, { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
};

/** For what is good to have done and no reason to stop. */
const orNothing = (doing: () => void): void => {
  try {
    doing();
  } catch {
    // As said above.
  }
};
