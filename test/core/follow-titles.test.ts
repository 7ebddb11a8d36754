// The file is renumbered: what is done stays done, what was only ticked stays undone.
import { describe, expect, test } from 'vitest';
import { adoptedAtBegin, keptClaims } from '../../src/core/adopt.ts';
import { decide } from '../../src/core/decide.ts';
import type { AdoptedEntry, BoxChanges, EventBody, JournalEvent, Outcome } from '../../src/core/events.ts';
import { evolve, fold } from '../../src/core/evolve.ts';
import type { Plan, Unit } from '../../src/core/plan-types.ts';
import { given, planOf, runStarted, type Story, unitOf } from './given.ts';

const done: Outcome = { kind: 'completed', signal: 'TASK_DONE' };
const next = (story: Story) => decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });
/** Units of one leaf, numbered from 1; a title is its own hash. */
const titled = (...titles: string[]) =>
  planOf(
    ...titles.map((title, k): Unit => {
      const id = String(k + 1);
      return unitOf(id, [id], { title, leaves: [{ id, title, titleHash: title, optional: false }] });
    }),
  );
/** What the desk reads at the end of a job: `x B` is a ticked task; numbered from 1. */
const fileOf = (...tasks: string[]) => {
  const titles = tasks.map(task => task.replace(/^x /, ''));
  return {
    titles,
    leaves: titles.map((title, k): [string, string] => [String(k + 1), title]),
    ticked: tasks.flatMap((task, k) => (task.startsWith('x ') ? [String(k + 1)] : [])),
  };
};
const readAtEnd = (...tasks: string[]): { boxes: BoxChanges } => {
  const { leaves, ticked } = fileOf(...tasks);
  return { boxes: { ticked: [], opened: [], seen: { leaves, ticked } } };
};
const read = (...tasks: string[]): EventBody => {
  const { titles, leaves, ticked } = fileOf(...tasks);
  return { type: 'plan.made', plan: titled(...titles), ticked, leaves };
};
const doneIds = (story: Story) => [...story.state.done.keys()].sort();

test('by the agent, which puts a task before the others and ticks nothing: its own unit is not done twice', () => {
  const story = given(titled('A', 'B', 'C'), {}, ['1', '2']);
  story.start('3', done, { boxes: { ticked: ['3'], opened: ['1'] } });
  story.and({ type: 'plan.made', plan: titled('New', 'A', 'B', 'C'), ticked: ['2', '3'] });
  expect(doneIds(story)).toEqual(['2', '3', '4']);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
});

test('by the agent, which removes a finished task and ticks the one behind its own: that one is not done', () => {
  const story = given(titled('A', 'B', 'C'), {}, ['1']);
  story.start('2', done, { boxes: { ticked: ['2'], opened: [] } });
  story.and({ type: 'plan.made', plan: titled('B', 'C'), ticked: ['1', '2'] });
  expect(doneIds(story)).toEqual(['1']);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
});

test('by the agent, which removes a finished task and ticks its own, and fails: its own is not done', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B', 'C'), {}, ['1']);
  story.start('2', failed, { boxes: { ticked: [], opened: [] } }).after(3_600_000);
  story.and({ type: 'plan.made', plan: titled('B', 'C'), ticked: ['1'] });
  expect(doneIds(story)).toEqual([]);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1', title: 'B' } } });
});

test('by a person, who removes a finished task and ticks the one behind it: that one is done by hand', () => {
  const story = given(titled('A', 'B', 'C'), {}, ['1']);
  story.and({ type: 'plan.made', plan: titled('B', 'C'), ticked: ['1'] });
  expect(story.state.done.get('1')).toMatchObject({ by: 'hand', titleHash: 'B' });
});

test('by the agent and then by a person: what the agent ticked under its new number is no tick by hand', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B', 'C'), {}, ['1']);
  story.start('3', failed, { boxes: { ticked: ['2'], opened: [], titles: { '2': 'C' } } }).after(3_600_000);
  story.and({ type: 'plan.made', plan: titled('New', 'A', 'C'), ticked: ['2', '3'] });
  expect(doneIds(story)).toEqual(['2']);
});

