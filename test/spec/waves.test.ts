// Waves in headings and lines: they order, and only where the file names its tasks.
import { expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const waves = (...lines: string[]) => read(...lines).phases?.map(phase => phase.tasks) ?? null;
const whole = {
  granularity: 'group' as const,
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
const list = ['- [ ] T1 a', '- [ ] T2 b', '- [ ] T3 c', ''];

it('headings name the waves of the tasks below, in the order of their numbers', () => {
  expect(waves('## Wave 2: later', '- [ ] T1 a', '## Wave 1', '### Base', '- [ ] T2 b', '- [ ] T3 c')).toEqual([
    ['T2', 'T3'],
    ['T1'],
  ]);
  expect(waves('## W0 — base', '- [ ] T1 a', '## W1 - more', '- [ ] T2 b', '## Other', '- [ ] T3 c')).toEqual([
    ['T1'],
    ['T2'],
  ]);
});

it('numbers that begin anew leave the order of the file', () => {
  const text = ['# A', '## Wave 1', '- [ ] T1 a', '## Wave 2', '- [ ] T2 b', '# B', '## Wave 1', '- [ ] T3 c'];
  expect(waves(...text)).toEqual([['T1'], ['T2'], ['T3']]);
});

it('lines name the ids of each wave', () => {
  expect(waves(...list, '- **Wave 1** (parallel): T1, T3', '- **Wave 2**: T2 — depends on T1')).toEqual([
    ['T1', 'T3'],
    ['T2'],
  ]);
  expect(waves(...list, '```', 'Wave 2: T1   <- first T3', 'Wave 1: T2–T3', '```')).toEqual([['T2', 'T3'], ['T1']]);
});

it.each([
  ['one wave', ['## Wave 1', ...list]],
  ['no wave', list],
  ['a wave without tasks', [...list, '## Wave 1', '## Wave 2']],
  ['headings that are words', ['## Wave goodbye', '- [ ] T1 a', '## Waves', '- [ ] T2 b']],
  ['tasks called W', ['### W1 — a', 'x', '### W2 — b', 'y']],
  ['lines of words', [...list, 'Wave 1: the 3 base tasks', 'Wave 2: T2 and the rest']],
  ['lines with unknown ids', [...list, 'Wave 1: T1', 'Wave 2: T9']],
])('%s is none', (_, lines) => {
  expect(waves(...lines)).toBe(null);
});

it('a wave orders and holds nothing back', () => {
  const spec = read('## Wave 2: Roof', '- [ ] T1 a', '## Wave 1', '- [ ] T2 b');
  expect(spec.tasks.map(task => task.dependsOn)).toEqual([[], []]);
  expect(spec.phases).toEqual([
    { id: 'wave 1', title: 'Wave 1', line: 3, tasks: ['T2'], dependsOnGroups: [], follows: [] },
    { id: 'wave 2', title: 'Wave 2: Roof', line: 1, tasks: ['T1'], dependsOnGroups: ['wave 1'], follows: [] },
  ]);
  for (const granularity of ['group', 'leaf'] as const) {
    const { plan } = makePlan(spec, { ...whole, granularity });
    expect(plan.units.map(unit => [unit.id, unit.dependsOn])).toEqual([
      ['T2', []],
      ['T1', []],
    ]);
  }
});

it('a dependency wins over a wave', () => {
  const spec = read('## Wave 1', '- [ ] T1 a', '  - depends on: T2', '## Wave 2', '- [ ] T2 b');
  expect(makePlan(spec, whole).plan.units.map(unit => unit.id)).toEqual(['T2', 'T1']);
  expect(makePlan(spec, whole).diagnostics).toEqual([]);
});

it('a graph in JSON says it more exactly', () => {
  const graph = ['```json', '{"waves":[{"tasks":["T1"]},{"tasks":["T2"]}]}', '```'];
  const spec = read('## Wave 2', '- [ ] T1 a', '## Wave 1', '- [ ] T2 b', ...graph);
  expect([spec.waves, spec.phases]).toEqual([[['T1'], ['T2']], undefined]);
});
