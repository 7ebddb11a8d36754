// What a rehearsal has played: done in its own run, so that the run comes to its end, and never work.
import type { Unit } from './plan-types.ts';
import type { StartRecord, State } from './state.ts';
import { isDone } from './units.ts';

/** Whether no agent has worked in a start: its script was played. */
export const isRehearsal = ({ agent }: Pick<StartRecord, 'agent'>): boolean => agent === 'rehearsal';

/** Leaves that count as done by the word of a rehearsal, in the order of their completion. Linear in starts and completions. */
export const rehearsedLeaves = ({ starts, done }: Pick<State, 'starts' | 'done'>): Set<string> => {
  const played = new Set(starts.filter(isRehearsal).map(({ n }) => n));
  if (played.size === 0) return new Set();
  return new Set([...done].flatMap(([id, { start }]) => (start !== null && played.has(start) ? [id] : [])));
};

/** Done units of the plan that a rehearsal has completed, or a leaf of them. */
export const rehearsedUnits = (state: State): Unit[] => {
  const leaves = rehearsedLeaves(state);
  if (leaves.size === 0) return [];
  return (state.plan?.units ?? []).filter(unit => isDone(state, unit) && unit.leaves.some(({ id }) => leaves.has(id)));
};
