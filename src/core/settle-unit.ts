// What the end of a unit's start means for it: counters, and what is to happen next.
import { failureBackoffMs } from './backoff.ts';
import { defaults } from './defaults.ts';
import type { FailureClass, JournalEvent, Outcome, StartReason } from './events.ts';
import { failureSignature } from './failure-signature.ts';
import type { GateResult } from './gate.ts';
import type { Policy } from './policy.ts';
import type { OpenStart, StartRecord, State, UnitRecord } from './state.ts';
import { grantedWords } from './words.ts';

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
      reason: resumes && event.worked ? goingOn(after, open.reason) : asBefore(open.reason),
      session: resumes ? session : null,
      notBeforeMs: 0,
      because,
    };
  };
  const fail = (because: string, cls: string): void => {
    record.standing = { kind: 'failed', because, class: cls };
  };
  const tree = { before: open.tree ?? null, after: event.tree ?? null };
  if (outcome.kind !== 'limited' && outcome.kind !== 'interrupted' && outcome.kind !== 'not_started') {
    noteChange(record, tree);
  }
  /** It broke: a fresh try with a note, as long as attempts are left. */
  const retry = (note: string, cls: string, leastMs = 0): void => {
    if (record.attempts >= policy.maxAttempts) {
      fail(`${note}; ${record.attempts} of ${policy.maxAttempts} attempts used`, cls);
      return;
    }
    // An overloaded provider says the same each time, and is well again some time.
    const stuck = cls === 'overloaded' ? null : noProgress(record, `${cls}:${failureSignature(note)}`, tree);
    if (stuck !== null) {
      fail(`${note}; ${stuck}`, 'no_progress');
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
    case 'checking':
      count();
      record.standing = {
        kind: 'checking',
        start: open.n,
        signal: outcome.signal,
        gates: open.gates ?? [],
        results: [],
        session: policy.resumable.includes(open.agent) ? session : null,
        agent: open.agent,
      };
      return;
    case 'unconfirmed': {
      count();
      // What the agent itself still wants to do is asked as often as follow-ups are left; what it leaves out, once.
      const asked = open.reason.kind === 'follow_up' && open.reason.from === undefined && outcome.missing !== 'rest';
      const missing = missingText(outcome.missing, outcome.left);
      const refused = policy.onMissingSignal === 'fail' && outcome.missing !== 'rest';
      if (asked || refused || isSpent(record, policy)) {
        fail(
          `${outcome.missing === 'signal' ? 'no signal' : 'unconfirmed'}: ${missing}${asked ? ', also not after being asked for it' : ''}${outcome.next ? ` (it wants to: ${outcome.next.slice(0, 300)})` : ''}`,
          'no_signal',
        );
        return;
      }
      const stuck = outcome.missing === 'rest' ? isIdle(record) : null;
      if (stuck !== null) {
        fail(`${missing}; ${stuck}`, 'no_progress');
        return;
      }
      record.standing = {
        kind: 'again',
        mode: 'follow_up',
        reason: {
          kind: 'follow_up',
          missing: outcome.next ? `${missing}. What you wanted to do next: ${outcome.next}` : missing,
          ...(outcome.missing === 'rest' ? { from: 'agent' as const } : {}),
          ...(outcome.missing === 'boxes' ? { from: 'boxes' as const } : {}),
        },
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
      // Where a person wanted that, nothing was lost.
      if (event.stop === null) record.lost++;
      record.standing = {
        kind: 'again',
        mode: open.mode,
        reason: asBefore(open.reason),
        session: open.session,
        notBeforeMs: event.atMs + (event.stop === null ? failureBackoffMs(record.lost, 0) : 0),
        because: `it did not start: ${outcome.message}`,
      };
      return;
    case 'gate_failed':
    case 'passed':
    case 'red':
    case 'assigned':
    case 'unassigned':
      return;
  }
};

/** A gate failed after a start that had ended well: one more turn with what it said, unless that leads nowhere. */
export const failGate = (
  state: State,
  record: UnitRecord,
  start: StartRecord,
  { gate, output, atMs }: { gate: GateResult; output: string; atMs: number },
): void => {
  const { policy } = state.run!;
  const before = state.redGates.get(gate.command)?.known === 'before' ? ', as before the first unit' : '';
  const said = `the gate ${gate.name} failed${before}: ${gate.because} (${gate.command})`;
  const session = policy.resumable.includes(start.agent) ? start.session : null;
  const stuck = noProgress(record, `gate:${gate.command}:${gate.signature}`, start.tree);
  const spent = isSpent(record, policy);
  if (spent || stuck !== null) {
    const because = spent
      ? `${record.followUps} of ${policy.maxFollowUps} follow-ups used${grantedWords(record)}`
      : stuck;
    record.standing = {
      kind: 'failed',
      because: `${said}; ${because}`,
      class: spent ? 'verify_failed' : 'no_progress',
    };
    askIfFailed(record, { atMs, session });
    return;
  }
  record.standing = {
    kind: 'again',
    mode: 'follow_up',
    reason: { kind: 'follow_up', missing: said, from: 'gate', ...(output === '' ? {} : { output }) },
    session,
    notBeforeMs: atMs,
    because: `follow-up: ${said}`,
  };
};

/** A person wants more of a unit: one more turn with that, which does not count against the bound. */
export const askAgain = (record: UnitRecord, { atMs, session }: { atMs: number; session: string | null }): void => {
  const missing = record.asked.splice(0).join('\n\n');
  record.standing = {
    kind: 'again',
    mode: 'follow_up',
    reason: { kind: 'follow_up', missing, from: 'person' },
    session,
    notBeforeMs: atMs,
    because: 'a person asks for more',
  };
};

/** What a person asked for while it ran is one turn more, also for a unit that has none left by itself. */
export const askIfFailed = (record: UnitRecord, asking: { atMs: number; session: string | null }): void => {
  if (record.standing.kind === 'failed' && record.asked.length > 0) askAgain(record, asking);
};

const isSpent = (record: UnitRecord, policy: Policy): boolean =>
  record.followUps >= policy.maxFollowUps + record.granted;

type TreeAround = StartRecord['tree'];

const isUnchanged = ({ before, after }: TreeAround): boolean => before !== null && before.hash === after?.hash;

/** Counts the starts in a row that changed nothing; where git is not there to say, none. */
const noteChange = (record: UnitRecord, tree: TreeAround): void => {
  record.idle = isUnchanged(tree) ? record.idle + 1 : 0;
};

const isIdle = (record: UnitRecord): string | null =>
  record.idle >= defaults.idleMax
    ? `no progress: ${record.idle} starts in a row changed nothing in the working tree`
    : null;

/** Why another start would lead nowhere, or null. Keeps the failure, to know it again. */
const noProgress = (record: UnitRecord, failure: string, tree: TreeAround): string | null => {
  const again = record.failure === failure && isUnchanged(tree);
  record.failure = failure;
  return again
    ? 'no progress: it failed in the same way as before, and nothing in the working tree changed in between'
    : isIdle(record);
};

const cutOff = 'an earlier start of this unit was cut off; look at what is there before you go on';

const goingOn = (after: 'limited' | 'interrupted', reason: StartReason): StartReason => {
  const before = reason.kind === 'continue' ? reason.before : withCut(reason);
  return { kind: 'continue', after, ...(before && { before }) };
};

const withCut = (reason: Exclude<StartReason, { kind: 'continue' }>): StartReason | undefined => {
  if (reason.kind !== 'task') return reason;
  return reason.note === null ? undefined : { kind: 'task', note: `${reason.note}\n\n${cutOff}` };
};

/** A start that goes on without its session is asked the same thing again. */
export const asBefore = (reason: StartReason): StartReason =>
  reason.kind === 'continue' ? (reason.before ?? { kind: 'task', note: cutOff }) : reason;

/** What a follow-up asks for. */
export const missingText = (missing: Missing, left?: readonly string[]): string => {
  switch (missing) {
    case 'signal':
      return 'the final message held no signal alone on a line';
    case 'exit_code':
      return 'the signal came, but the agent ended with an error code';
    case 'exit_file':
      return 'the agent reported success, but how its process ended is not known';
    case 'success_event':
      return 'the agent ended without reporting success, so what it said last may not be all of it';
    case 'change':
      return 'nothing in the working tree has changed since the unit began (or git cannot tell), and a change is required';
    case 'rest':
      return 'you said yourself that something is left';
    case 'boxes':
      return `you have ticked some of the subtasks and left ${(left ?? []).join(', ')} open: do what is left of them, or tick what is done`;
  }
};

const minutes = (ms: number): string =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
