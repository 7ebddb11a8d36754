// A history before it happens: spec, settings, what agents will do, what the world will do to all of them. Made from a seed, or by hand.
import type { PlanOptions } from '../core/plan-types.ts';
import type { Policy } from '../core/policy.ts';
import { type AgentAct, agentActs, type GateAct, gateActs } from './acts.ts';
import { agentEdits } from './edits.ts';
import { type FaultPlan, noFaults } from './machine.ts';
import { type Random, randomOf } from './random.ts';
import type { LaunchPlan } from './start.ts';

const minute = 60_000;

/** What happens from outside while runs are under way; `atMs` is working time from the beginning. */
export interface Disturbance {
  atMs: number;
  kind:
    | 'power cut'
    | 'suspend'
    | 'clock forward'
    | 'clock back'
    | 'drift'
    | 'disk full'
    | 'disk free'
    | 'second runner'
    | 'other spec'
    | 'stop'
    | 'stop now'
    /** And `continue` some time later. */
    | 'pause'
    | 'ctrl-c'
    | 'ctrl-c twice'
    | 'command'
    | 'journal removed'
    | 'box ticked'
    | 'agent killed'
    | 'folder removed';
}

export interface Scenario {
  seed: string;
  specs: { name: string; tasks: string }[];
  policy: Policy;
  plan: PlanOptions;
  hasGit: boolean;
  writeTasks: boolean;
  /** By unit and the how-many-eth start of it (from 0). */
  act(unit: string, k: number): AgentAct;
  edits(unit: string, k: number): string[];
  gateAct(command: string, k: number): GateAct;
  launchPlan(k: number): LaunchPlan;
  disturbances: Disturbance[];
  /** Chance that a person does something between two runs. */
  personBetween: number;
  /** Chance that the journal is removed between two runs. */
  journalLost: number;
  faults: FaultPlan;
  /** Runs a person starts before the world calms down. */
  lives: number;
}

export const goodLaunch: LaunchPlan = {
  claimAfterMs: 5,
  diesAtClaim: false,
  closedAfterMs: null,
  sessionGoneAfterMs: null,
};

export const plainPolicy: Policy = {
  delayMs: 5_000,
  maxIterations: 50,
  maxAttempts: 3,
  maxFollowUps: 3,
  onFail: 'stop',
  onMissingSignal: 'follow-up',
  timeoutMs: 120 * minute,
  stallTimeoutMs: 30 * minute,
  limitMarginMs: minute,
  assign: 'none',
  backend: 'codex',
  assignBackend: 'codex',
  model: null,
  owners: { codex: 'codex' },
  resumable: ['codex'],
  resume: false,
};

export const wholePlan: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};

/** A spec of so many units, without anything special. */
export const plainTasks = (units: number, name = 'one'): string =>
  [
    '# Implementation Plan',
    '',
    ...Array.from({ length: units }, (_, k) => `- [ ] ${k + 1}. Build part ${k + 1} of ${name}`),
    '',
  ].join('\n');

const tasksOf = (random: Random, name: string): string => {
  const lines = ['# Implementation Plan', ''];
  const units = random.int(1, 4);
  for (let id = 1; id <= units; id++) {
    const children = random.pick([0, 0, 1, 2, 3]);
    lines.push(`- [${children === 0 && random.chance(0.08) ? 'x' : ' '}] ${id}. Build part ${id} of ${name}`);
    for (let k = 1; k <= children; k++) {
      lines.push(`  - [${random.chance(0.08) ? 'x' : ' '}] ${id}.${k} Write piece ${id}.${k} of ${name}`);
    }
    if (id > 1 && random.chance(0.3)) lines.push(`  - _depends: ${random.int(1, id - 1)}_`);
    if (random.chance(0.2)) lines.push(`  - _verify: make part${id}_`);
  }
  return `${lines.join('\n')}\n`;
};

const policyOf = (random: Random, hasGit: boolean): Policy => {
  const gates = random.weighted([
    [5, 0],
    [3, 1],
    [1, 2],
  ] as const);
  return {
    ...plainPolicy,
    delayMs: random.pick([0, 0, 5_000, 15_000]),
    maxIterations: random.pick([50, 50, 50, 4, 2]),
    maxAttempts: random.pick([3, 3, 2, 1]),
    maxFollowUps: random.pick([3, 3, 1, 0]),
    onFail: random.pick(['stop', 'stop', 'skip', 'halt'] as const),
    onMissingSignal: random.chance(0.1) ? 'fail' : 'follow-up',
    timeoutMs: random.pick([120, 120, 30]) * minute,
    stallTimeoutMs: random.pick([30, 30, 5]) * minute,
    limitMarginMs: random.pick([minute, minute, 0]),
    resumable: random.chance(0.75) ? ['codex'] : [],
    gates: Array.from({ length: gates }, (_, k) => ({
      name: `verify-${k + 1}`,
      command: `check ${k + 1}`,
      timeoutMs: random.pick([30, 10]) * minute,
      from: 'user' as const,
    })),
    allowTaskCommands: random.chance(0.5),
    baseline: random.pick(['require', 'require', 'off', 'ignore', 'halt'] as const),
    require: random.weighted<NonNullable<Policy['require']>>([
      [6, ['signal', 'verify']],
      [hasGit ? 2 : 0.001, hasGit ? ['signal', 'verify', 'change'] : ['signal', 'verify']],
      [gates > 0 ? 1 : 0.001, gates > 0 ? ['verify'] : ['signal', 'verify']],
    ]),
    review: random.pick(['none', 'none', 'none', 'all'] as const),
    git: hasGit && random.chance(0.4) ? 'commit' : 'note',
  };
};

