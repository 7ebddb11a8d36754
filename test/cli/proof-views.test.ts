// How gates and reviews show in every view, over whole runs in a virtual world.
import { describe, expect, test } from 'vitest';
import { furtherTurn, whenRead } from '../../src/cli/further-turn.ts';
import { receiptLines } from '../../src/cli/receipt-view.ts';
import { eventLines } from '../../src/cli/run-lines.ts';
import { statusLines, statusObject } from '../../src/cli/status-view.ts';
import { nextCommand, summaryLines } from '../../src/cli/summary.ts';
import { lastStartOf } from '../../src/cli/which-unit.ts';
import type { Closing } from '../../src/core/closing.ts';
import type { JournalEvent } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Unit } from '../../src/core/plan-types.ts';
import type { Policy } from '../../src/core/policy.ts';
import { emptyState, type State } from '../../src/core/state.ts';
import { given, planOf, unitOf } from '../core/given.ts';
import { type Act, type World, worldOf } from '../engine/world.ts';

const gate = (name: string): Gate => ({ name, command: `run ${name}`, timeoutMs: 60_000, from: 'user' });
const gated: Partial<Policy> = { gates: [gate('lint'), gate('test')], baseline: 'off' };
const red = (text: string): Act => ({ red: text });

const silent: Closing = {
  summary: null,
  achieved: [],
  evidence: [],
  remaining: [],
  changes: [],
  validation: null,
  needsFollowUp: false,
  recommendedAction: null,
  nextPrompt: null,
  followUp: [],
};

interface Seen {
  world: World;
  state: State;
  status: string[];
  summary: string[];
  told: string[];
}

const play = async (
  units: Unit[],
  acts: Record<string, Act[]>,
  policy: Partial<Policy>,
  options: { tree?: true } = {},
): Promise<Seen> => {
  const world = worldOf(planOf(...units), acts, policy, options);
  const { end, state } = await world.runThrough(-1);
  const summary = summaryLines({
    state,
    exit: end.exit,
    because: end.because,
    startedAtMs: state.run!.startedAtMs,
    endedAtMs: world.nowMs,
    changes: null,
    specWords: { look: '--spec s', run: '--spec s' },
    rehearsal: false,
    unread: 0,
  });
  return { world, state, status: statusOf(state), summary: summary.map(line => line.text), told: toldOf(world.events) };
};

const viewOf = (state: State) => ({
  state,
  specName: 'demo',
  runnerPid: null,
  nowMs: state.run!.startedAtMs + 60_000,
  lastOutputAtMs: null,
  version: '0.0.0',
  specWords: { look: '--spec s', run: '--spec s' },
});
const statusOf = (state: State): string[] => statusLines(viewOf(state));
const toldOf = (events: readonly JournalEvent[]): string[] => {
  const state = emptyState();
  return events.flatMap(event => eventLines(event, evolve(state, structuredClone(event))));
};
const at = (events: readonly JournalEvent[], isLast: (event: JournalEvent) => boolean): State => {
  const state = emptyState();
  for (const event of events) {
    evolve(state, structuredClone(event));
    if (isLast(event)) break;
  }
  return state;
};
const lastReceipt = (state: State): string[] =>
  receiptLines(state, state.starts.findLast(start => start.kind === 'agent')!);

test('a unit that a gate found fault with: why, what its gates gave, and what helps', async () => {
  const acts = { 'gate:test': ['a', 'b', 'c', 'd'].map(red) };
  const { state, status, summary, told } = await play([unitOf('1')], acts, gated);
  expect(summary).toContain('starts     4 (4 gate failed)');
  expect(summary).toContain('gates      8 (4 passed, 4 red)');
  expect(summary.at(-1)).toBe(
    'next: seqrun receipt 1 --spec s, then seqrun follow 1 "what to do" --spec s (or, instead of follow: retry 1 to begin anew, skip 1 to leave it out)',
  );
  expect(status[1]).toMatch(/✗ 1 Unit 1 — the gate test failed: exit code 1 \(run test\); 3 of 3 follow-ups used/);
  expect(statusObject(viewOf(state)).units[0]).toMatchObject({
    failed_by: 'verify_failed',
    gates: [
      { name: 'lint', result: 'passed' },
      { name: 'test', result: 'failed' },
    ],
  });
  expect(told).toContain('Gate test of unit 1: failed: exit code 1');
  expect(told.at(-1)).toMatch(/^Unit 1 failed: the gate test failed/);
  const receipt = lastReceipt(state);
  expect(receipt[1]).toBe('outcome: gate test failed: exit code 1');
  expect(receipt).toContainEqual(expect.stringMatching(/^gate lint: passed after .* \(run lint\)$/));
  expect(receipt).toContain('gate test: failed: exit code 1 (run test)');
  expect(receipt).toContainEqual(expect.stringMatching(/^ {2}gate test failed: what it printed is in .*\/view\.log$/));
});

