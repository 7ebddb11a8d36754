// Folds one event into the state, in place. No clock in here: every time comes with its event.

import { adopt } from './adopt.ts';
import { foldBoxes, newTicks, rememberClaim } from './boxes.ts';
import { noticeUnrun } from './check.ts';
import type { Command, JournalEvent } from './events.ts';
import { foldRestored } from './fold-restored.ts';
import { followLeaves, unitsFollowTitles } from './follow-titles.ts';
import { holdProof } from './held-proof.ts';
import { keepReading, leavesOfPlan, readAgain } from './read-again.ts';
import {
  assert,
  beginAgain,
  complete,
  isTickedByPerson,
  noteUndone,
  notice,
  titleHashOf,
  undo,
  unitRecord,
} from './records.ts';
import { noteSaid, rejectWords } from './said.ts';
import { settle } from './settle.ts';
import { forgetOtherGates } from './settle-gate.ts';
import { askAgain } from './settle-unit.ts';
import { emptyState, type State, type UnitStanding } from './state.ts';
import { isDone } from './units.ts';
import { foldVanished } from './vanished.ts';

/**
 * Folds one event. The caller owns `state`: it is changed and returned (a copy per event would be quadratic).
 * Throws on a sequence that no run of seqrun can write: that is a damaged journal or a bug.
 */
export const evolve = (state: State, event: JournalEvent): State => {
  assert(event.seq === state.seq + 1, `event ${event.seq} after ${state.seq}`);
  state.seq = event.seq;
  switch (event.type) {
    case 'journal.opened':
      state.journal = event.journal;
      state.spec = event.spec;
      state.first = event.first;
      for (const id of event.claimed) state.claimed.add(id);
      if (event.adopted) adopt(state, event.adopted, event.atMs);
      return state;
    case 'run.started':
      state.run = {
        id: event.run,
        startedAtMs: event.atMs,
        policy: event.policy,
        config: event.config,
        iterations: 0,
        pid: event.pid,
        host: event.host,
        words: event.words ?? [],
      };
      state.firstStartedAtMs ??= event.atMs;
      state.lastEnd = null;
      state.lastEndMs = null;
      state.delayMs = null;
      state.stopping = null;
      state.mustEnd = null;
      // It was put back or accepted: no run starts otherwise.
      state.configChanged = null;
      state.waits = [];
      // What another life of seqrun knew of the open start is no knowledge any more: look again.
      if (state.open?.phase.kind === 'running') state.open.phase = { kind: 'intended' };
      // Whoever starts again wants what was asked to stop, and has not yet, to go on.
      if (state.open?.phase.kind === 'ending' && state.open.phase.because === 'stopped') {
        state.open.phase = { kind: 'intended' };
        state.open.stopped = true;
      }
      // A fallback was nobody's decision: it is asked again.
      for (const [unit, given] of state.assignments) if (given.source === 'fallback') state.assignments.delete(unit);
      // Committed by hand meanwhile, or not wanted any more: it must not come later under a unit's name.
      if (event.policy.git !== 'commit') state.toCommit = [];
      forgetOtherGates(state, event.policy.gates ?? []);
      noticeUnrun(state);
      if (event.policy.resume) {
        releaseHalted(state, null);
        state.vanished.clear();
      }
      return state;
    case 'run.ended':
      state.lastEnd = {
        end: event.end,
        exit: event.exit,
        because: event.because,
        atMs: event.atMs,
        seq: event.seq,
      };
      if (event.end === 'completed' && event.exit === 0) state.completedAtMs = event.atMs;
      // Whoever ends it by himself has read the file just before: what changes from now on, a person writes.
      if (!state.mustEnd && !state.stopping && !state.open) state.fileUnread = false;
      return state;
    case 'plan.made':
      foldPlan(state, event);
      noticeUnrun(state);
      return state;
    case 'boxes.changed':
      state.fileUnread = false;
      foldBoxes(state, { ticked: event.ticked, opened: event.opened }, event.atMs);
      return state;
    case 'spec.unreadable':
      state.mustEnd = { end: 'bad_spec', exit: event.exit, because: event.message };
      return state;
    case 'start.intended': {
      assert(state.open === null, `start ${event.n} intended while ${state.open?.n} is open`);
      assert(event.n > state.lastN, `start number ${event.n} after ${state.lastN}`);
      const { type: _type, seq: _seq, atMs, ...rest } = event;
      state.open = { ...rest, intendedAtMs: atMs, phase: { kind: 'intended' }, gapMs: 0, run: state.run?.id ?? '' };
      state.lastN = event.n;
      state.fileUnread = false;
      const record = event.unit === null ? null : unitRecord(state, event.unit);
      const turn = event.kind === 'agent' ? 1 : 0;
      if (record && event.kind === 'agent') {
        record.starts++;
        // Handed over with this start's prompt.
        record.asked = [];
      }
      state.starts.push({
        n: event.n,
        run: state.run?.id ?? null,
        unit: event.unit,
        kind: event.kind,
        mode: event.mode,
        reason: event.reason.kind,
        attempt: (record?.attempts ?? 0) + (event.mode === 'attempt' ? turn : 0),
        followUp: (record?.followUps ?? 0) + (event.mode === 'follow_up' ? 1 : 0),
        agent: event.agent,
        agentMode: event.kind === 'agent' ? (state.run?.policy.modes?.[event.agent] ?? null) : null,
        model: event.model,
        session: event.session,
        folder: event.folder,
        intendedAtMs: atMs,
        endedAtMs: null,
        iteration: null,
        outcome: null,
        code: null,
        signal: null,
        evidence: [],
        usage: null,
        left: [],
        window: null,
        seq: event.seq,
        gates: [],
        gate: event.gate ?? null,
        tree: { before: event.tree ?? null, after: null },
        ticked: [],
        closing: null,
      });
      return state;
    }
    case 'start.began': {
      const open = openStart(state, event.n);
      open.began = true;
      open.phase = {
        kind: 'running',
        sinceMs: event.adopted ? open.intendedAtMs : event.atMs,
        pid: event.pid,
        transport: event.transport,
        window: event.window,
      };
      state.starts.at(-1)!.window = event.window;
      return state;
    }
    case 'start.ending':
      openStart(state, event.n).phase = {
        kind: 'ending',
        because: event.because,
        by: event.by,
        ...(event.says === undefined ? {} : { says: event.says }),
      };
      return state;
    case 'start.ended':
      settle(state, openStart(state, event.n), event);
      state.fileUnread = true;
      return state;
    case 'unit.committed': {
      if (event.config) state.configChanged = event.config;
      const start = state.starts.findLast(one => one.n === event.start);
      if (start && event.commits.length > 0) start.commits = event.commits;
      // Refused, it stays due: else it would be part of the next unit's commit.
      if (event.problem === null) state.toCommit = state.toCommit.filter(one => one.start !== event.start);
      else {
        state.mustEnd = {
          end: 'person',
          exit: 2,
          because: `unit ${event.unit} is done, but not committed: ${event.problem}`,
        };
      }
      return state;
    }
    case 'clock.gap':
      if (state.open) state.open.gapMs += event.ms;
      return state;
    case 'waited':
      state.fileUnread = false;
      state.waits.push({ because: event.because, ms: Math.max(0, event.atMs - event.fromMs) });
      return state;
    case 'command':
      if (state.applied.has(event.id)) return state;
      state.applied.add(event.id);
      foldCommand(state, event);
      return state;
    case 'assignments.edited':
      for (const [unit, owner] of Object.entries(event.assignments)) {
        state.assignments.set(unit, { ...owner, source: 'user', reason: null });
      }
      return state;
    case 'completed.edited':
      for (const id of event.ids) complete(state, id, 'hand', event.atMs, null);
      return state;
    case 'config.accepted':
      state.configChanged = null;
      return state;
    case 'entry.merged':
      adopt(state, event.entry, event.atMs);
      return state;
    case 'checkpoint.restored':
      foldRestored(state, event);
      return state;
    case 'rebuilt':
      notice(state, `journal written anew: ${event.because}`);
      return state;
  }
  throw new Error(`Internal error: unknown event ${(event as { type: string }).type}`);
};

