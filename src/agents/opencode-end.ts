// How the end of an OpenCode run looks: from its last step, its error event, its log, else from how the process ended.
import type { Classification, EndFacts } from '../core/agent.ts';
import { type OpenCodeError, openCodeFailure } from './opencode-failure.ts';
import type { FailedRequest } from './opencode-log.ts';
import { endKind, endText } from './process-end.ts';
import { resetFromText } from './reset-time.ts';
import { longWaitMs, rateText } from './silent-wait.ts';
import { verdict } from './verdict.ts';

/** The end of the last step, after which nothing went on. */
export interface StepEnd {
  /** `stop` = the answer is complete; `tool-calls`, `length`, … = it is not. */
  reason: string | null;
  /** Text since the last tool call. */
  text: string;
  line: string;
}

export interface OpenCodeSeen {
  /** An event came. */
  begun: boolean;
  step: StepEnd | null;
  /** The newest error after which no work went on. */
  error: OpenCodeError | null;
  /** A failed request after which the stream did not go on. */
  waiting: FailedRequest | null;
  /** Error lines of its log, oldest first. */
  errorLog: readonly string[];
  stderr: readonly string[];
}

/**
 * The verdict. There is no event for the end: a last step that stopped is the success event, and an error undoes it. A run that
 * was cut off in the moment after its conversation was shortened of itself looks the same; only its exit tells them apart.
 */
export const classifyOpenCode = (seen: OpenCodeSeen, end: EndFacts): Classification => {
  const { step, error, waiting } = seen;
  if (error) return openCodeFailure(error, seen.errorLog, end);
  if (step?.reason === 'stop') return verdict(step.text.trim() === '' ? 'no_answer' : 'success', step.line);
  if (step?.reason === 'content-filter') return verdict('refused', step.line);
  const limit = waiting && limitWaitedFor(waiting, end);
  if (limit) return limit;
  switch (endKind(end.exit)) {
    case 'gone':
    case 'interrupted':
      return verdict('interrupted', null);
    case 'killed':
    case 'well':
      return verdict('no_answer', step?.line ?? null);
    case 'missing':
      return verdict('config', `opencode was not found or cannot be run (${endText(end.exit)})`);
    case 'badly':
      return endedBadly(seen, end);
  }
};

/**
 * A run that was ended while it sat out a limit in silence. A wait that is named and long is one; so is a refusal for the rate
 * after which it was silent for longer than it ever waits of its own accord (a delay in the headers is not logged). A short
 * wait is a retry notice and says nothing, as is one that was over before the end.
 */
const limitWaitedFor = (waiting: FailedRequest, end: EndFacts): Classification | null => {
  const text = waiting.text.replace(/\u2019/g, "'");
  const resetAtMs = resetFromText(text, { nowMs: waiting.atMs, zone: end.zone });
  if (resetAtMs !== null) {
    const isLong = resetAtMs - waiting.atMs > longWaitMs && resetAtMs > end.endedAtMs;
    return isLong ? { ...verdict('limited', waiting.line), resetAtMs } : null;
  }
  const silent = end.endedAtMs - waiting.atMs > longWaitMs;
  return silent && rateText.test(text) ? verdict('limited', waiting.line) : null;
};

const endedBadly = (seen: OpenCodeSeen, end: EndFacts): Classification => {
  const said = seen.stderr.findLast(line => ownError.test(line));
  if (said === undefined || seen.begun) return verdict('crashed', said ?? seen.stderr.at(-1) ?? null);
  if (startTrouble.test(said)) return verdict('config', said);
  const error = { name: null, message: said.replace(ownError, ''), data: {}, line: said, atMs: null };
  return openCodeFailure(error, seen.errorLog, end);
};

/** How the CLI begins what it says of itself. */
const ownError = /^Error: /;
/** What it says when it will not even begin. */
const startTrouble =
  /^Error: (?:You must provide a message|Session not found|Failed to change directory|File not found|Config\w*Error|Configuration)/;
