// The plan of a spec as it stands: made of the task file, and of what is recorded of the spec. Starts nothing and writes nothing.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePlan } from '../core/plan.ts';
import type { Plan, Unit } from '../core/plan-types.ts';
import { type PlanView, planView } from '../core/plan-view.ts';
import { rehearsedUnits } from '../core/rehearsed.ts';
import type { State } from '../core/state.ts';
import { strictly } from '../core/strict.ts';
import type { Diagnostic } from '../core/task.ts';
import { tickedLeaves } from '../core/ticks.ts';
import { unitProgress, waitsInVain } from '../core/units.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import type { TypedPlaces } from './places.ts';
import { planOptionsOf } from './plan-options.ts';
import type { Caller } from './take.ts';
import { openTaskFile, type TaskFile, withSource } from './task-file.ts';

/** A task file and its plan. */
export interface WholePlan extends TaskFile {
  plan: Plan;
  /** Of the file and of the plan, each with its source line. */
  diagnostics: Diagnostic[];
  /** What is recorded of the spec; null when it was never run. */
  state: State | null;
  /** Leaf ids that need no further run. */
  done: ReadonlySet<string>;
  /** Where units stand that have something to be said of, by id. */
  marks: ReadonlyMap<string, Mark>;
}

/** Makes the plan that `--spec` means, errors in the file included; a failure (65, 66) when there is no file to be read. */
export const openPlan = async (intention: Intention, io: Pick<Caller, 'env' | 'cwd'>): Promise<WholePlan | Failure> => {
  const file = await openTaskFile(intention, io.cwd);
  if ('what' in file) return file;
  const { plan, diagnostics: ofPlan } = makePlan(file.spec, planOptionsOf(intention.settings));
  const diagnostics = withSource(
    strictly(intention.settings.strict, file.spec, [...file.spec.diagnostics, ...ofPlan]),
    file.bytes,
  );
  const state = await recorded(intention, io, file.places);
  const done = new Set(state ? state.done.keys() : tickedLeaves(file.spec));
  return { ...file, plan, diagnostics, state, done, marks: marksOf(plan.units, done, state) };
};

/** The plan as other programs read it. */
export const viewOf = ({ spec, plan, diagnostics, done, marks }: WholePlan): PlanView =>
  planView(spec, plan, diagnostics, done, skippedIn(marks));

/** Whether all of a unit is among the leaves that are done. */
export const isDone = (unit: Unit, done: ReadonlySet<string>): boolean => unit.leaves.every(leaf => done.has(leaf.id));

/** What is recorded of the spec; null when it was never run: then its ticked boxes count. */
const recorded = async (
  intention: Intention,
  io: Pick<Caller, 'env' | 'cwd'>,
  places: TypedPlaces,
): Promise<State | null> => {
  // Every run leaves a journal, and this file beside the spec, which a change of branches takes away.
  if (!existsSync(join(dirname(places.spec), 'SEQUENTIAL_STATE.json'))) {
    const { findPlaces } = await import('../compose/look.ts');
    const { journal } = await findPlaces({ env: io.env, specFolder: places.spec, workspace: places.workdir });
    if (!existsSync(journal)) return null;
  }
  const { lookAt } = await import('./look.ts');
  const looked = await lookAt(intention, io, { fresh: true });
  return 'exit' in looked ? null : looked.state;
};

/** `rehearsed`: done by the word of a rehearsal, and no agent has worked on it. `disputed`: done, and a box of it was opened since. */
export type Mark = 'done' | 'rehearsed' | 'disputed' | 'running' | 'next' | 'skipped' | 'failed' | 'halted' | 'blocked';

/** Where units stand that have something to be said of, by id. `blocked` = what it waits for cannot come without a person. */
export const marksOf = (units: readonly Unit[], done: ReadonlySet<string>, state: State | null): Map<string, Mark> => {
  const marks = new Map<string, Mark>();
  const rehearsed = new Set(state === null ? [] : rehearsedUnits(state).map(({ id }) => id));
  let next: Unit | null = null;
  for (const unit of units) {
    if (isDone(unit, done)) {
      const disputed = unit.leaves.some(({ id }) => state?.disputed.has(id));
      marks.set(unit.id, disputed ? 'disputed' : rehearsed.has(unit.id) ? 'rehearsed' : 'done');
    } else if (state === null) next ??= unit.dependsOn.every(id => done.has(id)) ? unit : null;
    else {
      const { kind } = unitProgress(state, unit);
      if (kind === 'ready') next ??= unit;
      else if (kind === 'blocked') {
        if (waitsInVain(state, unit)) marks.set(unit.id, kind);
      } else if (kind === 'checking') marks.set(unit.id, 'running');
      else if (kind !== 'completed') marks.set(unit.id, kind);
    }
  }
  if (next && ![...marks.values()].includes('running')) marks.set(next.id, 'next');
  return marks;
};

const skippedIn = (marks: ReadonlyMap<string, Mark>): Set<string> =>
  new Set([...marks].filter(([, mark]) => mark === 'skipped').map(([id]) => id));
