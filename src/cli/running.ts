// What is refused while a unit runs: its end would decide otherwise, and what was confirmed would be lost.
import type { SpecWords } from '../core/handoff.ts';
import type { Unit } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import { beforeWhat } from '../core/words.ts';
import type { Failure } from './errors.ts';

/** A failure (2) when a start of the unit, or of any where it is null, is open: its agent's, or that of a gate of it. */
export const runningFailure = (state: State, unit: Unit | null, words: SpecWords): Failure | null => {
  const { open } = state;
  if (!open || (unit !== null && open.unit !== unit.id)) return null;
  const what = open.unit === null ? `what runs ${beforeWhat(state, open.n)}` : `unit ${open.unit}`;
  return {
    exit: 2,
    what: `${what} is running (start ${open.n})`,
    where: null,
    expected: unit === null ? 'nothing that runs' : 'a unit that does not run now',
    next: `seqrun stop --now ${words.look} first`,
  };
};