test('by a person, after an agent put its claim in other words: it is no tick by hand', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B')).start('1', failed, { boxes: { ticked: ['1'], opened: [] } });
  story.start('1', failed, { boxes: { ticked: [], opened: [], titles: { '1': 'A, but better' } } });
  story.and({ type: 'plan.made', plan: titled('New', 'A, but better', 'B'), ticked: ['2'] });
  expect(doneIds(story)).toEqual([]);
});

test('two tasks change places: both completions go along', () => {
  const story = given(titled('A', 'B', 'C'), {}, ['1']).start('2', done);
  story.and({ type: 'boxes.changed', ticked: ['2'], opened: [] });
  story.and({ type: 'plan.made', plan: titled('B', 'A', 'C'), ticked: ['1', '2'] });
  expect(story.state.done.get('1')).toMatchObject({ by: 'agent', titleHash: 'B' });
  expect(story.state.done.get('2')).toMatchObject({ by: 'box', titleHash: 'A' });
});

test('a person moves a finished task and opens its box: it is to be done again', () => {
  const story = given(titled('A', 'B'), {}, ['1']);
  story.and({ type: 'plan.made', plan: titled('B', 'A'), ticked: [] });
  expect(doneIds(story)).toEqual([]);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
});

test('by the agent, which also brings an older file back, with its boxes open: what was done stays done', () => {
  const story = given(titled('A', 'B', 'C')).start('1', done);
  story.and({ type: 'boxes.changed', ticked: ['1'], opened: [] });
  story.start('2', { kind: 'failed', class: 'crashed', message: 'it broke' });
  story.and({ type: 'plan.made', plan: titled('New', 'A', 'B', 'C'), ticked: [] });
  expect(doneIds(story)).toEqual(['2']);
});

test('by a person, where seqrun ticks no boxes: an open one says nothing', () => {
  const story = given(titled('A', 'B', 'C'))
    .start('1', done)
    .start('2', done);
  story.and({ type: 'waited', because: 'delay between iterations', fromMs: 0 });
  story.and({ type: 'plan.made', plan: titled('New', 'A', 'B', 'C'), ticked: [] });
  expect(doneIds(story)).toEqual(['2', '3']);
});

describe('a completed task whose box a person has opened', () => {
  const parent = (title: string) => {
    const leaves = ['1.1', '1.2'].map(id => ({ id, title: id, titleHash: id, optional: false }));
    return unitOf('1', ['1.1', '1.2'], { title, leaves });
  };

  test('is a parent now: nothing is left to be accepted or reset, and its children are to be done', () => {
    const story = given(titled('A', 'B'), {}, ['1']).and({ type: 'boxes.changed', ticked: [], opened: ['1'] });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2 });
    story.and({ type: 'plan.made', plan: planOf(parent('A'), titled('A', 'B').units[1]!), ticked: [] });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
  });

  test('is known from the state file alone, and a parent in the file: nobody is asked about a box that is not there', () => {
    const counted = { assignments: {}, units: {}, halted: null, iterations: 1, lastStart: 1, startedAtMs: 0 };
    const adopted = { ...counted, completed: ['1'], titleHashes: { '1': 'A' }, claimed: [], ticked: ['1'] };
    const bodies: EventBody[] = [
      { type: 'journal.opened', version: 1, journal: 'j2', spec: '/s', claimed: [], adopted, first: false },
      runStarted(),
      { type: 'plan.made', plan: planOf(parent('New')), ticked: [] },
    ];
    const state = fold(bodies.map((body, k): JournalEvent => ({ ...body, seq: k + 1, atMs: 0 })));
    expect(decide(state, { nowMs: 0, readSeq: state.seq })).toMatchObject({
      kind: 'launch',
      job: { unit: { id: '1' } },
    });
  });
});

