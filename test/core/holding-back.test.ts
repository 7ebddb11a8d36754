// What holds a run back from its next start: the end of its time, a pause, and the part of a delay that chance has.
import { describe, expect, test } from 'vitest';
import { drawnDelayMs } from '../../src/core/backoff.ts';
import { type Action, decide } from '../../src/core/decide.ts';
import { timeBound } from '../../src/core/holding-back.ts';
import type { Policy } from '../../src/core/policy.ts';
import { whyRun, whyUnit } from '../../src/core/why.ts';
import { endedOf, given, intendedOf, minute, planOf, policyOf, runStarted, type Story, t0, unitOf } from './given.ts';

const two = planOf(unitOf('1'), unitOf('2'));
const next = ({ state, nowMs }: Story): Action => decide(state, { nowMs, readSeq: state.seq });
const pause = (id = 'p1') => ({ type: 'command', id, command: { kind: 'pause', by: 'joe@host' } }) as const;
const goOn = { type: 'command', id: 'c1', command: { kind: 'continue', by: 'joe@host' } } as const;

describe('the time of a run', () => {
  const bound = (policy: Partial<Policy>) => timeBound({ startedAtMs: t0, policy: policyOf(policy) })?.atMs ?? null;
  const endAt = { atMs: t0 + 7 * minute, asked: '00:07' };
  test('the earlier bound counts', () => {
    expect(bound({})).toBeNull();
    expect(bound({ maxRuntimeMs: minute })).toBe(t0 + minute);
    expect(bound({ endAt })).toBe(endAt.atMs);
    expect(bound({ endAt, maxRuntimeMs: 9 * minute })).toBe(endAt.atMs);
    expect(bound({ endAt, maxRuntimeMs: 5 * minute })).toBe(t0 + 5 * minute);
  });

  test('a start that is open is not touched; then the run ends with 4', () => {
    const story = given(two, { maxRuntimeMs: 10 * minute }).and(intendedOf(1, '1'), {
      type: 'start.began',
      n: 1,
      pid: 1,
      transport: 'plain',
      window: null,
      adopted: false,
    });
    story.after(11 * minute);
    expect(next(story).kind).toBe('watch');
    story.and(endedOf(1, { kind: 'completed', signal: 'TASK_DONE' }));
    expect(next(story)).toMatchObject({ kind: 'finish', end: 'time', exit: 4 });
    expect(next(story)).toMatchObject({ because: "the run's time of 10 min (--max-runtime) is over before unit 2" });
  });

  test('all done is all done, whatever the time', () => {
    const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
    const story = given(planOf(unitOf('1')), { maxRuntimeMs: minute })
      .start('1', done)
      .after(5 * minute);
    expect(next(story)).toMatchObject({ kind: 'finish', end: 'completed', exit: 0 });
  });

  test('a wait that ends in time is waited, one that does not ends the run at once and says so', () => {
    const limited = { kind: 'limited', because: 'limited', resetAtMs: t0 + 60 * minute, window: null } as const;
    const inTime = given(two, { maxRuntimeMs: 62 * minute }).start('1', limited, { worked: false });
    expect(next(inTime)).toMatchObject({ kind: 'wait', untilMs: t0 + 61 * minute });
    const late = given(two, { maxRuntimeMs: 60 * minute + 59_000 }).start('1', limited, { worked: false });
    const end = next(late) as Action & { kind: 'finish' };
    expect(end).toMatchObject({ kind: 'finish', end: 'time', exit: 4 });
    expect(end.because).toMatch(/^unit 1 waits until 2026-01-01T01:01:00.000Z \(codex is limited.*ended now$/);
  });

  test('what the last run was given of time says nothing of what comes next', () => {
    const story = given(two, { maxRuntimeMs: minute }).after(5 * minute);
    const { because } = next(story) as Action & { kind: 'finish' };
    story.and({ type: 'run.ended', run: 'run-1', end: 'time', exit: 4, because }, pause(), goOn);
    expect(whyRun(story.state, story.nowMs, false)).toBe(`unit 1 is next; its last run ended with 4: ${because}`);
    expect(whyUnit(story.state, two.units[0]!, story.nowMs, true)[0]).toBe('1 is ready: it is next');
  });
});

describe('a pause', () => {
  test('nothing is started until continue, and the reason is told', () => {
    const story = given(two).and(pause());
    const said = 'paused since 2026-01-01T00:00:03.000Z by joe@host: nothing is started until seqrun continue';
    expect(next(story)).toEqual({ kind: 'paused', untilMs: null, because: said });
    expect(whyRun(story.state, story.nowMs, true)).toBe(said);
    expect(whyUnit(story.state, two.units[1]!, story.nowMs, true)[0]).toBe(`2 is ready: ${said}`);
    expect(next(story.and(goOn))).toMatchObject({ kind: 'launch' });
  });

  test('it is told also of a spec that was never started', () => {
    const never = (story: Story) => ({ ...story.state, run: null, firstStartedAtMs: null });
    expect(whyRun(never(given(two)), t0, false)).toBe('it was never started');
    expect(whyRun(never(given(two).and(pause())), t0, false)).toMatch(
      /^it was never started; paused since \S+ by joe@host: /,
    );
  });

  test('the first word counts, a later run is held back too, and its time still ends it', () => {
    const story = given(two).and(pause());
    const { paused } = story.state;
    story.after(minute).and(pause('p2'), runStarted({ maxRuntimeMs: minute }));
    expect(story.state.paused).toEqual(paused);
    expect(next(story)).toMatchObject({ kind: 'paused', untilMs: story.state.run!.startedAtMs + minute });
    expect(next(story.after(minute))).toMatchObject({ kind: 'finish', end: 'time' });
  });

  test('a stop wins, and so does the end of all work', () => {
    const stop = { type: 'command', id: 's', command: { kind: 'stop', now: false, because: 'enough' } } as const;
    expect(next(given(two).and(pause(), stop))).toMatchObject({ kind: 'finish', end: 'stopped', exit: 2 });
    const done = given(planOf(unitOf('1'))).start('1', { kind: 'completed', signal: 'TASK_DONE' });
    expect(next(done.and(pause()))).toMatchObject({ kind: 'finish', end: 'completed' });
    expect(next(done.and(stop))).toMatchObject({ kind: 'finish', end: 'completed', exit: 0 });
  });

  test('gates of the unit that has ended are still run: on the tree as it was left', () => {
    const gate = { name: 'test', command: 'npm test', timeoutMs: minute, from: 'user' } as const;
    const story = given(two, { gates: [gate], baseline: 'off' }).and(
      intendedOf(1, '1', { gates: [gate] }),
      endedOf(1, { kind: 'checking', signal: 'TASK_DONE' }),
      pause(),
    );
    expect(next(story)).toMatchObject({ kind: 'launch', job: { kind: 'gate' } });
  });
});

describe('jitter', () => {
  test.each([
    [0, 60_000],
    [0.5, 66_000],
    [0.999, 71_988],
  ])('chance %d', (chance, ms) => {
    expect(drawnDelayMs({ delayMs: 60_000, jitter: 0.2 }, chance)).toBe(ms);
  });

  test('the drawn delay comes from the journal, and the next run begins without one', () => {
    const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
    const story = given(two, { delayMs: 60_000, jitter: 1 }).start('1', done, { delayMs: 90_000 });
    const { lastEndMs } = story.state;
    expect(next(story)).toMatchObject({ kind: 'wait', untilMs: lastEndMs! + 90_000 });
    expect(next(story.and(runStarted({ delayMs: 60_000 })))).toMatchObject({ kind: 'launch' });
  });
});
