// How a wait is told when it begins.
import { expect, it } from 'vitest';
import { createCountdown } from '../../src/cli/countdown.ts';
import type { Clock } from '../../src/engine/ports.ts';

const said = (leftMs: number): string[] => {
  const lines: string[] = [];
  const countdown = createCountdown({ clock: { nowMs: () => 10_000 } as Clock, status: () => undefined });
  countdown.start(10_000 + leftMs, 'delay between iterations', line => lines.push(line));
  countdown.stop();
  return lines;
};

it('names the delay that was set though some of its milliseconds are over', () => {
  expect(said(3_990)).toEqual(['Sleeping 4 s before next iteration...']);
  expect(said(4_000)).toEqual(['Sleeping 4 s before next iteration...']);
  expect(said(59_999)).toEqual(['Sleeping 1 min before next iteration...']);
  expect(said(1_999)).toEqual([]);
});
