// Tries a pattern on the longest lines it may meet, under a time limit: a matcher that runs away cannot be stopped later.
import { createContext, Script } from 'node:vm';
import { trialLines } from '../compose/own-agents.ts';

/** CPU time that one line may cost. A pattern with a repetition too many takes seconds to ages, all others a few milliseconds. */
export const lineMs = 100;

/** Whether a valid pattern takes at most `lineMs` for each line made to be hard for it. */
export const isQuick = (match: string): boolean => {
  const context = createContext({ regex: new RegExp(match, 'iu'), line: '' });
  return trialLines(match).every(line => {
    context.line = line;
    return endsInTime(() => trial.runInContext(context, { timeout: lineMs }));
  });
};

const trial = new Script('regex.test(line)');

/** On a busy machine the time on the clock says nothing: a run that got too little of the CPU is tried again. */
const endsInTime = (run: () => void): boolean => {
  for (;;) {
    const before = process.cpuUsage();
    try {
      run();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      const { user, system } = process.cpuUsage(before);
      if (user + system >= (lineMs * 1000) / 2) return false;
    }
  }
};
