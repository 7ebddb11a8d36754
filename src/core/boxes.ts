// What a changed tick in tasks.md means: done by hand, an agent's claim, or a dispute.

import type { BoxChanges } from './events.ts';
import type { Plan } from './plan-types.ts';
import { keepReading, type LeafAgain, readAgain } from './read-again.ts';
import { claimNotice, complete, notice, titleHashOf } from './records.ts';
import type { State } from './state.ts';

/**
 * Folds ticks that were read while no job was open. New ticks count as done by hand, unless they were claimed by an
 * agent before, or may have been made while a job was open (`tickedUnread`). An opened box of a completed task is a dispute:
 * a person must say accept or reset. `unsure`: nobody knows who has made the ticks.
 */
export const foldBoxes = (state: State, changes: BoxChanges, atMs: number, { unsure } = { unsure: false }): void => {
  for (const id of changes.ticked) {
    state.ticked.add(id);
    if (state.done.has(id)) {
      state.disputed.delete(id);
      continue;
    }
    if (state.tickedUnread || unsure) claim(state, id, null);
    else if (state.claimed.has(id)) noticeClaim(state, id);
    else complete(state, id, 'hand', atMs, null);
  }
  for (const id of changes.opened) {
    state.ticked.delete(id);
    state.reopened.delete(id);
    if (!state.done.has(id)) continue;
    if (state.tickedUnread) notice(state, `the box of ${id} was opened while a job ran: ticked again`);
    else if (isInFile(state.plan, id)) state.disputed.add(id);
  }
  state.tickedUnread = false;
};

/**
 * What of a new plan's ticks is news. `doubtful`: ticks at words that were never read, where a claim went away with the words of its
 * task: they may be that claim. Called while the state has the numbers of the plan before.
 */
export const newTicks = (
  state: State,
  leaves: readonly LeafAgain[],
): BoxChanges & { doubtful: readonly LeafAgain['leaf'][] } => {
  const still = new Set(leaves.flatMap(({ was, ticked }) => (was && ticked ? [was.id] : [])));
  const titles = new Set(leaves.map(({ leaf }) => leaf.titleHash));
  const isLost = state.leaves.some(
    ({ id, as, titleHash }) =>
      state.ticked.has(id) && !still.has(id) && !titles.has(titleHash) && !(as && state.done.has(as.id)),
  );
  const ticked = leaves.filter(one => one.ticked && !one.wasTicked);
  return {
    ticked: ticked.map(({ leaf }) => leaf.id),
    opened: leaves.filter(one => !one.ticked && one.wasTicked).map(({ leaf }) => leaf.id),
    doubtful: isLost ? ticked.filter(({ was }) => !was).map(({ leaf }) => leaf) : [],
  };
};

/** Without a box in the file nobody can have opened one. What a selection leaves out is there, too. */
const isInFile = (plan: Plan | null, id: string): boolean =>
  (plan?.units.some(unit => unit.leaves.some(leaf => leaf.id === id)) ?? false) ||
  (plan?.skipped.some(skip => skip.id === id || skip.leaves?.includes(id)) ?? false);

/** Folds ticks that changed while a job was open: an agent's claims, never done by themselves. */
export const foldClaims = (state: State, changes: BoxChanges | null, unitTasks: ReadonlySet<string>): void => {
  if (changes === null) {
    state.tickedUnread = true;
    return;
  }
  if (typeof changes.seen === 'object') {
    foldSeen(state, changes.seen, unitTasks);
    return;
  }
  for (const id of changes.ticked) {
    state.ticked.add(id);
    if (!state.done.has(id)) claim(state, id, unitTasks, changes.titles?.[id]);
  }
  for (const [id, hash] of Object.entries(changes.titles ?? {})) {
    if (state.claimed.has(id)) state.claimedTitles.set(hash, id);
  }
  for (const id of changes.opened) {
    state.ticked.delete(id);
    opened(state, id);
  }
  if (changes.seen === undefined) state.byNumber = true;
};

/** The file has other tasks than the plan: what the state knows of them keeps the plan's numbers until there is a new one. */
const foldSeen = (
  state: State,
  seen: Exclude<BoxChanges['seen'], string | undefined>,
  unitTasks: ReadonlySet<string>,
): void => {
  const leaves = readAgain(state, seen.leaves, new Set(seen.ticked));
  for (const { leaf, was, by, ticked, wasTicked } of leaves) {
    const as = was?.as?.id ?? null;
    if (as !== null && by !== 'title' && state.claimed.has(as)) state.claimedTitles.set(leaf.titleHash, as);
    if (ticked && !wasTicked) {
      if (as === null) {
        state.claimedTitles.set(leaf.titleHash, leaf.id);
        noticeClaim(state, leaf.id);
      } else if (!state.done.has(as)) claim(state, as, unitTasks, leaf.titleHash);
    } else if (as !== null && wasTicked && !ticked) opened(state, as);
  }
  keepReading(state, { leaves, ticked: seen.ticked, planned: false });
};

const opened = (state: State, id: string): void => {
  state.reopened.delete(id);
  if (state.done.has(id)) notice(state, `the box of ${id} was opened while a job ran: ticked again`);
};

/** `title`: hash of what stands there now, where that is known; the plan may be older than a job that renumbers. */
const claim = (state: State, id: string, unitTasks: ReadonlySet<string> | null, title?: string): void => {
  rememberClaim(state, id, title ?? titleHashOf(state, id));
  if (!unitTasks?.has(id)) noticeClaim(state, id);
};

/** From now on its tick is no news by hand. `hash`: of its title; '' = not known. */
export const rememberClaim = (state: State, id: string, hash: string): void => {
  state.claimed.add(id);
  if (hash !== '') state.claimedTitles.set(hash, id);
};

const noticeClaim = (state: State, id: string): void => notice(state, claimNotice(id));
