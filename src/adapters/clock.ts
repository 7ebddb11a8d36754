// The real clock: wall time, working time, and a sleep that notices a suspended machine.
import type { Clock } from '../engine/ports.ts';

/** A wall clock that goes back by this much was set. */
const setBackMs = 5_000;
/** Longest single timer. Timers run on monotonic time: after a suspend the wall clock must be asked again this often. */
const recheckMs = 30_000;

/**
 * The clock of this machine. `monotonicMs` counts from the start of the process (`performance.now`, which is CLOCK_MONOTONIC
 * on Linux and does not advance while the machine sleeps). `sleepUntil` ends early when
 * the wall clock was set back; it leaves neither timer nor listener behind.
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
      let lastLeftMs = Number.POSITIVE_INFINITY;
      const step = () => {
        const leftMs = untilMs - Date.now();
        // The clock was set back: whoever waits must look again whether this is still the time to wait for.
        if (leftMs > lastLeftMs + setBackMs) return finish();
        lastLeftMs = leftMs;
        // Infinity waits for the signal alone; NaN counts as reached, so that a bug cannot hang a run.
        if (signal.aborted || !(leftMs > 0)) finish();
        else timer = setTimeout(step, Math.min(leftMs, recheckMs));
      };
      signal.addEventListener('abort', finish, { once: true });
      step();
    }),
});
