// Plans: units, what they wait for, in which order they run, and what is wrong.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashTitle } from '../../src/core/hash.ts';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import { planView } from '../../src/core/plan-view.ts';
import { compareIds, type Spec } from '../../src/core/task.ts';
import { readSpec } from '../../src/spec/read.ts';

const defaults: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
const read = (...lines: string[]): Spec => readSpec(new TextEncoder().encode(lines.join('\n')));
const fixture = (name: string): Spec => readSpec(readFileSync(new URL(`../fixtures/specs/${name}`, import.meta.url)));
const plan = (spec: Spec, options: Partial<PlanOptions> = {}) => makePlan(spec, { ...defaults, ...options });
const order = (spec: Spec, options: Partial<PlanOptions> = {}) => plan(spec, options).plan.units.map(unit => unit.id);
const problems = (spec: Spec, options: Partial<PlanOptions> = {}) =>
  plan(spec, options).diagnostics.map(d => `${d.severity} ${d.code} ${d.line}`);
const message = (spec: Spec, options: Partial<PlanOptions> = {}) => plan(spec, options).diagnostics[0]!.message;

describe('units', () => {
  it('are parents with all they hold, and tasks of their own', () => {
    const { units, skipped } = plan(fixture('kiro-nested.md')).plan;
    expect(
      units.map(u => [
        u.id,
        u.tasks,
        u.leaves.map(l => l.id),
        u.optionalLeft,
        u.dependsOn,
        u.dependsOnUnits,
        u.level,
        u.agent,
      ]),
    ).toEqual([
      ['1', ['1', '1.1', '1.2'], ['1.1'], ['1.2'], [], [], 0, null],
      ['2', ['2', '2.1', '2.2', '2.3'], ['2.1', '2.2'], ['2.3'], [], [], 0, null],
      ['3', ['3'], ['3'], [], [], [], 0, null],
      ['4', ['4'], ['4'], [], ['2.1', '2.2', '3'], ['2', '3'], 1, 'claude'],
    ]);
    expect(skipped.map(s => [s.id, s.because])).toEqual([
      ['1.2', 'optional'],
      ['2.3', 'optional'],
    ]);
  });

  it('are headings with their boxes', () => {
    const { units } = plan(fixture('flat-groups.md')).plan;
    expect(units.map(u => [u.id, u.title, u.tasks, u.dependsOn])).toEqual([
      ['1', 'Storage', ['1.1', '1.2'], []],
      ['2', 'Desk', ['2.1', '2.2', '2.2a'], ['1.1', '1.2']],
      ['2.3', 'Letters', ['2.3.1'], ['1.1', '1.2']],
    ]);
  });

  it('Q-2.10 a nested parent is never a unit, even while its parent waits', () => {
    const spec = read('- [ ] 1. A', '  - depends on: 2', '  - [ ] 1.1 B', '    - [ ] 1.1.1 C', '- [ ] 2. D');
    expect(order(spec)).toEqual(['2', '1']);
    expect(plan(spec).plan.units[1]!.leaves.map(l => l.id)).toEqual(['1.1.1']);
  });

  it('Q-2.4 Q-2.5 hold children written before their parent, and orphans are units', () => {
    expect(order(read('- [ ] 1.1 B', '- [ ] 1. A', '- [ ] 3.2 C', '- [ ] 3.1 D'))).toEqual(['1', '3.1', '3.2']);
  });

  it('Q-2.13 hold optional subtasks apart, and include them when asked', () => {
    const spec = read('- [ ] 1. A', '  - [ ] 1.1 B', '  - [ ]* 1.2 C', '- [ ]* 2. D', '  - [ ] 2.1 E');
    const without = plan(spec).plan;
    expect(without.units.map(u => [u.id, u.leaves.map(l => l.id), u.optionalLeft])).toEqual([['1', ['1.1'], ['1.2']]]);
    expect(without.skipped.map(s => s.id)).toEqual(['1.2', '2', '2.1']);
    const withAll = plan(spec, { includeOptional: true }).plan;
    expect(withAll.units.map(u => [u.id, u.leaves.map(l => [l.id, l.optional]), u.optionalLeft])).toEqual([
      [
        '1',
        [
          ['1.1', false],
          ['1.2', true],
        ],
        [],
      ],
      ['2', [['2.1', true]], []],
    ]);
    expect(withAll.skipped).toEqual([]);
  });

  it('of leaves inherit what their parents wait for and who owns them', () => {
    const spec = read(
      '- [ ] 1. A',
      '- [ ] 2. B',
      '  - depends on: 1',
      '  - _agent: gemini_',
      '  - [ ] 2.1 C',
      '  - [ ] 2.2 D',
    );
    const { units } = plan(spec, { granularity: 'leaf' }).plan;
    expect(units.map(u => [u.id, u.tasks, u.dependsOn, u.agent])).toEqual([
      ['1', ['1'], [], null],
      ['2.1', ['2.1'], ['1'], 'gemini'],
      ['2.2', ['2.2'], ['1'], 'gemini'],
    ]);
  });

  it('take an owner named inside only when all agree', () => {
    const spec = read(
      '- [ ] 1. A',
      '  - [ ] 1.1 B',
      '    - _agent: codex_',
      '- [ ] 2. A',
      '  - [ ] 2.1 B',
      '    - _agent: codex_',
      '  - [ ] 2.2 C',
      '    - _agent: claude_',
    );
    expect(plan(spec).plan.units.map(u => u.agent)).toEqual(['codex', null]);
  });

  it('carry a hash of each title that white space does not change', () => {
    const [unit] = plan(read('- [ ] 1. A   b')).plan.units;
    expect(unit!.leaves[0]!.titleHash).toBe(hashTitle('A b'));
    expect(hashTitle('A b')).not.toBe(hashTitle('a b'));
  });
});

