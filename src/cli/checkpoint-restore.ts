// `seqrun checkpoint restore`: goes back to a checkpoint. First everything is looked at, then a safety copy, the state, the files.

import { type Checkpoints, openSpecCheckpoints } from '../compose/checkpoints.ts';
import { readJournal } from '../compose/look.ts';
import type { Checkpoint } from '../core/checkpoint.ts';
import {
  gitDifferences,
  type Kept,
  type OwnCommits,
  ownCommits,
  type Recheck,
  recheck,
  restoredEvent,
} from '../core/checkpoint-recheck.ts';
import { defaults } from '../core/defaults.ts';
import type { JournalEvent } from '../core/events.ts';
import { hashTitle } from '../core/hash.ts';
import { leafTasks } from '../core/leaves.ts';
import type { Unit } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import type { KeptTree, RepoState } from '../core/tree.ts';
import type { TypedWord } from '../core/typed-word.ts';
import { unitProgress } from '../core/units.ts';
import { checkpointNow, isGitOff, openStartFailure } from './checkpoint-now.ts';
import { fileLines, headLines, stateLines } from './checkpoint-view.ts';
import { bringUpToDate } from './command-io.ts';
import { type Failure, usageFailure } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { findCheckpoint } from './find-checkpoint.ts';
import type { CheckpointRequest, Intention } from './intention.ts';
import { localTimes } from './local-time.ts';
import { lookAt } from './look.ts';
import type { Io } from './main.ts';
import { withoutSelection } from './selection-words.ts';
import { bothWords, lookWords } from './spec-words.ts';
import { takeSpec } from './take.ts';
import { openTaskFile } from './task-file.ts';

type Request = Extract<CheckpointRequest, { action: 'restore' }>;

/** Everything that is known before anything is changed. */
interface Prepared {
  checkpoint: Checkpoint;
  /** What of git is not as it was. */
  differences: string[];
  /** Repositories whose HEAD is further on by nothing but commits of units. */
  own: OwnCommits[];
  found: Recheck;
  /** null: the files stay as they are, `because`. */
  trees: KeptTree[] | null;
  because: string;
}

/** 0 = it is as it was; 2 = refused, or not all files could be put back; others as everywhere. Prints everything itself. */
export const restoreCheckpoint = async (intention: Intention, request: Request, io: Io): Promise<number> => {
  const result = await (request.dryRun ? tryOut(intention, request, io) : restore(intention, request, io));
  if (typeof result === 'number') return result;
  io.console.fail(result);
  return result.exit;
};

/** Shows it; changes nothing that anybody would notice (git objects are made, and left to git's own clean-up). */
const tryOut = async (intention: Intention, request: Request, io: Io): Promise<number | Failure> => {
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) return looked;
  const { state, places, workdir, tasksPath } = looked;
  const open = openStartFailure(state, intention);
  if (open) return open;
  const reading = await readJournal(places.journal);
  const events = reading.kind === 'read' ? reading.events : [];
  const checkpoints = openSpecCheckpoints(places, workdir, tasksPath);
  const ready = await prepare(intention, request, io, checkpoints, { state, events });
  if ('exit' in ready) return ready;
  const event = restoredEvent(state, eventParts(ready, ready.found.holds));
  const lines = [...headOf(ready), ...stateLines(state, ready.checkpoint, ready.found, event)];
  if (ready.trees === null) lines.push(`files stay as they are: ${ready.because}`);
  else {
    const kept = await checkpoints.git.keepTree({ spec: 'dry-run', start: 0, moment: 'safety' });
    if (kept.kind === 'unknown') return refusal(`the working tree could not be kept: ${kept.because}`, null);
    const wish = { to: ready.trees, safety: kept.refs, without: [tasksPath] };
    const planned = await checkpoints.git.plannedRestore(wish);
    await checkpoints.git.dropKept(kept.refs);
    if (planned.kind === 'unknown') return refusal(`the files cannot be put back: ${planned.because}`, null);
    lines.push(...fileLines(planned.repos));
  }
  if (intention.settings.json)
    io.console.json({ dry_run: ready.checkpoint.id, differences: ready.differences, lines }, 2);
  else {
    io.console.out(localTimes(`${headline(ready.checkpoint)} would be restored:`));
    for (const line of lines) io.console.out(`  ${line}`);
  }
  return ready.differences.length > 0 && !request.force ? differs(ready, intention) : EXIT.done;
};

