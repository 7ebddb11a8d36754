// The state as readers of SEQUENTIAL_STATE.json get it: one entry of the map by spec name. Pure; the same state gives the same entry.
import { agentOf } from './decide.ts';
import type { Assignment } from './events.ts';
import { hashText } from './hash.ts';
import type { Unit } from './plan-types.ts';
import { rehearsedLeaves } from './rehearsed.ts';
import type { StartRecord, State, UnitRecord } from './state.ts';
import { haltedUnits, isDone, isDoneOutside, notSelected } from './units.ts';
import { outcomeWords } from './words.ts';

export type UnitStatus =
  | 'pending'
  | 'waiting'
  | 'running'
  | 'completed'
  | 'failed'
  | 'blocked'
  | 'halted'
  | 'skipped'
  | 'interrupted';

export interface UnitEntry {
  status: UnitStatus;
  attempts: number;
  follow_ups: number;
  interrupted: number;
  lost: number;
  not_before: string | null;
  wait_reason: string | null;
  last_outcome: string | null;
  last_error: string | null;
  session_id: string | null;
  /** Units that failed, halted or were skipped and must be done first. */
  blocked_by: string[];
}

/** One spec's entry, without its `sum`. Times are UTC ISO 8601. Enough to go on from when the journal is lost. */
export interface StateEntry {
  spec: string;
  journal: string | null;
  seq: number;
  tasks_hash: string | null;
  /** Ids of leaves, and of the units and parents whose leaves are all done. */
  completed: string[];
  /** Those of `completed` that were only rehearsed, wholly or in part: no agent has worked on them. Never taken over as done. */
  rehearsed: string[];
  halted: boolean;
  halted_at: string | null;
  halted_task: string | null;
  halt_reason: string | null;
  started_at: string | null;
  /** null again as soon as there is work left. */
  completed_at: string | null;
  /** A person holds starts back until `continue`. */
  paused: { since: string; by: string } | null;
  iterations: number;
  last_start: number;
  last_end: { end: string; exit: number; because: string; at: string } | null;
  current: {
    unit: string | null;
    kind: string;
    start: number;
    attempt: number;
    pid: number | null;
    window: string | null;
    started_at: string;
    run_id: string | null;
  } | null;
  /** `total` = units of the spec; `not_selected` = those outside the selection of the last plan that are not known to be done. */
  counts: Record<UnitStatus | 'total' | 'not_selected', number>;
  assignments: Record<
    string,
    {
      type: string;
      owner_agent: string;
      backend: string | null;
      source: string;
      reason: string | null;
      at: string | null;
    }
  >;
  units: Record<string, UnitEntry>;
  window_mapping: Record<string, { window: string; name: string }>;
  /** Closed agents: nothing is started on them before `until`. */
  limits: Record<string, { until: string; because: string; window: string | null }>;
  claimed: string[];
  /** Hash of a claimed leaf's title → the id it had then. */
  claimed_titles: Record<string, string>;
  ticked: string[];
  /** Leaf id → hash of the title it was completed under. */
  title_hashes: Record<string, string>;
}

/** The entry of a state. `spec` is the spec's path as people should read it. Linear in units and starts. */
export const projectEntry = (state: State, spec: string): StateEntry => {
  const units = projectUnits(state);
  const halted = haltedUnits(state)[0];
  const counts = countUnits(state, units);
  // A selection tells nothing about the spec: what lies outside of it was not looked at.
  const whole = state.plan !== null && notSelected(state.plan).length === 0;
  const finished = whole && counts.completed + counts.skipped === counts.total;
  const { open, lastEnd } = state;
  return {
    spec,
    journal: state.journal,
    seq: state.seq,
    tasks_hash: state.plan?.hash ?? null,
    completed: completedIds(state),
    rehearsed: rehearsedIds(state),
    halted: halted !== undefined,
    halted_at: iso(halted?.atMs ?? null),
    halted_task: halted?.id ?? null,
    halt_reason: halted?.standing.reason ?? null,
    started_at: iso(state.firstStartedAtMs),
    completed_at: finished ? iso(state.completedAtMs) : null,
    paused: state.paused && { since: iso(state.paused.atMs)!, by: state.paused.by },
    iterations: state.iterations,
    last_start: state.lastN,
    last_end: lastEnd && { end: lastEnd.end, exit: lastEnd.exit, because: lastEnd.because, at: iso(lastEnd.atMs)! },
    current: open && {
      unit: open.unit,
      kind: open.kind,
      start: open.n,
      attempt: state.starts.at(-1)?.attempt ?? 0,
      pid: open.phase.kind === 'running' ? open.phase.pid : null,
      window: open.phase.kind === 'running' ? open.phase.window : null,
      started_at: iso(open.intendedAtMs)!,
      run_id: state.run?.id ?? null,
    },
    counts,
    assignments: projectAssignments(state),
    units,
    window_mapping: Object.fromEntries(
      state.starts.flatMap(start =>
        start.unit !== null && start.window !== null
          ? [[start.unit, { window: start.window, name: `task-${start.unit}` }]]
          : [],
      ),
    ),
    limits: Object.fromEntries(
      [...state.limits].flatMap(([agent, { untilMs, because, window }]) => {
        const until = iso(untilMs);
        return until === null ? [] : [[agent, { until, because, window }]];
      }),
    ),
    claimed: [...state.claimed],
    claimed_titles: Object.fromEntries(state.claimedTitles),
    ticked: [...state.ticked],
    title_hashes: Object.fromEntries([...state.done].map(([id, done]) => [id, done.titleHash])),
  };
};