/** Folds a whole journal. */
export const fold = (events: readonly JournalEvent[]): State => events.reduce(evolve, emptyState());

const foldPlan = (state: State, { plan, ticked, leaves, atMs }: JournalEvent & { type: 'plan.made' }): void => {
  const firstPlan = state.plan === null && state.first;
  const before = state.plan;
  const now = new Set(ticked);
  const again = readAgain(state, leaves ?? leavesOfPlan(plan), now);
  const { doubtful, ...changes } = newTicks(state, again);
  followLeaves(state, again);
  for (const { id, titleHash } of doubtful) rememberClaim(state, id, titleHash);
  state.plan = plan;
  keepReading(state, { leaves: again, ticked, planned: true });
  if (before) {
    unitsFollowTitles(state, before, plan);
    holdProof(state, before, plan);
    foldVanished(state, { before, plan, leaves: again });
  }
  state.fileUnread = false;
  if (firstPlan) {
    for (const id of now) if (!state.claimed.has(id)) complete(state, id, 'box', atMs, null);
    state.tickedUnread = false;
    return;
  }
  foldBoxes(state, changes, atMs);
  state.ticked = now;
};

const foldCommand = (state: State, event: JournalEvent & { type: 'command' }): void => {
  const { command } = event;
  noteSaid(state, command);
  switch (command.kind) {
    case 'stop':
      state.stopping = {
        now: command.now,
        because: command.because,
        exit: command.signal ?? 2,
        end: command.signal === undefined ? 'stopped' : 'signal',
      };
      return;
    case 'pause':
    case 'continue':
      state.paused = command.kind === 'continue' ? null : (state.paused ?? { atMs: event.atMs, by: command.by });
      return;
    case 'retry': {
      const record = unitRecord(state, command.unit);
      const { review } = record;
      beginAgain(record);
      // What was found wrong with it is not mended yet.
      if (review?.kind === 'rejected') record.review = review;
      // They may know that a limit was lifted; if it was not, it is met again and closed again.
      state.limits.clear();
      return;
    }
    case 'skip':
      unitRecord(state, command.unit).standing = leftOutByPerson();
      return;
    case 'accept': {
      const unit = state.plan?.units.find(one => one.id === command.unit);
      const ids = unit ? unit.leaves.map(leaf => leaf.id) : [command.unit];
      for (const id of ids) {
        complete(state, id, 'accept', event.atMs, null);
        state.disputed.delete(id);
        state.claimed.delete(id);
        state.claimedTitles.delete(titleHashOf(state.plan, id));
      }
      if (unit) unitRecord(state, unit.id).standing = { kind: 'fresh' };
      return;
    }
    case 'reset': {
      const units = state.plan?.units.filter(one => command.unit === null || one.id === command.unit) ?? [];
      const ids = units.flatMap(one => one.leaves.map(leaf => leaf.id));
      if (units.length === 0 && command.unit !== null) ids.push(command.unit);
      noteUndone(state, units, { because: 'it was reset by a person', atMs: event.atMs });
      for (const id of ids) {
        if (command.keepTicked && isTickedByPerson(state, id)) continue;
        undo(state, id);
      }
      for (const unit of units) {
        beginAgain(unitRecord(state, unit.id));
        state.toCommit = state.toCommit.filter(one => one.unit !== unit.id);
        if (state.assignments.get(unit.id)?.source !== 'user') state.assignments.delete(unit.id);
      }
      state.completedAtMs = null;
      if (command.unit === null) {
        state.vanished.clear();
        state.baselines.clear();
        state.redGates.clear();
      }
      return;
    }
    case 'follow':
    case 'reject':
      followUnit(state, command, event.atMs);
      return;
    case 'approve':
      unitRecord(state, command.unit).review = { kind: 'approved', because: command.text, atMs: event.atMs };
      return;
    case 'resume':
      releaseHalted(state, command.answer);
      return;
  }
};

