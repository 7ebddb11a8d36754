// When words for a next run go without what the last one had selected.
import { expect, test } from 'vitest';
import { wordsThatGoOn } from '../../src/cli/selection-words.ts';
import { given, planOf, unitOf } from '../core/given.ts';

const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
const delay = { flag: 'delay', value: '1' };

test.each([
  // What is done, what was selected, whom it is about, and whether the selection stays.
  { doneUnits: ['3'], flag: 'only', ids: '3', about: '3', stays: false },
  { doneUnits: ['3'], flag: 'only', ids: '2,3', about: '3', stays: true },
  { doneUnits: ['1', '2'], flag: 'until', ids: '2', about: '2', stays: false },
  { doneUnits: ['1'], flag: 'until', ids: '2', about: '1', stays: true },
  { doneUnits: ['3'], flag: 'from', ids: '2', about: '1', stays: false },
  { doneUnits: ['3'], flag: 'only', ids: '2.1', about: '2', stays: true },
  { doneUnits: ['3'], flag: 'only', ids: '9', about: '1', stays: true },
])('$doneUnits done, --$flag $ids, about $about: stays $stays', ({ doneUnits, flag, ids, about, stays }) => {
  const story = given(planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3')));
  for (const id of doneUnits) story.start(id, done);
  const last = [{ flag, value: ids }, delay];
  expect(wordsThatGoOn(story.state, last, about)).toEqual(stays ? last : [delay]);
});

test('of a run that has selected nothing, all its words stay', () => {
  expect(wordsThatGoOn(given(planOf(unitOf('1'))).state, [delay], '1')).toEqual([delay]);
});
