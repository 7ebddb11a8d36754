// The real clock: wall time, working time, and a sleep that notices a suspended machine.
import type { Clock } from '../engine/ports.ts';

/** A wall clock that goes back by this much was set. */
const setBackMs = 5_000;
/** How often working time is looked at by itself. */
const beatMs = 1_000;
/** A beat that comes so late shows that this process stood still; a machine that is busy, or swaps, is late by less. */
const standstillMs = 5_000;
/** Longest single timer. Timers run on monotonic time: after a suspend the wall clock must be asked again this often. */
const recheckMs = 30_000;

/**
 * The clock of this machine. `monotonicMs` is `performance.now` (CLOCK_MONOTONIC on Linux, which does not advance while the machine
 * sleeps) without the times in which this process stood still: it was stopped, or its container or virtual machine was paused.
 * From the first question on a beat each second looks for those; it keeps no process alive. `sleepUntil` ends early when the wall
 * clock was set back; it leaves neither timer nor listener behind.
 */
export const systemClock = (): Clock => ({
  nowMs: () => Date.now(),
  monotonicMs: workingTime(),
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

/** What stood still saw nothing of the jobs it watches: counted, that time would make any of them look stalled. */
const workingTime = (): (() => number) => {
  let lastMs: number | null = null;
  let lostMs = 0;
  const look = (): number => {
    const nowMs = performance.now();
    if (lastMs === null) setInterval(look, beatMs).unref();
    else if (nowMs - lastMs > standstillMs) lostMs += nowMs - lastMs - beatMs;
    lastMs = nowMs;
    return nowMs - lostMs;
  };
  return look;
};
