// Start values for tests of the files beside a spec: a plan, a policy, and events that number themselves.
import type { EventBody, JournalEvent, Outcome } from '../../../src/core/events.ts';
import type { Plan, Unit } from '../../../src/core/plan-types.ts';
import type { Policy } from '../../../src/core/policy.ts';

export const policy: Policy = {
  delayMs: 5000,
  maxIterations: 50,
  maxAttempts: 3,
  maxFollowUps: 3,
  onFail: 'skip',
  onMissingSignal: 'follow-up',
  timeoutMs: 7_200_000,
  stallTimeoutMs: 1_800_000,
  limitMarginMs: 60_000,
  assign: 'none',
  backend: 'codex',
  assignBackend: 'codex',
  model: null,
  owners: { gemini: 'gemini' },
  resumable: ['codex'],
  resume: false,
};

/** A unit `id` with leaves `id.1 … id.k`; `k` = 0: a single task. */
export const unit = (id: string, k: number, dependsOnUnits: string[] = [], optionalLeft: string[] = []): Unit => {
  const ids = k === 0 ? [id] : Array.from({ length: k }, (_, i) => `${id}.${i + 1}`);
  return {
    id,
    title: `Unit ${id}`,
    tasks: k === 0 ? [id] : [id, ...ids, ...optionalLeft],
    leaves: ids.map(leaf => ({ id: leaf, title: `Leaf ${leaf}`, titleHash: `hash-${leaf}`, optional: false })),
    optionalLeft,
    dependsOn: dependsOnUnits,
    dependsOnUnits,
    level: 0,
    agent: null,
  };
};

export const plan = (...units: Unit[]): Plan => ({ hash: 'plan-hash', dialect: 'kiro', units, skipped: [] });

/** A journal in memory. Each event is a second after the one before. */
export const script = (journal = 'journal-uuid') => {
  const events: JournalEvent[] = [];
  let n = 0;
  const add = (body: EventBody, afterMs = 1000): JournalEvent => {
    const atMs = (events.at(-1)?.atMs ?? Date.UTC(2026, 1, 3, 10)) + afterMs;
    const event = { seq: events.length + 1, atMs, ...body } as JournalEvent;
    events.push(event);
    return event;
  };
  return {
    events,
    add,
    open: (change: object = {}) =>
      add({
        type: 'journal.opened',
        version: 1,
        journal,
        spec: 'checkout',
        claimed: [],
        adopted: null,
        first: true,
        ...change,
      }),
    run: () =>
      add({ type: 'run.started', run: 'run-1', version: '0.1.0', host: 'here', pid: 7, policy, config: 'none' }),
    begin: (unitId: string, mode: 'attempt' | 'follow_up' = 'attempt') => {
      n++;
      add({
        type: 'start.intended',
        n,
        unit: unitId,
        kind: 'agent',
        mode,
        reason: mode === 'attempt' ? { kind: 'task', note: null } : { kind: 'follow_up', missing: 'signal' },
        agent: 'codex',
        model: null,
        session: null,
        mark: `mark-${n}`,
        folder: `/starts/${n}`,
        units: [],
      });
      return add({ type: 'start.began', n, pid: 40 + n, transport: 'tmux', window: `@${n}`, adopted: false });
    },
    end: (outcome: Outcome, change: { code?: number | null; worked?: boolean; ticked?: string[] } = {}) =>
      add({
        type: 'start.ended',
        n,
        outcome,
        code: change.code === undefined ? 0 : change.code,
        signal: null,
        session: `session-${n}`,
        usage: null,
        evidence: [],
        worked: change.worked ?? true,
        left: [],
        boxes: { ticked: change.ticked ?? [], opened: [] },
        stop: null,
        config: null,
      }),
  };
};