test('no progress is said as the reason, with the same way out', async () => {
  const acts: Record<string, Act[]> = { 1: ['idle'], 'gate:test': [red('x'), red('x')] };
  const { status, summary } = await play([unitOf('1')], acts, gated, { tree: true });
  expect(status[1]).toContain('no progress');
  expect(summary.at(-1)).toContain('seqrun follow 1 "what to do"');
});

test('while its gates are run: which one, and how many have passed', async () => {
  const { world } = await play([unitOf('1')], {}, gated);
  const running = at(world.events, event => event.type === 'start.began' && event.n === 3);
  expect(statusOf(running)[1]).toBe('  ▶ 1 Unit 1 — 1 of 2 gates passed, test is running');
  expect(statusObject(viewOf(running)).current).toMatchObject({ kind: 'gate', gate: 'test' });
  const between = at(world.events, event => event.type === 'start.ended' && event.n === 1);
  expect(statusOf(between)[1]).toBe('  ▷ 1 Unit 1 — 0 of 2 gates passed, lint is next');
});

test('a red gate that was accepted is named wherever its unit is', async () => {
  const units = [unitOf('1', ['1'], { expects: 'red' }), unitOf('2', ['2'], { expects: 'green' })];
  const { state, status, summary } = await play(units, { 'gate:test': [red('x'), 'pass'] }, gated);
  expect(status[1]).toBe('  ✓ 1 Unit 1 — red, and accepted: test');
  expect(summary).toContain(
    'red        1: gate test: exit code 1; accepted: a test is to fail until the bug is mended',
  );
  expect(receiptLines(state, state.starts[0]!)).toContainEqual(
    expect.stringMatching(/^ {2}gate test is red, and was accepted/),
  );
});

describe('a gate that is red before the first unit', () => {
  const acts = { 'baseline:test': [red('x')] };
  test('is noted, and the run goes on', async () => {
    const { summary, told } = await play([unitOf('1')], acts, { ...gated, baseline: 'require' });
    expect(told).toContain('Gate test before the first unit: red: exit code 1');
    // It has turned green since.
    expect(summary).not.toContainEqual(expect.stringContaining('was red before the first unit'));
    const still = await play([unitOf('1')], { ...acts, 'gate:test': [red('x')] }, { ...gated, baseline: 'require' });
    expect(still.summary).toContainEqual(expect.stringContaining('gate test was red before the first unit'));
  });

  test('ends it where that was asked for, with both ways on', async () => {
    const { state, summary } = await play([unitOf('1')], acts, { ...gated, baseline: 'halt' });
    expect(summary.at(-1)).toBe(
      'next: seqrun logs baseline --spec s shows what gate test printed; mend it, then seqrun --spec s, or go on as it is: seqrun --spec s --baseline require',
    );
    const typed = nextCommand({
      state,
      exit: 2,
      specWords: { look: '--spec s', run: '--spec s --baseline halt --git off' },
    });
    expect(typed).toMatch(/or go on as it is: seqrun --spec s --git off --baseline require$/);
    expect(lastStartOf(state, 'baseline')).toMatchObject({ start: { kind: 'baseline', gate: { name: 'test' } } });
  });
});

describe('reviews', () => {
  test('the run stops for one: what to type; approved and rejected are told', async () => {
    const { state, status, summary, told, world } = await play([unitOf('1'), unitOf('2')], {}, { review: 'all' });
    expect(told.at(-1)).toBe('Unit 1: a person should look at it: every unit is reviewed (--review)');
    expect(summary).toContain('review     1 Unit 1: a person should look at it: every unit is reviewed (--review)');
    expect(summary.at(-1)).toBe(
      'next: seqrun receipt 1 --spec s, then seqrun approve 1 --spec s (or, instead of approve: reject 1 "what is wrong")',
    );
    expect(status[1]).toBe('  ✓ 1 Unit 1 — a person should look at it: every unit is reviewed (--review)');
    expect(lastReceipt(state)).toContain('  a person should look at it: every unit is reviewed (--review)');
    world.drop({ kind: 'approve', unit: '1', text: null });
    const next = await world.runThrough(-1);
    expect(statusOf(next.state)[1]).toBe('  ✓ 1 Unit 1 — approved by a person');
    world.drop({ kind: 'reject', unit: '2', text: 'no tests' });
    const events = world.events.length;
    await world.runThrough(-1);
    expect(toldOf(world.events)).toContain('Command: reject 2: no tests');
    expect(world.events.length).toBeGreaterThan(events);
  });

  test('one that nothing stops for is named all the same', async () => {
    const units = [unitOf('1', ['1'], { expects: 'red' })];
    const { summary } = await play(units, {}, gated);
    expect(summary[0]).toMatch(/^done/);
    expect(summary).toContainEqual(expect.stringMatching(/^review {5}1 Unit 1: .*does its test show the bug\?/));
  });
});

