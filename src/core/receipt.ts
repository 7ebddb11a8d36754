// The stored outcome of one start with what it rests on. Pure projection of the state.
import type { Outcome } from './events.ts';
import type { Gate } from './gate.ts';
import type { Unit } from './plan-types.ts';
import { isRehearsal } from './rehearsed.ts';
import { remainingBefore } from './remaining.ts';
import { restsOnWords } from './rests-on.ts';
import type { Review, StartRecord, State } from './state.ts';
import { isAccepted, isDone, isUnproven, unitProgress } from './units.ts';
import { doneWords } from './why.ts';
import { outcomeWords } from './words.ts';

/** The receipt as it is written into the start's folder and printed with `--json`. Field names are those of outcome reports in the field. */
export const receiptOf = (state: State, start: StartRecord, specName: string) => {
  const { outcome, usage, closing } = start;
  return {
    version: '1',
    run_id: start.run,
    spec: specName,
    unit: start.unit,
    kind: start.kind,
    start: start.n,
    iteration: start.iteration,
    attempt: start.attempt,
    follow_up: start.followUp,
    mode: start.mode,
    backend: start.agent,
    agent_mode: start.agentMode,
    rehearsal: isRehearsal(start),
    model: start.model,
    session_id: start.session,
    started_at: iso(start.intendedAtMs),
    ended_at: iso(start.endedAtMs),
    duration_ms: start.endedAtMs === null ? null : start.endedAtMs - start.intendedAtMs,
    exit_code: start.code,
    ended_by_signal: start.signal,
    signal: signalOf(outcome),
    outcome: outcome?.kind ?? null,
    error_class: errorClassOf(state, start),
    error: outcome && !isGood(outcome) ? outcomeWords(outcome).slice(0, 4000) : null,
    resets_at: outcome?.kind === 'limited' ? iso(outcome.resetAtMs) : null,
    rests_on: start.kind === 'agent' && outcome?.kind === 'completed' ? restsOnWords(start) : null,
    evidence: start.evidence,
    validation: start.gates.map(gate => ({
      name: gate.name,
      command: gate.command,
      from: gate.from,
      result: gate.result,
      because: gate.because,
      exit_code: gate.code,
      duration_ms: gate.durationMs,
      start: gate.start,
    })),
    gate: start.gate && gateOf(state, start, start.gate),
    review: reviewObject(reviewAfter(state, start)),
    git: {
      before: start.tree.before?.hash ?? null,
      after: start.tree.after?.hash ?? null,
      changed: changedIn(start),
      commits: start.commits ?? [],
    },
    boxes_ticked: start.ticked,
    summary: closing?.summary ?? null,
    achieved: closing?.achieved ?? [],
    evidence_by_agent: closing?.evidence ?? [],
    remaining: closing?.remaining ?? [],
    remaining_earlier: remainingBefore(state, start),
    changes: closing?.changes ?? [],
    validation_by_agent: closing?.validation ?? null,
    // Who gives a block and does not say means this.
    recommended_action: closing && (closing.recommendedAction ?? 'in_review'),
    needs_follow_up: closing?.needsFollowUp ?? null,
    next_prompt: closing?.nextPrompt ?? null,
    follow_up_by_agent: closing?.followUp ?? [],
    left_over: start.left,
    tokens: usage
      ? {
          input: usage.inputTokens,
          cache_read: usage.cachedInputTokens,
          output: usage.outputTokens,
          reasoning: usage.reasoningTokens,
        }
      : null,
    cost_usd: usage?.costUsd ?? null,
    log_path: start.folder,
    window: start.window,
  };
};

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const isGood = ({ kind }: Outcome): boolean => ['completed', 'checking', 'passed', 'assigned'].includes(kind);

const signalOf = (outcome: Outcome | null): string | null => {
  if (outcome?.kind === 'completed' || outcome?.kind === 'checking') return outcome.signal;
  return outcome?.kind === 'halted' ? 'HALT' : null;
};

/** `no_progress` and `verify_failed` are what the unit ended with by this start; without an end the class is the start's own. */
const errorClassOf = (state: State, start: StartRecord): string | null => {
  const { outcome } = start;
  if (outcome === null || isGood(outcome)) return null;
  const standing = start.unit === null ? null : state.units.get(start.unit)?.standing;
  const ended = standing?.kind === 'failed' && lastAgentStart(state, start.unit!) === start ? standing.class : null;
  if (ended === 'no_progress') return ended;
  if (outcome.kind === 'failed') return outcome.class;
  return outcome.kind === 'gate_failed' || outcome.kind === 'red' ? 'verify_failed' : null;
};