describe('order', () => {
  it('is by number, not by text', () => {
    expect(order(read('- [ ] 10. A', '- [ ] 2. B', '- [ ] 1. C'))).toEqual(['1', '2', '10']);
    expect(order(read('- [ ] 1. P', '- [ ] 1.10 A', '- [ ] 1.2 B'), { granularity: 'leaf' })).toEqual(['1.2', '1.10']);
  });

  it('takes the lowest ready unit each time', () => {
    expect(order(read('- [ ] 1. A', '  - depends on: 3', '- [ ] 2. B', '- [ ] 3. C', '- [ ] 4. D'))).toEqual([
      '2',
      '3',
      '1',
      '4',
    ]);
  });

  it('Q-2.11 counts dependencies of subtasks and expands parents to their required leaves', () => {
    const spec = read(
      '- [ ] 1. A',
      '  - [ ] 1.1 B',
      '    - depends on: 2',
      '- [ ] 2. C',
      '  - [ ] 2.1 D',
      '  - [ ] 2.2 E',
      '  - [ ]* 2.3 F',
    );
    const { units } = plan(spec).plan;
    expect(units.map(u => [u.id, u.dependsOn, u.dependsOnUnits])).toEqual([
      ['2', [], []],
      ['1', ['2.1', '2.2'], ['2']],
    ]);
  });

  it('leaves out what a unit needs of itself', () => {
    const spec = read('- [ ] 1. A', '  - [ ] 1.1 B', '  - [ ] 1.2 C', '    - depends on: 1.1');
    expect(plan(spec).plan.units[0]!.dependsOn).toEqual([]);
    expect(problems(spec)).toEqual([]);
    expect(plan(spec, { granularity: 'leaf' }).plan.units[1]!.dependsOn).toEqual(['1.1']);
  });

  it('resolves a number that only its children have', () => {
    const spec = read('- [ ] 1.1 A', '- [ ] 1.2 B', '- [ ] 2. C', '  - depends on: 1');
    expect(plan(spec).plan.units.find(u => u.id === '2')!.dependsOn).toEqual(['1.1', '1.2']);
  });

  it('of leaves follows the waves, with unnamed tasks as barriers; units never do', () => {
    const spec = read(
      '- [ ] 1. A',
      '  - [ ] 1.1 B',
      '  - [ ] 1.2 C',
      '- [ ] 2. Checkpoint',
      '- [ ] 3. D',
      '  - [ ] 3.1 E',
      '  - [ ] 3.2 F',
      '- [ ] 4. Final checkpoint',
      '',
      '## Task Dependency Graph',
      '```json',
      '{"waves":[{"id":0,"tasks":["1.2","3.2"]},{"id":1,"tasks":["1.1","3.1"]}]}',
      '```',
    );
    expect(order(spec, { granularity: 'leaf' })).toEqual(['1.2', '1.1', '2', '3.2', '3.1', '4']);
    expect(order(spec)).toEqual(['1', '2', '3', '4']);
    expect(plan(spec).plan.units.every(u => u.dependsOn.length === 0)).toBe(true);
  });

  it('is topological for random specs in both granularities', () => {
    const specs = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.array(fc.nat(20), { maxLength: 2 })), {
        minLength: 1,
        maxLength: 12,
      })
      .map(rows => {
        const lines: string[] = [];
        const ids: string[] = [];
        for (const [parent, child, needs] of rows) {
          const id = child === 0 ? String(parent) : `${parent}.${child}`;
          if (ids.includes(id)) continue;
          lines.push(
            `- [ ] ${id}. T`,
            ...(ids.length > 0 ? needs.map(n => `  - depends on: ${ids[n % ids.length]}`) : []),
          );
          ids.push(id);
        }
        return read(...lines);
      });
    fc.assert(
      fc.property(specs, fc.constantFrom('group' as const, 'leaf' as const), (spec, granularity) => {
        const { plan: made, diagnostics } = plan(spec, { granularity, lenientDeps: true });
        const every = made.units.flatMap(u => u.leaves.map(l => l.id));
        const parents = new Set(spec.tasks.map(t => t.parent));
        expect([...every].sort(compareIds)).toEqual(
          spec.tasks
            .map(t => t.id)
            .filter(id => !parents.has(id))
            .sort(compareIds),
        );
        if (diagnostics.some(d => d.code === 'cycle')) return;
        const done = new Set<string>();
        for (const unit of made.units) {
          for (const id of unit.dependsOn) expect(done.has(id)).toBe(true);
          for (const leaf of unit.leaves) done.add(leaf.id);
        }
      }),
    );
  });
});

