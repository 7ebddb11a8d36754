// Which ticks count as done: promise 2 at its smallest.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { given, planOf, runStarted, type Story, unitOf } from './given.ts';

const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));
const next = (story: Story) => decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });

describe('ticked boxes', () => {
  test('Q-2.1: boxes ticked before the first start count as done', () => {
    expect(next(given(three, {}, ['1', '2']))).toMatchObject({ job: { unit: { id: '3' } } });
  });
  test('boxes ticked while a job runs are claims, whoever they belong to, and stay claims for ever', () => {
    const story = given(three).start(
      '1',
      { kind: 'halted', reason: null },
      { boxes: { ticked: ['1', '2', '3'], opened: [] } },
    );
    expect([...story.state.done.keys()]).toEqual([]);
    story.and({ type: 'run.ended', run: 'r', end: 'halted', exit: 2, because: '' }, runStarted({ resume: true }));
    expect(next(story)).toMatchObject({ job: { unit: { id: '1' } } });
    expect(story.state.notices.join()).toContain('seqrun accept 2');
    story.and({ type: 'command', id: 'c', command: { kind: 'accept', unit: '2' } });
    expect([...story.state.done.keys()]).toEqual(['2']);
  });
  test('the note on a ticked box names nobody, and goes when its task is completed or accepted', () => {
    const story = given(three).start(
      '1',
      { kind: 'completed', signal: 'TASK_DONE' },
      { boxes: { ticked: ['1', '2', '3'], opened: [] } },
    );
    expect(story.state.notices).toEqual([
      expect.stringMatching(/^the box of 2 was ticked while a job ran /),
      expect.stringMatching(/^the box of 3 was ticked while a job ran /),
    ]);
    story.start('2', { kind: 'completed', signal: 'TASK_DONE' });
    expect(story.state.notices.join()).not.toContain('the box of 2');
    story.and({ type: 'command', id: 'c', command: { kind: 'accept', unit: '3' } });
    expect(story.state.notices).toEqual([]);
  });
  test('a box ticked while no job is open counts', () => {
    const story = given(three).and({ type: 'boxes.changed', ticked: ['2'], opened: [] });
    expect(story.state.done.get('2')!.by).toBe('hand');
  });
  test('a claim that is unticked and ticked again is still a claim', () => {
    const story = given(three).start('1', { kind: 'halted', reason: null }, { boxes: { ticked: ['2'], opened: [] } });
    story.and(
      { type: 'boxes.changed', ticked: [], opened: ['2'] },
      { type: 'boxes.changed', ticked: ['2'], opened: [] },
    );
    expect(story.state.done.has('2')).toBe(false);
  });
  test('a claim stays one when the file is renumbered', () => {
    const story = given(three).start('1', { kind: 'halted', reason: null }, { boxes: { ticked: ['2'], opened: [] } });
    const inserted = unitOf('2');
    inserted.leaves[0]!.titleHash = 'new task';
    const moved = unitOf('3');
    moved.leaves[0]!.titleHash = 'h2';
    story.and({ type: 'plan.made', plan: planOf(unitOf('1'), inserted, moved), ticked: ['3'] });
    expect(story.state.done.has('3')).toBe(false);
  });
  test('when the file could not be read at the end, the next reading’s new ticks are claims', () => {
    const story = given(three).start('1', { kind: 'halted', reason: null }, { boxes: null });
    story.and({ type: 'boxes.changed', ticked: ['1', '2'], opened: [] });
    expect(story.state.done.size).toBe(0);
    story.and({ type: 'boxes.changed', ticked: ['3'], opened: [] });
    expect([...story.state.done.keys()]).toEqual(['3']);
  });
  test('an opened box of a completed task stops the run until somebody says accept or reset', () => {
    const completed = () =>
      given(three)
        .start('1', { kind: 'completed', signal: 'TASK_DONE' })
        .and(
          { type: 'boxes.changed', ticked: ['1'], opened: [] },
          { type: 'boxes.changed', ticked: [], opened: ['1'] },
        );
    const story = completed();
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2 });
    expect((next(story) as { because: string }).because).toMatch(/seqrun accept 1 .* seqrun reset 1/);
    story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '1' } });
    expect(next(story)).toMatchObject({ job: { unit: { id: '2' } } });
    const again = completed().and({ type: 'command', id: 'a', command: { kind: 'reset', unit: '1' } });
    expect(next(again)).toMatchObject({ job: { unit: { id: '1' } } });
  });
  test('a reset of all leaves what a person ticked, unless they opened it again; old journals meant everything', () => {
    const reset = (command: object, opened: string[] = []) =>
      given(three, {}, ['1', '2'])
        .start('3', { kind: 'completed', signal: 'TASK_DONE' })
        .and({ type: 'boxes.changed', ticked: ['3'], opened })
        .and({ type: 'command', id: 'r', command: { kind: 'reset', unit: null, ...command } });
    const left = (story: Story) => [[...story.state.done.keys()], [...story.state.reopened], story.state.disputed.size];
    expect(left(reset({ keepTicked: true }))).toEqual([['1', '2'], ['3'], 0]);
    expect(left(reset({ keepTicked: true }, ['2']))).toEqual([['1'], ['3'], 0]);
    expect(left(reset({}))).toEqual([[], ['1', '2', '3'], 0]);
  });
  test('an agent’s git checkout that opens the box of a completed task is no dispute', () => {
    const story = given(three)
      .start('1', { kind: 'completed', signal: 'TASK_DONE' })
      .and({ type: 'boxes.changed', ticked: ['1'], opened: [] })
      .start('2', { kind: 'completed', signal: 'TASK_DONE' }, { boxes: { ticked: [], opened: ['1'] } });
    expect(next(story)).toMatchObject({ job: { unit: { id: '3' } } });
  });
  test('same id, other title, open box = not done', () => {
    const story = given(three).start('1', { kind: 'completed', signal: 'TASK_DONE' });
    const other = unitOf('1');
    other.leaves[0]!.titleHash = 'other';
    story.and({ type: 'plan.made', plan: planOf(other, unitOf('2'), unitOf('3')), ticked: [] });
    expect(next(story)).toMatchObject({ job: { unit: { id: '1' } } });
    expect(story.state.notices.join()).toContain('another title');
  });
});
