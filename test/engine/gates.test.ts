// Gates in whole runs over a virtual world: what is started, what stops it, and every point at which a runner can die in between.
import { describe, expect, test } from 'vitest';
import { fold } from '../../src/core/evolve.ts';
import type { Gate } from '../../src/core/gate.ts';
import { handoffOf } from '../../src/core/handoff.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { State } from '../../src/core/state.ts';
import { planOf, unitOf } from '../core/given.ts';
import { type Act, worldOf } from './world.ts';

const gate = (name: string, over: Partial<Gate> = {}): Gate => ({
  name,
  command: `run ${name}`,
  timeoutMs: 60_000,
  from: 'user',
  ...over,
});
const two = planOf(unitOf('1'), unitOf('2'));
const red = (text = 'boom'): Act => ({ red: text });
const gated: Partial<Policy> = { gates: [gate('test')], baseline: 'off' };

const startsOf = (world: ReturnType<typeof worldOf>) => world.started.map(one => one.ref.kind[0]).join('');

describe('whole runs with gates: exit, completed, starts in order (a agent, g gate, b baseline)', () => {
  const rows: [string, Record<string, Act[]>, Partial<Policy>, [number, number, string]][] = [
    ['it passes', {}, gated, [0, 2, 'agag']],
    ['two gates in order', {}, { ...gated, gates: [gate('lint'), gate('test')] }, [0, 2, 'aggagg']],
    ['red once', { 'gate:test': [red(), 'pass'] }, gated, [0, 2, 'agagag']],
    [
      'the first red one ends the round',
      { 'gate:lint': [red(), 'pass'] },
      { ...gated, gates: [gate('lint'), gate('test')] },
      [0, 2, 'agaggagg'],
    ],
    ['no signal: no gate is run for it', { 1: ['question', 'done'] }, gated, [0, 2, 'aagag']],
    ['HALT: no gate', { 1: ['halt'] }, gated, [2, 0, 'a']],
    ['failure: no gate', { 1: ['fail', 'done'] }, gated, [0, 2, 'aagag']],
    ['baseline', {}, { gates: [gate('test')] }, [0, 2, 'bagag']],
    ['red before, and mended', { 'baseline:test': [red()] }, { gates: [gate('test')] }, [0, 2, 'bagag']],
    ['red before, halt', { 'baseline:test': [red()] }, { gates: [gate('test')], baseline: 'halt' }, [2, 0, 'b']],
    [
      'red before, ignored',
      { 'baseline:test': [red()], 'gate:test': [red()] },
      { gates: [gate('test')], baseline: 'ignore' },
      [0, 2, 'bagag'],
    ],
    [
      'red before and after, required',
      { 'baseline:test': [red()], 'gate:test': [red()] },
      { gates: [gate('test')] },
      [3, 0, 'bagagagag'],
    ],
    [
      'red before, ignored until it was green once',
      { 'baseline:test': [red()], 'gate:test': ['pass', red('1'), 'pass'] },
      { gates: [gate('test')], baseline: 'ignore' },
      [0, 2, 'bagagag'],
    ],
    ['red for ever, in new ways', { 'gate:test': ['a', 'b', 'c', 'd', 'e', 'f'].map(red) }, gated, [3, 0, 'agagagag']],
    ['a gate that hangs', { 'gate:test': ['hang', 'pass'] }, gated, [0, 2, 'agagag']],
    ['a gate that is cut off is run again', { 'gate:test': ['dies', 'pass'] }, gated, [0, 2, 'aggag']],
    ['a gate that is always cut off', { 'gate:test': ['dies'] }, gated, [3, 0, 'aggggg']],
    ['a gate that never begins', { 'gate:test': ['no_start'] }, gated, [70, 0, 'a']],
    ['one iteration allowed: its gate is still run', {}, { ...gated, maxIterations: 1 }, [1, 1, 'ag']],
    ['only the gate is required', { 1: ['question'] }, { ...gated, require: ['verify'] }, [0, 2, 'agag']],
    ['a gate required of each unit, and none there', {}, { baseline: 'off', everyUnitGated: true }, [2, 0, '']],
    ['each unit reviewed', {}, { ...gated, review: 'all' }, [2, 1, 'ag']],
  ];
  test.each(rows)('%s', async (_name, acts, policy, expected) => {
    const world = worldOf(two, acts, policy);
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, state.done.size, startsOf(world)]).toEqual(expected);
  });
});

