// Which start a typed id means, and what is said where there is none.
import { expect, it } from 'vitest';
import { lastStartOf } from '../../src/cli/which-unit.ts';
import { given, planOf, unitOf } from '../core/given.ts';

it('names the units whose start can be shown where the one that is meant has none', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const story = given(plan);
  const expected = (typed: string) => {
    const found = lastStartOf(story.state, typed);
    return 'exit' in found ? found.expected : found.start.n;
  };
  expect(expected('2')).toBe('a unit that has had a start');
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(expected('1')).toBe(1);
  expect(expected('2')).toBe('a unit that has had a start: 1');
  const skipped = [{ id: '2', title: 'Unit 2', because: 'not_selected' as const, leaves: ['2'] }];
  story.and({ type: 'plan.made', plan: { ...planOf(unitOf('1')), skipped }, ticked: [] });
  expect(expected('2')).toBe('a unit that has had a start: 1');
});
