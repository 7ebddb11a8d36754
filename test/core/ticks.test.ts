// Which readings of a task file share a plan.
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions } from '../../src/core/plan-types.ts';
import type { Spec, Task } from '../../src/core/task.ts';
import { sameButForBoxes } from '../../src/core/ticks.ts';
import { readSpec } from '../../src/spec/read.ts';

const text = `# Plan

- [ ] 1. Groundwork
  - [ ] 1.1 First part
  - [ ] 1.2* Second part
    - _Depends: 1.1_
- [ ] 2. The rest
  - _agent: claude_
`;
const read = (source: string): Spec => readSpec(Buffer.from(source));
const options: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};

describe('two readings of a task file', () => {
  it('share a plan when only boxes differ', () => {
    for (const mark of ['x', 'X', '-', '~']) {
      const ticked = read(text.replaceAll('[ ]', `[${mark}]`));
      expect(sameButForBoxes(read(text), ticked)).toBe(true);
      expect(makePlan(ticked, options)).toEqual(makePlan(read(text), options));
    }
  });

  it('do not when anything is written otherwise that a plan is made from', () => {
    const first = read(text).tasks[0]!;
    const others: { [Key in keyof Task]?: Task[Key] } = {
      id: '7',
      title: 'Other work',
      line: 99,
      parent: '2',
      group: 'A',
      optional: true,
      dependsOn: ['2'],
      follows: ['2'],
      dependsOnGroups: ['phase 1'],
      aliases: ['8'],
      agent: 'codex',
    };
    for (const [key, value] of Object.entries(others)) {
      const spec = read(text);
      spec.tasks[0] = { ...first, [key]: value };
      expect(sameButForBoxes(read(text), spec), key).toBe(false);
      expect(sameButForBoxes(spec, read(text)), key).toBe(false);
    }
    const base = read(text);
    const phase = { id: 'phase 1', title: 'Phase 1', line: 1, tasks: ['1'], dependsOnGroups: [], follows: [] };
    expect(sameButForBoxes(base, { ...base, phases: [phase] })).toBe(false);
    expect(sameButForBoxes(base, { ...base, dialect: 'other' })).toBe(false);
    expect(sameButForBoxes(base, { ...base, tasks: base.tasks.slice(1) })).toBe(false);
    expect(sameButForBoxes(base, { ...base, waves: [['1.1']] })).toBe(false);
    const group = { id: 'A', title: 'A', line: 1, dependsOn: [] };
    expect(sameButForBoxes(base, { ...base, groups: [group] })).toBe(false);
  });
});
