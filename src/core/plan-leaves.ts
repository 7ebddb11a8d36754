// Which ids of a plan are leaves.
import type { Plan } from './plan-types.ts';

/** Ids of all leaves that are to be done. */
export const leafTaskIds = (plan: Plan | null): Set<string> =>
  new Set((plan?.units ?? []).flatMap(unit => unit.leaves.map(leaf => leaf.id)));
