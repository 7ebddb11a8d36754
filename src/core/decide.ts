// The whole policy of the loop: what happens next. Pure and total: every state has exactly one next action.
import { baselineDue, gatesOf, pendingCheck } from './check.ts';
import { defaults } from './defaults.ts';
import { disputeAnswers, disputeOf, disputeWords } from './disputes.ts';
import type { EndReason, RunEnd, StartMode, StartReason } from './events.ts';
import { type Gate, inForeground } from './gate.ts';
import { asHeld } from './held-proof.ts';
import { pausedWords, timeBound } from './holding-back.ts';
import type { Unit } from './plan-types.ts';
import { assert } from './records.ts';
import { asBefore } from './settle-unit.ts';
import type { OpenStart, State, UnitStanding } from './state.ts';
import { isDone, notSelected, standingOf, unitProgress, vainCauses } from './units.ts';
import { vanishedText } from './vanished.ts';
import { count, grantedWords } from './words.ts';

type Again = Extract<UnitStanding, { kind: 'again' }>;

/** What decide must know beside the state. */
export interface Situation {
  /** Epoch ms. */
  nowMs: number;
  /** `state.seq` at which tasks.md was last read: the plan is as fresh as that. */
  readSeq: number;
}

export interface AgentLaunch {
  kind: 'agent';
  unit: Unit;
  mode: StartMode;
  reason: StartReason;
  agent: string;
  session: string | null;
}

export interface AssignLaunch {
  kind: 'assign';
  units: Unit[];
  agent: string;
}

export interface GateLaunch {
  kind: 'gate';
  /** Unit whose last start it checks; it need not be in the plan any more. */
  unit: string;
  title: string;
  gate: Gate;
}

export interface BaselineLaunch {
  kind: 'baseline';
  gate: Gate;
}

/** Something to be started. */
export type Launch = AgentLaunch | AssignLaunch | GateLaunch | BaselineLaunch;

export type Action =
  /** Read tasks.md (and STATE.json), tick what is done. */
  | { kind: 'read' }
  | { kind: 'launch'; job: Launch }
  /** Find out what became of a start that an earlier life intended. */
  | { kind: 'reconcile'; start: OpenStart }
  | { kind: 'watch'; start: OpenStart; untilMs: number }
  | { kind: 'end'; start: OpenStart; because: EndReason; by: 'person' | 'seqrun' }
  | { kind: 'wait'; untilMs: number; because: string; unit: string | null }
  /** A person holds starts back. `untilMs` = when the run's time is over, epoch ms; null = it has no bound. */
  | { kind: 'paused'; untilMs: number | null; because: string }
  /** `--git commit`: what a completed unit changed becomes a commit, unless it is one already. */
  | { kind: 'commit'; unit: string; start: number; atMs: number }
  | { kind: 'finish'; end: RunEnd; exit: number; because: string };

/** The one next action. A run must have been started. */
export const decide = (state: State, situation: Situation): Action => {
  const { run } = state;
  assert(run !== null, 'decide without a run');
  if (state.open) return decideOpen(state, state.open, situation.nowMs);
  if (state.mustEnd) return { kind: 'finish', ...state.mustEnd };
  // Who stops after the current unit wants to know how it went; behind the last one that is the end of all work.
  const unfinished = state.toCommit.length > 0 || pendingCheck(state) !== null || isAllDone(state);
  if (state.stopping && (state.stopping.now || !unfinished)) return { kind: 'finish', ...state.stopping };
  if (situation.readSeq !== state.seq) return { kind: 'read' };
  return selectUnit(state, situation.nowMs);
};

const decideOpen = (state: State, open: OpenStart, nowMs: number): Action => {
  switch (open.phase.kind) {
    case 'intended':
      return { kind: 'reconcile', start: open };
    case 'ending':
      return { kind: 'end', start: open, because: open.phase.because, by: open.phase.by };
    case 'running': {
      if (state.stopping?.now) return { kind: 'end', start: open, because: 'stopped', by: 'person' };
      const untilMs = open.phase.sinceMs + limitOf(open, state.run!.policy.timeoutMs) + open.gapMs;
      if (nowMs >= untilMs) return { kind: 'end', start: open, because: 'timeout', by: 'seqrun' };
      return { kind: 'watch', start: open, untilMs };
    }
  }
};

