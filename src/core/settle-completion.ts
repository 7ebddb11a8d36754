// What it means that a unit has all its evidence: its leaves are done, and who has still to look at it.
import { isSuspiciouslyGreen, redOtherwise } from './check.ts';
import { closingWish } from './closing-wish.ts';
import type { DoneSignal } from './events.ts';
import type { Leaf, Unit } from './plan-types.ts';
import { complete, notice, otherTitleWords, titleHashOf, unitRecord } from './records.ts';
import { remainingBefore, remainingWords } from './remaining.ts';
import { askAgain } from './settle-unit.ts';
import type { Review, StartRecord, State } from './state.ts';
import { count } from './words.ts';

/** Counts the unit as done by that start; unless a person has asked for more meanwhile: then it goes on. */
export const completeUnit = (
  state: State,
  {
    id,
    given,
    start,
    signal,
    atMs,
  }: {
    id: string;
    /** The unit as that start was given it: the file may say something else by now. */
    given: Unit | undefined;
    start: StartRecord;
    signal: DoneSignal | null;
    atMs: number;
  },
): void => {
  const { policy } = state.run!;
  const record = unitRecord(state, id);
  if (record.asked.length > 0) {
    askAgain(record, { atMs, session: policy.resumable.includes(start.agent) ? start.session : null });
    return;
  }
  record.standing = { kind: 'fresh' };
  record.failure = null;
  for (const leaf of given?.leaves ?? []) completeLeaf(state, leaf, atMs, start.n);
  const because = reviewReason(state, given, start);
  record.review = because === null ? null : { kind: 'open', because, atMs };
  if (policy.git === 'commit') state.toCommit.push({ unit: id, start: start.n, atMs });
  if (signal === 'COMPLETE') noticeIfUnitsLeft(state);
};

/** A leaf as the agent was given it, under the number that it has now: done only if no other words stand there. */
const completeLeaf = (state: State, { id, titleHash }: Leaf, atMs: number, start: number): void => {
  const here = titleHashOf(state, id);
  if (here === titleHash || here === '') complete(state, id, 'agent', atMs, start, titleHash);
  else notice(state, `${otherTitleWords(id)}its agent was given it: not done`);
};

/** Why a person should look at a completed unit, or null. */
const reviewReason = (state: State, unit: Unit | undefined, start: StartRecord): Review['because'] => {
  const { policy } = state.run!;
  if (policy.review === 'all') return 'every unit is reviewed (--review)';
  if (policy.review === 'checkpoints' && unit?.checkpoint) return 'it is a checkpoint (--stop-at-checkpoints)';
  if (isSuspiciouslyGreen(unit, start.gates)) {
    return 'it was to leave a failing test behind, and every gate passes: does its test show the bug?';
  }
  const other = redOtherwise(start.gates);
  if (other) {
    return `gate ${other.name} is red in another way than after unit ${other.unlike}: does it still fail for the bug alone?`;
  }
  const before = remainingBefore(state, start);
  if (before.length > 0) return `${remainingWords}: ${before.join('; ').slice(0, 500)}`;
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
      `the agent said COMPLETE, but ${count(left.length, 'unit is', 'units are')} left (${left
        .slice(0, 5)
        .map(unit => unit.id)
        .join(', ')}): going on`,
    );
  }
};
