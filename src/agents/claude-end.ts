// How the end of a Claude Code run looks: from its result line, its error and limit events, else from how the process ended.
import type { Classification, EndClass, EndFacts } from '../core/agent.ts';
import { type Json, objectOf, textOf } from './json-lines.ts';
import { endKind, endText } from './process-end.ts';
import { resetFromEpoch, resetFromText } from './reset-time.ts';
import { verdict } from './verdict.ts';

/** The latest rate limit event. */
export interface Limit {
  status: string;
  info: Json;
  line: string;
}

/** An error that the CLI wrote in the place of an answer, after which nothing went on. */
export interface ApiError {
  text: string;
  line: string;
  /** authentication_failed, billing_error, rate_limit, … */
  error: string | null;
  apiError: string | null;
  status: number | null;
  limit: Json | null;
}

/** The latest result line. */
export interface Result {
  failed: boolean;
  text: string;
  subtype: string | null;
  apiError: string | null;
  status: number | null;
  terminalReason: string | null;
  stopReason: string | null;
}

export interface ClaudeSeen {
  /** An init line came: only then a missing result line means that the run was cut off. */
  begun: boolean;
  /** It said that a person interrupted it. */
  interrupted: boolean;
  limit: Limit | null;
  error: ApiError | null;
  result: Result | null;
  /** Lines without an event, and stderr: asked only when the run never began. */
  plain: readonly string[];
  stderr: readonly string[];
}

/** The verdict. The exit code never makes a failure a success: this CLI exits 0 after Ctrl-C. */
export const classifyClaude = (seen: ClaudeSeen, end: EndFacts): Classification => {
  const { result, error, limit } = seen;
  if (result && !result.failed) return verdict(result.text.trim() === '' ? 'no_answer' : 'success', resultLine(result));
  if (result) return failure(seen, result, end);
  // A limit that names its reset, and a real error, decide also when the run was cut off; retry notices do not.
  const blocked = limit && limitOf(limit.info, end.endedAtMs);
  if (limit && blocked) return { ...verdict('limited', limit.line), ...blocked };
  if (error) return failure(seen, { ...noResult, text: error.text }, end);
  return seen.begun ? cutOff(seen, end) : neverBegan(seen, end);
};

const noResult: Result = {
  failed: true,
  text: '',
  subtype: null,
  apiError: null,
  status: null,
  terminalReason: null,
  stopReason: null,
};

const cutOff = (seen: ClaudeSeen, end: EndFacts): Classification =>
  verdict(endKind(end.exit) === 'killed' && !seen.interrupted ? 'no_answer' : 'interrupted', null);

const neverBegan = (seen: ClaudeSeen, end: EndFacts): Classification => {
  switch (endKind(end.exit)) {
    case 'gone':
    case 'interrupted':
      return verdict('interrupted', null);
    case 'killed':
    case 'well':
      return verdict('no_answer', null);
    case 'missing':
      return verdict('config', `claude was not found or cannot be run (${endText(end.exit)})`);
    case 'badly': {
      // Nothing was asked of the model, so no line is an answer: these are the CLI's own words.
      const said = seen.stderr.find(line => startTrouble.test(line));
      if (said) return verdict('config', said);
      const last = seen.plain.at(-1) ?? seen.stderr.at(-1);
      return last === undefined ? verdict('crashed', null) : failure(seen, { ...noResult, text: last }, end);
    }
  }
};

const startTrouble = /^error: |cannot be used with root\/sudo|^No conversation found with session ID/i;

const failure = (seen: ClaudeSeen, result: Result, end: EndFacts): Classification => {
  const { error } = seen;
  const evidence = result.subtype === null ? (error?.line ?? result.text) : resultLine(result);
  const plain = { ...result, text: result.text.replace(/\u2019/g, "'") };
  const reset = usageLimit(seen, plain, end);
  if (reset && (reset.resetAtMs !== null || !moneyText.test(plain.text)) && !adminText.test(plain.text)) {
    return { ...verdict('limited', evidence), ...reset };
  }
  return verdict(failureClass(seen, plain), evidence);
};

