// The loop over a virtual world: whole runs, and every single point at which a runner can die.
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/core/policy.ts';
import { planOf, unitOf } from '../core/given.ts';
import { type Act, worldOf } from './world.ts';

const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));

describe('whole runs: exit, completed, starts', () => {
  const rows: [string, Record<string, Act[]>, Partial<Policy>, [number, number, number]][] = [
    ['all done', {}, {}, [0, 3, 3]],
    ['a question', { 1: ['question'] }, {}, [3, 0, 2]],
    ['a question, then done', { 1: ['question', 'done'] }, {}, [0, 3, 4]],
    ['HALT', { 1: ['halt'] }, {}, [2, 0, 1]],
    ['failing always', { 1: ['fail'] }, {}, [3, 0, 3]],
    ['failing twice', { 1: ['fail', 'fail', 'done'] }, {}, [0, 3, 5]],
    ['failing always, skipped', { 1: ['fail'] }, { onFail: 'skip' }, [3, 2, 5]],
    ['hanging', { 1: ['hang', 'done'] }, {}, [0, 3, 4]],
    ['a limit', { 2: [{ limitMs: 3_600_000 }, 'done'] }, {}, [0, 3, 4]],
    ['a silent wait', { 2: ['silent', 'silent', 'done'] }, {}, [0, 3, 5]],
    ['a silent wait that ends of itself', { 2: ['wakes'] }, {}, [0, 3, 3]],
    ['silent for ever', { 1: ['silent'] }, {}, [4, 0, 50]],
    ['dying without exit file', { 1: ['dies', 'done'] }, {}, [0, 3, 4]],
    ['a lost start', { 1: ['no_start', 'done'] }, {}, [0, 3, 3]],
    ['two iterations allowed', {}, { maxIterations: 2 }, [1, 2, 2]],
  ];
  test.each(rows)('%s', async (_name, acts, policy, expected) => {
    const world = worldOf(three, acts, policy);
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, state.done.size, world.started.length]).toEqual(expected);
  });
});

test('a limited start goes on in the same session after the reset, and no counter moves', async () => {
  const world = worldOf(planOf(unitOf('1')), { 1: [{ limitMs: 3_600_000 }, 'done'] });
  const { state } = await world.runThrough(-1);
  expect(world.started.map(one => one.session)).toEqual(['session-1', 'session-1']);
  expect(state.units.get('1')).toMatchObject({ attempts: 1, followUps: 0, interrupted: 0 });
  expect(state.iterations).toBe(1);
  expect(state.waits).toHaveLength(1);
});

test('a silent wait is ended and waited for: same session, no counter, and the journal says why', async () => {
  const world = worldOf(planOf(unitOf('1')), { 1: ['silent', 'done'] });
  const { state } = await world.runThrough(-1);
  expect(world.started.map(one => [one.session, one.killed])).toEqual([
    ['session-1', true],
    ['session-1', false],
  ]);
  expect(state.units.get('1')).toMatchObject({ attempts: 1, followUps: 0, interrupted: 0, lost: 0 });
  expect(state.iterations).toBe(1);
  expect(state.starts[0]?.evidence).toContain('silent wait: it waits; nothing came after that (429)');
  expect(state.waits).toEqual([{ because: 'codex is limited (it waited in silence, reset unknown)', ms: 300_000 }]);
  const told = world.events.filter(event => event.type === 'start.ending' || event.type === 'start.ended');
  expect(told).toMatchObject([
    { type: 'start.ending', because: 'silent_wait', by: 'seqrun', says: 'it waits' },
    { type: 'start.ended', outcome: { kind: 'limited', because: 'silent_wait', resetAtMs: null } },
    { type: 'start.ended', outcome: { kind: 'completed' } },
  ]);
});

test('an assignment that waits in silence is asked again', async () => {
  const world = worldOf(
    planOf(unitOf('1')),
    { assign: ['silent', 'fail'] },
    { assign: 'all', owners: { a: 'claude' } },
  );
  const { end, state } = await world.runThrough(-1);
  expect(end.exit).toBe(0);
  expect(state.starts.map(({ kind, outcome }) => [kind, outcome?.kind])).toEqual([
    ['assign', 'limited'],
    ['assign', 'unassigned'],
    ['agent', 'completed'],
  ]);
});

test('a stop ends the run after the unit with 2, and the next run goes on', async () => {
  const world = worldOf(three, {});
  world.nowMs += 10;
  const first = world.run();
  world.drop({ kind: 'stop', now: false, because: 'enough' });
  expect((await first).exit).toBe(2);
  const { end, state } = await world.runThrough(-1);
  expect([end.exit, state.done.size, world.started.length]).toEqual([0, 3, 3]);
});

describe('a runner that dies at any point pays for no unit twice', () => {
  const stories: [string, Record<string, Act[]>, number][] = [
    ['done', {}, 3],
    ['halt', { 2: ['halt'] }, 2],
    ['question', { 1: ['question', 'done'] }, 4],
    ['fail', { 1: ['fail', 'done'] }, 4],
    ['limit', { 1: [{ limitMs: 60_000 }, 'done'] }, 4],
    ['hang', { 1: ['hang', 'done'] }, 4],
    ['silent', { 1: ['silent', 'done'] }, 4],
    ['wakes', { 1: ['wakes'] }, 3],
    ['lost', { 1: ['no_start', 'done'] }, 3],
  ];
  test.each(stories)('%s: every crash point', async (_name, acts, starts) => {
    const base = worldOf(three, acts);
    const { end } = await base.runThrough(-1);
    expect(base.started.length).toBe(starts);
    for (let point = 1; point <= base.calls; point++) {
      const world = worldOf(three, acts);
      const crashed = await world.runThrough(point);
      expect([point, crashed.end.exit, world.started.length]).toEqual([point, end.exit, starts]);
      expect(new Set(world.started.map(one => one.ref.mark)).size).toBe(starts);
    }
    expect(base.calls).toBeGreaterThan(20);
  });
});

test('an agent of another run in the workspace: no agent is started beside it', async () => {
  let looks = 0;
  const strangers = () => (++looks === 2 ? 'somebody works here' : null);
  const world = worldOf(three, {}, {}, { strangers });
  expect(await world.run()).toEqual({ end: 'lock_lost', exit: 75, because: 'somebody works here' });
  expect(world.events.at(-1)).toMatchObject({ type: 'run.ended', exit: 75, because: 'somebody works here' });
  expect([world.started.map(({ ref }) => ref.unit), looks]).toEqual([['1'], 2]);
});
