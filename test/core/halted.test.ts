// A HALT stops everything until a person says a word that came after it.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Outcome } from '../../src/core/events.ts';
import { projectEntry } from '../../src/core/project-state.ts';
import { given, planOf, runStarted, type Story, unitOf } from './given.ts';

const halted: Outcome = { kind: 'halted', reason: 'which database?' };
const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));
const next = (story: Story) => decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });

describe('decided by a person while its agent works, and then it halts', () => {
  const halting = (kind: 'skip' | 'accept'): Story => {
    const whole = given(three).start('1', halted).events;
    const story = given(three).and(...whole.slice(3, 5));
    story.and({ type: 'command', id: 'c1', command: { kind, unit: '1' } });
    return story.and(whole[5]!);
  };
  test.each(['skip', 'accept'] as const)('%s: the HALT stops all the same, also the next run', kind => {
    const story = halting(kind);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2, end: 'halted' });
    expect(projectEntry(story.state, 's')).toMatchObject({ halted: true, halted_task: '1' });
    story.and({ type: 'run.ended', run: 'run-1', end: 'halted', exit: 2, because: '' }, runStarted());
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2, end: 'halted' });
  });
  test.each([
    { kind: 'skip', unit: '1' },
    { kind: 'resume', answer: null },
  ] as const)('skipped it stays so: after $kind without an answer the next unit begins', command => {
    const story = halting('skip').and({ type: 'command', id: 'c2', command });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
    expect(story.state.units.get('1')!.standing).toEqual({ kind: 'skipped', because: 'skipped by a person' });
  });
  test('skipped and answered it goes on', () => {
    const story = halting('skip').and({ type: 'command', id: 'c2', command: { kind: 'resume', answer: 'Postgres' } });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' }, reason: { kind: 'answer' } } });
  });
  test.each([
    { kind: 'resume', answer: 'Postgres' },
    { kind: 'accept', unit: '1' },
  ] as const)('accepted it stays done: after $kind the next unit begins', command => {
    const story = halting('accept');
    expect([...story.state.done.keys()]).toEqual(['1']);
    story.and({ type: 'command', id: 'c2', command });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
    expect(projectEntry(story.state, 's')).toMatchObject({ halted: false, halted_task: null });
  });
  test('a tick by hand that comes after the HALT is an answer', () => {
    const story = given(three).start('1', halted);
    story.and({ type: 'boxes.changed', ticked: ['1'], opened: [] });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
    expect(projectEntry(story.state, 's')).toMatchObject({ halted: false, halted_at: null, halt_reason: null });
  });
});
