// Settings → how the plan is made.
import type { PlanOptions } from '../core/plan-types.ts';
import type { Settings } from './intention.ts';

export const planOptionsOf = (settings: Settings): PlanOptions => ({
  granularity: settings.granularity,
  includeOptional: settings.includeOptional,
  lenientDeps: settings.lenientDeps,
  only: settings.only,
  from: settings.from,
  until: settings.until,
});
