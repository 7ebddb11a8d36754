// One spec's entry of the state file, from folded events.
import { expect, test } from 'vitest';
import { evolve, fold } from '../../src/core/evolve.ts';
import { projectEntry, sumOf } from '../../src/core/project-state.ts';
import { plan, script, unit } from '../adapters/files/scene.ts';
import { noEntry } from './given.ts';

const start = (...units: Parameters<typeof plan>) => {
  const story = script();
  story.open();
  story.run();
  story.add({ type: 'plan.made', plan: plan(...units), ticked: [] });
  return story;
};
const entry = (story: ReturnType<typeof script>) => projectEntry(fold(story.events), 'checkout');
const statuses = (story: ReturnType<typeof script>) =>
  Object.fromEntries(Object.entries(entry(story).units).map(([id, one]) => [id, one.status]));

test('a state without anything is an entry', () => {
  const story = script();
  story.open();
  expect(entry(story)).toMatchObject({ completed: [], current: null, tasks_hash: null, counts: { total: 0 }, seq: 1 });
});

test('a running start is in it with attempt, pid and window before anything has come of it', () => {
  const story = start(unit('1', 0));
  story.begin('1');
  expect(entry(story)).toMatchObject({
    current: { unit: '1', kind: 'agent', start: 1, attempt: 1, pid: 41, window: '@1', run_id: 'run-1' },
    units: { 1: { status: 'running', attempts: 0 } },
    window_mapping: { 1: { window: '@1', name: 'task-1' } },
    last_start: 1,
  });
});

test('what each unit stands at, and which units it waits for in vain', () => {
  const story = start(unit('1', 0), unit('2', 1, ['1']), unit('3', 0, ['2']), unit('4', 0), unit('5', 0), unit('6', 0));
  story.begin('1');
  story.end({ kind: 'failed', class: 'context', message: 'too long' });
  story.begin('4');
  story.end({ kind: 'interrupted', by: 'world' });
  story.begin('5');
  story.end({ kind: 'failed', class: 'agent', message: 'broke' }, { code: 3 });
  story.add({ type: 'command', id: 'c', command: { kind: 'skip', unit: '6' } });
  expect(statuses(story)).toEqual({
    1: 'failed',
    2: 'blocked',
    3: 'blocked',
    4: 'interrupted',
    5: 'waiting',
    6: 'skipped',
  });
  const { units, counts } = entry(story);
  expect([units['2']!.blocked_by, units['3']!.blocked_by]).toEqual([['1'], ['2']]);
  expect(units['5']).toMatchObject({
    not_before: '2026-02-03T10:00:17.000Z',
    last_outcome: 'failed',
    session_id: 'session-3',
  });
  expect(units['5']!.wait_reason).toContain('broke');
  expect(units['5']!.last_error).toBe('failed (agent): broke');
  expect(counts).toMatchObject({
    total: 6,
    failed: 1,
    blocked: 2,
    waiting: 1,
    interrupted: 1,
    skipped: 1,
    completed: 0,
  });
});

test('a limited unit waits for its agent, with the reason', () => {
  const story = start(unit('1', 0));
  story.begin('1');
  story.end({ kind: 'limited', because: 'limited', resetAtMs: Date.UTC(2026, 1, 3, 15), window: 'five_hour' });
  const one = entry(story).units['1']!;
  expect(one).toMatchObject({ status: 'waiting', not_before: '2026-02-03T15:01:00.000Z', attempts: 0 });
  expect(one.wait_reason).toMatch(/codex is limited/);
});

test('dependencies in a circle, or on units that are not there, end', () => {
  const story = start(unit('1', 0, ['2']), unit('2', 0, ['1', '9']));
  expect(statuses(story)).toEqual({ 1: 'pending', 2: 'pending' });
});

test('Q-2.41: HALT is shown with task, time and reason, and is gone when a person has resumed', () => {
  const story = start(unit('1', 0));
  story.begin('1');
  story.end({ kind: 'halted', reason: 'which database?' });
  expect(entry(story)).toMatchObject({
    halted: true,
    halted_task: '1',
    halted_at: '2026-02-03T10:00:06.000Z',
    halt_reason: 'which database?',
    units: { 1: { status: 'halted', session_id: 'session-1' } },
  });
  story.add({ type: 'command', id: 'c', command: { kind: 'resume', answer: 'Postgres' } });
  expect(entry(story)).toMatchObject({ halted: false, halted_task: null, halted_at: null, halt_reason: null });
});