describe('only a state file tells of what is done', () => {
  const adopt = (over: Partial<AdoptedEntry>, plan: Plan, ticked: string[]) => {
    const counted = { assignments: {}, units: {}, halted: null, iterations: 1, lastStart: 1, startedAtMs: 0 };
    const adopted = { ...counted, completed: [], titleHashes: {}, claimed: [], ticked: [], ...over };
    const bodies: EventBody[] = [
      { type: 'journal.opened', version: 1, journal: 'j2', spec: '/s', claimed: [], adopted, first: false },
      runStarted(),
      { type: 'plan.made', plan, ticked },
    ];
    return fold(bodies.map((body, k): JournalEvent => ({ ...body, seq: k + 1, atMs: 0 })));
  };

  test('and the file was renumbered since: completions go with their titles', () => {
    const entry = { completed: ['1', '2'], titleHashes: { '1': 'A', '2': 'B' }, ticked: ['1', '2'] };
    const state = adopt(entry, titled('New', 'A', 'B', 'C'), ['2', '3']);
    expect([...state.done].map(([id, { titleHash, by }]) => [id, titleHash, by])).toEqual([
      ['2', 'A', 'agent'],
      ['3', 'B', 'agent'],
    ]);
  });

  test('and another task, whose box is ticked, has the number of a completion now: that one is not done', () => {
    const entry = { completed: ['1', '2'], titleHashes: { '1': 'A', '2': 'B' }, ticked: ['1', '2'] };
    expect([...adopt(entry, titled('A', 'Left for later'), ['1', '2']).done.keys()]).toEqual(['1']);
  });

  test('and its completions are not believed: ticks that stood there are no news under other numbers', () => {
    const entry = { completed: [], titleHashes: { '1': 'A', '2': 'B' }, ticked: ['1', '2'] };
    expect([...adopt(entry, titled('New', 'A', 'B', 'C'), ['2', '3']).done.keys()]).toEqual([]);
    // What is ticked since may be a start's doing that nobody knows of: a claim, unless there never was a start.
    expect([...adopt(entry, titled('New', 'A', 'B', 'C'), ['2', '3', '4']).claimed]).toEqual(['4']);
    const unstarted = { ...entry, lastStart: 0 };
    expect([...adopt(unstarted, titled('New', 'A', 'B', 'C'), ['2', '3', '4']).done.keys()]).toEqual(['4']);
  });

  test('and the file was renumbered since: a HALT is not answered by what is done under its number now', () => {
    const unit = { attempts: 1, followUps: 0, interrupted: 0, lost: 0, session: 's' };
    const entry = {
      completed: ['1'],
      titleHashes: { '1': 'A' },
      ticked: ['1'],
      units: { '2': { ...unit, status: 'halted' } },
      halted: { unit: '2', reason: 'which key?' },
    };
    const state = adopt(entry, titled('New', 'A', 'B'), ['2']);
    const first = () => decide(state, { nowMs: 0, readSeq: state.seq });
    expect([...state.done.keys()]).toEqual(['2']);
    expect(first()).toMatchObject({ kind: 'finish', exit: 2, because: expect.stringContaining('which key?') });
    const resumed = { type: 'command', id: 'c', command: { kind: 'resume', answer: null } } as const;
    evolve(state, { ...resumed, seq: state.seq + 1, atMs: 0 });
    expect(first()).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
    // A flat file says so for ever, also of what is done.
    const flat = adopt({ ...entry, units: {}, halted: { unit: '1', reason: null } }, titled('A', 'B'), ['1']);
    expect(decide(flat, { nowMs: 0, readSeq: flat.seq })).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
  });

  test('and a job was open when it was written: what is ticked since is a claim', () => {
    expect([...adopt({ open: true }, titled('A', 'B'), ['1']).done.keys()]).toEqual([]);
    expect([...adopt({ lastStart: 0 }, titled('A', 'B'), ['1']).done.keys()]).toEqual(['1']);
  });

  test('of another machine, where the tasks have other numbers: its completions and claims get ours', () => {
    const story = given(titled('New', 'A', 'B', 'C'));
    const entry = adoptedAtBegin(null, { unseen: true, fingerprint: null })!;
    const completed = { completed: ['1', '4', '9'], titleHashes: { '1': 'A', '4': 'D', '9': 'E' } };
    const claims = { claimed: ['2'], claimedTitles: { B: '2' } };
    story.and({ type: 'entry.merged', entry: { ...entry, ...completed, ...claims, open: false } });
    // Of D nobody knows, and 4 is another task here; E may come.
    expect(doneIds(story)).toEqual(['2', '9']);
    expect([...story.state.claimed]).toEqual(['3']);
  });

  test('and not even that is left, but a job was open: it is no first start, and what is ticked is a claim', () => {
    const known = { fingerprint: null };
    expect(adoptedAtBegin(null, { unseen: false, ...known })).toBeNull();
    const nothing = adoptedAtBegin(null, { unseen: true, ...known })!;
    expect([...adopt(nothing, titled('A', 'B'), ['1']).done.keys()]).toEqual([]);
    const entry = { ...nothing, completed: ['2'], titleHashes: { '2': 'B' }, open: false };
    expect(adoptedAtBegin(entry, { unseen: false, ...known })).toEqual(entry);
    expect(adoptedAtBegin(entry, { unseen: true, fingerprint: 'f' })).toEqual({
      ...entry,
      open: true,
      fingerprint: 'f',
    });
  });
});

