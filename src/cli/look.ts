// Looks at a spec without holding anything: journal folded, or the state file's word, or the task file alone.
import { statSync } from 'node:fs';
import {
  findPlaces,
  findTopLevel,
  holderOf,
  ownIdentity,
  type Places,
  readJournal,
  readNote,
  readStateFile,
} from '../compose/look.ts';
import { adoptedAtBegin } from '../core/adopt.ts';
import type { EventBody, JournalEvent } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import { emptyState, type State } from '../core/state.ts';
import { notSelected } from '../core/units.ts';
import type { EntryFinding, Publisher } from '../engine/ports.ts';
import type { Failure } from './errors.ts';
import { formerNameOf } from './former-name.ts';
import type { Intention } from './intention.ts';
import { checkPlaces, placesOf } from './places.ts';
import { planOptionsOf } from './plan-options.ts';
import type { Caller } from './take.ts';
import { worded } from './worded.ts';

export interface Looked {
  places: Places;
  workdir: string;
  tasksPath: string;
  state: State;
  /** Where the state was read from. */
  source: 'journal' | 'state file' | 'nothing';
  /**
   * The runner of this spec, when it lives. The lock's holder may be dead, or run another spec of the same folder. `unseen`: it is on
   * another host, or in a container of its own, and nobody here can tell; it is taken for alive, as the lock takes it.
   */
  runner: { pid: number; run: string; unseen: boolean; host: string } | null;
  /**
   * Who else holds the workspace or the specs folder: a run of this spec that has not begun yet, or whatever another spec is doing;
   * `spec` when the job that is alive tells. Null when there is a runner.
   */
  holder: { pid: number; run: string; spec: string | null } | null;
}

/**
 * Reads; changes nothing on disk. A spec that was never run gives a state with a plan and nothing else. `fresh` also reads
 * tasks.md when there is a journal, no start is open and the file may say something else, so that what a person has just typed
 * into it is known.
 */
export const lookAt = async (
  intention: Intention,
  io: Pick<Caller, 'env' | 'cwd'>,
  options: { fresh: boolean } = { fresh: false },
): Promise<Looked | Failure> => {
  const typed = placesOf(intention.spec, intention.settings.workdir, io.cwd);
  const workspace = (await findTopLevel(typed.workdir)) ?? typed.workdir;
  const places = await findPlaces({ env: io.env, specFolder: typed.spec, workspace });
  const reading = await readJournal(places.journal);
  if (reading.kind === 'damaged' || reading.kind === 'unreadable') return worded(reading.exit, reading.message);
  // Both: the one beside the specs goes with a `git clean`, and the runner makes it anew only before its next launch.
  const locks = [`${places.specsFolder}/SEQUENTIAL_STATE.lock`, `${places.workspace}/lock`];
  const self = await ownIdentity();
  const holders = await Promise.all(locks.map(lock => holderOf(lock, self)));
  const living = holders.find(holder => holder !== null && holder.liveness !== 'dead');
  const note = living ? await readNote(places.workspace) : null;
  const holder = living
    ? { pid: living.pid, run: living.run, spec: note?.kind === 'note' ? note.note.spec : living.spec }
    : null;
  const base = { places, workdir: typed.workdir, tasksPath: typed.tasksPath, runner: null, holder };
  if (reading.kind === 'read') {
    const { state } = reading;
    const mine = holders.find(holder => holder && holder.liveness !== 'dead' && holder.run === state.run?.id);
    const runner = mine && !state.lastEnd ? runnerOf(mine) : null;
    // Trouble in tasks.md is told by whoever acts on it; what the journal says can be shown all the same.
    const lastMs = reading.events.at(-1)?.atMs ?? 0;
    if (options.fresh && !state.open && mayDiffer(state, lastMs, intention, typed.tasksPath)) {
      await readInto(state, intention, typed.tasksPath);
    }
    return { ...base, runner, holder: runner ? null : holder, state, source: 'journal' };
  }

  const wrong = checkPlaces(typed, io.cwd);
  if (wrong) return wrong;
  const state = emptyState();
  const entry = await readStateFile(places.stateFile, places.specName);
  if (entry.kind === 'damaged') return worded(entry.exit, entry.message);
  // A flat file that nobody can attribute, or that is another spec's, says nothing about this one.
  const own = entry.kind === 'entry' || (entry.kind === 'v1' && entry.owner === places.specName);
  const former = entry.kind === 'missing' ? await formerNameOf(intention, io.cwd, places) : null;
  const adopted = own
    ? entry.entry.whole
    : adoptedAtBegin(former?.same?.entry.whole ?? null, {
        unseen: (former?.unsure.length ?? 0) > 0,
        fingerprint: null,
      });
  imagine(state, {
    type: 'journal.opened',
    version: 1,
    journal: '',
    spec: places.specFolder,
    claimed: [],
    adopted,
    first: adopted === null,
  });
  const failure = await readInto(state, intention, typed.tasksPath);
  return failure ?? { ...base, state, source: adopted ? 'state file' : 'nothing' };
};

/**
 * Whether the task file may say something else than the last plan: it was written since, the plan was a selection, or this call
 * cuts units in another way. Reading it costs more than all the rest of `status`.
 */
const mayDiffer = (state: State, lastEventMs: number, intention: Intention, tasksPath: string): boolean => {
  if (state.plan === null || notSelected(state.plan).length > 0) return true;
  const cut = ['granularity', 'order', 'include-optional', 'only', 'from', 'until'] as const;
  if (cut.some(name => intention.origins[name] !== undefined)) return true;
  const writtenMs = statSync(tasksPath, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return writtenMs > lastEventMs;
};

/** Folds an event that is written nowhere. */
const imagine = (state: State, body: EventBody): void => {
  evolve(state, { ...body, seq: state.seq + 1, atMs: Date.now() } as JournalEvent);
};

/** Brings the state up to the task file as it is now, in memory only. A failure when it cannot be read or planned. */
const readInto = async (state: State, intention: Intention, tasksPath: string): Promise<Failure | null> => {
  const { openDesk } = await import('../compose/desk.ts');
  const desk = openDesk(tasksPath, planOptionsOf(intention.settings), {
    writeTasks: false,
    dialect: intention.settings.dialect,
  });
  for (let round = 0; round < 3; round++) {
    const found = await desk.read(state, nothingPublished);
    if (found.event === null) return null;
    if (found.event.type === 'spec.unreadable') return worded(found.event.exit, found.event.message);
    imagine(state, found.event);
  }
  return null;
};

const same: EntryFinding = { kind: 'same' };
/** For who only reads: nothing is written, and nobody else has. */
export const nothingPublished: Publisher = {
  publish: async () => undefined,
  publishSoon: () => undefined,
  settle: async () => undefined,
  reclaim: async () => undefined,
  inspect: async () => same,
};

const runnerOf = ({ pid, run, host, liveness }: NonNullable<Awaited<ReturnType<typeof holderOf>>>) => ({
  pid,
  run,
  host,
  unseen: liveness === 'unknowable',
});

/** What has to be said beside a run that may be over, or null. */
export const unseenWords = ({ runner }: Pick<Looked, 'runner'>): string | null =>
  runner?.unseen
    ? `its runner (pid ${runner.pid}, host ${runner.host}) is on another machine or in a container: from here nobody can tell whether it still lives`
    : null;
