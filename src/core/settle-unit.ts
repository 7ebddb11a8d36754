// What the end of a unit's start means for it: counters, and what is to happen next.
import { failureBackoffMs } from './backoff.ts';
import { defaults } from './defaults.ts';
import type { FailureClass, JournalEvent, Outcome, StartReason } from './events.ts';
import type { Policy } from './policy.ts';
import type { OpenStart, UnitRecord } from './state.ts';

type Missing = Extract<Outcome, { kind: 'unconfirmed' }>['missing'];
type Ended = JournalEvent & { type: 'start.ended' };

/** Failures that no retry mends: a person must act, the run stops, nothing is counted. */
export const runStoppers: ReadonlySet<FailureClass> = new Set(['auth', 'billing', 'config', 'missing_tool', 'model']);

/** It was to go on in a session, and ended at once because of how it was started: the id is not known any more. */
export const isRefusedSession = (open: Pick<OpenStart, 'session'>, event: Pick<Ended, 'outcome' | 'worked'>): boolean =>
  open.session !== null && !event.worked && event.outcome.kind === 'failed' && event.outcome.class === 'config';

/** Folds the outcome of an agent's start into its unit's record. */
export const settleUnit = (
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
