// The real clock: wall time, working time, and a sleep that notices a suspended machine.
import type { Clock } from '../engine/ports.ts';

/** Longest single timer. Timers run on monotonic time: after a suspend the wall clock must be asked again this often. */
const recheckMs = 30_000;

/**
 * The clock of this machine. `monotonicMs` counts from the start of the process (`performance.now`, which is CLOCK_MONOTONIC
 * on Linux and does not advance while the machine sleeps). `sleepUntil` leaves neither timer nor listener behind.
 */
export const systemClock = (): Clock => ({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleepUntil: (untilMs, signal) =>
    new Promise(resolve => {
      let timer: NodeJS.Timeout | undefined;
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const step = () => {
        const leftMs = untilMs - Date.now();
        // Infinity waits for the signal alone; NaN counts as reached, so that a bug cannot hang a run.
        if (signal.aborted || !(leftMs > 0)) finish();
        else timer = setTimeout(step, Math.min(leftMs, recheckMs));
      };
      signal.addEventListener('abort', finish, { once: true });
      step();
    }),
});