test('what the agent names as remaining is said once', () => {
  const closing = { ...silent, recommendedAction: 'in_review' as const, remaining: ['docs'] };
  const story = given(planOf(unitOf('1'))).start('1', { kind: 'completed', signal: 'TASK_DONE' }, { closing });
  const screen = () => receiptLines(story.state, story.state.starts[0]!).filter(line => line.includes('docs'));
  expect(screen()).toEqual(['  a person should look at it: the agent names what remains: docs']);
  story.and({ type: 'command', id: 'a', command: { kind: 'approve', unit: '1', text: null } });
  expect(screen()).toEqual(['  the agent names what remains: docs']);
});

describe('when the words of a person are read', () => {
  const reject = (unit: string) => ({ kind: 'reject' as const, unit, text: 'x' });

  test('an agent that has completed it goes on; what a person had accepted begins anew', async () => {
    const [one, two, three] = [
      unitOf('1'),
      unitOf('2'),
      unitOf('3', ['3'], { dependsOn: ['2'], dependsOnUnits: ['2'] }),
    ];
    const { state } = await play([one, two, three], {}, { review: 'all' });
    expect(furtherTurn(state, one, reject('1'))).toEqual([reject('1')]);
    expect(whenRead(state, one)).toBe('it is not done any more, and goes on with that');
    expect(whenRead(state, two)).toBe('its agent is told with its first start');
    expect(whenRead(state, three)).toBe('it is told when its turn comes: it waits for 2');
    evolve(state, {
      seq: state.seq + 1,
      atMs: 0,
      type: 'command',
      id: 'a',
      command: { kind: 'accept', unit: '2' },
    });
    const commands = furtherTurn(state, two, reject('2'));
    expect(commands).toEqual([{ kind: 'reset', unit: '2' }, reject('2')]);
    expect(whenRead(state, two)).toContain('begins with that');
    for (const [k, command] of commands.entries()) {
      evolve(state, { seq: state.seq + 1, atMs: 0, type: 'command', id: `b${k}`, command });
    }
    expect(state.done.has('2')).toBe(false);
    expect(state.units.get('2')?.asked).toEqual([expect.stringContaining('x')]);
  });

  test('while something of it runs: when that has ended', async () => {
    const { world } = await play([unitOf('1')], {}, gated);
    const running = at(world.events, event => event.type === 'start.began');
    expect(whenRead(running, unitOf('1'))).toBe('it goes on with that when what runs now has ended');
  });
});

test('the receipt shows, once, what an earlier turn named as remaining, and what the last start changed of the unit', () => {
  const tree = (hash: string) => ({ hash, repos: [] });
  const story = given(planOf(unitOf('1')));
  const closing = { ...silent, remaining: ['the docs'], needsFollowUp: true };
  const rest = { kind: 'unconfirmed', missing: 'rest' } as const;
  story.start('1', rest, { closing, tree: tree('b') });
  story.state.units.get('1')!.treeBefore = 'a';
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' }, { tree: tree('b') });
  const start = story.state.starts[1]!;
  start.tree.before = tree('b');
  const lines = receiptLines(story.state, start);
  const named = 'an earlier turn named what remains: the docs';
  expect(lines.filter(line => line.includes(named))).toEqual([`  a person should look at it: ${named}`]);
  expect(lines).toContain('  this start changed nothing; the unit has changed the tree since it began');
  story.state.units.get('1')!.review = null;
  expect(receiptLines(story.state, start)).toContain(`  ${named}`);
  story.state.units.get('1')!.treeBefore = 'b';
  expect(receiptLines(story.state, start)).toContain('  nothing in the working tree changed');
});