/** How long a start may take. */
const limitOf = ({ kind, gate }: OpenStart, timeoutMs: number): number => {
  if (gate) return gate.timeoutMs;
  return kind === 'assign' ? Math.min(timeoutMs, defaults.assignTimeoutMs) : timeoutMs;
};

const isAllDone = (state: State): boolean => state.plan?.units.every(unit => isDone(state, unit)) ?? false;

const selectUnit = (state: State, nowMs: number): Action => {
  const { policy } = state.run!;
  const plan = state.plan;
  assert(plan !== null, 'a reading without plan must end the run');

  const dispute = disputeOf(state);
  if (dispute) return finish('person', 2, `${disputeWords(dispute)}: ${disputeAnswers(dispute)}`);
  const check = pendingCheck(state);
  if (check) {
    const title = plan.units.find(unit => unit.id === check.unit)?.title ?? check.unit;
    return { kind: 'launch', job: { kind: 'gate', unit: check.unit, title, gate: check.gate } };
  }
  const uncommitted = state.toCommit[0];
  if (uncommitted && policy.git === 'commit') return { kind: 'commit', ...uncommitted };
  if (state.stopping && !isAllDone(state)) return { kind: 'finish', ...state.stopping };
  const unseen = toReview(state);
  if (unseen) return finish('person', 2, unseen);
  for (const unit of plan.units) {
    const standing = standingOf(state, unit);
    if (standing.kind === 'halted') {
      return finish(
        'halted',
        2,
        `unit ${unit.id} halted: ${standing.reason ?? 'no reason given'}${decidedWords(standing)}`,
      );
    }
    if (standing.kind === 'failed' && policy.onFail !== 'skip') {
      const because = `unit ${unit.id} failed: ${standing.because}`;
      return policy.onFail === 'halt' ? finish('halted', 2, because) : finish('failed', 3, because);
    }
  }

  const vanished = haltedAndGone(state);
  if (vanished !== null) return finish('halted', 2, vanished);

  const progress = plan.units.map(unit => unitProgress(state, unit));
  const left = progress.filter(one => one.kind !== 'completed' && one.kind !== 'skipped');
  if (left.length === 0) {
    const vanishedTasks = vanishedText(state);
    if (vanishedTasks !== null) return finish('person', 2, vanishedTasks);
    const skipped = progress.filter(one => one.kind === 'skipped').length;
    const others = notSelected(plan).length;
    if (others > 0) {
      const but = skipped > 0 ? `, ${skipped} skipped by a person` : '';
      const words = `all selected units are done${but} (${count(others, 'unit')} not selected)`;
      return finish('selected', 0, `${words}${lookWords(state)}`);
    }
    return finish(
      'completed',
      0,
      `${skipped > 0 ? `all units done, ${skipped} skipped by a person` : 'all required units are done'}${lookWords(state)}`,
    );
  }
  const next = progress.find(one => one.kind === 'ready');
  if (!next) {
    const why = left.map(one => (one.kind === 'blocked' ? blockedText(state, one) : `${one.unit.id} failed`));
    const failed = left.some(one => one.kind === 'failed');
    return finish(
      failed ? 'failed' : 'blocked',
      3,
      `nothing can run: ${why.slice(0, 5).join('; ')}${why.length > 5 ? ' …' : ''}`,
    );
  }
  if (state.run!.iterations >= policy.maxIterations) {
    return finish(
      'iterations',
      1,
      `${count(policy.maxIterations, 'iteration')} used, ${count(left.length, 'unit')} left`,
    );
  }
  return launchOrWait(state, next.unit, nowMs);
};

/** What was said of a unit before it halted is no answer, but tells what it means to go on. */
const decidedWords = ({ decided }: Extract<UnitStanding, { kind: 'halted' }>): string => {
  if (decided === undefined) return '';
  const before = decided === 'done' ? 'it counts as done' : 'a person had left it out';
  return `; ${before} all the same: seqrun resume goes on without it`;
};

/** What a person has to look at before anything else is started, or null. */
const toReview = (state: State): string | null => {
  const { review = 'none' } = state.run!.policy;
  if (review === 'none') return null;
  for (const unit of state.plan!.units) {
    const record = state.units.get(unit.id);
    if (record?.review?.kind !== 'open' || !isDone(state, unit)) continue;
    if (review === 'checkpoints' && !asHeld(state, unit).checkpoint) continue;
    return `unit ${unit.id} is done and waits for a review: seqrun approve ${unit.id}, or seqrun reject ${unit.id} "what is wrong"`;
  }
  return null;
};

