// What a limited start means for its agent: closed until when, and when waiting makes no sense any more.
import { limitUntilMs } from './backoff.ts';
import { defaults } from './defaults.ts';
import type { JournalEvent, Outcome } from './events.ts';
import type { OpenStart, State } from './state.ts';

type Ended = JournalEvent & { type: 'start.ended' };

/** Closes the agent of a limited start; ends the run where a bound is reached. */
export const closeAgent = (
  state: State,
  open: OpenStart,
  event: Ended,
  { because: how, resetAtMs, window }: Extract<Outcome, { kind: 'limited' }>,
): void => {
  state.limitedInRow = event.worked ? 1 : state.limitedInRow + 1;
  state.limitedInAll++;
  const untilMs = limitUntilMs({
    nowMs: event.atMs,
    resetAtMs,
    marginMs: state.run!.policy.limitMarginMs,
    inRow: state.limitedInRow,
    inAll: state.limitedInAll,
  });
  const told = resetAtMs === null ? 'reset unknown' : `resets ${new Date(resetAtMs).toISOString()}`;
  state.limits.set(open.agent, {
    untilMs,
    because: `${open.agent} is limited (${window ?? (how === 'silent_wait' ? 'it waited in silence' : 'usage')}, ${told})`,
    window,
  });
  const because = boundOfLimits(state, open.agent, untilMs - event.atMs, told);
  if (because !== null) state.mustEnd = { end: 'limit_bound', exit: 4, because };
};

/** Why waiting for a limit makes no sense any more, or null. */
const boundOfLimits = (state: State, agent: string, waitMs: number, told: string): string | null => {
  if (state.limitedInRow >= defaults.limitedInRowMax) {
    return `${agent} was limited ${state.limitedInRow} times in a row without any work in between`;
  }
  if (state.limitedInAll >= defaults.limitedInAllMax) {
    return `${agent} was limited ${state.limitedInAll} times in a row: each time it worked a little, and no unit came to an end`;
  }
  if (waitMs > defaults.limitWaitMaxMs) return `${agent} is limited for longer than a run waits (${told})`;
  return null;
};
