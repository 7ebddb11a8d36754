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

test('the turns that a person has asked for stand beside the bound, not in it; attempts that were never used are not counted out', () => {
  const unit = unitOf('1');
  const story = given(planOf(unit), { maxFollowUps: 1 });
  const counters = () => whyUnit(story.state, unit, story.nowMs).find(line => line.startsWith('starts '));
  story.start('1', { kind: 'unconfirmed', missing: 'signal' });
  story.and({ type: 'command', id: 'f', command: { kind: 'follow', unit: '1', text: 'also the docs' } });
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(counters()).toBe('starts 2, attempts 1 of 3, follow-ups 1 of 1 (+1 asked for by a person)');
  const other = given(planOf(unit));
  for (let k = 0; k < 5; k++) other.after(60 * 60_000).start('1', { kind: 'interrupted', by: 'world' });
  expect(whyUnit(other.state, unit, other.nowMs)).toContain('starts 5, follow-ups 0 of 3, interrupted 5');
});
