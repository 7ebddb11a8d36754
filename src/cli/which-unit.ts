// Which unit a typed id means: a unit's own id, or the id of a task in it.
import type { Unit } from '../core/plan-types.ts';
import type { StartRecord, State } from '../core/state.ts';
import type { Failure } from './errors.ts';
import { quote } from './errors.ts';
import { nearest } from './nearest.ts';

/** The unit, or a failure (64) that names the nearest one. */
export const findUnit = (state: State, typed: string): { unit: Unit } | Failure => {
  const units = state.plan?.units ?? [];
  const id = typed.replace(/\.$/, '');
  const unit = units.find(one => one.id === id) ?? units.find(one => one.tasks.includes(id));
  if (unit) return { unit };
  const near = nearest(
    id,
    units.map(one => one.id),
  );
  return {
    exit: 64,
    what: `there is no unit ${quote(typed)} in the plan`,
    where: { name: state.spec ?? 'the spec' },
    expected:
      units.length === 0
        ? 'a plan with units'
        : `one of ${units
            .slice(0, 12)
            .map(one => one.id)
            .join(', ')}${units.length > 12 ? ', …' : ''}`,
    next: near === null ? 'seqrun plan shows them' : `did you mean ${near}?`,
  };
};

/** The last start of a unit, or a failure (64) when it never had one. `assign` means the last assignment. */
export const lastStartOf = (state: State, typed: string): { start: StartRecord } | Failure => {
  if (typed === 'assign') {
    const start = state.starts.findLast(one => one.kind === 'assign');
    if (start) return { start };
  }
  const found = findUnit(state, typed);
  if ('exit' in found) return found;
  const start = state.starts.findLast(one => one.unit === found.unit.id);
  if (start) return { start };
  return {
    exit: 64,
    what: `unit ${found.unit.id} was never started`,
    where: { name: state.spec ?? 'the spec' },
    expected: 'a unit that has had a start',
    next: `seqrun why ${found.unit.id}`,
  };
};
