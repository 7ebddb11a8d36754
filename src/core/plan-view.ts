// The plan as other programs read it: the object that `seqrun plan --json` prints.
import type { Plan, Skip } from './plan-types.ts';
import type { Diagnostic, Spec, TaskState } from './task.ts';

export interface PlanView {
  dialect: string;
  /** What shows that it is this dialect; null with 'none'. */
  because: string | null;
  /** Every task of the file, in file order. */
  tasks: {
    id: string;
    title: string;
    line: number;
    parent: string | null;
    state: TaskState;
    optional: boolean;
    /** Every task that the file wants done before, whatever its weight. */
    dependsOn: string[];
    /** The same with their weight: `hard` = a line of the task itself says so, and it waits; otherwise prose does, which only orders. */
    dependencies: { id: string; hard: boolean }[];
    /** Ids of `phases` that the task comes after; they only order. */
    dependsOnGroups: string[];
    /** The unit whose run includes this task, done or not; null when it is left out or (leaf granularity) only a parent. */
    unit: string | null;
  }[];
  /** What would run, in this order; units that are wholly done, or that a person has skipped, are left out. */
  units: {
    id: string;
    title: string;
    tasks: string[];
    /** Ids of units, done ones included. */
    dependsOn: string[];
    /** Units that only prose wants before it. */
    follows: string[];
    /** Phases that only prose wants before it. */
    followsGroups: string[];
    /** 1-based place in this list. */
    order: number;
    level: number;
    /** From 1 (first) to 5; absent: the file does not say. It gives the order with `--order priority` alone. */
    priority?: number;
    /** What the file says of how it is proved; absent: nothing. */
    verify?: string[];
    noChange?: true;
    expects?: 'red' | 'green';
    /** It only writes tests, behind a unit that leaves a failing one: a gate that is as red as before is accepted. */
    mayStayRed?: true;
    checkpoint?: true;
    docs?: true;
  }[];
  /** Headings that the file names as a whole, and what it wants before them. */
  phases: { id: string; title: string; line: number; tasks: string[]; dependsOnGroups: string[]; follows: string[] }[];
  /** Tasks, and the units that a person has skipped. */
  skipped: { id: string; because: Skip['because'] | 'by_person' }[];
  diagnostics: Pick<Diagnostic, 'severity' | 'code' | 'message' | 'line'>[];
}

/**
 * Pure. `diagnostics` = everything to be shown, of the spec and of the plan; `done` = leaf ids that need no further run; `byPerson` =
 * ids of units that a person has skipped.
 */
export const planView = (
  spec: Spec,
  plan: Plan,
  diagnostics: readonly Diagnostic[],
  done: ReadonlySet<string>,
  byPerson: ReadonlySet<string> = new Set(),
): PlanView => {
  const unitOf = new Map<string, string>();
  for (const unit of plan.units) {
    const left = new Set(unit.optionalLeft);
    for (const id of unit.tasks) if (!left.has(id)) unitOf.set(id, unit.id);
  }
  for (const skip of plan.skipped) if (skip.because === 'optional') unitOf.delete(skip.id);
  return {
    dialect: plan.dialect,
    because: spec.because,
    tasks: spec.tasks.map(({ id, title, line, parent, state, optional, dependsOn, follows, dependsOnGroups }) => ({
      id,
      title,
      line,
      parent,
      state,
      optional,
      dependsOn: [...dependsOn, ...follows],
      dependencies: [...dependsOn.map(id => ({ id, hard: true })), ...follows.map(id => ({ id, hard: false }))],
      dependsOnGroups: [...(dependsOnGroups ?? [])],
      unit: unitOf.get(id) ?? null,
    })),
    units: plan.units
      .filter(unit => unit.leaves.some(leaf => !done.has(leaf.id)) && !byPerson.has(unit.id))
      .map((unit, index) => ({
        id: unit.id,
        title: unit.title,
        tasks: [...unit.tasks],
        dependsOn: [...unit.dependsOnUnits],
        follows: [...(unit.followsUnits ?? [])],
        followsGroups: [...(unit.followsGroups ?? [])],
        order: index + 1,
        level: unit.level,
        ...(unit.priority !== undefined && { priority: unit.priority }),
        ...(unit.verify && { verify: [...unit.verify] }),
        ...(unit.noChange && { noChange: unit.noChange }),
        ...(unit.expects && { expects: unit.expects }),
        ...(unit.mayStayRed && { mayStayRed: unit.mayStayRed }),
        ...(unit.checkpoint && { checkpoint: unit.checkpoint }),
        ...(unit.docs && { docs: unit.docs }),
      })),
    phases: (spec.phases ?? []).map(({ tasks, dependsOnGroups, follows, ...phase }) => ({
      ...phase,
      tasks: [...tasks],
      dependsOnGroups: [...dependsOnGroups],
      follows: [...follows],
    })),
    skipped: [
      ...plan.skipped.map(({ id, because }) => ({ id, because })),
      ...plan.units.filter(unit => byPerson.has(unit.id)).map(({ id }) => ({ id, because: 'by_person' as const })),
    ],
    diagnostics: diagnostics.map(({ severity, code, message, line }) => ({ severity, code, message, line })),
  };
};
