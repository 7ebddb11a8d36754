// The runs of a spec, as its journal tells of them.
import { expect, test } from 'vitest';
import { pastRuns } from '../../src/core/runs.ts';
import { worldOf } from '../engine/world.ts';
import { minute, planOf, unitOf } from './given.ts';

const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));

test('how each ended, what it started, completed and waited', async () => {
  const world = worldOf(three, { 1: ['fail', 'done'], 2: [{ limitMs: 10 * minute }, 'done'] }, { maxIterations: 3 });
  await world.run();
  world.nowMs += minute;
  await world.run();
  expect(pastRuns(world.events)).toMatchObject([
    {
      ended: { end: 'iterations', exit: 1 },
      backend: 'codex',
      starts: 4,
      outcomes: { failed: 1, completed: 2, limited: 1 },
      completed: ['1', '2'],
    },
    { ended: { end: 'completed', exit: 0 }, starts: 1, outcomes: { completed: 1 }, completed: ['3'], waitedMs: 0 },
  ]);
  const [first, second] = pastRuns(world.events);
  expect(first!.waitedMs).toBeGreaterThanOrEqual(10 * minute);
  expect(second!.startedAtMs - first!.ended!.atMs).toBe(minute);
});

test('a run that was cut off has no end; its start ends in the next one', async () => {
  const world = worldOf(three, {});
  await world.run(20).catch(() => undefined);
  world.nowMs += minute;
  const cut = pastRuns(world.events);
  expect(cut).toMatchObject([{ ended: null }]);
  expect(cut[0]!.lastAtMs).toBe(world.events.at(-1)!.atMs);
  await world.run();
  const [first, second] = pastRuns(world.events);
  expect([...first!.completed, ...second!.completed]).toEqual(['1', '2', '3']);
  expect(first!.ended).toBeNull();
});

test('a start that a run has adopted counts as that', async () => {
  const world = worldOf(planOf(unitOf('1')), {});
  await world.run();
  const begun = world.events.find(({ type }) => type === 'run.started')!;
  const events = world.events.flatMap(event => (event.type === 'start.ended' ? [begun, event] : [event]));
  expect(pastRuns(events)).toMatchObject([
    { starts: 1, adopted: 0, ended: null, completed: [] },
    { starts: 0, adopted: 1, outcomes: { completed: 1 }, completed: ['1'] },
  ]);
});

test('a unit with a gate is completed by the gate, once', async () => {
  const gate = { name: 'test', command: 'npm test', timeoutMs: minute, from: 'user' } as const;
  const world = worldOf(
    planOf(unitOf('1')),
    { 'gate:test': [{ red: 'no' }, 'pass'] },
    { gates: [gate], baseline: 'off' },
  );
  await world.run();
  const [run] = pastRuns(world.events);
  expect(run).toMatchObject({ starts: 2, completed: ['1'] });
  expect(run!.outcomes).toEqual({ gate_failed: 1, completed: 1 });
});
