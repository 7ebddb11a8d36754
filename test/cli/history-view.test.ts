// What `history` shows of the runs of a spec.
import { expect, test } from 'vitest';
import { historyLines, historyObject } from '../../src/cli/history-view.ts';
import type { PastRun } from '../../src/core/runs.ts';

const t0 = Date.UTC(2026, 0, 1, 22);
const past = (over: Partial<PastRun>): PastRun => ({
  run: 'a',
  startedAtMs: t0,
  ended: { atMs: t0 + 3_900_000, end: 'failed', exit: 3, because: 'unit 2 failed\nand more' },
  lastAtMs: t0 + 3_900_000,
  backend: 'codex',
  starts: 4,
  adopted: 0,
  outcomes: { completed: 1, gate_failed: 3 },
  completed: ['1'],
  waitedMs: 60_000,
  ...over,
});

test('two lines for each run', () => {
  const runs = [
    past({}),
    past({ run: 'b', ended: null, lastAtMs: t0 + 60_000, starts: 1, outcomes: {}, completed: [], waitedMs: 0 }),
    past({ run: 'c', ended: null, starts: 0, outcomes: {}, completed: [], waitedMs: 0 }),
  ];
  expect(historyLines({ runs, aliveRun: 'c', nowMs: t0 + 120_000 })).toEqual([
    '1. 2026-01-01T22:00:00.000Z, 1 h 5 min (1 min of it waited): ended with 3: unit 2 failed',
    '   codex, 4 starts: 1 completed, 3 gate failed; done: 1',
    '2. 2026-01-01T22:00:00.000Z, at least 1 min: cut off: its runner was killed',
    '   codex, 1 start',
    '3. 2026-01-01T22:00:00.000Z, 2 min: runs',
    '   codex, 0 starts',
  ]);
  expect(historyObject({ runs, aliveRun: 'c' }).runs.map(({ exit, alive }) => [exit, alive])).toEqual([
    [3, false],
    [null, false],
    [null, true],
  ]);
});

test('a start of a run that was killed is named where it came to its end', () => {
  const runs = [past({ starts: 0, adopted: 1, outcomes: { completed: 1 }, waitedMs: 0 })];
  expect(historyLines({ runs, aliveRun: null, nowMs: t0 })[1]).toBe(
    '   codex, 0 starts and 1 adopted: 1 completed; done: 1',
  );
});

test('of a rehearsal nothing is called done', () => {
  const runs = [past({}), past({ run: 'b', backend: 'rehearsal', completed: ['1', '2'] })];
  const lines = historyLines({ runs, aliveRun: null, nowMs: t0 });
  expect(lines[3]).toMatch(/^ {3}rehearsal, .*; only rehearsed, no agent has worked: 1, 2$/);
  expect(historyObject({ runs, aliveRun: null }).runs.map(run => run.rehearsed)).toEqual([false, true]);
});

test('many units are cut', () => {
  const completed = Array.from({ length: 15 }, (_, k) => `${k + 1}`);
  const [, line] = historyLines({ runs: [past({ completed })], aliveRun: null, nowMs: t0 });
  expect(line).toMatch(/, 11, 12 and 3 more$/);
});
