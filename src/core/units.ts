// Where each unit stands, derived from the state: nothing of this is stored.
import type { Plan, Skip, Unit } from './plan-types.ts';
import type { State, UnitStanding } from './state.ts';

/** Standing of a unit as its starts left it; `fresh` when it never had one, or is done. A HALT that came after that still stands. */
export const standingOf = (state: State, unit: Unit): UnitStanding => {
  const standing = state.units.get(unit.id)?.standing ?? { kind: 'fresh' };
  const isSettled = isDone(state, unit) && !(standing.kind === 'halted' && standing.decided === 'done');
  return isSettled ? { kind: 'fresh' } : standing;
};

/** Units that halted and that nobody has answered yet, those that the plan does not have any more among them. */
export const haltedUnits = (
  state: State,
): { id: string; standing: Extract<UnitStanding, { kind: 'halted' }>; atMs: number | null }[] => {
  const planned = new Map(state.plan?.units.map(unit => [unit.id, unit]));
  return [...state.units].flatMap(([id, record]) => {
    const unit = planned.get(id);
    const standing = unit ? standingOf(state, unit) : record.standing;
    return standing.kind === 'halted' ? [{ id, standing, atMs: record.lastAtMs }] : [];
  });
};

/** All leaves to be done are done. A disputed leaf still counts: a person decides before anything runs. */
export const isDone = (state: State, unit: Unit): boolean => unit.leaves.every(leaf => state.done.has(leaf.id));

/** Whether a done unit has leaves that no start has completed: accepted or ticked by a person, or taken over. */
export const isUnproven = (state: State, unit: Unit): boolean =>
  isDone(state, unit) && unit.leaves.some(leaf => state.done.get(leaf.id)!.start === null);

/** Whether a done unit, or a leaf of it, rests on the command `accept`. */
export const isAccepted = (state: State, unit: Unit): boolean =>
  isDone(state, unit) && unit.leaves.some(leaf => state.done.get(leaf.id)!.by === 'accept');

/** Units that `--only`, `--from` or `--until` left out of the plan. */
export const notSelected = (plan: Plan | null): Skip[] =>
  plan?.skipped.filter(skip => skip.because === 'not_selected') ?? [];

/** What is left out of the plan under this id: a task, or a unit that was not selected and has the task. */
export const leftOut = (state: State, id: string): Skip | undefined =>
  state.plan?.skipped.find(skip => skip.id === id) ?? state.plan?.skipped.find(skip => skip.leaves?.includes(id));

/** Whether a unit outside the plan is known to be done: all its leaves are, or the start that ended it still counts. */
export const isDoneOutside = (state: State, id: string): boolean => {
  const leaves = state.plan?.skipped.find(skip => skip.id === id)?.leaves;
  if (leaves) return leaves.every(leaf => state.done.has(leaf));
  const record = state.units.get(id);
  if (record?.lastOutcome?.kind !== 'completed') return state.done.has(id);
  // Not after a reset: that forgets what the start has completed.
  return [...state.done.values()].some(done => done.start === record.lastStart);
};

export type UnitProgress =
  | { kind: 'completed'; unit: Unit }
  | { kind: 'ready'; unit: Unit }
  | { kind: 'running'; unit: Unit }
  /** Its agent has ended well; gates have still to be run. */
  | { kind: 'checking'; unit: Unit }
  /** `by` = ids of leaves it waits for. */
  | { kind: 'blocked'; unit: Unit; by: string[] }
  | { kind: 'failed'; unit: Unit; because: string }
  | { kind: 'halted'; unit: Unit; because: string | null }
  | { kind: 'skipped'; unit: Unit; because: string };

/** Where one unit stands. `ready` says nothing about waits. */
export const unitProgress = (state: State, unit: Unit): UnitProgress => {
  if (isDone(state, unit)) return { kind: 'completed', unit };
  if (state.open?.unit === unit.id) return { kind: 'running', unit };
  const standing = standingOf(state, unit);
  if (standing.kind === 'checking') return { kind: 'checking', unit };
  if (standing.kind === 'failed') return { kind: 'failed', unit, because: standing.because };
  if (standing.kind === 'halted') return { kind: 'halted', unit, because: standing.reason };
  if (standing.kind === 'skipped') return { kind: 'skipped', unit, because: standing.because };
  const by = unit.dependsOn.filter(id => !state.done.has(id));
  if (by.length === 0) return { kind: 'ready', unit };
  return { kind: 'blocked', unit, by };
};

/** Why something that a unit waits for does not come in this run. */
export interface VainCause {
  kind: 'failed' | 'halted' | 'skipped' | 'not_selected';
  /** `2 was skipped by a person`. */
  words: string;
}

/** What a unit waits for in vain, directly or through others: empty when its turn will come. Each unit is looked at once. */
export const vainCauses = (state: State, unit: Unit): VainCause[] => {
  const causes: VainCause[] = [];
  const seen = new Set([unit.id]);
  const ahead = [...unit.dependsOnUnits];
  for (let id = ahead.shift(); id !== undefined; id = ahead.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const needed = unitById(state.plan, id);
    if (!needed) {
      const left = notSelected(state.plan).some(skip => skip.id === id) && !isDoneOutside(state, id);
      if (left) causes.push({ kind: 'not_selected', words: `${id} is not selected` });
      continue;
    }
    if (isDone(state, needed)) continue;
    const standing = standingOf(state, needed);
    if (standing.kind === 'skipped') causes.push({ kind: 'skipped', words: `${id} was ${standing.because}` });
    else if (standing.kind === 'failed' || standing.kind === 'halted')
      causes.push({ kind: standing.kind, words: `${id} ${standing.kind}` });
    else ahead.push(...needed.dependsOnUnits);
  }
  return causes;
};

/** Whether something that the unit waits for does not come in this run. */
export const waitsInVain = (state: State, unit: Unit): boolean => vainCauses(state, unit).length > 0;

/** Plans are never changed once made: their index is kept beside them. */
const indexes = new WeakMap<Plan, Map<string, Unit>>();
const unitById = (plan: Plan | null, id: string): Unit | undefined => {
  if (!plan) return undefined;
  let index = indexes.get(plan);
  if (!index) {
    index = new Map(plan.units.map(unit => [unit.id, unit]));
    indexes.set(plan, index);
  }
  return index.get(id);
};

/** How many units stand where. */
export const counts = (state: State): Record<UnitProgress['kind'], number> => {
  const result = { completed: 0, ready: 0, running: 0, checking: 0, blocked: 0, failed: 0, halted: 0, skipped: 0 };
  for (const unit of state.plan?.units ?? []) result[unitProgress(state, unit).kind]++;
  return result;
};
