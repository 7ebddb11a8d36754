// Tokens and cost of one Claude Code run out of its result line, which mixes per-run and per-session numbers.
import type { Usage } from '../core/agent.ts';
import { type Json, numberOf, objectOf } from './json-lines.ts';
import { addUsage, noUsage, tokens } from './usage.ts';

/**
 * Usage of this run alone. `model_usage_since_last_result` counts the run with its subagents; `modelUsage` and
 * `total_cost_usd` count the whole session. Without the first (other formats, older versions) `usage` is taken, which
 * counts the run's main loop, and the cost only when the session's total shows that nothing came before. Null when the
 * line has none of them.
 */
export const claudeUsage = (result: Json): Usage | null => {
  const sinceLast = perModel(objectOf(result.model_usage_since_last_result));
  if (sinceLast) return sinceLast;
  const main = objectOf(result.usage);
  if (!main) return null;
  const usage = counted({
    fresh: main.input_tokens,
    written: main.cache_creation_input_tokens,
    cached: main.cache_read_input_tokens,
    output: main.output_tokens,
    thinking: objectOf(main.output_tokens_details)?.thinking_tokens,
    costUsd: null,
  });
  const session = perModel(objectOf(result.modelUsage));
  const wholeSession = session?.inputTokens === usage.inputTokens && session.outputTokens === usage.outputTokens;
  return wholeSession ? { ...usage, costUsd: numberOf(result.total_cost_usd) } : usage;
};

const perModel = (models: Json | null): Usage | null =>
  models &&
  Object.values(models)
    .map(one => objectOf(one) ?? {})
    .map(one =>
      counted({
        fresh: one.inputTokens,
        written: one.cacheCreationInputTokens,
        cached: one.cacheReadInputTokens,
        output: one.outputTokens,
        thinking: one.thinkingTokens,
        costUsd: numberOf(one.costUSD),
      }),
    )
    .reduce(addUsage, { ...noUsage, costUsd: 0 });

/** Claude counts what is read from and written to the cache beside the input; here it is part of it. */
const counted = (raw: {
  fresh: unknown;
  written: unknown;
  cached: unknown;
  output: unknown;
  thinking: unknown;
  costUsd: number | null;
}): Usage => ({
  inputTokens: tokens(raw.fresh) + tokens(raw.written) + tokens(raw.cached),
  cachedInputTokens: tokens(raw.cached),
  outputTokens: tokens(raw.output),
  reasoningTokens: tokens(raw.thinking),
  costUsd: raw.costUsd,
});
