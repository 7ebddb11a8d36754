// Settings → how the plan is made.
import type { PlanOptions } from '../core/plan-types.ts';
import { AGENT_CLIS } from './flags.ts';
import type { Settings } from './intention.ts';

export const planOptionsOf = (settings: Settings): PlanOptions => ({
  granularity: settings.granularity,
  includeOptional: settings.includeOptional,
  order: settings.order,
  lenientDeps: settings.lenientDeps,
  agents: [...AGENT_CLIS, 'codex-review', ...Object.keys(settings.agents), 'command', 'rehearsal'],
  only: settings.only,
  from: settings.from,
  until: settings.until,
});
