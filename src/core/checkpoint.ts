// What a checkpoint says: where a spec stood at one moment, and by what names its files are kept. Pure.
import { defaults } from './defaults.ts';
import type { JournalEvent } from './events.ts';
import type { GateResult } from './gate.ts';
import type { Unit } from './plan-types.ts';
import { projectEntry, type StateEntry } from './project-state.ts';
import type { StartRecord, State } from './state.ts';
import type { KeptMoment, TreeNote } from './tree.ts';
import { isDone, isDoneOutside, notSelected, unitProgress, waitsInVain } from './units.ts';

export const checkpointKinds = ['automatic', 'saved', 'safety'] as const;

/** `automatic`: after a completed unit. `saved`: by a person. `safety`: just before something was restored. */
export type CheckpointKind = (typeof checkpointKinds)[number];

/** The files of one repository, kept as a commit. */
export interface CheckpointTree {
  /** As `RepoState.path`. */
  repo: string;
  ref: string;
  /** Full id; null: only the name was known when the checkpoint was made. */
  commit: string | null;
}

export interface CheckpointGit {
  /** Of the workdir's own repository, else of the first one below it. null: HEAD is detached. */
  branch: string | null;
  /** Full id; null: no commit yet. */
  sha: string | null;
  /** Whether anything in any repository differed; seqrun's own files and the task file do not count. */
  dirty: boolean;
  /** At most 200 names each; absent: not looked at. */
  modifiedFiles?: string[];
  untrackedFiles?: string[];
  repos: TreeNote['repos'];
}

/**
 * One checkpoint, as its file holds it. The old form kept files as a patch (`hasPatch`, `patchFile`); here they are kept as git
 * objects under the refs in `trees`, and those two names are not used.
 */
export interface Checkpoint {
  version: 1;
  /** `chk-YYYYMMDD-HHMMSS` in UTC, with `-2`, `-3` … when the second is taken. */
  id: string;
  kind: CheckpointKind;
  /** UTC ISO 8601. */
  timestamp: string;
  project: string;
  /** Units that were done of all: `3/6`. */
  phase: string;
  description: string;
  /** null: git was left alone, or there is no repository. */
  git: CheckpointGit | null;
  /** Ids of units. `remaining`: all that were not completed; `blocked`: what cannot go on without a person. */
  todos: { completed: string[]; remaining: string[]; blocked: string[]; inProgress: string | null };
  /** What the gates that were run last gave, of an automatic one those of its unit, by their names; empty: none is known. */
  verification: Record<string, 'pass' | 'fail' | 'accepted'>;
  notes: string | null;
  spec: string;
  run_id: string | null;
  /** The journal that holds how it came to this; null: there was none yet. */
  journal: string | null;
  /** Its last event then. */
  seq: number;
  /** The start that completed the unit of an automatic one, else the last start; null: there was none. */
  start: number | null;
  /** The spec's entry. Not in automatic ones: the journal up to `seq` says the same, and 500 units would have 500 copies of 500. */
  state?: StateEntry;
  /** Absent: only the state can be restored. */
  trees?: CheckpointTree[];
}

/** What a checkpoint is made of beside the state. */
export interface CheckpointFacts {
  id: string;
  kind: CheckpointKind;
  atMs: number;
  project: string;
  /** The spec's path as people should read it. */
  spec: string;
  description: string;
  note: string | null;
  git: CheckpointGit | null;
  trees: CheckpointTree[] | null;
  start: number | null;
  /** Last event of the journal: a state that was only looked at may be ahead of it. */
  seq: number;
}

