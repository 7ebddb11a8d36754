// `--until-time`: the next such time of day, also on the two days of the year on which the clock is set.
import { expect, test } from 'vitest';
import { nextTime } from '../../src/cli/until-time.ts';

const clockIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (atMs: number): number => {
    const [hours, minutes] = format.format(atMs).split(':').map(Number);
    return hours! * 60 + minutes!;
  };
};

test.each([
  ['later today', 'UTC', '2026-01-05T06:00:10Z', '08:00', '2026-01-05T08:00:00Z'],
  ['over midnight', 'UTC', '2026-01-05T22:00:00Z', '08:00', '2026-01-06T08:00:00Z'],
  ['midnight', 'UTC', '2026-01-05T22:00:00Z', '00:00', '2026-01-06T00:00:00Z'],
  ['this very minute is over', 'UTC', '2026-01-05T08:00:30Z', '08:00', '2026-01-06T08:00:00Z'],
  [
    'the night in which the clock goes forward',
    'Europe/Berlin',
    '2026-03-28T22:00:00Z',
    '08:00',
    '2026-03-29T06:00:00Z',
  ],
  ['a time that night has not', 'Europe/Berlin', '2026-03-28T22:00:00Z', '02:30', '2026-03-29T01:00:00Z'],
  ['the night in which it goes back', 'Europe/Berlin', '2026-10-24T20:00:00Z', '08:00', '2026-10-25T07:00:00Z'],
  ['the first of two', 'Europe/Berlin', '2026-10-24T20:00:00Z', '02:30', '2026-10-25T00:30:00Z'],
  ['the second of two', 'Europe/Berlin', '2026-10-25T00:40:00Z', '02:30', '2026-10-25T01:30:00Z'],
  ['half an hour of summer', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z', '02:10', '2026-10-03T15:30:00Z'],
])('%s', (_name, zone, now, asked, expected) => {
  expect(new Date(nextTime(asked, Date.parse(now), clockIn(zone))).toISOString()).toBe(
    new Date(expected).toISOString(),
  );
});

test('the clock of this machine is the one that counts without a word', () => {
  const found = new Date(nextTime('13:37', Date.now()));
  expect([found.getHours(), found.getMinutes()]).toEqual([13, 37]);
});
