// Going back to a checkpoint: what of it still holds, and that nothing is done afterwards that was not proven then.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, checkpointId, checkpointOf } from '../../src/core/checkpoint.ts';
import { gitDifferences, ownCommits, recheck, restoredEvent } from '../../src/core/checkpoint-recheck.ts';
import type { EventBody, JournalEvent } from '../../src/core/events.ts';
import { evolve, fold } from '../../src/core/evolve.ts';
import { progressEntries } from '../../src/core/project-progress.ts';
import type { RepoState } from '../../src/core/tree.ts';
import { isDone } from '../../src/core/units.ts';
import { given, planOf, runStarted, type Story, unitOf } from './given.ts';

const completed = { kind: 'completed', signal: 'TASK_DONE' } as const;
const failed = { kind: 'failed', class: 'agent', message: 'no' } as const;
const command = (id: string, body: Extract<EventBody, { type: 'command' }>['command']): EventBody => ({
  type: 'command',
  id,
  command: body,
});

const save = ({ state, nowMs }: Story, over: Partial<Checkpoint> = {}): Checkpoint => ({
  ...checkpointOf(state, {
    id: checkpointId(nowMs),
    kind: 'saved',
    atMs: nowMs,
    project: 'p',
    spec: 's',
    description: '',
    note: null,
    git: null,
    trees: null,
    start: null,
    seq: state.seq,
  }),
  ...over,
});

const leavesOf = (story: Story): Map<string, string> =>
  new Map(story.state.plan!.units.flatMap(unit => unit.leaves.map(leaf => [leaf.id, leaf.titleHash])));

const look = (story: Story, checkpoint: Checkpoint, files: boolean, leaves = leavesOf(story)) =>
  recheck(checkpoint, { state: story.state, events: story.events, leaves, files });

/** Goes back as the command does. */
const restore = (story: Story, checkpoint: Checkpoint, files: boolean) => {
  const found = look(story, checkpoint, files);
  const event = restoredEvent(story.state, {
    id: checkpoint.id,
    was: found.was,
    holds: found.holds,
    files: files ? 'back' : null,
  });
  story.and(event);
  return { found, event };
};

const doneOf = ({ state }: Story): string[] => [...state.done.keys()].sort();
const three = () => planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3'));

