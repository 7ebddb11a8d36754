// Commands that other processes leave for the runner: one small JSON file each, dropped by rename, sorted by time.
import { randomBytes } from 'node:crypto';
import { type FSWatcher, readdirSync, watch as watchFolder } from 'node:fs';
import { lstat, mkdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Command } from '../../core/events.ts';
import type { Inbox } from '../../engine/ports.ts';
import { codeOf, reasonOf, syncFolder, writeTemp } from '../files/atomic.ts';

/** One command as it lies in the inbox. `run` = the run it was meant for, or null for whichever runs. */
export interface Dropped {
  id: string;
  run: string | null;
  atMs: number;
  command: Command;
}

/** An answer is a few pages at most; anything above this is no command. */
const fileSizeMax = 1024 * 1024;
/** How often the folder is looked at where watching does not work or loses events. */
const pollMs = 1000;

const unit = v.pipe(v.string(), v.minLength(1));
const commandSchema: v.GenericSchema<unknown, Command> = v.variant('kind', [
  v.object({ kind: v.literal('stop'), now: v.boolean(), because: v.string(), signal: v.optional(v.number()) }),
  v.object({ kind: v.literal('retry'), unit }),
  v.object({ kind: v.literal('skip'), unit }),
  v.object({ kind: v.literal('accept'), unit }),
  v.object({ kind: v.literal('reset'), unit: v.nullable(unit), keepTicked: v.optional(v.boolean()) }),
  v.object({ kind: v.literal('resume'), answer: v.nullable(v.string()) }),
  v.object({ kind: v.literal('follow'), unit, text: v.string() }),
  v.object({ kind: v.literal('approve'), unit, text: v.nullable(v.string()) }),
  v.object({ kind: v.picklist(['pause', 'continue']), by: v.string() }),
  v.object({ kind: v.literal('reject'), unit, text: v.string() }),
]);
const droppedSchema = v.object({
  id: v.string(),
  run: v.nullable(v.string()),
  atMs: v.pipe(v.number(), v.finite()),
  command: commandSchema,
});

/**
 * Drops a command for the runner of a spec: temp file, fsync, rename. Returns its id, which is the file's name without `.json`.
 * Throws what the disk says.
 */
export const dropCommand = async (
  folder: string,
  what: { run: string | null; atMs: number; command: Command },
): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const id = `${String(Math.trunc(what.atMs)).padStart(14, '0')}-${nextCount()}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, `${id}.json`);
  await rename(await writeTemp(path, `${JSON.stringify({ id, ...what })}\n`, 0o600), path);
  await syncFolder(folder);
  return id;
};

/** Two commands of one process in the same millisecond keep their order. */
let dropped = 0;
const nextCount = (): string => String(dropped++ % 1_000_000).padStart(6, '0');

/**
 * The inbox of one spec. `onBad` gets one line for each file that is no command; such a file is moved to `bad/` and never looked
 * at again. A folder that is missing is an empty inbox.
 */
export const openInbox = (folder: string, options: { onBad: (message: string) => void }): Inbox => ({
  drain: async () => {
    const commands: Dropped[] = [];
    for (const name of commandFiles(folder)) {
      const read = await readCommand(folder, name);
      if (read.kind === 'command') commands.push(read.dropped);
      else if (read.kind === 'bad') options.onBad(await moveAside(folder, name, read.why));
    }
    return commands;
  },
  done: async id => {
    await unlink(join(folder, `${id}.json`)).catch(error => {
      if (codeOf(error) !== 'ENOENT') options.onBad(`The handled command ${id} cannot be removed: ${reasonOf(error)}`);
    });
  },
  watch: onChange => watchInbox(folder, onChange),
});

const watchInbox = (folder: string, onChange: () => void): (() => void) => {
  let watcher: FSWatcher | null = null;
  let stopped = false;
  let seen = '';
  const tell = () => {
    if (!stopped) onChange();
  };
  const start = () => {
    try {
      watcher = watchFolder(folder, { persistent: false }, tell);
      watcher.on('error', () => {
        watcher?.close();
        watcher = null;
      });
    } catch {
      // No folder yet, or the user's watches are used up: the poll finds the files.
    }
  };
  const poll = setInterval(() => {
    const now = commandFiles(folder).join('\n');
    if (now !== seen && now !== '') tell();
    seen = now;
  }, pollMs);
  poll.unref();
  start();
  // What came before the watch began is told as well.
  if (commandFiles(folder).length > 0) queueMicrotask(tell);
  return () => {
    stopped = true;
    clearInterval(poll);
    watcher?.close();
  };
};

/** Names of command files, oldest first. Temp files begin with a dot. */
const commandFiles = (folder: string): string[] => {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.filter(name => name.endsWith('.json') && !name.startsWith('.')).sort();
};

type Reading = { kind: 'command'; dropped: Dropped } | { kind: 'bad'; why: string } | { kind: 'gone' };

const readCommand = async (folder: string, name: string): Promise<Reading> => {
  const path = join(folder, name);
  try {
    const info = await lstat(path);
    if (!info.isFile()) return { kind: 'bad', why: 'it is no regular file' };
    if (info.size > fileSizeMax) return { kind: 'bad', why: `it has ${info.size} bytes` };
    const parsed = v.safeParse(droppedSchema, JSON.parse(await readFile(path, 'utf8')));
    if (!parsed.success) return { kind: 'bad', why: v.summarize(parsed.issues).replace(/\s+/g, ' ') };
    if (`${parsed.output.id}.json` !== name) return { kind: 'bad', why: 'its id is not its name' };
    return { kind: 'command', dropped: parsed.output };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'gone' };
    return { kind: 'bad', why: error instanceof SyntaxError ? 'it is no JSON' : reasonOf(error) };
  }
};

const moveAside = async (folder: string, name: string, why: string): Promise<string> => {
  const bad = join(folder, 'bad');
  const moved = await mkdir(bad, { recursive: true, mode: 0o700 })
    .then(() => rename(join(folder, name), join(bad, name)))
    .then(
      () => `moved to ${join(bad, name)}`,
      error => `and it cannot be moved aside: ${reasonOf(error)}`,
    );
  return `A file in the inbox is no command (${JSON.stringify(name.slice(0, 200))}): ${why.slice(0, 300)}; ${moved}`;
};