test('one of two tasks of the same title is done, and removed or left out: the other one is not done', () => {
  const story = given(titled('Test', 'Test')).start('1', done);
  const [, second] = titled('Test', 'Test').units;
  story.and({ type: 'plan.made', plan: planOf(second!), ticked: [] });
  expect(doneIds(story)).toEqual(['1']);
  const selected = given(titled('Test', 'B')).start('1', done);
  const other = unitOf('9', ['9'], {
    title: 'Test',
    leaves: [{ id: '9', title: 'Test', titleHash: 'Test', optional: false }],
  });
  const skipped = [{ id: '1', title: 'Test', because: 'not_selected' as const }];
  selected.and({ type: 'plan.made', plan: { ...planOf(other), skipped }, ticked: [] });
  expect(doneIds(selected)).toEqual(['1']);
});

test('two tasks of one title, one of them left out of the earlier plan: nothing moves', () => {
  const [, , third] = titled('Test', 'B', 'Test').units;
  const skipped = [
    { id: '1', title: 'Test', because: 'not_selected' as const },
    { id: '2', title: 'B', because: 'not_selected' as const },
  ];
  const story = given({ ...planOf(third!), skipped }).start('3', done);
  story.and({ type: 'plan.made', plan: titled('Test', 'B', 'Renamed'), ticked: ['3'] });
  expect(doneIds(story)).toEqual(['3']);
});

test('a title that two tasks have tells nothing: the ids count', () => {
  const story = given(titled('Test', 'B', 'Test'), {}, ['1']);
  story.and({ type: 'plan.made', plan: titled('New', 'Test', 'B', 'Test'), ticked: ['2'] });
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
  expect(story.state.done.has('4')).toBe(false);
});

