// What approve and reject refuse: there is nothing to be looked at before a unit is done.
import type { Unit } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import { isDone } from '../core/units.ts';
import { whyUnit } from '../core/why.ts';
import { type Failure, usageFailure } from './errors.ts';
import { localTimes } from './local-time.ts';

/** A failure (64) that says where the unit stands, or null when it is done. */
export const undoneFailure = (state: State, unit: Unit, nowMs: number): Failure | null =>
  isDone(state, unit)
    ? null
    : usageFailure(
        // Whether a run is at work now does not matter to who is refused.
        `there is nothing to look at yet${rejectedBefore(state, unit)}: ${localTimes(whyUnit(state, unit, nowMs, false)[0]!)}`,
        {
          expected: 'a unit that is done',
        },
      );

const rejectedBefore = (state: State, unit: Unit): string => {
  const review = state.units.get(unit.id)?.review;
  return review?.kind === 'rejected' ? ` (rejected before: ${review.because ?? 'without a word'})` : '';
};
