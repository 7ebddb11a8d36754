// Tokens of one Gemini CLI run out of its statistics, which come in two shapes.
import type { Usage } from '../core/agent.ts';
import { type Json, numberOf, objectOf } from './json-lines.ts';
import { addUsage, noUsage, tokens } from './usage.ts';

/**
 * Usage of this run alone, also when its session goes on (measured with 0.61.0). The stream counts cached tokens inside the
 * input, thoughts neither in the input nor in the output but only in the total; here they are part of the output. The one
 * object of `-o json` has them per model. Null when there are no counters at all; no cost is ever given.
 */
export const geminiUsage = (stats: Json | null): Usage | null => {
  if (stats === null) return null;
  if (numberOf(stats.input_tokens) !== null || numberOf(stats.output_tokens) !== null) {
    const input = tokens(stats.input_tokens);
    const answer = tokens(stats.output_tokens);
    return counted({ input, cached: stats.cached, answer, thoughts: tokens(stats.total_tokens) - input - answer });
  }
  const models = Object.values(objectOf(stats.models) ?? {}).flatMap(one => {
    const own = objectOf(objectOf(one)?.tokens);
    if (own === null) return [];
    const input = tokens(own.prompt) + tokens(own.tool);
    return [counted({ input, cached: own.cached, answer: tokens(own.candidates), thoughts: own.thoughts })];
  });
  return models.length === 0 ? null : models.reduce(addUsage, noUsage);
};

const counted = (raw: { input: number; cached: unknown; answer: number; thoughts: unknown }): Usage => ({
  inputTokens: raw.input,
  cachedInputTokens: tokens(raw.cached),
  outputTokens: raw.answer + tokens(raw.thoughts),
  reasoningTokens: tokens(raw.thoughts),
  costUsd: null,
});