describe('a bugfix spec: the first unit leaves a failing test behind, the last one mends the code', () => {
  const bugfix = planOf(
    unitOf('1', ['1'], { expects: 'red' }),
    unitOf('2', ['2'], { mayStayRed: true }),
    unitOf('3', ['3'], { expects: 'green' }),
    unitOf('4'),
  );
  const rows: [string, Record<string, Act[]>, Partial<Policy>, [number, number, string]][] = [
    ['red until it is mended', { 'gate:test': [red(), red(), 'pass'] }, gated, [0, 4, 'agagagag']],
    [
      'still red when it is to pass',
      { 'gate:test': [red('a'), red('b'), red('c'), 'pass'] },
      gated,
      [0, 4, 'agagagagag'],
    ],
    [
      'red again after it was green',
      { 'gate:test': [red(), red(), 'pass', red(), 'pass'] },
      gated,
      [0, 4, 'agagagagag'],
    ],
    [
      'what does not compile is no failing test',
      { 'gate:compile': [red(), 'pass'] },
      { ...gated, gates: [gate('compile')] },
      [0, 4, 'agagagagag'],
    ],
  ];
  test.each(rows)('%s', async (_name, acts, policy, expected) => {
    const world = worldOf(bugfix, acts, policy);
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, state.done.size, startsOf(world)]).toEqual(expected);
  });

  test('a first unit after which everything passes is done, and a person should look at it', async () => {
    const { end, state } = await worldOf(bugfix, {}, gated).runThrough(-1);
    expect(end.exit).toBe(0);
    expect(state.units.get('1')?.review).toMatchObject({
      kind: 'open',
      because: expect.stringContaining('failing test'),
    });
    expect(state.units.get('2')?.review).toBeNull();
  });

  describe('a red that is not the one which the first unit left', () => {
    const play = async (...acts: Act[]) => {
      const world = worldOf(bugfix, { 'gate:test': acts }, gated);
      return { world, ...(await world.runThrough(-1)) };
    };
    const reviews = (state: State) =>
      [...state.units].flatMap(([id, { review }]) => (review ? [[id, review.because]] : []));

    test('is accepted with the same exit code, and somebody should look', async () => {
      const { end, state } = await play(red('1 failed: total'), red('2 failed: total, tax'), 'pass');
      expect([end.exit, state.done.size]).toEqual([0, 4]);
      expect(reviews(state)).toEqual([
        ['2', 'gate test is red in another way than after unit 1: does it still fail for the bug alone?'],
      ]);
    });
    test('other numbers and times are the same red', async () => {
      const { state } = await play(red('1 failed in 2.1 s'), red('1 failed in 12 ms'), 'pass');
      expect(reviews(state)).toEqual([]);
    });
    test('counts against the unit with another exit code: no test has failed there', async () => {
      const { world, state } = await play(red('1 failed'), { red: 'SyntaxError', code: 2 }, red('1 failed'), 'pass');
      expect(startsOf(world)).toBe('agagagagag');
      expect(state.starts.filter(one => one.kind === 'agent')[1]?.outcome).toEqual({
        kind: 'gate_failed',
        gate: 'test',
        because: 'exit code 2; expected to be red as after unit 1, with exit code 1',
      });
      expect(reviews(state)).toEqual([]);
    });
    test('is compared with what the last unit left that was to leave a failing test', async () => {
      const more = planOf(
        unitOf('1', ['1'], { expects: 'red' }),
        unitOf('2', ['2'], { expects: 'red' }),
        unitOf('3', ['3'], { mayStayRed: true }),
        unitOf('4'),
      );
      const world = worldOf(
        more,
        { 'gate:test': [red('a'), { red: 'a b', code: 3 }, { red: 'a b', code: 3 }, 'pass'] },
        gated,
      );
      const { end, state } = await world.runThrough(-1);
      expect([end.exit, state.done.size, startsOf(world), reviews(state)]).toEqual([0, 4, 'agagagag', []]);
    });
    test('is named where red gates are', async () => {
      const acts = { 'gate:test': [red('a'), red('b')] };
      const { state } = await worldOf(bugfix, acts, { ...gated, maxIterations: 2 }).runThrough(-1);
      const { red: known } = handoffOf(state, {
        specWords: { look: 's', run: 's' },
        nowMs: 0,
        alive: false,
        unitsMax: 9,
      });
      expect(known[0]?.words).toContain('red in another way after unit 2');
    });
    test('an old journal, which does not know how it was red, accepts any', async () => {
      const { world } = await play(red('a'), red('b'), 'pass');
      const old = world.events.map(event => structuredClone(event));
      for (const event of old) {
        if (event.type === 'start.ended' && event.gate) {
          delete event.gate.unlike;
          delete (event.gate as Partial<typeof event.gate>).signature;
        }
      }
      expect(reviews(fold(old))).toEqual([]);
    });
  });

  test('a unit that does more than write tests has to turn the gate green', async () => {
    const plan = planOf(unitOf('1', ['1'], { expects: 'red' }), unitOf('2'), unitOf('3'));
    const world = worldOf(plan, { 'gate:test': [red(), red('other'), 'pass'] }, gated);
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, startsOf(world)]).toEqual([0, 'agagagag']);
    expect(state.starts.filter(one => one.kind === 'agent')[1]?.outcome).toEqual({
      kind: 'gate_failed',
      gate: 'test',
      because: 'exit code 1; a test was to fail since unit 1, but has to pass after this unit',
    });
  });

  describe('where the gate was red before the first unit, the baseline alone decides', () => {
    const acts = { 'baseline:test': [red()], 'gate:test': [red()] };
    const play = async (baseline: Policy['baseline']) => {
      const { end, state } = await worldOf(bugfix, acts, { ...gated, baseline }).runThrough(-1);
      return [end.exit, state.done.size, state.starts.find(one => one.kind === 'agent')?.gates[0]] as const;
    };
    test('required: nobody can tell a new failing test from the old red', async () => {
      expect(await play('require')).toMatchObject([
        3,
        0,
        {
          result: 'failed',
          because: 'exit code 1; a new failing test cannot be told from the old red (--baseline ignore)',
        },
      ]);
    });
    test('ignored: it is the old red, after every unit', async () => {
      expect(await play('ignore')).toMatchObject([0, 4, { result: 'accepted', known: 'before' }]);
    });
  });

  test('the receipt says why a red gate was accepted', async () => {
    const { state } = await worldOf(bugfix, { 'gate:test': [red(), red(), 'pass'] }, gated).runThrough(-1);
    expect(state.starts[0]?.gates).toMatchObject([
      {
        result: 'accepted',
        known: 'expected',
        because: 'exit code 1; accepted: a test is to fail until the bug is mended',
      },
    ]);
  });
});