const restore = async (intention: Intention, request: Request, io: Io): Promise<number | Failure> => {
  const taken = await takeSpec(intention, io, crypto.randomUUID());
  if ('exit' in taken) return taken;
  try {
    const { state, places, workdir, tasksPath } = taken;
    const open = openStartFailure(state, intention);
    if (open) return open;
    const { publisher, settle } = await bringUpToDate(taken, intention, io);
    const unread = await settle();
    if (unread) return unread;
    const checkpoints = openSpecCheckpoints(places, workdir, tasksPath);
    const ready = await prepare(intention, request, io, checkpoints, { state, events: taken.journal.events });
    if ('exit' in ready) return ready;
    if (ready.differences.length > 0 && !request.force) return differs(ready, intention);

    const { checkpoint, trees, found } = ready;
    const now = isGitOff(intention, state) ? null : await checkpoints.look({ names: true });
    const safety = await checkpoints.add({
      atMs: Date.now(),
      moment: trees === null ? null : 'safety',
      needed: true,
      start: state.lastN,
      of: (id, kept) =>
        checkpointNow(state, taken, {
          id,
          kind: 'safety',
          git: now?.git ?? null,
          note: null,
          trees: kept,
          seq: state.seq,
          description: `before ${checkpoint.id} was restored`,
        }),
    });
    if (!safety.checkpoint) return refusal(`the working tree could not be kept: ${safety.because}`, 'or --state-only');
    const wish = { to: trees ?? [], safety: safety.trees, without: [tasksPath] };
    const planned = await checkpoints.git.plannedRestore(wish);
    if (planned.kind === 'unknown')
      return refusal(`the files cannot be put back: ${planned.because}`, 'or --state-only');
    const head = headOf(ready);
    for (const line of head) io.console.say(line);
    const undo = `seqrun checkpoint restore ${safety.checkpoint.id} ${bothWords(intention, taken.last?.words ?? []).look}`;
    io.console.say(`safety copy: ${safety.checkpoint.id}; the way back: ${undo}`);

    // The state first, but with nothing more done than before: whatever comes in between, nothing counts as done that is not there.
    const all = restoredEvent(state, eventParts(ready, found.holds));
    const lines = [...(intention.settings.json ? head : []), ...stateLines(state, checkpoint, found, all)];
    const staying = trees === null ? found.holds : found.holds.filter(({ id }) => state.done.has(id));
    const first = { ...eventParts(ready, staying), files: trees === null ? null : ('due' as const) };
    await taken.append(restoredEvent(state, first), { flush: 'now' });
    let left: Failure | null = null;
    if (trees !== null) {
      const put = await checkpoints.git.restoreTree(wish);
      const skipped = put.kind === 'restored' ? put.repos.flatMap(one => one.skipped) : [];
      lines.push(...(put.kind === 'restored' ? fileLines(put.repos) : []));
      if (put.kind === 'unknown') left = notAll(put.because, request, intention);
      const whole = put.kind === 'restored' && skipped.length === 0;
      if (put.kind === 'restored' && !whole && staying.length < found.holds.length)
        lines.push(`not done again, since not every file is as it was: ${all.back.join(', ')}`);
      // Only what was put back as a whole is known to the next run: else a person has still to look at the tree.
      const { note: tree } = whole ? await checkpoints.look({ names: false }) : { note: null };
      const last = { ...eventParts(ready, whole ? found.holds : staying), tree };
      await taken.append(restoredEvent(state, { ...last, files: whole ? 'back' : 'partly' }), { flush: 'now' });
    } else lines.push(`files stay as they are: ${ready.because}`);
    await settle();
    await publisher.publish(state);
    checkpoints.store.prune(defaults.checkpointsKept);

    const next = nextUnit(state);
    if (intention.settings.json) {
      io.console.json(
        {
          restored: checkpoint.id,
          safety: safety.checkpoint.id,
          lines,
          next: next?.id ?? null,
          complete: left === null,
        },
        2,
      );
    } else {
      io.console.out(localTimes(`restored ${headline(checkpoint)}`));
      for (const line of lines) io.console.out(`  ${line}`);
      for (const line of nextLines(next, intention, taken.last?.words ?? [])) io.console.out(line);
    }
    return left ?? EXIT.done;
  } finally {
    await taken.release();
  }
};

