// The beginning and the end of a run, folded into the state. Pure.
import { noticeUnrun } from './check.ts';
import type { JournalEvent } from './events.ts';
import { releaseHalted } from './fold-command.ts';
import { forgetOtherGates } from './settle-gate.ts';
import type { State } from './state.ts';

/** What another life of seqrun knew and wanted is set aside; what was decided stays. */
export const foldRunStarted = (state: State, event: JournalEvent & { type: 'run.started' }): void => {
  state.run = {
    id: event.run,
    startedAtMs: event.atMs,
    policy: event.policy,
    config: event.config,
    iterations: 0,
    pid: event.pid,
    host: event.host,
    words: event.words ?? [],
    workdir: event.workdir ?? state.run?.workdir ?? null,
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
};

export const foldRunEnded = (state: State, event: JournalEvent & { type: 'run.ended' }): void => {
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
};
