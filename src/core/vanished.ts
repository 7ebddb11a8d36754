// Tasks that a job took out of the task file before they were done: nobody has said that they are not wanted any more.
import { leavesOf } from './follow-titles.ts';
import type { Leaf, Plan } from './plan-types.ts';
import { notice } from './records.ts';
import type { State } from './state.ts';

/**
 * Folds which tasks of the last plan are gone from the new one: neither their number nor their title is there, nor a part of theirs.
 * What a person takes out while no job runs is theirs to take. One that comes back, or has become done, is none of them.
 */
export const foldVanished = (state: State, before: Plan, plan: Plan): void => {
  const isHere = lookUp(plan);
  for (const [id, leaf] of state.vanished) if (isHere(leaf) || state.done.has(id)) state.vanished.delete(id);
  if (!state.fileUnread) return;
  const skipped = new Set(
    before.units.filter(({ id }) => state.units.get(id)?.standing.kind === 'skipped').flatMap(({ leaves }) => leaves),
  );
  for (const leaf of leavesOf(before).values()) {
    if (isHere(leaf) || state.done.has(leaf.id) || skipped.has(leaf)) continue;
    state.vanished.set(leaf.id, leaf);
    notice(state, `task ${leaf.id} was taken out of the task file while a job ran, and was not done: ${leaf.title}`);
  }
};

/** Why it is not all done, or null. */
export const vanishedText = ({ vanished }: State): string | null => {
  if (vanished.size === 0) return null;
  const names = [...vanished.values()].map(({ id, title }) => `${id} ${title.slice(0, 80)}`);
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const [was, them] = names.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${names.slice(0, 5).join('; ')}${more} ${was} taken out of the task file while a job ran, and ${was} not done: put ${them} back, or seqrun resume goes on without ${them}`;
};

/** Whether a plan still speaks of a leaf. What has been made optional since is not to be done any more. */
const lookUp = (plan: Plan): ((leaf: Leaf) => boolean) => {
  const ids = new Set<string>();
  const titles = new Set<string>();
  for (const { id, titleHash } of leavesOf(plan).values()) {
    titles.add(titleHash);
    for (let at = id; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) ids.add(at);
  }
  const optional = new Set<string>();
  for (const { id, because, leaves = [] } of plan.skipped) {
    if (because === 'optional') optional.add(id);
    else for (const one of [id, ...leaves]) ids.add(one);
  }
  return leaf => ids.has(leaf.id) || titles.has(leaf.titleHash) || (leaf.optional && optional.has(leaf.id));
};
