// What it means that a unit has all its evidence: its leaves are done, and who has still to look at it.
import { isSuspiciouslyGreen } from './check.ts';
import { closingWish } from './closing-wish.ts';
import type { DoneSignal } from './events.ts';
import { complete, notice, unitRecord } from './records.ts';
import { askAgain } from './settle-unit.ts';
import type { Review, StartRecord, State } from './state.ts';

/** Counts the unit as done by that start; unless a person has asked for more meanwhile: then it goes on. */
export const completeUnit = (
  state: State,
  id: string,
  start: StartRecord,
  signal: DoneSignal | null,
  atMs: number,
): void => {
  const { policy } = state.run!;
  const record = unitRecord(state, id);
  if (record.asked.length > 0) {
    askAgain(record, { atMs, session: policy.resumable.includes(start.agent) ? start.session : null });
    return;
  }
  const unit = state.plan?.units.find(one => one.id === id);
  record.standing = { kind: 'fresh' };
  record.failure = null;
  for (const leaf of unit?.leaves ?? []) complete(state, leaf.id, 'agent', atMs, start.n);
  const because = reviewReason(state, id, start);
  record.review = because === null ? null : { kind: 'open', because, atMs };
  if (policy.git === 'commit') state.toCommit.push({ unit: id, start: start.n });
  if (signal === 'COMPLETE') noticeIfUnitsLeft(state);
};

/** Why a person should look at a completed unit, or null. */
const reviewReason = (state: State, id: string, start: StartRecord): Review['because'] => {
  const { policy } = state.run!;
  const unit = state.plan?.units.find(one => one.id === id);
  if (policy.review === 'all') return 'every unit is reviewed (--review)';
  if (policy.review === 'checkpoints' && unit?.checkpoint) return 'it is a checkpoint (--stop-at-checkpoints)';
  if (isSuspiciouslyGreen(unit, start.gates)) {
    return 'it was to leave a failing test behind, and every gate passes: does its test show the bug?';
  }
  if (start.closing && closingWish(start.closing).kind === 'review') {
    const { remaining } = start.closing;
    return remaining.length > 0
      ? `the agent names what remains: ${remaining.join('; ').slice(0, 500)}`
      : 'the agent asks for a review';
  }
  return null;
};

const noticeIfUnitsLeft = (state: State): void => {
  const left = (state.plan?.units ?? []).filter(unit => unit.leaves.some(leaf => !state.done.has(leaf.id)));
  if (left.length > 0) {
    notice(
      state,
      `the agent said COMPLETE, but ${left.length} units are left (${left
        .slice(0, 5)
        .map(unit => unit.id)
        .join(', ')}): going on`,
    );
  }
};
