// What the state of a spec makes a run say before it begins.
import { expect, test } from 'vitest';
import type { Intention } from '../../src/cli/intention.ts';
import { lostStateFileWarnings } from '../../src/cli/run/refusals.ts';
import { given, planOf, unitOf } from '../core/given.ts';

test('work that counts as done is named when the state file beside it is gone', () => {
  const warnings = (fresh: boolean, story = given(planOf(unitOf('1')))) =>
    lostStateFileWarnings(story.state, { settings: { fresh } as Intention['settings'] });
  const done = given(planOf(unitOf('1'))).start('1', { kind: 'completed', signal: 'TASK_DONE' });
  expect(warnings(false, done)).toEqual([
    'SEQUENTIAL_STATE.json is gone; what counts as done (1 task) is known from the journal of earlier runs at this place: if this is another repository, begin anew with --fresh',
  ]);
  expect(warnings(true, done)).toEqual([]);
  expect(warnings(false)).toEqual([]);
});
