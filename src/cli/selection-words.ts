// Whether what the last run had selected leaves out what is next: then words for the next one go without it. Pure.
import type { Unit } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import type { TypedWord } from '../core/typed-word.ts';
import { unitProgress } from '../core/units.ts';

const ofSelection: ReadonlySet<string> = new Set(['only', 'from', 'until']);

/** The words of the last run for a next one of the whole plan. */
export const withoutSelection = (last: readonly TypedWord[]): TypedWord[] =>
  last.filter(({ flag }) => !ofSelection.has(flag));

/**
 * The words of the last run, without its selection where that leaves out `unit`, which somebody has just spoken of, as long as it is not
 * done, or else all that is left. An id that no unit has says nothing.
 */
export const wordsThatGoOn = (state: State, last: readonly TypedWord[], unit: string | null): readonly TypedWord[] => {
  const units = state.plan?.units ?? [];
  if (units.length === 0 || !last.some(({ flag }) => ofSelection.has(flag))) return last;
  const chosen = new Set(chosenBy(units, last));
  const left = units.filter(one => !['completed', 'skipped'].includes(unitProgress(state, one).kind));
  const meant = left.find(({ id }) => id === unit);
  return (meant ? [meant] : left).some(one => chosen.has(one)) ? last : withoutSelection(last);
};

const chosenBy = (units: readonly Unit[], words: readonly TypedWord[]): Unit[] => {
  const at = (flag: string): number[] =>
    words
      .flatMap(word => (word.flag === flag ? (word.value ?? '').split(',') : []))
      .flatMap(id => positions(units, id));
  const only = at('only');
  const first = at('from')[0] ?? 0;
  const last = at('until').at(-1) ?? units.length - 1;
  return units.filter((_, k) => k >= first && k <= last && (only.length === 0 || only.includes(k)));
};

/** Of a unit, a task in it, or what stands above several. */
const positions = (units: readonly Unit[], id: string): number[] =>
  units.flatMap((unit, k) => (unit.tasks.includes(id) || `${unit.id}.`.startsWith(`${id}.`) ? [k] : []));
