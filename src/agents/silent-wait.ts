// That an agent CLI now sits in a limit and says no more: read from the last thing it said, a refusal that it will try again after.
import type { SilentWait } from '../core/agent.ts';
import { cleanLine } from '../core/clean-text.ts';
import { durationWords } from '../core/words.ts';
import { delayFromText } from './reset-time.ts';

/**
 * A wait that is announced and longer than this is a limit, not a throttle. Gemini CLI draws the same line between an error that
 * it retries and one that it gives up on; the own pauses of all agents, where the provider names none, are under a minute.
 */
export const longWaitMs = 5 * 60_000;

/** A refusal for the rate, or for a window that is used up. */
export const rateText = /\brate limit|\busage limit|\bquota\b|too many requests/i;

/** A wait of known length, or null when it is a throttle. `evidence` = the line it rests on. */
export const announcedWait = (waitMs: number, evidence: string): SilentWait | null =>
  waitMs > longWaitMs ? said(`it has announced a wait of ${durationWords(waitMs)}`, evidence) : null;

/**
 * What follows a refusal after which the CLI tries again of itself. A delay in the words decides; where there is none, a refusal
 * for the rate may mean hours (the delay stands in headers that are not shown), and any other one is a retry.
 */
export const waitAfterRefusal = (text: string, evidence: string): SilentWait | null => {
  const delayMs = delayFromText(text);
  if (delayMs !== null) return announcedWait(delayMs, evidence);
  return /\b429\b/.test(text) || rateText.test(text)
    ? said('it was refused for a limit and waits without saying until when', evidence)
    : null;
};

const said = (because: string, evidence: string): SilentWait => ({ because, evidence: cleanLine(evidence, 500) });
