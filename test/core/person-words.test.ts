// What a person says of a unit takes effect whenever it comes: before, while and after the unit runs, and behind another word.
import { describe, expect, test } from 'vitest';
import type { Command, EventBody, Outcome } from '../../src/core/events.ts';
import { endedOf, given, intendedOf, planOf, unitOf } from './given.ts';

let n = 0;
const says = (command: Command) => ({ type: 'command' as const, id: `c${n++}`, command });
const done = { kind: 'completed', signal: 'TASK_DONE' } as const;

test('more is asked of a unit that was accepted a moment ago: it is not done, and is told', () => {
  const accept = says({ kind: 'accept', unit: '1' });
  const follow = says({ kind: 'follow', unit: '1', text: 'docs' });
  for (const running of [[], [intendedOf(1, '2')], [intendedOf(1, '1')]]) {
    const { state } = given(planOf(unitOf('1'), unitOf('2'))).and(...running, accept, follow);
    expect([...state.done.keys()]).toEqual([]);
    expect(state.units.get('1')).toMatchObject({ asked: ['docs'], standing: { kind: 'fresh' } });
  }
});

test('a unit that goes on, and whose only task was accepted, goes on all the same', () => {
  const story = given(planOf(unitOf('1', ['1.1']))).start('1', { kind: 'timeout' });
  story.and(says({ kind: 'accept', unit: '1.1' }), says({ kind: 'follow', unit: '1', text: 'docs' }));
  expect([...story.state.done.keys()]).toEqual([]);
  story.start('1', done);
  expect([...story.state.done.keys()]).toEqual(['1.1']);
});

describe('a gate that never comes to an end', () => {
  const gate = { name: 'test', command: 'npm test', timeoutMs: 1, from: 'user' } as const;
  const cut: Outcome = { kind: 'interrupted', by: 'world' };
  const lost: Outcome = { kind: 'not_started', message: 'not started within 20000 ms' };
  const endAfter = (outcomes: Outcome[]) => {
    const story = given(planOf(unitOf('1')), { gates: [gate] });
    story.start('1', { kind: 'checking', signal: 'TASK_DONE' });
    for (const outcome of outcomes) {
      expect(story.state.mustEnd).toBeNull();
      const n = story.state.lastN + 1;
      story.and({ ...intendedOf(1, '1'), n, kind: 'gate', gate } as EventBody, endedOf(n, outcome));
    }
    return story.state.mustEnd;
  };

  test.each([
    ['always cut off', [cut, cut, cut, cut, cut]],
    ['cut off, and not started at last', [cut, lost, cut, lost, lost]],
  ])('%s: failed, and no bug of seqrun', (_, outcomes) => {
    expect(endAfter(outcomes)).toMatchObject({
      end: 'failed',
      exit: 3,
      because: 'gate test (npm test) was cut off 5 times in a row by something outside seqrun',
    });
  });

  test('never started: what seqrun cannot start may be a bug of it', () => {
    expect(endAfter([lost, lost, lost, lost, lost])).toMatchObject({
      end: 'internal',
      exit: 70,
      because: 'gate test (npm test) could not be started 5 times in a row: not started within 20000 ms',
    });
  });
});
