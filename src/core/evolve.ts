// Folds one event into the state, in place. No clock in here: every time comes with its event.

import { adopt, haltsAsDone } from './adopt.ts';
import { foldBelow } from './below-titles.ts';
import { foldBoxes, foldClaims, newTicks, rememberClaim } from './boxes.ts';
import { noticeUnrun } from './check.ts';
import type { JournalEvent } from './events.ts';
import { foldCommand } from './fold-command.ts';
import { foldRestored } from './fold-restored.ts';
import { foldRunEnded, foldRunStarted } from './fold-run.ts';
import { foldBegan, foldEnded, foldEnding, foldIntended } from './fold-start.ts';
import { followLeaves, unitsFollowTitles } from './follow-titles.ts';
import { holdProof } from './held-proof.ts';
import { keepReading, leavesOfPlan, readAgain } from './read-again.ts';
import { assert, complete, notice } from './records.ts';
import { emptyState, type State } from './state.ts';
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
      for (const [hash, id] of Object.entries(event.claimedTitles ?? {})) state.claimedTitles.set(hash, id);
      if (event.adopted) adopt(state, event.adopted, event.atMs);
      // Not with every entry that is merged: an old one would hold back again what was let go on.
      state.paused = event.paused ?? event.adopted?.paused ?? null;
      for (const [agent, limit] of Object.entries(event.limits?.closed ?? {})) state.limits.set(agent, limit);
      state.limitedInRow = event.limits?.inRow ?? 0;
      state.limitedInAll = event.limits?.inAll ?? 0;
      return state;
    case 'run.started':
      foldRunStarted(state, event);
      return state;
    case 'run.ended':
      foldRunEnded(state, event);
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
    case 'start.intended':
      foldIntended(state, event);
      return state;
    case 'start.began':
      foldBegan(state, event);
      return state;
    case 'start.ending':
      foldEnding(state, event);
      return state;
    case 'start.ended':
      foldEnded(state, event);
      return state;
    case 'unit.committed': {
      if (event.config) state.configChanged = event.config;
      if (event.boxes !== undefined) foldClaims(state, event.boxes, new Set());
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

const foldPlan = (state: State, { plan, ticked, leaves, below, atMs }: JournalEvent & { type: 'plan.made' }): void => {
  const firstPlan = state.plan === null && state.first;
  const before = state.plan;
  const now = new Set(ticked);
  const again = readAgain(state, leaves ?? leavesOfPlan(plan), now);
  const { doubtful, ...changes } = newTicks(state, again);
  const doneBefore = new Set(state.done.keys());
  followLeaves(state, again, plan);
  for (const { id, titleHash } of doubtful) rememberClaim(state, id, titleHash);
  state.plan = plan;
  keepReading(state, { leaves: again, ticked, planned: true });
  if (before) {
    unitsFollowTitles(state, before, plan);
    holdProof(state, { before, plan, leaves: again });
    foldVanished(state, { before, plan, leaves: again, doneBefore });
  } else haltsAsDone(state, state.units.keys());
  foldBelow(state, { plan, leaves: again, below: below ?? null });
  state.fileUnread = false;
  if (firstPlan) {
    for (const id of now) if (!state.claimed.has(id)) complete(state, id, 'box', atMs, null);
    state.tickedUnread = false;
    return;
  }
  // Without a journal nobody knows which starts there were since the state file was written, nor what they have ticked.
  foldBoxes(state, changes, atMs, { unsure: before === null && state.lastN > 0 });
  state.ticked = now;
};