describe('diagnostics', () => {
  it('stand where the dependency is written, not where the task begins', () => {
    const spec = read(
      '- [ ] 1. One',
      '  - detail',
      '  - Depends on: 8',
      '  - Depends on: 9',
      '- [ ] 2. Two (depends on: 7)',
    );
    expect(problems(spec)).toEqual([
      'error unknown_dependency 3',
      'error unknown_dependency 4',
      'error unknown_dependency 5',
    ]);
    const blocked = read(
      '- [ ] 1. One',
      '  - text',
      '  - blocks: 2',
      '- [ ] 2. Two',
      '  - Depends on: 1',
      '- [ ] 3. Three',
      '  - blocks: 1',
      '- [ ] 1.1 Below',
      '  - blocks: 3',
    );
    expect(message(blocked)).toContain('1 needs 3 (line 7), 3 needs 1.1 (line 9)');
  });

  it('Q-2.12 a cycle is an error with its path and its lines', () => {
    const spec = read(
      '- [ ] 1. A',
      '  - depends on: 3',
      '- [ ] 2. B',
      '  - depends on: 1',
      '- [ ] 3. C',
      '  - depends on: 2',
      '- [ ] 4. D',
    );
    expect(problems(spec)).toEqual(['error cycle 1']);
    expect(message(spec)).toContain('1 → 3 → 2 → 1');
    expect(message(spec)).toContain('1 needs 3 (line 2), 3 needs 2 (line 6), 2 needs 1 (line 4)');
    expect(message(spec)).not.toContain('--granularity');
    expect(order(spec)).toEqual(['4', '1', '2', '3']);
  });

  it('a cycle between parents alone points to leaves', () => {
    const spec = read(
      '- [ ] 2. A',
      '  - [ ] 2.1 B',
      '  - [ ] 2.2 C',
      '    - depends on: 3.1',
      '- [ ] 3. D',
      '  - [ ] 3.1 E',
      '  - [ ] 3.2 F',
      '    - depends on: 2.1',
    );
    expect(problems(spec)).toEqual(['error cycle 1']);
    expect(message(spec)).toContain('--granularity leaf');
    expect(message(spec)).toContain('2.2 needs 3.1');
    expect(order(spec, { granularity: 'leaf' })).toEqual(['2.1', '3.1', '2.2', '3.2']);
    expect(problems(spec, { granularity: 'leaf' })).toEqual([]);
    expect(problems(spec, { lenientDeps: true })).toEqual(['error cycle 1']);
  });

  it.each([
    ['unknown_dependency', ['- [ ] 1. A', '  - depends on: 7.7']],
    ['skipped_dependency', ['- [ ] 1. A', '  - depends on: 2', '- [ ]* 2. B']],
    ['self_dependency', ['- [ ] 1. A', '  - depends on: 1']],
    ['self_dependency', ['- [ ] 1. A', '  - [ ] 1.1 B', '    - depends on: 1']],
  ])('%s is an error, or a warning that counts as satisfied', (code, lines) => {
    const spec = read(...lines);
    for (const granularity of ['group', 'leaf'] as const) {
      expect(plan(spec, { granularity }).diagnostics.map(d => `${d.severity} ${d.code}`)).toEqual([`error ${code}`]);
      const lenient = plan(spec, { granularity, lenientDeps: true });
      expect(lenient.diagnostics.map(d => `${d.severity} ${d.code}`)).toEqual([`warning ${code}`]);
      expect(lenient.plan.units[0]!.dependsOn).toEqual([]);
    }
  });

  it('an optional target is none of a problem when it is included', () => {
    const spec = read('- [ ] 1. A', '  - depends on: 2', '- [ ]* 2. B');
    expect(problems(spec, { includeOptional: true })).toEqual([]);
    expect(order(spec, { includeOptional: true })).toEqual(['2', '1']);
  });

  it('an unknown id names the nearest ones', () => {
    expect(message(read('- [ ] 1. A', '- [ ] 12. B', '- [ ] 20. C', '  - depends on: 13'))).toMatch(
      /20 depends on 13.*Did you mean 1 or 12\b/,
    );
  });
});