describe('a gate that cannot be run at all before the first unit', () => {
  const broken: Act = { red: 'sh: 1: vitset: not found', code: 127 };
  test.each(['require', 'ignore', 'halt'] as const)(
    'ends the run before the first start with --baseline %s',
    async baseline => {
      const world = worldOf(two, { 'baseline:test': [broken, broken, 'pass'] }, { gates: [gate('test')], baseline });
      const { end, state } = await world.runThrough(-1);
      expect([end.exit, startsOf(world)]).toEqual([2, 'b']);
      expect(end.because).toBe(
        'gate test cannot be run: exit code 127 (command not found): sh: 1: vitset: not found; mend it (run test), or --baseline off if a unit is to make it',
      );
      expect([...state.redGates.keys()]).toEqual([]);
      await world.runThrough(-1);
      expect([(await world.runThrough(-1)).end.exit, startsOf(world)]).toEqual([0, 'bbbagag']);
    },
  );

  test('without a baseline it is a red gate; one that turns into it later is not ignored', async () => {
    expect((await worldOf(two, { 'gate:test': [broken] }, gated).runThrough(-1)).end.exit).toBe(3);
    const acts = { 'baseline:test': [red()], 'gate:test': [broken] };
    const { end } = await worldOf(two, acts, { gates: [gate('test')], baseline: 'ignore' }).runThrough(-1);
    expect(end.exit).toBe(3);
  });
});

