// Loops that burn money, as users of such tools have met them: each stops within its bound, with the starts counted.
import { expect, test } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import { planOf, unitOf } from '../core/given.ts';
import { type Act, worldOf } from './world.ts';

const one = planOf(unitOf('1'));
const gates: Gate[] = [{ name: 'test', command: 'npm test', timeoutMs: 60_000, from: 'user' }];
const agents = (world: ReturnType<typeof worldOf>) => world.started.filter(({ ref }) => ref.kind === 'agent').length;

test('a finished unit is not asked again, however often the run is started', async () => {
  const world = worldOf(one, {}, { gates, baseline: 'off' });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(0);
  expect(world.started).toHaveLength(2);
});

test('a gate that fails for ever: one start and three follow-ups, and no more however often the run is started', async () => {
  const world = worldOf(one, { 'gate:test': [{ red: 'no database' }] }, { gates, baseline: 'off' });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(3);
  expect(agents(world)).toBe(4);
});

test('a gate that fails for ever while the agent changes nothing: two starts', async () => {
  const acts: Record<string, Act[]> = { 1: ['idle'], 'gate:test': [{ red: 'no database' }] };
  const world = worldOf(one, acts, { gates, baseline: 'off' }, { tree: true });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(3);
  expect(agents(world)).toBe(2);
});

test('recovery resets no counter: a runner killed at every step, and started again each time, stays within the bound', async () => {
  const acts: Record<string, Act[]> = { 1: ['fail', 'question', 'fail', 'question'], 'gate:test': [{ red: 'x' }] };
  const whole = worldOf(one, acts, { gates, baseline: 'off' });
  await whole.runThrough(-1);
  for (let at = 1; at <= whole.calls; at++) {
    const world = worldOf(one, acts, { gates, baseline: 'off' });
    await world.runThrough(at);
    for (let nights = 0; nights < 3; nights++) await world.runThrough(-1);
    expect([at, agents(world)]).toEqual([at, agents(whole)]);
  }
  // Three attempts and three follow-ups at most.
  expect(agents(whole)).toBeLessThanOrEqual(6);
});

test('an agent that only asks questions: asked once for its signal, then it needs a person', async () => {
  const world = worldOf(one, { 1: ['question'] });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(3);
  expect(agents(world)).toBe(2);
});

test('a unit that needs the user is not asked again by starting the run again', async () => {
  const world = worldOf(one, { 1: ['halt'] });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(2);
  expect(agents(world)).toBe(1);
});

test('a deterministic failure (a missing toolchain) is not tried again without a change: two starts', async () => {
  const world = worldOf(one, { 1: ['fail'] }, {}, { tree: true });
  for (let nights = 0; nights < 20; nights++) expect((await world.runThrough(-1)).end.exit).toBe(3);
  expect(agents(world)).toBe(2);
});

test('a promise that never comes: bounded whatever the bounds on iterations say', async () => {
  const world = worldOf(
    one,
    { 1: ['question', 'fail', 'question', 'fail', 'question', 'fail', 'question'] },
    { maxIterations: 10_000 },
  );
  for (let nights = 0; nights < 20; nights++) await world.runThrough(-1);
  expect(agents(world)).toBeLessThanOrEqual(6);
});
