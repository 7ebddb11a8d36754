// Why a Gemini CLI run failed: from the message of its error, with what the stack on stderr and the exit code add.
import type { Classification, EndClass, EndFacts } from '../core/agent.ts';
import { type GeminiStack, zeroQuota } from './gemini-stderr.ts';
import { type Json, listOf, numberOf, objectOf, textOf } from './json-lines.ts';
import { resetFromText } from './reset-time.ts';
import { longWaitMs } from './silent-wait.ts';
import { verdict } from './verdict.ts';

export interface GeminiError {
  message: string;
  /** Its name; `unknown` for whatever the provider said. */
  type: string | null;
  /** When it was said, epoch ms, or null. */
  saidAtMs: number | null;
  /** The line for people. */
  evidence: string;
}

/**
 * The class of an error, with the reset time where it is a limit. A wait of at most five minutes is a throttle, unless the provider says
 * that a quota resets then. A daily quota has no reset but a long one: the short delay that the provider sends with it is that of
 * another quota.
 */
export const geminiFailure = (error: GeminiError, stack: GeminiStack | null, end: EndFacts): Classification => {
  const said = readMessage(error.message);
  const status = said.status ?? httpStatus(stack?.status ?? null) ?? statusOfExit(end.exit?.code ?? null);
  const reason = said.reason ?? stack?.reason ?? null;
  const own = error.type === null ? undefined : classOfType(error.type);
  if (own) return verdict(own, error.evidence);
  const limitable = status === null || status === 429 || status === 499;
  const limit = limitable
    ? limitOf(said, { status, reason, stack, saidAtMs: timeOf(error, end), zone: end.zone })
    : null;
  if (limit === null) return verdict(classOfText(said.text) ?? classOfStatus(status) ?? 'crashed', error.evidence);
  return { ...verdict(limit.class, error.evidence), resetAtMs: limit.resetAtMs, window: limit.window };
};

/** The time of an error, or that of the end where it has none that can be true. */
export const timeOf = (error: { saidAtMs: number | null }, end: EndFacts): number => {
  const slackMs = 60_000;
  const { saidAtMs } = error;
  const startedAtMs = end.startedAtMs ?? Number.NEGATIVE_INFINITY;
  const possible = saidAtMs !== null && saidAtMs >= startedAtMs - slackMs && saidAtMs <= end.endedAtMs + slackMs;
  return possible ? saidAtMs : end.endedAtMs;
};

interface Said {
  text: string;
  status: number | null;
  reason: string | null;
  /** `37s`, from the details. */
  retryDelay: string | null;
  daily: boolean;
}

/** The message without its frame and without the advice behind it; the provider's own object taken apart. */
const readMessage = (message: string): Said => {
  const text = /^\[API Error: ([\s\S]*)\](?:\n[\s\S]*)?$/.exec(message)?.[1] ?? message;
  const body = objectOf(objectIn(text)?.error);
  const details = listOf(body?.details).map(one => objectOf(one) ?? {});
  const first = (key: string): string | null => details.map(one => textOf(one[key])).find(one => one) ?? null;
  const quotas = details.flatMap(one => listOf(one.violations)).map(one => textOf(objectOf(one)?.quotaId) ?? '');
  const words = textOf(body?.message) ?? text;
  const name = textOf(body?.status) ?? /\(Status: ([A-Z_]+)\)$/.exec(text)?.[1] ?? '';
  return {
    text: words,
    status: numberOf(body?.code) ?? statusOfName[name] ?? null,
    reason: first('reason'),
    retryDelay: first('retryDelay'),
    daily: dailyText.test(words) || quotas.some(one => /PerDay|Daily/.test(one)),
  };
};

const objectIn = (text: string): Json | null => {
  const start = text.indexOf('{');
  if (start < 0) return null;
  try {
    return objectOf(JSON.parse(text.slice(start, text.lastIndexOf('}') + 1)));
  } catch {
    return null;
  }
};

const dailyText = /\bdaily\b.{0,60}\bquota\b|\bper day\b|PerDay/i;

interface LimitContext {
  status: number | null;
  reason: string | null;
  stack: GeminiStack | null;
  saidAtMs: number;
  zone: string;
}