describe('going back', () => {
  it('undoes what came after, and owes open boxes', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.start('2', completed).start('3', failed);
    story.and({ type: 'boxes.changed', ticked: ['1', '2.1', '2.2'], opened: [] });
    const { event } = restore(story, point, true);
    expect(doneOf(story)).toEqual(['1']);
    expect(event.again).toEqual(['2', '3']);
    expect([...story.state.reopened]).toEqual(['2.1', '2.2']);
    expect(story.state.units.get('3')).toMatchObject({ attempts: 0, standing: { kind: 'fresh' } });
    expect(story.state.starts).toHaveLength(3);
    expect(story.state.done.get('1')).toMatchObject({ by: 'agent', start: 1 });
  });

  it('brings back what was done then, with what it rested on', () => {
    const story = given(three())
      .start('1', completed)
      .and(command('a', { kind: 'accept', unit: '2' }));
    const point = save(story);
    story.and({ type: 'boxes.changed', ticked: ['1'], opened: [] }, command('r', { kind: 'reset', unit: null }));
    expect(doneOf(story)).toEqual([]);
    const { event } = restore(story, point, true);
    expect(event.back).toEqual(['1', '2']);
    expect(story.state.done.get('1')).toMatchObject({ by: 'agent', start: 1, titleHash: 'h1' });
    expect(story.state.done.get('2.2')).toMatchObject({ by: 'accept', start: null });
    expect([...story.state.reopened]).toEqual([]);
  });

  it('takes no word of proof from the task file that a job has written there', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.start('2', completed);
    story.state.units.get('2')!.heldProof = { verify: ['npm test'] };
    const event = restoredEvent(story.state, {
      id: point.id,
      was: null,
      holds: look(story, point, true).holds,
      files: 'back',
    });
    evolve(story.state, { ...event, seq: story.state.seq + 1, atMs: 1 } as JournalEvent);
    expect(story.state.units.get('2')).toMatchObject({ attempts: 0, heldProof: { verify: ['npm test'] } });
  });

  it('leaves out what a person has left out', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.and(command('s', { kind: 'skip', unit: '2' })).start('3', failed);
    restore(story, point, true);
    expect(story.state.units.get('2')!.standing.kind).toBe('skipped');
    expect(story.state.units.get('3')!.standing.kind).toBe('fresh');
  });

  it('takes nothing for proven that was worked on since while the files stay', () => {
    const story = given(three()).start('1', completed).start('2', completed);
    const point = save(story);
    story.and(command('r', { kind: 'reset', unit: '1' })).start('1', failed);
    const found = look(story, point, false);
    expect(found.holds.map(({ id }) => id)).toEqual(['2.1', '2.2']);
    expect(found.fails).toEqual([
      { id: '1', because: 'start 3 has worked on it since, and the files stay as they are' },
    ]);
    expect(look(story, point, true).fails).toEqual([]);
  });

  it('keeps the later proof while the files stay, and the earlier one when they go back', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.and(command('r', { kind: 'reset', unit: '1' })).start('1', completed);
    expect(look(story, point, false).holds).toMatchObject([{ id: '1', start: 2 }]);
    expect(look(story, point, true).holds).toMatchObject([{ id: '1', start: 1 }]);
  });

  it.each([
    ['another title', new Map([['1', 'new']]), [], 'the task file has another title there now'],
    ['no such task', new Map([['9', 'h9']]), [], 'the task file does not have it any more'],
    [
      'another number',
      new Map([
        ['1', 'new'],
        ['4', 'h1'],
      ]),
      ['4'],
      null,
    ],
    [
      'two with that title',
      new Map([
        ['4', 'h1'],
        ['5', 'h1'],
      ]),
      [],
      'the task file does not have it any more',
    ],
  ])('looks at the titles of the task file: %s', (_, leaves, holds, because) => {
    const story = given(three()).start('1', completed);
    const found = look(story, save(story), true, leaves);
    expect(found.holds.map(({ id }) => id)).toEqual(holds);
    expect(found.fails).toEqual(because === null ? [] : [{ id: '1', because }]);
  });

  it('believes no list, only the journal', () => {
    const story = given(three()).start('1', completed);
    const lying = save(story);
    lying.todos.completed = ['1', '2', '3'];
    lying.state!.title_hashes = { '1': 'h1', '2.1': 'h2.1', '3': 'h3' };
    expect(look(story, lying, true).holds.map(({ id }) => id)).toEqual(['1']);
    // Done later, by an agent: not then.
    story.start('3', completed);
    expect(look(story, lying, true).holds.map(({ id }) => id)).toEqual(['1']);
  });

  it('takes a tick that was not in the journal yet when it was saved', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    point.state!.title_hashes = { '1': 'h1', '3': 'h3' };
    story.and({ type: 'boxes.changed', ticked: ['3'], opened: [] });
    restore(story, point, true);
    expect(doneOf(story)).toEqual(['1', '3']);
  });

  it('keeps what the present journal proves when that of then is gone', () => {
    const story = given(three()).start('1', completed).start('2', completed);
    const foreign = save(story, { journal: 'another', timestamp: new Date(0).toISOString() });
    foreign.todos.completed = ['1', '3'];
    delete foreign.state;
    const stays = look(story, foreign, false);
    expect(stays.holds.map(({ id }) => id)).toEqual(['1']);
    expect(stays.fails).toEqual([{ id: '3', because: 'the journal that knew it as done is another one' }]);
    expect(look(story, foreign, true).fails[0]).toEqual({
      id: '1',
      because: 'start 1, which completed it, came after the checkpoint',
    });
  });

  it('says what of gates was known then only when the files go back', () => {
    const story = given(three()).start('1', completed);
    story.state.redGates.set('npm test', { known: 'before', unit: null });
    const point = save(story);
    const was = fold(structuredClone(story.events));
    was.redGates.set('npm test', { known: 'before', unit: null });
    const parts = { id: point.id, was, holds: [] };
    story.state.redGates.clear();
    story.state.redGates.set('x', { known: 'expected', unit: '1' });
    const state = fold(structuredClone(story.events));
    state.redGates.set('x', { known: 'expected', unit: '1' });
    evolve(state, {
      ...restoredEvent(story.state, { ...parts, files: null }),
      seq: state.seq + 1,
      atMs: 1,
    } as JournalEvent);
    expect([...state.redGates]).toEqual([]);
    evolve(state, {
      ...restoredEvent(story.state, { ...parts, files: 'back' }),
      seq: state.seq + 1,
      atMs: 1,
    } as JournalEvent);
    expect([...state.redGates.keys()]).toEqual(['npm test']);
  });

  it('commits nothing of a unit that is not done any more', () => {
    const story = given(three(), { git: 'commit' });
    const point = save(story);
    story.start('1', completed);
    expect(story.state.toCommit).toHaveLength(1);
    restore(story, point, true);
    expect(story.state.toCommit).toEqual([]);
  });

  it('is told in the progress file, and attempts count anew from there', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.start('2', failed);
    restore(story, point, true);
    story.start('2', completed);
    const text = progressEntries(story.events, 'cart').map(one => one.text);
    expect(text.find(one => one.includes('restored checkpoint'))).toContain(
      `> restored checkpoint ${point.id}: 1 of 3 units done; 2 begins again\n`,
    );
    expect(text.at(-1)).toContain('- **Attempt:** 1\n');
  });
});

