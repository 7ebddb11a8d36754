// Pauses, the end of a run's time and drawn delays, in whole runs of the loop.
import { expect, test } from 'vitest';
import { fold } from '../../src/core/evolve.ts';
import { minute, planOf, t0, unitOf } from '../core/given.ts';
import { worldOf } from './world.ts';

const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));
const by = 'joe@host';

test('a pause lets the running agent end, holds the next one back, and continue goes on', async () => {
  const world = worldOf(three, {});
  world.during('agent', () => world.drop({ kind: 'pause', by }));
  let held = -1;
  world.waiting = () => {
    held = world.started.length;
    world.nowMs += 10 * minute;
    world.drop({ kind: 'continue', by });
  };
  expect((await world.run()).exit).toBe(0);
  expect([held, world.started.length, world.started.some(one => one.killed)]).toEqual([1, 3, false]);
  expect(fold(world.events).waits).toMatchObject([{ ms: 10 * minute }]);
});

test('a pause survives the runner; a stop ends the run that waits in it', async () => {
  const world = worldOf(three, {});
  world.during('agent', () => world.drop({ kind: 'pause', by }));
  world.waiting = () => world.drop({ kind: 'stop', now: false, because: 'enough' });
  expect(await world.run()).toMatchObject({ end: 'stopped', exit: 2 });
  await expect(world.run()).rejects.toThrow('nobody ends this wait');
  expect(world.started).toHaveLength(1);
  world.nowMs += minute;
  world.waiting = () => world.drop({ kind: 'continue', by });
  expect((await world.run()).exit).toBe(0);
});

test('a stop ends a wait for a limit', async () => {
  const world = worldOf(three, { 1: [{ limitMs: 3_600_000 }] });
  world.waiting = () => world.drop({ kind: 'stop', now: false, because: 'enough' });
  expect(await world.run()).toMatchObject({ end: 'stopped', exit: 2 });
  expect(world.nowMs - t0).toBeLessThan(minute);
});

test('the time of a run ends it after the unit, and while it is paused', async () => {
  const world = worldOf(three, {}, { maxRuntimeMs: 7_000 });
  expect(await world.run()).toMatchObject({ end: 'time', exit: 4 });
  expect(world.started).toHaveLength(2);
  world.drop({ kind: 'pause', by });
  const before = world.nowMs;
  expect(await world.run()).toMatchObject({ end: 'time', exit: 4 });
  expect([world.started.length, world.nowMs - before]).toEqual([2, 7_000]);
});

test('each delay is drawn once: a run that dies in it waits until the same instant', async () => {
  const world = worldOf(three, {}, { delayMs: 60_000, jitter: 0.5 }, { chance: 0.5 });
  expect((await world.run()).exit).toBe(0);
  expect(fold(world.events).waits.map(({ ms }) => ms)).toEqual([75_000, 75_000]);
  const ends = world.events.flatMap(event => (event.type === 'start.ended' ? [event.delayMs] : []));
  expect(ends).toEqual([75_000, 75_000, 75_000]);
});
