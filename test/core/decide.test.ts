// What happens next, for states that a run can reach.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Outcome } from '../../src/core/events.ts';
import { fold } from '../../src/core/evolve.ts';
import { given, intendedOf, minute, planOf, runStarted, type Story, t0, unitOf } from './given.ts';

const done: Outcome = { kind: 'completed', signal: 'TASK_DONE' };
const failed: Outcome = { kind: 'failed', class: 'crashed', message: 'it broke' };
const next = (story: Story) => decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq });
const three = planOf(unitOf('1'), unitOf('2'), unitOf('3'));

describe('the order of units', () => {
  test('the first ready unit is launched', () => {
    expect(next(given(three))).toMatchObject({ kind: 'launch', job: { unit: { id: '1' }, mode: 'attempt' } });
  });
  test('nothing is decided on a plan that is older than the last event', () => {
    const story = given(three);
    expect(decide(story.state, { nowMs: story.nowMs, readSeq: story.state.seq - 1 })).toEqual({ kind: 'read' });
  });
  test('after a completion the next unit, after the last one the end', () => {
    const story = given(three).start('1', done);
    expect(next(story)).toMatchObject({ job: { unit: { id: '2' } } });
    story.start('2', done).start('3', done);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 0, end: 'completed' });
  });
  test('a unit waits for its dependencies even when it comes first', () => {
    const story = given(planOf(unitOf('1', ['1'], { dependsOn: ['2'], dependsOnUnits: ['2'] }), unitOf('2')));
    expect(next(story)).toMatchObject({ job: { unit: { id: '2' } } });
  });
  test('while a start is open nothing else is ever launched', () => {
    const story = given(three);
    story.and(intendedOf(1, '1'));
    expect(next(story).kind).toBe('reconcile');
    story.and({ type: 'start.began', n: 1, pid: 5, transport: 'tmux', window: '@1', adopted: false });
    expect(next(story).kind).toBe('watch');
    story.and(runStarted());
    expect(next(story).kind).toBe('reconcile');
  });
});

describe('failures', () => {
  test('Q-2.39: a failing unit is tried max-attempts times with growing waits, then the run stops with 3', () => {
    const story = given(three, { delayMs: 5000 }).start('1', failed);
    const firstMs = (next(story) as { untilMs: number }).untilMs - story.nowMs;
    expect(next(story)).toMatchObject({ kind: 'wait', unit: '1' });
    story.after(minute).start('1', failed);
    const secondMs = (next(story) as { untilMs: number }).untilMs - story.nowMs;
    expect(secondMs).toBe(firstMs + 5000);
    story.after(minute).start('1', failed);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 3, end: 'failed' });
    expect(story.state.units.get('1')!.attempts).toBe(3);
  });
  test('on-fail skip goes on with what does not depend on it and ends with 3', () => {
    const plan = planOf(unitOf('1'), unitOf('2', ['2'], { dependsOn: ['1'], dependsOnUnits: ['1'] }), unitOf('3'));
    const story = given(plan, { onFail: 'skip', maxAttempts: 1 }).start('1', failed);
    expect(next(story)).toMatchObject({ job: { unit: { id: '3' } } });
    story.start('3', done);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 3 });
    expect((next(story) as { because: string }).because).toContain('2 waits for 1');
  });
  test('on-fail halt ends with 2', () => {
    expect(next(given(three, { onFail: 'halt', maxAttempts: 1 }).start('1', failed))).toMatchObject({ exit: 2 });
  });
  test('a context overflow is not tried again', () => {
    expect(next(given(three).start('1', { kind: 'failed', class: 'context', message: 'too long' }))).toMatchObject({
      exit: 3,
    });
  });
  test('Q-2.37: no signal is asked for once in the same session, then it is failed, not tried afresh', () => {
    const story = given(three).start('1', { kind: 'unconfirmed', missing: 'signal' });
    expect(next(story)).toMatchObject({
      kind: 'launch',
      job: { mode: 'follow_up', session: 'session-1', reason: { kind: 'follow_up' } },
    });
    story.start('1', { kind: 'unconfirmed', missing: 'signal' });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 3 });
    expect(story.state.units.get('1')).toMatchObject({ attempts: 1, followUps: 1 });
  });
  test('the reason given by the end of a start ends the run before anything else', () => {
    const story = given(three).start(
      '1',
      { kind: 'failed', class: 'auth', message: 'bad key' },
      { stop: { end: 'no_agent', exit: 69, because: 'bad key' } },
    );
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 69 });
    expect(story.state.units.get('1')!.attempts).toBe(0);
    story.and({ type: 'run.ended', run: 'run-1', end: 'no_agent', exit: 69, because: 'bad key' }, runStarted());
    expect(next(story)).toMatchObject({ kind: 'launch', job: { mode: 'attempt' } });
  });
});

