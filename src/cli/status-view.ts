// The state of a spec as `status` shows it: lines for people, an object for programs. Pure.

import type { SpecWords } from '../core/handoff.ts';
import type { Unit } from '../core/plan-types.ts';
import { rehearsedUnits } from '../core/rehearsed.ts';
import type { State } from '../core/state.ts';
import { counts, isUnproven, notSelected, type UnitProgress, unitProgress } from '../core/units.ts';
import { blockedWords, doneWords, waiting, whyRun } from '../core/why.ts';
import { withSpec } from '../core/with-spec.ts';
import { count, durationWords, outcomeWords } from '../core/words.ts';
import { checkingWords, lastAgentStart, reviewOf, reviewWords } from './proof-words.ts';

export interface StatusInput {
  state: State;
  specName: string;
  /** A runner holds the lock: its pid, else null. */
  runnerPid: number | null;
  nowMs: number;
  /** When the running start last wrote something, epoch ms, or null. */
  lastOutputAtMs: number | null;
  version: string;
  /** How the commands that are named name the spec. */
  specWords: SpecWords;
}

const marks: Record<UnitProgress['kind'], string> = {
  completed: '✓',
  running: '▶',
  checking: '▷',
  ready: '·',
  blocked: '⏸',
  failed: '✗',
  halted: '?',
  skipped: '-',
};

export const statusLines = (input: StatusInput): string[] => {
  const { state, nowMs, runnerPid } = input;
  const said = (sentence: string): string => withSpec(sentence, input.specWords);
  const units = state.plan?.units ?? [];
  const tally = counts(state);
  const others = notSelected(state.plan).length;
  const rehearsed = new Set(rehearsedUnits(state));
  const played = rehearsed.size > 0 ? `, ${rehearsed.size} of them only rehearsed` : '';
  const lines = [
    `${input.specName}: ${tally.completed} of ${count(units.length, 'unit')} completed${played}${others > 0 ? ` (${others} more not selected)` : ''}; ${said(whyRun(state, nowMs, runnerPid !== null) + stoppingWords(input))}`,
  ];
  for (const unit of units) {
    const progress = unitProgress(state, unit);
    const record = state.units.get(unit.id);
    const notes: string[] = [];
    if (isUnproven(state, unit) || rehearsed.has(unit)) notes.push(doneWords(state, unit));
    const open = unit.leaves.filter(({ id }) => state.disputed.has(id)).map(({ id }) => id);
    if (open.length > 0) notes.push(openBoxes(unit, open));
    if (progress.kind === 'blocked') notes.push(blockedWords(state, progress));
    if (progress.kind === 'failed' || progress.kind === 'skipped') notes.push(progress.because);
    if (progress.kind === 'halted') notes.push(progress.because ?? 'halted');
    const gates = checkingWords(state, unit);
    if (gates !== null && progress.kind !== 'completed') notes.push(gates);
    const review = reviewOf(state, unit);
    if (review) notes.push(reviewWords(review));
    const asked = record?.asked ?? [];
    if (asked.length > 0) notes.push(`a person asked for more: ${asked.join('; ')}`);
    const red = acceptedGates(state, unit);
    if (progress.kind === 'completed' && red.length > 0) notes.push(`red, and accepted: ${red.join(', ')}`);
    if (progress.kind === 'running' && input.lastOutputAtMs !== null)
      notes.push(`last output ${durationWords(nowMs - input.lastOutputAtMs)} ago`);
    if (record && record.starts > 1) notes.push(count(record.starts, 'start'));
    lines.push(
      `  ${marks[progress.kind]} ${unit.id} ${cut(unit.title, titleMax)}${notes.length > 0 ? ` — ${cut(said(notes.join('; ')), noteMax)}` : ''}`,
    );
  }
  for (const text of state.notices.slice(-5)) lines.push(`  note: ${cut(said(text), noteMax)}`);
  return lines;
};

const openBoxes = ({ leaves }: Unit, ids: readonly string[]): string => {
  const boxes = ids.length === 1 ? `the box of ${ids[0]} is` : `the boxes of ${ids.join(', ')} are`;
  return `${leaves.length === 1 ? 'its box is' : boxes} open in the task file now: done, or to be done again?`;
};

/** That a run which still works has been asked to end. */
const stoppingWords = ({ state, runnerPid }: StatusInput): string => {
  if (runnerPid === null || state.stopping === null || state.lastEnd) return '';
  return state.open && !state.stopping.now
    ? '; the run has been stopped: it ends after that, seqrun stop --now ends it at once'
    : '; the run has been stopped: it is ending';
};

