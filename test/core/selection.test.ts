// A run of a part of the spec is no completion of the spec: the end, the state file, the progress file.
import { expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Plan } from '../../src/core/plan-types.ts';
import { progressEntries } from '../../src/core/project-progress.ts';
import { projectEntry } from '../../src/core/project-state.ts';
import { given, planOf, runStarted, type Story, unitOf } from './given.ts';

const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
const units = [unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3')];
/** The plan of `--only` these. */
const only = (...ids: string[]): Plan => ({
  ...planOf(...units.filter(unit => ids.includes(unit.id))),
  skipped: units
    .filter(unit => !ids.includes(unit.id))
    .map(({ id, title, leaves }) => ({ id, title, because: 'not_selected', leaves: leaves.map(leaf => leaf.id) })),
});
/** Ends the run as the loop would. */
const end = (story: Story): Story => {
  const action = decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });
  if (action.kind !== 'finish') throw new Error(`not finished: ${action.kind}`);
  return story.and({
    type: 'run.ended',
    run: 'run-1',
    end: action.end,
    exit: action.exit,
    because: action.because,
  });
};

test('the selected units are done: exit 0, and nobody says that the spec is', () => {
  const story = end(given(only('1')).start('1', done));
  const because = 'all selected units are done (2 units not selected)';
  expect(story.state.lastEnd).toMatchObject({ exit: 0, because });
  expect(projectEntry(story.state, 's')).toMatchObject({
    completed_at: null,
    last_end: { exit: 0, because },
    counts: { total: 3, completed: 1, not_selected: 2, pending: 0 },
  });
  const footer = progressEntries(story.events, 's').at(-1)!.text;
  expect(footer).toMatch(/^\*\*Stopped:\*\* /);
  expect(footer).toContain(`Exit 0: ${because}`);
});

test('a selected unit that a person skipped is told, too', () => {
  const story = given(only('1', '3')).start('1', done);
  story.and({ type: 'command', id: 'c', command: { kind: 'skip', unit: '3' } });
  expect(end(story).state.lastEnd!.because).toBe(
    'all selected units are done, 1 skipped by a person (1 unit not selected)',
  );
});

test('a spec that was completed before has no completed_at while only a part of it is looked at', () => {
  const story = end(
    given(planOf(...units))
      .start('1', done)
      .start('2', done)
      .start('3', done),
  );
  expect(projectEntry(story.state, 's').completed_at).not.toBeNull();
  story.and(runStarted(), { type: 'plan.made', plan: only('1'), ticked: ['1', '2.1', '2.2', '3'] });
  expect(projectEntry(end(story).state, 's')).toMatchObject({
    completed_at: null,
    counts: { total: 3, completed: 3, not_selected: 0 },
  });
});

test('what is known of a unit outside the plan stays: completed, accepted, reset, failed', () => {
  const story = given(planOf(...units), { onFail: 'skip', maxAttempts: 1 });
  story.start('1', done).start('2', { kind: 'failed', class: 'context', message: 'too long' });
  const status = (id: string) => {
    story.and({ type: 'plan.made', plan: only('3'), ticked: [] });
    const found = projectEntry(story.state, 's').units[id]!.status;
    story.and({ type: 'plan.made', plan: planOf(...units), ticked: [] });
    return found;
  };
  expect([status('1'), status('2')]).toEqual(['completed', 'failed']);
  story.and({ type: 'command', id: 'a', command: { kind: 'accept', unit: '2' } });
  story.and({ type: 'command', id: 'b', command: { kind: 'reset', unit: '1' } });
  expect([status('1'), status('2')]).toEqual(['pending', 'completed']);
});

test('a plan of an older journal does not name the leaves outside: the last outcome tells', () => {
  const story = given(planOf(...units)).start('2', done);
  const old = only('3');
  story.and({
    type: 'plan.made',
    plan: { ...old, skipped: old.skipped.map(({ leaves: _, ...skip }) => skip) },
    ticked: [],
  });
  expect(projectEntry(story.state, 's')).toMatchObject({
    units: { 2: { status: 'completed' } },
    counts: { completed: 1, not_selected: 1 },
  });
});

test('a unit that waits for one outside the selection says so', () => {
  const part = only('3');
  const waits = { ...part, units: [unitOf('3', ['3'], { dependsOn: ['1'], dependsOnUnits: ['1'] })] };
  expect(end(given(waits)).state.lastEnd).toMatchObject({
    exit: 3,
    because: 'nothing can run: 3 waits for 1 (1 is not selected)',
  });
});
