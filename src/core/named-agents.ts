// Owners that a task file names and that nobody knows.
import type { Diagnostic, Spec } from './task.ts';

/** One warning for each task whose `_agent: …_` is none of `known`; the unit goes to the run's own agent then. */
export const unknownAgents = (spec: Pick<Spec, 'tasks'>, known: readonly string[]): Diagnostic[] =>
  spec.tasks
    .filter(({ agent }) => agent !== null && !known.includes(agent))
    .map(({ id, agent, line }) => ({
      severity: 'warning',
      code: 'unknown_agent',
      message: `Task ${id} names ${JSON.stringify(agent)} as its agent, which is none; expected ${known.join(', ')}. The run's own agent gets it.`,
      line,
      column: null,
      source: null,
    }));