describe('a job and a person change the file, and both readings tell of all tasks', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };

  test('an agent ticks a task that has come in under the number of a done one, and puts it in other words: no tick by hand', () => {
    const story = given(titled('A', 'B', 'C'), {}, ['2']);
    story.start('1', failed, readAtEnd('New', 'x A anew', 'x B', 'C')).after(3_600_000);
    story.and(read('New', 'x A anew', 'x B', 'C')).start('1', failed, readAtEnd('New', 'x A again', 'x B', 'C'));
    story.and(read('Urgent', 'New', 'x A again', 'x B', 'C'));
    expect(doneIds(story)).toEqual(['4']);
    expect(story.state.done.get('4')).toMatchObject({ titleHash: 'B' });
  });

  test('an agent puts a done task in other words, a person renumbers it: nobody has ticked it by hand', () => {
    const story = given(titled('A', 'B'), {}, ['1']);
    story.start('2', failed, readAtEnd('x A anew', 'B')).and(read('Urgent', 'x A anew', 'B'));
    expect(doneIds(story)).toEqual([]);
    expect(story.state.notices.join()).toContain('has another title than when it was completed');
  });

  test('put in other words under its number, its box still ticked: it is done', () => {
    const story = given(titled('A', 'B'), {}, ['1']);
    story.start('2', failed, readAtEnd('x A anew', 'B')).and(read('x A anew', 'B'));
    expect(story.state.done.get('1')).toMatchObject({ by: 'box', titleHash: 'A anew' });
  });

  test('the job ticks, the person ticks as well: only the second tick counts', () => {
    const story = given(titled('A', 'B', 'C'));
    story.start('1', failed, readAtEnd('New', 'A', 'x B', 'C')).and(read('New', 'A', 'x B', 'x C'));
    expect([...story.state.done].map(([id, { by, titleHash }]) => [id, by, titleHash])).toEqual([['4', 'hand', 'C']]);
  });

  test('a claimed task moves away: the one that has its number now can be ticked by hand', () => {
    const story = given(titled('A', 'B')).start('1', failed, readAtEnd('A', 'x B')).and(read('A', 'x B'));
    story.and(read('A', 'New', 'x B')).and({ type: 'boxes.changed', ticked: ['2'], opened: [] });
    expect(doneIds(story)).toEqual(['2']);
    story.and({ type: 'boxes.changed', ticked: [], opened: ['3'] }).and(read('x B', 'A', 'x New'));
    expect(story.state.done.get('3')).toMatchObject({ titleHash: 'New' });
    expect(story.state.done.has('1')).toBe(false);
  });

  test('a claim goes away in other words under another number, and a tick is there that nobody has seen: it is the claim', () => {
    const story = given(titled('A', 'B', 'C')).start('1', failed, readAtEnd('A', 'x B', 'C'));
    story.and(read('A', 'x B', 'C')).and(read('A', 'X', 'x Y', 'C'));
    expect(doneIds(story)).toEqual([]);
    expect(story.state.notices.join()).toContain('seqrun accept 3');
  });

  test('gates pass after the file was renumbered: all of the unit is done under its new numbers', () => {
    const leaf = (id: string, title: string) => ({ id, title, titleHash: title, optional: false });
    const unit = (n: number) =>
      unitOf(`${n}`, [`${n}.1`, `${n}.2`], { title: 'U', leaves: [leaf(`${n}.1`, 'A'), leaf(`${n}.2`, 'B')] });
    const gate = { name: 'test', command: 'npm test', timeoutMs: 1, from: 'user' as const };
    const story = given(planOf(unit(1)), { gates: [gate] });
    const seen = {
      leaves: [
        ['1', 'New'],
        ['2.1', 'A', 'U'],
        ['2.2', 'B', 'U'],
      ] as [string, string, string?][],
      ticked: ['2.2'],
    };
    story.start('1', { kind: 'checking', signal: 'TASK_DONE' }, { boxes: { ticked: [], opened: [], seen } });
    const [first] = titled('New').units;
    story.and({ type: 'plan.made', plan: planOf(first!, unit(2)), ticked: ['2.2'], leaves: seen.leaves });
    const { standing } = story.state.units.get('2')!;
    expect(standing.kind === 'checking' && standing.given?.leaves.map(({ id }) => id)).toEqual(['2.1', '2.2']);
  });

  test('a job takes a task out, and another has its number now: it is missed', () => {
    const story = given(titled('A', 'B', 'C'))
      .start('1', done, readAtEnd('x A', 'C'))
      .and(read('x A', 'C'));
    expect(story.state.vanished.size).toBe(1);
    story.start('2', done, readAtEnd('x A', 'x C')).and({ type: 'boxes.changed', ticked: ['2'], opened: [] });
    expect(next(story)).toMatchObject({
      kind: 'finish',
      exit: 2,
      because: expect.stringContaining('2 B was taken out'),
    });
    story.and(read('x A', 'B', 'x C'));
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2', title: 'B' } } });
  });

  test('a done task goes and comes back under another number: it is not paid for again', () => {
    const story = given(titled('A', 'B', 'C'))
      .start('3', done, readAtEnd('A', 'B', 'C'))
      .and(read('A', 'B'));
    story.and(read('C', 'A', 'B'));
    expect(doneIds(story)).toEqual(['1']);
  });
});

