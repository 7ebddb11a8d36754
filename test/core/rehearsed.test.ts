// A rehearsal comes to its end like any run, and nothing that outlives it says that work was done.
import { expect, test } from 'vitest';
import { progressEntries } from '../../src/core/project-progress.ts';
import { projectEntry } from '../../src/core/project-state.ts';
import { rehearsedLeaves, rehearsedUnits } from '../../src/core/rehearsed.ts';
import { ticksDue } from '../../src/core/ticks.ts';
import { unitProgress } from '../../src/core/units.ts';
import { doneWords } from '../../src/core/why.ts';
import { readSpec } from '../../src/spec/read.ts';
import { endedOf, given, planOf, type Story, unitOf } from './given.ts';

const plan = planOf(unitOf('1', ['1.1', '1.2']), unitOf('2'), unitOf('3'));
const spec = readSpec(Buffer.from('- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n- [ ] 2. D\n- [ ] 3. E\n'));
const done = { kind: 'completed', signal: 'TASK_DONE' } as const;

const startBy = (story: Story, agent: string, unit: string): Story => {
  const n = story.state.lastN + 1;
  return story.and(
    {
      ...{ type: 'start.intended', n, unit, kind: 'agent', mode: 'attempt', reason: { kind: 'task', note: null } },
      ...{ agent, model: null, session: null, mark: `m${n}`, folder: `/s/${n}`, units: [] },
    },
    { type: 'start.began', n, pid: 100 + n, transport: 'plain', window: null, adopted: false },
    endedOf(n, done),
  );
};

/** 1 is half ticked by a person and half rehearsed, 2 is rehearsed, 3 is an agent's. */
const mixed = () => {
  const story = given(plan, {}, ['1.1']);
  for (const unit of ['1', '2']) startBy(story, 'rehearsal', unit);
  return startBy(story, 'codex', '3');
};

test('its units are done in the run, whatever the boxes say', () => {
  const { state } = mixed();
  expect(plan.units.map(unit => unitProgress(state, unit).kind)).toEqual(['completed', 'completed', 'completed']);
  expect([...rehearsedLeaves(state)]).toEqual(['1.2', '2']);
  expect(rehearsedUnits(state).map(({ id }) => id)).toEqual(['1', '2']);
});

test('no box is due for them, nor that of a parent, unless boxes were asked for', () => {
  const { state } = mixed();
  expect(ticksDue(spec, state).map(({ id }) => id)).toEqual(['1.1', '3']);
  expect(ticksDue(spec, state, { rehearsed: true }).map(({ id }) => id)).toEqual(['1', '1.1', '1.2', '2', '3']);
});

test('the state file names them beside what is completed', () => {
  const entry = projectEntry(mixed().state, 'x');
  expect(entry.completed).toEqual(['1', '1.1', '1.2', '2', '3']);
  expect(entry.rehearsed).toEqual(['1', '1.2', '2']);
  expect(projectEntry(startBy(given(plan), 'codex', '2').state, 'x').rehearsed).toEqual([]);
});

test('what they rest on begins with it', () => {
  const { state } = mixed();
  const played = 'only rehearsed, no agent has worked on it; no gate was set';
  expect(plan.units.map(unit => doneWords(state, unit))).toEqual([
    `its box was ticked before the first start (1.1); ${played} (1.2)`,
    played,
    "on the agent's word (TASK_DONE, exit 0); no gate was set",
  ]);
});

test('the progress file says rehearsed, and its end says what kind of run it was', () => {
  const story = startBy(given(plan, { backend: 'rehearsal' }), 'rehearsal', '2');
  story.and({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'all done' });
  const text = progressEntries(story.events, 'x')
    .map(entry => entry.text)
    .join('');
  expect(text).toContain('- **Status:** Rehearsed\n');
  expect(text).toContain('- **Message:** Task 2 was only rehearsed, no agent has worked on it\n');
  expect(text).toContain('Exit 0: all done (rehearsal)\n');
  expect(text).not.toMatch(/completed successfully|Status:\*\* Completed/);
});
