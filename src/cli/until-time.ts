// The next instant at which the clock on the wall shows a time of day, whatever the hour is shifted to in between. Pure but for the zone.

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** Minutes since midnight on the clock of this machine. */
const onLocalClock = (atMs: number): number => {
  const date = new Date(atMs);
  return date.getHours() * 60 + date.getMinutes();
};

/**
 * When `HH:MM` comes next after `nowMs`, epoch ms, to the minute. An hour that comes twice counts each time; a time that the clock
 * jumps over counts as the minute it jumps to. `clock` gives the minutes since midnight at an instant.
 */
export const nextTime = (asked: string, nowMs: number, clock: (atMs: number) => number = onLocalClock): number => {
  const [hours = 0, minutes = 0] = asked.split(':').map(Number);
  const wanted = hours * 60 + minutes;
  let atMs = Math.floor(nowMs / minuteMs) * minuteMs;
  let before = clock(atMs);
  // Two days: a day that loses an hour or gains one is still in it.
  for (let step = 0; step < 2 * dayMinutes; step++) {
    atMs += minuteMs;
    const shown = clock(atMs);
    // Forward from one minute to the next: one, or all that was jumped over; backward (more than half a day) is no jump over anything.
    const forward = (shown - before + dayMinutes) % dayMinutes;
    const since = (wanted - before + dayMinutes) % dayMinutes;
    if (forward <= dayMinutes / 2 && since > 0 && since <= forward) return atMs;
    before = shown;
  }
  throw new Error(`Internal error: ${asked} does not come within two days`);
};