describe('a unit that waits for a person', () => {
  const halted: Outcome = { kind: 'halted', reason: 'which key?' };
  const answer = { type: 'command', id: 'a', command: { kind: 'resume', answer: 'this one' } } as const;

  test('renumbered: it still waits, and the answer goes to it, in its session', () => {
    const story = given(titled('A', 'B')).start('1', halted);
    story.and({ type: 'plan.made', plan: titled('New', 'A', 'B'), ticked: [] });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2, because: 'unit 2 halted: which key?' });
    story.and(answer).start('1', done);
    expect(next(story)).toMatchObject({
      kind: 'launch',
      job: { unit: { id: '2' }, session: 'session-1', reason: { kind: 'answer', text: 'this one' } },
    });
  });

  test('renamed while another task gets its number: it still waits', () => {
    const story = given(titled('A', 'B')).start('1', done).start('2', halted);
    story.and({ type: 'plan.made', plan: titled('New', 'A', 'B, in another way'), ticked: [] });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2 });
    expect((next(story) as { because: string }).because).toContain('halted: which key?');
  });

  test('removed from the file: it still waits, and resume goes on', () => {
    const story = given(titled('A', 'B', 'C'))
      .start('1', done)
      .start('2', halted);
    story.and({ type: 'plan.made', plan: titled('A'), ticked: [] });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2 });
    expect((next(story) as { because: string }).because).toContain('which key?; it is not in the plan any more');
    story.and(runStarted({ resume: true }));
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 0 });
  });

  test('left out by a selection: that is the person’s own choice', () => {
    const story = given(titled('A', 'B')).start('1', halted);
    const [, second] = titled('A', 'B').units;
    const skipped = [{ id: '1', title: 'A', because: 'not_selected' as const }];
    story.and({ type: 'plan.made', plan: { ...planOf(second!), skipped }, ticked: [] });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
  });
});

test('renumbered between two attempts: the attempts go along, and no other task has used them', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B')).start('1', failed).after(3_600_000).start('1', failed).after(3_600_000);
  story.and({ type: 'plan.made', plan: titled('New', 'A', 'B'), ticked: [] });
  expect([...story.state.units].map(([id, { attempts }]) => [id, attempts])).toEqual([['2', 2]]);
  story.start('1', done).start('2', failed);
  expect(next(story)).toMatchObject({ kind: 'finish', exit: 3 });
});

test('taken out of the file while another gets its number, and put in again: its attempts are what they were', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B', 'C'))
    .start('2', failed)
    .after(3_600_000)
    .start('2', failed)
    .after(3_600_000);
  story.and({ type: 'plan.made', plan: titled('A', 'C'), ticked: [] });
  expect([...story.state.units.keys()]).toEqual([]);
  story.and({ type: 'plan.made', plan: titled('A', 'B', 'C'), ticked: [] });
  expect([...story.state.units].map(([id, { attempts }]) => [id, attempts])).toEqual([['2', 2]]);
});

test('what a person has taken back is not done again because an older state file says so', () => {
  const entry: AdoptedEntry = {
    completed: ['1', '2'],
    titleHashes: { 1: 'A', 2: 'B' },
    claimed: [],
    ticked: ['1', '2'],
    assignments: {},
    units: {},
    halted: null,
    iterations: 0,
    lastStart: 1,
    startedAtMs: null,
  };
  const reset: EventBody = { type: 'command', id: 'c', command: { kind: 'reset', unit: '1' } };
  const story = given(titled('A', 'B')).start('1', done).and(reset, { type: 'entry.merged', entry });
  expect(doneIds(story)).toEqual(['2']);
  expect(story.state.notices.at(-1)).toContain('task 1 is done in the state file');
  story.start('1', done).and(read('New', 'A', 'B'));
  expect(doneIds(story)).toEqual(['2', '3']);
});

