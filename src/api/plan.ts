// `planSpec`: the plan of a spec as a value.
import { openPlan, viewOf } from '../cli/open-plan.ts';
import type { PlanView } from '../core/plan-view.ts';
import { errorOf, understandCall } from './call.ts';
import type { SpecOptions } from './options.ts';

/** The object of `seqrun plan --json`. */
export type SpecPlan = PlanView;

/**
 * What would run, in which order, what is left out and why: the object of `seqrun plan --json`. Starts nothing and writes nothing. What
 * is wrong with the task file itself is in `diagnostics`: a plan with an error in them is refused by a run. Rejects with a SeqrunError
 * when there is no plan: a wrong option (`usage`), no such spec (`missingInput`), a file that is too large (`badInput`).
 */
export const planSpec = async (options: SpecOptions = {}): Promise<SpecPlan> => {
  const call = await understandCall('plan', options);
  const whole = await openPlan(call.intention, call);
  if ('what' in whole) throw errorOf(call, [whole]);
  return viewOf(whole);
};