/** The checkpoint of a state. Linear in units; those that are not automatic hold the whole entry. */
export const checkpointOf = (state: State, facts: CheckpointFacts): Checkpoint => {
  const units = state.plan?.units ?? [];
  const outside = notSelected(state.plan);
  const done = [...units.filter(unit => isDone(state, unit)), ...outside.filter(({ id }) => isDoneOutside(state, id))];
  const completed = new Set(done.map(({ id }) => id));
  const { open } = state;
  return {
    version: 1,
    id: facts.id,
    kind: facts.kind,
    timestamp: new Date(facts.atMs).toISOString(),
    project: facts.project,
    phase: `${completed.size}/${units.length + outside.length}`,
    description: facts.description,
    git: facts.git,
    todos: {
      completed: [...completed],
      remaining: [...units, ...outside].map(({ id }) => id).filter(id => !completed.has(id)),
      blocked: blockedUnits(state, units),
      inProgress: open?.kind === 'agent' || open?.kind === 'gate' ? open.unit : null,
    },
    verification: lastGates(state.starts),
    notes: facts.note,
    spec: facts.spec,
    run_id: state.run?.id ?? null,
    journal: state.journal === '' ? null : state.journal,
    seq: facts.seq,
    start: facts.start,
    ...(facts.kind === 'automatic' ? {} : { state: projectEntry(state, facts.spec) }),
    ...(facts.trees === null || facts.trees.length === 0 ? {} : { trees: facts.trees }),
  };
};

/** Units that failed or halted, and those that wait for such a one or for one that is left out. */
const blockedUnits = (state: State, units: readonly Unit[]): string[] => {
  const bad = new Set(['failed', 'halted', 'skipped']);
  // In an ordinary run nothing is: then nobody's dependencies need be followed.
  const any = notSelected(state.plan).length > 0 || [...state.units.values()].some(one => bad.has(one.standing.kind));
  if (!any) return [];
  return units
    .filter(unit => {
      const { kind } = unitProgress(state, unit);
      return kind === 'failed' || kind === 'halted' || (kind === 'blocked' && waitsInVain(state, unit));
    })
    .map(({ id }) => id);
};

const gateWords = { passed: 'pass', failed: 'fail', accepted: 'accepted' } as const satisfies Record<
  GateResult['result'],
  string
>;

/** Results of the gates of the last start that had any. */
const lastGates = (starts: readonly StartRecord[]): Checkpoint['verification'] =>
  gatesOf(starts.findLast(start => start.gates.length > 0) ?? { gates: [] });

const gatesOf = ({ gates }: Pick<StartRecord, 'gates'>): Checkpoint['verification'] =>
  Object.fromEntries(gates.map(({ name, result }) => [name, gateWords[result]]));

/** What git said, as a checkpoint keeps it; null: it said nothing. */
export const checkpointGit = (
  note: Pick<TreeNote, 'repos'> | null,
  names?: { modified: string[]; untracked: string[] },
): CheckpointGit | null => {
  const first = note?.repos[0];
  if (!note || !first) return null;
  return {
    branch: first.branch,
    sha: first.head,
    dirty: note.repos.some(repo => repo.dirty > 0),
    ...(names ? { modifiedFiles: names.modified, untrackedFiles: names.untracked } : {}),
    repos: note.repos.map(({ path, branch, head, dirty }) => ({ path, branch, head, dirty })),
  };
};

/** What an automatic checkpoint takes from elsewhere than the state. */
export interface AutomaticFacts {
  project: string;
  spec: string;
  /** The start that completed the unit. */
  start: number;
  /** Ids of the commits that `--git commit` made of a start's unit. */
  commitsOf(start: number): readonly string[];
  /** Name of the ref under which a repository's files are kept after a start. */
  refOf(repo: string, start: number): string;
}

/** The agent's start whose unit an event may complete: by its own end, by its last gate, by the commit; null: it completes none. */
export const startDoneBy = (event: JournalEvent): number | null => {
  if (event.type === 'unit.committed') return event.start;
  if (event.type !== 'start.ended') return null;
  if (event.checked) return event.checked.outcome.kind === 'completed' ? event.checked.start : null;
  return event.outcome.kind === 'completed' ? event.n : null;
};

/**
 * The checkpoint of the unit that a start has just completed, or null: nothing is done by it, or its commit is not made yet. `state`: as
 * it was right then, so that a unit that has begun since is not in it. What it says of git is what the journal says; nothing is asked.
 * Its `id` has still to be made unique.
 */
