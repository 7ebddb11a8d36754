// How times and waits are said, and how long waits are.
import { expect, test } from 'vitest';
import { failureBackoffMs, limitUntilMs } from '../../src/core/backoff.ts';
import { clockWords, durationWords, endingWords, inLocalTime, outcomeWords } from '../../src/core/words.ts';
import { given, planOf, unitOf } from './given.ts';

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [65_000, '1 min 5 s'],
  [600_000, '10 min'],
  [3_600_000, '1 h'],
  [3_900_000, '1 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms is %s', (ms, words) => expect(durationWords(ms)).toBe(words));

test('a countdown counts up to the last second', () => {
  expect([clockWords(1), clockWords(61_000), clockWords(3_661_000)]).toEqual(['0:01', '1:01', '1:01:01']);
});

test('Q-2.48: the pause after failures grows from the delay (at least 1 s) and stops at ten minutes', () => {
  expect([1, 2, 3, 20].map(k => failureBackoffMs(k, 0))).toEqual([1000, 2000, 4000, 600_000]);
  expect(failureBackoffMs(2, 15_000)).toBe(30_000);
});

test('a reset that has passed is believed once, then it counts as unknown', () => {
  const at = (inRow: number) =>
    limitUntilMs({ nowMs: 1000, resetAtMs: 500, marginMs: 60_000, inRow, inAll: inRow }) - 1000;
  expect([at(1), at(2)]).toEqual([60_000, 600_000]);
});

test('instants in a reason are told in local time, with how far away they are', () => {
  const nowMs = Date.UTC(2026, 1, 3, 15);
  const told = (text: string, zone = 'Europe/Berlin') => inLocalTime(text, nowMs, () => zone);
  expect(told('codex is limited (usage, resets 2026-02-03T15:04:00.000Z)')).toBe(
    'codex is limited (usage, resets 16:04 (in 4 min))',
  );
  expect(told('since 2026-02-03T14:30:00.000Z')).toBe('since 15:30 (30 min ago)');
  // Another day here, and a summer time that has begun until then.
  expect(told('until 2026-02-03T23:30:00.000Z')).toBe('until 2026-02-04 00:30 (in 8 h 30 min)');
  expect(told('until 2026-07-01T12:00:00.000Z')).toMatch(/^until 2026-07-01 14:00 \(in 147 d/);
  expect(told('until 2026-02-03T23:30:00.000Z', 'America/New_York')).toBe('until 18:30 (in 8 h 30 min)');
  expect(told('at 2026-99-03T23:30:00.000Z, 12:00')).toBe('at 2026-99-03T23:30:00.000Z, 12:00');
});

test('why a start is being ended, and what came of a silent wait', () => {
  expect(endingWords({ because: 'window_closed' })).toBe('window closed');
  expect(endingWords({ because: 'silent_wait', says: 'it has announced a wait of 3 h' })).toBe(
    'silent wait: it has announced a wait of 3 h',
  );
  expect(endingWords({ because: 'silent_wait' })).toBe('silent wait');
  expect(outcomeWords({ kind: 'limited', because: 'silent_wait', resetAtMs: null, window: null })).toMatch(
    /^limited: it sat/,
  );
});

test('the kind of a failure is named once, and one unit is no units', () => {
  const failed = (message: string) => outcomeWords({ kind: 'failed', class: 'no_answer', message });
  expect(failed('no_answer: signal KILL')).toBe('failed (no_answer): signal KILL');
  expect(failed('it said nothing')).toBe('failed (no_answer): it said nothing');
  const owner = { type: 'code' as const, owner: 'codex' };
  expect(outcomeWords({ kind: 'assigned', assignments: { 1: owner } })).toBe('assigned 1 unit');
});

test('one unit is left, two are', () => {
  const left = (...units: Parameters<typeof planOf>) =>
    given(planOf(...units)).start('1', { kind: 'completed', signal: 'COMPLETE' }).state.notices;
  expect(left(unitOf('1'), unitOf('2'))).toContain('the agent said COMPLETE, but 1 unit is left (2): going on');
  expect(left(unitOf('1'), unitOf('2'), unitOf('3'))).toContain(
    'the agent said COMPLETE, but 2 units are left (2, 3): going on',
  );
});