describe('selection', () => {
  const spec = read(
    '- [ ] 1. A',
    '  - [ ] 1.1 B',
    '  - [ ] 1.2 C',
    '- [ ] 2. D',
    '- [ ] 3. E',
    '  - [ ]* 3.1 F',
    '  - [ ] 3.2 G',
    '- [ ] 4. H',
  );

  it('only, from and until cut the order; the rest is said', () => {
    expect(order(spec, { only: ['3', '1'] })).toEqual(['1', '3']);
    expect(order(spec, { from: '2' })).toEqual(['2', '3', '4']);
    expect(order(spec, { until: '2' })).toEqual(['1', '2']);
    expect(order(spec, { from: '2', until: '3' })).toEqual(['2', '3']);
    expect(plan(spec, { only: ['2'] }).plan.skipped.map(s => [s.id, s.because])).toEqual([
      ['3.1', 'optional'],
      ['1', 'not_selected'],
      ['3', 'not_selected'],
      ['4', 'not_selected'],
    ]);
  });

  it('a task inside a unit names its unit, a parent all its leaves', () => {
    expect(order(spec, { only: ['1.2'] })).toEqual(['1']);
    expect(order(spec, { only: ['1'], granularity: 'leaf' })).toEqual(['1.1', '1.2']);
    expect(order(spec, { from: '1.2', until: '3', granularity: 'leaf' })).toEqual(['1.2', '2', '3.2']);
  });

  it('what names nothing is an error', () => {
    expect(problems(spec, { only: ['1.3'] })).toEqual(['error unknown_unit null']);
    expect(message(spec, { only: ['1.3'] })).toContain('Did you mean 1.1 or 1.2');
    expect(message(spec, { from: 'x' })).toContain('--from x');
    expect(message(spec, { only: ['3.1'] })).toContain('--include-optional');
  });

  it('what leaves nothing is an error', () => {
    expect(problems(spec, { from: '3', until: '1' })).toEqual(['error empty_selection null']);
  });

  it('keeps dependencies on units that are not selected', () => {
    const waiting = read('- [ ] 1. A', '- [ ] 2. B', '  - depends on: 1');
    expect(plan(waiting, { only: ['2'] }).plan.units[0]).toMatchObject({ dependsOn: ['1'], dependsOnUnits: ['1'] });
  });
});

