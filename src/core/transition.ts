// The two facts of an action: what must be on disk before an effect that must not be repeated blindly, and what was learnt.
import type { Agent } from './agent.ts';
import { readAssignmentAnswer } from './assignment.ts';
import { drawnDelayMs } from './backoff.ts';
import { gateEnd, gatesOf } from './check.ts';
import type { Closing } from './closing.ts';
import type { Action, Launch } from './decide.ts';
import type { BoxChanges, EventBody, Outcome } from './events.ts';
import { gateVerdict } from './gate-verdict.ts';
import { isSignalRequired, withProof } from './proof.ts';
import { isRefusedSession, runStoppers } from './settle-unit.ts';
import type { OpenStart, State } from './state.ts';
import type { TreeNote } from './tree.ts';
import { type EndSeen, type Verdict, verdict, windowClosedStop } from './verdict.ts';

/** What the shell made for a launch before the intent: names that a pure function cannot make. */
export interface Reserved {
  n: number;
  mark: string;
  folder: string;
}

/** Gates have no agent: the shell runs them, under this name. */
export const gateRunnerName = 'gate';

/** Who runs a job. */
export const agentOfLaunch = (job: Launch): string =>
  job.kind === 'gate' || job.kind === 'baseline' ? gateRunnerName : job.agent;

/** The fact to journal before the effect, or null when the effect can be repeated. */
export const intent = (
  state: State,
  action: Action,
  reserved: Reserved | null,
  /** The working tree now; null = not known. */
  tree: TreeNote | null = null,
): EventBody | null => {
  if (action.kind === 'launch') {
    const { job } = action;
    const common = { type: 'start.intended' as const, ...reserved!, agent: agentOfLaunch(job) };
    if (job.kind === 'assign') {
      return {
        ...common,
        unit: null,
        kind: 'assign',
        mode: 'attempt',
        reason: { kind: 'task', note: null },
        model: null,
        session: null,
        units: job.units.map(unit => unit.id),
      };
    }
    if (job.kind !== 'agent') {
      return {
        ...common,
        unit: job.kind === 'gate' ? job.unit : null,
        kind: job.kind,
        mode: 'attempt',
        reason: { kind: 'task', note: null },
        model: null,
        session: null,
        units: [],
        gate: job.gate,
      };
    }
    const gates = gatesOf(state, job.unit);
    return {
      ...common,
      ...(gates.length > 0 ? { gates } : {}),
      ...(tree === null ? {} : { tree }),
      unit: job.unit.id,
      kind: 'agent',
      mode: job.mode,
      reason: job.reason,
      model: state.run!.policy.model,
      session: job.session,
      units: [],
    };
  }
  if (action.kind === 'end' && action.start.phase.kind !== 'ending') {
    return { type: 'start.ending', n: action.start.n, because: action.because, by: action.by };
  }
  return null;
};

/** What was learnt of the end of a start, with what stood in tasks.md and in the config file at that moment. */
export interface EndObservation {
  seen: EndSeen;
  agent: Pick<Agent, 'machineStream'>;
  boxes: BoxChanges | null;
  /** Set when the config file changed while the start was open. */
  config: string | null;
  /** The working tree now; null or absent = not known. */
  tree?: TreeNote | null;
  /** How long its process ran. */
  durationMs: number;
  /** A number in [0, 1) for what is drawn; null or absent = nothing is. */
  chance?: number | null;
}

/** The delay after an agent's start, where chance has a part in it: drawn once, so that a journal folds to what was lived through. */
const drawn = (state: State, { kind }: OpenStart, chance: number | null): { delayMs?: number } => {
  const { policy } = state.run!;
  return kind === 'agent' && policy.jitter && chance !== null ? { delayMs: drawnDelayMs(policy, chance) } : {};
};