describe('limits', () => {
  const limited = (resetAtMs: number | null): Outcome => ({
    kind: 'limited',
    because: 'limited',
    resetAtMs,
    window: 'five_hour',
  });
  test('no counter moves, the agent stays closed until reset and margin, the session goes on', () => {
    const story = given(three);
    const resetAtMs = story.nowMs + 60 * minute;
    story.start('1', limited(resetAtMs));
    expect(next(story)).toMatchObject({ kind: 'wait', untilMs: resetAtMs + minute });
    expect(story.state.units.get('1')).toMatchObject({ attempts: 0, followUps: 0, interrupted: 0 });
    expect(story.state.iterations).toBe(0);
    story.after(62 * minute);
    expect(next(story)).toMatchObject({
      kind: 'launch',
      job: { session: 'session-1', mode: 'attempt', reason: { kind: 'continue' } },
    });
  });
  test('an unknown reset is never "now": 5, 10 min, then an hour', () => {
    const story = given(three);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      story.start('1', limited(null), { worked: false });
      const wait = next(story) as { untilMs: number };
      waits.push(Math.round((wait.untilMs - story.nowMs + 1000) / minute));
      story.after(wait.untilMs - story.nowMs);
    }
    expect(waits).toEqual([5, 10, 60]);
  });
  test('twelve in a row without work end the run with 4', () => {
    const story = given(three);
    for (let i = 0; i < 12; i++) story.after(120 * minute).start('1', limited(null), { worked: false });
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 4 });
  });
  test('limits that let a little work through are bounded too, and waited for longer and longer', () => {
    const story = given(three);
    const waits: number[] = [];
    for (let i = 0; i < 50; i++) {
      story.start('1', limited(null), { worked: true });
      const wait = next(story) as { untilMs: number };
      if (wait.untilMs) waits.push(Math.round((wait.untilMs - story.nowMs + 1000) / minute));
      story.after(120 * minute);
    }
    expect(waits.slice(0, 6)).toEqual([5, 10, 20, 40, 60, 60]);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 4 });
  });
  test('a reset further away than a week is not waited for', () => {
    const story = given(three);
    story.start('1', limited(story.nowMs + 9 * 24 * 60 * minute));
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 4 });
    // Nor by the runs after it: seqrun would hold its lock for a month, and say nothing.
    story.and({ type: 'run.ended', run: 'run-1', end: 'limit_bound', exit: 4, because: 'limited' }, runStarted());
    const end = next(story);
    expect(end).toMatchObject({ kind: 'finish', end: 'limit_bound', exit: 4 });
    expect(end.kind === 'finish' && end.because).toContain('seqrun retry 1');
    story.after(2 * 24 * 60 * minute);
    expect(next(story).kind).toBe('wait');
    story.and({ type: 'command', id: 'c1', command: { kind: 'retry', unit: '1' } });
    expect(next(story).kind).toBe('launch');
  });
  test('a limit closes the agent for every unit, also when a person skips the one that met it', () => {
    const story = given(three).start('1', limited(t0 + 600 * minute));
    story.and({ type: 'command', id: 'c1', command: { kind: 'skip', unit: '1' } });
    expect(next(story)).toMatchObject({ kind: 'wait', unit: '2', untilMs: t0 + 601 * minute });
  });
});

