// What the end of a start means, where a counter or a person's word could be lost.
import { expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { EventBody, Outcome } from '../../src/core/events.ts';
import { neverStarted } from '../../src/core/transition.ts';
import { endedOf, given, minute, planOf, runStarted, type Story, unitOf } from './given.ts';

const next = (story: Story) => decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });
const intended = (n: number, over: Partial<EventBody & { type: 'start.intended' }> = {}): EventBody => ({
  type: 'start.intended',
  n,
  unit: '1',
  kind: 'agent',
  mode: 'attempt',
  reason: { kind: 'task', note: null },
  agent: 'codex',
  model: null,
  session: null,
  mark: `m${n}`,
  folder: `/s/${n}`,
  units: [],
  ...over,
});
const began = (n: number): EventBody => ({
  type: 'start.began',
  n,
  pid: n,
  transport: 'plain',
  window: null,
  adopted: false,
});

const asking = { assign: 'all', owners: { codex: 'codex', claude: 'claude' } } as const;
/** Goes through assignments with this outcome until something else is decided; at most 20. */
const assignmentsUntilElse = (story: Story, outcome: Outcome): number => {
  for (let k = 0; k < 20; k++) {
    const action = next(story);
    if (action.kind !== 'launch' || action.job.kind !== 'assign') return k;
    const n = story.state.lastN + 1;
    story.and(intended(n, { unit: null, kind: 'assign', units: ['1', '2'] }), began(n), endedOf(n, outcome));
  }
  return 20;
};

test('an assignment that the world always cuts off is asked five times, then falls back, and says so', () => {
  const story = given(planOf(unitOf('1'), unitOf('2')), asking);
  expect(assignmentsUntilElse(story, { kind: 'interrupted', by: 'world' })).toBe(5);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { kind: 'agent', agent: 'codex', unit: { id: '1' } } });
  expect(story.state.assignments.get('1')).toMatchObject({ source: 'fallback', reason: expect.stringContaining('5') });
  expect(story.state.notices.at(-1)).toContain('fell back to codex');
  // The next run asks once more, and does not begin to count again before something went better.
  story.and(runStarted(asking));
  expect(assignmentsUntilElse(story, { kind: 'interrupted', by: 'world' })).toBe(1);
  // A person may cut it off as often as they like.
  story.and(runStarted(asking));
  expect(assignmentsUntilElse(story, { kind: 'interrupted', by: 'person' })).toBe(20);
});

test.each<Outcome>([
  { kind: 'unconfirmed', missing: 'signal' },
  { kind: 'failed', class: 'crashed', message: 'it broke' },
  { kind: 'interrupted', by: 'world' },
])('a unit that is skipped while it runs stays skipped when it ends $kind', outcome => {
  const story = given(planOf(unitOf('1'), unitOf('2')));
  story.and(intended(1), began(1), { type: 'command', id: 'c', command: { kind: 'skip', unit: '1' } });
  story.and(endedOf(1, outcome));
  expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '2' } } });
  expect(story.state.units.get('1')).toMatchObject({ standing: { kind: 'skipped' }, lastOutcome: outcome });
});

test('a unit that is skipped while it runs, and completes, is done', () => {
  const story = given(planOf(unitOf('1')));
  story.and(intended(1), began(1), { type: 'command', id: 'c', command: { kind: 'skip', unit: '1' } });
  story.and(endedOf(1, { kind: 'completed', signal: 'TASK_DONE' }));
  expect(next(story)).toMatchObject({ kind: 'finish', exit: 0, because: 'all required units are done' });
});

test('a unit that is reset while it runs, and completes, owes no open box', () => {
  const story = given(planOf(unitOf('1', ['1.1', '1.2'])), {}, ['1.1']);
  story.and(intended(1), began(1), { type: 'command', id: 'c', command: { kind: 'reset', unit: '1' } });
  expect([...story.state.reopened]).toEqual(['1.1']);
  story.and(endedOf(1, { kind: 'completed', signal: 'TASK_DONE' }));
  expect([...story.state.done.keys()]).toEqual(['1.1', '1.2']);
  // Opening it now would be taken for a person who disputes the completion.
  expect([...story.state.reopened]).toEqual([]);
});

const silentWait: Outcome = { kind: 'limited', because: 'silent_wait', resetAtMs: null, window: null };

test('a silent wait moves no counter, backs off as an unknown limit, and goes on in the same session', () => {
  const story = given(planOf(unitOf('1')));
  const waits: number[] = [];
  for (let n = 1; n <= 4; n++) {
    story.start('1', silentWait, { worked: true });
    const action = next(story);
    if (action.kind !== 'wait') throw new Error(action.kind);
    expect(action.because).toBe('codex is limited (it waited in silence, reset unknown)');
    const endedAtMs = story.events.at(-1)!.atMs;
    waits.push((action.untilMs - endedAtMs) / 60_000);
    story.after(action.untilMs - story.nowMs);
  }
  expect(waits).toEqual([5, 10, 20, 40]);
  expect(story.state.units.get('1')).toMatchObject({ attempts: 0, followUps: 0, interrupted: 0, lost: 0, starts: 4 });
  expect(story.state.iterations).toBe(0);
  expect(next(story)).toMatchObject({
    kind: 'launch',
    job: { mode: 'attempt', reason: { kind: 'continue', after: 'limited' }, session: 'session-1' },
  });
});