/** Nobody wanted to be waited for: that somebody should look is no reason to end otherwise, and must not be missed. */
const lookWords = (state: State): string => {
  const open = state.plan!.units.filter(
    unit => state.units.get(unit.id)?.review?.kind === 'open' && isDone(state, unit),
  );
  if (open.length === 0) return '';
  const ids = open.slice(0, 5).map(unit => unit.id);
  return `; ${count(open.length, 'unit')} should be looked at (${ids.join(', ')}${open.length > 5 ? ' …' : ''})`;
};

/** What failed has a word of its own beside it; of the other causes nothing else would tell. */
const blockedText = (state: State, { unit, by }: { unit: Unit; by: string[] }): string => {
  const causes = vainCauses(state, unit).filter(cause => cause.kind !== 'failed');
  const because =
    causes.length > 0
      ? ` (${causes
          .map(cause => cause.words)
          .slice(0, 3)
          .join(', ')})`
      : '';
  return `${unit.id} waits for ${by.join(', ')}${because}`;
};

/** A HALT waits for a person also when its unit is not in the plan any more: an agent can rewrite the file, too. */
const haltedAndGone = (state: State): string | null => {
  const { units, skipped } = state.plan!;
  const known = new Set([...units, ...skipped].map(({ id }) => id));
  for (const [id, { standing }] of state.units) {
    if (standing.kind !== 'halted' || known.has(id)) continue;
    return `unit ${id} halted: ${standing.reason ?? 'no reason given'}; it is not in the plan any more: seqrun resume goes on without it`;
  }
  return null;
};

const launchOrWait = (state: State, unit: Unit, nowMs: number): Action => {
  const { policy } = state.run!;
  const bound = timeBound(state.run!);
  if (bound && nowMs >= bound.atMs) return finish('time', 4, `${bound.because} is over before unit ${unit.id}`);
  if (state.paused) return { kind: 'paused', untilMs: bound?.atMs ?? null, because: pausedWords(state.paused) };
  const baseline = baselineDue(state, unit);
  if (baseline) return { kind: 'launch', job: { kind: 'baseline', gate: baseline } };
  if (policy.everyUnitGated && gatesOf(state, unit).length === 0) {
    return finish(
      'person',
      2,
      `unit ${unit.id} has no gate, and one is required (--require verify): give it a _verify: …_ line, or a --verify for all`,
    );
  }
  const behind = gatesOf(state, unit).find(gate => inForeground(gate.command) !== null);
  if (behind) {
    return finish(
      'person',
      2,
      `gate ${behind.name} (${behind.command}) of unit ${unit.id} ends with "&": it would pass at once, whatever its command does; take the & away`,
    );
  }
  const asked = unitsToAssign(state, unit);
  const agent = asked.length > 0 ? policy.assignBackend : agentOf(state, unit);
  const standing = standingOf(state, unit);
  const again = standing.kind === 'again' ? standing : null;

  const limit = state.limits.get(agent);
  // The last end lies ahead: the clock was set back. Pauses that count from there would last for as long as it was set back.
  const setBack = (state.starts.at(-1)?.endedAtMs ?? 0) > nowMs;
  const noDelay = setBack || state.lastEndMs === null;
  const delayUntilMs = noDelay ? 0 : state.lastEndMs! + (state.delayMs ?? policy.delayMs);
  const waits = [
    { untilMs: limit?.untilMs ?? 0, because: limit?.because ?? '' },
    { untilMs: setBack ? 0 : (again?.notBeforeMs ?? 0), because: again?.because ?? '' },
    { untilMs: delayUntilMs, because: 'delay between iterations' },
  ];
  const longest = waits.reduce((a, b) => (b.untilMs > a.untilMs ? b : a));
  // The run that met it has ended for that; so does each one after it.
  if (limit && limit.untilMs - nowMs > defaults.limitWaitMaxMs) {
    const because = `${limit.because}, longer than a run waits: seqrun retry ${unit.id} tries it all the same`;
    return finish('limit_bound', 4, because);
  }
  const spent = again ? spentWords(state, unit, again) : null;
  if (spent !== null) return finish('person', 2, spent);
  if (bound && longest.untilMs > nowMs && longest.untilMs >= bound.atMs) {
    const wait = `unit ${unit.id} waits until ${new Date(longest.untilMs).toISOString()} (${longest.because})`;
    return finish('time', 4, `${wait}, and ${bound.because} is over then: ended now`);
  }
  if (longest.untilMs > nowMs) return { kind: 'wait', ...longest, unit: unit.id };

  if (asked.length > 0) return { kind: 'launch', job: { kind: 'assign', units: asked, agent } };
  const session = again && sessionAgent(state, unit.id, again.session) === agent ? again.session : null;
  const reason = again?.reason ?? { kind: 'task', note: null };
  return {
    kind: 'launch',
    job: {
      kind: 'agent',
      unit: asHeld(state, unit),
      mode: again?.mode ?? 'attempt',
      reason: withAsked(session === null ? asBefore(reason) : reason, state.units.get(unit.id)?.asked ?? []),
      agent,
      session,
    },
  };
};

