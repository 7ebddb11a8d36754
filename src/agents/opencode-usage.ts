// Tokens and cost of one OpenCode step, counted as everywhere else in seqrun.
import type { Usage } from '../core/agent.ts';
import { type Json, numberOf, objectOf } from './json-lines.ts';
import { tokens } from './usage.ts';

/**
 * Usage of a `step_finish` part, or null when it has no counters. OpenCode counts what is read from and written to the cache
 * beside the input, and reasoning beside the output. The cost comes from the prices it is configured with (measured with
 * 1.18.33: 200 in + 1,000 cached, 35 out + 7 reasoning).
 */
export const openCodeUsage = (part: Json): Usage | null => {
  const counters = objectOf(part.tokens);
  if (!counters) return null;
  const cache = objectOf(counters.cache) ?? {};
  const cost = numberOf(part.cost);
  return {
    inputTokens: tokens(counters.input) + tokens(cache.read) + tokens(cache.write),
    cachedInputTokens: tokens(cache.read),
    outputTokens: tokens(counters.output) + tokens(counters.reasoning),
    reasoningTokens: tokens(counters.reasoning),
    costUsd: cost !== null && cost >= 0 ? cost : null,
  };
};