describe('people', () => {
  const halted: Outcome = { kind: 'halted', reason: 'which database?' };
  test('Q-2.41: a halted unit is not started again before somebody said so', () => {
    const story = given(three).start('1', halted);
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2, end: 'halted' });
    story.and({ type: 'run.ended', run: 'run-1', end: 'halted', exit: 2, because: '' }, runStarted());
    expect(next(story)).toMatchObject({ kind: 'finish', exit: 2 });
    story.and({ type: 'command', id: 'c1', command: { kind: 'resume', answer: 'Postgres' } });
    expect(next(story)).toMatchObject({
      kind: 'launch',
      job: { session: 'session-1', reason: { kind: 'answer', text: 'Postgres' } },
    });
  });
  test('--resume releases the halted unit', () => {
    const story = given(three)
      .start('1', halted)
      .and(runStarted({ resume: true }));
    expect(next(story)).toMatchObject({ kind: 'launch', job: { reason: { kind: 'answer' } } });
  });
  test('retry gives a failed unit its attempts back; the same command twice changes nothing', () => {
    const story = given(three, { maxAttempts: 1 }).start('1', failed);
    story.and({ type: 'command', id: 'c1', command: { kind: 'retry', unit: '1' } });
    expect(next(story)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' }, mode: 'attempt' } });
    story.start('1', failed).and({ type: 'command', id: 'c1', command: { kind: 'retry', unit: '1' } });
    expect(next(story)).toMatchObject({ exit: 3 });
  });
  test('stop lets the unit end, stop --now ends it', () => {
    const story = given(three);
    story.and(
      intendedOf(1, '1'),
      { type: 'start.began', n: 1, pid: 5, transport: 'tmux', window: '@1', adopted: false },
      { type: 'command', id: 'c1', command: { kind: 'stop', now: false, because: 'enough' } },
    );
    expect(next(story).kind).toBe('watch');
    story.and({ type: 'command', id: 'c2', command: { kind: 'stop', now: true, because: 'enough' } });
    expect(next(story)).toMatchObject({ kind: 'end', because: 'stopped', by: 'person' });
  });
});

describe('bounds and waits', () => {
  test('a follow-up that a state file asks for is bounded like any other, and a person is told what to do', () => {
    const unit = { status: 'pending', lastOutcome: 'checking', interrupted: 0, lost: 0, session: 's' };
    const asking = (maxFollowUps: number, followUps: number): Story => {
      const story = given(three, { maxFollowUps });
      return story.and({
        type: 'entry.merged',
        entry: {
          completed: [],
          titleHashes: {},
          claimed: [],
          ticked: [],
          assignments: {},
          units: { 1: { ...unit, attempts: 1, followUps } },
          halted: null,
          iterations: 1,
          lastStart: 1,
          startedAtMs: t0,
        },
      });
    };
    expect(next(asking(1, 0))).toMatchObject({ kind: 'launch', job: { unit: { id: '1' }, mode: 'follow_up' } });
    for (const spent of [asking(0, 0), asking(1, 1)]) {
      const end = next(spent);
      expect(end).toMatchObject({ kind: 'finish', end: 'person', exit: 2 });
      expect(end.kind === 'finish' && end.because).toMatch(/seqrun retry 1 .* seqrun accept 1/);
      spent.and({ type: 'command', id: 'c1', command: { kind: 'follow', unit: '1', text: 'the rest' } });
      expect(next(spent)).toMatchObject({ kind: 'launch', job: { unit: { id: '1' } } });
    }
  });
  test('max-iterations ends with 1 while work is left, with 0 when the last one completes', () => {
    const story = given(three, { maxIterations: 2 }).start('1', done).start('2', done);
    expect(next(story)).toMatchObject({ exit: 1 });
    const last = given(planOf(unitOf('1')), { maxIterations: 1 }).start('1', done);
    expect(next(last)).toMatchObject({ exit: 0 });
  });
  test('the delay lies between units, not before the first and not after the last', () => {
    const story = given(planOf(unitOf('1'), unitOf('2')), { delayMs: 15_000 });
    expect(next(story).kind).toBe('launch');
    story.start('1', done);
    expect(next(story)).toMatchObject({ kind: 'wait', because: 'delay between iterations' });
    story.after(15_000).start('2', done);
    expect(next(story).kind).toBe('finish');
  });
  test('a clock that was set back does not stretch the pauses between starts; a limit is waited for all the same', () => {
    const story = given(three, { delayMs: 15_000 }).start('1', failed);
    story.nowMs -= 60 * minute;
    expect(next(story).kind).toBe('launch');
    const limited = given(three).start('1', { kind: 'limited', because: 'limited', resetAtMs: null, window: null });
    limited.nowMs -= 60 * minute;
    expect(next(limited).kind).toBe('wait');
  });
  test('the time limit counts working time: a suspended laptop does not kill a healthy agent', () => {
    const story = given(three, { timeoutMs: 10 * minute });
    story.and(intendedOf(1, '1'), {
      type: 'start.began',
      n: 1,
      pid: 5,
      transport: 'tmux',
      window: '@1',
      adopted: false,
    });
    story.after(480 * minute);
    expect(next(story)).toMatchObject({ kind: 'end', because: 'timeout' });
    story.and({ type: 'clock.gap', ms: 480 * minute });
    expect(next(story).kind).toBe('watch');
  });
  test('five interruptions by the world fail the unit; interruptions by a person never do', () => {
    const world = given(three);
    for (let i = 0; i < 5; i++) world.start('1', { kind: 'interrupted', by: 'world' });
    expect(next(world)).toMatchObject({ exit: 3 });
    const person = given(three);
    for (let i = 0; i < 9; i++) person.start('1', { kind: 'interrupted', by: 'person' });
    expect(next(person)).toMatchObject({ kind: 'launch', job: { session: 'session-1', reason: { kind: 'continue' } } });
  });
  test('five starts that never began end the run with 70', () => {
    const story = given(three);
    for (let i = 0; i < 5; i++)
      story.after(20 * minute).start('1', { kind: 'not_started', message: 'no window' }, { session: null });
    expect(next(story)).toMatchObject({ exit: 70 });
  });
});