/** Hash of an entry, `sum` left out: the same for any white space. Sorting the keys as well would double the cost of a publish. */
export const sumOf = (entry: object): string => {
  const { sum: _sum, ...rest } = entry as { sum?: unknown };
  return hashText(JSON.stringify(rest));
};

/**
 * Every id that is done, in the order of the plan: leaves, and above them what has no open leaf left. Ids that are units or parents in the plan are never
 * taken from the completions themselves: a task added below must open them again.
 */
export const completedIds = (state: State): string[] => {
  const { done, plan } = state;
  const above = new Set<string>();
  const ids = new Set<string>();
  for (const unit of plan?.units ?? []) {
    const leaves = new Set([...unit.leaves.map(leaf => leaf.id), ...unit.optionalLeft]);
    for (const id of [unit.id, ...unit.tasks]) {
      if (leaves.has(id)) {
        if (done.has(id)) ids.add(id);
      } else {
        above.add(id);
        if (leavesBelow(unit, id).every(leaf => done.has(leaf))) ids.add(id);
      }
    }
  }
  for (const id of done.keys()) if (!above.has(id)) ids.add(id);
  return [...ids];
};

/** Ids of `completedIds` that are not done without what a rehearsal has played. */
const rehearsedIds = (state: State): string[] => {
  const played = rehearsedLeaves(state);
  if (played.size === 0) return [];
  const really = new Set(completedIds({ ...state, done: new Map([...state.done].filter(([id]) => !played.has(id))) }));
  return completedIds(state).filter(id => !really.has(id));
};

/** Leaves under a parent inside a unit, by dotted id; of the unit itself, or where ids tell nothing, all of them. */
export const leavesBelow = (unit: Unit, id: string): string[] => {
  const all = unit.leaves.map(leaf => leaf.id);
  if (id === unit.id) return all;
  const below = (leaf: string) => leaf.startsWith(`${id}.`);
  const required = all.filter(below);
  if (required.length > 0) return required;
  const optional = unit.optionalLeft.filter(below);
  return optional.length > 0 ? optional : all;
};

const projectUnits = (state: State): Record<string, UnitEntry> => {
  const startByN = new Map(state.starts.map(start => [start.n, start]));
  const planned = new Map((state.plan?.units ?? []).map(unit => [unit.id, unit]));
  const deadBy = deadUnits(state, planned);
  const entries: [string, UnitEntry][] = [];
  for (const [id, unit] of planned) {
    const blockedBy = unit.dependsOnUnits.filter(one => deadBy.get(one) === true);
    entries.push([id, projectUnit(state, id, unit, blockedBy, startByN)]);
  }
  // Counters are for ever, also of a unit that is not in the plan at the moment.
  for (const id of state.units.keys()) {
    if (!planned.has(id)) entries.push([id, projectUnit(state, id, null, [], startByN)]);
  }
  return Object.fromEntries(entries);
};

/** Whether each unit is one that others wait for in vain: it failed, halted, was skipped, or waits for such a one itself. */
const deadUnits = (state: State, planned: ReadonlyMap<string, Unit>): Map<string, boolean> => {
  const dead = new Map<string, boolean>();
  // Not recursive: 500 units in a chain are nothing unusual, and the order of the plan is not the order of dependence.
  for (const root of planned.keys()) {
    const path = [root];
    while (path.length > 0) {
      const id = path.at(-1)!;
      const unit = planned.get(id);
      const own = unit ? ownDeath(state, unit) : false;
      if (own !== null) dead.set(id, own);
      if (dead.has(id)) {
        path.pop();
        continue;
      }
      const next = unit!.dependsOnUnits.find(one => !dead.has(one) && !path.includes(one));
      if (next !== undefined) path.push(next);
      else {
        dead.set(
          id,
          unit!.dependsOnUnits.some(one => dead.get(one) === true),
        );
        path.pop();
      }
    }
  }
  return dead;
};

