// What a closing block asks for, in all combinations of its answers: nothing unfinished is called done.
import { describe, expect, it, test } from 'vitest';
import type { Closing, RecommendedAction } from '../../src/core/closing.ts';
import { closingDoubts, closingWish } from '../../src/core/closing-wish.ts';

const given = (over: Partial<Closing>): Closing => ({
  summary: null,
  achieved: [],
  evidence: [],
  remaining: [],
  changes: [],
  validation: null,
  needsFollowUp: null,
  recommendedAction: null,
  nextPrompt: null,
  followUp: [],
  ...over,
});

const answers = { yes: true, no: false, '-': null };
const actions: Record<string, RecommendedAction | null> = {
  '-': null,
  in_review: 'in_review',
  requeue: 'requeue_same_task',
  split: 'split_into_subtasks',
  prompt_user: 'prompt_user',
};

describe('follow-up, action → wish when nothing is left, when something remains, when only a next prompt is given', () => {
  it.each([
    // Nobody said that it is unfinished. What is left without a yes or no is unfinished.
    ['-', '-', 'none', 'follow_up', 'follow_up'],
    // No further turn helps; who lists something all the same wants it seen.
    ['no', '-', 'none', 'review', 'review'],
    ['yes', '-', 'follow_up', 'follow_up', 'follow_up'],
    // Asked for by name. A review ends the unit, so a yes is stronger.
    ['-', 'in_review', 'review', 'review', 'review'],
    ['no', 'in_review', 'review', 'review', 'review'],
    ['yes', 'in_review', 'follow_up', 'follow_up', 'follow_up'],
    // Who asks for another turn has not finished, even if it needs none.
    ['-', 'requeue', 'follow_up', 'follow_up', 'follow_up'],
    ['no', 'requeue', 'follow_up', 'follow_up', 'follow_up'],
    ['yes', 'requeue', 'follow_up', 'follow_up', 'follow_up'],
    // A person decides before any turn: more turns would only repeat the question.
    ['-', 'split', 'person', 'person', 'person'],
    ['no', 'split', 'person', 'person', 'person'],
    ['yes', 'split', 'person', 'person', 'person'],
    ['-', 'prompt_user', 'person', 'person', 'person'],
    ['no', 'prompt_user', 'person', 'person', 'person'],
    ['yes', 'prompt_user', 'person', 'person', 'person'],
  ] as const)('%s, %s', (answer, action, clear, remains, prompted) => {
    const base = { needsFollowUp: answers[answer], recommendedAction: actions[action]! };
    const kinds = [{}, { remaining: ['x'] }, { nextPrompt: 'Do x.' }].map(
      left => closingWish(given({ ...base, ...left })).kind,
    );
    expect(kinds).toEqual([clear, remains, prompted]);
  });

  it('what may come after the unit, is no part of it', () => {
    expect(closingWish(given({ followUp: ['cache it'] }))).toEqual({ kind: 'none' });
    expect(closingWish(given({ followUp: ['cache it'], needsFollowUp: false }))).toEqual({ kind: 'none' });
  });
});

test('the text of a further turn: the next prompt, else what remains, else what follows, else that it was asked for', () => {
  const text = (over: Partial<Closing>) => closingWish(given({ needsFollowUp: true, ...over }));
  const lists = { remaining: ['a', 'b'], followUp: ['c'] };
  expect(text({ nextPrompt: 'Do a.\nThen b.', ...lists })).toEqual({ kind: 'follow_up', text: 'Do a.\nThen b.' });
  expect(text(lists)).toEqual({ kind: 'follow_up', text: 'left, says the closing block: a; b' });
  expect(text({ followUp: ['c'] })).toEqual({ kind: 'follow_up', text: 'to follow, says the closing block: c' });
  expect(text({})).toEqual({ kind: 'follow_up', text: expect.stringContaining('asked to go on') });
  expect(text({ remaining: Array(50).fill('x'.repeat(500)) })).toMatchObject({
    text: expect.stringMatching(/^.{3999}…$/),
  });
});

test('the reason for a person: what is wanted, and the words for it, on one line', () => {
  const reason = (over: Partial<Closing>) => closingWish(given({ recommendedAction: 'prompt_user', ...over }));
  expect(reason({ nextPrompt: 'Which port?\n80 or 81?', summary: 's' })).toEqual({
    kind: 'person',
    reason: 'the agent asks a person: Which port? 80 or 81?',
  });
  expect(reason({ remaining: ['a', 'b'], summary: 's' })).toMatchObject({ reason: 'the agent asks a person: a; b' });
  expect(reason({ summary: 's' })).toMatchObject({ reason: 'the agent asks a person: s' });
  expect(reason({})).toMatchObject({ reason: 'the agent asks a person and does not say more' });
  expect(reason({ recommendedAction: 'split_into_subtasks', nextPrompt: 'API first' })).toMatchObject({
    reason: 'the agent wants the unit split into subtasks: API first',
  });
  expect(reason({ nextPrompt: 'x'.repeat(4000) })).toMatchObject({ reason: expect.stringMatching(/^.{1999}…$/) });
});

describe('contradictions and gaps are said, and how they are taken', () => {
  it.each([
    [
      'no and requeue',
      { needsFollowUp: false, recommendedAction: 'requeue_same_task', nextPrompt: 'x' },
      'not finished',
    ],
    ['yes and in_review', { needsFollowUp: true, recommendedAction: 'in_review', nextPrompt: 'x' }, 'not finished'],
    ['no and a next prompt', { needsFollowUp: false, nextPrompt: 'x' }, 'should look'],
    ['something left without an answer', { remaining: ['x'] }, 'taken as not finished'],
    ['yes without a word', { needsFollowUp: true }, 'without next_prompt'],
    ['requeue without a word', { recommendedAction: 'requeue_same_task' }, 'without next_prompt'],
  ] as [string, Partial<Closing>, string][])('%s', (_, over, words) =>
    expect(closingDoubts(given(over))).toEqual([expect.stringContaining(words)]),
  );

  it('nothing is said of a block that is clear', () => {
    for (const over of [
      {},
      { needsFollowUp: false, remaining: ['deploy, by ops'] },
      { needsFollowUp: true, remaining: ['x'] },
      { recommendedAction: 'requeue_same_task', nextPrompt: 'x' },
      { needsFollowUp: true, recommendedAction: 'prompt_user' },
    ] as Partial<Closing>[])
      expect(closingDoubts(given(over))).toEqual([]);
  });
});
