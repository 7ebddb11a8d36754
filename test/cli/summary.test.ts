// The end of a run in one screen.
import { expect, test } from 'vitest';
import { summaryLines } from '../../src/cli/summary.ts';
import type { GateResult } from '../../src/core/gate.ts';
import { pausedWords } from '../../src/core/holding-back.ts';
import { vanishedText } from '../../src/core/vanished.ts';
import { whyRun } from '../../src/core/why.ts';
import { endedOf, given, intendedOf, minute, planOf, runStarted, type Story, unitOf } from '../core/given.ts';

const plan = planOf(unitOf('1'), unitOf('2', ['2'], { dependsOn: ['1'], dependsOnUnits: ['1'] }), unitOf('3'));
const screen = (story: Story, exit: number, because: string): string[] =>
  summaryLines({
    state: story.state,
    exit,
    because,
    startedAtMs: story.state.run!.startedAtMs,
    endedAtMs: story.nowMs,
    changes: '3 files changed',
    specWords: { look: '--spec s', run: '--spec s' },
    rehearsal: false,
    unread: 0,
  }).map(line => line.text);

test('all done: no next command, waits by reason, tokens, warnings with their unit', () => {
  const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 5, reasoningTokens: 0, costUsd: 0.004 };
  const story = given(plan);
  story.start(
    '1',
    { kind: 'completed', signal: 'TASK_DONE' },
    { usage, evidence: ['exit code: 0', 'warning: a tool was denied'] },
  );
  story.and({ type: 'waited', because: 'delay between iterations', fromMs: story.nowMs - 15_000 });
  story.start('2', { kind: 'completed', signal: 'TASK_DONE' }).start('3', { kind: 'completed', signal: 'TASK_DONE' });
  const text = screen(story, 0, 'all required units are done').join('\n');
  expect(text).toContain('completed  3 of 3 units');
  expect(text).toContain('of it waiting: delay 15 s');
  expect(text).toContain('10 in, 5 out, 0.0040 USD (of 1 starts that told)');
  expect(text).toContain('1: a tool was denied');
  expect(text).toContain('3 files changed');
  expect(text).not.toContain('next:');
});

test('a failed unit, what it blocks, and what to type', () => {
  const story = given(plan, { maxAttempts: 1, onFail: 'skip' });
  story
    .start('1', { kind: 'failed', class: 'crashed', message: 'the disk\nis full' })
    .start('3', { kind: 'completed', signal: 'TASK_DONE' });
  const lines = screen(story, 3, 'nothing can run');
  expect(lines).toContainEqual(expect.stringContaining('failed     1 Unit 1: the disk is full'));
  expect(lines).toContainEqual(expect.stringContaining('blocked    2 Unit 2: waits for 1'));
  expect(lines.at(-1)).toBe('next: seqrun receipt 1 --spec s, then seqrun retry 1 --spec s');
});

test('a start that was adopted counts in the run that saw its end', () => {
  const story = given(plan);
  story.and(intendedOf(1, '1'), {
    type: 'start.began',
    n: 1,
    pid: 7,
    transport: 'plain',
    window: null,
    adopted: false,
  });
  story
    .after(minute)
    .and(runStarted(), { type: 'start.began', n: 1, pid: 7, transport: 'plain', window: null, adopted: true });
  story.and(endedOf(1, { kind: 'halted', reason: 'which database?' }));
  const lines = screen(story, 2, 'unit 1 halted');
  expect(lines).toContainEqual(expect.stringContaining('starts     1 (1 halted)'));
  expect(lines.at(-1)).toBe('next: seqrun resume --spec s --answer "…"');
});

test("units that rest on a person's word are told apart from proven ones", () => {
  const story = given(plan, {}, ['3']).start('2', { kind: 'completed', signal: 'TASK_DONE' });
  story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '1' } });
  const lines = screen(story, 0, 'all required units are done');
  expect(lines).toContain('completed  3 of 3 units');
  expect(lines).toContain("accepted   1 (on a person's word)");
  expect(lines).toContain('ticked     3 (by hand, not checked)');
});

test('blocked is what waits in vain, with the cause; what has not had its turn is left', () => {
  const chain = planOf(
    unitOf('1'),
    unitOf('2', ['2'], { dependsOn: ['1'], dependsOnUnits: ['1'] }),
    unitOf('3', ['3'], { dependsOn: ['2'], dependsOnUnits: ['2'] }),
  );
  const waiting = screen(given(chain), 1, '0 iterations used').filter(line => /^(left|blocked)/.test(line));
  expect(waiting).toEqual(['left       3 units']);
  const story = given(chain).and({ type: 'command', id: 's', command: { kind: 'skip', unit: '1' } });
  const lines = screen(story, 3, 'nothing can run');
  expect(lines).toContain('blocked    2 Unit 2: waits for 1 (1 was skipped by a person)');
  expect(lines).toContain('blocked    3 Unit 3: waits for 2 (1 was skipped by a person)');
  expect(lines.join()).not.toContain('left ');
});