test('taken out at the end of the file: its attempts wait for it, and are not those of who gets its number', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const attemptsOf = (story: Story) => [...story.state.units].map(([id, { attempts }]) => [id, attempts]);
  const gone = () => given(titled('A', 'B')).start('2', failed).after(3_600_000).start('2', failed).and(read('A'));
  expect(attemptsOf(gone().and(read('A', 'D')))).toEqual([]);
  expect(attemptsOf(gone().and(read('A', 'D'), read('A', 'D', 'B')))).toEqual([['3', 2]]);
  expect(attemptsOf(gone().and(read('New', 'A', 'B')))).toEqual([['3', 2]]);
  expect(attemptsOf(gone().and(read('A', 'B')))).toEqual([['2', 2]]);
});

test('a unit that a person has left out is not missed when a job takes it out, also where its number is taken', () => {
  const skip: EventBody = { type: 'command', id: 'c', command: { kind: 'skip', unit: '2' } };
  const story = given(titled('A', 'B', 'C'))
    .and(skip)
    .start('1', done, readAtEnd('A', 'C'))
    .and(read('A', 'C'));
  expect([...story.state.vanished.keys()]).toEqual([]);
  const last = given(titled('A', 'B')).and(skip).start('1', done, readAtEnd('A')).and(read('A'));
  expect([...last.state.vanished.keys()]).toEqual([]);
});

test('a job puts its own task in other words and leaves the box open: not done, which is told with both titles until it is', () => {
  const story = given(titled('A', 'Pay with card and refund')).start('2', done, readAtEnd('A', 'Pay with card'));
  story.and(read('A', 'Pay with card'));
  const [was, is] = ['"Pay with card and refund"', '"Pay with card"'];
  const reworded = `task 2 was put in other words while a job ran: ${was} → ${is}`;
  expect(doneIds(story)).toEqual([]);
  expect(story.state.notices).toEqual([
    `task 2 has another title than when it was completed (${was} → ${is}), and its box is open: not done`,
    reworded,
  ]);
  story.start('2', done);
  expect([doneIds(story), story.state.notices]).toEqual([
    ['2'],
    [`task 2 has another title than when it was completed (${was} → ${is}); done again since`, reworded],
  ]);
});

describe('a unit that was put in other words', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const attemptsOf = (story: Story) => [...story.state.units].map(([id, { attempts }]) => [id, attempts]);
  const tried = () =>
    given(titled('A', 'B', 'C'))
      .start('2', failed)
      .after(3_600_000)
      .start('2', failed)
      .after(3_600_000);

  test('keeps its attempts when its first words are there again, also after it was renumbered', () => {
    const story = tried().and(read('A', 'B in other words', 'C'), read('New', 'A', 'B in other words', 'C'));
    expect(attemptsOf(story)).toEqual([['3', 2]]);
    expect(attemptsOf(story.and(read('A', 'B', 'C')))).toEqual([['2', 2]]);
    expect(attemptsOf(story.and(read('New', 'A', 'B', 'C'), read('New', 'A', 'B in other words', 'C')))).toEqual([
      ['3', 2],
    ]);
  });

  test('keeps them when it was taken out meanwhile, and no other task gets them', () => {
    const story = tried().and(read('A', 'B in other words', 'C'), read('A', 'C'), read('A', 'C', 'D'));
    expect(attemptsOf(story)).toEqual([]);
    expect(attemptsOf(story.and(read('A', 'C', 'D', 'B')))).toEqual([['4', 2]]);
  });

  test('beside a task that has its first words, it keeps them itself', () => {
    const story = tried().and(read('A', 'B in other words', 'C'), read('A', 'B', 'B in other words', 'C'));
    expect(attemptsOf(story)).toEqual([['3', 2]]);
  });

  test('a unit that comes back under the number of another takes nothing from it', () => {
    const story = tried()
      .and(read('A', 'C'), read('A', 'C', 'D'))
      .start('3', failed)
      .after(3_600_000);
    expect(attemptsOf(story.and(read('A', 'C', 'B')))).toEqual([['3', 2]]);
    expect(attemptsOf(story.and(read('A', 'C', 'B', 'D')))).toEqual([
      ['3', 2],
      ['4', 1],
    ]);
  });
});

