// What the end of a start means: its record, its agent's limit, and whom it concerns. The heart of "never twice".
import { foldClaims } from './boxes.ts';
import { defaults } from './defaults.ts';
import type { JournalEvent } from './events.ts';
import { asHeld } from './held-proof.ts';
import { unitRecord } from './records.ts';
import { settleAssignment } from './settle-assignment.ts';
import { completeUnit } from './settle-completion.ts';
import { settleBaseline, settleGate } from './settle-gate.ts';
import { closeAgent } from './settle-limit.ts';
import { askIfFailed, isRefusedSession, settleUnit } from './settle-unit.ts';
import type { OpenStart, State } from './state.ts';
import { isDone } from './units.ts';

type Ended = JournalEvent & { type: 'start.ended' };

/** Folds the end of the open start. Afterwards no start is open. */
export const settle = (state: State, open: OpenStart, event: Ended): void => {
  const policy = state.run!.policy;
  const { outcome } = event;
  const session = event.session ?? open.session;
  state.open = null;
  // The delay is between agents.
  if (open.kind === 'agent') {
    state.lastEndMs = event.atMs;
    state.delayMs = event.delayMs ?? null;
  }
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
    closing: event.closing ?? null,
    tree: { before: open.tree ?? null, after: event.tree ?? null },
  });
  const unit = state.plan?.units.find(one => one.id === open.unit);
  const tasks = new Set(unit?.tasks ?? []);
  start.ticked = open.kind === 'agent' ? (event.boxes?.ticked ?? []).filter(id => tasks.has(id)) : [];
  if (open.kind === 'gate' || open.kind === 'baseline') {
    foldClaims(state, event.boxes, new Set());
    if (open.kind === 'gate') settleGate(state, open, event);
    else settleBaseline(state, open, event);
    return;
  }

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
  foldClaims(state, event.boxes, tasks);
  const record = unitRecord(state, open.unit!);
  record.lastOutcome = outcome;
  record.lastStart = open.n;
  record.lastAtMs = event.atMs;
  if (event.closing) {
    const { remaining } = event.closing;
    record.remaining = remaining.length > 0 ? { start: open.n, texts: remaining } : null;
  }
  record.treeBefore ??= open.tree?.hash ?? null;
  const skipped = record.standing.kind === 'skipped' ? record.standing : null;
  settleUnit(record, open, event, session, policy);
  askIfFailed(record, { atMs: event.atMs, session: policy.resumable.includes(open.agent) ? session : null });
  if (unit && record.standing.kind === 'checking') record.standing.given = asHeld(state, unit);
  // A person left it out while it ran: only its completion is better news, and a HALT stops everything.
  if (skipped && record.standing.kind === 'checking') record.standing.skipped = skipped.because;
  else if (record.standing.kind === 'halted') {
    // Neither a skip nor an accept that came before it answers a HALT: nobody knew of it then.
    if (skipped) record.standing.decided = 'skipped';
    else if (unit && isDone(state, unit)) record.standing.decided = 'done';
  } else if (skipped && outcome.kind !== 'completed') record.standing = skipped;
  if (outcome.kind === 'completed')
    completeUnit(state, {
      id: open.unit!,
      given: unit && asHeld(state, unit),
      start,
      signal: outcome.signal,
      atMs: event.atMs,
    });
  if (outcome.kind === 'not_started' && record.lost >= defaults.lostMax) {
    state.mustEnd = {
      end: 'internal',
      exit: 70,
      because: `unit ${open.unit} could not be started ${record.lost} times in a row: ${outcome.message}`,
    };
  }
};
