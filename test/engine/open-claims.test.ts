// Before a commit: boxes that were ticked while a job ran, of what is not done, are opened.
import { expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import type { State } from '../../src/core/state.ts';
import { readLeaves } from '../../src/core/ticks.ts';
import { createDesk } from '../../src/engine/spec-desk.ts';
import { readSpec } from '../../src/spec/read.ts';
import { given } from '../core/given.ts';

const deskOf = (text: string, { writeTasks = true, refuses = [] as string[] } = {}) => {
  const unticked: string[] = [];
  const desk = createDesk({
    name: 'tasks.md',
    writeTasks,
    plan,
    specFile: {
      read: async () => ({
        kind: 'spec',
        spec: readSpec(new TextEncoder().encode(text)),
        bytesHash: text,
        unchanged: false,
      }),
      settle: async () => undefined,
      tick: async () => [],
      untick: async ids => {
        unticked.push(...ids);
        return refuses.map(id => ({ id, reason: 'it has no box' }));
      },
    },
  });
  return { desk, unticked };
};

const plan: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
const linesOf = (...marks: string[]) => marks.map((mark, at) => `- [${mark}] ${at + 1}. Task ${at + 1}\n`).join('');

/** 1 is done; the boxes of 2 and 3 were ticked while its agent worked. */
const claimedOf = (): State => {
  const spec = readSpec(new TextEncoder().encode(linesOf(' ', ' ', ' ')));
  const made = makePlan(spec, plan).plan;
  const story = given(made).and({ type: 'plan.made', plan: made, ticked: [], leaves: readLeaves(spec) });
  story.start('1', { kind: 'completed', signal: 'TASK_DONE' });
  for (const id of ['2', '3']) story.state.claimed.add(id);
  return story.state;
};

test('only those, only where the task is the same, and it is told', async () => {
  const state = claimedOf();
  const { desk, unticked } = deskOf(linesOf('x', 'x', ' '));
  expect(await desk.openClaims(state)).toEqual(['opened before the commit, ticked while a job ran and not done: 2']);
  expect(unticked).toEqual(['2']);
  const other = deskOf('- [x] 1. Task 1\n- [x] 2. Quite another\n');
  expect(await other.desk.openClaims(state)).toEqual([]);
  expect(other.unticked).toEqual([]);
});

test('not in a file that is the user’s alone; a box that cannot be opened is named', async () => {
  const state = claimedOf();
  const text = linesOf('x', 'x', 'x');
  const left = deskOf(text, { writeTasks: false });
  expect(await left.desk.openClaims(state)).toEqual([]);
  expect(left.unticked).toEqual([]);
  expect(await deskOf(text, { refuses: ['3'] }).desk.openClaims(state)).toEqual([
    'opened before the commit, ticked while a job ran and not done: 2',
    'part of the commit though not done: the ticks of 3',
  ]);
});
