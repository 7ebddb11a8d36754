// Tasks that a job took out of the task file before they were done: nobody has said that they are not wanted any more.
import { leavesOf } from './follow-titles.ts';
import type { Leaf, Plan } from './plan-types.ts';
import type { LeafAgain } from './read-again.ts';
import { notice } from './records.ts';
import type { State } from './state.ts';

/**
 * Folds which tasks of the last plan are gone from the new one: nobody knows them again, nor a part of theirs. What a person takes out
 * while no job runs is theirs to take. One that comes back, or has become done, is none of them.
 */
export const foldVanished = (
  state: State,
  { before, plan, leaves }: { before: Plan; plan: Plan; leaves: readonly LeafAgain[] },
): void => {
  const isHere = lookUp(plan, leaves);
  const done = new Set([...state.done.values()].map(({ titleHash }) => titleHash));
  for (const [title, leaf] of state.vanished) if (isHere(leaf) || done.has(title)) state.vanished.delete(title);
  if (!state.fileUnread) return;
  const skipped = new Set(
    before.units
      .filter(({ id, title }) => (state.awayUnits.get(title) ?? state.units.get(id))?.standing.kind === 'skipped')
      .flatMap(({ leaves }) => leaves),
  );
  for (const leaf of leavesOf(before).values()) {
    if (isHere(leaf, true) || done.has(leaf.titleHash) || skipped.has(leaf)) continue;
    state.vanished.set(leaf.titleHash, leaf);
    notice(state, `task ${leaf.id} was taken out of the task file while a job ran, and was not done: ${leaf.title}`);
  }
  noteRewritten(state, { before, plan, leaves });
};

/** It goes on as it is written now; but whoever counts on what they wrote must hear of it. */
const noteRewritten = (
  state: State,
  { before, plan, leaves }: { before: Plan; plan: Plan; leaves: readonly LeafAgain[] },
): void => {
  const [old, now] = [leavesOf(before), leavesOf(plan)];
  for (const { leaf, was, by } of leaves) {
    const [then, here] = [was?.as && by !== 'title' ? old.get(was.as.id) : undefined, now.get(leaf.id)];
    if (!then || !here || then.titleHash === here.titleHash || state.done.has(leaf.id)) continue;
    notice(state, `task ${here.id} was put in other words while a job ran: ${cut(then.title)} → ${cut(here.title)}`);
  }
};

const cut = (title: string): string => JSON.stringify(title.slice(0, 80));

/** Why it is not all done, or null. */
export const vanishedText = ({ vanished }: State): string | null => {
  if (vanished.size === 0) return null;
  const names = [...vanished.values()].map(({ id, title }) => `${id} ${title.slice(0, 80)}`);
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const [was, them] = names.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${names.slice(0, 5).join('; ')}${more} ${was} taken out of the task file while a job ran, and ${was} not done: put ${them} back, or seqrun resume goes on without ${them}`;
};

/**
 * Whether a plan still speaks of a leaf, which `before` may have been in the plan before. What has been made optional since is not to
 * be done any more.
 */
const lookUp = (plan: Plan, leaves: readonly LeafAgain[]): ((leaf: Leaf, before?: boolean) => boolean) => {
  const left = new Set(plan.skipped.filter(({ because }) => because === 'optional').map(({ id }) => id));
  const optional = new Set<string>();
  const titles = new Set<string>();
  const known = new Set<string>();
  /** Of what has come in, with the numbers above it: it was put back in other words, or cut into parts. */
  const ids = new Set<string>();
  for (const { leaf, was } of leaves) {
    if (left.has(leaf.id)) {
      optional.add(leaf.titleHash);
      continue;
    }
    titles.add(leaf.titleHash);
    if (was?.as) known.add(was.as.id);
    else for (let at = leaf.id; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) ids.add(at);
  }
  return (leaf, before = false) =>
    titles.has(leaf.titleHash) ||
    ids.has(leaf.id) ||
    (before && known.has(leaf.id)) ||
    (leaf.optional && optional.has(leaf.titleHash));
};