/** One more turn with what a person wants. A unit that was done is not any more: its boxes are owed open. */
const followUnit = (
  state: State,
  { kind, unit: id, text }: Extract<Command, { kind: 'follow' | 'reject' }>,
  atMs: number,
): void => {
  const record = unitRecord(state, id);
  record.asked.push(kind === 'reject' ? rejectWords(text) : text);
  record.granted++;
  if (kind === 'reject') record.review = { kind: 'rejected', because: text, atMs };
  else if (record.review?.kind !== 'rejected') record.review = null;
  const { standing } = record;
  // Of a skipped unit nobody waits for the gate that may still run.
  const running = state.open?.unit === id && (state.open.kind === 'agent' || standing.kind !== 'skipped');
  // The later word counts.
  if (running && standing.kind === 'skipped') record.standing = { kind: 'fresh' };
  if (standing.kind === 'checking') delete standing.skipped;
  const said = kind === 'reject' ? 'a person rejected it' : 'a person asked for one more turn';
  const unit = state.plan?.units.find(one => one.id === id);
  if (unit) noteUndone(state, [unit], { because: `${said}: ${text}`, atMs });
  const last = state.starts.findLast(start => start.unit === id && start.kind === 'agent');
  // It is handed over when what runs has ended, or with the next start.
  if (running || standing.kind === 'checking' || standing.kind === 'again' || !last) {
    // Done by a person's word, which may have been on its way: nobody would ever be told.
    if (unit && isDone(state, unit)) for (const leaf of unit.leaves) undo(state, leaf.id);
    if (!last && !running && record.standing.kind !== 'fresh') record.standing = { kind: 'fresh' };
    return;
  }
  for (const leaf of unit?.leaves ?? []) undo(state, leaf.id);
  state.toCommit = state.toCommit.filter(one => one.unit !== id);
  state.completedAtMs = null;
  const session = record.standing.kind === 'halted' ? record.standing.session : last.session;
  askAgain(record, { atMs, session: state.run?.policy.resumable.includes(last.agent) ? session : null });
};

const leftOutByPerson = (): UnitStanding => ({ kind: 'skipped', because: 'skipped by a person' });

/** A person said that the halted unit may go on, with or without an answer. */
const releaseHalted = (state: State, answer: string | null): void => {
  for (const [id, record] of state.units) {
    if (record.standing.kind !== 'halted') continue;
    const unit = state.plan?.units.find(one => one.id === id);
    const { decided } = record.standing;
    // Nobody has to go on with what is done; the answer is kept with what persons have said of it.
    if (decided === 'done' && unit && isDone(state, unit)) {
      record.standing = { kind: 'fresh' };
      continue;
    }
    // Whoever answers wants it to go on; whoever does not has said already that it is to be left out.
    if (decided === 'skipped' && answer === null) {
      record.standing = leftOutByPerson();
      continue;
    }
    record.standing = {
      kind: 'again',
      mode: 'follow_up',
      reason: { kind: 'answer', text: answer },
      session: record.standing.session,
      notBeforeMs: 0,
      because: 'resumed by a person',
    };
  }
};

const openStart = (state: State, n: number) => {
  assert(state.open?.n === n, `start ${n} is not the open one`);
  return state.open!;
};
