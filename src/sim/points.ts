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
    // The one that is hit, and the one after it, which can be hit as well.
    lives: 2,
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
  // Of the first unit alone: a unit that each one adds would be followed by another one.
  ...Object.keys(agentEdits).map(edit =>
    small(`edit: ${edit}`, 2, { edits: (unit, k) => (unit === '1' && k === 0 ? [edit] : []) }),
  ),
  ...Object.keys(agentEdits).map(edit =>
    small(`edit and fail: ${edit}`, 2, {
      act: (_, k) => (k === 0 ? 'crash' : 'done'),
      edits: (unit, k) => (unit === '1' && k === 0 ? ['ticks its own boxes', edit] : []),
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

/** A history with the points that were hit in it. */
export interface Played {
  name: string;
  at: readonly (readonly [number, Fault])[];
  history: History;
}

export interface Hitting {
  /** Every so many-th point, beginning at `offset`. */
  stride: number;
  offset: number;
  /** Each later point as well, by kill. */
  pairs: boolean;
  /** Only these of the first points, counted from 0, the last one left out; absent: all of them. */
  part?: { from: number; to: number };
  onPlayed(played: Played): void;
}

/** How many points of a case there are to hit: `part` counts over them. */
export const countPoints = async (
  production: Production,
  one: SmallCase,
  { stride, offset }: Pick<Hitting, 'stride' | 'offset'>,
): Promise<number> => {
  const { calmPoints } = await simulate(production, withFaults(one, []));
  return Math.ceil((calmPoints - (offset % stride)) / stride);
};

/** Plays a case undisturbed (with its first part), and with its points hit one at a time, by kill and by power cut. */
export const hitPoints = async (production: Production, one: SmallCase, options: Hitting): Promise<void> => {
  const { stride, offset, pairs, part = { from: 0, to: Number.POSITIVE_INFINITY }, onPlayed } = options;
  const play = async (at: readonly (readonly [number, Fault])[]): Promise<History> => {
    const history = await simulate(production, withFaults(one, at));
    onPlayed({ name: one.name, at, history });
    return history;
  };
  if (part.from === 0) await play([]);
  const to = Math.min(part.to, await countPoints(production, one, { stride, offset }));
  for (let k = part.from; k < to; k++) {
    const point = 1 + (offset % stride) + k * stride;
    for (const fault of ['kill', 'power'] as const) {
      const first = await play([[point, fault]]);
      if (!pairs) continue;
      for (let second = point + 1; second <= first.calmPoints; second++) {
        await play([
          [point, fault],
          [second, 'kill'],
        ]);
      }
    }
  }
};