/** true = dead by itself, false = certainly not, null = as its dependencies say. */
const ownDeath = (state: State, unit: Unit): boolean | null => {
  if (isDone(state, unit)) return false;
  const kind = state.units.get(unit.id)?.standing.kind;
  if (kind === 'failed' || kind === 'halted' || kind === 'skipped') return true;
  return unit.dependsOnUnits.length === 0 ? false : null;
};

const projectUnit = (
  state: State,
  id: string,
  unit: Unit | null,
  blockedBy: string[],
  startByN: ReadonlyMap<number, StartRecord>,
): UnitEntry => {
  const record = state.units.get(id);
  const done = unit === null ? isDoneOutside(state, id) : isDone(state, unit);
  const wait = done || !unit || !record ? null : waitOf(state, unit, record);
  const outcome = record?.lastOutcome ?? null;
  const standing = record?.standing;
  const held = standing?.kind === 'again' || standing?.kind === 'halted' ? standing.session : null;
  return {
    status: statusOf(state, id, done, record, blockedBy, wait !== null),
    attempts: record?.attempts ?? 0,
    follow_ups: record?.followUps ?? 0,
    interrupted: record?.interrupted ?? 0,
    lost: record?.lost ?? 0,
    not_before: wait && iso(wait.untilMs),
    wait_reason: wait?.because ?? null,
    last_outcome: outcome?.kind ?? null,
    last_error: outcome === null || outcome.kind === 'completed' ? null : outcomeWords(outcome).slice(0, 500),
    session_id: held ?? (record?.lastStart == null ? null : (startByN.get(record.lastStart)?.session ?? null)),
    blocked_by: done ? [] : blockedBy,
  };
};

const statusOf = (
  state: State,
  id: string,
  done: boolean,
  record: UnitRecord | undefined,
  blockedBy: string[],
  waits: boolean,
): UnitStatus => {
  if (done) return 'completed';
  if (state.open?.unit === id) return 'running';
  const standing = record?.standing.kind ?? 'fresh';
  if (standing === 'failed' || standing === 'halted' || standing === 'skipped') return standing;
  if (blockedBy.length > 0) return 'blocked';
  if (waits) return 'waiting';
  return standing === 'again' && record?.lastOutcome?.kind === 'interrupted' ? 'interrupted' : 'pending';
};

/** Until when a unit that was started before waits, its own time and its agent's limit taken together; null = it does not. */
const waitOf = (state: State, unit: Unit, record: UnitRecord): { untilMs: number; because: string } | null => {
  if (record.standing.kind !== 'again') return null;
  const own = { untilMs: record.standing.notBeforeMs, because: record.standing.because };
  const limit =
    state.run && record.lastOutcome?.kind === 'limited' ? state.limits.get(agentOf(state, unit)) : undefined;
  const longest = limit && limit.untilMs > own.untilMs ? limit : own;
  return longest.untilMs > (record.lastAtMs ?? 0) ? { untilMs: longest.untilMs, because: longest.because } : null;
};

const countUnits = (state: State, units: Readonly<Record<string, UnitEntry>>): StateEntry['counts'] => {
  const planned = state.plan?.units ?? [];
  const outside = notSelected(state.plan);
  const counts = {
    total: planned.length + outside.length,
    pending: 0,
    waiting: 0,
    running: 0,
    completed: 0,
    failed: 0,
    blocked: 0,
    halted: 0,
    skipped: 0,
    interrupted: 0,
    not_selected: 0,
  };
  for (const unit of planned) counts[units[unit.id]!.status]++;
  for (const { id } of outside) counts[isDoneOutside(state, id) ? 'completed' : 'not_selected']++;
  return counts;
};

const projectAssignments = (state: State): StateEntry['assignments'] => {
  const decidedAt = new Map<string, number | null>();
  for (const start of state.starts) {
    if (start.kind !== 'assign' || start.outcome?.kind !== 'assigned') continue;
    for (const id of Object.keys(start.outcome.assignments)) decidedAt.set(id, start.endedAtMs);
  }
  const policy = state.run?.policy;
  const entry = (id: string, { type, owner, source, reason }: Assignment) => ({
    type,
    owner_agent: owner,
    backend: policy ? (owner === policy.backend ? owner : (policy.owners[owner] ?? policy.backend)) : null,
    source,
    reason,
    at: source === 'llm' ? iso(decidedAt.get(id) ?? null) : null,
  });
  return Object.fromEntries([...state.assignments].map(([id, given]) => [id, entry(id, given)]));
};

const iso = (ms: number | null): string | null => {
  if (ms === null) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};
