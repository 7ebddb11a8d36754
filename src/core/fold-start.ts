// The life of a start (intended, begun, being ended, ended), folded into the state. Pure.
import type { JournalEvent } from './events.ts';
import { assert, unitRecord } from './records.ts';
import { settle } from './settle.ts';
import type { State } from './state.ts';

/** The intention of a start: at most one is open. */
export const foldIntended = (state: State, event: JournalEvent & { type: 'start.intended' }): void => {
  assert(state.open === null, `start ${event.n} intended while ${state.open?.n} is open`);
  assert(event.n > state.lastN, `start number ${event.n} after ${state.lastN}`);
  const { type: _type, seq: _seq, atMs, ...rest } = event;
  state.open = { ...rest, intendedAtMs: atMs, phase: { kind: 'intended' }, gapMs: 0, run: state.run?.id ?? '' };
  state.lastN = event.n;
  // It has been read just before.
  state.fileUnread = false;
  state.tickedUnread = false;
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
};

export const foldBegan = (state: State, event: JournalEvent & { type: 'start.began' }): void => {
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
};

export const foldEnding = (state: State, event: JournalEvent & { type: 'start.ending' }): void => {
  openStart(state, event.n).phase = {
    kind: 'ending',
    because: event.because,
    by: event.by,
    ...(event.says === undefined ? {} : { says: event.says }),
  };
};

/** What the end means for its unit is `settle`'s. */
export const foldEnded = (state: State, event: JournalEvent & { type: 'start.ended' }): void => {
  settle(state, openStart(state, event.n), event);
  state.fileUnread = true;
  // What survived KILL goes on writing: nothing is read before it is gone, and then what it has ticked is its claim.
  if (event.left.some(({ ended }) => !ended)) state.tickedUnread = true;
};

const openStart = (state: State, n: number) => {
  assert(state.open?.n === n, `start ${n} is not the open one`);
  return state.open!;
};
