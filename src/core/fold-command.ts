// What a person says, folded into the state: stop, pause, retry, skip, accept, reset, one more turn, an answer. Pure.
import type { Command, JournalEvent } from './events.ts';
import { beginAgain, complete, isTickedByPerson, noteUndone, titleHashOf, undo, unitRecord } from './records.ts';
import { noteSaid, rejectWords } from './said.ts';
import { askAgain } from './settle-unit.ts';
import type { State, UnitStanding } from './state.ts';
import { isDone } from './units.ts';

/** Folds a command that has not been applied yet. */
export const foldCommand = (state: State, event: JournalEvent & { type: 'command' }): void => {
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
        state.claimedTitles.delete(titleHashOf(state, id));
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
export const releaseHalted = (state: State, answer: string | null): void => {
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
    // A turn that a person has asked for takes none of those that seqrun may ask for.
    record.granted++;
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
