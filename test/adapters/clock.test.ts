// The real clock: sleeps to a wall time, can be woken, leaves nothing behind.
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('wall time is the system clock, working time only grows', () => {
  const clock = systemClock();
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1000);
  const first = clock.monotonicMs();
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(first);
});

test('a process that stood still has not worked meanwhile; one that was only late has', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const now = vi.spyOn(performance, 'now').mockReturnValue(7_000);
  const clock = systemClock();
  expect(clock.monotonicMs()).toBe(7_000);
  // A beat comes each second, whoever asks for the time or not.
  for (let ms = 8_000; ms <= 67_000; ms += 1_000) {
    now.mockReturnValue(ms);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(clock.monotonicMs()).toBe(67_000);
  now.mockReturnValue(71_500);
  expect(clock.monotonicMs()).toBe(71_500);
  // Stopped for half an hour: whoever asks before the next beat is not told of it either.
  now.mockReturnValue(71_500 + 1_800_000);
  expect(clock.monotonicMs()).toBe(72_500);
  now.mockReturnValue(71_900 + 1_800_000);
  expect(clock.monotonicMs()).toBe(72_900);
});

test('a time that has passed, or is no number, is no sleep', async () => {
  const { signal } = new AbortController();
  await systemClock().sleepUntil(Date.now() - 1, signal);
  await systemClock().sleepUntil(Number.NaN, signal);
});

test('a machine that was suspended is noticed: the wall clock is asked at least each 30 s', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  let woken = false;
  const sleep = systemClock()
    .sleepUntil(1_000_000 + 8 * 3_600_000, new AbortController().signal)
    .then(() => {
      woken = true;
    });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(woken).toBe(false);
  // The lid was closed: the wall clock jumps, timers have not moved.
  vi.setSystemTime(1_000_000 + 9 * 3_600_000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(woken).toBe(true);
  await sleep;
});

test('a clock that is set back ends the sleep, so that the time to wait for is looked at again', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  let woken = false;
  void systemClock()
    .sleepUntil(1_000_000 + 60_000, new AbortController().signal)
    .then(() => {
      woken = true;
    });
  await vi.advanceTimersByTimeAsync(10_000);
  vi.setSystemTime(900_000);
  await vi.advanceTimersByTimeAsync(19_000);
  expect(woken).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(woken).toBe(true);
});

test('an abort ends it at once and leaves neither timer nor listener', async () => {
  vi.useFakeTimers();
  const controller = new AbortController();
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  const sleep = systemClock().sleepUntil(Number.POSITIVE_INFINITY, controller.signal);
  expect(vi.getTimerCount()).toBe(1);
  controller.abort();
  await sleep;
  expect(vi.getTimerCount()).toBe(0);
  expect(remove).toHaveBeenCalled();
  await systemClock().sleepUntil(Date.now() + 1000, controller.signal);
  expect(vi.getTimerCount()).toBe(0);
});
