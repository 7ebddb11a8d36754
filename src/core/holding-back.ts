// What holds a run back from its next start beside limits and delays: the end of its time, and a pause that a person has made.
import type { Policy } from './policy.ts';
import type { State } from './state.ts';
import { durationWords } from './words.ts';

/** From when on a run starts nothing more, epoch ms, and which setting says so. */
export interface TimeBound {
  atMs: number;
  because: string;
}

/** The earlier of `--max-runtime`, counted on the wall clock from the start of the run, and `--until-time`; null = neither is set. */
export const timeBound = ({ startedAtMs, policy }: { startedAtMs: number; policy: Policy }): TimeBound | null => {
  const { maxRuntimeMs, endAt } = policy;
  const bounds: TimeBound[] = [];
  if (maxRuntimeMs !== undefined) {
    const because = `the run's time of ${durationWords(maxRuntimeMs)} (--max-runtime)`;
    bounds.push({ atMs: startedAtMs + maxRuntimeMs, because });
  }
  if (endAt !== undefined)
    bounds.push({ atMs: endAt.atMs, because: `the run's time until ${endAt.asked} (--until-time)` });
  return bounds.reduce<TimeBound | null>((first, one) => (first && first.atMs <= one.atMs ? first : one), null);
};

/** The same settings for a run that would begin now: bounds of the last run's time say nothing of the next one. */
export const withoutTimeBound = ({ maxRuntimeMs: _, endAt: __, ...policy }: Policy): Policy => policy;

/** `paused since <instant> by joe@host: nothing is started until seqrun continue`. */
export const pausedWords = ({ atMs, by }: NonNullable<State['paused']>): string =>
  `paused since ${new Date(atMs).toISOString()} by ${by}: nothing is started until seqrun continue`;
