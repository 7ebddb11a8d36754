// How the end of a Gemini CLI run looks: from its result, from what it says on stderr, else from how the process ended.
import type { Classification, EndClass, EndFacts } from '../core/agent.ts';
import { classOfExit, type GeminiError, geminiFailure, timeOf } from './gemini-failure.ts';
import type { GeminiSleep, GeminiStack } from './gemini-stderr.ts';
import { endKind, endText } from './process-end.ts';
import { resetFromText } from './reset-time.ts';
import { verdict } from './verdict.ts';

/** The latest result. */
export interface GeminiResult {
  failed: boolean;
  /** The final message, empty when it failed. */
  text: string;
  /** Of a failure, else empty. */
  error: GeminiError;
}

export interface GeminiSeen {
  /** The first event came: only then a missing result means that the run was cut off. */
  begun: boolean;
  result: GeminiResult | null;
  /** The newest error event after which nothing went on. */
  error: GeminiError | null;
  sleep: GeminiSleep | null;
  stack: GeminiStack | null;
  /** Nothing went on after that stack. */
  stackIsLast: boolean;
  /** Lines of stderr without noise: asked only when the run never began. */
  stderr: readonly string[];
}

/** The verdict. The exit code never makes a success: this CLI exits 0 when a signal ends it. */
export const classifyGemini = (seen: GeminiSeen, end: EndFacts): Classification => {
  const { result, error, stack } = seen;
  if (result && !result.failed) {
    return verdict(result.text.trim() === '' ? 'no_answer' : 'success', result.error.evidence);
  }
  if (result) return resultFailure(result.error, seen, end);
  // A limit that names its reset, and a real error, decide also when the run was cut off; short retry notices do not.
  const asleep = seen.sleep && sleepLimit(seen.sleep, end);
  if (asleep) return asleep;
  if (stack && seen.stackIsLast) {
    const { message, name } = stack;
    return geminiFailure(
      { message, type: name, saidAtMs: null, evidence: `${name ?? 'error'}: ${message}` },
      stack,
      end,
    );
  }
  if (error) return geminiFailure(error, null, end);
  return withoutWord(seen, end);
};

const resultFailure = (said: GeminiError, seen: GeminiSeen, end: EndFacts): Classification => {
  const error = said.message === '' && seen.error ? { ...said, message: seen.error.message } : said;
  // Also the error of a call that was tried again with luck leaves a stack: it counts only for the same message.
  const { stack } = seen;
  const own = stack !== null && stack.message !== '' && error.message.includes(stack.message) ? stack : null;
  if (error.message !== '' || own) return geminiFailure(error, own, end);
  const code = end.exit?.code ?? null;
  return verdict(code === 0 ? 'no_answer' : classOfExit(code), error.evidence);
};

/** The limit that the run slept in when it ended, or null when it had slept enough. */
const sleepLimit = (sleep: GeminiSleep, end: EndFacts): Classification | null => {
  const saidAtMs = timeOf(sleep, end);
  const wakesAtMs = saidAtMs + sleep.waitMs;
  if (wakesAtMs <= end.endedAtMs) return null;
  const told = resetFromText(sleep.text, { nowMs: saidAtMs, zone: end.zone });
  // It sleeps up to a fifth longer than it was told: the text is nearer, unless it speaks of something else.
  const near = told !== null && told - saidAtMs >= sleep.waitMs * 0.8 ? told : wakesAtMs;
  return { ...verdict('limited', sleep.text), resetAtMs: near };
};

const withoutWord = (seen: GeminiSeen, end: EndFacts): Classification => {
  switch (endKind(end.exit)) {
    case 'gone':
    case 'interrupted':
      return verdict('interrupted', null);
    case 'killed':
      return verdict('no_answer', null);
    case 'well':
      // Nothing but a signal ends it well without a result.
      return verdict(seen.begun ? 'interrupted' : 'no_answer', null);
    case 'missing':
      return verdict('config', `gemini was not found or cannot be run (${endText(end.exit)})`);
    case 'badly':
      return neverBegan(seen, end);
  }
};

const neverBegan = (seen: GeminiSeen, end: EndFacts): Classification => {
  const byExit = classOfExit(end.exit?.code ?? null);
  const last = seen.stderr.at(-1) ?? null;
  if (seen.begun) return verdict(byExit, last);
  // Nothing was asked of the model, so these are the CLI's own words.
  for (const [name, pattern] of startTrouble) {
    const said = seen.stderr.find(line => pattern.test(line));
    if (said) return verdict(byExit === 'crashed' ? name : byExit, said);
  }
  return verdict(byExit, last);
};

const startTrouble: [EndClass, RegExp][] = [
  ['config', /^No input provided via stdin|^Error resuming session|\btrusted (?:folder|directory|workspace)\b/i],
  ['config', /^Unknown arguments?: |^Invalid values:|^Not enough arguments|^Cannot use both/i],
  ['auth', /\bmust specify the \w+ environment variable|^Please set an Auth method|^Error authenticating/i],
];
