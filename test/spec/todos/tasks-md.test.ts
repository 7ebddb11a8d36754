// A todo JSON written as tasks.md is read back as the same tasks, whatever its ids, titles and texts are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/core/task.ts';
import { readSpec } from '../../../src/spec/read.ts';
import { type Imported, tasksMdOf } from '../../../src/spec/todos/tasks-md.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const importOf = (todos: unknown) => tasksMdOf(bytesOf(JSON.stringify(todos)));
const textOf = (todos: unknown): Extract<Imported, { kind: 'text' }> => {
  const imported = importOf(todos);
  if (imported.kind !== 'text') throw new Error(JSON.stringify(imported));
  return imported;
};
const todo = (id: string, rest: Record<string, unknown> = {}) => ({
  id,
  title: `Do ${id}`,
  status: 'pending',
  ...rest,
});

/** What must survive, by id. Dependencies as a set; titles apart. */
const shapes = (tasks: readonly Task[], rename: (id: string) => string = id => id) =>
  Object.fromEntries(
    tasks.map(({ id, parent, state, optional, dependsOn, agent, verify, noChange }) => [
      rename(id),
      {
        parent: parent === null ? null : rename(parent),
        state,
        optional,
        agent,
        verify,
        noChange,
        dependsOn: [...new Set(dependsOn.map(rename))].sort(),
      },
    ]),
  );

const plainWords = (title: string) => title.replace(/[^\p{L}\p{N}]+/gu, '');

describe('as a person would write it', () => {
  it('nested, with dependencies, facts and how to verify', () => {
    const { text } = textOf({
      version: 1,
      spec: 'cart',
      todos: [
        todo('1', { title: 'Add the cart', status: 'completed', description: 'Two pages:\n- list\n- detail' }),
        todo('1.1', { status: 'completed' }),
        todo('2', { dependsOn: ['1'], priority: 1, complexity: 'small', verificationCriteria: 'all tests pass' }),
        todo('3', { optional: true, status: 'in_progress', description: 'First.\n\n```ts\ncode();\n```' }),
      ],
    });
    expect(text).toBe(`# Implementation Plan

- [x] 1. Add the cart
  - Two pages:
  - list
  - detail
  - [x] 1.1 Do 1.1
- [ ] 2. Do 2
  - _verify: all tests pass_
  - _priority: 1_
  - _tokens: 8000_
  - _Depends: 1_
- [-]* 3. Do 3

  First.

  \`\`\`ts
  code();
  \`\`\`
`);
  });

  it('codes stay, other ids become numbers, and say what they were', () => {
    const codes = textOf([todo('T-1'), todo('T-2', { dependsOn: ['T-1'] })]);
    expect(codes.renamed.size).toBe(0);
    expect(codes.text).toContain('- [ ] T-2 Do T-2\n  - _Depends: T-1_\n');
    const words = textOf([todo('setup db'), todo('api', { dependsOn: ['setup db'] }), todo('api.x')]);
    expect([...words.renamed]).toEqual([
      ['setup db', '1'],
      ['api', '2'],
      ['api.x', '2.1'],
    ]);
    expect(words.text).toContain('- [ ] 2. Do api\n  - _todo: api_\n  - _Depends: 1_\n  - [ ] 2.1 Do api.x\n');
  });

  it('groups become waves', () => {
    const { text } = textOf([todo('2', { parallelGroup: 1 }), todo('1', { parallelGroup: 4 })]);
    expect(readSpec(bytesOf(text)).waves).toEqual([['2'], ['1']]);
  });

  it('what would be read as more than text stands in a fence', () => {
    const { text, retitled } = textOf([
      todo('1', { description: 'see\n- [ ] 7. Other\n' }),
      todo('2', { description: 'Depends on: 1' }),
      todo('3', { title: 'Go (depends on: 1)', description: '_agent: claude_' }),
    ]);
    expect(text).toContain('  ```text\n  Depends on: 1\n  ```');
    expect(retitled).toEqual(['3']);
    const { tasks } = readSpec(bytesOf(text));
    expect(tasks.map(({ id, dependsOn, agent }) => [id, dependsOn, agent])).toEqual([
      ['1', [], null],
      ['2', [], null],
      ['3', [], 'claude'],
    ]);
    expect(tasks[2]!.title).toBe('Go depends on 1');
  });

  it('errors of the JSON are handed on', () => {
    expect(importOf([{ id: '1' }])).toMatchObject({
      kind: 'errors',
      spec: { diagnostics: [{ code: 'missing_field' }, {}] },
    });
  });
});