test('the fold of the journal equals the live state', () => {
  const story = given(three)
    .start('1', failed)
    .after(minute)
    .start('1', done)
    .start('2', { kind: 'unconfirmed', missing: 'signal' });
  expect(fold(structuredClone(story.events))).toEqual(story.state);
});

describe('a run that ends well although somebody should look', () => {
  const closing = {
    summary: null,
    achieved: [],
    evidence: [],
    remaining: ['the docs'],
    changes: [],
    validation: null,
    needsFollowUp: false,
    recommendedAction: null,
    nextPrompt: null,
    followUp: [],
  };
  const end = (story: Story) => {
    const action = next(story);
    return action.kind === 'finish' ? [action.exit, action.because] : action.kind;
  };
  test('says so, with the units, and still ends with 0', () => {
    const story = given(three).start('1', done).start('2', done).start('3', done, { closing });
    expect(end(story)).toEqual([0, 'all required units are done; 1 unit should be looked at (3)']);
    story.and({ type: 'command', id: 'a', command: { kind: 'approve', unit: '3', text: null } });
    expect(end(story)).toEqual([0, 'all required units are done']);
  });
  test('also of a selection; of many units the first are named', () => {
    const units = Array.from({ length: 8 }, (_, k) => unitOf(`${k + 1}`));
    const plan = planOf(...units);
    const story = given({ ...plan, skipped: [{ id: '9', title: 'x', because: 'not_selected', leaves: ['9'] }] });
    for (const { id } of units) story.start(id, done, { closing });
    expect(end(story)).toEqual([
      0,
      'all selected units are done (1 unit not selected); 8 units should be looked at (1, 2, 3, 4, 5 …)',
    ]);
  });
});

test('a gate of the task file that goes to the background is no check: nothing is started for it', () => {
  const one = unitOf('1', ['1'], { verify: ['npm test &'] });
  const next = (allowTaskCommands: boolean) => {
    const { state, nowMs } = given(planOf(one), { allowTaskCommands });
    return decide(state, { nowMs, readSeq: state.seq });
  };
  expect(next(true)).toMatchObject({ kind: 'finish', exit: 2, because: expect.stringContaining('ends with "&"') });
  expect(next(false)).toMatchObject({ kind: 'launch' });
});
