// What `plan` says of units that are done: not all of them rest on the same.
import { expect, test } from 'vitest';
import { marksOf } from '../../src/cli/open-plan.ts';
import { given, planOf, unitOf } from '../core/given.ts';

test('done by an agent, only rehearsed, and done with a box that was opened since', () => {
  const story = given(planOf(unitOf('1'), unitOf('2'), unitOf('3'), unitOf('4')), {}, ['1', '3']);
  story
    .start('2', { kind: 'completed', signal: 'TASK_DONE' })
    .and({ type: 'boxes.changed', ticked: [], opened: ['3'] });
  story.state.starts.at(-1)!.agent = 'rehearsal';
  const { state } = story;
  const marks = marksOf(state.plan!.units, new Set(state.done.keys()), state);
  expect([...marks]).toEqual([
    ['1', 'done'],
    ['2', 'rehearsed'],
    ['3', 'disputed'],
    ['4', 'next'],
  ]);
});
