// What a run tells of its events.
import { expect, test } from 'vitest';
import { startWords } from '../../src/cli/following.ts';
import { receiptLines } from '../../src/cli/receipt-view.ts';
import { ruleCells } from '../../src/cli/run/teller.ts';
import { eventLines, rule } from '../../src/cli/run-lines.ts';
import type { EventBody } from '../../src/core/events.ts';
import { whyRun } from '../../src/core/why.ts';
import { given, intendedOf, planOf, runStarted, type Story, unitOf } from '../core/given.ts';

const iteration = (story: Story): string => eventLines(story.events.at(-1)!, story.state)[1]!;

test('iterations of this run, and of all runs where that is another number', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  expect(iteration(given(plan, { maxIterations: 5 }).and(intendedOf(1, '1')))).toBe('Iteration 1 of 5');
  const story = given(plan, { maxIterations: 5 });
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  story.and(runStarted({ maxIterations: 5 }), intendedOf(2, '2'));
  expect(iteration(story)).toBe('Iteration 1 of 5 (2 in all)');
});

test('a plan that is another selection now is told with what it leaves out', () => {
  const plan = planOf(unitOf('1'));
  const story = given(planOf(unitOf('1'), unitOf('2')));
  story.and({
    type: 'plan.made',
    plan: { ...plan, skipped: [{ id: '2', title: 'Unit 2', because: 'not_selected', leaves: ['2'] }] },
    ticked: [],
  });
  expect(eventLines(story.events.at(-1)!, story.state)).toEqual(['The plan changed: 1 unit (1 more not selected)']);
});

test('the rule above an iteration is not wrapped by a narrow terminal, and whole where there is none', () => {
  expect(`[seqrun] ${rule.slice(0, ruleCells(40))}`).toHaveLength(39);
  expect(rule.slice(0, ruleCells(200))).toBe(rule);
  expect(rule.slice(0, ruleCells(null))).toBe(rule);
  expect(rule).toHaveLength(60);
});

test('a gate that is set later is not said to be run before the first unit', () => {
  const gate = { name: 'test', command: 'npm test', timeoutMs: 1, from: 'user' } as const;
  const lines = (story: Story, n: number) => {
    story.and({ ...intendedOf(n, '1'), type: 'start.intended', unit: null, kind: 'baseline', gate } as EventBody);
    return eventLines(story.events.at(-1)!, story.state);
  };
  const start = ({ state }: Story) => state.starts.at(-1)!;
  const plan = planOf(unitOf('1'), unitOf('2'));
  expect(lines(given(plan), 1)).toEqual(['Gate test before the first unit: npm test']);
  const later = given(plan).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(lines(later, 2)).toEqual(['Gate test before the next unit: npm test']);
  expect(whyRun(later.state, later.nowMs, true)).toContain('the gate test before the next unit is running');
  expect(startWords(later.state, start(later))).toBe('gate test before the next unit');
  expect(receiptLines(later.state, start(later))[0]).toMatch(/^gate test before the next unit, start 2 /);
});

test('a unit that was done and has got more to do is tried for the first time', () => {
  const more = planOf(unitOf('1', ['1.1', '1.2']));
  const story = given(planOf(unitOf('1', ['1.1'])));
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  story.and({ type: 'plan.made', plan: more, ticked: [] }, intendedOf(2, '1'));
  expect(eventLines(story.events.at(-1)!, story.state)[2]).toBe('Next task: 1 - Unit 1, goes on with what was added');
});
