// Small histories in which every single point is hit in turn: each behaviour of agents and gates, each edit, one to three units.
import { type AgentAct, agentActs, type GateAct, gateActs } from './acts.ts';
import { agentEdits } from './edits.ts';
import type { Fault } from './machine.ts';
import type { Production } from './production.ts';
import { goodLaunch, plainPolicy, plainTasks, type Scenario, wholePlan } from './scenario.ts';
import { type History, simulate } from './simulate.ts';

export interface SmallCase {
  name: string;
  scenario: Scenario;
}

const small = (name: string, units: number, over: Partial<Scenario>): SmallCase => ({
  name,
  scenario: {
    seed: name,
    specs: [{ name: 'one', tasks: plainTasks(units) }],
    policy: plainPolicy,
    plan: wholePlan,
    hasGit: true,
    writeTasks: true,
    act: () => 'done',
    edits: () => [],
    gateAct: () => 'pass',
    launchPlan: () => goodLaunch,
    disturbances: [],
    personBetween: 0,
    journalLost: 0,
    faults: { at: new Map(), rate: 0, max: 0 },
    lives: 1,
    ...over,
  },
});

const gated = {
  ...plainPolicy,
  gates: [{ name: 'verify', command: 'check', timeoutMs: 600_000, from: 'user' as const }],
  git: 'commit' as const,
};

/** One case for each behaviour and each number of units: the first start behaves so, everything after it well. */
export const smallCases = (): SmallCase[] => [
  ...(Object.keys(agentActs) as AgentAct[]).flatMap(act =>
    [1, 2, 3].map(units => small(`agent: ${act}, ${units} units`, units, { act: (_, k) => (k === 0 ? act : 'done') })),
  ),
  ...(Object.keys(gateActs) as GateAct[]).map(act =>
    small(`gate: ${act}`, 1, { policy: gated, gateAct: (_, k) => (k === 1 ? act : 'pass') }),
  ),
  ...Object.keys(agentEdits).map(edit => small(`edit: ${edit}`, 2, { edits: (_, k) => (k === 0 ? [edit] : []) })),
  ...Object.keys(agentEdits).map(edit =>
    small(`edit and fail: ${edit}`, 2, {
      act: (_, k) => (k === 0 ? 'crash' : 'done'),
      edits: (_, k) => (k === 0 ? ['ticks its own boxes', edit] : []),
    }),
  ),
  small('launch: late', 1, { launchPlan: k => (k === 0 ? { ...goodLaunch, claimAfterMs: 25_000 } : goodLaunch) }),
  small('launch: slow', 1, { launchPlan: k => (k === 0 ? { ...goodLaunch, claimAfterMs: 3_000 } : goodLaunch) }),
  small('launch: never', 1, {
    launchPlan: k => (k === 0 ? { ...goodLaunch, claimAfterMs: Number.POSITIVE_INFINITY } : goodLaunch),
  }),
  small('launch: dies at its claim', 1, {
    launchPlan: k => (k === 0 ? { ...goodLaunch, diesAtClaim: true } : goodLaunch),
  }),
  small('window closed', 1, { launchPlan: k => (k === 0 ? { ...goodLaunch, closedAfterMs: 60_000 } : goodLaunch) }),
  small('session gone', 1, { launchPlan: k => (k === 0 ? { ...goodLaunch, sessionGoneAfterMs: 60_000 } : goodLaunch) }),
  ...(
    ['stop', 'stop now', 'ctrl-c', 'ctrl-c twice', 'second runner', 'suspend', 'clock back', 'disk full'] as const
  ).map(kind =>
    small(`outside: ${kind}`, 2, {
      disturbances: [
        { atMs: 100_000, kind },
        { atMs: 900_000, kind: 'disk free' },
      ],
    }),
  ),
];

/** The case with these points hit. */
export const withFaults = ({ scenario }: SmallCase, at: readonly (readonly [number, Fault])[]): Scenario => ({
  ...scenario,
  faults: { at: new Map(at), rate: 0, max: 0 },
});

export interface Broken {
  name: string;
  at: readonly (readonly [number, Fault])[];
  history: History;
}

/**
 * Hits points of a case one at a time, by kill and by power cut; every `stride`-th, beginning at `offset`. With `pairs` each second
 * point as well. Calls back for what broke; returns how many histories were played.
 */
export const hitPoints = async (
  production: Production,
  one: SmallCase,
  options: { stride: number; offset: number; pairs: boolean; onBroken: (broken: Broken) => void },
): Promise<number> => {
  let played = 0;
  const play = async (at: readonly (readonly [number, Fault])[]): Promise<History> => {
    played++;
    const history = await simulate(production, withFaults(one, at));
    if (history.violations.length > 0) options.onBroken({ name: one.name, at, history });
    return history;
  };
  const { calmPoints } = await play([]);
  for (let point = 1 + (options.offset % options.stride); point <= calmPoints; point += options.stride) {
    for (const fault of ['kill', 'power'] as const) {
      const first = await play([[point, fault]]);
      if (!options.pairs) continue;
      for (let second = point + 1; second <= first.calmPoints; second++) {
        await play([
          [point, fault],
          [second, 'kill'],
        ]);
      }
    }
  }
  return played;
};