/** The health snapshot: the fields of a queue (one board here) and what is known of this spec. */
export const statusObject = (input: StatusInput) => {
  const { state, nowMs, runnerPid } = input;
  const tally = counts(state);
  const wait = waiting(state, nowMs);
  const { open, run } = state;
  const rehearsed = new Set(rehearsedUnits(state));
  const skipReasons: Record<string, number> = {};
  for (const unit of state.plan?.units ?? []) {
    const progress = unitProgress(state, unit);
    const reason = {
      completed: null,
      running: null,
      checking: null,
      ready: state.paused ? 'paused' : wait ? 'not_before' : null,
      blocked: 'deps',
      failed: 'failed',
      halted: 'halted',
      skipped: 'skipped',
    }[progress.kind];
    if (reason) skipReasons[reason] = (skipReasons[reason] ?? 0) + 1;
  }
  for (const skip of state.plan?.skipped ?? []) skipReasons[skip.because] = (skipReasons[skip.because] ?? 0) + 1;
  const queued = tally.ready + tally.blocked;
  const next = (state.plan?.units ?? []).find(unit => unitProgress(state, unit).kind === 'ready');
  return {
    version: input.version,
    now: new Date(nowMs).toISOString(),
    spec: input.specName,
    run_id: run?.id ?? null,
    pid: runnerPid,
    why: whyRun(state, nowMs, runnerPid !== null),
    paused: state.paused ? { since: new Date(state.paused.atMs).toISOString(), by: state.paused.by } : null,
    max_concurrent: 1,
    active_in_progress: open && runnerPid !== null ? 1 : 0,
    available_slots: open ? 0 : 1,
    queue_depth: queued,
    queue_depth_by_board: { [input.specName]: queued },
    inflight_by_model: open ? { [open.model ?? open.agent]: 1 } : {},
    model_limits: [...state.limits].map(([model, limit]) => ({
      model,
      resets_at: new Date(limit.untilMs).toISOString(),
      resets_in: Math.max(0, Math.round((limit.untilMs - nowMs) / 1000)),
      error: limit.because,
    })),
    current: open
      ? {
          unit: open.unit,
          start: open.n,
          kind: open.kind,
          gate: open.gate?.name ?? null,
          attempt: state.starts.at(-1)?.attempt ?? 1,
          started_at: new Date(open.intendedAtMs).toISOString(),
          last_output_at: input.lastOutputAtMs === null ? null : new Date(input.lastOutputAtMs).toISOString(),
        }
      : null,
    not_before: wait ? new Date(wait.untilMs).toISOString() : null,
    wait_reason: wait?.because ?? null,
    /** `rehearsed`: so many of `completed` were only played. */
    counts: { ...tally, rehearsed: rehearsed.size, not_selected: notSelected(state.plan).length },
    skip_reasons: skipReasons,
    iterations: state.iterations,
    last_end: state.lastEnd
      ? { exit: state.lastEnd.exit, because: state.lastEnd.because, at: new Date(state.lastEnd.atMs).toISOString() }
      : null,
    last_errors: state.starts
      .filter(({ outcome }) => outcome?.kind === 'failed' || outcome?.kind === 'gate_failed')
      .slice(-5)
      .map(start => ({ unit: start.unit, start: start.n, error: outcomeWords(start.outcome!) })),
    next: next ? { unit: next.id, at: wait ? new Date(wait.untilMs).toISOString() : null } : null,
    units: (state.plan?.units ?? []).map(unit => {
      const progress = unitProgress(state, unit);
      const record = state.units.get(unit.id);
      return {
        id: unit.id,
        title: unit.title,
        status: progress.kind,
        rehearsed: rehearsed.has(unit),
        rests_on: progress.kind === 'completed' ? doneWords(state, unit) : null,
        attempts: record?.attempts ?? 0,
        follow_ups: record?.followUps ?? 0,
        starts: record?.starts ?? 0,
        blocked_by: progress.kind === 'blocked' ? progress.by : [],
        gates: (lastAgentStart(state, unit.id)?.gates ?? []).map(({ name, result }) => ({ name, result })),
        review: reviewObject(state, unit),
        failed_by: record?.standing.kind === 'failed' && progress.kind === 'failed' ? record.standing.class : null,
      };
    }),
    notices: state.notices,
  };
};

const acceptedGates = (state: State, unit: Unit): string[] =>
  (lastAgentStart(state, unit.id)?.gates ?? []).filter(({ result }) => result === 'accepted').map(({ name }) => name);

const reviewObject = (state: State, unit: Unit) => {
  const review = reviewOf(state, unit);
  return review && { state: review.kind, because: review.because, at: new Date(review.atMs).toISOString() };
};

/** Room for a sentence and the commands in it: a command that is cut is none. */
const noteMax = 400;
const titleMax = 160;

/** One line; what is left out is seen to be. */
const cut = (text: string, max: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
};
