// `logs --follow` over a story: what is shown of which start, what is waited for, and when it ends.
import { describe, expect, test } from 'vitest';
import { type FollowWorld, followLogs } from '../../src/cli/following.ts';
import { emptyState } from '../../src/core/state.ts';
import { endedOf, given, intendedOf, planOf, type Story, unitOf } from '../core/given.ts';

const plan = planOf(unitOf('1'), unitOf('2'));

const begin = (story: Story, unit: string): number => {
  const n = story.state.lastN + 1;
  story.and(intendedOf(n, unit), { type: 'start.began', n, pid: 1, transport: 'plain', window: null, adopted: false });
  return n;
};

/** A world in which these things happen, one in each pause; the texts are what each start has rendered so far. */
const worldOf = (story: Story, steps: (() => void)[], texts: Record<number, string>) => {
  const lines: string[] = [];
  let alive = true;
  const world: FollowWorld = {
    look: async () => ({ state: structuredClone(story.state), alive }),
    read: async ({ n }, from, all) => {
      const text = texts[n];
      if (text === undefined) return null;
      const until = all ? text.length : text.lastIndexOf('\n') + 1;
      return { text: text.slice(from, until).replace(/\n$/, ''), next: until };
    },
    pause: async () => {
      const step = steps.shift();
      step?.();
      return step !== undefined;
    },
    out: text => lines.push(text),
    say: line => lines.push(`# ${line}`),
  };
  return {
    world,
    lines,
    dies: () => {
      alive = false;
    },
  };
};

const done = { kind: 'completed', signal: 'TASK_DONE' } as const;

describe('logs --follow', () => {
  test('shows whole lines as they come, the last one at the end, and ends with the unit', async () => {
    const story = given(plan);
    begin(story, '1');
    const texts: Record<number, string> = { 1: 'one\ntw' };
    const { world, lines } = worldOf(
      story,
      [
        () => {
          texts[1] += 'o\nthree';
        },
        () => story.and(endedOf(1, done)),
      ],
      texts,
    );
    expect(await followLogs('1', world)).toBe(0);
    expect(lines).toEqual([
      '# start 1, unit 1, on codex; raw files in /starts/1',
      'one',
      'two',
      'three',
      '# start 1 ended: completed (TASK_DONE)',
    ]);
  });

  test('waits for the next attempt, and follows that', async () => {
    const story = given(plan);
    begin(story, '1');
    const texts = { 1: 'no\n', 2: 'yes\n' };
    const { world, lines } = worldOf(
      story,
      [
        () => story.and(endedOf(1, { kind: 'failed', class: 'crashed', message: 'it fell' }, { code: 1 })),
        () => void begin(story, '1'),
        () => story.and(endedOf(2, done)),
      ],
      texts,
    );
    expect(await followLogs('1', world)).toBe(0);
    expect(lines.filter(line => !line.startsWith('#'))).toEqual(['no', 'yes']);
    expect(lines.filter(line => line.includes('is tried again'))).toHaveLength(1);
  });

  test('gates are waited for: they decide', async () => {
    const gate = { name: 'test', command: 'npm test', timeoutMs: 1000, from: 'user' } as const;
    const story = given(plan, { gates: [gate], baseline: 'off' });
    const n = begin(story, '1');
    story.and(endedOf(n, { kind: 'checking', signal: 'TASK_DONE' }));
    const { world, lines } = worldOf(
      story,
      [() => story.and({ type: 'run.ended', run: 'run-1', end: 'stopped', exit: 2, because: 'x' })],
      { 1: 'a\n' },
    );
    expect(await followLogs('1', world)).toBe(0);
    expect(lines).toContain('# the gates of unit 1 are run');
  });

  test('a unit without a start is waited for while a runner lives', async () => {
    const story = given(plan);
    const { world, lines, dies } = worldOf(story, [() => undefined, () => dies()], {});
    expect(await followLogs('2', world)).toMatchObject({ exit: 64, what: 'unit 2 was never started' });
    expect(lines).toEqual(['# unit 2 has had no start yet: waiting for it']);
  });

  test('what a reset start has come to holds no more, and the next one is waited for', async () => {
    const story = given(plan).start('1', done);
    story.and({ type: 'command', id: 'r', command: { kind: 'reset', unit: '1' } });
    const { world, lines, dies } = worldOf(story, [() => undefined, () => dies()], { 1: 'a\n' });
    expect(await followLogs('1', world)).toBe(0);
    expect(lines.slice(2)).toEqual([
      '# start 1 ended: completed (TASK_DONE); that does not hold any more: it was reset by a person',
      '# unit 1 has had no start since: waiting for it',
    ]);
  });

  test('a gate at work is called one', async () => {
    const gate = { name: 'test', command: 'npm test', timeoutMs: 1000, from: 'user' } as const;
    const story = given(plan, { gates: [gate], baseline: 'off' }).start('1', { kind: 'checking', signal: 'TASK_DONE' });
    story.and({ ...intendedOf(2, '1'), kind: 'gate', gate });
    const { world, lines } = worldOf(story, [], { 1: 'a\n' });
    expect(await followLogs('1', world)).toBe(130);
    expect(lines.at(-1)).toBe('# gate test of unit 1 is at work');
  });

  test('a runner that is gone ends it, and so does the person', async () => {
    const story = given(plan);
    begin(story, '1');
    const gone = worldOf(story, [], { 1: 'a\n' });
    gone.dies();
    expect(await followLogs('1', gone.world)).toBe(0);
    const enough = worldOf(story, [], { 1: 'a\n' });
    expect(await followLogs('1', enough.world)).toBe(130);
    expect(enough.lines.at(-1)).toBe('a');
  });

  test('a unit that does not exist is a failure at once', async () => {
    const { world } = worldOf(given(plan), [], {});
    expect(await followLogs('9', world)).toMatchObject({ exit: 64 });
    expect(
      await followLogs('9', { ...world, look: async () => ({ state: emptyState(), alive: false }) }),
    ).toMatchObject({
      exit: 64,
    });
  });
});
