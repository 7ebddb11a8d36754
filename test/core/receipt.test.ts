// What a receipt says of a unit that no start has completed.
import { expect, test } from 'vitest';
import { receiptOf, wordOn } from '../../src/core/receipt.ts';
import { given, planOf, t0, unitOf } from './given.ts';

test("a person's word on a unit: accepted, skipped, none where a start completed it or it was reset", () => {
  const units = [unitOf('1'), unitOf('2'), unitOf('3')];
  const story = given(planOf(...units)).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  const word = (id: string) => wordOn(story.state, units.find(unit => unit.id === id)!);
  story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '2' } });
  story.and({ type: 'command', id: 'b', command: { kind: 'skip', unit: '3' } });
  expect(word('1')).toBeNull();
  expect(word('2')).toEqual({ accepted: true, words: 'accepted by a person', atMs: t0 + 6000 });
  expect(word('3')).toEqual({ accepted: false, words: 'skipped by a person', atMs: null });
  story.and({ type: 'command', id: 'c', command: { kind: 'reset', unit: '2' } });
  expect(word('2')).toBeNull();
});

test('what the agent was allowed is known from the journal, and unknown in an old one', () => {
  const mode = (modes?: Record<string, 'safe' | 'full'>) => {
    const { state } = given(planOf(unitOf('1')), modes ? { modes } : {}).start('1', {
      kind: 'completed',
      signal: 'TASK_DONE',
    });
    return receiptOf(state, state.starts[0]!, 'demo').agent_mode;
  };
  expect(mode({ codex: 'full', claude: 'safe' })).toBe('full');
  expect(mode({ claude: 'full' })).toBeNull();
  expect(mode()).toBeNull();
});
