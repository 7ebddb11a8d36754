// Tasks written as todo JSON are read back as the same plan.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../src/core/plan.ts';
import type { PlanOptions } from '../../../src/core/plan-types.ts';
import type { Spec } from '../../../src/core/task.ts';
import { readSpec } from '../../../src/spec/read.ts';
import { criteriaIn, withCriteria } from '../../../src/spec/todos/details.ts';
import { todosJsonOf } from '../../../src/spec/todos/write.ts';

const read = (text: string) => readSpec(new TextEncoder().encode(text));
const write = (spec: Spec, includeOptional = false) =>
  todosJsonOf(spec, {
    name: 'cart',
    includeOptional,
    statusOf: leaf => (leaf.state === 'done' ? 'completed' : leaf.state),
  });

/** What is the same of a plan whatever file it is made of. */
const unitsOf = (spec: Spec, options: Partial<PlanOptions>) => {
  const { plan, diagnostics } = makePlan(spec, {
    granularity: 'group',
    includeOptional: false,
    lenientDeps: true,
    only: null,
    from: null,
    until: null,
    ...options,
  });
  const units = plan.units.map(({ id, title, leaves, optionalLeft, dependsOn, level, agent, verify, noChange }) => ({
    id,
    title,
    leaves: leaves.map(leaf => [leaf.id, leaf.title, leaf.optional]),
    optionalLeft,
    dependsOn,
    level,
    agent,
    verify,
    noChange,
  }));
  const cycles = diagnostics.filter(({ code }) => code === 'cycle').length;
  return { cycles, units: units.sort((a, b) => (a.id < b.id ? -1 : 1)) };
};

const line = fc.record({
  id: fc.constantFrom('1', '2', '3', '4', '1.1', '1.2', '2.1', '2.2', '2.2.1', '10'),
  mark: fc.constantFrom(' ', 'x', '-'),
  optional: fc.boolean(),
  needs: fc.array(fc.constantFrom('1', '2', '3', '1.1', '2.2', '2.2.1', '9'), { maxLength: 2 }),
  agent: fc.boolean(),
  proof: fc.subarray(['_verify: npm test_', '_verify: `a_b`_', '_no_change_']),
});

it('has the same units, leaves, dependencies and levels', () => {
  fc.assert(
    fc.property(fc.uniqueArray(line, { selector: one => one.id, minLength: 1 }), fc.boolean(), (lines, heading) => {
      const text = lines.map(({ id, mark, optional, needs, agent, proof }) =>
        [
          `- [${mark}]${optional ? '*' : ''} ${id}${id.includes('.') ? '' : '.'} Do ${id}`,
          ...(needs.length > 0 ? [`  - _Depends: ${needs.join(', ')}_`] : []),
          ...(agent ? ['  - _agent: claude_'] : []),
          ...proof.map(one => `  - ${one}`),
        ].join('\n'),
      );
      const spec = read(
        `${text.join('\n')}\n${heading ? '\n## 7. Later\n\n- [ ] 7.1 Do 7.1\n- [ ] 7.2 Do 7.2\n' : ''}`,
      );
      for (const includeOptional of [false, true]) {
        const json = write(spec, includeOptional);
        const back = read(JSON.stringify(json, null, 2));
        expect(back.diagnostics.filter(({ severity }) => severity !== 'info' && severity !== 'warning')).toEqual([]);
        expect(back.tasks.map(({ id, optional }) => [id, optional])).toEqual(
          json.todos.map(({ id, optional }) => [id, optional ?? false]),
        );
        for (const granularity of ['group', 'leaf'] as const) {
          const options = { includeOptional, granularity };
          expect(unitsOf(back, options)).toEqual(unitsOf(spec, options));
        }
      }
    }),
    { numRuns: 100 },
  );
});

describe('one by one', () => {
  it('a parent stands where its required leaves stand', () => {
    const statuses = (text: string) => write(read(text)).todos.map(({ status }) => status);
    expect(statuses('- [ ] 1. A\n- [x] 1.1 B\n- [ ]* 1.2 C\n')).toEqual(['completed', 'completed', 'pending']);
    expect(statuses('- [x] 1. A\n- [ ] 1.1 B\n- [x] 1.2 C\n')).toEqual(['in_progress', 'pending', 'completed']);
    expect(statuses('- [x] 1. A\n- [ ] 1.1 B\n')).toEqual(['pending', 'pending']);
  });

  it('levels become groups, a parent is in the last one of its leaves', () => {
    const { todos } = write(
      read('- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 1.2 C\n  - depends on: 1.1\n- [ ] 2. D\n  - depends on: 1\n'),
    );
    expect(todos.map(({ id, parallelGroup, blocks }) => [id, parallelGroup, blocks])).toEqual([
      ['1', 2, []],
      ['1.1', 1, ['1.2', '2']],
      ['1.2', 2, ['2']],
      ['2', 3, []],
    ]);
  });

  it.each([
    ['- a\n- _verify: npm test_', 'npm test'],
    ['_Verify: a_b is c_', 'a_b is c'],
    ['- _verify: one_\n- _verify: two_\n- **Validates: 1.1**', 'one && two'],
    ['- _verify: `npm test`_', 'npm test'],
    ['```\n_verify: in a fence_\n```\n**Validates: 1.1**', '1.1'],
    ['- **Validates: Requirements 1.1, 2**', 'Requirements 1.1, 2'],
    ['**Validates:** all of it', 'all of it'],
    ['verify: nothing here', null],
    ['', null],
  ])('%j is verified by %j', (details, criteria) => {
    expect(criteriaIn(details)).toBe(criteria);
    expect(withCriteria(details, criteria)).toBe(details);
  });
});
