// What of a checkpoint still holds when somebody goes back to it, and the event that says so. Pure.
import type { Checkpoint, CheckpointGit } from './checkpoint.ts';
import type { EventBody, JournalEvent } from './events.ts';
import { fold } from './evolve.ts';
import type { Completion, State } from './state.ts';
import type { RepoState, TreeNote } from './tree.ts';
import { isDone } from './units.ts';

export type Restored = Extract<EventBody, { type: 'checkpoint.restored' }>;

/** A leaf that the checkpoint has as done. */
export type Kept = Completion & { id: string };

export interface Recheck {
  /** Done after it: proven then, and nothing speaks against it now. */
  holds: Kept[];
  /** Done then and not after it, with the reason. */
  fails: { id: string; because: string }[];
  /** The state as it was then, when this journal knows it. */
  was: State | null;
}

/** What is known when a checkpoint is looked at again. */
export interface Now {
  state: State;
  /** The journal of `state`, from its beginning. */
  events: readonly JournalEvent[];
  /** Leaves of the task file as it is now: id → hash of the title. */
  leaves: ReadonlyMap<string, string>;
  /** The files go back, too. */
  files: boolean;
}

/**
 * Rechecks what the checkpoint has as done. Its own list is believed nowhere: the journal up to its moment is what proves it. Where that
 * journal is gone, only what is done by the present one may stay.
 */
export const recheck = (checkpoint: Checkpoint, now: Now): Recheck => {
  const { state, events } = now;
  const known = checkpoint.journal !== null && checkpoint.journal === state.journal && checkpoint.seq <= events.length;
  const was = known ? fold(events.slice(0, checkpoint.seq)) : null;
  const result: Recheck = { holds: [], fails: [], was };
  const judge = (id: string, found: Kept | string) => {
    if (typeof found === 'string') result.fails.push({ id, because: found });
    else result.holds.push(found);
  };
  if (was) {
    const idNow = titleFollower(
      [...was.done].map(([id, done]) => ({ id, ...done })),
      now.leaves,
    );
    for (const [id, done] of was.done) judge(id, provenThen({ id, ...done }, idNow, was, now));
  }
  const judged = new Set([...result.holds, ...result.fails].map(({ id }) => id));
  for (const id of listedLeaves(checkpoint, state)) {
    if (judged.has(id)) continue;
    const done = state.done.get(id);
    // Ticked by a person shortly before, and not in the journal yet when the checkpoint was made.
    if (was && !(done?.start === null && done.by !== 'agent')) continue;
    judge(id, done ? stillDone({ id, ...done }, checkpoint, now) : 'the journal that knew it as done is another one');
  }
  return result;
};

const provenThen = (
  done: Kept,
  idNow: (done: Kept) => string | null,
  was: State,
  { state, leaves, files }: Now,
): Kept | string => {
  const id = idNow(done);
  if (id === null) {
    return leaves.has(done.id)
      ? 'the task file has another title there now'
      : 'the task file does not have it any more';
  }
  const start = done.start === null ? null : state.starts.find(one => one.n === done.start);
  if (start === undefined || (start && start.outcome?.kind !== 'completed')) {
    return `start ${done.start}, which completed it, is not recorded as completed`;
  }
  const present = state.done.get(id);
  if (files) return { ...done, id };
  // The files stay, and so does what was proven of them since.
  if (present) return { id, ...present };
  const later = state.starts.find(
    one => one.n > was.lastN && one.kind === 'agent' && one.unit !== null && one.unit === unitOf(state, id),
  );
  return later ? `start ${later.n} has worked on it since, and the files stay as they are` : { ...done, id };
};

const stillDone = (done: Kept, checkpoint: Checkpoint, { state, leaves, files }: Now): Kept | string => {
  if (!leaves.has(done.id)) return 'the task file does not have it any more';
  const start = state.starts.find(one => one.n === done.start);
  const later = start !== undefined && start.intendedAtMs > Date.parse(checkpoint.timestamp);
  return later && files ? `start ${start.n}, which completed it, came after the checkpoint` : done;
};

/** The leaf that has a completion's title now: under the same id, or, when it alone has it, under another one. */
const titleFollower = (all: readonly Kept[], leaves: ReadonlyMap<string, string>): ((done: Kept) => string | null) => {
  const idsOf = new Map<string, string[]>();
  for (const [id, hash] of leaves) idsOf.set(hash, [...(idsOf.get(hash) ?? []), id]);
  const times = new Map<string, number>();
  for (const { titleHash } of all) times.set(titleHash, (times.get(titleHash) ?? 0) + 1);
  return ({ id, titleHash }) => {
    if (leaves.get(id) === titleHash || (titleHash === '' && leaves.has(id))) return id;
    const [only, ...others] = idsOf.get(titleHash) ?? [];
    return only !== undefined && others.length === 0 && times.get(titleHash) === 1 ? only : null;
  };
};

