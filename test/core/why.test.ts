// What `why` says of a unit beside its own state.
import { expect, test } from 'vitest';
import { whyUnit } from '../../src/core/why.ts';
import { given, planOf, unitOf } from './given.ts';

test('an order that only the text of the file wants is told apart from what a unit waits for', () => {
  const units = [unitOf('1'), unitOf('2', ['2'], { followsUnits: ['1'], followsGroups: ['phase 1'] })];
  const { state, nowMs } = given(planOf(...units));
  expect(whyUnit(state, units[1]!, nowMs)[1]).toBe(
    'stands behind 1, phase 1: the text of the file wants that order; nothing waits for it',
  );
  expect(whyUnit(state, units[0]!, nowMs).join('\n')).not.toContain('stands behind');
});