describe('the hash', () => {
  const hash = (...lines: string[]) => plan(read(...lines)).plan.hash;
  const base = hash('- [ ] 1. A', '- [ ] 2. B');
  it('is that of the structure, not of ticks, details and white space', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect(hash('- [x] 1. A', '', '- [-]  2.   B', '  - detail')).toBe(base);
  });
  it.each([
    ['a title', ['- [ ] 1. A', '- [ ] 2. C']],
    ['an id', ['- [ ] 1. A', '- [ ] 3. B']],
    ['an optional mark', ['- [ ] 1. A', '- [ ]* 2. B']],
    ['a dependency', ['- [ ] 1. A', '- [ ] 2. B', '  - depends on: 1']],
    ['a task more', ['- [ ] 1. A', '- [ ] 2. B', '- [ ] 3. C']],
    ['a command', ['- [ ] 1. A', '- [ ] 2. B', '  - _verify: npm test_']],
    ['leave to change nothing', ['- [ ] 1. A', '- [ ] 2. B', '  - _no_change_']],
  ])('changes with %s', (_, lines) => {
    expect(hash(...lines)).not.toBe(base);
  });
  it('changes with what is expected of tests', () => {
    const details = ['- [ ] 1. Write tests', '  - Observe'];
    expect(hash(...details, '  - This test MUST FAIL on unfixed code')).not.toBe(hash(...details));
  });
  it('stays what journals hold where nothing is said of proof', () => {
    expect(hash('- [ ] 1. A', '- [ ] 2. B', '  - depends on: 1')).toBe('c23c07289d7dda5a');
  });
});

