// Reset times in every form that limits come in, against zones, midnights and clock changes.
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { resetFromEpoch, resetFromText } from '../../src/agents/reset-time.ts';

const ms = (iso: string): number => Temporal.Instant.from(iso).epochMilliseconds;
/** Reads `text` said at `now`; the answer as ISO in UTC. */
const read = (text: string, now = '2026-11-20T08:07:00Z', zone = 'UTC'): string | null => {
  const at = resetFromText(text, { nowMs: ms(now), zone });
  return at === null ? null : Temporal.Instant.fromEpochMilliseconds(at).toString();
};

describe('text', () => {
  it.each([
    [
      'You\u2019ve hit your usage limit. Upgrade to Pro (https://x.test/pro) or try again at 9:37 AM.',
      '2026-11-20T09:37:00Z',
    ],
    ['or try again at 9:37\u202fAM.', '2026-11-20T09:37:00Z'],
    ['or try again at Nov 24th, 2026 11:14 PM.', '2026-11-24T23:14:00Z'],
    ['or try again at Dec 1st, 2026 12:05 AM.', '2026-12-01T00:05:00Z'],
    ["You've hit your 5-hour limit · resets 11:10am (UTC)", '2026-11-20T11:10:00Z'],
    ["You've hit your weekly limit · resets Nov 24, 8:10am (UTC)", '2026-11-24T08:10:00Z'],
    ['resets Nov 24, 8:10am (America/New_York)', '2026-11-24T13:10:00Z'],
    ['resets Jan 2 at 12pm (UTC)', '2027-01-02T12:00:00Z'],
    ['5-hour limit reached ∙ resets 1am', '2026-11-21T01:00:00Z'],
    ['Your limit will reset at 9pm (America/New_York).', '2026-11-21T02:00:00Z'],
    ["You're out of extra usage · resets 11:30am (Asia/Colombo)", '2026-11-21T06:00:00Z'],
    ['resets at 13:05', '2026-11-20T13:05:00Z'],
    ['resets 12am (UTC)', '2026-11-21T00:00:00Z'],
    ['resets 12pm UTC', '2026-11-20T12:00:00Z'],
    ['try again in 5 days 22 hours 11 minutes.', '2026-11-26T06:18:00Z'],
    ['Your quota will reset after 3h22m11s.', '2026-11-20T11:29:11Z'],
    ['Please try again in 2.5s. Visit https://x.test', '2026-11-20T08:07:02.5Z'],
    ['resets in 1 hour, 5 minutes', '2026-11-20T09:12:00Z'],
    ['resets at 2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z'],
    ['resets at 2026-11-20 10:00:00+02:00', '2026-11-20T08:00:00Z'],
    ['Claude AI usage limit reached|1795167420', '2026-11-20T09:37:00Z'],
    ['Claude AI usage limit reached|1795167420000', '2026-11-20T09:37:00Z'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  it('is read against any instant, also one between two milliseconds (times of files are)', () => {
    const said = { nowMs: ms('2026-11-20T08:07:00Z') + 0.8582, zone: 'UTC' };
    expect(resetFromText('or try again at 9:37 AM.', said)).toBe(ms('2026-11-20T09:37:00Z'));
    expect(resetFromText('or try again at Nov 24th, 2026 11:14 PM.', said)).toBe(ms('2026-11-24T23:14:00Z'));
    expect(resetFromText('resets Jan 2 at 12pm (UTC)', said)).toBe(ms('2027-01-02T12:00:00Z'));
    expect(resetFromText('resets in 1 hour', said)).toBe(ms('2026-11-20T09:07:00Z'));
  });

  it.each([
    'or try again later.',
    'resets soon',
    'resets Monday 9am',
    'resets 9',
    'resets 25:00',
    'resets 13pm',
    'resets 0am',
    'resets Feb 30, 8am (UTC)',
    'resets 9am (Nowhere/Land)',
    'resets 9am (your time)',
    'resets Nov 24',
    'resets in a while',
    'resets in 0x10 hours',
    'resets at 3026-11-20T10:00:00Z',
    'reset after 9999999999 weeks',
    'the clock says 9:37 AM',
    '',
  ])('unknown: %s', text => expect(read(text)).toBeNull());
});

describe('a clock time without a date', () => {
  const text = 'try again at 12:10 AM.';
  it('before midnight means tomorrow', () => expect(read(text, '2026-11-20T23:50:00Z')).toBe('2026-11-21T00:10:00Z'));
  it('after midnight means today', () => expect(read(text, '2026-11-21T00:05:00Z')).toBe('2026-11-21T00:10:00Z'));
  it('counts in the zone of the process', () => {
    expect(read('try again at 4:43 AM.', '2026-11-20T08:07:00Z', 'America/New_York')).toBe('2026-11-20T09:43:00Z');
  });
  it('the minute that runs still counts', () =>
    expect(read(text, '2026-11-21T00:10:59Z')).toBe('2026-11-21T00:10:00Z'));
  it('and a moment longer, over midnight too', () => {
    expect(read('try again at 11:59 PM', '2026-11-21T00:00:20Z')).toBe('2026-11-20T23:59:00Z');
  });
  it('after that it is the next one', () => expect(read(text, '2026-11-21T00:12:00Z')).toBe('2026-11-22T00:10:00Z'));
});

describe('clock changes', () => {
  const zone = 'America/New_York';
  it('the hour that comes twice: the first if it is ahead', () => {
    expect(read('resets 1:30am', '2026-11-01T04:00:00Z', zone)).toBe('2026-11-01T05:30:00Z');
  });
  it('the hour that comes twice: else the second', () => {
    expect(read('resets 1:30am', '2026-11-01T05:45:00Z', zone)).toBe('2026-11-01T06:30:00Z');
  });
  it('a skipped time is read as the later one', () => {
    expect(read('resets 2:30am', '2026-03-08T05:00:00Z', zone)).toBe('2026-03-08T07:30:00Z');
  });
  it('a day of 25 hours', () => {
    expect(read('resets Nov 1, 11pm', '2026-11-01T04:00:00Z', zone)).toBe('2026-11-02T04:00:00Z');
  });
});

describe('a date without a year', () => {
  it('rolls over New Year', () =>
    expect(read('resets Jan 2, 8am (UTC)', '2026-12-30T00:00:00Z')).toBe('2027-01-02T08:00:00Z'));
  it('just passed is this year, not the next', () => {
    expect(read('resets Nov 24, 8:10am (UTC)', '2026-11-24T08:12:00Z')).toBe('2026-11-24T08:10:00Z');
  });
  it('just passed over New Year', () => {
    expect(read('resets Dec 31, 11:59pm (UTC)', '2027-01-01T00:01:00Z')).toBe('2026-12-31T23:59:00Z');
  });
  it('Feb 29', () => expect(read('resets Feb 29, 8am (UTC)', '2028-02-25T00:00:00Z')).toBe('2028-02-29T08:00:00Z'));
});

describe('epochs', () => {
  const nowMs = ms('2026-11-20T08:00:00Z');
  it.each([
    [1795167474, 1795167474000],
    ['1795167474', 1795167474000],
    [1795167474000, 1795167474000],
    [1600000000, 1600000000000],
    [0, null],
    [-5, null],
    [3600, null],
    [Number.NaN, null],
    [9_999_999_999, null],
    ['soon', null],
    [null, null],
    [{}, null],
  ])('%s', (value, expected) => expect(resetFromEpoch(value, nowMs)).toBe(expected));
});

describe('across zones', () => {
  const zones = [
    'UTC',
    'America/New_York',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'America/St_Johns',
  ];
  const zone = fc.constantFrom(...zones);
  const now = fc.integer({ min: ms('2024-01-01T00:00:00Z'), max: ms('2030-12-31T00:00:00Z') });
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const clock = (at: Temporal.ZonedDateTime): string =>
    `${((at.hour + 11) % 12) + 1}:${String(at.minute).padStart(2, '0')}${at.hour < 12 ? 'am' : 'pm'}`;
  const minuteOf = (at: number): number => at - (at % 60_000);

  it('a clock time said for an instant within the next 23 hours gives that minute', () => {
    fc.assert(
      fc.property(
        zone,
        now,
        fc.integer({ min: 120_000, max: 23 * 3_600_000 }),
        fc.boolean(),
        (name, nowMs, ahead, bracket) => {
          const at = Temporal.Instant.fromEpochMilliseconds(nowMs + ahead).toZonedDateTimeISO(name);
          const text = `limit · resets ${clock(at)}${bracket ? ` (${name})` : ''}`;
          const found = resetFromText(text, { nowMs, zone: bracket ? 'Asia/Tokyo' : name })!;
          // Where clocks go back one text means two instants: the first that is ahead is taken.
          const wanted = minuteOf(at.epochMilliseconds);
          const twice =
            wanted - found > 0 &&
            wanted - found <= 3_600_000 &&
            clock(Temporal.Instant.fromEpochMilliseconds(found).toZonedDateTimeISO(name)) === clock(at);
          // Where clocks go forward, 23 hours on it is the time that it is now: that one is still taken.
          const isNow =
            found <= nowMs &&
            nowMs - found < 180_000 &&
            clock(Temporal.Instant.fromEpochMilliseconds(found).toZonedDateTimeISO(name)) === clock(at);
          expect(found === wanted || twice || isNow).toBe(true);
          expect(found + 90_000).toBeGreaterThan(nowMs);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a date and clock time give that minute, with a year and without', () => {
    fc.assert(
      fc.property(
        zone,
        now,
        fc.integer({ min: 120_000, max: 40 * 86_400_000 }),
        fc.boolean(),
        (name, nowMs, ahead, withYear) => {
          const at = Temporal.Instant.fromEpochMilliseconds(nowMs + ahead).toZonedDateTimeISO(name);
          const year = withYear ? `, ${at.year}` : ',';
          const found = resetFromText(`resets ${names[at.month - 1]} ${at.day}${year} ${clock(at)} (${name})`, {
            nowMs,
            zone: 'UTC',
          })!;
          const back = Temporal.Instant.fromEpochMilliseconds(found).toZonedDateTimeISO(name);
          expect(back.toPlainDateTime().toString()).toBe(
            at.round({ smallestUnit: 'minute', roundingMode: 'floor' }).toPlainDateTime().toString(),
          );
          expect(Math.abs(found - minuteOf(at.epochMilliseconds))).toBeLessThanOrEqual(3_600_000);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws, and never gives a time more than a year ahead', () => {
    const piece = fc.constantFrom(
      'resets ',
      'try again at ',
      'in ',
      'Nov ',
      '24',
      '31, ',
      '2026 ',
      '9',
      ':37',
      'am',
      ' (UTC)',
      '(',
      ')',
      '5 days ',
      '1e9',
      '|',
      '\u2019',
      '\n',
    );
    const texts = fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map(pieces => pieces.join(''));
    fc.assert(
      fc.property(texts, zone, now, (text, name, nowMs) => {
        const found = resetFromText(text, { nowMs, zone: name });
        expect(found === null || (Number.isInteger(found) && found <= nowMs + 366 * 86_400_000)).toBe(true);
      }),
    );
  });

  it('an unknown zone of the process is unknown, not an error', () => {
    expect(resetFromText('resets 9am', { nowMs: 0, zone: 'Not/AZone' })).toBeNull();
  });
});

it.each(['resets 3pm PST', 'resets at 15:00 CEST', 'Your limit resets Nov 20, 3:00 PM IST'])(
  '%s: a zone of several meanings is unknown',
  text => {
    expect(resetFromText(text, { nowMs: Date.UTC(2026, 10, 20, 8), zone: 'UTC' })).toBeNull();
  },
);
it('a capital word behind a clock time is no zone', () => {
  expect(resetFromText('resets 3pm. THAT is all', { nowMs: Date.UTC(2026, 10, 20, 8), zone: 'UTC' })).toBe(
    Date.UTC(2026, 10, 20, 15),
  );
});
