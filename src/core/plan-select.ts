// Part of a plan: --only, --from, --until.
import type { TaskTree } from './plan-tree.ts';
import type { PlanOptions, Unit } from './plan-types.ts';
import type { Diagnostic } from './task.ts';

/**
 * The units that are asked for, in the plan's order. An id may name a unit, a task inside one, or a parent of several. An id
 * that names none is an `unknown_unit` error, a selection that leaves nothing an `empty_selection` error.
 */
export const select = (
  units: readonly Unit[],
  tree: TaskTree,
  options: Pick<PlanOptions, 'only' | 'from' | 'until' | 'includeOptional'>,
  diagnostics: Diagnostic[],
): Unit[] => {
  const fail = (code: string, message: string): void => {
    diagnostics.push({ severity: 'error', code, message, line: null, column: null, source: null });
  };
  const homes = new Map<string, number>();
  units.forEach((unit, index) => {
    for (const leaf of unit.leaves) homes.set(leaf.id, index);
  });
  const positions = (flag: string, id: string): number[] => {
    const own = units.findIndex(unit => unit.id === id);
    if (own >= 0) return [own];
    const meant = tree.meantBy(id);
    const found = [...new Set((meant ?? []).map(task => homes.get(task.id)).filter(index => index !== undefined))];
    if (found.length > 0) return found.sort((a, b) => a - b);
    if (meant) {
      fail('unknown_unit', `${flag} ${id}: it is optional and would be skipped; add --include-optional.`);
      return [];
    }
    const near = tree.nearest(id);
    const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' "seqrun plan" lists the units.';
    fail('unknown_unit', `${flag} ${id}: there is no such unit.${hint}`);
    return [];
  };
  const before = diagnostics.length;
  const only = options.only && new Set(options.only.flatMap(id => positions('--only', id)));
  const first = options.from === null ? 0 : (positions('--from', options.from)[0] ?? 0);
  const last =
    options.until === null ? units.length - 1 : (positions('--until', options.until).at(-1) ?? units.length - 1);
  const chosen = units.filter((_, index) => index >= first && index <= last && (only === null || only.has(index)));
  if (chosen.length === 0 && units.length > 0 && diagnostics.length === before) {
    const why =
      first > last
        ? `${options.until} comes before ${options.from} in the order of the plan`
        : 'they have no unit in common';
    fail('empty_selection', `Nothing is left of the plan by --only, --from and --until: ${why}.`);
  }
  return chosen;
};
