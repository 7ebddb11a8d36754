// Which unit a typed id means: a unit's own id, or the id of a task in it.
import type { Unit } from '../core/plan-types.ts';
import type { StartRecord, State } from '../core/state.ts';
import { leftOut } from '../core/units.ts';
import { leftOutWords } from '../core/why.ts';
import type { Failure } from './errors.ts';
import { quote } from './errors.ts';
import { nearest } from './nearest.ts';

/**
 * The unit, or a failure (64): that the task is left out of the plan (then the unit around it is not meant), or the nearest id.
 */
export const findUnit = (state: State, typed: string): { unit: Unit } | Failure => {
  const units = state.plan?.units ?? [];
  const id = typed.replace(/\.$/, '');
  const skip = leftOut(state, id);
  if (skip) {
    return {
      exit: 64,
      what: leftOutWords(id, skip),
      where: { name: state.spec ?? 'the spec' },
      expected: 'a task of the plan',
      next: skip.because === 'optional' ? 'add --include-optional to this command' : 'seqrun plan shows them',
    };
  }
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

const agentStart = (state: State, unit: string): StartRecord | undefined =>
  state.starts.findLast(start => start.unit === unit && start.kind === 'agent');

/**
 * The last start of a unit's agent, or a failure (64) when it never had one; its gates are in that start's record. `assign` means the
 * last assignment, `baseline` the last gate that was run before the first unit.
 */
export const lastStartOf = (state: State, typed: string): { start: StartRecord } | Failure => {
  if (typed === 'assign' || typed === 'baseline') {
    const start = state.starts.findLast(one => one.kind === typed);
    if (start) return { start };
  }
  // Also of a unit that is not in the plan now: it was run with other flags, or is gone from the file.
  const own = agentStart(state, typed.replace(/\.$/, ''));
  if (own) return { start: own };
  const found = findUnit(state, typed);
  if ('exit' in found)
    return leftOut(state, typed.replace(/\.$/, '')) ? { ...found, expected: withStart(state) } : found;
  const start = agentStart(state, found.unit.id);
  if (start) return { start };
  return {
    exit: 64,
    what: `unit ${found.unit.id} was never started`,
    where: { name: state.spec ?? 'the spec' },
    expected: withStart(state),
    next: `seqrun why ${found.unit.id}`,
  };
};

/** The last of those that can be shown. */
const withStart = ({ starts }: State): string => {
  const ids = [...new Set(starts.flatMap(({ kind, unit }) => (kind === 'agent' && unit !== null ? [unit] : [])))];
  const cut = ids.length > 12 ? '…, ' : '';
  return `a unit that has had a start${ids.length === 0 ? '' : `: ${cut}${ids.slice(-12).join(', ')}`}`;
};