test('a unit that comes back under the number of a halted one: it still waits for a person, with the attempts of both', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const story = given(titled('A', 'B')).start('1', failed).after(3_600_000);
  // Its number is another one's, while it is not in the file.
  story.and({ type: 'plan.made', plan: titled('B'), ticked: [] });
  story.start('1', { kind: 'halted', reason: 'Which?' });
  story.and({ type: 'plan.made', plan: titled('A'), ticked: [] });
  expect(story.state.units.get('1')).toMatchObject({ standing: { kind: 'halted', reason: 'Which?' }, attempts: 1 });
});

describe('between a job and --fresh', () => {
  const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
  const opened = (kept: { claimed: string[]; claimedTitles?: Record<string, string> }, ...tasks: string[]): Story => {
    const { titles, leaves, ticked } = fileOf(...tasks);
    const plan = { type: 'plan.made', plan: titled(...titles), ticked, leaves } as const;
    const opening = { version: 1, journal: 'j2', spec: '/s', adopted: null, forgot: null, first: true } as const;
    const bodies: EventBody[] = [{ type: 'journal.opened', ...opening, ...kept }, runStarted(), plan];
    const events = bodies.map((body, k) => ({ ...body, seq: k + 1, atMs: k }) as JournalEvent);
    return { ...given(titled()), state: fold(events), events };
  };
  const before = given(titled('A', 'B')).start('1', failed, readAtEnd('x A', 'B'));

  test('a claim is one under its new number, too', () => {
    const kept = keptClaims(before.state, null);
    expect(kept).toEqual({ claimed: ['1'], claimedTitles: { A: '1' } });
    const story = opened(kept, 'New', 'x A', 'x B');
    expect(doneIds(story)).toEqual(['3']);
    expect([...story.state.claimed].sort()).toEqual(['1', '2']);
  });

  test('also one that the state file alone knows of', () => {
    const entry = { claimed: ['7'], claimedTitles: { C: '7' } };
    const kept = keptClaims(before.state, entry);
    expect(kept).toEqual({ claimed: ['1', '7'], claimedTitles: { A: '1', C: '7' } });
    expect(doneIds(opened(kept, 'x A', 'x C', 'x B'))).toEqual(['3']);
  });

  test('an old journal knows the number alone, and folds as it did', () => {
    expect(keptClaims({ claimed: new Set(), claimedTitles: new Map() }, null)).toEqual({ claimed: [] });
    expect(doneIds(opened({ claimed: ['1'] }, 'New', 'x A', 'x B'))).toEqual(['2', '3']);
  });
});

test('a task outside the selection that a person has ticked: with other words and an open box it is not done', () => {
  const part = (one: string) => {
    const { units, ...plan } = titled(one, 'B');
    const skipped: Plan['skipped'] = [{ id: '1', title: one, because: 'not_selected', leaves: ['1'] }];
    return { ...plan, units: units.slice(1), skipped };
  };
  const reading = (one: string, ticked: string[]): EventBody => ({
    type: 'plan.made',
    plan: part(one),
    ticked,
    leaves: fileOf(one, 'B').leaves,
  });
  const story = given(part('A')).and(reading('A', []), { type: 'boxes.changed', ticked: ['1'], opened: [] });
  expect(story.state.done.get('1')).toMatchObject({ by: 'hand', titleHash: 'A' });
  story.start('2', done, readAtEnd('Something else', 'B')).and(reading('Something else', []));
  expect(doneIds(story)).toEqual(['2']);
});