/** The event for a start that ended: the verdict, what it rests on, and whether the run must end because of it. */
export const ended = (state: State, open: OpenStart, observation: EndObservation): EventBody => {
  const { seen, boxes, config, tree = null } = observation;
  const ending = endingOf(open);
  const judged = judge(state, open, observation, ending);
  const { outcome } = judged;
  const gate =
    open.kind === 'gate' && (outcome.kind === 'passed' || outcome.kind === 'red')
      ? gateEnd(state, open, outcome, {
          code: seen.exit?.code ?? null,
          ending: ending !== null,
          durationMs: observation.durationMs,
        })
      : null;
  const agent = open.kind === 'agent';
  return {
    type: 'start.ended',
    n: open.n,
    outcome,
    code: seen.exit?.code ?? null,
    signal: seen.exit?.signal ?? null,
    session: agent || open.kind === 'assign' ? seen.facts.session : null,
    usage: seen.facts.usage,
    evidence: judged.evidence,
    worked: seen.facts.worked,
    left: seen.left,
    boxes,
    stop: judged.stop ?? stopForFailure(state, open, outcome, seen.facts.worked),
    config,
    ...(tree !== null ? { tree } : {}),
    ...(judged.closing ? { closing: judged.closing } : {}),
    ...gate,
    ...drawn(state, open, observation.chance ?? null),
  };
};

const judge = (
  state: State,
  open: OpenStart,
  observation: EndObservation,
  ending: ReturnType<typeof endingOf>,
): Verdict & { closing?: Closing } => {
  const { seen, agent } = observation;
  switch (open.kind) {
    case 'assign':
      return judgeAssignment(state, open, seen, agent, ending);
    case 'gate':
    case 'baseline':
      return gateVerdict(seen, open.gate!, ending);
    case 'agent': {
      const judged = verdict(seen, agent, ending, { signalRequired: isSignalRequired(state, open) });
      return withProof(state, open, observation, judged);
    }
  }
};

const endingOf = ({ phase, stopped }: OpenStart): Parameters<typeof verdict>[2] => {
  if (phase.kind === 'ending') return phase;
  return stopped ? { because: 'stopped', by: 'person' } : null;
};

/** The event for a start whose claim was never won. */
export const neverStarted = (
  open: OpenStart,
  { message, windowClosed = false }: { message: string; windowClosed?: boolean },
  boxes: BoxChanges | null,
): EventBody => ({
  type: 'start.ended',
  n: open.n,
  outcome: { kind: 'not_started', message },
  code: null,
  signal: null,
  session: null,
  usage: null,
  evidence: [`never started: ${message}`],
  worked: false,
  left: [],
  boxes,
  stop: windowClosed ? windowClosedStop : null,
  config: null,
});

const judgeAssignment = (
  state: State,
  open: OpenStart,
  seen: EndSeen,
  agent: Pick<Agent, 'machineStream'>,
  ending: Parameters<typeof verdict>[2],
): Verdict => {
  const judged = verdict(seen, agent, ending);
  const { kind } = judged.outcome;
  if (kind === 'limited' || kind === 'interrupted') return judged;
  // An assignment job needs no signal: its answer is checked word by word.
  if (seen.classification.class !== 'success' || seen.exit?.code !== 0) {
    const reason = `the assignment job ended with ${kind === 'failed' ? `${judged.outcome.class}: ${judged.outcome.message}` : kind}`;
    return { ...judged, outcome: { kind: 'unassigned', reason } };
  }
  const { policy } = state.run!;
  const answer = readAssignmentAnswer(seen.facts.finalText ?? '', open.units, [
    ...Object.keys(policy.owners),
    policy.backend,
  ]);
  const outcome: Outcome = answer.ok
    ? { kind: 'assigned', assignments: answer.assignments }
    : { kind: 'unassigned', reason: answer.reason };
  return { ...judged, outcome };
};

/** Failures that no retry mends end the run: 69 before anything was started in it, else 2. */
const stopForFailure = (state: State, open: OpenStart, outcome: Outcome, worked: boolean): Verdict['stop'] => {
  if (outcome.kind !== 'failed' || !runStoppers.has(outcome.class)) return null;
  // A session that the agent refuses to go on with is tried once more without it.
  if (isRefusedSession(open, { outcome, worked })) return null;
  const before = state.run!.iterations === 0;
  return {
    end: before ? 'no_agent' : 'person',
    exit: before ? 69 : 2,
    because: `${open.agent} cannot work (${outcome.class}): ${outcome.message}; mend it, then run again`,
  };
};
