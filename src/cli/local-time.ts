// Instants as people at this machine read them: the clock and the time zone come in here.
import { inLocalTime } from '../core/words.ts';

let known: string | null = null;

/** The machine's time zone as an IANA name; UTC where it has none that can be told. */
const zone = (): string => {
  if (known !== null) return known;
  try {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    // Throws on a name that nobody can count in.
    new Intl.DateTimeFormat('en', { timeZone });
    known = timeZone ?? 'UTC';
  } catch {
    known = 'UTC';
  }
  return known;
};

/** A line for people: instants in it as local time and distance from now. Not for JSON, nor for files. */
export const localTimes = (line: string): string => inLocalTime(line, Date.now(), zone);

/** As `localTimes` without the distance from now: for a line that counts down already. */
export const localClock = (line: string): string =>
  line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, iso => localTimes(iso).replace(/ \([^()]*\)$/, ''));
