// What a changed tick in tasks.md means: done by hand, an agent's claim, or a dispute.

import type { BoxChanges } from './events.ts';
import type { Plan } from './plan-types.ts';
import { claimNotice, complete, notice, titleHashOf } from './records.ts';
import type { State } from './state.ts';

/**
 * Folds ticks that were read while no job was open. New ticks count as done by hand, unless they were claimed by an
 * agent before, or may have been made while a job was open (`tickedUnread`). An opened box of a completed task is a dispute:
 * a person must say accept or reset.
 */
export const foldBoxes = (state: State, changes: BoxChanges, atMs: number): void => {
  for (const id of changes.ticked) {
    state.ticked.add(id);
    if (state.done.has(id)) {
      state.disputed.delete(id);
      continue;
    }
    if (state.tickedUnread) claim(state, id, null);
    else if (isClaimed(state, id)) noticeClaim(state, id);
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
  for (const id of changes.ticked) {
    state.ticked.add(id);
    if (!state.done.has(id)) claim(state, id, unitTasks, changes.titles?.[id]);
  }
  for (const [id, hash] of Object.entries(changes.titles ?? {})) {
    if (state.claimed.has(id)) state.claimedTitles.set(hash, id);
  }
  for (const id of changes.opened) {
    state.ticked.delete(id);
    state.reopened.delete(id);
    if (state.done.has(id)) notice(state, `the box of ${id} was opened while a job ran: ticked again`);
  }
};

/** A claim holds for its id, and for its title when the file was renumbered since. */
const isClaimed = (state: State, id: string): boolean => {
  if (state.claimed.has(id)) return true;
  const hash = titleHashOf(state.plan, id);
  const claimedAs = hash === '' ? undefined : state.claimedTitles.get(hash);
  return claimedAs !== undefined && titleHashOf(state.plan, claimedAs) !== hash;
};

/** `title`: hash of what stands there now, where that is known; the plan may be older than a job that renumbers. */
const claim = (state: State, id: string, unitTasks: ReadonlySet<string> | null, title?: string): void => {
  state.claimed.add(id);
  const hash = title ?? titleHashOf(state.plan, id);
  if (hash !== '') state.claimedTitles.set(hash, id);
  if (!unitTasks?.has(id)) noticeClaim(state, id);
};

const noticeClaim = (state: State, id: string): void => notice(state, claimNotice(id));