describe('planView', () => {
  it('is exactly this', () => {
    const spec = fixture('kiro-nested.md');
    const { plan: made, diagnostics } = plan(spec);
    const view = planView(spec, made, [...spec.diagnostics, ...diagnostics], new Set(['1.1']));
    expect(Object.keys(view)).toEqual(['dialect', 'because', 'tasks', 'units', 'phases', 'skipped', 'diagnostics']);
    expect(view.tasks.map(t => [t.id, t.unit])).toEqual([
      ['1', '1'],
      ['1.1', '1'],
      ['1.2', null],
      ['2', '2'],
      ['2.1', '2'],
      ['2.2', '2'],
      ['2.3', null],
      ['3', '3'],
      ['4', '4'],
    ]);
    expect(view.tasks[5]).toEqual({
      id: '2.2',
      title: 'Take a book back',
      line: 28,
      parent: '2',
      state: 'pending',
      optional: false,
      dependsOn: ['2.1'],
      dependencies: [{ id: '2.1', hard: true }],
      dependsOnGroups: [],
      unit: '2',
    });
    expect(view.units).toEqual([
      {
        id: '2',
        title: 'Build the desk',
        tasks: ['2', '2.1', '2.2', '2.3'],
        dependsOn: [],
        follows: [],
        followsGroups: [],
        order: 1,
        level: 0,
      },
      {
        id: '3',
        title: 'Checkpoint - Ensure all tests pass',
        tasks: ['3'],
        dependsOn: [],
        follows: [],
        followsGroups: [],
        order: 2,
        level: 0,
        noChange: true,
        expects: 'green',
        checkpoint: true,
      },
      {
        id: '4',
        title: 'Wire everything together',
        tasks: ['4'],
        dependsOn: ['2', '3'],
        follows: [],
        followsGroups: [],
        order: 3,
        level: 1,
      },
    ]);
    expect(view.skipped).toEqual([
      { id: '1.2', because: 'optional' },
      { id: '2.3', because: 'optional' },
    ]);
    expect(view.diagnostics).toEqual([
      { severity: 'warning', code: 'ignored_box', message: expect.any(String), line: 42 },
    ]);
  });

  it('gives tasks below a heading the heading as unit', () => {
    const spec = fixture('flat-groups.md');
    const view = planView(spec, plan(spec).plan, [], new Set());
    expect(view.tasks.map(t => t.unit)).toEqual(['1', '1', '2', '2', '2', '2.3']);
  });

  it('gives parents no unit where leaves are the units', () => {
    const spec = read('- [ ] 1. A', '  - [ ] 1.1 B');
    const view = planView(spec, plan(spec, { granularity: 'leaf' }).plan, [], new Set());
    expect(view.tasks.map(t => t.unit)).toEqual([null, '1.1']);
  });
});

describe('speed', () => {
  it('plans 10,000 tasks in well under a second', () => {
    const lines: string[] = [];
    for (let i = 1; i <= 1_000; i++) {
      lines.push(`- [ ] ${i}. G`, ...(i > 1 ? [`  - depends on: ${i - 1}`] : []));
      for (let j = 1; j <= 9; j++) lines.push(`  - [ ] ${i}.${j} T`);
    }
    const spec = read(...lines);
    expect(plan(spec, { granularity: 'leaf' }).plan.units).toHaveLength(9_000);
    expect(plan(spec).plan.units.at(-1)!.level).toBe(999);
  });
});

describe('what only the prose says', () => {
  const tasks = (...prose: string[]) =>
    plan(readSpec(new TextEncoder().encode(['- [ ] T001 a', '- [ ] T002 b', '- [ ] T003 c', '', ...prose].join('\n'))));
  it('orders units and holds none back', () => {
    const { plan: made, diagnostics } = tasks('T001 depends on T003');
    expect(made.units.map(unit => [unit.id, unit.dependsOn, unit.followsUnits])).toEqual([
      ['T002', [], undefined],
      ['T003', [], undefined],
      ['T001', [], ['T003']],
    ]);
    expect(diagnostics).toEqual([]);
  });
  it('is let go where it goes round in a circle', () => {
    const { plan: made, diagnostics } = tasks('T001 depends on T003', 'T003 depends on T001');
    expect(made.units.map(unit => unit.id)).toEqual(['T001', 'T002', 'T003']);
    expect(diagnostics).toEqual([]);
  });
});