/** Reset and window when the run failed for a used-up window, else null. */
const usageLimit = (
  seen: ClaudeSeen,
  result: Result,
  end: EndFacts,
): Pick<Classification, 'resetAtMs' | 'window'> | null => {
  const rateLimited = result.status === 429 || seen.error?.error === 'rate_limit';
  const told = (result.apiError ?? seen.error?.apiError) === 'usage_limit_reached';
  const event = seen.limit && limitOf(seen.limit.info, end.endedAtMs);
  // Without any mark (plain text formats, older versions) the sentence itself must say so.
  const marked = result.status !== null || seen.error?.error != null;
  const saysSo = (rateLimited || !marked) && limitText.test(result.text) && !/not your usage limit/i.test(result.text);
  if (!told && !(rateLimited && event) && !saysSo) return null;
  const fromError = seen.error?.limit && limitOf(seen.error.limit, end.endedAtMs);
  const fromText = resetFromText(result.text, { nowMs: end.endedAtMs, zone: end.zone });
  return event ?? fromError ?? { resetAtMs: fromText, window: null };
};

/** The rejected window that frees last. Null when nothing is rejected, or when no reset is named: that is a short throttle. */
const limitOf = (info: Json, nowMs: number): Pick<Classification, 'resetAtMs' | 'window'> | null => {
  if (info.status !== 'rejected') return null;
  const windows = Object.entries(objectOf(info.unifiedWindows) ?? {})
    .map(([window, value]) => ({ window, value: objectOf(value) }))
    .filter(one => one.value?.status === 'rejected')
    .map(one => ({ window: one.window, resetAtMs: resetFromEpoch(one.value?.resetsAt, nowMs) }));
  const main = { window: textOf(info.rateLimitType), resetAtMs: resetFromEpoch(info.resetsAt, nowMs) };
  const known = [main, ...windows].filter(one => one.resetAtMs !== null);
  if (known.length === 0) return null;
  return known.reduce((last, one) => (one.resetAtMs! > last.resetAtMs! ? one : last));
};

const limitText =
  /^(?:Claude AI usage |Claude usage |5-hour |weekly )?limit reached|^You've hit your .{0,60}\blimit\b|^You're out of extra usage/i;
/** Money and caps that people set: they free by a person, unless a reset is named. */
const moneyText = /spend limit|monthly usage limit|usage credits|extra usage|credit balance/i;
/** Decided by an administrator: no time frees it. */
const adminText = /disabled by your admin|seat type doesn't include/i;

const failureClass = (seen: ClaudeSeen, result: Result): EndClass => {
  if (
    result.terminalReason?.startsWith('aborted') ||
    (seen.interrupted && result.subtype === 'error_during_execution')
  ) {
    return 'interrupted';
  }
  if (result.subtype === 'error_max_turns') return 'config';
  if (result.subtype === 'error_max_budget_usd') return 'billing';
  if (adminText.test(result.text) || moneyText.test(result.text)) return 'billing';
  if (result.stopReason === 'refusal') return 'refused';
  if (result.terminalReason === 'prompt_too_long' || /^Prompt is too long/i.test(result.text)) return 'context';
  const byName = seen.error?.error ? classOfError[seen.error.error] : undefined;
  return byName ?? classOfStatus(result.status ?? seen.error?.status ?? null) ?? classOfText(result.text);
};

const classOfError: Record<string, EndClass> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  verification_required: 'auth',
  cloud_credential_error: 'auth',
  account_on_hold: 'billing',
  billing_error: 'billing',
  rate_limit: 'throttled',
  overloaded: 'overloaded',
  server_error: 'overloaded',
  model_not_found: 'model',
  max_output_tokens: 'crashed',
};

const classOfStatus = (status: number | null): EndClass | null => {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'billing';
  if (status === 404) return 'model';
  if (status === 413) return 'context';
  if (status === 429) return 'throttled';
  return status !== null && status >= 500 ? 'overloaded' : null;
};

const classOfText = (text: string): EndClass => {
  const rules: [EndClass, RegExp][] = [
    ['auth', /^Invalid API key|^Not logged in|^OAuth token|please run \/login/i],
    ['config', /^No conversation found with session ID/i],
    ['throttled', /^API Error: (?:Request rejected \(429\)|Server is temporarily limiting requests)/i],
    ['overloaded', /^API Error: (?:5\d\d\b|Server error)|^Repeated 529/i],
  ];
  return rules.find(([, pattern]) => pattern.test(text))?.[0] ?? 'crashed';
};

/** What counts of a result line, in a fixed order: the line itself is long and its keys come in any order. */
const resultLine = (result: Result): string =>
  JSON.stringify({
    type: 'result',
    subtype: result.subtype,
    is_error: result.failed,
    api_error_status: result.status ?? undefined,
    api_error: result.apiError ?? undefined,
    terminal_reason: result.terminalReason ?? undefined,
    stop_reason: result.stopReason ?? undefined,
    result: result.text,
  });
