// What going back to a checkpoint has changed of the units, in words. Pure.
import type { State } from './state.ts';
import { isDone } from './units.ts';
import { count } from './words.ts';

/** Units of the plan at one moment, by whether they are done, or were tried and are not. */
export interface UnitsAt {
  all: number;
  done: ReadonlySet<string>;
  tried: ReadonlySet<string>;
}

/** How the units stand. */
export const unitsAt = (state: State): UnitsAt => {
  const units = state.plan?.units ?? [];
  const done = new Set(units.filter(unit => isDone(state, unit)).map(({ id }) => id));
  const tried = units.filter(({ id }) => {
    const record = state.units.get(id);
    return record && !done.has(id) && (record.attempts > 0 || !['fresh', 'skipped'].includes(record.standing.kind));
  });
  return { all: units.length, done, tried: new Set(tried.map(({ id }) => id)) };
};

/** `3 of 5 units done; 4 and 5 are open again`: how it is after it, and what differs from before. `idOf` shows the id of a unit. */
export const wentBackWords = (before: UnitsAt, now: UnitsAt, idOf: (id: string) => string): string => {
  const part = (ids: string[], single: string, several: string) =>
    ids.length === 0 ? [] : [`${listed(ids.map(idOf))} ${ids.length === 1 ? single : several}`];
  return [
    `${now.done.size} of ${count(now.all, 'unit')} done`,
    ...part(
      [...before.done].filter(id => !now.done.has(id)),
      'is open again',
      'are open again',
    ),
    ...part(
      [...before.tried].filter(id => !now.done.has(id) && !now.tried.has(id)),
      'begins again',
      'begin again',
    ),
    ...part(
      [...now.done].filter(id => !before.done.has(id)),
      'is done again',
      'are done again',
    ),
  ].join('; ');
};

/** Units that a line names. */
const named = 12;

/** `4`, `4 and 5`, `4, 5 and 6`; of many the first ones. */
const listed = (ids: readonly string[]): string => {
  const shown = ids.length > named ? [...ids.slice(0, named), `${ids.length - named} more`] : [...ids];
  const last = shown.pop()!;
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
};
