// Why an OpenCode run failed: from its error event, which hands on the provider's status, headers and body.
import type { Classification, EndClass, EndFacts } from '../core/agent.ts';
import { embeddedObject, type Json, numberOf, objectOf, parseLine, textOf } from './json-lines.ts';
import { type ProviderAnswer, providerLimit, throttleCode } from './opencode-limit.ts';
import { verdict } from './verdict.ts';

/** An `error` event, or the CLI's own words on stderr with nothing but a message. */
export interface OpenCodeError {
  /** APIError, ProviderAuthError, ContextOverflowError, …; null when it has none. */
  name: string | null;
  message: string;
  /** `{}` when there is none. */
  data: Json;
  line: string;
  /** When it came, epoch ms; null = near the end of the run. */
  atMs: number | null;
}

/** The error of an `error` event, whatever its shape. */
export const readError = (event: Json, line: string): OpenCodeError => {
  const error = objectOf(event.error) ?? {};
  const data = objectOf(error.data) ?? {};
  const name = textOf(error.name);
  const message = textOf(data.message) ?? textOf(error.message) ?? textOf(event.error);
  return {
    name,
    message: message || name || 'an error without a message',
    data,
    line,
    atMs: numberOf(event.timestamp),
  };
};

/**
 * The class of the error, with its reset time. `log` is what the CLI's own log said of errors: where the event calls one
 * unknown, its name stands there. A code in the provider's body wins over the status: gateways send 401 for an empty purse.
 */
export const openCodeFailure = (error: OpenCodeError, log: readonly string[], end: EndFacts): Classification => {
  const answer = answerOf(error, end);
  const named = error.name === null ? undefined : classOfName[error.name];
  if (named) return verdict(named, error.line);
  const byCode = first(answer.codes, classOfCode);
  if (byCode === 'billing') return verdict(byCode, error.line);
  const limit = providerLimit(answer);
  if (limit) return { ...verdict('limited', error.line), ...limit };
  const found =
    byCode ??
    first([answer.message], classOfWords) ??
    classOfStatus(answer.status) ??
    first([answer.message], classOfVagueWords) ??
    first(log, classOfLog);
  return verdict(found ?? 'crashed', error.line);
};

const answerOf = (error: OpenCodeError, end: EndFacts): ProviderAnswer => {
  const whole = bodyOf(error);
  const body = objectOf(whole.error) ?? whole;
  const headers: Record<string, string> = {};
  // OpenRouter repeats the upstream's headers inside the body.
  const sources = [objectOf(body.metadata)?.headers, error.data.responseHeaders];
  for (const [name, value] of sources.flatMap(source => Object.entries(objectOf(source) ?? {}))) {
    if (typeof value === 'string' || typeof value === 'number') headers[name.toLowerCase()] = String(value);
  }
  return {
    status: numberOf(error.data.statusCode),
    headers,
    body,
    codes: [body.type, body.code, body.status, whole.type, whole.code].flatMap(code => textOf(code) ?? []),
    message: [error.message, textOf(body.message) ?? ''].join('\n').replace(/\u2019/g, "'"),
    atMs: error.atMs ?? end.endedAtMs,
    zone: end.zone,
  };
};

/** The provider's body. An error inside a stream has it in its message, with or without words before it. */
const bodyOf = (error: OpenCodeError): Json => {
  const body = parseLine(textOf(error.data.responseBody) ?? '');
  if (body) return body;
  const start = /\{\s*"(?:type|error|code)"/.exec(error.message.slice(0, 2000));
  return (start && embeddedObject(error.message, start[0])) ?? {};
};

/** Names of OpenCode's own errors (its SDK's types); APIError and UnknownError say nothing by themselves. */
const classOfName: Record<string, EndClass> = {
  ProviderAuthError: 'auth',
  ContextOverflowError: 'context',
  ContentFilterError: 'refused',
  MessageAbortedError: 'interrupted',
  MessageOutputLengthError: 'crashed',
  ProviderModelNotFoundError: 'model',
};

type Rules = readonly (readonly [EndClass, RegExp])[];

const first = (texts: readonly string[], rules: Rules): EndClass | undefined =>
  rules.find(([, pattern]) => texts.some(text => pattern.test(text)))?.[0];

const classOfCode: Rules = [
  ['billing', /^(?:insufficient_(?:quota|credits)|usage_not_included|billing_\w+|payment_required)$/],
  ['billing', /^(?:Credits|MonthlyLimit|UserLimit)Error$/],
  ['model', /^(?:model_not_found|ModelError)$/],
  ['context', /^(?:context_length_exceeded|request_too_large)$/],
  ['refused', /^(?:content_filter|content_policy_violation|invalid_prompt)$/],
  ['auth', /^(?:invalid_api_key|authentication_error|permission_error|AuthError|UNAUTHENTICATED|PERMISSION_DENIED)$/],
  ['throttled', throttleCode],
  [
    'overloaded',
    /^(?:overloaded_error|server_is_overloaded|server_error|internal_server_error|api_error|UNAVAILABLE)$/,
  ],
];

/** For providers that answer such things with a bare 400. */
const classOfWords: Rules = [
  ['billing', /credit balance is too low|insufficient (?:credits|balance|funds)/i],
  ['context', /context window|maximum context length|prompt is too long/i],
  ['auth', /api key not valid/i],
];

const classOfStatus = (status: number | null): EndClass | undefined => {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'billing';
  if (status === 404) return 'model';
  if (status === 413) return 'context';
  if (status === 429) return 'throttled';
  return status !== null && status >= 500 ? 'overloaded' : undefined;
};

/** Without code and status. */
const classOfVagueWords: Rules = [
  ['auth', /(?:incorrect|invalid|missing) api key|api key (?:is missing|provided|not found)|unauthorized/i],
  ['model', /model not found|the model .* does not exist/i],
  ['overloaded', /\boverloaded\b|\bat capacity\b/i],
  ['throttled', /rate limit|too many requests/i],
];

/** Errors that the stream calls "unexpected" and only the log names. */
const classOfLog: Rules = [
  ['model', /ProviderModelNotFoundError|\bModel not found: /],
  ['config', /\bConfig\w*Error\b|\bProviderInitError\b/],
];
