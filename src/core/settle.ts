// What the end of a start means for its unit: counters, and what is to happen next. The heart of "never twice".
import { failureBackoffMs, limitUntilMs } from './backoff.ts';
import { foldClaims } from './boxes.ts';
import { defaults } from './defaults.ts';
import type { FailureClass, JournalEvent, Outcome, StartReason } from './events.ts';
import type { Policy } from './policy.ts';
import { complete, notice, unitRecord } from './records.ts';
import type { OpenStart, State, UnitRecord } from './state.ts';

type Missing = Extract<Outcome, { kind: 'unconfirmed' }>['missing'];
type Ended = JournalEvent & { type: 'start.ended' };

/** Failures that no retry mends: a person must act, the run stops, nothing is counted. */
export const runStoppers: ReadonlySet<FailureClass> = new Set(['auth', 'billing', 'config', 'missing_tool', 'model']);

/** Folds the end of the open start. Afterwards no start is open. */
export const settle = (state: State, open: OpenStart, event: Ended): void => {
  const policy = state.run!.policy;
  const { outcome } = event;
  const session = event.session ?? open.session;
  state.open = null;
  state.lastEndMs = event.atMs;
  if (event.config !== null) state.configChanged = event.config;
  if (event.stop) state.mustEnd = event.stop;

  const start = state.starts.at(-1)!;
  const counted = open.kind === 'agent' && outcome.kind !== 'limited' && outcome.kind !== 'not_started';
  if (counted) {
    state.iterations++;
    state.run!.iterations++;
  }
  Object.assign(start, {
    endedAtMs: event.atMs,
    iteration: counted ? state.iterations : null,
    outcome,
    code: event.code,
    signal: event.signal,
    session,
    evidence: event.evidence,
    usage: event.usage,
    left: event.left,
    seq: event.seq,
  });

  if (outcome.kind === 'limited') closeAgent(state, open, event, outcome);
  else if (outcome.kind !== 'not_started') {
    state.limits.delete(open.agent);
    // A refused session says nothing of the limit: the bounds of limits would never be reached between the two.
    if (!isRefusedSession(open, event)) {
      state.limitedInRow = 0;
      state.limitedInAll = 0;
    }
  }

  if (open.kind === 'assign') {
    foldClaims(state, event.boxes, new Set());
    settleAssignment(state, open, event);
    return;
  }
  const unit = state.plan?.units.find(one => one.id === open.unit);
  foldClaims(state, event.boxes, new Set(unit?.tasks ?? []));
  const record = unitRecord(state, open.unit!);
  record.lastOutcome = outcome;
  record.lastStart = open.n;
  record.lastAtMs = event.atMs;
  const skipped = record.standing.kind === 'skipped' ? record.standing : null;
  settleUnit(record, open, event, session, policy);
  // A person left it out while it ran: only its completion is better news.
  if (skipped && outcome.kind !== 'completed') record.standing = skipped;
  if (outcome.kind === 'completed') {
    for (const leaf of unit?.leaves ?? []) complete(state, leaf.id, 'agent', event.atMs, open.n);
    if (outcome.signal === 'COMPLETE') noticeIfUnitsLeft(state);
  }
  if (outcome.kind === 'not_started' && record.lost >= defaults.lostMax) {
    state.mustEnd = {
      end: 'internal',
      exit: 70,
      because: `unit ${open.unit} could not be started ${record.lost} times in a row: ${outcome.message}`,
    };
  }
};

/** It was to go on in a session, and ended at once because of how it was started: the id is not known any more. */
export const isRefusedSession = (open: Pick<OpenStart, 'session'>, event: Pick<Ended, 'outcome' | 'worked'>): boolean =>
  open.session !== null && !event.worked && event.outcome.kind === 'failed' && event.outcome.class === 'config';

