// A wait on the screen: one line when it begins, and on a terminal a countdown that is rewritten each second.
import { clockWords, durationWords } from '../core/words.ts';
import type { Clock } from '../engine/ports.ts';

export interface Countdown {
  start(untilMs: number, because: string, say: (line: string) => void): void;
  stop(): void;
}

/** `status` gets a line a minute for the status window. Waits under two seconds stay silent. */
export const createCountdown = (options: { enabled: boolean; clock: Clock; status: (line: string) => void }): Countdown => {
  const { clock } = options;
  const onTerminal = options.enabled && process.stderr.isTTY === true;
  let timer: NodeJS.Timeout | null = null;
  let drawn = false;
  const erase = () => {
    if (drawn) process.stderr.write('\r\u001b[K');
    drawn = false;
  };
  const stop = () => {
    if (timer) clearInterval(timer);
    timer = null;
    erase();
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
          : `Waiting ${durationWords(leftMs)} until ${new Date(untilMs).toISOString()}: ${because}`,
      );
      let lastMinute = Math.ceil(leftMs / 60_000);
      timer = setInterval(() => {
        const nowLeftMs = untilMs - clock.nowMs();
        if (onTerminal) {
          process.stderr.write(`\r\u001b[K[seqrun] ${clockWords(nowLeftMs)} left`);
          drawn = true;
        }
        const minute = Math.ceil(nowLeftMs / 60_000);
        if (minute < lastMinute && minute > 0) options.status(`${minute} min left`);
        lastMinute = minute;
      }, 1000);
      timer.unref();
    },
  };
};
