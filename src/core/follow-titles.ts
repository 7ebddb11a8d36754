// Completions and counters follow their titles when somebody renumbers the task file. Pure.
import type { Leaf, Plan } from './plan-types.ts';
import type { Completion, State } from './state.ts';

/** The leaves of every unit, by id. */
export const leavesOf = (plan: Plan): Map<string, Leaf> =>
  new Map(plan.units.flatMap(unit => unit.leaves.map(leaf => [leaf.id, leaf] as const)));

/**
 * The file was renumbered: a completion goes where its title went, if one leaf and one completion have that title. Otherwise its old
 * id would keep it for another task that stands there ticked, and its own task would be done twice. A box that is open where it is now
 * speaks against it only if a person can have opened it: it was ticked before, and no job has run since. What a selection leaves out is
 * not seen, so then nothing moves. `before` null: only a state file tells of
 * what is done. Changes `state.done` and `state.disputed`.
 */
export const followTitles = (state: State, before: Plan | null, plan: Plan, ticked: ReadonlySet<string>): void => {
  if ((before && isPart(before)) || isPart(plan)) return;
  const [old, now] = [before ? leavesOf(before) : new Map<string, Leaf>(), leavesOf(plan)];
  const left = new Set(plan.skipped.map(({ id }) => id));
  const leafOf = onlyOnes([...now.values()].map(leaf => [leaf.titleHash, leaf.id]));
  const doneOf = onlyOnes([...state.done].map(([id, done]) => [done.titleHash, id]));
  const moves: { from: string; to: string; done: Completion }[] = [];
  for (const [from, done] of state.done) {
    const to = leafOf.get(done.titleHash);
    if (done.titleHash === '' || !to || to === from || doneOf.get(done.titleHash) !== from) continue;
    // Two tasks had that title before: this is the other one.
    if (left.has(from) || old.get(to)?.titleHash === done.titleHash) continue;
    const openedByPerson = !ticked.has(to) && state.ticked.has(from) && !state.fileUnread;
    if (!openedByPerson) moves.push({ from, to, done });
  }
  for (const { from } of moves) {
    state.done.delete(from);
    state.disputed.delete(from);
  }
  for (const { to, done } of moves) state.done.set(to, done);
  // A person has opened its box and taken the task away since: there is nothing left to accept or to reset.
  for (const id of state.disputed) {
    if (now.has(id) || left.has(id)) continue;
    state.disputed.delete(id);
    state.done.delete(id);
  }
};

/** Whether the words of a leaf were another task's: in the plan before, or when that one's box was claimed. */
export const wasAnother = (state: State, before: Plan | null, { id, titleHash }: Leaf): boolean => {
  const claimedAs = state.claimedTitles.get(titleHash);
  if (claimedAs !== undefined && claimedAs !== id) return true;
  return before?.units.some(unit => unit.leaves.some(one => one.titleHash === titleHash && one.id !== id)) ?? false;
};

/**
 * Counters, standings and owners go with the title of their unit, as completions do with those of leaves: an answer to a HALT, or a
 * last attempt, is not meant for the task that has got the number.
 */
export const unitsFollowTitles = (state: State, before: Plan, plan: Plan): void => {
  if (isPart(before) || isPart(plan)) return;
  const old = onlyOnes(before.units.map(unit => [unit.title, unit.id]));
  const now = onlyOnes(plan.units.map(unit => [unit.title, unit.id]));
  const moves = [...old].flatMap(([title, from]) => {
    const to = now.get(title);
    return from !== null && to && to !== from ? [{ from, to }] : [];
  });
  const move = <T>(map: Map<string, T>): void => {
    const values = moves.map(({ from }) => map.get(from));
    for (const { from } of moves) map.delete(from);
    moves.forEach(({ to }, k) => {
      const value = values[k];
      if (value === undefined) map.delete(to);
      else map.set(to, value);
    });
  };
  const displaced = moves.map(({ to }) => to).filter(to => !moves.some(({ from }) => from === to));
  const free = moves.map(({ from }) => from).filter(from => !moves.some(({ to }) => to === from));
  const halted = displaced.map(id => state.units.get(id)).filter(record => record?.standing.kind === 'halted');
  move(state.units);
  move(state.assignments);
  // Its title is gone and its number taken: it waits for a person all the same. Each displaced one has left a number free.
  halted.forEach((record, k) => {
    state.units.set(free[k]!, record!);
  });
};

/** Made from a selection: what is not seen in it may have the same titles. */
const isPart = (plan: Plan): boolean => plan.skipped.some(({ because }) => because === 'not_selected');

/** The ids whose title no other one has; null where several have it. */
const onlyOnes = (pairs: readonly [title: string, id: string][]): Map<string, string | null> => {
  const found = new Map<string, string | null>();
  for (const [title, id] of pairs) found.set(title, found.has(title) ? null : id);
  return found;
};
