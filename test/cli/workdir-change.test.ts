// What is said of a workdir that is not the last run's.
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { Intention } from '../../src/cli/intention.ts';
import { doneElsewhereWarnings } from '../../src/cli/workdir-change.ts';
import { given, planOf, unitOf } from '../core/given.ts';

test('work that was done in another workdir is told when one is typed', () => {
  const typed = { origins: { workdir: 'flag' }, settings: { fresh: false } } as unknown as Intention;
  const run = given(planOf(unitOf('1'))).state.run!;
  const warnings = (before: string | null, done = 3) =>
    doneElsewhereWarnings(typed, '/', { done, last: { ...run, workdir: before } }, '--spec s');
  expect(warnings(tmpdir())).toEqual([expect.stringMatching(/^3 tasks that count as done .*seqrun reset --spec s/)]);
  // Nothing done, the same place, one that has moved, and one that nobody knows.
  expect([warnings(tmpdir(), 0), warnings('/'), warnings('/nowhere/at/all'), warnings(null)]).toEqual([[], [], [], []]);
});
