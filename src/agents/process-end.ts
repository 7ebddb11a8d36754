// How a process ended, in the few ways that matter when its stream has no last word.
import type { ProcessEnd } from '../core/agent.ts';

/**
 * - `gone`: nobody wrote down how it ended (machine, window or seqrun went away)
 * - `interrupted`: Ctrl-C, or a signal that asks a process to end
 * - `killed`: SIGKILL, which is what a watchdog or the kernel sends to what does not end by itself
 * - `missing`: the executable was not found or could not be run (126, 127 by the shell's rule)
 * - `well`: exit code 0 · `badly`: any other code, or a signal that a crash raises
 */
export type EndKind = 'gone' | 'interrupted' | 'killed' | 'missing' | 'well' | 'badly';

const byNumber: Record<number, string> = { 1: 'HUP', 2: 'INT', 3: 'QUIT', 9: 'KILL', 15: 'TERM' };
const asked = new Set(['HUP', 'INT', 'QUIT', 'TERM']);

/** The kind of an end. Codes above 128 stand for signals, as shells and the agent CLIs themselves report them. */
export const endKind = (exit: ProcessEnd | null): EndKind => {
  if (exit === null) return 'gone';
  const signal = exit.signal ?? (exit.code === null ? undefined : byNumber[exit.code - 128]);
  if (exit.interrupt || (signal && asked.has(signal))) return 'interrupted';
  if (signal === 'KILL') return 'killed';
  if (exit.code === 126 || exit.code === 127) return 'missing';
  return exit.code === 0 ? 'well' : 'badly';
};

/** One line for people: `exit code 1`, `signal TERM`. */
export const endText = (exit: ProcessEnd | null): string => {
  if (exit === null) return 'the process is gone without an exit file';
  const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code ?? 'unknown'}`;
  return exit.interrupt ? `${how} after Ctrl-C` : how;
};