test('open boxes that were not read as tasks are looked at next', () => {
  const story = given(plan);
  for (const id of ['1', '2', '3']) story.start(id, { kind: 'completed', signal: 'TASK_DONE' });
  const lines = summaryLines({
    state: story.state,
    exit: 0,
    because: 'all required units are done; 2 open boxes …',
    startedAtMs: 0,
    endedAtMs: story.nowMs,
    changes: null,
    specWords: { look: '--spec s', run: '--spec s' },
    rehearsal: false,
    unread: 2,
  });
  expect(lines.at(-1)).toEqual({ kind: 'next', text: 'next: seqrun lint --spec s' });
});

test('says at the end that a job has changed the config file, and how to go on', () => {
  const { state } = given(planOf(unitOf('1'), unitOf('2'))).start('1', { kind: 'timeout' }, { config: 'sha256:x' });
  const lines = summaryLines({
    state,
    exit: 1,
    because: 'max iterations',
    startedAtMs: state.run!.startedAtMs,
    endedAtMs: state.run!.startedAtMs + minute,
    changes: null,
    specWords: { look: '--spec s', run: '--spec s --verify x' },
    rehearsal: false,
    unread: 0,
  }).map(({ text }) => text);
  expect(lines.join('\n')).toContain('config     the config file was changed while a job ran');
  expect(lines.at(-1)).toBe('next: seqrun --accept-config --spec s --verify x');
});

test('a run that finds all done says that it has started nothing, and when a gate has passed last', () => {
  const gates = [{ name: 'test', command: 'npm test', timeoutMs: 1, from: 'user' as const }];
  const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
  const story = given(planOf(unitOf('1')), { gates }).start('1', { kind: 'checking', signal: 'TASK_DONE' });
  const passed: GateResult = {
    ...gates[0]!,
    result: 'passed',
    because: null,
    known: null,
    code: 0,
    durationMs: 1,
    start: 2,
    signature: 'x',
  };
  const atMs = story.nowMs;
  story
    .and({ ...intendedOf(2, '1'), kind: 'gate', gate: gates[0]! })
    .and({ type: 'start.began', n: 2, pid: 7, transport: 'plain', window: null, adopted: false })
    .and(endedOf(2, { kind: 'passed' }, { gate: passed, checked: { start: 1, outcome: done } }));
  const first = screen(story, 0, 'all required units are done');
  expect(first[0]).toBe('done: all required units are done');
  const again = screen(story.after(minute).and(runStarted({ gates })), 0, 'all required units are done');
  expect(again[0]).toBe('done: all required units are done (as before: nothing was started)');
  expect(again).toContain(
    `gates      none was run now; gate test passed last at ${new Date(atMs + 2000).toISOString()}, after unit 1`,
  );
  // Another command under the same name has never been asked.
  const other = [{ ...gates[0]!, command: 'npm run e2e' }];
  expect(screen(story.after(minute).and(runStarted({ gates: other })), 0, 'all required units are done')).toEqual(
    expect.arrayContaining([
      'gates      none was run now',
      'gates      test (npm run e2e) has not passed here so far: what is done was done without it',
    ]),
  );
});

test('a task that a job took out is put back or gone on without: the same call would end the same', () => {
  const story = given(planOf(unitOf('1'), unitOf('4'))).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  story.and({ type: 'plan.made', plan: planOf(unitOf('1')), ticked: ['1'], leaves: [['1', 'h1']] });
  const why = vanishedText(story.state)!;
  expect(screen(story, 2, why).at(-1)).toBe(
    'next: put task 4 back into the task file, then seqrun --spec s; or go on without: seqrun resume --spec s',
  );
  story.and({ type: 'run.ended', run: 'run-1', end: 'person', exit: 2, because: why });
  expect(whyRun(story.state, story.nowMs, false)).toBe(`its last run ended with 2: ${why}`);
  story.and({ type: 'run.ended', run: 'run-1', end: 'stopped', exit: 2, because: 'stopped by hand' });
  expect(whyRun(story.state, story.nowMs, false)).toBe(`${why}; its last run ended with 2: stopped by hand`);
});

test('a pause is no backoff', () => {
  const story = given(plan);
  story.and({ type: 'waited', because: pausedWords({ atMs: 0, by: 'joe@host' }), fromMs: story.nowMs - minute });
  expect(screen(story, 1, 'x').find(line => line.startsWith('time'))).toContain('of it waiting: pause 1 min');
});

test('a unit that a person has approved is not called unchecked', () => {
  const story = given(planOf(unitOf('1'), unitOf('2')));
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' }).start('2', { kind: 'completed', signal: 'TASK_DONE' });
  story.and({ type: 'command', id: 'a', command: { kind: 'approve', unit: '1', text: null } });
  const lines = screen(story, 0, 'all required units are done');
  expect(lines).toContain('approved   1 (by a person; no gate has passed)');
  expect(lines).toContain("unchecked  2 (on the agent's word; no gate has passed)");
});
