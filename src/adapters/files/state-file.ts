// SEQUENTIAL_STATE.json at the start of a run: what it says about a spec, and the reference's flat form brought into ours.

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { constants, copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sumOf } from '../../core/project-state.ts';
import { codeOf, type FileId, fileIdOf, reasonOf, writeAtomic } from './atomic.ts';
import { type FoundEntry, knownKeys, readEntry } from './state-entry.ts';
import { emptyStateText, readStateText } from './state-text.ts';

export type StateFileReading =
  /** No file, or no entry for the spec in it. */
  | { kind: 'missing' }
  | { kind: 'entry'; entry: FoundEntry }
  /**
   * The reference's flat file. `owner` = name of the spec it belongs to: bring it into our form with `migrateStateFile` and read
   * again. null = nobody can tell: stop with 65 and `message`, or take the word of `--adopt-state`.
   */
  | { kind: 'v1'; owner: string; entry: FoundEntry }
  | { kind: 'v1'; owner: null; entry: FoundEntry; exit: 65; message: string }
  /** Kept as it is. */
  | { kind: 'damaged'; exit: 65; path: string; message: string };

/** Reads the entry of one spec. Changes nothing, never throws. */
export const readStateFile = async (path: string, specName: string): Promise<StateFileReading> => {
  let text: string | null;
  try {
    text = readWithId(path)?.text ?? null;
  } catch (error) {
    return damagedState(path, reasonOf(error));
  }
  if (text === null) return { kind: 'missing' };
  const read = readStateText(text, specName, knownKeys);
  switch (read.kind) {
    case 'damaged':
      return damagedState(path, read.why);
    case 'v2':
      return read.entry ? { kind: 'entry', entry: readEntry(read.entry) } : { kind: 'missing' };
    case 'v1': {
      const entry = readEntry(flatEntry(read.flat, specName));
      const owner = await ownerOfFlat(path);
      if (owner !== null) return { kind: 'v1', owner, entry };
      return {
        kind: 'v1',
        owner: null,
        entry,
        exit: 65,
        message:
          `The state file has the old flat form, and nothing tells which spec it belongs to: there is no **Spec:** line at the top of ` +
          `SEQUENTIAL_PROGRESS.md, and the folder holds more than one spec.\n  at ${path}\n` +
          `If it belongs to ${JSON.stringify(specName)}: seqrun --adopt-state --spec ${specName}. If not, move it away.`,
      };
    }
  }
};

/**
 * Brings a flat file into our form, as the entry of `owner`; everything that was in it is kept. The flat file stays beside it as
 * `SEQUENTIAL_STATE.v1.json`. Returns that path, or null when the file is not flat (any more). Throws what the disk says.
 */
export const migrateStateFile = async (path: string, owner: string, nowMs: number): Promise<string | null> => {
  const text = readWithId(path)?.text ?? '';
  const flat = readStateText(text, owner, knownKeys);
  if (flat.kind !== 'v1') return null;
  const kept = await keepAside(path, 'v1');
  const entry = flatEntry(flat.flat, owner);
  const fresh = readStateText(emptyStateText, owner, knownKeys);
  if (fresh.kind !== 'v2') throw new Error('Internal error: invariant broken: the empty state file is version 2');
  await writeAtomic(
    path,
    fresh.render(new Date(nowMs).toISOString(), JSON.stringify({ ...entry, sum: sumOf(entry) }, null, 2)),
  );
  return kept;
};

/**
 * Keeps a copy of the state file beside it and returns its path: `SEQUENTIAL_STATE.<why>.json`, with a hash in the name when that
 * holds something else. Never written over; the same content twice is kept once. Throws what the disk says.
 */
export const keepAside = async (path: string, why: string): Promise<string> => {
  const bytes = await readFile(path);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const stem = join(dirname(path), basename(path, '.json'));
  for (const kept of [`${stem}.${why}.json`, `${stem}.${why}-${hash}.json`]) {
    try {
      await copyFile(path, kept, constants.COPYFILE_EXCL);
      return kept;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if ((await readFile(kept)).equals(bytes)) return kept;
    }
  }
  throw new Error(`both names for a copy of ${path} are taken by other content`);
};

/** A file's text with the id of what was read; null = no file. Throws for anything else. */
export const readWithId = (path: string): { text: string; id: FileId } | null => {
  let fd: number;
  try {
    // Looked at first: opening a fifo would block.
    if (!statSync(path).isFile()) throw Object.assign(new Error('it is no regular file'), { code: 'EINVAL' });
    fd = openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    // The id is taken first: a change while reading gives another id at the next look.
    const id = fileIdOf(fstatSync(fd, { bigint: true }));
    return { text: readFileSync(fd, 'utf8'), id };
  } finally {
    closeSync(fd);
  }
};

/** The value for a state file that cannot be understood. */
export const damagedState = (path: string, why: string): Extract<StateFileReading, { kind: 'damaged' }> => ({
  kind: 'damaged',
  exit: 65,
  path,
  message:
    `The state file cannot be understood: ${why}\n  at ${path}\n` +
    `Expected the JSON that seqrun writes. It is kept as it is. Mend it, or move it away and start again ` +
    `(the journal of each spec holds everything that is in it): mv '${path}' '${path}.broken'`,
});

/** The spec named first in the progress file's header, else the only spec of the folder, else null. */
const ownerOfFlat = async (path: string): Promise<string | null> => {
  const folder = dirname(path);
  const progress = await readFile(join(folder, 'SEQUENTIAL_PROGRESS.md'), 'utf8').catch(() => '');
  const header = /^\*\*Spec:\*\*[ \t]+(\S.*?)[ \t]*$/m.exec(progress.slice(0, 4096));
  if (header) return basename(header[1]!.replace(/[/\\]+$/, '')) || null;
  const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const specs: string[] = [];
  for (const entry of names) {
    const isSpec = await stat(join(folder, entry.name, 'tasks.md')).then(
      info => info.isFile(),
      () => false,
    );
    if (isSpec) specs.push(entry.name);
  }
  return specs.length === 1 ? specs[0]! : null;
};

/** A flat file's content as an entry: the reference's keys have the same names. */
const flatEntry = (flat: Record<string, unknown>, specName: string): Record<string, unknown> => ({
  ...flat,
  spec: specName,
  journal: null,
  seq: 0,
});
