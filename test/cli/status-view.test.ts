// What `status` shows of a state, for people.
import { describe, expect, test } from 'vitest';
import { statusLines, statusObject } from '../../src/cli/status-view.ts';
import type { EventBody } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import { emptyState } from '../../src/core/state.ts';
import { endedOf, given, intendedOf, planOf, type Story, unitOf } from '../core/given.ts';

const input = (story: Story) => ({
  state: story.state,
  specName: 'demo',
  runnerPid: null,
  nowMs: story.nowMs,
  lastOutputAtMs: null,
  version: '0.0.0',
  specWords: { look: '--spec s', run: '--spec s' },
});
const lines = (story: Story): string[] => statusLines(input(story));
const done = { kind: 'completed', signal: 'TASK_DONE' } as const;

describe('what a completion rests on', () => {
  const plan = planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3'), unitOf('4'));

  test("a person's word is marked, evidence is not", () => {
    const story = given(plan, {}, ['3']).start('4', done);
    story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '1' } });
    expect(lines(story).slice(1)).toEqual([
      '  ✓ 1 Unit 1 — accepted by a person',
      '  · 2 Unit 2',
      '  ✓ 3 Unit 3 — its box was ticked before the first start',
      '  ✓ 4 Unit 4',
    ]);
    expect(statusObject(input(story)).units.map(one => one.rests_on)).toEqual([
      'accepted by a person',
      null,
      'its box was ticked before the first start',
      "on the agent's word (TASK_DONE, exit 0); no gate was set",
    ]);
  });

  test('what was only rehearsed says so, and is not counted without that', () => {
    const story = given(plan).start('4', done);
    story.and({ ...intendedOf(1, '3'), agent: 'rehearsal', n: 2 } as EventBody, endedOf(2, done));
    const [head, ...units] = lines(story);
    expect(head).toContain('2 of 4 units completed, 1 of them only rehearsed;');
    expect(units).toContain('  ✓ 3 Unit 3 — only rehearsed, no agent has worked on it; no gate was set');
    expect(units).toContain('  ✓ 4 Unit 4');
    const told = statusObject(input(story));
    expect(told.counts).toMatchObject({ completed: 2, rehearsed: 1 });
    expect(told.units.map(one => one.rehearsed)).toEqual([false, false, true, false]);
  });

  test('leaves are named where only some were accepted', () => {
    const story = given(plan, {}, ['2.1']);
    story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '2.2' } });
    expect(lines(story)).toContain(
      '  ✓ 2 Unit 2 — its box was ticked before the first start (2.1); accepted by a person (2.2)',
    );
  });
});

describe('the first line', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const failed = () => {
    const story = given(plan, { maxAttempts: 1 });
    story.start('1', { kind: 'failed', class: 'crashed', message: 'it broke' });
    return story.and({ type: 'run.ended', run: 'run-1', end: 'failed', exit: 3, because: 'unit 1 failed: it broke' });
  };
  const accept = (story: Story, unit: string) =>
    story.and({ type: 'command', id: `accept ${unit}`, command: { kind: 'accept', unit } });

  test('how the last run ended is past, whatever was decided since', () => {
    expect(lines(accept(failed(), '1'))[0]).toBe(
      'demo: 1 of 2 units completed; unit 2 is next; its last run ended with 3: unit 1 failed: it broke',
    );
  });

  test('a run that was asked to end says so while its unit runs', () => {
    const stop = (now: boolean) =>
      given(plan)
        .and(intendedOf(1, '1'))
        .and({ type: 'command', id: 's', command: { kind: 'stop', now, because: 'stopped with seqrun stop' } });
    const first = (story: Story, runnerPid: number | null): string => statusLines({ ...input(story), runnerPid })[0]!;
    expect(first(stop(false), 7)).toMatch(
      /unit 1 is running on .*; the run has been stopped: it ends after that, seqrun stop --now --spec s ends it at once$/,
    );
    expect(first(stop(true), 7)).toMatch(/; the run has been stopped: it is ending$/);
    expect(first(stop(false), null)).not.toContain('has been stopped');
    expect(first(given(plan).and(intendedOf(1, '1')), 7)).not.toContain('has been stopped');
  });

  test('nothing is left: said first', () => {
    expect(lines(accept(accept(failed(), '1'), '2'))[0]).toBe(
      'demo: 2 of 2 units completed; all units are done; its last run ended with 3: unit 1 failed: it broke',
    );
    const skipped = accept(failed(), '1').and({ type: 'command', id: 's', command: { kind: 'skip', unit: '2' } });
    expect(lines(skipped)[0]).toContain('; all units are done, 1 skipped by a person; its last run ended with 3');
  });

  test('a completed run with a unit that was reset does not look completed', () => {
    const story = given(plan).start('1', done).start('2', done);
    story.and({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'all required units are done' });
    expect(lines(story)[0]).toMatch(/; its last run ended with 0: all required units are done$/);
    story.and({ type: 'command', id: 'r', command: { kind: 'reset', unit: '2' } });
    expect(lines(story)[0]).toMatch(/; unit 2 is next; its last run ended with 0: all required units are done$/);
  });

  test('what comes from the state file alone says so', () => {
    const state = emptyState();
    const adopted = {
      completed: ['1'],
      titleHashes: {},
      claimed: [],
      ticked: [],
      assignments: {},
      units: {},
      halted: null,
      iterations: 1,
      lastStart: 1,
      startedAtMs: 5,
    };
    evolve(state, {
      seq: 1,
      atMs: 9,
      type: 'journal.opened',
      version: 1,
      journal: '',
      spec: '/s',
      claimed: [],
      adopted,
      first: false,
    });
    evolve(state, { seq: 2, atMs: 9, type: 'plan.made', plan, ticked: [] });
    expect(statusLines({ ...input(given(plan)), state })[0]).toBe(
      'demo: 1 of 2 units completed; no journal of its runs is here: this is what SEQUENTIAL_STATE.json says',
    );
  });
});