/** The leaves that the checkpoint itself names as done, by their units where it names only those. */
const listedLeaves = (checkpoint: Checkpoint, state: State): Set<string> => {
  const units = new Set(checkpoint.todos.completed);
  const leaves = (state.plan?.units ?? []).filter(({ id }) => units.has(id)).flatMap(unit => unit.leaves);
  return new Set([...leaves.map(({ id }) => id), ...Object.keys(checkpoint.state?.title_hashes ?? {})]);
};

const unitOf = (state: State, leaf: string): string | null =>
  state.plan?.units.find(unit => unit.leaves.some(({ id }) => id === leaf))?.id ?? null;

/** The event that makes exactly these leaves done. `files`: what of them is back; null: they stay as they are. `tree`: as they are then. */
export const restoredEvent = (
  state: State,
  {
    id,
    was,
    holds,
    files,
    tree = null,
  }: {
    id: string;
    was: State | null;
    holds: readonly Kept[];
    files: NonNullable<Restored['files']> | null;
    tree?: TreeNote | null;
  },
): Restored => {
  const kept = new Set(holds.map(one => one.id));
  const units = state.plan?.units ?? [];
  const isKept = (unit: (typeof units)[number]) => unit.leaves.every(leaf => kept.has(leaf.id));
  // A unit that a person left out stays left out: `retry` takes it in again.
  const again = units.filter(
    unit => !isKept(unit) && state.units.has(unit.id) && state.units.get(unit.id)!.standing.kind !== 'skipped',
  );
  const back = units.filter(unit => isKept(unit) && !isDone(state, unit));
  const reviews = back.flatMap(unit => {
    const review = was?.units.get(unit.id)?.review;
    return review ? [[unit.id, review] as const] : [];
  });
  return {
    type: 'checkpoint.restored',
    id,
    completed: [...holds],
    again: again.map(unit => unit.id),
    back: back.map(unit => unit.id),
    reviews: Object.fromEntries(reviews),
    // Which gates are known to be red goes with the files.
    ...(files === null ? {} : { files }),
    ...(tree === null ? {} : { tree }),
    ...(files !== null && was ? { redGates: [...was.redGates].map(([command, red]) => ({ command, ...red })) } : {}),
  };
};

/** Commits of completed units that a repository has had since a checkpoint, and nothing else: its HEAD may stay where it is. */
export interface OwnCommits {
  repo: string;
  count: number;
  /** Whose they are, oldest first. */
  units: string[];
}

/** Those commits, if there are some and each is one that the journal says seqrun made; else null. `since`: newest first. */
export const ownCommits = (
  repo: string,
  since: readonly string[] | null,
  events: readonly JournalEvent[],
): OwnCommits | null => {
  if (since === null || since.length === 0) return null;
  const made = events.flatMap(event => (event.type === 'unit.committed' ? [event] : []));
  const mine = new Set(made.flatMap(({ commits }) => commits));
  if (!since.every(sha => mine.has(sha))) return null;
  const units = made.filter(({ commits }) => commits.some(sha => since.includes(sha))).map(({ unit }) => unit);
  return { repo, count: since.length, units: [...new Set(units)] };
};

/** What of git is not as it was, one line each; empty: nothing. `own`: what of it seqrun itself has done. */
export const gitDifferences = (
  was: CheckpointGit | null,
  now: readonly RepoState[] | null,
  own: readonly OwnCommits[] = [],
): string[] => {
  if (was === null || now === null) return [];
  const lines: string[] = [];
  const add = (repo: string, words: string) => lines.push(repo === '.' ? words : `${repo}: ${words}`);
  for (const repo of was.repos) {
    const found = now.find(one => one.path === repo.path);
    if (!found) {
      add(repo.path, 'there is no repository any more');
      continue;
    }
    if (found.busy !== null) add(repo.path, `git is in the middle of a ${found.busy}`);
    if (found.branch !== repo.branch)
      add(repo.path, `on ${branchWords(found.branch)}, it was on ${branchWords(repo.branch)}`);
    const stays = found.head === repo.head || own.some(one => one.repo === repo.path);
    if (!stays) add(repo.path, `HEAD is ${shaWords(found.head)}, it was ${shaWords(repo.head)}`);
  }
  for (const { path } of now) {
    if (!was.repos.some(repo => repo.path === path)) add(path, 'there was no repository');
  }
  return lines;
};

const branchWords = (branch: string | null): string => (branch === null ? 'no branch' : `branch ${branch}`);
const shaWords = (sha: string | null): string => (sha === null ? 'no commit' : sha.slice(0, 12));
