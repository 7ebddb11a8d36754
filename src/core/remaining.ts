// What an agent has named as remaining of its unit: kept until a later turn speaks of it, or the working tree is another one.
import type { StartRecord, State } from './state.ts';

/**
 * What an earlier turn of the unit named as remaining and this start, whose message holds no closing block, does not speak of. None
 * where the working tree is known to differ since: it may have been done. A block without `remaining` says that nothing remains.
 */
export const remainingBefore = (state: State, { n, unit, closing, tree }: StartRecord): readonly string[] => {
  const named = unit === null ? null : (state.units.get(unit)?.remaining ?? null);
  if (named === null || named.start >= n || closing !== null) return [];
  const then = state.starts.findLast(start => start.n === named.start)?.tree.after ?? null;
  const isChanged = then !== null && tree.after !== null && then.hash !== tree.after.hash;
  return isChanged ? [] : named.texts;
};

/** How it is told, before the texts. */
export const remainingWords = 'an earlier turn named what remains';
