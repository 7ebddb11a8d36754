// Keeps one spec's entry of SEQUENTIAL_STATE.json in step with the state, and notices when somebody else has changed it.
import { statSync } from 'node:fs';
import { completedIds, leavesBelow, projectEntry, type StateEntry, sumOf } from '../../core/project-state.ts';
import type { State } from '../../core/state.ts';
import { plainJson } from '../../core/unseen.ts';
import type { EntryFinding } from '../../engine/ports.ts';
import { type FileId, fileIdOf, writeAtomic } from './atomic.ts';
import { type FoundEntry, knownKeys, readEntry } from './state-entry.ts';
import { damagedState, keepAside, readWithId } from './state-file.ts';
import { emptyStateText, readStateText, type StateText } from './state-text.ts';

export interface StateWriter {
  /** Writes the entry when it differs from what is there. Throws what the disk says; a damaged file is never written over. */
  write(state: State): Promise<void>;
  /** True when nobody has touched the file since it was written here. */
  isAsWritten(): boolean;
  /** As `write`, but a foreign entry that came while a start was open is kept aside as a copy, said, and written over. */
  reclaim(state: State): Promise<void>;
  /** What somebody else has made of the entry. Comes again until the state has it; a foreign entry comes once. Throws as `write`. */
  inspect(state: State): Promise<EntryFinding>;
}

type Known = Extract<StateText, { kind: 'v2' }>;

/** The state file as the writer needs it. Everything throws what the disk says. */
export interface StateDisk {
  /** null: there is no file. */
  id(): FileId | null;
  read(): { text: string; id: FileId } | null;
  /** The whole text at once, or nothing of it. `flushName`: also after a power cut what stood there before does not come back. */
  write(text: string, options: { flushName: boolean }): Promise<FileId>;
  /** Keeps a copy beside it and returns its path. */
  keepAside(why: string): Promise<string>;
}

const realDisk = (path: string): StateDisk => ({
  id: () => {
    const info = statSync(path, { bigint: true, throwIfNoEntry: false });
    return info ? fileIdOf(info) : null;
  },
  read: () => readWithId(path),
  write: (text, { flushName }) => writeAtomic(path, text, undefined, { flushName }),
  keepAside: why => keepAside(path, why),
});

/**
 * The writer of one spec's entry. Everything else in the file stays byte for byte; it is read again whenever it is not the file
 * written last. `adopted` = fingerprint of the entry that the journal began with: it is no news. A foreign entry is not written
 * over before it has been handed out; a hand edit is kept visible (its values stay, with a sum that does not fit) until the
 * state has it.
 */
export const createStateWriter = (options: {
  path: string;
  specName: string;
  /** The spec's path as people should read it. */
  spec: string;
  adopted: string | null;
  nowMs: () => number;
  warn: (message: string) => void;
  /** Absent: the file at `path`. */
  disk?: StateDisk;
}): StateWriter => {
  const { path, specName, disk = realDisk(path) } = options;
  let lastId: FileId | null = null;
  let lastEntry = '';
  /** Hashes of the titles that the entry which is there has as completed. */
  let lastDone: ReadonlySet<string> = new Set();
  let text: Known = readFresh(specName);
  let pending: { kind: 'foreign' | 'edited'; entry: FoundEntry; unbelieved?: true } | null = null;
  const settled = new Set<string>(options.adopted === null ? [] : [options.adopted]);

  /** Reads the file when it is not the one written last. Throws for a file that cannot be understood. */
  const look = (state: State): void => {
    const id = disk.id();
    if (id !== null && lastId === id) return;
    const found = disk.read();
    const read = found ? readStateText(found.text, specName, knownKeys) : readFresh(specName);
    if (read.kind === 'damaged') throw new Error(damagedState(path, read.why).message);
    if (read.kind === 'v1') {
      throw new Error(
        `The state file has the old flat form (again), and is left as it is.\n  at ${path}\nStart seqrun again to bring it into the new form.`,
      );
    }
    text = read;
    lastId = found?.id ?? null;
    lastEntry = '';
    lastDone = new Set();
    if (!read.entry) return;
    const entry = readEntry(read.entry);
    lastDone = new Set(Object.values(entry.whole.titleHashes));
    if (settled.has(entry.fingerprint) || state.takenOver.has(entry.fingerprint)) return;
    const ours = entry.journal === state.journal && (entry.seq ?? 0) <= state.seq;
    if (!entry.intact) pending = { kind: 'edited', entry };
    else if (!ours) pending = { kind: 'foreign', entry };
  };

  const edits = (state: State): Extract<EntryFinding, { kind: 'edited' }> | null => {
    if (pending?.kind !== 'edited') return null;
    const { entry } = pending;
    const finding = editsOf(entry, state);
    if (pending.unbelieved) finding.completedAdded = [];
    // Its numbers are those of another plan: what they name there is not what they name now.
    else if (finding.completedAdded.length > 0 && entry.tasksHash !== (state.plan?.hash ?? null)) {
      finding.completedAdded = [];
      pending.unbelieved = true;
      options.warn(
        `The state file's entry of ${JSON.stringify(specName)} was edited by hand when the tasks had other numbers than now. Nothing is taken from its "completed": seqrun accept <unit> counts what is done`,
      );
    }
    const isEmpty = finding.completedAdded.length === 0 && Object.keys(finding.assignments).length === 0;
    if (isEmpty) pending = null;
    return isEmpty ? null : finding;
  };

  // The journal has it all: an older entry of ours that a power cut leaves is written anew at the next start. But where the journal is
  // lost as well, such an entry is believed: what a person has taken back must not come back with it.
  const write = async (state: State, { flushName } = { flushName: false }): Promise<void> => {
    look(state);
    if (pending?.kind === 'foreign') return;
    const projected = projectEntry(state, options.spec);
    const entry = plainJson(entryText(projected, edits(state), text.unknown));
    if (entry === lastEntry) return;
    const done = new Set(Object.values(projected.title_hashes));
    const takesBack = [...lastDone].some(hash => !done.has(hash));
    const whole = text.render(new Date(options.nowMs()).toISOString(), entry);
    lastId = await disk.write(whole, { flushName: flushName || takesBack });
    // The next rendering goes by the same text: its places are the same as long as only the two slots change.
    lastEntry = entry;
    lastDone = done;
  };

  const reclaim = async (state: State): Promise<void> => {
    look(state);
    // What is not taken must not be found again by a life that does not know when it came.
    const flushName = pending !== null;
    if (pending?.kind === 'foreign') {
      const kept = await disk.keepAside('foreign');
      options.warn(
        `The state file's entry of ${JSON.stringify(specName)} was replaced by one of another journal while an agent ran. It is not taken; a copy is in ${kept}`,
      );
      settled.add(pending.entry.fingerprint);
      pending = null;
    }
    // Whatever seq it bears: an agent can have written that too.
    if (pending?.kind === 'edited') pending.unbelieved = true;
    await write(state, { flushName });
  };

  return {
    write,
    isAsWritten: () => {
      try {
        return pending === null && lastId !== null && lastId === disk.id();
      } catch {
        return false;
      }
    },
    reclaim,
    inspect: async state => {
      look(state);
      // A job that nobody has seen end may have written it.
      if (pending !== null && state.tickedUnread) await reclaim(state);
      if (pending?.kind === 'foreign') {
        const { entry } = pending;
        settled.add(entry.fingerprint);
        pending = null;
        return { kind: 'foreign', entry: { ...entry.whole, fingerprint: entry.fingerprint } };
      }
      return edits(state) ?? { kind: 'same' };
    },
  };
};

