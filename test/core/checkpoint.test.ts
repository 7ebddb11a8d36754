// What a checkpoint says of a state, which ones stay, and which kept trees nothing needs any more.
import { describe, expect, it } from 'vitest';
import {
  type AutomaticFacts,
  automaticCheckpoint,
  checkpointId,
  checkpointOf,
  checkpointOrder,
  refsByNeed,
  surplus,
} from '../../src/core/checkpoint.ts';
import type { GateResult } from '../../src/core/gate.ts';
import type { TreeNote } from '../../src/core/tree.ts';
import { given, intendedOf, planOf, type Story, t0, unitOf } from './given.ts';

const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
const head = 'a'.repeat(40);
const note = (over: Partial<TreeNote['repos'][number]> = {}): TreeNote => ({
  hash: 'h',
  repos: [{ path: '.', branch: 'main', head, dirty: 2, ...over }],
});

const auto = (story: Story, over: Partial<AutomaticFacts> = {}) =>
  automaticCheckpoint(story.state, {
    project: 'shop',
    spec: 'specs/cart',
    start: 1,
    commitsOf: () => [],
    refOf: (repo, start) => `refs/seqrun/cart/${start}/after of ${repo}`,
    ...over,
  });

const saved = (story: Story) =>
  checkpointOf(story.state, {
    id: checkpointId(t0),
    kind: 'saved',
    atMs: t0,
    project: 'shop',
    spec: 'specs/cart',
    description: 'so far',
    note: 'mine',
    git: null,
    trees: null,
    start: null,
    seq: story.state.seq,
  });

const three = () =>
  planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3', ['3'], { dependsOn: ['2.1'], dependsOnUnits: ['2'] }));

describe('a checkpoint', () => {
  it('has the fields that were promised', () => {
    const story = given(three()).start('1', done).start('2', { kind: 'halted', reason: 'which?' });
    expect(saved(story)).toMatchObject({
      id: 'chk-20260101-000000',
      timestamp: '2026-01-01T00:00:00.000Z',
      project: 'shop',
      phase: '1/3',
      description: 'so far',
      git: null,
      todos: { completed: ['1'], remaining: ['2', '3'], blocked: ['2', '3'], inProgress: null },
      verification: {},
      notes: 'mine',
      spec: 'specs/cart',
      run_id: 'run-1',
      journal: 'j1',
      seq: story.state.seq,
      state: { completed: ['1'], seq: story.state.seq },
    });
    expect(saved(story)).not.toHaveProperty('trees');
  });

  it('names the unit that is at work', () => {
    const story = given(three());
    story.and(intendedOf(1, '1'));
    expect(saved(story).todos).toEqual({ completed: [], remaining: ['1', '2', '3'], blocked: [], inProgress: '1' });
  });

  it('tells what the last gates gave', () => {
    const story = given(three()).start('1', done);
    const gate = (name: string, result: GateResult['result']) => ({ name, result }) as GateResult;
    story.state.starts[0]!.gates = [gate('compile', 'passed'), gate('lint', 'accepted'), gate('test', 'failed')];
    story.start('2', { kind: 'stalled' });
    expect(saved(story).verification).toEqual({ compile: 'pass', lint: 'accepted', test: 'fail' });
  });
});

