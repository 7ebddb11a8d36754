// Folds that a person went back to a checkpoint: exactly what it proves is done, and what came after it begins again.
import type { JournalEvent } from './events.ts';
import { assert, beginAgain, noteUndone, undo, unitRecord } from './records.ts';
import type { State } from './state.ts';

/** Changes the state in place. Starts and counters of the whole spec stay in the record; no start may be open. */
export const foldRestored = (state: State, event: JournalEvent & { type: 'checkpoint.restored' }): void => {
  assert(state.open === null, `checkpoint restored while start ${state.open?.n} is open`);
  const kept = new Set(event.completed.map(({ id }) => id));
  const again = state.plan?.units.filter(({ id }) => event.again.includes(id)) ?? [];
  noteUndone(state, again, { because: `checkpoint ${event.id} was restored`, atMs: event.atMs });
  for (const id of [...state.done.keys()]) if (!kept.has(id)) undo(state, id);
  for (const { id, by, atMs, start, titleHash } of event.completed) {
    state.done.set(id, { by, atMs, start, titleHash });
    state.takenBack.delete(titleHash);
    state.reopened.delete(id);
  }
  state.disputed.clear();
  for (const id of event.again) {
    const record = unitRecord(state, id);
    const { heldProof } = record;
    beginAgain(record);
    // The task file stays as it is: what a job has written into it of its own proof holds no more than before.
    record.heldProof = heldProof;
  }
  for (const id of event.back) {
    const { review } = unitRecord(state, id);
    Object.assign(unitRecord(state, id), {
      standing: { kind: 'fresh' },
      failure: null,
      review: event.reviews[id] ? { ...event.reviews[id] } : review?.kind === 'approved' ? review : null,
    });
  }
  const starts = new Set(event.completed.map(({ start }) => start));
  state.toCommit = state.toCommit.filter(({ start }) => starts.has(start));
  if (event.redGates) {
    state.redGates = new Map(event.redGates.map(({ command, ...known }) => [command, { ...known }]));
  } else {
    for (const [command, { known, unit, red, unlike = [] }] of state.redGates) {
      if (known !== 'expected') continue;
      if (unit !== null && event.again.includes(unit)) state.redGates.delete(command);
      else {
        const stays = red && !event.again.includes(red.unit) ? { red } : {};
        const others = unlike.filter(id => !event.again.includes(id));
        state.redGates.set(command, { known, unit, ...stays, ...(others.length > 0 ? { unlike: others } : {}) });
      }
    }
  }
  if (event.tree) state.restoredTree = event.tree.hash;
  state.completedAtMs = null;
};
