// What `why` says of a unit beside its own state.
import { expect, test } from 'vitest';
import { whyRun, whyUnit } from '../../src/core/why.ts';
import { endedOf, given, intendedOf, planOf, unitOf } from './given.ts';

test('an order that only the text of the file wants is told apart from what a unit waits for', () => {
  const units = [unitOf('1'), unitOf('2', ['2'], { followsUnits: ['1'], followsGroups: ['phase 1'] })];
  const { state, nowMs } = given(planOf(...units));
  expect(whyUnit(state, units[1]!, nowMs, true)[1]).toBe(
    'stands behind 1, phase 1: the text of the file wants that order; nothing waits for it',
  );
  expect(whyUnit(state, units[0]!, nowMs, true).join('\n')).not.toContain('stands behind');
});

test('a start that is being ended for a silent wait says what it waits for, also in an old journal', () => {
  const story = given(planOf(unitOf('1')));
  story.start('1', { kind: 'interrupted', by: 'person' });
  const [intended, began] = story.events.slice(-3);
  const whyEnding = (more: object): string => {
    const other = given(planOf(unitOf('1')));
    other.and(intended!, began!, { type: 'start.ending', n: 1, by: 'seqrun', because: 'silent_wait', ...more });
    return whyRun(other.state, other.nowMs, true);
  };
  expect(whyEnding({ says: 'it has announced a wait of 3 h' })).toBe(
    'unit 1 is being ended: silent wait: it has announced a wait of 3 h',
  );
  expect(whyEnding({ because: 'stalled' })).toBe('unit 1 is being ended: stalled');
});

test('a wait of a runner that is gone is none: nobody goes on when it is over', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const { state, nowMs } = given(plan, { delayMs: 60_000 }).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  const what = /until 2026-01-01T\S+Z before unit 2: delay between iterations/;
  expect(whyRun(state, nowMs, true)).toMatch(new RegExp(`^waiting ${what.source}$`));
  expect(whyRun(state, nowMs, false)).toMatch(
    new RegExp(`^the runner is gone, and would wait ${what.source}; run seqrun again, it goes on there$`),
  );
  expect(whyUnit(state, plan.units[1]!, nowMs, true)[0]).toMatch(/^2 is ready: waiting until \S+Z: delay between/);
  expect(whyUnit(state, plan.units[1]!, nowMs, false)[0]).toMatch(
    /^2 is ready: it is next; a run would wait until 2026-01-01T\S+Z: delay between iterations$/,
  );
});

test('the turns that a person has asked for stand beside the bound, not in it; attempts that were never used are not counted out', () => {
  const unit = unitOf('1');
  const story = given(planOf(unit), { maxFollowUps: 1 });
  const counters = () => whyUnit(story.state, unit, story.nowMs, true).find(line => line.startsWith('starts '));
  story.start('1', { kind: 'unconfirmed', missing: 'signal' });
  story.and({ type: 'command', id: 'f', command: { kind: 'follow', unit: '1', text: 'also the docs' } });
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(counters()).toBe('starts 2, attempts 1 of 3, follow-ups 1 of 1 (+1 asked for by a person)');
  const other = given(planOf(unit));
  for (let k = 0; k < 5; k++) other.after(60 * 60_000).start('1', { kind: 'interrupted', by: 'world' });
  expect(whyUnit(other.state, unit, other.nowMs, true)).toContain('starts 5, follow-ups 0 of 3, interrupted 5');
});

test('what a person has decided since the end comes before it', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const story = given(plan, { review: 'all' }).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  const because = 'unit 1 is done and waits for a review: seqrun approve 1, or seqrun reject 1 "what is wrong"';
  story.and({ type: 'run.ended', run: 'run-1', end: 'person', exit: 2, because });
  const why = () => whyRun(story.state, story.nowMs, false);
  expect(why()).toBe(`its last run ended with 2: ${because}`);
  story.and({ type: 'command', id: 'a', command: { kind: 'approve', unit: '1', text: null } });
  expect(why()).toBe(`unit 2 is next; its last run ended with 2: ${because}`);
  story.and({ type: 'command', id: 'r', command: { kind: 'reject', unit: '1', text: 'no test' } });
  expect(why()).toMatch(/^unit 1 is next; its last run ended with 2/);

  const failed = given(plan).start('1', { kind: 'halted', reason: 'Which?' });
  failed.and({ type: 'run.ended', run: 'run-1', end: 'halted', exit: 2, because: 'unit 1 halted: Which?' });
  failed.and({ type: 'command', id: 's', command: { kind: 'skip', unit: '2' } });
  expect(whyRun(failed.state, failed.nowMs, false)).toBe('its last run ended with 2: unit 1 halted: Which?');
});

test('a unit behind a review, an answer or a failure says so, and that more was asked for', () => {
  const [one, two] = [unitOf('1'), unitOf('2')];
  const story = given(planOf(one, two), { review: 'all' }).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(whyUnit(story.state, two, story.nowMs, true)[0]).toMatch(
    /^2 is ready: nothing is started before this is settled: unit 1 is done and waits for a review/,
  );
  story.and({ type: 'command', id: 'a', command: { kind: 'approve', unit: '1', text: null } });
  expect(whyUnit(story.state, two, story.nowMs, true)[0]).toBe('2 is ready: it is next');
  story.and({ type: 'command', id: 'f', command: { kind: 'follow', unit: '2', text: 'docs too' } });
  expect(whyUnit(story.state, two, story.nowMs, true)).toContain(
    'a person asked for more, and its agent has not been told yet: docs too',
  );
  const halted = given(planOf(one, two)).start('1', { kind: 'halted', reason: 'Which?' });
  expect(whyUnit(halted.state, two, halted.nowMs, true)[0]).toContain('settled: unit 1 halted: Which?');
});

test('a command that speaks of a limit: how seqrun can be told of it; nothing is taken for one', () => {
  const why = (agent: string, message: string): string => {
    const story = given(planOf(unitOf('1')), { maxAttempts: 1 });
    const n = 1;
    story.and(intendedOf(n, '1', { agent }), endedOf(n, { kind: 'failed', class: 'crashed', message }));
    return whyUnit(story.state, story.state.plan!.units[0]!, story.nowMs, false).join('\n');
  };
  expect(why('command', 'usage limit reached, resets at 23:59')).toContain('if that is a usage limit');
  expect(why('command', 'HTTP 429')).toContain('"agents" in the settings file');
  for (const [agent, message] of [
    ['codex', 'usage limit'],
    ['command', 'off limits: 4290 files'],
  ])
    expect(why(agent!, message!)).not.toContain('if that is');
});
