// What Gemini CLI says on stderr alone: that it sleeps in a limit, and the stack of the error that ended it.
import { cleanText } from '../core/clean-text.ts';
import { objectCollector } from './gemini-object.ts';
import { type Json, numberOf, objectOf, sessionOf, textOf } from './json-lines.ts';
import { longWaitMs } from './silent-wait.ts';

/** A wait that the CLI has announced and that is longer than any throttle. */
export interface GeminiSleep {
  /** The notice, its lines joined by newlines. */
  text: string;
  /** When it was said, epoch ms, never too late: the last event before it plus the waits announced since. Null = unknown. */
  saidAtMs: number | null;
  /** How long it sleeps; by design some percent longer than the limit lasts. */
  waitMs: number;
}

/** The error that ended a run, as its stack or (with `-o json`) its object has it. */
export interface GeminiStack {
  /** `TerminalQuotaError`, `_ApiError`, …; null when not given. */
  name: string | null;
  message: string;
  /** HTTP status, or a code of the CLI's own below 100 (as exit codes), or null. */
  status: number | null;
  /** Reason of the provider: `QUOTA_EXHAUSTED`, `MODEL_CAPACITY_EXHAUSTED`, …; or null. */
  reason: string | null;
  retryDelayMs: number | null;
  /** A quota of the plan is zero: no time frees it. */
  noQuota: boolean;
}

export interface GeminiStderr {
  /** A line; false when it is noise that tells people nothing. */
  line(text: string): boolean;
  /** An event came on stdout: whatever it slept in is over. `atMs` = its time, or null. */
  wentOn(atMs: number | null): void;
  /** The event was work of the agent: an error before it has not ended the run. */
  worked(): void;
  /** The sleep that nothing has ended yet. */
  sleep(): GeminiSleep | null;
  /** The newest stack, and whether no work came after it. */
  stack(): GeminiStack | null;
  stackIsLast(): boolean;
  /** Session id of an error object. */
  session(): string | null;
  /** Files into which it wrote the conversation, at most 20. */
  reports(): readonly string[];
}

const noise =
  /^\s+at |^YOLO mode is enabled|^Warning: (?:True color|256-color)|^Ripgrep is not available|^\[STARTUP\]|^Loaded cached credentials/;
const begins = /^Attempt \d+ failed\b/;
const ended = /^Error when talking to Gemini API/;
const noticeLinesMax = 40;

/** Reads stderr line by line. Retry notices alone decide nothing, but for the one that announces a long wait. */
export const geminiStderr = (): GeminiStderr => {
  const objects = objectCollector();
  const reports: string[] = [];
  /** Lines of a notice that is not whole yet. */
  let notice: string[] | null = null;
  let sleep: GeminiSleep | null = null;
  let stack: GeminiStack | null = null;
  let inStack = false;
  let workedSince = false;
  let session: string | null = null;
  let lastEventMs: number | null = null;
  let waitedMs = 0;

  const readNotice = (line: string): void => {
    notice = [...(notice ?? []), line];
    const text = notice.join('\n');
    const wait = /\bRetrying after (\d{1,12})ms\.\.\.$/.exec(text);
    if (wait) {
      const waitMs = Number(wait[1]);
      const saidAtMs = lastEventMs === null ? null : lastEventMs + waitedMs;
      sleep = waitMs > longWaitMs ? { text, saidAtMs, waitMs } : null;
      waitedMs += waitMs;
    }
    const whole = wait !== null || /Retrying with backoff\.\.\.|Max attempts reached$/.test(line);
    if (whole || notice.length >= noticeLinesMax) notice = null;
  };

  const beginStack = (line: string): void => {
    const report = /Full report available at: (.+?\.json)(?= |$)/.exec(line)?.[1];
    if (report && reports.length < 20) reports.push(report);
    const said = report ? line.slice(line.indexOf(report) + report.length) : line.replace(ended, '');
    const [, name, message] = /^\s*(?:(\w+): )?(.*)$/.exec(said)!;
    stack = {
      name: name ?? null,
      message: message ?? '',
      status: null,
      reason: null,
      retryDelayMs: null,
      noQuota: false,
    };
    [inStack, workedSince] = [true, false];
  };

  const readStack = (line: string): void => {
    if (stack === null) return;
    if (line === '}') inStack = false;
    const [, key, value] = /^\s+(retryDelayMs|reason|status|code): '?(\w+)'?,?$/.exec(line) ?? [];
    const number = /^\d{1,12}$/.test(value ?? '') ? Number(value) : null;
    if (key === 'retryDelayMs') stack.retryDelayMs = number;
    if (key === 'reason' && value !== 'undefined') stack.reason = value!;
    if (key === 'status' || key === 'code') stack.status ??= number;
    stack.noQuota ||= zeroQuota.test(line);
  };

  const readObject = (object: Json): void => {
    const error = objectOf(object.error);
    if (error === null) return;
    session = sessionOf(object.session_id) ?? session;
    workedSince = false;
    stack = {
      name: textOf(error.type),
      message: textOf(error.message) ?? '',
      status: numberOf(error.code) ?? stack?.status ?? null,
      reason: stack?.reason ?? null,
      retryDelayMs: stack?.retryDelayMs ?? null,
      noQuota: stack?.noQuota ?? false,
    };
  };

  return {
    line: text => {
      const line = cleanText(text.slice(0, 20_000)).trimEnd();
      if (begins.test(line) || ended.test(line)) {
        objects.drop();
        [notice, sleep, inStack] = [null, null, false];
        if (ended.test(line)) beginStack(line);
        else {
          stack = null;
          readNotice(line);
        }
        return true;
      }
      // A stack without details has no end of its own.
      if (line === '{') [inStack, notice] = [false, null];
      if (inStack) readStack(line);
      else if (notice) readNotice(line);
      else {
        const object = objects.line(line);
        if (object === 'more') return false;
        if (object) readObject(object);
      }
      return !noise.test(line);
    },
    wentOn: atMs => {
      [sleep, notice, waitedMs] = [null, null, 0];
      lastEventMs = atMs ?? lastEventMs;
    },
    worked: () => {
      workedSince = true;
    },
    sleep: () => sleep,
    stack: () => stack,
    stackIsLast: () => !workedSince,
    session: () => session,
    reports: () => reports,
  };
};

/** `limit: 0` of a quota, but not `limit: 0.5`. */
export const zeroQuota = /\blimit: 0\b(?!\.\d)/;
