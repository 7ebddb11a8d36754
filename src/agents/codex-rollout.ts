// Codex's own session file: reset times, error codes and running totals that its event stream leaves out.
import type { Usage } from '../core/agent.ts';
import { type Json, listOf, numberOf, objectOf, parseLine, textOf } from './json-lines.ts';
import { resetFromEpoch } from './reset-time.ts';
import { addUsage, noUsage, tokens, usageSince } from './usage.ts';

/** What the file says about one run. */
export interface Rollout {
  /** Code of the error that ended the turn: `usage_limit_exceeded`, `http_connection_failed`, …; null when there is none. */
  errorCode: string | null;
  /** HTTP status inside that code, or null. */
  httpStatus: number | null;
  /** The used-up window that frees last, or null when none is used up or the provider sent no numbers. */
  full: { resetAtMs: number; window: string } | null;
  /** Tokens of this run alone, or null when it made no call that was counted. */
  usage: Usage | null;
}

/**
 * Reads the part of a session file that one run wrote: from its first `task_started` to the next run's. Null when the run
 * wrote none. A session that is resumed goes on in the same file, so what stands before is stale and what follows is not
 * ours. Times are epoch ms; the start may be known up to 5 s late, or not at all (null): then the newest begun run is meant.
 */
export const readRollout = (text: string, run: { startedAtMs: number | null; endedAtMs: number }): Rollout | null => {
  const events = eventsOf(text);
  const begins = events.flatMap((event, index) => (event.payload.type === 'task_started' ? [index] : []));
  const { startedAtMs } = run;
  const since = (fromMs: number) => (index: number) => {
    const { atMs } = events[index]!;
    return atMs >= fromMs && atMs <= run.endedAtMs;
  };
  const first =
    startedAtMs === null
      ? begins.findLast(since(Number.NEGATIVE_INFINITY))
      : (begins.find(since(startedAtMs)) ?? begins.findLast(since(startedAtMs - 5000)));
  if (first === undefined) return null;
  const next = begins.find(index => index > first && events[index]!.atMs > run.endedAtMs);
  const own = events.slice(first, next);
  const error = objectOf(own.findLast(event => event.payload.type === 'task_complete')?.payload.error);
  const limits = own.findLast(event => objectOf(event.payload.rate_limits))?.payload.rate_limits;
  const total = lastTotal(own);
  return {
    ...codeOf(error?.codex_error_info),
    full: fullWindow(objectOf(limits), run.endedAtMs),
    usage: recorded(own) ?? (total && usageSince(total, lastTotal(events.slice(0, first)) ?? noUsage)),
  };
};

/** Codex's counters: cached tokens are part of input, reasoning is part of output, no cost. */
export const codexUsage = (counters: Json): Usage => ({
  inputTokens: tokens(counters.input_tokens),
  cachedInputTokens: tokens(counters.cached_input_tokens),
  outputTokens: tokens(counters.output_tokens),
  reasoningTokens: tokens(counters.reasoning_output_tokens),
  costUsd: null,
});

interface RolloutEvent {
  atMs: number;
  payload: Json;
}

const wanted = ['"task_started"', '"task_complete"', '"token_count"', '"token_usage_record"'];

const eventsOf = (text: string): RolloutEvent[] => {
  const events: RolloutEvent[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end);
    start = end + 1;
    // Most lines hold the conversation and may be large: only those that can matter are parsed.
    if (!wanted.some(mark => line.includes(mark))) continue;
    const event = parseLine(line);
    const payload = objectOf(event?.payload);
    const atMs = Date.parse(textOf(event?.timestamp) ?? '');
    if (!payload || !Number.isFinite(atMs)) continue;
    if (event?.type === 'event_msg') events.push({ atMs, payload });
    if (event?.type === 'token_usage_record') events.push({ atMs, payload: { ...payload, type: event.type } });
  }
  return events;
};

/**
 * What the turns used, by records that 0.169 writes with every answer, before its tools run. They are the whole truth for
 * a run that was cut off: the running total comes after the tools, and forgets that answer also when the session goes on.
 */
const recorded = (events: readonly RolloutEvent[]): Usage | null => {
  const turns = new Map<string, Usage>();
  for (const { payload } of events) {
    const turn = payload.type === 'token_usage_record' ? objectOf(payload.turn_token_usage) : null;
    if (turn) turns.set(textOf(payload.turn_id) ?? '', codexUsage(turn));
  }
  return turns.size === 0 ? null : [...turns.values()].reduce(addUsage);
};

const lastTotal = (events: readonly RolloutEvent[]): Usage | null => {
  const event = events.findLast(one => objectOf(objectOf(one.payload.info)?.total_token_usage));
  const total = objectOf(objectOf(event?.payload.info)?.total_token_usage);
  return total && codexUsage(total);
};

/** The code is a word, or an object with one key that holds an HTTP status. */
const codeOf = (info: unknown): { errorCode: string | null; httpStatus: number | null } => {
  if (typeof info === 'string') return { errorCode: info, httpStatus: null };
  const [code, detail] = Object.entries(objectOf(info) ?? {})[0] ?? [null, null];
  return { errorCode: code, httpStatus: numberOf(objectOf(detail)?.http_status_code) };
};

const fullWindow = (limits: Json | null, nowMs: number): Rollout['full'] => {
  const full = listOf(limits && [limits.primary, limits.secondary]).flatMap(slot => {
    const one = objectOf(slot);
    const resetAtMs = resetFromEpoch(one?.resets_at, nowMs);
    const used = numberOf(one?.used_percent);
    if (!one || resetAtMs === null || used === null || used < 100) return [];
    return [{ resetAtMs, window: windowName(numberOf(one.window_minutes)) }];
  });
  return full.reduce<Rollout['full']>((last, one) => (last && last.resetAtMs >= one.resetAtMs ? last : one), null);
};

/** Windows are told apart by their length: which slot one stands in has changed before. */
const windowName = (minutes: number | null): string => {
  const known: Record<number, string> = { 300: 'five_hour', 1440: 'daily', 10080: 'seven_day' };
  return minutes === null ? 'unknown' : (known[minutes] ?? `${minutes}_minutes`);
};