const settleUnit = (
  record: UnitRecord,
  open: OpenStart,
  event: Ended,
  session: string | null,
  policy: Policy,
): void => {
  const { outcome } = event;
  const count = () => {
    if (open.mode === 'attempt') record.attempts++;
    else record.followUps++;
  };
  /** The same turn once more, as if the cut had not been: same counter, same session where it is known. */
  const goOn = (after: 'limited' | 'interrupted', because: string): void => {
    // An agent that has lost a session of this unit loses the next one, too: asked each time, every limit would cost two starts.
    const resumes = session !== null && policy.resumable.includes(open.agent) && record.refused === 0;
    record.standing = {
      kind: 'again',
      mode: open.mode,
      reason: resumes && event.worked ? { kind: 'continue', after } : asBefore(open.reason),
      session: resumes ? session : null,
      notBeforeMs: 0,
      because,
    };
  };
  const fail = (because: string, cls: string): void => {
    record.standing = { kind: 'failed', because, class: cls };
  };
  /** It broke: a fresh try with a note, as long as attempts are left. */
  const retry = (note: string, cls: string, leastMs = 0): void => {
    if (record.attempts >= policy.maxAttempts) {
      fail(`${note}; ${record.attempts} of ${policy.maxAttempts} attempts used`, cls);
      return;
    }
    const failures = Math.max(1, record.attempts);
    record.standing = {
      kind: 'again',
      mode: 'attempt',
      reason: { kind: 'task', note },
      session: null,
      notBeforeMs: event.atMs + Math.max(failureBackoffMs(failures, policy.delayMs), leastMs),
      because: `backoff after: ${note}`,
    };
  };

  switch (outcome.kind) {
    case 'completed':
      count();
      record.standing = { kind: 'fresh' };
      return;
    case 'unconfirmed': {
      count();
      const asked = open.reason.kind === 'follow_up';
      const missing = missingText(outcome.missing);
      if (asked || policy.onMissingSignal === 'fail' || record.followUps >= policy.maxFollowUps) {
        fail(
          `${outcome.missing === 'signal' ? 'no signal' : 'unconfirmed'}: ${missing}${asked ? ', also not after being asked for it' : ''}`,
          'no_signal',
        );
        return;
      }
      record.standing = {
        kind: 'again',
        mode: 'follow_up',
        reason: { kind: 'follow_up', missing },
        session: policy.resumable.includes(open.agent) ? session : null,
        notBeforeMs: event.atMs + Math.max(policy.delayMs, 0),
        because: `follow-up: ${missing}`,
      };
      return;
    }
    case 'halted':
      count();
      record.standing = { kind: 'halted', reason: outcome.reason, session };
      return;
    case 'limited':
      goOn('limited', 'limited');
      return;
    case 'timeout':
      count();
      retry(`timed out after ${minutes(policy.timeoutMs)}`, 'timeout');
      return;
    case 'stalled':
      count();
      retry(`stalled: no output and no CPU time for ${minutes(policy.stallTimeoutMs)}`, 'stalled');
      return;
    case 'failed':
      if (isRefusedSession(open, event)) {
        record.refused++;
        if (record.refused >= defaults.refusedMax) {
          fail(`its session was refused ${record.refused} times: ${outcome.message}`, outcome.class);
          return;
        }
      }
      if (runStoppers.has(outcome.class)) {
        // Not counted: when the person has mended it, the same turn is due again.
        record.standing = {
          kind: 'again',
          mode: open.mode,
          reason: asBefore(open.reason),
          // An id that the agent does not know any more must not be tried for ever.
          session: isRefusedSession(open, event) ? null : open.session,
          notBeforeMs: 0,
          because: outcome.message,
        };
        return;
      }
      count();
      if (outcome.class === 'context') {
        fail(
          `${outcome.message} (the unit is too large for the model's context: split it, or use --granularity leaf)`,
          'context',
        );
        return;
      }
      retry(outcome.message, outcome.class, outcome.class === 'overloaded' ? defaults.overloadedBackoffMs : 0);
      return;
    case 'interrupted':
      if (outcome.by === 'world') {
        record.interrupted++;
        if (record.interrupted >= defaults.interruptedMax) {
          fail(`interrupted ${record.interrupted} times by something outside seqrun`, 'interrupted');
          return;
        }
      }
      goOn('interrupted', 'interrupted');
      // Once is chance; what is cut off again and again is not tried at once each time.
      if (outcome.by === 'world' && record.interrupted > 1 && record.standing.kind === 'again') {
        record.standing.notBeforeMs = event.atMs + failureBackoffMs(record.interrupted - 1, policy.delayMs);
      }
      return;
    case 'not_started':
      record.lost++;
      record.standing = {
        kind: 'again',
        mode: open.mode,
        reason: asBefore(open.reason),
        session: open.session,
        notBeforeMs: event.atMs + failureBackoffMs(record.lost, 0),
        because: `it did not start: ${outcome.message}`,
      };
      return;
    case 'assigned':
    case 'unassigned':
      return;
  }
};

const settleAssignment = (state: State, open: OpenStart, event: Ended): void => {
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

const closeAgent = (
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

/** A start that goes on without its session is asked the same thing again. */
const asBefore = (reason: StartReason): StartReason =>
  reason.kind === 'continue'
    ? { kind: 'task', note: 'an earlier start of this unit was cut off; look at what is there before you go on' }
    : reason;

/** What a follow-up asks for. */
export const missingText = (missing: Missing): string => {
  switch (missing) {
    case 'signal':
      return 'the final message held no signal alone on a line';
    case 'exit_code':
      return 'the signal came, but the agent ended with an error code';
    case 'exit_file':
      return 'the agent reported success, but how its process ended is not known';
    case 'success_event':
      return 'the agent ended without reporting success, so what it said last may not be all of it';
  }
};

const minutes = (ms: number): string =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
