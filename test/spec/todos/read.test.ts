// A todo JSON becomes the same Spec as a task file; whatever is wrong with it is told with its line.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../src/core/plan.ts';
import type { PlanOptions } from '../../../src/core/plan-types.ts';
import { readSpec } from '../../../src/spec/read.ts';
import { looksLikeTodos } from '../../../src/spec/todos/read.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (value: unknown, dialect: string | null = null) =>
  readSpec(bytesOf(typeof value === 'string' ? value : JSON.stringify(value, null, 2)), undefined, { dialect });

/** One line each, so that the line of a todo is its place in the list plus 2. */
const lines = (...todos: string[]) => `[\n${todos.join(',\n')}\n]\n`;
const todo = (id: string, rest: Record<string, unknown> = {}) =>
  JSON.stringify({ id, title: `Do ${id}`, status: 'pending', ...rest });

const said = (text: string) =>
  read(text).diagnostics.map(({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`);

const options: PlanOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};

describe('what it reads', () => {
  it('an object of version 1, with every field', () => {
    const spec = read({
      version: 1,
      spec: 'cart',
      todos: [
        { id: 'T-1', title: 'Add\n the cart ', status: 'completed' },
        {
          id: 'T-3',
          title: 'Build form',
          status: 'in_progress',
          description: '\nThe form of the page\n\n- with names\n',
          dependsOn: ['T-1'],
          priority: 2,
          complexity: 'medium',
          estimatedTokens: 20000,
          parallelGroup: 2,
          verificationCriteria: 'Component renders,\ntests pass',
        },
      ],
    });
    expect(spec).toEqual({
      dialect: 'todos',
      because: 'a JSON object with 2 todos',
      groups: [],
      waves: [['T-3']],
      diagnostics: [],
      tasks: [
        expect.objectContaining({
          id: 'T-1',
          title: 'Add the cart',
          line: 6,
          state: 'done',
          dependsOn: [],
          details: '',
        }),
        {
          id: 'T-3',
          title: 'Build form',
          line: 11,
          parent: null,
          group: null,
          state: 'in_progress',
          optional: false,
          dependsOn: ['T-1'],
          dependsOnLines: { 'T-1': 16 },
          priority: 2,
          follows: [],
          box: null,
          details: 'The form of the page\n\n- with names\n_verify: Component renders, tests pass_',
          agent: null,
          verify: ['Component renders, tests pass'],
        },
      ],
    });
  });

  it('a bare list, with a BOM and any line ends', () => {
    const spec = read(`\ufeff${lines(todo('1'), todo('2')).replaceAll('\n', '\r\n')}`);
    expect(spec).toMatchObject({ dialect: 'todos', because: 'a JSON list with 2 todos', diagnostics: [] });
    expect(spec.tasks.map(({ id, line }) => [id, line])).toEqual([
      ['1', 2],
      ['2', 3],
    ]);
  });

  it('dotted ids as parts, whatever their order; what is a part of something optional is optional', () => {
    const spec = read(
      lines(
        todo('1.2.1'),
        todo('1.2'),
        todo('1', { optional: true }),
        todo('2.1'),
        todo('v1.2'),
        todo('3', { title: 'Nice (optional)' }),
      ),
    );
    expect(spec.tasks.map(({ id, parent, optional }) => [id, parent, optional])).toEqual([
      ['1.2.1', '1.2', true],
      ['1.2', '1', true],
      ['1', null, true],
      ['2.1', null, false],
      ['v1.2', null, false],
      ['3', null, true],
    ]);
    expect(spec.diagnostics).toEqual([]);
  });

  it('blocks as the inverse of dependsOn; a parent stands for its parts', () => {
    const spec = read(
      lines(
        todo('1', { blocks: ['3', '2'] }),
        todo('2', { dependsOn: ['1'] }),
        todo('3'),
        todo('4.1'),
        todo('4.2', { blocks: [] }),
        todo('5', { blocks: ['4'] }),
      ),
    );
    expect(spec.diagnostics).toEqual([]);
    expect(spec.tasks.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['1', []],
      ['2', ['1']],
      ['3', ['1']],
      ['4.1', ['5']],
      ['4.2', ['5']],
      ['5', []],
    ]);
  });

  it('an owner named in the description, as in a task file', () => {
    expect(read(lines(todo('1', { description: 'x\n- _agent: claude_' }))).tasks[0]!.agent).toBe('claude');
  });

  it('null for a field that is not there', () => {
    const spec = read(lines(todo('1', { description: null, dependsOn: null, priority: null })));
    expect(spec.diagnostics).toEqual([]);
    expect(spec.tasks).toHaveLength(1);
  });
});

describe('which files', () => {
  it.each([
    '[ ] 1. Title\n',
    '[x] 1. Title\n- [ ] 2. Next\n',
    '[link](https://example.org)\n\n- [ ] 1. Title\n',
    '[{{name}}] tasks\n- [ ] 1. A\n',
    '{{name}}: tasks\n\n- [ ] 1. A\n',
    '{status: draft}\n# Tasks\n- [ ] 1. A\n',
    '{status: draft}\n## Task 1: A\n## Task 2: B\n',
    '["Quoted"](x)\n## Task 1: A\n## Task 2: B\n',
    '[1] a note\n\n- [ ] 1. A\n',
    '{% raw %}\n- [ ] 1. A\n',
    '```json\n{ "todos": [] }\n```\n- [ ] 1. A\n',
  ])('Markdown: %j', text => {
    expect(looksLikeTodos(text)).toBe(false);
    expect(read(text).dialect).not.toBe('todos');
    expect(read(text).diagnostics.map(({ code }) => code)).not.toContain('bad_json');
  });

  it.each([
    '{"todos": []}',
    '[]',
    ' [\n {"id"',
    '{',
    '{}',
    "{'todos': []}",
    '{ todos: [] }',
    '{ // all of it\n}',
    '[{ id: 1 }]',
  ])('JSON, if perhaps a broken one: %j', text => {
    expect(looksLikeTodos(text)).toBe(true);
    expect(read(text)).toMatchObject({ dialect: 'none', because: null, tasks: [] });
    expect(read(text).diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  });

  it('boxes inside a broken text of JSON are no tasks', () => {
    const text = '[{"id": "1", "title": "A", "status": "pending", "description": "see\n- [ ] 1. B\n"}]';
    expect(read(text)).toMatchObject({ tasks: [], diagnostics: [{ code: 'bad_json', line: 1 }] });
  });

  it('the named dialect, whatever it looks like', () => {
    expect(read('- [ ] 1. A\n', 'todos')).toMatchObject({ dialect: 'none', diagnostics: [{ code: 'bad_json' }] });
    expect(read(lines(todo('1')), 'todos').because).toBe('asked for');
    expect(read(lines(todo('1')), 'plain').dialect).toBe('none');
  });

  it('UTF-16 and too large files as of any task file', () => {
    expect(readSpec(new Uint8Array([0xff, 0xfe, 0x5b, 0]), undefined, { dialect: 'todos' }).diagnostics[0]!.code).toBe(
      'not_utf8',
    );
    expect(readSpec(new Uint8Array(5 * 1024 * 1024 + 1), undefined, { dialect: 'todos' }).diagnostics[0]!.code).toBe(
      'too_large',
    );
  });
});

describe('what is wrong is told with its line', () => {
  it('no JSON: line, column, the line itself', () => {
    const [problem] = read('[\n  {"id": "1", "title": "A", "status": "pending"},\n]\n').diagnostics;
    expect(problem).toEqual({
      severity: 'error',
      code: 'bad_json',
      message: 'This is no JSON: a comma stands before the closing ]; expected no comma behind the last one.',
      line: 2,
      column: 49,
      source: '  {"id": "1", "title": "A", "status": "pending"},',
    });
    expect(read('{"todos": [\n{"id": "1"').diagnostics[0]).toMatchObject({
      message: 'This is no JSON: the file ends inside an object (it began in line 2); expected a closing }.',
      line: 2,
      column: 11,
    });
  });

  it.each([
    ['missing_field', '{"title": "A", "status": "pending"}', 'error missing_field', '{'],
    ['missing_field', '{"id": "1", "status": "pending"}', 'error missing_field', '{'],
    ['missing_field', '{"id": "1", "title": "A"}', 'error missing_field', '{'],
    ['status', '{"id": "1", "title": "A", "status": "done"}', 'error bad_value', '"done"'],
    ['title', '{"id": "1", "title": " ", "status": "pending"}', 'error bad_value', '" "'],
    ['id of two lines', '{"id": "1\\n2", "title": "A", "status": "pending"}', 'error bad_id', '"1\\n2"'],
    [
      'id that objects have',
      '{"id": "constructor", "title": "A", "status": "pending"}',
      'error bad_id',
      '"constructor"',
    ],
    ['id with a comma', '{"id": "a,b", "title": "A", "status": "pending"}', 'warning odd_id', '"a,b"'],
    ['id with a blank', '{"id": "a b", "title": "A", "status": "pending"}', 'warning odd_id', '"a b"'],
    ['id as a number', '{"id": 1.10, "title": "A", "status": "pending"}', 'warning bad_id', '1.10'],
    ['empty id', '{"id": "", "title": "A", "status": "pending"}', 'error bad_id', '""'],
    ['dependsOn', todo('1', { dependsOn: '2' }), 'error bad_value', '"2"'],
    ['dependsOn item', todo('1', { dependsOn: [{}] }), 'error bad_id', '{}'],
    ['blocks unknown', todo('1', { blocks: ['9'] }), 'error unknown_dependency', '"9"'],
    ['priority', todo('1', { priority: 6 }), 'warning bad_value', '6}'],
    ['priority of text', todo('1', { priority: 'high' }), 'warning bad_value', '"high"'],
    ['complexity', todo('1', { complexity: 'huge' }), 'warning bad_value', '"huge"'],
    ['estimatedTokens', todo('1', { estimatedTokens: -1 }), 'warning bad_value', '-1'],
    ['parallelGroup', todo('1', { parallelGroup: 0 }), 'warning bad_value', '0}'],
    ['criteria', todo('1', { verificationCriteria: ['a'] }), 'error bad_value', '["a"]'],
    ['optional', todo('1', { optional: 'yes' }), 'error bad_value', '"yes"'],
    ['misspelt', todo('1', { depends_on: ['2'] }), 'error unknown_field', '"depends_on"'],
    ['another name', todo('1', { dependencies: ['2'] }), 'error unknown_field', '"dependencies"'],
    ['unknown', todo('1', { colour: 'red' }), 'info unknown_field', '"colour"'],
    ['like a method', todo('1', { constructor: 'red' }), 'info unknown_field', '"constructor"'],
    ['nested', todo('1', { subtasks: [{ id: '1' }] }), 'error nested_todos', '"subtasks"'],
    ['twice', '{"id": "1", "id": "2", "title": "A", "status": "pending"}', 'error duplicate_field', '"id": "2"'],
    ['blocked by nothing', '{"id": "1", "title": "A", "status": "blocked"}', 'warning blocked_todo', '"blocked"'],
  ])('%s', (_, line, expected, place) => {
    expect(line).toContain(place);
    expect(said(lines(line))).toEqual([`${expected} 2:${line.indexOf(place) + 1}`]);
    const [only] = read(lines(line)).diagnostics;
    expect(only!.source).toBe(line);
    // What was expected, and an example.
    expect(only!.message).toMatch(/expected|e\.g\.|leave one|will run|is not read|Take it out|taken for/);
  });

  it.each([
    ['{"version": 2, "todos": []}', ['unknown_version', 'no_tasks']],
    ['{"version": 1}', ['bad_todos']],
    ['{"todos": {}}', ['bad_todos']],
    ['{"id": "1", "title": "A", "status": "pending"}', ['bad_todos']],
    ['{"spec": 1, "todos": []}', ['bad_value', 'no_tasks']],
    ['{"todos": [], "todos": []}', ['no_tasks', 'duplicate_field']],
    ['[]', ['no_tasks']],
  ])('%s', (text, codes) => {
    expect(
      read(text)
        .diagnostics.map(({ code }) => code)
        .sort(),
    ).toEqual([...codes].sort());
    expect(read(text).dialect).toBe('none');
  });

  it('a todo that is no object', () => {
    expect(read('["A"]', 'todos').diagnostics).toMatchObject([
      { severity: 'error', code: 'bad_todo', line: 1, column: 2 },
    ]);
  });

  it('an id that is used twice, with both lines', () => {
    const { diagnostics, tasks } = read(lines(todo('1'), todo('2'), todo('1')));
    expect(tasks.map(({ id }) => id)).toEqual(['1', '2']);
    expect(diagnostics).toMatchObject([
      { code: 'duplicate_id', line: 4, message: expect.stringContaining('lines 2 and 4') },
    ]);
  });

  it('blocks and dependsOn that contradict each other, from either end', () => {
    const forth = lines(todo('1', { blocks: ['2'] }), todo('2', { dependsOn: [] }));
    expect(said(forth)).toEqual(['error blocks_disagree 2:55']);
    expect(read(forth).diagnostics[0]!.message).toContain('Add "1" to the "dependsOn" of 2, or take "2" out here.');
    const back = lines(todo('1', { blocks: [] }), todo('2', { dependsOn: ['1'] }));
    expect(said(back)).toEqual(['error blocks_disagree 3:58']);
    expect(read(back).diagnostics[0]!.message).toContain('Add "2" to the "blocks" of 1');
  });

  it('parents and parts do not contradict each other', () => {
    expect(
      said(
        lines(
          todo('1', { blocks: ['2.1'] }),
          todo('1.1', { blocks: ['3'] }),
          todo('2', { dependsOn: ['1'] }),
          todo('2.1', { dependsOn: [] }),
          todo('3', { dependsOn: ['1'] }),
        ),
      ).filter(line => !line.includes('blocks_disagree 2:')),
    ).toEqual(['error blocks_disagree 6:58']);
  });

  it('a group before that of a dependency; blocked by something open', () => {
    const text = lines(
      todo('1', { parallelGroup: 2 }),
      todo('2', { parallelGroup: 2, dependsOn: ['1'] }),
      todo('3', { status: 'blocked', dependsOn: ['1'] }),
    );
    expect(said(text)).toEqual(['warning bad_group 3:61', 'info blocked_todo 4:35']);
  });

  it('a todo that blocks itself, or its parent what is a part of it: by the plan', () => {
    const spec = read(lines(todo('1', { blocks: ['1'] }), todo('2', { blocks: ['2.1'] }), todo('2.1')));
    const { diagnostics } = makePlan(spec, options);
    expect(diagnostics.map(({ code, line }) => `${code} ${line}`)).toEqual(['self_dependency 2', 'self_dependency 3']);
  });

  it('where each dependency is written', () => {
    const spec = read(
      '[{"id": "1", "title": "A", "status": "pending",\n"blocks": ["2"]},\n{"id": "2",\n"title": "B", "status": "pending"}]',
    );
    expect(spec.tasks[1]).toMatchObject({ line: 3, dependsOn: ['1'], dependsOnLines: { 1: 2 } });
    const unknown = read('[{"id": "1", "title": "A", "status": "pending",\n"dependsOn": ["constructor"]}]');
    expect(makePlan(unknown, options).diagnostics).toMatchObject([{ code: 'unknown_dependency', line: 2 }]);
  });

  it('unknown ids, cycles and dependencies on itself: by the plan, with the line', () => {
    const spec = read(
      lines(
        todo('1', { dependsOn: ['9'] }),
        todo('2', { dependsOn: ['3'] }),
        todo('3', { dependsOn: ['2'] }),
        todo('4', { dependsOn: ['4'] }),
      ),
    );
    const { diagnostics } = makePlan(spec, options);
    expect(diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`).sort()).toEqual([
      'error cycle 3',
      'error self_dependency 5',
      'error unknown_dependency 2',
    ]);
  });
});

it('never throws, whatever the values are, and every error has a line', () => {
  const id = fc.constantFrom('1', '2', '1.1', '1.1.1', 'a b', '__proto__', '', '#1', 'é');
  const any = fc.oneof(fc.jsonValue(), id, fc.array(id, { maxLength: 3 }));
  const one = fc.record(
    {
      id: fc.oneof(id, any),
      title: any,
      status: fc.oneof(fc.constantFrom('pending', 'blocked'), any),
      description: any,
      dependsOn: any,
      blocks: any,
      priority: any,
      complexity: any,
      parallelGroup: any,
      verificationCriteria: any,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(one, any), { maxLength: 5 }), fc.nat(2), (todos, indent) => {
      const text = JSON.stringify({ version: 1, todos }, null, indent);
      const spec = read(text);
      const count = text.split('\n').length;
      for (const { line, column, source } of spec.diagnostics) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(count);
        expect(column).toBeGreaterThan(0);
        expect(source).not.toBeNull();
      }
      if (spec.tasks.length === 0) expect(spec.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
      expect(new Set(spec.tasks.map(task => task.id)).size).toBe(spec.tasks.length);
      makePlan(spec, options);
    }),
    { numRuns: 500 },
  );
});
