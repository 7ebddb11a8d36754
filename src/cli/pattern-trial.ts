// Tries a pattern on the longest lines it may meet, under a time limit: a matcher that runs away cannot be stopped later.
import { type Context, createContext, Script } from 'node:vm';
import { trialLines } from '../compose/own-agents.ts';

/** CPU time for the trial lines of one pattern. One with a repetition too many takes seconds to ages, others a few milliseconds. */
export const trialMs = 250;

/** Whether a valid pattern gets through the lines made to be hard for it in `trialMs`. */
export const isQuick = (match: string): boolean => {
  place ??= createContext({});
  Object.assign(place, { regex: new RegExp(match, 'iu'), lines: trialLines(match) });
  for (let timeout = trialMs; ; timeout *= 2) {
    const before = process.cpuUsage();
    try {
      trial.runInContext(place, { timeout });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      // On a busy machine the time on the clock says nothing: what got little of the CPU is tried again, for longer.
      const { user, system } = process.cpuUsage(before);
      if (user + system >= (trialMs * 1000) / 2) return false;
    }
  }
};

/** One call for all lines: each call starts a thread that watches the time. */
const trial = new Script('for (const line of lines) regex.test(line)');
/** Made once: it costs more than most trials. */
let place: Context | null = null;