describe('the automatic one', () => {
  it('says what the journal says of git, and holds no copy of the state', () => {
    const story = given(three(), { git: 'check' }).start('1', done, { tree: note() });
    const made = auto(story);
    expect(made).toMatchObject({
      kind: 'automatic',
      description: 'unit 1 done: Unit 1',
      phase: '1/3',
      start: 1,
      git: { branch: 'main', sha: head, dirty: true },
      trees: [{ repo: '.', ref: 'refs/seqrun/cart/1/after of .', commit: null }],
    });
    expect(made).not.toHaveProperty('state');
    expect(made!.git).not.toHaveProperty('modifiedFiles');
  });

  it.each([
    ['nothing is completed', given(three()), {}],
    ['that start completed nothing', given(three()).start('1', { kind: 'stalled' }), {}],
    [
      'only a person says so',
      given(three()).and({ type: 'command', id: 'c', command: { kind: 'accept', unit: '1' } }),
      {},
    ],
    ['its commit is not made yet', given(three(), { git: 'commit' }).start('1', done), {}],
  ])('is none when %s', (_, story, over) => {
    expect(auto(story, over)).toBeNull();
  });

  it('has no trees where none are kept, and no git where it was left alone', () => {
    expect(auto(given(three(), { git: 'note' }).start('1', done, { tree: note() }))).not.toHaveProperty('trees');
    expect(auto(given(three(), { git: 'off' }).start('1', done))!.git).toBeNull();
  });

  it('is where HEAD is after the commit of its unit', () => {
    const story = given(three(), { git: 'commit' }).start('1', done, { tree: note() });
    const sha = 'b'.repeat(40);
    story.and({ type: 'unit.committed', unit: '1', start: 1, commits: [sha], problem: null });
    expect(auto(story, { commitsOf: () => [sha] })!.git).toMatchObject({ sha, dirty: false });
    // Whose is whose, nobody has written down.
    expect(auto(story, { commitsOf: () => [sha, sha] })!.git).toMatchObject({ sha: head, dirty: true });
  });

  it('stays small: a few KB for 500 units', () => {
    const units = Array.from({ length: 500 }, (_, k) => unitOf(String(k + 1)));
    const story = given(planOf(...units)).start('1', done);
    expect(JSON.stringify(auto(story)).length).toBeLessThan(6000);
  });
});

it('orders ids by time, then by number', () => {
  const ids = ['chk-20260101-000000-10', 'chk-20260101-000000-2', 'chk-20251231-235959', 'chk-20260101-000000'];
  const sorted = ids.sort((one, other) => (checkpointOrder(one)! < checkpointOrder(other)! ? -1 : 1));
  expect(sorted).toEqual([
    'chk-20251231-235959',
    'chk-20260101-000000',
    'chk-20260101-000000-2',
    'chk-20260101-000000-10',
  ]);
  for (const bad of ['latest', 'chk-2026', 'chk-20260101-000000-0', 'chk-20260101-000000.json'])
    expect(checkpointOrder(bad)).toBeNull();
  expect(checkpointId(t0, 2)).toBe('chk-20260101-000000-2');
});

it('keeps so many of each kind: automatic ones push out no others', () => {
  const known = [
    ...['a9', 'a8', 'a7'].map(id => ({ id, kind: 'automatic' as const })),
    { id: 's1', kind: 'saved' as const },
    { id: 'x1', kind: 'safety' as const },
    { id: 's0', kind: 'saved' as const },
  ];
  expect(surplus(known, 2)).toEqual(['a7']);
  expect(surplus(known, 1)).toEqual(['a8', 'a7', 's0']);
  expect(surplus(known, 10)).toEqual([]);
});

it('needs the trees that checkpoints name, and those of the last ten units', () => {
  const units = Array.from({ length: 12 }, (_, k) => unitOf(String(k + 1)));
  const story = given(planOf(...units));
  for (const unit of units) story.start(unit.id, done);
  const refs = units.map((_, k) => ({ ref: `r${k + 1}`, start: k + 1, moment: 'after' as const }));
  const names = (list: { ref: string }[]) => list.map(({ ref }) => ref);
  const all = refsByNeed(refs, [], story.state);
  expect([names(all.unneeded), names(all.recent).length]).toEqual([['r1', 'r2'], 10]);
  const named = [{ trees: [{ repo: '.', ref: 'r1', commit: null }] }, {}];
  expect(names(refsByNeed(refs, named, story.state).unneeded)).toEqual(['r2']);
  expect(refsByNeed(refs, [], { starts: [], open: null }).unneeded).toEqual(refs);
  // Kept for a checkpoint, and that is gone: no start needs it.
  const saved = { ref: 's12', start: 12, moment: 'saved' as const };
  expect(names(refsByNeed([saved], [], story.state).unneeded)).toEqual(['s12']);
  expect(refsByNeed([saved], [{ trees: [{ repo: '.', ref: 's12', commit: null }] }], story.state).unneeded).toEqual([]);
});
