// `--order priority`: what counts as a priority, and what it changes of the order.
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import { priorityOf } from '../../src/core/priority.ts';
import { readSpec } from '../../src/spec/read.ts';
import { worldOf } from '../engine/world.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const plan = (lines: string[], options: Partial<PlanOptions> = {}) =>
  makePlan(read(...lines), {
    granularity: 'group',
    includeOptional: false,
    lenientDeps: false,
    only: null,
    from: null,
    until: null,
    order: 'priority',
    ...options,
  });
const order = (lines: string[], options: Partial<PlanOptions> = {}) =>
  plan(lines, options).plan.units.map(unit => unit.id);

describe('what a text says', () => {
  test.each([
    ['_priority: 1_', 1],
    ['  - _Priority: 5_', 5],
    ['_priority: high_', 2],
    ['_priority: Critical_', 1],
    ['text\n_priority: 4_\nmore\n_priority: 2_', 2],
    ['```\n_priority: 1_\n```', null],
    ['its _priority: 1_ is told in a sentence', null],
    ['_priority: 6_', null],
    ['_priority: P0_', null],
    ['', null],
  ])('%j', (details, expected) => {
    expect(priorityOf({ details })).toBe(expected);
  });

  test('a field of the file wins over its text', () => {
    expect(priorityOf({ priority: 4, details: '_priority: 1_' })).toBe(4);
  });
});

describe('order', () => {
  const three = [
    '- [ ] 1. One',
    '- [ ] 2. Two',
    '  - _priority: 1_',
    '- [ ] 3. Three',
    '  - _priority: 5_',
    '- [ ] 4. Four',
  ];

  test('the most urgent first, then the lowest id; unsaid is 3', () => {
    expect(order(three)).toEqual(['2', '1', '4', '3']);
    expect(order(three, { order: 'id' })).toEqual(['1', '2', '3', '4']);
  });

  test('a run starts them so', async () => {
    const world = worldOf(plan(three).plan, {});
    expect((await world.run()).exit).toBe(0);
    expect(world.started.map(({ ref }) => ref.unit)).toEqual(['2', '1', '4', '3']);
  });

  test('dependencies win, and levels: what waits for something comes after all that does not', () => {
    const lines = [
      '- [ ] 1. One',
      '  - _priority: 5_',
      '- [ ] 2. Two',
      '  - _Depends: 1_',
      '  - _priority: 1_',
      '- [ ] 3. Three',
      '- [ ] 4. Four',
      '  - _Depends: 3_',
    ];
    expect(order(lines)).toEqual(['3', '1', '2', '4']);
  });

  test('a group is as urgent as its parent says, else as the most urgent of its leaves; a leaf as what it lies in', () => {
    const lines = [
      '- [ ] 1. One',
      '- [ ] 2. Two',
      '  - [ ] 2.1 First',
      '    - _priority: 4_',
      '  - [ ] 2.2 Second',
      '    - _priority: 2_',
      '- [ ] 3. Three',
      '  - _priority: 1_',
      '  - [ ] 3.1 Third',
      '  - [ ] 3.2 Fourth',
      '    - _priority: 5_',
    ];
    expect(order(lines)).toEqual(['3', '2', '1']);
    expect(order(lines, { granularity: 'leaf' })).toEqual(['3.1', '2.2', '1', '2.1', '3.2']);
  });

  test('waves give the order of leaves, priorities within one', () => {
    const graph = '{"waves":[{"id":0,"tasks":["1","2"]},{"id":1,"tasks":["3"]}]}';
    const lines = [
      '- [ ] 1. One',
      '- [ ] 2. Two',
      '  - _priority: 2_',
      '- [ ] 3. Three',
      '  - _priority: 1_',
      '',
      '## Task Dependency Graph',
      '```json',
      graph,
      '```',
    ];
    expect(order(lines)).toEqual(['2', '1', '3']);
  });

  test('what cannot be read is told, where it would count, and counts as 3', () => {
    const lines = ['- [ ] 1. One', '  - _priority: soon_', '- [ ] 2. Two', '  - _priority: 2_'];
    const { diagnostics } = plan(lines);
    expect(diagnostics.map(({ severity, code, line }) => [severity, code, line])).toEqual([
      ['warning', 'bad_priority', 1],
    ]);
    expect(plan(lines, { order: 'id' }).diagnostics).toEqual([]);
    expect(order(lines)).toEqual(['2', '1']);
  });

  test('another priority is another plan where it gives the order, and only there', () => {
    const hash = (priority: number, by: 'id' | 'priority') =>
      plan(['- [ ] 1. One', `  - _priority: ${priority}_`], { order: by }).plan.hash;
    expect(hash(1, 'id')).toBe(hash(2, 'id'));
    expect(hash(1, 'priority')).not.toBe(hash(2, 'priority'));
  });

  test('a circle is told as ever', () => {
    const lines = ['- [ ] 1. One', '  - _Depends: 2_', '- [ ] 2. Two', '  - _Depends: 1_', '  - _priority: 1_'];
    expect(plan(lines).diagnostics.map(({ code }) => code)).toEqual(['cycle']);
  });

  test('a todo JSON says it by its field', () => {
    const todos = ['a', 'b'].map((id, k) => ({ id, title: id, status: 'pending', priority: 5 - 4 * k, dependsOn: [] }));
    const spec = readSpec(new TextEncoder().encode(JSON.stringify({ version: 1, todos })));
    const options = { granularity: 'group', includeOptional: false, lenientDeps: false } as const;
    const { plan: made } = makePlan(spec, { ...options, only: null, from: null, until: null, order: 'priority' });
    expect(made.units.map(({ id, priority }) => [id, priority])).toEqual([
      ['b', 1],
      ['a', 5],
    ]);
  });
});
