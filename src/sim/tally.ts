// What a campaign of histories adds up to. Tallies of its parts, added in any order, give the tally of the whole.
import type { History } from './simulate.ts';

export interface Tally {
  histories: number;
  /** Crashes that were injected: of one process, and of the machine with all that was not flushed. */
  kills: number;
  powerCuts: number;
  /** Histories in which a promise was broken. */
  violations: number;
  /** Points at which a crash could have come. */
  points: number;
  turns: number;
  events: number;
  starts: number;
  virtualDays: number;
  /** How often a run ended so, by exit code and kind of end. */
  ends: Record<string, number>;
}

export const emptyTally = (): Tally => ({
  histories: 0,
  kills: 0,
  powerCuts: 0,
  violations: 0,
  points: 0,
  turns: 0,
  events: 0,
  starts: 0,
  virtualDays: 0,
  ends: {},
});

/** Counts a history in. */
export const count = (tally: Tally, history: History): void => {
  const powerCuts = history.faults.filter(fault => fault.startsWith('power')).length;
  addTo(tally, {
    histories: 1,
    kills: history.faults.length - powerCuts,
    powerCuts,
    violations: history.violations.length > 0 ? 1 : 0,
    points: history.points,
    turns: history.turns,
    events: history.events,
    starts: history.starts,
    virtualDays: history.virtualMs / 86_400_000,
    ends: {},
  });
  for (const end of history.ends) tally.ends[end] = (tally.ends[end] ?? 0) + 1;
};

/** Adds the tally of another part. */
export const addTo = (tally: Tally, { ends, ...other }: Tally): void => {
  for (const key of Object.keys(other) as (keyof typeof other)[]) tally[key] += other[key];
  for (const [end, times] of Object.entries(ends)) tally.ends[end] = (tally.ends[end] ?? 0) + times;
};