const eventParts = ({ checkpoint, found, trees }: Prepared, holds: readonly Kept[]) => ({
  id: checkpoint.id,
  was: found.was,
  holds,
  files: trees === null ? null : ('back' as const),
});

const headOf = ({ own, trees }: Prepared): string[] => headLines(own, trees !== null);

/** Looks at the checkpoint, git, the task file and what is kept; nothing is changed. */
const prepare = async (
  intention: Intention,
  request: Request,
  io: Io,
  checkpoints: Checkpoints,
  { state, events }: { state: State; events: readonly JournalEvent[] },
): Promise<Prepared | Failure> => {
  const picked = findCheckpoint(checkpoints.store.list(), request.id);
  if ('exit' in picked) return picked;
  const { checkpoint } = picked;
  const file = await openTaskFile(intention, io.cwd);
  if ('what' in file) return file;
  const leaves = new Map(leafTasks(file.spec).map(task => [task.id, hashTitle(task.title)]));
  const now = checkpoint.git === null ? null : await checkpoints.look({ names: false });
  if (now && now.repos === null && now.because !== null) {
    return refusal(`git does not say what the working tree is like: ${now.because}`, null);
  }
  let trees: KeptTree[] | null = null;
  let because = '--state-only';
  if (!checkpoint.trees) because = 'the checkpoint holds none';
  else if (!request.stateOnly) {
    const found = await checkpoints.find(checkpoint.trees);
    if (found.kind === 'gone') {
      return refusal(
        `the files of ${checkpoint.id} are not kept any more: ${found.because}`,
        `seqrun checkpoint restore ${checkpoint.id} --state-only ${lookWords(intention)}`,
      );
    }
    trees = found.trees;
  }
  const found = recheck(checkpoint, { state, events, leaves, files: trees !== null });
  const repos = now && (now.repos ?? []);
  const own = await ownSince(checkpoint, repos ?? [], events, checkpoints);
  return { checkpoint, differences: gitDifferences(checkpoint.git, repos, own), own, found, trees, because };
};

/** Of the repositories whose HEAD has moved, those where only units were committed. */
const ownSince = async (
  { git }: Checkpoint,
  now: readonly RepoState[],
  events: readonly JournalEvent[],
  checkpoints: Checkpoints,
): Promise<OwnCommits[]> => {
  const own: OwnCommits[] = [];
  for (const { path, head } of git?.repos ?? []) {
    const moved = head !== null && now.some(repo => repo.path === path && repo.head !== head);
    const found = moved ? ownCommits(path, await checkpoints.git.commitsSince(path, head), events) : null;
    if (found) own.push(found);
  }
  return own;
};

const headline = ({ id, timestamp, description, notes }: Checkpoint): string =>
  `${id}, ${timestamp}: ${notes ?? description}`;

const refusal = (what: string, next: string | null): Failure => ({ exit: 2, what, where: null, expected: null, next });

const differs = ({ checkpoint, differences }: Prepared, intention: Intention): Failure => ({
  exit: 2,
  what: `git is not where it was when ${checkpoint.id} was made: ${differences.join('; ')}`,
  where: null,
  expected: 'the same branch and HEAD (go there with git), or --force: HEAD stays, and only files and state go back',
  next: `seqrun checkpoint restore ${checkpoint.id} --force ${lookWords(intention)}`,
});

const notAll = (because: string, { id }: Request, intention: Intention): Failure => ({
  ...usageFailure(`the state went back, but not all files: ${because}`),
  exit: 2,
  next: `the same again: seqrun checkpoint restore ${id} ${lookWords(intention)}`,
});

/** The first unit of the plan that can be run. */
const nextUnit = (state: State): Unit | null =>
  state.plan?.units.find(unit => unitProgress(state, unit).kind === 'ready') ?? null;

const nextLines = (next: Unit | null, intention: Intention, last: readonly TypedWord[]): string[] => {
  if (next === null) return ['nothing is left to be run'];
  // Of the whole plan: a run of what the last call had selected might leave it out.
  return [`next: unit ${next.id} - ${next.title}`, `  seqrun ${bothWords(intention, withoutSelection(last)).run}`];
};
