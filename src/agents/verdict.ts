// A classification that needs no more than its class and the line it rests on.
import type { Classification, EndClass } from '../core/agent.ts';
import { cleanLine } from '../core/clean-text.ts';

/** The class with its evidence, cleaned and cut to 500 characters; no reset time. */
export const verdict = (name: EndClass, evidence: string | null): Classification => ({
  class: name,
  evidence: evidence === null ? null : cleanLine(evidence, 500),
  resetAtMs: null,
  window: null,
});
