// A wait on the screen: one line when it begins, and on a terminal a countdown that is rewritten each second.
import { clockWords, durationWords } from '../core/words.ts';
import type { Clock } from '../engine/ports.ts';

export interface Countdown {
  start(untilMs: number, because: string, say: (line: string) => void): void;
  stop(): void;
}

/** `live` rewrites one line; `status` gets a line a minute for the status window. Waits under two seconds stay silent. */
export const createCountdown = (options: {
  live: (text: string | null) => void;
  clock: Clock;
  status: (line: string) => void;
}): Countdown => {
  const { clock, live } = options;
  let timer: NodeJS.Timeout | null = null;
  const stop = () => {
    if (timer) {
      clearInterval(timer);
      live(null);
    }
    timer = null;
  };
  return {
    stop,
    start: (untilMs, because, say) => {
      stop();
      const leftMs = untilMs - clock.nowMs();
      if (leftMs < 2000) return;
      say(
        because === 'delay between iterations'
          ? `Sleeping ${durationWords(leftMs)} before next iteration...`
          : `Waiting until ${new Date(untilMs).toISOString()}: ${because}`,
      );
      let lastMinute = Math.ceil(leftMs / 60_000);
      timer = setInterval(() => {
        const nowLeftMs = untilMs - clock.nowMs();
        live(`${clockWords(nowLeftMs)} left`);
        const minute = Math.ceil(nowLeftMs / 60_000);
        if (minute < lastMinute && minute > 0) options.status(`${minute} min left`);
        lastMinute = minute;
      }, 1000);
      timer.unref();
    },
  };
};
