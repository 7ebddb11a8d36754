// A wait, told: one line when it begins, and a line a minute for the window of the run, which shows no live view.
import { durationWords } from '../core/words.ts';
import type { Clock } from '../engine/ports.ts';

export interface Countdown {
  start(untilMs: number, because: string, say: (line: string) => void): void;
  stop(): void;
}

/** `status` gets a line a minute. Waits under two seconds stay silent. */
export const createCountdown = (options: { clock: Clock; status: (line: string) => void }): Countdown => {
  const { clock } = options;
  let timer: NodeJS.Timeout | null = null;
  const stop = () => {
    if (timer) clearInterval(timer);
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
          ? // Begun a few ms ago: as much as was set, as the live view counts it.
            `Sleeping ${durationWords(Math.ceil(leftMs / 1000) * 1000)} before next iteration...`
          : `Waiting until ${new Date(untilMs).toISOString()}: ${because}`,
      );
      let lastMinute = Math.ceil(leftMs / 60_000);
      timer = setInterval(() => {
        const minute = Math.ceil((untilMs - clock.nowMs()) / 60_000);
        if (minute < lastMinute && minute > 0) options.status(`${minute} min left`);
        lastMinute = minute;
      }, 1000);
      timer.unref();
    },
  };
};
