// The stored outcome of one start with what it rests on. Pure projection of the state.
import type { Unit } from './plan-types.ts';
import type { StartRecord, State } from './state.ts';
import { isAccepted, isUnproven, unitProgress } from './units.ts';
import { doneWords } from './why.ts';
import { outcomeWords } from './words.ts';

/** The receipt as it is written into the start's folder and printed with `--json`. Field names are those of outcome reports in the field. */
export const receiptOf = (state: State, start: StartRecord, specName: string) => {
  const { outcome, usage } = start;
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    version: '1',
    run_id: state.run?.id ?? null,
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
    rehearsal: start.agent === 'rehearsal',
    model: start.model,
    session_id: start.session,
    started_at: iso(start.intendedAtMs),
    ended_at: iso(start.endedAtMs),
    duration_ms: start.endedAtMs === null ? null : start.endedAtMs - start.intendedAtMs,
    exit_code: start.code,
    ended_by_signal: start.signal,
    signal: outcome?.kind === 'completed' ? outcome.signal : outcome?.kind === 'halted' ? 'HALT' : null,
    outcome: outcome?.kind ?? null,
    error_class: outcome?.kind === 'failed' ? outcome.class : null,
    error: outcome && outcome.kind !== 'completed' ? outcomeWords(outcome).slice(0, 4000) : null,
    resets_at: outcome?.kind === 'limited' ? iso(outcome.resetAtMs) : null,
    evidence: start.evidence,
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
