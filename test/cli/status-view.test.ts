// What `status` shows of a state, for people.
import { describe, expect, test } from 'vitest';
import { statusLines, statusObject } from '../../src/cli/status-view.ts';
import { given, planOf, type Story, unitOf } from '../core/given.ts';

const input = (story: Story) => ({
  state: story.state,
  specName: 'demo',
  runnerPid: null,
  nowMs: story.nowMs,
  lastOutputAtMs: null,
  version: '0.0.0',
});
const lines = (story: Story): string[] => statusLines(input(story));
const done = { kind: 'completed', signal: 'TASK_DONE' } as const;

describe('what a completion rests on', () => {
  const plan = planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3'), unitOf('4'));

  test("a person's word is marked, evidence is not", () => {
    const story = given(plan, {}, ['3']).start('4', done);
    story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '1' } });
    expect(lines(story).slice(1)).toEqual([
      '  ✓ 1 Unit 1 — accepted by a person',
      '  · 2 Unit 2',
      '  ✓ 3 Unit 3 — its box was ticked before the first start',
      '  ✓ 4 Unit 4',
    ]);
    expect(statusObject(input(story)).units.map(one => one.rests_on)).toEqual([
      'accepted by a person',
      null,
      'its box was ticked before the first start',
      'its evidence was checked',
    ]);
  });

  test('leaves are named where only some were accepted', () => {
    const story = given(plan, {}, ['2.1']);
    story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '2.2' } });
    expect(lines(story)).toContain(
      '  ✓ 2 Unit 2 — its box was ticked before the first start (2.1); accepted by a person (2.2)',
    );
  });
});