/**
 * What a hand edit adds to the state: other owners, and completions where they may be believed: no start is open, and none has
 * happened since the entry was written, so no agent can have written them; and none was taken back since, which it would still name.
 */
const editsOf = (entry: FoundEntry, state: State): Extract<EntryFinding, { kind: 'edited' }> => {
  const assignments = Object.fromEntries(
    Object.entries(entry.whole.assignments)
      .filter(([unit, given]) => given.owner !== state.assignments.get(unit)?.owner)
      .map(([unit, given]) => [unit, { ...given, source: 'user' as const, reason: null }]),
  );
  const lastStartSeq = state.starts.at(-1)?.seq ?? 0;
  const isNewest = (entry.seq ?? -1) >= Math.max(lastStartSeq, state.undoneSeq);
  const believed = state.open === null && entry.journal === state.journal && isNewest;
  return { kind: 'edited', assignments, completedAdded: believed ? addedLeaves(entry.completed, state) : [] };
};

/** Leaves that are not done, named by themselves or by a unit or parent above them. Unknown ids are nobody's work. */
const addedLeaves = (completed: readonly string[], state: State): string[] => {
  const known = new Set(completedIds(state));
  const added = new Set<string>();
  for (const id of completed) {
    if (known.has(id)) continue;
    for (const unit of state.plan?.units ?? []) {
      if (id !== unit.id && !unit.tasks.includes(id)) continue;
      const leaves = unit.leaves.some(leaf => leaf.id === id)
        ? [id]
        : unit.optionalLeft.includes(id)
          ? [id]
          : leavesBelow(unit, id);
      for (const leaf of leaves) if (!state.done.has(leaf)) added.add(leaf);
    }
  }
  return [...added];
};

const entryText = (
  entry: StateEntry,
  edited: Extract<EntryFinding, { kind: 'edited' }> | null,
  unknown: Known['unknown'],
): string => {
  if (edited) {
    entry.completed.push(...edited.completedAdded);
    for (const [unit, { type, owner }] of Object.entries(edited.assignments)) {
      entry.assignments[unit] = { type, owner_agent: owner, backend: null, source: 'user', reason: null, at: null };
    }
  }
  const kept = Object.fromEntries(unknown.map(({ key, json }) => [key, JSON.parse(json) as unknown]));
  const sum = edited ? 'edited by hand' : sumOf({ ...entry, ...kept });
  const members = [
    ...Object.entries({ ...entry, sum }).map(([key, value]) => `${JSON.stringify(key)}: ${layOut(value)}`),
    ...unknown.map(({ key, json }) => `${JSON.stringify(key)}: ${json}`),
  ];
  return `{\n  ${members.join(',\n  ')}\n}`;
};

/** A map has one line for each of its members, everything else one line: 500 units stay readable, and half as large. */
const layOut = (value: unknown): string => {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const members = isMap ? Object.entries(value) : [];
  if (!members.some(([, one]) => typeof one === 'object' && one !== null)) return JSON.stringify(value);
  const lines = members.map(([key, one]) => `${JSON.stringify(key)}: ${JSON.stringify(one)}`);
  return `{\n    ${lines.join(',\n    ')}\n  }`;
};

const readFresh = (specName: string): Known => readStateText(emptyStateText, specName, knownKeys) as Known;
