// Boxes of completed tasks that are open again: every view asks about all of them, with both answers side by side.
import { expect, test } from 'vitest';
import { statusLines } from '../../src/cli/status-view.ts';
import { nextCommand } from '../../src/cli/summary.ts';
import { decide } from '../../src/core/decide.ts';
import { personItems } from '../../src/core/handoff-person.ts';
import { whyRun, whyUnit } from '../../src/core/why.ts';
import { given, planOf, type Story, unitOf } from './given.ts';

const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
/** Three units are done, the run has ended, and these boxes are open. */
const opened = (...ids: string[]): Story => {
  const story = given(planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3')));
  for (const id of ['1', '2', '3']) story.start(id, done);
  return story.and(
    { type: 'boxes.changed', ticked: ['1', '2.1', '2.2', '3'], opened: [] },
    { type: 'run.ended', run: 'r', end: 'completed', exit: 0, because: 'all required units are done' },
    { type: 'boxes.changed', ticked: [], opened: ids },
  );
};
const endOf = ({ state, nowMs }: Story) => {
  const action = decide({ ...state, lastEnd: null }, { nowMs, readSeq: state.seq });
  return action.kind === 'finish' ? action.because : action.kind;
};
const words = { look: '--spec s', run: '--spec s -v' };

test('one box: the sentence of the run has both answers', () => {
  expect(endOf(opened('3'))).toBe(
    'the box of 3 is open again, but seqrun has it as completed: seqrun accept 3 (it is done) or seqrun reset 3 (do it again)',
  );
});

test('all are named, a unit for all its tasks, and only units where they are reset', () => {
  const both = 'seqrun accept 1 2 (they are done) or seqrun reset 1 and seqrun reset 2 (do them again)';
  expect(endOf(opened('1', '2.1', '2.2'))).toBe(
    `the boxes of 1, 2 are open again, but seqrun has them as completed: ${both}`,
  );
  expect(endOf(opened('1', '2.1'))).toContain(
    'seqrun accept 1 2.1 (they are done) or seqrun reset 1 and seqrun reset 2',
  );
});

test('the next command and the hand-off show both for all of them', () => {
  const { state } = opened('1', '3');
  expect(nextCommand({ state, exit: 2, specWords: words })).toBe(
    'seqrun accept 1 3 --spec s (they are done) or seqrun reset 1 --spec s and seqrun reset 3 --spec s (do them again), then seqrun --spec s -v',
  );
  const [item, ...others] = personItems(state, words);
  expect([item!.commands, others]).toEqual([
    [
      'seqrun accept 1 3 --spec s && seqrun --spec s -v',
      'seqrun reset 1 --spec s && seqrun reset 3 --spec s && seqrun --spec s -v',
    ],
    [],
  ]);
});

test('the reason of a run that ended well before says it, and so does that of each unit', () => {
  const { state, nowMs } = opened('1', '2.1');
  expect(whyRun(state, nowMs, false)).toMatch(/^the boxes of 1, 2.1 are open again.*; its last run ended with 0/);
  const [, two] = state.plan!.units;
  expect(whyUnit(state, two!, nowMs, false).join()).toContain(
    'the box of 2.1 is open in the task file now: seqrun accept 2.1 (it is done) or seqrun reset 2 (do it again)',
  );
});

test('status says it of each unit, beside its reason', () => {
  const { state, nowMs } = opened('1', '2.1');
  const input = { state, specName: 's', runnerPid: null, nowMs, lastOutputAtMs: null, version: '0', specWords: words };
  const [head, ...units] = statusLines(input);
  expect(head).toMatch(/3 of 3 units completed; the boxes of 1, 2.1 are open again/);
  expect(units[0]).toContain('its box is open in the task file now: done, or to be done again?');
  expect(units[1]).toContain('the box of 2.1 is open in the task file now');
  expect(units[2]).not.toContain('open');
});

test('many units: the answers stay short', () => {
  const ids = Array.from({ length: 20 }, (_, k) => `${k + 1}`);
  const story = given(planOf(...ids.map(id => unitOf(id))), {}, ids).and({
    type: 'boxes.changed',
    ticked: [],
    opened: ids,
  });
  expect(endOf(story)).toContain('10, 11, 12 and 8 more are open again');
  expect(endOf(story)).toContain('20 (they are done) or seqrun reset 1 and so on for each (do them again)');
});
