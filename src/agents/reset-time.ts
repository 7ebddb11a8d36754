// When a limit frees, read from what agent CLIs and providers say: epochs, dates, clock times, durations.
import parseDuration from 'parse-duration';
import { Temporal as polyfill } from 'temporal-polyfill';

const Temporal = (globalThis as { Temporal?: typeof polyfill }).Temporal ?? polyfill;

/** Against what a time is read. */
export interface ResetContext {
  /** When the text was said, epoch ms, fractions allowed (times of files have them); the end of the run is near enough. */
  nowMs: number;
  /** Zone of times that name none, IANA. */
  zone: string;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** The longest windows known are months; a time further away is a mistake, and waiting for it would never end. */
const farthestMs = 366 * dayMs;
/** A message is at most this old when the run has ended: a clock time that has just passed does not mean tomorrow. */
const graceMs = 30_000;

/**
 * Epoch seconds or milliseconds (number or digits) as epoch ms. Null for anything else and for more than a year from now;
 * a time in the past is returned as it is.
 */
export const resetFromEpoch = (value: unknown, nowMs: number): number | null => {
  const number = typeof value === 'string' && /^\d{10,13}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') return null;
  const inSeconds = number >= 1e9 && number < 1e10;
  const inMs = number >= 1e12 && number < 1e13;
  return inSeconds || inMs ? plausible(inSeconds ? number * 1000 : number, nowMs) : null;
};

/**
 * The instant that a limit message names, epoch ms, or null when it names none that is understood ("try again later", an
 * unknown zone, a weekday): never "now" for unknown.
 *
 * A clock time has minute precision and gives the start of its minute. Without a date it is the next one after now, where
 * the minute that is running still counts. Without a year it is the nearest such date. A local time that comes twice when
 * clocks go back is the first of the two that is not over; one that is skipped when they go forward is the later reading.
 */
export const resetFromText = (text: string, said: ResetContext): number | null => {
  // Temporal refuses a fraction, and a refusal would read as "unknown".
  const context = { ...said, nowMs: Math.floor(said.nowMs) };
  // All blanks alike: Intl puts U+202F before AM and PM.
  const plain = text.slice(0, 20_000).replace(/\s+/g, ' ');
  const piped = /limit reached\|(\d{10,13})\b/i.exec(plain);
  if (piped) return resetFromEpoch(piped[1], context.nowMs);
  for (const rest of afterAnchors(plain)) {
    const found = fromIso(rest, context) ?? fromClock(rest, context) ?? fromDuration(rest, context);
    if (found !== null) return plausible(found, context.nowMs);
  }
  return null;
};

/** How long a limit message says to wait, ms, or null when it names no duration ("try again at 9:37 AM" does not). */
export const delayFromText = (text: string): number | null => {
  for (const rest of afterAnchors(text.slice(0, 20_000).replace(/\s+/g, ' '))) {
    const found = fromDuration(rest, { nowMs: 0, zone: 'UTC' });
    if (found !== null) return plausible(found, 0);
  }
  return null;
};

/** What follows each "resets", "try again" and the like. */
const afterAnchors = (plain: string): string[] =>
  [...plain.matchAll(/\b(?:resets?|try again|retry)(?: (?:at|on))?[ :]+/gi)].map(anchor => {
    const from = anchor.index + anchor[0].length;
    return plain.slice(from, from + 120);
  });

const plausible = (ms: number, nowMs: number): number | null => (ms - nowMs <= farthestMs ? ms : null);

const isoForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?/;

const fromIso = (rest: string, context: ResetContext): number | null => {
  const match = isoForm.exec(rest);
  if (!match) return null;
  const [, date, time, zone] = match;
  if (zone) {
    return orNull(() => Temporal.Instant.from(`${date}T${time}${zone === 'UTC' ? 'Z' : zone}`).epochMilliseconds);
  }
  return orNull(() => inZone(Temporal.PlainDateTime.from(`${date}T${time}`), context.zone, context.nowMs));
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const dateForm = String.raw`(?:(?<month>${months.join('|')})[a-z]*\.? (?<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year>\d{4}))?,? (?:at )?)?`;
const timeForm = String.raw`(?<hour>\d{1,2})(?::(?<minute>\d{2})(?::\d{2})?)?(?![\d:]) ?(?<half>[ap]\.?m\b)?`;
const zoneForm = String.raw`(?:\.? ?\((?<bracket>[^()]{1,64})\)| (?<utc>UTC|GMT)\b)?`;
const clockForm = new RegExp(`^${dateForm}${timeForm}${zoneForm}`, 'i');

const fromClock = (rest: string, context: ResetContext): number | null => {
  const match = clockForm.exec(rest);
  const parts = match?.groups;
  const hour = parts && hourOf(parts.hour!, parts.minute, parts.half);
  if (!match || !parts || hour === null || hour === undefined) return null;
  // PST, CEST, IST …: the letters stand for several zones, and the local one is none of them.
  if (/^ ?[A-Z]{1,4}T\b/.test(rest.slice(match[0].length))) return null;
  const zone = parts.bracket ?? (parts.utc ? 'UTC' : context.zone);
  const minute = Number(parts.minute ?? 0);
  return orNull(() => {
    const time = Temporal.PlainTime.from({ hour, minute }, { overflow: 'reject' });
    if (!parts.month) return nextClock(time, zone, context.nowMs);
    const month = months.indexOf(parts.month.toLowerCase()) + 1;
    const day = Number(parts.day);
    const at = (year: number): number =>
      inZone(
        Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toPlainDateTime(time),
        zone,
        context.nowMs,
      );
    if (parts.year) return at(Number(parts.year));
    const { year } = Temporal.Instant.fromEpochMilliseconds(context.nowMs).toZonedDateTimeISO(zone);
    const candidates = [year - 1, year, year + 1].map(one => orNull(() => at(one))).filter(one => one !== null);
    return candidates.reduce<number | null>(
      (best, one) => (best === null || away(one) < away(best) ? one : best),
      null,
    );
  });

  function away(ms: number): number {
    return Math.abs(ms - context.nowMs);
  }
};

/** 0 to 23, or null: a bare number without minutes is no clock time. */
const hourOf = (hour: string, minute: string | undefined, half: string | undefined): number | null => {
  const number = Number(hour);
  if (half) return number >= 1 && number <= 12 ? (number % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0) : null;
  return minute !== undefined && number <= 23 ? number : null;
};

type PlainTime = InstanceType<typeof polyfill.PlainTime>;
type PlainDateTime = InstanceType<typeof polyfill.PlainDateTime>;

const nextClock = (time: PlainTime, zone: string, nowMs: number): number => {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone).toPlainDate();
  const instants = [-1, 0, 1].flatMap(days => readings(today.add({ days }).toPlainDateTime(time), zone));
  // Tomorrow's is always ahead, so one is found.
  return instants.find(ms => stillAhead(ms, nowMs))!;
};

/** The first reading of a local time that is not over, else the last. */
const inZone = (local: PlainDateTime, zone: string, nowMs: number): number => {
  const instants = readings(local, zone);
  return instants.find(ms => stillAhead(ms, nowMs)) ?? instants.at(-1)!;
};

const stillAhead = (ms: number, nowMs: number): boolean => ms + minuteMs + graceMs > nowMs;

/** One instant, or two where clocks go back. */
const readings = (local: PlainDateTime, zone: string): number[] => {
  const earlier = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = local.toZonedDateTime(zone, { disambiguation: 'later' });
  const skipped = !later.toPlainDateTime().equals(local);
  if (skipped || earlier.equals(later)) return [later.epochMilliseconds];
  return [earlier.epochMilliseconds, later.epochMilliseconds];
};

const durationForm =
  /^(?:in|after) (?:about )?~? ?((?:\d+(?:\.\d+)? ?(?:seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])(?:,? (?:and )?(?=\d))?)+)/i;

const fromDuration = (rest: string, context: ResetContext): number | null => {
  const match = durationForm.exec(rest);
  const ms = match ? parseDuration(match[1]!) : null;
  return ms === null || ms === undefined || !Number.isFinite(ms) ? null : Math.round(context.nowMs + ms);
};

/** Temporal refuses impossible dates and unknown zones with a RangeError: here that is "unknown". */
const orNull = (read: () => number | null): number | null => {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