export const automaticCheckpoint = (state: State, facts: AutomaticFacts): Checkpoint | null => {
  const { start: n } = facts;
  const atMs = Math.max(...[...state.done.values()].filter(done => done.start === n).map(done => done.atMs));
  const { git: mode } = state.run?.policy ?? {};
  if (mode === 'commit' && state.toCommit.some(({ start }) => start === n)) return null;
  const start = state.starts.find(one => one.n === n);
  if (!start || !Number.isFinite(atMs)) return null;
  const title = state.plan?.units.find(unit => unit.id === start.unit)?.title;
  const note = start.tree.after && committed(start.tree.after, facts.commitsOf(n));
  const kept = mode === 'check' || mode === 'commit' ? (start.tree.after?.repos ?? []) : [];
  const made = checkpointOf(state, {
    id: checkpointId(atMs),
    kind: 'automatic',
    atMs,
    project: facts.project,
    spec: facts.spec,
    description: `unit ${start.unit} done${title === undefined ? '' : `: ${title}`}`,
    note: null,
    git: checkpointGit(note),
    trees: kept.map(({ path }) => ({ repo: path, ref: facts.refOf(path, n), commit: null })),
    start: n,
    seq: state.seq,
  });
  return { ...made, verification: gatesOf(start) };
};

/** Where HEAD is once a unit is committed. Of several repositories nobody has written down which commit is whose. */
const committed = (note: TreeNote, commits: readonly string[]): TreeNote => {
  const [repo] = note.repos;
  if (!repo || note.repos.length !== 1 || commits.length !== 1) return note;
  return { ...note, repos: [{ ...repo, head: commits[0]!, dirty: 0 }] };
};

/** The id of an instant; `k` counts those of the same second from 1. */
export const checkpointId = (atMs: number, k = 1): string => {
  const [date, time] = new Date(atMs).toISOString().replace(/\..*$/, '').replaceAll(/[-:]/g, '').split('T');
  return `chk-${date}-${time}${k > 1 ? `-${k}` : ''}`;
};

/** `{id: 'chk-20260101-000000-2'}` comes after `-1` and before `-10`; null: it is no id. */
export const checkpointOrder = (id: string): string | null => {
  const [, stamp, k = '1'] = /^chk-(\d{8}-\d{6})(?:-([1-9]\d{0,3}))?$/.exec(id) ?? [];
  return stamp === undefined ? null : `${stamp}-${k.padStart(4, '0')}`;
};

/** Ids of those that are beyond the newest `keep` of their kind. `known`: newest first. */
export const surplus = (known: readonly { id: string; kind: CheckpointKind }[], keep: number): string[] => {
  const seen: Record<CheckpointKind, number> = { automatic: 0, saved: 0, safety: 0 };
  return known.filter(({ kind }) => ++seen[kind] > keep).map(({ id }) => id);
};

/**
 * Refs that no checkpoint names. `recent`: kept around a start of the last ten units, they stay; `unneeded`: of older starts, or kept
 * for a checkpoint that is gone. `known`: all checkpoints.
 */
export const refsByNeed = <Ref extends { ref: string; start: number; moment: KeptMoment }>(
  refs: readonly Ref[],
  known: readonly Pick<Checkpoint, 'trees'>[],
  state: Pick<State, 'starts' | 'open'>,
): { unneeded: Ref[]; recent: Ref[] } => {
  const named = new Set(known.flatMap(({ trees = [] }) => trees.map(({ ref }) => ref)));
  const units = new Set<string>();
  let from = Number.POSITIVE_INFINITY;
  for (let k = state.starts.length - 1; k >= 0; k--) {
    const { unit, n } = state.starts[k]!;
    if (unit !== null) units.add(unit);
    if (units.size > defaults.unitsWithTrees) break;
    from = n;
  }
  const unnamed = refs.filter(({ ref }) => !named.has(ref));
  const isRecent = ({ moment, start }: Ref) => (moment === 'before' || moment === 'after') && start >= from;
  return { unneeded: unnamed.filter(one => !isRecent(one)), recent: unnamed.filter(isRecent) };
};