/** What a used-up quota, a throttle or a lack of capacity is; null when it is none of them. */
const limitOf = (said: Said, context: LimitContext): Pick<Classification, 'class' | 'resetAtMs' | 'window'> | null => {
  const as = (name: EndClass, resetAtMs: number | null = null, window: string | null = null) => ({
    class: name,
    resetAtMs,
    window,
  });
  const { status, reason, stack, saidAtMs } = context;
  if (zeroQuota.test(said.text) || stack?.noQuota || reason === 'INSUFFICIENT_G1_CREDITS_BALANCE') return as('billing');
  const told = resetFromText(said.retryDelay ? `${said.text} retry in ${said.retryDelay}` : said.text, {
    nowMs: saidAtMs,
    zone: context.zone,
  });
  const retryMs = stack?.retryDelayMs ?? null;
  const resetAtMs = told ?? (retryMs === null ? null : saidAtMs + retryMs);
  const long = resetAtMs !== null && resetAtMs - saidAtMs > longWaitMs;
  if (said.daily) return as('limited', long ? resetAtMs : null, 'daily');
  // "Your quota will reset after 20s": a window that is used up, however soon it frees.
  if (long || (told !== null && quotaResets.test(said.text))) return as('limited', resetAtMs);
  if (reason === 'MODEL_CAPACITY_EXHAUSTED' || noCapacity.test(said.text)) return as('overloaded');
  if (resetAtMs === null && (reason === 'QUOTA_EXHAUSTED' || usedUp.test(said.text))) return as('limited');
  return status === 429 || throttleText.test(said.text) ? as('throttled') : null;
};

const noCapacity = /\bno capacity available\b|\bcapacity exceeded\b/i;
const usedUp = /\bexhausted your capacity\b|\bquota will reset\b/i;
const quotaResets = /\bquota will reset\b/i;
const throttleText = /^You exceeded your current quota|^Resource has been exhausted|\bexhausted your capacity\b/i;

/** Errors of the CLI itself. */
const classOfType = (type: string): EndClass | undefined => {
  const known: Record<string, EndClass> = {
    FatalAuthenticationError: 'auth',
    FatalCancellationError: 'interrupted',
    FatalToolExecutionError: 'crashed',
    ModelNotFoundError: 'model',
    ValidationRequiredError: 'auth',
  };
  return Object.hasOwn(known, type) ? known[type] : /^Fatal\w+Error$/.test(type) ? 'config' : undefined;
};

const statusOfName: Partial<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

const httpStatus = (code: number | null): number | null => (code !== null && code >= 400 && code < 600 ? code : null);

/** The exit code is the HTTP status modulo 256: 173 is 429. Null for those that mean something else. */
const statusOfExit = (code: number | null): number | null =>
  [400, 401, 402, 403, 404, 413, 429, 500, 502, 503, 504].find(status => status % 256 === code) ?? null;

/** The class of an end without any word of an error: from the exit code alone. */
export const classOfExit = (code: number | null): EndClass => {
  // 42 input or session, 44 sandbox, 52 settings, 53 turns, 55 folder that is not trusted.
  if (code === 41) return 'auth';
  if (code !== null && [42, 44, 52, 53, 55].includes(code)) return 'config';
  return classOfStatus(statusOfExit(code)) ?? 'crashed';
};

const classOfStatus = (status: number | null): EndClass | null => {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'billing';
  if (status === 404) return 'model';
  if (status === 413) return 'context';
  if (status === 429) return 'throttled';
  return status !== null && status >= 500 ? 'overloaded' : null;
};

const classOfText = (text: string): EndClass | null => {
  const rules: [EndClass, RegExp][] = [
    // Before the context: it advises to look at that.
    ['no_answer', /^The model returned an empty (?:text )?response\b/i],
    ['auth', /\bAPI key (?:not valid|not found|expired)|^Request had invalid authentication credentials/i],
    ['context', /\binput token count\b.{0,60}\bexceeds\b|\bexceeds the maximum number of tokens\b|\bcontext window\b/i],
    ['model', /^models\/\S+ is not found\b|\bis not supported for generateContent\b/i],
    ['refused', /\bPROHIBITED_CONTENT\b|\bblocked (?:by|due to)\b.{0,60}\b(?:safety|policy|prohibited)\b/i],
    ['config', /^(?:Reached max|Maximum) session turns\b|^User location is not supported/i],
    ['overloaded', /^The model is overloaded/i],
  ];
  return rules.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
};
