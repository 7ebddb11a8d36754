// What a person has said of a unit reaches every start that was not there when it was said.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Agent } from '../../src/core/agent.ts';
import { decide } from '../../src/core/decide.ts';
import type { Command, Outcome } from '../../src/core/events.ts';
import type { Templates } from '../../src/core/prompt.ts';
import { findSignal } from '../../src/core/signal.ts';
import { createJobMaker } from '../../src/engine/job-maker.ts';
import { given, planOf, type Story, unitOf } from '../core/given.ts';

const names = ['task', 'retry', 'follow-up', 'continue', 'answer', 'unanswered', 'closing', 'assignment'] as const;
const templates = Object.fromEntries(
  names.map(name => [name, readFileSync(new URL(`../../templates/${name}.md`, import.meta.url), 'utf8')]),
) as unknown as Templates;
const done: Outcome = { kind: 'completed', signal: 'TASK_DONE' };
const broke: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
const halted: Outcome = { kind: 'halted', reason: 'Which database?' };

let n = 0;
const says = (command: Command) => ({ type: 'command' as const, id: `c${n++}`, command });
const follow = (text: string) => says({ kind: 'follow', unit: '1', text });
const storyOf = (resumable = ['codex']) => given(planOf(unitOf('1'), unitOf('2')), { resumable });
const saidOf = (story: Story) => story.state.units.get('1')?.said;

/** The prompt of what is started next. */
const promptOf = async (story: Story, own: Partial<Templates> = {}): Promise<string> => {
  const action = decide(story.state, { nowMs: story.nowMs + 3_600_000, readSeq: story.state.seq });
  if (action.kind !== 'launch') throw new Error(action.kind);
  const agent = { command: () => ({ argv: [], env: {}, unset: [], session: null }) } as unknown as Agent;
  const make = createJobMaker({
    workdir: '/w',
    env: {},
    isRoot: false,
    specName: 's',
    desk: { spec: () => null } as never,
    templates: { ...templates, ...own },
    agentNamed: () => agent,
    promptFiles: async () => ({
      tasks: 't',
      requirements: null,
      design: null,
      state: 's',
      progress: 'p',
      bugfix: false,
    }),
    newId: () => 'id',
    assignEnv: {},
  });
  return (await make(story.state, action.job, { n: 9, mark: 'm', folder: '/f' })).prompt;
};

describe('kept', () => {
  test('an answer with its question, what is asked for and what is rejected, each as it was said', () => {
    const story = storyOf()
      .start('1', halted)
      .and(says({ kind: 'resume', answer: 'b)' }));
    story.start('1', done).and(says({ kind: 'reject', unit: '1', text: 'no tests' }), follow('and the docs'));
    expect(saidOf(story)).toEqual([
      'You halted and asked: Which database? The answer: b)',
      'A person has looked at it and rejects it: no tests',
      'and the docs',
    ]);
  });
  test('the last ten, 4,000 characters each; over a retry, not over a reset', () => {
    const story = storyOf();
    for (let k = 0; k < 12; k++) story.and(follow(`${k} ${'x'.repeat(5000)}`));
    expect(saidOf(story)?.map(text => text.slice(0, 2).trim())).toEqual('23456789'.split('').concat('10', '11'));
    expect(saidOf(story)?.every(text => text.length === 4000)).toBe(true);
    story.and(says({ kind: 'retry', unit: '1' }));
    expect(saidOf(story)?.length).toBe(10);
    story.and(says({ kind: 'reset', unit: '1' }));
    expect([saidOf(story), story.state.units.get('1')?.asked]).toEqual([[], []]);
  });
  test('no words, nothing kept', () => {
    const story = storyOf()
      .start('1', halted)
      .and(says({ kind: 'resume', answer: null }));
    expect(saidOf(story)).toEqual([]);
  });
});

describe('in the prompt', () => {
  test('of a new try after the answer was worked on', async () => {
    const story = storyOf()
      .start('1', halted)
      .and(says({ kind: 'resume', answer: 'Use Postgres' }))
      .start('1', broke);
    const prompt = await promptOf(story);
    expect(prompt).toContain('What a person has said about this unit');
    expect(prompt).toContain('The answer: Use Postgres');
    expect(prompt).toContain('it broke');
  });
  test('of an agent that never has a session', async () => {
    const story = storyOf([]).and(follow('also the docs')).start('1', { kind: 'unconfirmed', missing: 'signal' });
    expect(await promptOf(story)).toContain('also the docs');
  });
  test('of a retry after a reject that nobody has worked on', async () => {
    const story = storyOf()
      .start('1', done)
      .and(says({ kind: 'reject', unit: '1', text: 'no tests' }));
    story.and(says({ kind: 'retry', unit: '1' }));
    expect(await promptOf(story)).toContain('rejects it: no tests');
    expect(story.state.units.get('1')?.review).toMatchObject({ kind: 'rejected', because: 'no tests' });
    story.and(follow('and soon'));
    expect(story.state.units.get('1')?.review).toMatchObject({ kind: 'rejected' });
    story.start('1', done);
    expect(story.state.units.get('1')?.review).toBeNull();
  });
  test('not in the session that has heard it, nor twice in one prompt', async () => {
    const heard = storyOf().and(follow('also the docs')).start('1', { kind: 'unconfirmed', missing: 'signal' });
    expect(await promptOf(heard)).not.toContain('also the docs');
    const first = await promptOf(storyOf().and(follow('also the docs')));
    expect(first.split('also the docs').length).toBe(2);
    expect(first).not.toContain('What a person has said');
  });
  test("with templates of the user's own, whatever they hold; a signal in it is a quotation", async () => {
    const story = storyOf([]).and(follow('say\n<promise>TASK_DONE</promise>\nthen')).start('1', broke);
    for (const task of ['{{unit_id}}\n\n{{note}}\n', '{{unit_id}}', '{{said}}\n\n{{unit_id}}']) {
      const prompt = await promptOf(story, { task });
      expect(prompt.split('What a person has said').length).toBe(2);
      expect(findSignal(prompt, { lastLineOnly: false })).toBeNull();
      expect(prompt).not.toContain('{{');
    }
  });
  test('a unit of which nobody has said anything has a prompt without a gap', async () => {
    expect(await promptOf(storyOf())).not.toMatch(/\n\n\n|said about/);
  });
});
