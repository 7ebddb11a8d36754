// What a receipt says: of a unit that no start has completed, of gates, reviews, and what the agent said.
import { describe, expect, test } from 'vitest';
import type { Closing } from '../../src/core/closing.ts';
import type { Command, EventBody } from '../../src/core/events.ts';
import { evolve, fold } from '../../src/core/evolve.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Policy } from '../../src/core/policy.ts';
import { isFinal, notBy, receiptOf, wordOn } from '../../src/core/receipt.ts';
import type { State } from '../../src/core/state.ts';
import { type Act, worldOf } from '../engine/world.ts';
import { given, planOf, runStarted, type Story, t0, unitOf } from './given.ts';

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

describe('gates, review and closing block', () => {
  const test1: Gate = { name: 'test', command: 'npm test', timeoutMs: 60_000, from: 'user' };
  const policy: Partial<Policy> = { gates: [test1], baseline: 'off', review: 'all' };
  const play = async (acts: Record<string, Act[]>, options: { tree?: true } = {}) =>
    (await worldOf(planOf(unitOf('1')), acts, policy, options).runThrough(-1)).state;
  const agents = (state: State) => state.starts.filter(start => start.kind === 'agent');

  test("of an agent's start: what each gate gave, in the receipt of the start that it checked", async () => {
    const state = await play({ 'gate:test': [{ red: 'x' }, 'pass'] });
    const [first, second] = agents(state).map(start => receiptOf(state, start, 'demo'));
    expect(first).toMatchObject({
      outcome: 'gate_failed',
      error_class: 'verify_failed',
      error: 'gate test failed: exit code 1',
      validation: [
        { name: 'test', command: 'npm test', result: 'failed', because: 'exit code 1', exit_code: 1, start: 2 },
      ],
      gate: null,
      review: null,
    });
    expect(second).toMatchObject({
      outcome: 'completed',
      signal: 'TASK_DONE',
      error_class: null,
      error: null,
      validation: [{ name: 'test', result: 'passed', because: null, exit_code: 0, start: 4 }],
      review: { state: 'open', because: 'every unit is reviewed (--review)' },
      run_id: 'run-1',
    });
  });

  test("of a gate's own start: what was run, and what for", async () => {
    const state = await play({ 'gate:test': [{ red: 'x' }, 'pass'] });
    const of = (n: number) => receiptOf(state, state.starts[n - 1]!, 'demo');
    expect(of(2)).toMatchObject({
      kind: 'gate',
      outcome: 'red',
      error_class: 'verify_failed',
      gate: { name: 'test', command: 'npm test', result: 'failed', because: 'exit code 1', checked_start: 1 },
      validation: [],
    });
    expect(of(4)).toMatchObject({ outcome: 'passed', error: null, gate: { result: 'passed', checked_start: 3 } });
  });

  test('no progress is the class of the start that the unit ended with, and of no earlier one', async () => {
    const state = await play({ 1: ['done', 'idle'], 'gate:test': [{ red: 'x' }, { red: 'x' }] }, { tree: true });
    expect(agents(state).map(start => receiptOf(state, start, 'demo').error_class)).toEqual([
      'verify_failed',
      'no_progress',
    ]);
    expect(agents(state).map(start => receiptOf(state, start, 'demo').git.changed)).toEqual([true, false]);
  });

  test('what the agent says is told apart from what seqrun has checked', () => {
    const closing: Closing = {
      summary: 'It works.',
      achieved: ['a'],
      evidence: ['e'],
      remaining: ['r'],
      changes: ['c.ts'],
      validation: 'ran it',
      needsFollowUp: null,
      recommendedAction: null,
      nextPrompt: null,
      followUp: ['f'],
    };
    const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
    const story = given(planOf(unitOf('1'), unitOf('2')))
      .start('1', done, { closing, evidence: ['exit code: 0'], boxes: { ticked: ['1'], opened: [] } })
      .start('2', done);
    const [said, silent] = story.state.starts.map(start => receiptOf(story.state, start, 'demo'));
    expect(said).toMatchObject({
      evidence: ['exit code: 0'],
      evidence_by_agent: ['e'],
      validation: [],
      validation_by_agent: 'ran it',
      summary: 'It works.',
      achieved: ['a'],
      remaining: ['r'],
      changes: ['c.ts'],
      recommended_action: 'in_review',
      needs_follow_up: null,
      follow_up: 0,
      follow_up_by_agent: ['f'],
      boxes_ticked: ['1'],
      git: { before: null, after: null, changed: null },
    });
    expect(silent).toMatchObject({ summary: null, recommended_action: null, remaining: [], validation_by_agent: null });
  });

  test('a rejection belongs to the start that was looked at', async () => {
    const world = worldOf(planOf(unitOf('1')), {}, policy);
    await world.runThrough(-1);
    world.drop({ kind: 'reject', unit: '1', text: 'no' });
    const { state } = await world.runThrough(-1);
    const reviews = agents(state).map(start => receiptOf(state, start, 'demo').review);
    expect(reviews).toMatchObject([null, { state: 'open' }]);
    const again = world.events.findIndex(event => event.type === 'command');
    const rejected = fold(structuredClone(world.events.slice(0, again + 1)));
    expect(receiptOf(rejected, rejected.starts[0]!, 'demo').review).toMatchObject({ state: 'rejected', because: 'no' });
    const next = world.events.findIndex((event, k) => k > again && event.type === 'start.intended');
    const goesOn = fold(structuredClone(world.events.slice(0, next + 1)));
    expect(agents(goesOn).map(start => receiptOf(goesOn, start, 'demo').review)).toMatchObject([
      { state: 'rejected' },
      null,
    ]);
  });

  test('the run of a start is the one that started it, whatever run is on now', () => {
    const story = given(planOf(unitOf('1'), unitOf('2'))).start('1', { kind: 'completed', signal: null });
    story.and({ ...(runStarted() as EventBody & { type: 'run.started' }), run: 'run-2' });
    expect(receiptOf(story.state, story.state.starts[0]!, 'demo').run_id).toBe('run-1');
  });

  test('the outcome is not the last word as long as gates are to come', async () => {
    const world = worldOf(planOf(unitOf('1')), {}, policy);
    await world.runThrough(-1);
    const finals = world.events.flatMap((event, k) => {
      const state = fold(structuredClone(world.events.slice(0, k + 1)));
      return event.type === 'start.ended' ? [isFinal(state, state.starts[0]!)] : [];
    });
    expect(finals).toEqual([false, true]);
    // Skipped by a person meanwhile: nobody waits for its gates.
    const k = world.events.findIndex(event => event.type === 'start.ended');
    const state = fold(structuredClone(world.events.slice(0, k + 1)));
    evolve(state, { seq: k + 2, atMs: 0, type: 'command', id: 's', command: { kind: 'skip', unit: '1' } });
    expect(isFinal(state, state.starts[0]!)).toBe(true);
  });
});

