// Arithmetic on tokens and cost. Everywhere: cached input is part of input, reasoning is part of output.
import type { Usage } from '../core/agent.ts';

export const noUsage: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costUsd: null,
};

/** Sum; the cost is null only when neither side has one. */
export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  costUsd: a.costUsd === null && b.costUsd === null ? null : (a.costUsd ?? 0) + (b.costUsd ?? 0),
});

/** What was used between two readings of a running total; never negative. */
export const usageSince = (total: Usage, before: Usage): Usage => ({
  inputTokens: Math.max(0, total.inputTokens - before.inputTokens),
  cachedInputTokens: Math.max(0, total.cachedInputTokens - before.cachedInputTokens),
  outputTokens: Math.max(0, total.outputTokens - before.outputTokens),
  reasoningTokens: Math.max(0, total.reasoningTokens - before.reasoningTokens),
  costUsd: total.costUsd === null ? null : Math.max(0, total.costUsd - (before.costUsd ?? 0)),
});

/** A count out of a stream: whole, not negative, else 0. */
export const tokens = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