const badLaunch = (random: Random): LaunchPlan =>
  random.weighted<LaunchPlan>([
    [3, { ...goodLaunch, claimAfterMs: random.int(2_000, 60_000) }],
    [2, { ...goodLaunch, claimAfterMs: Number.POSITIVE_INFINITY }],
    [2, { ...goodLaunch, diesAtClaim: true }],
    [2, { ...goodLaunch, closedAfterMs: random.int(1, 400_000) }],
    [1, { ...goodLaunch, sessionGoneAfterMs: random.int(1, 400_000) }],
  ]);

const disturbanceKinds: readonly (readonly [number, Disturbance['kind']])[] = [
  [3, 'power cut'],
  [3, 'suspend'],
  [2, 'clock forward'],
  [2, 'clock back'],
  [1, 'drift'],
  [2, 'disk full'],
  [4, 'second runner'],
  [4, 'other spec'],
  [2, 'stop'],
  [3, 'stop now'],
  [2, 'ctrl-c'],
  [2, 'ctrl-c twice'],
  [8, 'command'],
  [1, 'journal removed'],
  [2, 'box ticked'],
  [2, 'agent killed'],
  [1, 'folder removed'],
];

/** The history of a seed. About one in four is calm; the others get everything that can happen. */
export const scenarioOf = (seed: string): Scenario => {
  const random = randomOf(`${seed} scenario`);
  const rough = !random.chance(0.25);
  const hasGit = random.chance(0.7);
  const specs = [{ name: 'one', tasks: tasksOf(random, 'one') }];
  if (random.chance(0.3)) specs.push({ name: 'two', tasks: tasksOf(random, 'two') });
  const keyed = (name: string): Random => randomOf(`${seed} ${name}`);
  const acts = Object.keys(agentActs) as AgentAct[];
  const gates = Object.keys(gateActs) as GateAct[];
  const edits = Object.keys(agentEdits);
  const wellBehaved = random.next() * 0.7;
  const meddling = rough ? random.next() * 0.6 : 0;
  const disturbances: Disturbance[] = [];
  for (let k = rough ? random.int(0, 6) : 0; k > 0; k--) {
    const kind = random.weighted(disturbanceKinds);
    const atMs = Math.floor(random.next() ** 2 * 3 * 60 * minute);
    disturbances.push({ atMs, kind });
    if (kind === 'disk full') disturbances.push({ atMs: atMs + random.int(1, 20) * minute, kind: 'disk free' });
  }
  // Streams of their own: what was drawn before these came into the world stays as it was.
  const pauses = keyed('pauses');
  if (rough && pauses.chance(0.4)) disturbances.push({ atMs: pauses.int(1, 180) * minute, kind: 'pause' });
  const time = keyed('time of runs');
  const maxRuntimeMs = rough && time.chance(0.15) ? time.int(5, 240) * minute : null;
  return {
    seed,
    specs,
    policy: { ...policyOf(random, hasGit), ...(maxRuntimeMs === null ? {} : { maxRuntimeMs }) },
    plan: { ...wholePlan, granularity: random.chance(0.15) ? 'leaf' : 'group' },
    hasGit,
    writeTasks: !random.chance(0.08),
    act: (unit, k) => {
      const own = keyed(`act ${unit} ${k}`);
      return own.chance(wellBehaved) ? 'done' : own.pick(acts);
    },
    edits: (unit, k) => {
      const own = keyed(`edits ${unit} ${k}`);
      const all: string[] = [];
      if (own.chance(0.5)) all.push('ticks its own boxes');
      while (own.chance(meddling)) all.push(own.pick(edits));
      return all;
    },
    gateAct: (command, k) => {
      const own = keyed(`gate ${command} ${k}`);
      return own.chance(0.7) ? 'pass' : own.pick(gates);
    },
    launchPlan: k => {
      const own = keyed(`launch ${k}`);
      return rough && own.chance(0.12) ? badLaunch(own) : goodLaunch;
    },
    disturbances,
    personBetween: rough ? 0.5 : 0.2,
    journalLost: rough ? 0.06 : 0,
    faults: rough ? { at: new Map(), rate: random.pick([0, 0.003, 0.01, 0.03]), max: 6 } : noFaults,
    lives: random.int(2, 7),
  };
};
