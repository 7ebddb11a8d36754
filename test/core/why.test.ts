// What `why` says of a unit beside its own state.
import { expect, test } from 'vitest';
import { whyRun, whyUnit } from '../../src/core/why.ts';
import { given, planOf, unitOf } from './given.ts';

test('an order that only the text of the file wants is told apart from what a unit waits for', () => {
  const units = [unitOf('1'), unitOf('2', ['2'], { followsUnits: ['1'], followsGroups: ['phase 1'] })];
  const { state, nowMs } = given(planOf(...units));
  expect(whyUnit(state, units[1]!, nowMs)[1]).toBe(
    'stands behind 1, phase 1: the text of the file wants that order; nothing waits for it',
  );
  expect(whyUnit(state, units[0]!, nowMs).join('\n')).not.toContain('stands behind');
});

test('a start that is being ended for a silent wait says what it waits for, also in an old journal', () => {
  const story = given(planOf(unitOf('1')));
  story.start('1', { kind: 'interrupted', by: 'person' });
  const [intended, began] = story.events.slice(-3);
  const whyEnding = (more: object): string => {
    const other = given(planOf(unitOf('1')));
    other.and(intended!, began!, { type: 'start.ending', n: 1, by: 'seqrun', because: 'silent_wait', ...more });
    return whyRun(other.state, other.nowMs, true);
  };
  expect(whyEnding({ says: 'it has announced a wait of 3 h' })).toBe(
    'unit 1 is being ended: silent wait: it has announced a wait of 3 h',
  );
  expect(whyEnding({ because: 'stalled' })).toBe('unit 1 is being ended: stalled');
});