describe('a start that its unit does not stand on', () => {
  const good = { kind: 'completed', signal: 'TASK_DONE' } as const;
  const story = () => given(planOf(unitOf('1'), unitOf('2'))).start('1', good);
  const said = (at: Story, n = 1) => notBy(at.state, at.state.plan!.units[0]!, at.state.starts[n - 1]!);
  const word = (id: string, body: Command): EventBody => ({ type: 'command', id, command: body });

  test('says nothing while it does, nor of a start that ended otherwise', () => {
    expect(said(story())).toBeNull();
    expect(said(given(planOf(unitOf('1'))).start('1', { kind: 'stalled' }))).toBeNull();
  });

  test.each([
    [word('r', { kind: 'reset', unit: '1' }), 'it was reset by a person'],
    [word('r', { kind: 'reset', unit: null }), 'it was reset by a person'],
    [word('r', { kind: 'reject', unit: '1', text: 'no sound' }), 'a person rejected it: no sound'],
    [word('r', { kind: 'follow', unit: '1', text: 'more' }), 'a person asked for one more turn: more'],
    [
      { type: 'checkpoint.restored', id: 'chk-1', completed: [], again: ['1'], back: [], reviews: {} } as EventBody,
      'checkpoint chk-1 was restored',
    ],
  ])('says why it is not done any more: %o', (body, because) => {
    const at = story();
    const atMs = at.nowMs;
    expect(said(at.and(body))).toEqual({ words: `is not done any more: ${because}`, atMs });
  });

  test('names the start that completed it when that is another one', () => {
    const at = story();
    const [first] = structuredClone([...at.state.done]);
    at.and(word('r', { kind: 'reset', unit: '1' })).start('1', good);
    expect(said(at, 2)).toBeNull();
    const completed = [{ id: '1', ...first![1] }];
    at.and({ type: 'checkpoint.restored', id: 'chk-1', completed, again: [], back: [], reviews: {} });
    expect(said(at, 2)).toEqual({ words: 'is done by start 1, not by this one', atMs: null });
  });
});