describe('told in the progress file', () => {
  const parts = (story: Story, point: Checkpoint, done: string[]) => {
    const { was, holds } = look(story, point, true);
    return { id: point.id, was, holds: holds.filter(({ id }) => done.includes(id)) };
  };
  const told = ({ events }: Story) =>
    progressEntries(events, 'cart').flatMap(({ text }) => [...text.matchAll(/^> (.*)$/gm)].map(([, line]) => line));

  it('is one line, in units, though it takes two events', () => {
    const story = given(three()).start('1', completed).start('2', completed);
    const forward = save(story);
    story.and(command('r', { kind: 'reset', unit: null })).start('3', completed);
    story.and(restoredEvent(story.state, { ...parts(story, forward, []), files: 'due' }));
    expect(doneOf(story)).toEqual([]);
    story.and(restoredEvent(story.state, { ...parts(story, forward, ['1', '2.1', '2.2']), files: 'back' }));
    expect(told(story).slice(1)).toEqual([
      `restored checkpoint ${forward.id}: 2 of 3 units done; 3 is open again; 1 and 2 are done again`,
    ]);
  });

  it('is told with what comes next when seqrun was cut off before the files', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.start('2', completed).start('3', completed);
    story.and(restoredEvent(story.state, { ...parts(story, point, ['1']), files: 'due' }));
    expect(told(story)).toEqual([]);
    story.and(runStarted());
    expect(told(story)).toEqual([
      `going back to checkpoint ${point.id} was cut off, its files may not be back: 1 of 3 units done; 2 and 3 are open again`,
    ]);
  });

  it('says when not all files are back', () => {
    const story = given(three()).start('1', completed);
    const point = save(story);
    story.and(restoredEvent(story.state, { ...parts(story, point, ['1']), files: 'due' }));
    story.and(restoredEvent(story.state, { ...parts(story, point, ['1']), files: 'partly' }));
    expect(told(story)).toEqual([`restored checkpoint ${point.id}, not all of its files: 1 of 3 units done`]);
  });
});

it('tells what of git is not as it was', () => {
  const was = {
    branch: 'main',
    sha: 'a',
    dirty: false,
    repos: [{ path: '.', branch: 'main', head: 'a'.repeat(40), dirty: 0 }],
  };
  const repo = (over: Partial<RepoState> = {}): RepoState => ({
    path: '.',
    branch: 'main',
    head: 'a'.repeat(40),
    dirty: 3,
    files: [],
    busy: null,
    ...over,
  });
  expect(gitDifferences(was, [repo()])).toEqual([]);
  expect(gitDifferences(null, [repo()])).toEqual([]);
  expect(
    gitDifferences(was, [repo({ branch: null, head: 'b'.repeat(40), busy: 'rebase' }), repo({ path: 'lib' })]),
  ).toEqual([
    'git is in the middle of a rebase',
    'on no branch, it was on branch main',
    'HEAD is bbbbbbbbbbbb, it was aaaaaaaaaaaa',
    'lib: there was no repository',
  ]);
  expect(gitDifferences(was, [])).toEqual(['there is no repository any more']);
});

