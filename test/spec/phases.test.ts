// Headings that a file names as a whole, and work packages, which are units.
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { planView } from '../../src/core/plan-view.ts';
import type { Spec } from '../../src/core/task.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (...lines: string[]): Spec => readSpec(new TextEncoder().encode(lines.join('\n')));
const options = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
} as const;
const order = (spec: Spec) => makePlan(spec, options).plan.units.map(({ id }) => id);
const codes = (spec: Spec) => spec.diagnostics.map(({ code, line }) => `${code} ${line}`);
const phases = (spec: Spec) =>
  (spec.phases ?? []).map(({ id, tasks, dependsOnGroups, follows }) => [id, tasks, dependsOnGroups, follows]);

const stories = [
  '# Tasks',
  '## Phase 1: Setup (shared)',
  '- [ ] T001 Make the folder',
  '## Phase 2: User Story 1 - Lend a book (P1)',
  '### Tests',
  '- [ ] T002 [US1] Test it',
  '### Work',
  '- [ ] T003 [US1] Do it',
  '## Phase 3: User Story 2 - Give it back (P2)',
  '- [ ] T004 [US2] Do it',
];

describe('phases', () => {
  it('hold every task below their heading, also below headings inside, and wait for nobody by themselves', () => {
    const spec = read(...stories);
    expect(phases(spec)).toEqual([
      ['phase 1', ['T001'], [], []],
      ['phase 2', ['T002', 'T003'], [], []],
      ['phase 3', ['T004'], [], []],
    ]);
    expect(spec.groups).toEqual([]);
    expect(order(spec)).toEqual(['T001', 'T002', 'T003', 'T004']);
  });

  it('order the units and are kept apart from what tasks depend on', () => {
    const spec = read(
      ...stories,
      '## Dependencies',
      '- **US1 (Phase 2)**: Depends on Phase 3',
      '- **User Stories (Phase 2+)**: All depend on Setup completion',
    );
    expect(phases(spec).map(([id, , groups]) => [id, groups])).toEqual([
      ['phase 1', []],
      ['phase 2', ['phase 3', 'phase 1']],
      ['phase 3', ['phase 1']],
    ]);
    expect(spec.tasks.map(task => [task.dependsOn, task.follows])).toEqual(Array(4).fill([[], []]));
    expect(order(spec)).toEqual(['T001', 'T004', 'T002', 'T003']);
    const { plan } = makePlan(spec, options);
    expect(plan.units.map(({ dependsOn, followsGroups }) => [dependsOn, followsGroups])).toEqual([
      [[], undefined],
      [[], ['phase 1']],
      [[], ['phase 3', 'phase 1']],
      [[], ['phase 3', 'phase 1']],
    ]);
    const view = planView(spec, plan, [], new Set());
    expect(view.phases[1]).toMatchObject({ id: 'phase 2', line: 4, dependsOnGroups: ['phase 3', 'phase 1'] });
  });

  it("are named by a task's own line, which is then no mistake", () => {
    const spec = read(...stories, '  - Depends on: Phase 2, T001');
    expect(spec.tasks[3]).toMatchObject({ id: 'T004', dependsOn: [], dependsOnGroups: ['phase 2'] });
    expect(codes(spec)).toEqual([]);
    expect(codes(read(...stories, '  - Depends on: Phase 9'))).toEqual(['unread_dependency 11']);
  });

  it('are named below the heading of another, with or without colon, and never wait for themselves', () => {
    const spec = read(
      '## Phase A',
      '**Depends on**: Phase B, Phase A',
      '- [ ] 1. One',
      '## Phase B',
      'Depends on phase C and phase B.',
      '- [ ] 2. Two',
      '## Phase C',
      '- [ ] 3. Three',
    );
    expect(phases(spec).map(([id, , groups]) => [id, groups])).toEqual([
      ['phase a', ['phase b']],
      ['phase b', ['phase c']],
      ['phase c', []],
    ]);
    expect(order(spec)).toEqual(['3', '2', '1']);
  });

  it('that wait for each other keep the order of the file, and no task is lost', () => {
    const spec = read(...stories, '## Dependencies', 'Phase 1 depends on Phase 2. Phase 2 depends on Phase 1.');
    expect(order(spec)).toEqual(['T001', 'T002', 'T003', 'T004']);
    expect(makePlan(spec, options).diagnostics).toEqual([]);
  });

  it('without tasks are none: a table of contents and sections about order', () => {
    expect(read('## Phase 1', 'text', '## Phase 2', '- [ ] 1. One').phases?.map(({ id }) => id)).toEqual(['phase 2']);
    expect(read('- [ ] 1. One').phases).toBeUndefined();
  });

  it('of many tasks cost no pair of each with each', () => {
    const lines = (from: number) => Array.from({ length: 4_000 }, (_, k) => `- [ ] ${from + k}. Task`);
    const spec = read('## Phase 1', ...lines(1), '## Phase 2', '**Depends on**: Phase 1', ...lines(4_001));
    const { plan } = makePlan(spec, options);
    expect(plan.units.at(-1)).toMatchObject({ followsGroups: ['phase 1'], dependsOn: [] });
    expect(JSON.stringify(plan).length).toBeLessThan(4_000_000);
  });
});

describe('work packages', () => {
  const spec = read(
    '# Work packages',
    '### WP01 — Ground (P0)',
    '- **Dependencies:** none',
    '- [x] T001 Make it (WP01)',
    '- [ ] T002 Test it (WP01)',
    '### Work Package WP02: House',
    '**Dependencies:** WP01, WP03',
    '#### Included subtasks',
    '- [ ] T003 Build it (WP02)',
    '### WP03 - Door',
    '- **Dependencies:** WP01',
    '- [ ] T004 Build it (WP03)',
  );

  it('are the units, with the boxes below them and what their lines name', () => {
    expect(spec.dialect).toBe('spec-kitty');
    expect(spec.groups).toEqual([
      { id: 'WP01', title: 'Ground (P0)', line: 2, dependsOn: [] },
      { id: 'WP02', title: 'House', line: 6, dependsOn: ['WP01', 'WP03'] },
      { id: 'WP03', title: 'Door', line: 10, dependsOn: ['WP01'] },
    ]);
    expect(spec.tasks.map(({ id, group, parent }) => [id, group, parent])).toEqual([
      ['T001', 'WP01', null],
      ['T002', 'WP01', null],
      ['T003', 'WP02', null],
      ['T004', 'WP03', null],
    ]);
    const { plan, diagnostics } = makePlan(spec, options);
    expect(plan.units.map(({ id, tasks, dependsOnUnits }) => [id, tasks, dependsOnUnits])).toEqual([
      ['WP01', ['T001', 'T002'], []],
      ['WP03', ['T004'], ['WP01']],
      ['WP02', ['T003'], ['WP01', 'WP03']],
    ]);
    expect([...diagnostics, ...spec.diagnostics]).toEqual([]);
  });
});

it('task groups are phases, and wait for each other', () => {
  const spec = read(
    '### Database',
    '#### Task Group 1: Tables',
    '**Dependencies:** Task Group 2',
    '- [ ] 1.0 Make the tables',
    '### Pages',
    '#### Task Group 2: Pages',
    '**Dependencies:** None',
    '- [ ] 2.0 Draw the pages',
  );
  expect(phases(spec)).toEqual([
    ['group 1', ['1.0'], ['group 2'], []],
    ['group 2', ['2.0'], [], []],
  ]);
});