test('silent waits without any work are bounded', () => {
  const story = given(planOf(unitOf('1')));
  for (let n = 1; n <= 11; n++) {
    story.start('1', silentWait, { worked: false });
    expect(next(story).kind).toBe('wait');
    story.after(60 * 60_000);
  }
  story.start('1', silentWait, { worked: false });
  expect(next(story)).toMatchObject({ kind: 'finish', exit: 4 });
});

test('a window that a person closed before its start began: the run stops, nothing is lost, the next run starts it at once', () => {
  const story = given(planOf(unitOf('1')), { delayMs: 0 });
  const lost = (windowClosed: boolean) => {
    story.and(intended(story.state.lastN + 1));
    story.and(neverStarted(story.state.open!, { message: 'no window', windowClosed }, null));
  };
  lost(true);
  expect(next(story)).toMatchObject({ end: 'person', exit: 2, because: 'stopped in tmux: the window was closed' });
  expect(story.state.units.get('1')).toMatchObject({ attempts: 0, lost: 0 });
  story.and(runStarted({ delayMs: 0 }));
  expect(next(story)).toMatchObject({ kind: 'launch', job: { mode: 'attempt' } });
  lost(false);
  expect(story.state.units.get('1')).toMatchObject({ attempts: 0, lost: 1 });
  expect(next(story).kind).not.toBe('finish');
});

const refused: Partial<EventBody & { type: 'start.ended' }> = { worked: false, code: 1 };
const noSession: Outcome = { kind: 'failed', class: 'config', message: 'No conversation found' };

test('an agent that loses its sessions at each limit is not asked for them again, and the bound of limits is reached', () => {
  const story = given(planOf(unitOf('1')));
  let starts = 0;
  let resumed = 0;
  for (; starts < 120; starts++) {
    const action = next(story);
    if (action.kind === 'wait') {
      story.after(action.untilMs - story.nowMs);
      starts--;
      continue;
    }
    if (action.kind !== 'launch' || action.job.kind !== 'agent') break;
    const n = story.state.lastN + 1;
    const { session, mode, reason } = action.job;
    story.and(intended(n, { session, mode, reason }), began(n));
    if (session === null) {
      story.and(
        endedOf(
          n,
          { kind: 'limited', because: 'limited', resetAtMs: story.nowMs + 5_000, window: null },
          { session: `s${n}` },
        ),
      );
    } else {
      resumed++;
      story.and(endedOf(n, noSession, refused));
    }
  }
  expect(next(story)).toMatchObject({ kind: 'finish', exit: 4 });
  expect([starts, resumed]).toEqual([51, 1]);
  expect(story.state.units.get('1')).toMatchObject({ refused: 1, attempts: 0 });
});

test('sessions that are refused again and again fail the unit', () => {
  const story = given(planOf(unitOf('1')));
  for (const n of [1, 2, 3]) {
    story.and(intended(n, { session: 'old' }), began(n), endedOf(n, noSession, refused));
  }
  expect(next(story)).toMatchObject({ kind: 'finish', exit: 3, because: expect.stringContaining('refused 3 times') });
});

test('a session goes to the agent that it belongs to, and to no other', () => {
  const story = given(planOf(unitOf('1')));
  story.start('1', { kind: 'halted', reason: 'which one?' });
  story.and({ type: 'command', id: 'c1', command: { kind: 'resume', answer: 'the first' } } as EventBody);
  expect(next(story)).toMatchObject({ kind: 'launch', job: { agent: 'codex', session: 'session-1' } });
  story.and(runStarted({ backend: 'claude', owners: { claude: 'claude' } }));
  story.state.stopping = null;
  expect(next(story)).toMatchObject({
    kind: 'launch',
    job: { agent: 'claude', session: null, reason: { kind: 'answer' } },
  });
});

test('a reset that has passed is believed once, also when a little was done in between', () => {
  const story = given(planOf(unitOf('1')));
  const stale: Outcome = { kind: 'limited', because: 'limited', resetAtMs: story.nowMs - 7_200_000, window: null };
  const waits = [1, 2, 3].map(() => {
    story.start('1', stale);
    const action = next(story);
    if (action.kind !== 'wait') throw new Error(action.kind);
    const ms = action.untilMs - story.state.lastEndMs!;
    story.after(action.untilMs - story.nowMs);
    return ms / minute;
  });
  expect(waits).toEqual([1, 10, 20]);
});

test('a tick that comes after the end of a start that has survived KILL is no tick by hand', () => {
  const left = (ended: boolean) => [{ pid: 7, command: 'agent', ended }];
  const ticked = (ended: boolean) => {
    const story = given(planOf(unitOf('1'), unitOf('2')));
    story.and(intended(1), began(1), endedOf(1, { kind: 'interrupted', by: 'person' }, { left: left(ended) }));
    return story.and({ type: 'boxes.changed', ticked: ['1'], opened: [] }).state;
  };
  expect([[...ticked(false).done.keys()], [...ticked(false).claimed]]).toEqual([[], ['1']]);
  expect([...ticked(true).done.keys()]).toEqual(['1']);
});