it('tells commits of units from those of anybody else', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(letter => letter.repeat(40)) as [string, string, string];
  const story = given(three(), { git: 'commit' }).start('1', completed);
  story.and({ type: 'unit.committed', unit: '1', start: 1, commits: [a], problem: null }).start('2', completed);
  story.and({ type: 'unit.committed', unit: '2', start: 2, commits: [b], problem: null });
  expect(ownCommits('.', [b, a], story.events)).toEqual({ repo: '.', count: 2, units: ['1', '2'] });
  expect(ownCommits('.', [b], story.events)).toEqual({ repo: '.', count: 1, units: ['2'] });
  // A person's among them, or one that a person has changed since: it has another id.
  for (const since of [[c], [c, b], [], null]) expect(ownCommits('.', since, story.events)).toBeNull();
  const was = { branch: 'main', sha: a, dirty: false, repos: [{ path: '.', branch: 'main', head: a, dirty: 0 }] };
  const now = (branch: string): RepoState[] => [{ path: '.', branch, head: b, dirty: 0, files: [], busy: null }];
  const own = [{ repo: '.', count: 1, units: ['2'] }];
  expect(gitDifferences(was, now('main'), own)).toEqual([]);
  expect(gitDifferences(was, now('other'), own)).toEqual(['on branch other, it was on branch main']);
});

const ids = ['1', '2', '3', '4'];
type Step = {
  what: 'complete' | 'fail' | 'halt' | 'accept' | 'reset' | 'skip' | 'retry' | 'tick' | 'open' | 'reject';
  unit: string;
};

/** Does a step if the story allows it. */
const step = (story: Story, { what, unit }: Step, k: number): void => {
  const { state } = story;
  const done = isDone(state, state.plan!.units.find(one => one.id === unit)!);
  switch (what) {
    case 'complete':
    case 'fail':
    case 'halt':
      if (done) return;
      story.start(unit, what === 'complete' ? completed : what === 'fail' ? failed : { kind: 'halted', reason: null });
      return;
    case 'tick':
      if (!state.ticked.has(unit)) story.and({ type: 'boxes.changed', ticked: [unit], opened: [] });
      return;
    case 'open':
      if (state.ticked.has(unit)) story.and({ type: 'boxes.changed', ticked: [], opened: [unit] });
      return;
    case 'reject':
      if (done) story.and(command(`c${k}`, { kind: 'reject', unit, text: 'no' }));
      return;
    default:
      story.and(command(`c${k}`, { kind: what, unit }));
  }
};

it('makes done what was proven then and still holds, whatever came after', () => {
  const whats = [
    'complete',
    'complete',
    'complete',
    'fail',
    'halt',
    'accept',
    'reset',
    'skip',
    'retry',
    'tick',
    'open',
    'reject',
  ] as const;
  const steps = fc.array(fc.record({ what: fc.constantFrom(...whats), unit: fc.constantFrom(...ids) }), {
    maxLength: 14,
  });
  fc.assert(
    fc.property(steps, steps, fc.boolean(), (before, after, files) => {
      const story = given(planOf(...ids.map(id => unitOf(id))));
      for (const [k, one] of before.entries()) step(story, one, k);
      const point = save(story);
      const proven = new Map(structuredClone([...story.state.done]));
      const lastN = story.state.lastN;
      for (const [k, one] of after.entries()) step(story, one, 100 + k);
      const present = new Set(story.state.done.keys());
      const workedOn = new Set(story.state.starts.filter(({ n }) => n > lastN).map(({ unit }) => unit));
      restore(story, point, files);
      const expected = [...proven.keys()].filter(id => files || present.has(id) || !workedOn.has(id));
      expect(doneOf(story)).toEqual(expected.sort());
      const { state } = story;
      expect([...state.disputed]).toEqual([]);
      for (const unit of state.plan!.units) {
        const record = state.units.get(unit.id);
        if (!record || isDone(state, unit)) continue;
        if (record.standing.kind === 'skipped') continue;
        expect(record).toMatchObject({ standing: { kind: 'fresh' }, attempts: 0, followUps: 0 });
      }
      if (files) for (const [id, was] of proven) expect(state.done.get(id)).toEqual(was);
      // No tick of a task that is not done is taken for a person's.
      for (const id of state.ticked)
        if (!state.done.has(id)) expect(state.reopened.has(id) || state.claimed.has(id)).toBe(true);
      // What the journal holds folds to the same.
      expect(fold(structuredClone(story.events)).done).toEqual(state.done);
    }),
    { numRuns: 300 },
  );
});
