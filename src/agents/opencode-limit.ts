// When a provider's limit frees, from the answer that OpenCode hands on: headers, body, words.
import { type Json, listOf, numberOf, objectOf, textOf } from './json-lines.ts';
import { resetFromEpoch, resetFromText } from './reset-time.ts';
import { longWaitMs } from './silent-wait.ts';

/** A provider's refusal. */
export interface ProviderAnswer {
  /** HTTP status, or null when the error came inside a stream. */
  status: number | null;
  /** Header names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The error object of the body, `{}` when there is none. */
  body: Json;
  /** Every code the body names: type, code, status. */
  codes: readonly string[];
  message: string;
  /** When it came, epoch ms. */
  atMs: number;
  /** Zone of clock times that name none, IANA. */
  zone: string;
}

/** `resetAtMs` null = it does not say when. */
export interface ProviderLimit {
  resetAtMs: number | null;
  window: string | null;
}

/**
 * The limit behind the answer, or null: no limit, or a short throttle. A window counts when its header says that it is used
 * up; of several the one that frees last. Google's daily quota comes with a retry delay of seconds, which is not its reset.
 */
export const providerLimit = (answer: ProviderAnswer): ProviderLimit | null => {
  const told = answer.codes.some(code => usageLimitCode.test(code));
  if (!told && answer.status !== 429 && !answer.codes.some(code => throttleCode.test(code))) return null;
  const full = [...codexWindows(answer), ...unifiedWindows(answer)];
  if (full.length > 0) return full.reduce((last, one) => (one.resetAtMs > last.resetAtMs ? one : last));
  const resetAtMs = announcedReset(answer);
  const isLong = resetAtMs !== null && resetAtMs - answer.atMs > longWaitMs;
  if (told) return { resetAtMs, window: null };
  if (isDaily(answer)) return { resetAtMs: isLong ? resetAtMs : null, window: 'daily' };
  return isLong ? { resetAtMs, window: null } : null;
};

/** `usage_limit_reached` is ChatGPT's, `GoUsageLimitError` and its likes are those of OpenCode's own gateway. */
const usageLimitCode = /^usage_limit_reached$|UsageLimitError$/;
export const throttleCode = /^(?:rate_limit_(?:exceeded|error)|RateLimitError|too_many_requests|RESOURCE_EXHAUSTED)$/;

type KnownReset = { resetAtMs: number; window: string | null };

const codexWindows = ({ headers, atMs }: ProviderAnswer): KnownReset[] =>
  ['primary', 'secondary'].flatMap(slot => {
    const value = (name: string): string => headers[`x-codex-${slot}-${name}`] ?? '';
    const resetAtMs = resetFromEpoch(value('reset-at'), atMs);
    if (resetAtMs === null || !(Number.parseFloat(value('used-percent')) >= 100)) return [];
    // Told apart by their length: which slot one stands in has changed before.
    const minutes = value('window-minutes');
    return [{ resetAtMs, window: windowOfMinutes[minutes] ?? (minutes === '' ? null : `${minutes}_minutes`) }];
  });

const windowOfMinutes: Record<string, string> = { 300: 'five_hour', 1440: 'daily', 10080: 'seven_day' };

/** Anthropic's subscription windows; extra usage (`overage`) is none. Rejected without a reset is a throttle of the server. */
const unifiedWindows = ({ headers, atMs }: ProviderAnswer): KnownReset[] => {
  const prefix = 'anthropic-ratelimit-unified-';
  const windows = Object.entries(headers).flatMap(([name, status]) => {
    const key = /^anthropic-ratelimit-unified-(\d+[a-z][\w-]*)-status$/.exec(name)?.[1];
    const resetAtMs = key && status === 'rejected' ? resetFromEpoch(headers[`${prefix}${key}-reset`], atMs) : null;
    return key && resetAtMs !== null ? [{ resetAtMs, window: windowOfClaim(key) }] : [];
  });
  if (windows.length > 0 || headers[`${prefix}status`] !== 'rejected') return windows;
  const resetAtMs = resetFromEpoch(headers[`${prefix}reset`], atMs);
  return resetAtMs === null ? [] : [{ resetAtMs, window: headers[`${prefix}representative-claim`] ?? null }];
};

const windowOfClaim = (key: string): string => key.replace(/^5h/, 'five_hour').replace(/^7d/, 'seven_day');

/** What is said of the wait, the surest first: an instant, a delay in the answer, words. */
const announcedReset = (answer: ProviderAnswer): number | null => {
  const { headers, body, atMs } = answer;
  const after = (seconds: number | null, fromMs: number): number | null =>
    seconds === null || seconds < 0 ? null : resetFromEpoch(Math.round(fromMs + seconds * 1000), fromMs);
  // Its own clock said when the delay began.
  const sent = Date.parse(headers.date ?? '');
  const sentMs = Number.isFinite(sent) ? sent : atMs;
  const details = listOf(body.details).map(one => objectOf(one) ?? {});
  const delays = details.map(one => /^(\d+(?:\.\d+)?)s$/.exec(textOf(one.retryDelay) ?? '')?.[1]);
  const delay = delays.find(one => one !== undefined);
  const said = [
    instant(body.resets_at, atMs),
    ...details.map(one => instant(objectOf(one.metadata)?.quotaResetTimeStamp, atMs)),
    after(numberOf(body.resets_in_seconds), sentMs),
    after(secondsOf(headers['retry-after-ms'], 1000), sentMs),
    after(secondsOf(headers['retry-after'], 1), sentMs),
    instant(headers['retry-after'], atMs),
    resetFromEpoch(headers['x-ratelimit-reset'], atMs),
    after(delay === undefined ? null : Number(delay), sentMs),
    resetFromText(answer.message, { nowMs: atMs, zone: answer.zone }),
  ];
  return said.find(one => one !== null) ?? null;
};

/** An epoch, or a date as text (ISO, or as HTTP writes it). */
const instant = (value: unknown, nowMs: number): number | null => {
  const text = textOf(value) ?? '';
  // A bare number would be read as a year.
  const date = /\d{4}.*:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return resetFromEpoch(Number.isFinite(date) ? date : value, nowMs);
};

const secondsOf = (value: string | undefined, perSecond: number): number | null =>
  value !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) / perSecond : null;

const isDaily = ({ body, message }: ProviderAnswer): boolean =>
  /\bdaily quota\b|\bper[- ]day\b/i.test(message) ||
  listOf(body.details)
    .flatMap(one => listOf(objectOf(one)?.violations))
    .some(one => /PerDay/i.test(textOf(objectOf(one)?.quotaId) ?? ''));
