// What the end of an assignment job means: who owns which unit.
import { defaults } from './defaults.ts';
import type { JournalEvent } from './events.ts';
import { notice } from './records.ts';
import type { OpenStart, State } from './state.ts';

type Ended = JournalEvent & { type: 'start.ended' };

/** Folds the answer, or what became of the question; units without an answer fall back to the backend. */
export const settleAssignment = (state: State, open: OpenStart, event: Ended): void => {
  const { outcome } = event;
  // Cut off by a limit, a person or the world: nothing was decided, it is asked again.
  if (outcome.kind === 'limited') return;
  if (outcome.kind === 'interrupted' && (outcome.by === 'person' || cutOffInRow(state) < defaults.interruptedMax))
    return;
  const given = outcome.kind === 'assigned' ? outcome.assignments : {};
  const reason =
    outcome.kind === 'assigned'
      ? 'not in the answer'
      : outcome.kind === 'unassigned'
        ? outcome.reason
        : outcome.kind === 'interrupted'
          ? `the assignment was cut off ${defaults.interruptedMax} times by something outside seqrun`
          : `assignment ${outcome.kind}`;
  const fallbacks: string[] = [];
  for (const unit of open.units) {
    if (state.assignments.get(unit)?.source === 'user') continue;
    const answer = given[unit];
    if (answer) state.assignments.set(unit, { ...answer, source: 'llm', reason: null });
    else {
      state.assignments.set(unit, { type: 'code', owner: state.run!.policy.backend, source: 'fallback', reason });
      fallbacks.push(unit);
    }
  }
  if (fallbacks.length > 0) {
    notice(state, `assignment of ${fallbacks.join(', ')} fell back to ${state.run!.policy.backend}: ${reason}`);
  }
};

/** Assignments that the world cut off since the last one that ended otherwise (or since an agent worked), limited ones left out. */
const cutOffInRow = (state: State): number => {
  let inRow = 0;
  for (let k = state.starts.length - 1; k >= 0; k--) {
    const { kind, outcome } = state.starts[k]!;
    if (kind === 'assign' && outcome?.kind === 'limited') continue;
    if (kind !== 'assign' || outcome?.kind !== 'interrupted' || outcome.by !== 'world') break;
    inRow++;
  }
  return inRow;
};
