// What is said of a completion is no more than what was checked.
import { expect, test } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import { doneWords } from '../../src/core/why.ts';
import { worldOf } from '../engine/world.ts';
import { planOf, unitOf } from './given.ts';

const gate = (name: string): Gate => ({ name, command: `run ${name}`, timeoutMs: 60_000, from: 'user' });
const unit = unitOf('1', ['1'], { expects: 'red' });
const words = async (gates: string[], acts: Parameters<typeof worldOf>[1] = {}) => {
  const world = worldOf(planOf(unit, unitOf('2')), acts, { gates: gates.map(gate), baseline: 'off', maxIterations: 1 });
  return doneWords((await world.runThrough(-1)).state, unit);
};

test.each([
  [[], "on the agent's word (TASK_DONE, exit 0); no gate was set"],
  [['test'], 'its gate passed (test)'],
  [['test', 'lint'], 'its gates passed (test, lint)'],
])('gates %o: %s', async (gates, expected) => {
  expect(await words(gates)).toBe(expected);
});

test('a red gate that was accepted is named, alone and beside one that passed', async () => {
  const red = { 'gate:test': [{ red: '1 failed' }] };
  const accepted = 'gate test accepted while red: exit code 1; a test is to fail until the bug is mended';
  expect(await words(['test'], red)).toBe(`on the agent's word (TASK_DONE, exit 0); ${accepted}`);
  expect(await words(['lint', 'test'], red)).toBe(`its gate passed (lint); ${accepted}`);
});