describe('with the working tree known, what leads nowhere ends early', () => {
  const rows: [string, Record<string, Act[]>, Partial<Policy>, [number, number, string]][] = [
    [
      'the same red twice without a change',
      { 1: ['done', 'idle'], 'gate:test': [red('3 of 9 failed in 1.5 s'), red('2 of 9 failed in 2 s')] },
      gated,
      [3, 0, 'agag'],
    ],
    ['the same red after changes goes on to the bound', { 'gate:test': [red('1 failed')] }, gated, [3, 0, 'agagagag']],
    [
      'new reds without a change: three starts',
      { 1: ['idle'], 'gate:test': ['a', 'b', 'c', 'd'].map(red) },
      gated,
      [3, 0, 'agagag'],
    ],
    ['the same failure twice without a change', { 1: ['fail'] }, {}, [3, 0, 'aa']],
    ['a change is required and there is none', { 1: ['idle'] }, { require: ['signal', 'change'] }, [3, 0, 'aa']],
    [
      'a change is required and made when asked for',
      { 1: ['idle', 'done'] },
      { require: ['signal', 'change'] },
      [0, 2, 'aaa'],
    ],
  ];
  test.each(rows)('%s', async (_name, acts, policy, expected) => {
    const world = worldOf(two, acts, policy, { tree: true });
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, state.done.size, startsOf(world)]).toEqual(expected);
  });
});

test.each([
  ['check', 'tree 1'],
  ['note', undefined],
] as const)('with --git %s the tree after a gate is %s', async (git, hash) => {
  const { state } = await worldOf(planOf(unitOf('1')), {}, { ...gated, git }, { tree: true }).runThrough(-1);
  expect(state.starts.find(one => one.kind === 'gate')?.tree.after?.hash).toBe(hash);
});

test('a failed gate is followed up in the same session with the end of its output', async () => {
  const world = worldOf(planOf(unitOf('1')), { 'gate:test': [red('expected 1, got 2'), 'pass'] }, gated);
  await world.runThrough(-1);
  const [, again] = world.events.flatMap(one => (one.type === 'start.intended' && one.kind === 'agent' ? [one] : []));
  expect(again).toMatchObject({
    mode: 'follow_up',
    session: 'session-1',
    reason: {
      kind: 'follow_up',
      from: 'gate',
      missing: 'the gate test failed: exit code 1 (run test)',
      output: 'expected 1, got 2',
    },
  });
});

test('the outcome of a start is known when its gates are: red means not completed, in the record, the journal and the count', async () => {
  const world = worldOf(planOf(unitOf('1')), { 'gate:test': [red(), 'pass'] }, gated);
  const { state } = await world.runThrough(-1);
  const agents = state.starts.filter(one => one.kind === 'agent');
  expect(agents.map(one => one.outcome)).toEqual([
    { kind: 'gate_failed', gate: 'test', because: 'exit code 1' },
    { kind: 'completed', signal: 'TASK_DONE' },
  ]);
  expect(agents.map(one => one.gates.map(({ result }) => result))).toEqual([['failed'], ['passed']]);
  expect(state.units.get('1')).toMatchObject({ attempts: 1, followUps: 1 });
  expect([...state.done.values()].map(({ start }) => start)).toEqual([agents[1]!.n]);
});

describe('a runner that dies at any point of a run with gates', () => {
  test('starts no agent twice, completes nothing before its gate, and ends the same', async () => {
    const acts: Record<string, Act[]> = { 'gate:test': [red(), 'pass'] };
    const policy = { gates: [gate('test')], git: 'commit' as const };
    const whole = worldOf(two, acts, policy);
    await whole.runThrough(-1);
    for (let at = 1; at <= whole.calls; at++) {
      const world = worldOf(two, acts, policy);
      const { end, state } = await world.runThrough(at);
      expect([at, end.exit, state.done.size]).toEqual([at, 0, 2]);
      expect([at, world.started.filter(one => one.ref.kind === 'agent').length]).toEqual([at, 3]);
      // A gate may be cut off with its runner: then it is run again.
      expect(world.started.filter(one => one.ref.kind === 'gate').length).toBeLessThanOrEqual(4);
      for (const [id, { start }] of state.done) {
        const proof = state.starts.find(one => one.n === start)!.gates;
        expect([at, id, proof.map(one => one.result)]).toEqual([at, id, ['passed']]);
      }
      expect(new Set(world.committed)).toEqual(new Set(['1', '2']));
    }
  });
});