test('Q-2.42: completed_at is cleared when tasks are added; started_at stays', () => {
  const story = start(unit('1', 0));
  story.begin('1');
  story.end({ kind: 'completed', signal: 'COMPLETE' });
  story.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'done' });
  expect(entry(story)).toMatchObject({
    started_at: '2026-02-03T10:00:02.000Z',
    completed_at: '2026-02-03T10:00:07.000Z',
    last_end: { end: 'completed', exit: 0 },
  });
  story.add({ type: 'plan.made', plan: plan(unit('1', 0), unit('2', 0)), ticked: [] });
  expect(entry(story)).toMatchObject({ completed: ['1'], completed_at: null, started_at: '2026-02-03T10:00:02.000Z' });
});

test('a unit and its parents are completed with their last leaf, optional ones only when they are done', () => {
  const nested = unit('1', 0, [], ['1.3']);
  nested.tasks = ['1', '1.1', '1.1.1', '1.1.2', '1.2', '1.2.1', '1.3'];
  nested.leaves = ['1.1.1', '1.1.2', '1.2.1'].map(id => ({ id, title: id, titleHash: `hash-${id}`, optional: false }));
  const story = start(nested, unit('2', 2));
  const done = (...ids: string[]) => {
    story.add({ type: 'completed.edited', ids });
    return entry(story).completed;
  };
  expect(done('1.1.1')).toEqual(['1.1.1']);
  expect(done('1.1.2')).toEqual(['1.1', '1.1.1', '1.1.2']);
  expect(done('1.2.1')).toEqual(['1', '1.1', '1.1.1', '1.1.2', '1.2', '1.2.1']);
  expect(done('1.3')).toContain('1.3');
  expect(done('2.1')).not.toContain('2');
});

test('a parent taken over from another entry is open again when a task is added below it', () => {
  const story = script();
  story.open({ adopted: { ...noEntry, completed: ['1', '1.1'], titleHashes: { '1.1': 'hash-1.1' } } });
  story.run();
  story.add({ type: 'plan.made', plan: plan(unit('1', 1)), ticked: [] });
  expect(entry(story).completed).toEqual(['1', '1.1']);
  story.add({ type: 'plan.made', plan: plan(unit('1', 2)), ticked: [] });
  expect(entry(story).completed).toEqual(['1.1']);
});

test('assignments say who, by whom, why, when and on which agent', () => {
  const story = start(unit('1', 0), unit('2', 0), unit('3', 0));
  story.add({
    type: 'start.intended',
    n: 1,
    unit: null,
    kind: 'assign',
    mode: 'attempt',
    reason: { kind: 'task', note: null },
    agent: 'codex',
    model: null,
    session: null,
    mark: 'm',
    folder: '/starts/1',
    units: ['1', '2'],
  });
  const ended = story.add({
    type: 'start.ended',
    n: 1,
    outcome: { kind: 'assigned', assignments: { 1: { type: 'ui', owner: 'gemini' } } },
    code: 0,
    signal: null,
    session: null,
    usage: null,
    evidence: [],
    worked: true,
    left: [],
    boxes: null,
    stop: null,
    config: null,
  });
  story.add({ type: 'assignments.edited', assignments: { 3: { type: 'review', owner: 'me' } } });
  const at = new Date(ended.atMs).toISOString();
  expect(entry(story).assignments).toEqual({
    1: { type: 'ui', owner_agent: 'gemini', backend: 'gemini', source: 'llm', reason: null, at },
    2: {
      type: 'code',
      owner_agent: 'codex',
      backend: 'codex',
      source: 'fallback',
      reason: 'not in the answer',
      at: null,
    },
    3: { type: 'review', owner_agent: 'me', backend: 'codex', source: 'user', reason: null, at: null },
  });
});

test('R-2.140: every time in an entry is UTC ISO 8601', () => {
  const story = start(unit('1', 0));
  story.begin('1');
  story.end({ kind: 'halted', reason: null });
  story.add({ type: 'run.ended', run: 'run-1', end: 'halted', exit: 2, because: 'x' });
  for (const [, time] of JSON.stringify(entry(story)).matchAll(/"(?:\w+_at|at|not_before)":"([^"]*)"/g)) {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test('a sum is of everything but itself', () => {
  const story = start(unit('1', 0));
  const one = entry(story);
  const sum = sumOf(one);
  expect(sumOf({ ...one, sum })).toBe(sum);
  expect(sumOf(JSON.parse(JSON.stringify(one, null, 4)))).toBe(sum);
  expect(sumOf({ ...one, iterations: 1 })).not.toBe(sum);
});

test('projecting changes nothing', () => {
  const story = start(unit('1', 2), unit('2', 0, ['1']));
  story.begin('1');
  const state = fold(story.events);
  const before = structuredClone(state);
  projectEntry(state, 'x');
  expect(state).toEqual(before);
  story.end({ kind: 'completed', signal: 'TASK_DONE' });
  evolve(state, story.events.at(-1)!);
});