describe('a required parent whose subtasks are all optional', () => {
  const lines = [
    '- [ ] 1. Implement the parser',
    '  - Write src/parser.ts',
    '  - _Requirements: 1.1_',
    '  - [ ]* 1.1 Write property tests',
    '- [ ] 2. Write tests',
    '  - _Requirements: 2.1_',
    '  - [ ]* 2.1 Write unit tests',
    '- [ ]* 3. Polish',
    '  - Make it shine',
    '  - [ ]* 3.1 Test it',
    '- [ ] 4. Ship',
    '  - Depends on: 1',
    '  - [ ] 4.1 Pack',
    '    - carefully',
    '    - [ ]* 4.1.1 Test the box',
  ];
  it('is a unit of its own if it says what is to be done, and is left out with them if not', () => {
    const { units, skipped } = plan(read(...lines)).plan;
    expect(units.map(unit => [unit.id, unit.leaves.map(leaf => leaf.id), unit.optionalLeft, unit.dependsOn])).toEqual([
      ['1', ['1'], ['1.1'], []],
      ['4', ['4.1'], ['4.1.1'], ['1']],
    ]);
    expect(skipped.map(({ id }) => id)).toEqual(['1.1', '2', '2.1', '3', '3.1', '4.1.1']);
    expect(order(read(...lines), { granularity: 'leaf' })).toEqual(['1', '4.1']);
  });
  it('is one also if its title says it; a title that asks for tests is their name', () => {
    const { units, skipped } = plan(
      read(
        ...['- [ ] 1. Wire it up', '  - [ ]* 1.1 Unit tests'],
        ...['- [ ] 2. Integration testing', '  - [ ]* 2.1 Login', '  - [ ]* 2.2 Logout'],
        ...['- [ ] 3. Validate the export', '  - [ ]* 3.1 Property test'],
        ...['- [ ] 4. 静态代码分析验证', '  - [ ]* 4.1 A'],
      ),
    ).plan;
    expect(units.map(unit => [unit.id, unit.optionalLeft])).toEqual([['1', ['1.1']]]);
    expect(skipped.map(({ id }) => id)).toEqual(['1.1', '2', '2.1', '2.2', '3', '3.1', '4', '4.1']);
  });
  it('is one piece of work beside them when they are included', () => {
    const { units } = plan(read(...lines), { includeOptional: true }).plan;
    expect(units.map(unit => unit.leaves.map(leaf => leaf.id))).toEqual([
      ['1', '1.1'],
      ['2.1'],
      ['3.1'],
      ['4.1', '4.1.1'],
    ]);
  });
});

it('a parent that names a part of itself makes no part wait for it', () => {
  const spec = read('- [ ] 1. A', '  - _Depends: 1.2_', '  - [ ] 1.1 B', '  - [ ] 1.2 C');
  expect(order(spec, { granularity: 'leaf' })).toEqual(['1.1', '1.2']);
});

describe('the order of kinds of ids', () => {
  it('is that of the file, and of numbers within a kind', () => {
    expect(order(read('- [ ] SETUP-2 A', '- [ ] SETUP-1 B', '- [ ] API-10 C', '- [ ] API-2 D'))).toEqual([
      'SETUP-1',
      'SETUP-2',
      'API-2',
      'API-10',
    ]);
  });
  it('follows the waves where every unit is one task', () => {
    const waves = ['```json', '{"waves": [{"tasks": ["3"]}, {"tasks": ["2"]}, {"tasks": ["1"]}]}', '```'];
    expect(order(read('- [ ] 1. A', '- [ ] 2. B', '- [ ] 3. C', ...waves))).toEqual(['3', '2', '1']);
  });
});

it('an agent that nobody knows is told where its task is, and the plan stands', () => {
  const spec = read('- [ ] 1. One', '  - _agent: claud_', '- [ ] 2. Two', '  - _agent: claude_');
  expect(problems(spec)).toEqual([]);
  expect(problems(spec, { agents: ['claude', 'codex'] })).toEqual(['warning unknown_agent 1']);
  expect(message(spec, { agents: ['claude', 'codex'] })).toContain(
    'names "claud" as its agent, which is none; expected claude, codex',
  );
  expect(order(spec, { agents: ['claude'] })).toEqual(['1', '2']);
});