const nasty = fc.constantFrom(
  '- [ ] 1. Box',
  '  - [x] 9.1 Box',
  '# 1. Heading',
  '## 2. Heading',
  '```',
  '~~~text',
  '````',
  '<!--',
  '-->',
  '> - [ ] 3. quoted',
  'depends on: 1',
  '_Depends: 2_ _agent: claude_',
  'after: 3, 4',
  'blocks: 1',
  '_agent: bad name_',
  '| a | b |',
  '---',
  '===',
  '\tcode',
  '1. item',
  '1) item',
  '* item',
  '**bold**',
  '[1] note',
  '[x] 2. box',
  '(optional)',
  '[optional] x',
  '- foo',
  ': foo',
  '2 apples',
  '1.1 foo',
  'T001 foo',
  '_verify: x_',
  '_verify: `a` `b`_',
  '_verify: x\u200by_',
  '_no_change_',
  '**Validates: 1.1**',
  'T011 depends on T003',
  'Task 2 must come before task 1',
  '<script>',
  '\\',
  '`',
  '\u0000\u001b[31m',
  '\u2028',
  '\ud800',
  '任务 1：建立',
  '```json\n{"waves":[["1"]]}\n```',
  '---\na: b\n---',
  '',
);
const text = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.oneof(nasty, fc.string({ maxLength: 8 })), { maxLength: 5 }).map(parts => parts.join('\n')),
  fc.array(nasty, { maxLength: 3 }).map(parts => parts.join(' ')),
);

const id = fc.oneof(
  fc.constantFrom('1', '2', '3', '10', '1.1', '1.2', '2.1', '1.1.1', '1.1.1.1.1.1.1.1.1', '7.3a', '1.0', '01', '0'),
  fc.constantFrom('T1', 'T2', 'T-1', 'T001', 'T1.1', 'A.1', 'x', 'set up', 'a.b', '999999', '999998', '1.x.2', 'é'),
);

const todos = fc
  .uniqueArray(
    fc.record({
      id,
      title: fc.oneof(fc.constant('Do it'), text),
      status: fc.constantFrom('pending', 'in_progress', 'completed', 'blocked'),
      description: text,
      needs: fc.array(fc.nat(20), { maxLength: 3 }),
      optional: fc.boolean(),
      priority: fc.integer({ min: 1, max: 5 }),
      verificationCriteria: fc.option(text),
      parallelGroup: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
    { selector: one => one.id, minLength: 1, maxLength: 8 },
  )
  .map(list =>
    list.map(({ needs, ...one }, index) => ({
      ...one,
      title: one.title.trim() === '' ? 'Do it' : one.title,
      dependsOn: [...new Set(needs.map(need => list[need % list.length]!.id))].filter(
        other => other !== list[index]!.id,
      ),
    })),
  );

it('is read back as the same tasks: ids, parents, states, optional, owners, dependencies, waves', () => {
  fc.assert(
    fc.property(todos, list => {
      const json = bytesOf(JSON.stringify(list));
      const spec = readSpec(json);
      const imported = tasksMdOf(json);
      if (imported.kind !== 'text') throw new Error(imported.kind);
      const back = readSpec(bytesOf(imported.text));
      const rename = (one: string) => imported.renamed.get(one) ?? one;
      expect(back.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(shapes(back.tasks)).toEqual(shapes(spec.tasks, rename));
      expect(back.waves).toEqual(spec.waves?.map(wave => wave.map(rename)) ?? null);
      const titles = new Map(back.tasks.map(task => [task.id, task.title]));
      for (const task of spec.tasks) {
        const title = titles.get(rename(task.id))!;
        if (!imported.retitled.includes(task.id)) expect(title).toBe(task.title);
        else if (!title.startsWith('Todo ')) expect(plainWords(task.title)).toContain(plainWords(title));
      }
      // Every word of every text is still there.
      for (const { description } of list) {
        for (const word of description.match(/[\p{L}\p{N}]+/gu) ?? []) expect(imported.text).toContain(word);
      }
    }),
    { numRuns: process.env.SEQRUN_TEST_LONG ? 1000 : 40 },
  );
});