describe('what a person wants of a unit', () => {
  test('before its first start: goes along with it', async () => {
    const world = worldOf(planOf(unitOf('1')), {}, { ...gated, maxFollowUps: 0 });
    world.drop({ kind: 'follow', unit: '1', text: 'also the docs' });
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, startsOf(world), state.units.get('1')?.followUps]).toEqual([0, 'ag', 0]);
  });

  test('rejected: not done any more, and asked again in its session with the words', async () => {
    const world = worldOf(planOf(unitOf('1')), {}, { ...gated, review: 'all' });
    const first = await world.runThrough(-1);
    expect([first.end.exit, first.end.because]).toEqual([2, expect.stringContaining('seqrun approve 1')]);
    world.drop({ kind: 'reject', unit: '1', text: 'no tests' });
    const second = await world.runThrough(-1);
    expect([second.end.exit, startsOf(world)]).toEqual([2, 'agag']);
    const again = world.events.findLast(one => one.type === 'start.intended' && one.kind === 'agent');
    expect(again).toMatchObject({
      session: 'session-1',
      reason: { from: 'person', missing: expect.stringContaining('no tests') },
    });
    world.drop({ kind: 'approve', unit: '1', text: null });
    const third = await world.runThrough(-1);
    expect([third.end.exit, third.state.units.get('1')?.review?.kind]).toEqual([0, 'approved']);
  });
});

describe('a person who stops the run', () => {
  const stopDuring = async (kind: string, now: boolean) => {
    const world = worldOf(two, { 'gate:test': ['hang', 'pass'] }, { ...gated, git: 'commit' as const });
    world.during(kind, () => world.drop({ kind: 'stop', now, because: 'a person' }));
    const { end, state } = await world.runThrough(-1);
    return { world, end, state };
  };

  test('after the current unit: its gates are still run and it is committed, nothing else is started', async () => {
    const world = worldOf(two, {}, { ...gated, git: 'commit' });
    world.during('agent', () => world.drop({ kind: 'stop', now: false, because: 'a person' }));
    const { end, state } = await world.runThrough(-1);
    expect([end.exit, [...state.done.keys()], startsOf(world), world.committed]).toEqual([2, ['1'], 'ag', ['1']]);
  });

  test('at once, while a gate runs: the gate is ended and run again by the next start, the agent is not', async () => {
    const { world, end, state } = await stopDuring('gate', true);
    expect([end.exit, state.done.size, startsOf(world)]).toEqual([2, 0, 'ag']);
    const next = await world.runThrough(-1);
    expect([next.end.exit, next.state.done.size, startsOf(world)]).toEqual([0, 2, 'aggag']);
  });
});

describe('an agent that ticks some of its subtasks and says that all is done', () => {
  const group = planOf(unitOf('1', ['1.1', '1.2', '1.3']));
  const run = async (ticks: string[][]) => {
    const world = worldOf(group, {}, {}, { ticks });
    const { end, state } = await world.runThrough(-1);
    return [end.exit, state.done.size, startsOf(world)];
  };
  test('is asked once about the others, and believed when it says so again', async () => {
    expect(await run([['1.1', '1.2']])).toEqual([0, 3, 'aa']);
    expect(await run([['1.1'], ['1.1', '1.2']])).toEqual([0, 3, 'aa']);
  });
  test('who ticks all, or none, is not asked', async () => {
    expect(await run([['1.1', '1.2', '1.3']])).toEqual([0, 3, 'a']);
    expect(await run([[]])).toEqual([0, 3, 'a']);
  });
  test('the words name what was left open', async () => {
    const world = worldOf(group, {}, {}, { ticks: [['1.1', '1.3']] });
    await world.runThrough(-1);
    const [, again] = world.events.flatMap(event => (event.type === 'start.intended' ? [event.reason] : []));
    expect(again).toMatchObject({
      kind: 'follow_up',
      from: 'boxes',
      missing: expect.stringContaining('left 1.2 open'),
    });
  });
});

describe('the config file, changed while something of the unit ran', () => {
  test.each(['agent', 'gate', 'baseline'])('during its %s: the next run asks', async kind => {
    let hash = 'none';
    const world = worldOf(planOf(unitOf('1')), {}, { gates: [gate('test')] }, { configHash: () => hash });
    world.during(kind, () => {
      hash = 'another';
    });
    const { state } = await world.runThrough(-1);
    expect(state.configChanged).toBe('another');
  });

  test('while a hook of its commit ran: the next run asks', async () => {
    let hash = 'none';
    const world = worldOf(planOf(unitOf('1')), {}, { git: 'commit' }, { configHash: () => hash });
    world.committing = () => {
      hash = 'another';
    };
    const { state } = await world.runThrough(-1);
    expect(state.configChanged).toBe('another');
  });
});
