// Why a Codex turn failed: from its message, and from the code in the session file where there is one.
import type { Classification, EndClass, EndFacts } from '../core/agent.ts';
import type { Rollout } from './codex-rollout.ts';
import { resetFromText } from './reset-time.ts';
import { verdict } from './verdict.ts';

/**
 * The class of a failed turn, with its reset time. `line` is the event's line, `rollout` what the session file adds.
 *
 * The message decides where the code does not: a used-up quota and a plan without Codex share the code of a usage limit.
 */
export const codexFailure = (
  seen: { text: string; line: string },
  rollout: Rollout | null,
  facts: EndFacts,
): Classification => {
  const message = seen.text.replace(/\u2019/g, "'");
  const name = failureClass(message, rollout);
  const found = verdict(name, seen.line);
  if (name !== 'limited') return found;
  const fromText = resetFromText(message, { nowMs: facts.endedAtMs, zone: facts.zone });
  return { ...found, resetAtMs: rollout?.full?.resetAtMs ?? fromText, window: rollout?.full?.window ?? null };
};

const failureClass = (message: string, rollout: Rollout | null): EndClass => {
  const code = rollout?.errorCode ?? null;
  if (/\bhit your usage limit\b/i.test(message)) return 'limited';
  const money = /quota exceeded|billing details|out of credits|spend cap|use Codex with your .* plan/i;
  if (money.test(message)) return 'billing';
  // Unknown words for a used-up window are a limit; without a full window only a person can tell.
  if (code === 'usage_limit_exceeded') return rollout?.full ? 'limited' : 'billing';
  const byCode = code === null ? undefined : classOfCode[code];
  return byCode ?? classOfStatus(rollout?.httpStatus ?? statusIn(message)) ?? classOfText(message);
};

const classOfCode: Record<string, EndClass> = {
  rate_limit_exceeded: 'throttled',
  model_not_found: 'model',
  context_window_exceeded: 'context',
  server_overloaded: 'overloaded',
  internal_server_error: 'overloaded',
  unauthorized: 'auth',
};

const statusIn = (message: string): number | null => {
  const match = /\b(?:unexpected status|last status:) (\d{3})\b/.exec(message);
  return match ? Number(match[1]) : null;
};

const classOfStatus = (status: number | null): EndClass | null => {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'billing';
  if (status === 429) return 'throttled';
  return status !== null && status >= 500 ? 'overloaded' : null;
};

const classOfText = (message: string): EndClass => {
  const rules: [EndClass, RegExp][] = [
    ['context', /ran out of room in the model's context window|context_length_exceeded/i],
    ['throttled', /^rate limit exceeded|^Rate limit reached/i],
    ['overloaded', /experiencing high demand|is at capacity|server is overloaded/i],
    // The last one is a token refresh that does not come through.
    ['auth', /^Missing environment variable|not logged in|(?:sign|log) in again|\/oauth\/token\)/i],
    ['model', /^The model .* does not exist|^The .* model is not supported/i],
    ['refused', /^invalid_prompt|flagged (?:as|for) .*(?:policy|violat)/i],
  ];
  return rules.find(([, pattern]) => pattern.test(message))?.[0] ?? 'crashed';
};