/**
 * That a follow-up is due and none is left, or null. Where an end makes one due it has looked; not so where it comes from a state file,
 * or where the run before was given more of them.
 */
const spentWords = (state: State, { id }: Unit, { mode, reason, because }: Again): string | null => {
  const { maxFollowUps } = state.run!.policy;
  const { followUps, granted } = state.units.get(id)!;
  // A person's own word is one turn more.
  const counts = mode === 'follow_up' && reason.kind === 'follow_up' && reason.from !== 'person';
  if (!counts || followUps < maxFollowUps + granted) return null;
  return `unit ${id} needs a follow-up and has none left (${followUps} of ${maxFollowUps} used${grantedWords({ granted })}); ${because}: seqrun retry ${id} begins it anew, seqrun accept ${id} counts it as done`;
};

/** The reason of a start, with what a person wants beside it. */
const withAsked = (reason: StartReason, asked: readonly string[]): StartReason => {
  if (asked.length === 0) return reason;
  const text = asked.join('\n\n');
  switch (reason.kind) {
    case 'task':
      return { kind: 'task', note: [reason.note, `A person adds: ${text}`].filter(part => part !== null).join('\n\n') };
    case 'follow_up':
      return { ...reason, missing: `${reason.missing}\n\nA person adds: ${text}` };
    case 'answer':
      return { kind: 'answer', text: [reason.text, text].filter(part => part !== null).join('\n\n') };
    case 'continue':
      return { kind: 'follow_up', missing: text, from: 'person' };
  }
};

/** Which agent a session belongs to: another one must not get its id. Taken over from a state file alone, it is believed to fit. */
const sessionAgent = (state: State, unit: string, session: string | null): string | null => {
  if (session === null) return null;
  const known = state.starts.findLast(start => start.unit === unit && start.session === session)?.agent;
  return known ?? agentOf(state, state.plan!.units.find(({ id }) => id === unit)!);
};

/** Units that need an owner before `next` may start: all of them at once, only this one, or none. */
const unitsToAssign = (state: State, next: Unit): Unit[] => {
  const { policy } = state.run!;
  if (policy.assign === 'none' || !canChoose(policy.owners, policy.backend)) return [];
  const needs = (unit: Unit) => unit.agent === null && !state.assignments.has(unit.id);
  if (!needs(next)) return [];
  if (policy.assign === 'each') return [next];
  return state.plan!.units.filter(unit => needs(unit) && unit.leaves.some(leaf => !state.done.has(leaf.id)));
};

/** Asking who shall do it is only worth its price when there is more than one answer. */
const canChoose = (owners: Record<string, string>, backend: string): boolean =>
  new Set([...Object.values(owners), backend]).size > 1;

/** The agent that runs a unit: the file's word, then the assignment, then `--backend`. */
export const agentOf = (state: State, unit: Unit): string => {
  const { policy } = state.run!;
  const owner = unit.agent ?? state.assignments.get(unit.id)?.owner ?? policy.backend;
  return owner === policy.backend ? owner : (policy.owners[owner] ?? policy.backend);
};

const finish = (end: RunEnd, exit: number, because: string): Action => ({ kind: 'finish', end, exit, because });
