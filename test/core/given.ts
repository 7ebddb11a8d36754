// Builds states the only way seqrun can reach them: by folding events.
import type { AdoptedEntry, EventBody, JournalEvent, Outcome, StartReason } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Plan, Unit } from '../../src/core/plan-types.ts';
import type { Policy } from '../../src/core/policy.ts';
import { emptyState, type State } from '../../src/core/state.ts';

export const minute = 60_000;
export const t0 = Date.UTC(2026, 0, 1);

export const policyOf = (over: Partial<Policy> = {}): Policy => ({
  delayMs: 0,
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
  resumable: ['codex', 'claude'],
  resume: false,
  ...over,
});

export const unitOf = (id: string, leaves: string[] = [id], over: Partial<Unit> = {}): Unit => ({
  id,
  title: `Unit ${id}`,
  tasks: leaves.includes(id) ? leaves : [id, ...leaves],
  leaves: leaves.map(leaf => ({ id: leaf, title: `Leaf ${leaf}`, titleHash: `h${leaf}`, optional: false })),
  optionalLeft: [],
  dependsOn: [],
  dependsOnUnits: [],
  level: 0,
  agent: null,
  ...over,
});

export const planOf = (...units: Unit[]): Plan => ({
  hash: units.map(unit => `${unit.id}:${unit.leaves.map(leaf => leaf.titleHash).join('+')}`).join(','),
  dialect: 'kiro',
  units,
  skipped: [],
});

export interface Story {
  state: State;
  events: JournalEvent[];
  nowMs: number;
  /** Folds these events, one second apart. */
  and(...bodies: EventBody[]): Story;
  /** Lets time pass. */
  after(ms: number): Story;
  /** A whole start of a unit: intended, begun, ended. */
  start(
    unit: string,
    outcome: Outcome,
    over?: Partial<EventBody & { type: 'start.ended' }>,
    reason?: StartReason,
  ): Story;
}

/** A spec whose first run has just started with this plan. */
export const given = (plan: Plan, policy: Partial<Policy> = {}, ticked: string[] = []): Story => {
  const story: Story = {
    state: emptyState(),
    events: [],
    nowMs: t0,
    and(...bodies) {
      for (const body of bodies) {
        const event = { ...body, seq: story.state.seq + 1, atMs: story.nowMs } as JournalEvent;
        story.events.push(structuredClone(event));
        evolve(story.state, event);
        story.nowMs += 1000;
      }
      return story;
    },
    after(ms) {
      story.nowMs += ms;
      return story;
    },
    start(unit, outcome, over = {}, reason = { kind: 'task', note: null }) {
      const n = story.state.lastN + 1;
      const standing = story.state.units.get(unit)?.standing;
      const again = standing?.kind === 'again' ? standing : null;
      return story.and(
        intendedOf(n, unit, {
          ...(again ? { mode: again.mode, session: again.session } : {}),
          reason: again?.reason ?? reason,
        }),
        { type: 'start.began', n, pid: 100 + n, transport: 'plain', window: null, adopted: false },
        endedOf(n, outcome, over),
      );
    },
  };
  return story.and(
    { type: 'journal.opened', version: 1, journal: 'j1', spec: '/repo/spec', claimed: [], adopted: null, first: true },
    runStarted(policy),
    { type: 'plan.made', plan, ticked },
  );
};

export const runStarted = (policy: Partial<Policy> = {}): EventBody => ({
  type: 'run.started',
  run: 'run-1',
  version: '0.0.0',
  host: 'here',
  pid: 1,
  policy: policyOf(policy),
  config: 'none',
});

/** An agent’s start of a unit; of another kind, and of no unit, as `over` says. */
export const intendedOf = (
  n: number,
  unit: string | null,
  over: Partial<EventBody & { type: 'start.intended' }> = {},
): EventBody & { type: 'start.intended' } => ({
  type: 'start.intended',
  n,
  unit,
  kind: 'agent',
  mode: 'attempt',
  reason: { kind: 'task', note: null },
  agent: 'codex',
  model: null,
  session: null,
  mark: `mark-${n}`,
  folder: `/starts/${n}`,
  units: [],
  ...over,
});

export const endedOf = (
  n: number,
  outcome: Outcome,
  over: Partial<EventBody & { type: 'start.ended' }> = {},
): EventBody => ({
  type: 'start.ended',
  n,
  outcome,
  code: 0,
  signal: null,
  session: 'session-1',
  usage: null,
  evidence: [],
  worked: true,
  left: [],
  boxes: { ticked: [], opened: [] },
  stop: null,
  config: null,
  ...over,
});

/** An entry of the state file that tells nothing. */
export const noEntry: AdoptedEntry = {
  completed: [],
  titleHashes: {},
  claimed: [],
  ticked: [],
  assignments: {},
  units: {},
  halted: null,
  iterations: 0,
  lastStart: 0,
  startedAtMs: null,
};