const lastAgentStart = (state: State, unit: string): StartRecord | undefined =>
  state.starts.findLast(start => start.unit === unit && start.kind === 'agent');

/** What a gate's own start was for; `result` also says when a red one does not count. */
const gateOf = (state: State, { n, outcome }: StartRecord, { name, command, from, timeoutMs }: Gate) => {
  const checked = state.starts.find(start => start.gates.some(one => one.start === n));
  const result = checked?.gates.find(one => one.start === n);
  return {
    name,
    command,
    from,
    timeout_ms: timeoutMs,
    result: result?.result ?? (outcome?.kind === 'passed' || outcome?.kind === 'red' ? outcome.kind : null),
    because: result?.because ?? (outcome?.kind === 'red' ? outcome.because : null),
    /** The agent's start that it checked; null = none (before the first unit), or nobody waited for it any more. */
    checked_start: checked?.n ?? null,
  };
};

/** What a person has said of the unit since this start, or has still to say. Of earlier starts of the unit: null. */
export const reviewAfter = (state: State, start: StartRecord): Review | null => {
  const review = start.unit === null ? null : state.units.get(start.unit)?.review;
  return review && lastEndBefore(state, start.unit!, review.atMs) === start ? review : null;
};

/** By ends: the next start may be intended in the same millisecond in which a person decides. */
const lastEndBefore = (state: State, unit: string, atMs: number): StartRecord | undefined =>
  state.starts.findLast(
    ({ unit: of, kind, endedAtMs }) => of === unit && kind === 'agent' && endedAtMs !== null && endedAtMs <= atMs,
  );

const reviewObject = (review: Review | null) =>
  review && { state: review.kind, because: review.because, at: iso(review.atMs) };

/** Whether the working tree differs from before the start; null = not known (no repository). */
export const changedIn = ({ tree: { before, after } }: Pick<StartRecord, 'tree'>): boolean | null =>
  before === null || after === null ? null : before.hash !== after.hash;

/** Whether the outcome of a start is its last word: of an agent's start, not as long as its gates have still to be run. */
export const isFinal = (state: State, { n, unit, outcome }: StartRecord): boolean => {
  if (outcome === null) return false;
  if (outcome.kind !== 'checking' || unit === null) return true;
  // A person may have decided otherwise meanwhile: then nothing more comes.
  const standing = state.units.get(unit)?.standing;
  return standing?.kind !== 'checking' || standing.start !== n;
};

/**
 * Why a start that ended well is not what its unit stands on: the unit is not done any more, or another start completed it. null: it is,
 * or it never was. `atMs` null: not known.
 */
export const notBy = (state: State, unit: Unit, start: StartRecord): { words: string; atMs: number | null } | null => {
  if (start.kind !== 'agent' || start.outcome?.kind !== 'completed') return null;
  if (!isDone(state, unit)) {
    const undone = state.units.get(unit.id)?.undone;
    // Its end alone did not do it: it may be of an earlier text of the task.
    const words = undone ? `is not done any more: ${undone.because}` : 'is not done';
    return { words, atMs: undone?.atMs ?? null };
  }
  const by = new Set(unit.leaves.map(({ id }) => state.done.get(id)!.start));
  const [other] = by;
  if (by.size !== 1 || other === start.n || typeof other !== 'number') return null;
  return { words: `is done by start ${other}, not by this one`, atMs: null };
};

/** What to know of a unit beside its last start: a completion on somebody's word, or that a person left it out; null = nothing. */
export const wordOn = (state: State, unit: Unit): { accepted: boolean; words: string; atMs: number | null } | null => {
  if (isUnproven(state, unit)) {
    const times = unit.leaves.flatMap(({ id }) => {
      const done = state.done.get(id)!;
      return done.start === null ? [done.atMs] : [];
    });
    return { accepted: isAccepted(state, unit), words: doneWords(state, unit), atMs: Math.max(...times) };
  }
  const progress = unitProgress(state, unit);
  return progress.kind === 'skipped' ? { accepted: false, words: progress.because, atMs: null } : null;
};
