// What is read from a task file, construct by construct.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { Spec, Task } from '../../src/core/task.ts';
import { LARGEST_FILE, makePieceCache, readSpec } from '../../src/spec/read.ts';
import { documents } from './markdown.ts';

const planOptions = {
  granularity: 'group',
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
} as const;
const encoder = new TextEncoder();
const read = (...lines: string[]): Spec => readSpec(encoder.encode(lines.join('\n')));
const fixture = (name: string): Spec => readSpec(readFileSync(new URL(`../fixtures/specs/${name}`, import.meta.url)));
const task = (spec: Spec, id: string): Task => spec.tasks.find(other => other.id === id)!;
const ids = (spec: Spec): string[] => spec.tasks.map(other => other.id);
const codes = (spec: Spec): string[] =>
  spec.diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

describe('a nested Kiro file', () => {
  const spec = fixture('kiro-nested.md');

  it('has these tasks, parents and states', () => {
    expect(spec.dialect).toBe('kiro');
    expect(spec.tasks.map(t => [t.id, t.title, t.line, t.parent, t.state, t.optional])).toEqual([
      ['1', 'Set up the storage', 12, null, 'done', false],
      ['1.1', 'Create the schema', 13, '1', 'done', false],
      ['1.2', 'Write property tests for the schema', 16, '1', 'done', true],
      ['2', 'Build the desk', 20, null, 'in_progress', false],
      ['2.1', 'Lend a book', 22, '2', 'pending', false],
      ['2.2', 'Take a book back', 28, '2', 'pending', false],
      ['2.3', 'Write unit tests for the desk', 30, '2', 'pending', true],
      ['3', 'Checkpoint - Ensure all tests pass', 32, null, 'pending', false],
      ['4', 'Wire everything together', 35, null, 'pending', false],
    ]);
  });

  it('keeps the details as they are written, without subtasks and without the sections behind', () => {
    expect(task(spec, '1').details).toBe('');
    expect(task(spec, '1.1').details).toBe('- Tables `book`, `reader`, `loan`\n- _Requirements: 1.1, 2.3_');
    expect(task(spec, '2').details).toBe('- Keep the desk free of storage details.');
    expect(task(spec, '2.1').details).toBe(
      '- _Requirements: 2.1_\n```ts\n// - [ ] 9. this is code\nlend(book, reader);\n```',
    );
    expect(task(spec, '4').details).toBe('- _Depends: 2, 3_\n- _agent: claude_');
  });

  it('reads dependencies and owner, and no requirement as a dependency', () => {
    expect(spec.tasks.filter(t => t.dependsOn.length > 0).map(t => [t.id, t.dependsOn])).toEqual([
      ['2.2', ['2.1']],
      ['4', ['2', '3']],
    ]);
    expect(task(spec, '4').agent).toBe('claude');
  });

  it('reads the waves in their order, ids given as numbers too', () => {
    expect(spec.waves).toEqual([
      ['1.1', '1.2'],
      ['2.1', '4'],
      ['2.2', '2.3'],
    ]);
  });

  it('says that the box in the notes is no task', () => {
    expect(codes(spec)).toEqual(['warning ignored_box 42']);
    expect(spec.diagnostics[0]).toMatchObject({ column: 3, source: '- [ ] 9. this is a note' });
  });
});

describe('numbered headings over boxes', () => {
  const spec = fixture('flat-groups.md');

  it('are groups of the tasks whose ids go on from theirs', () => {
    expect(spec.groups).toEqual([
      { id: '1', title: 'Storage', line: 3, dependsOn: [] },
      { id: '2', title: 'Desk', line: 9, dependsOn: ['1'] },
      { id: '2.3', title: 'Letters', line: 18, dependsOn: [] },
    ]);
    expect(spec.tasks.map(t => [t.id, t.parent, t.group])).toEqual([
      ['1.1', null, '1'],
      ['1.2', null, '1'],
      ['2.1', null, '2'],
      ['2.2', null, '2'],
      ['2.2a', null, '2'],
      ['2.3.1', null, '2.3'],
    ]);
    expect(task(spec, '2.2').dependsOn).toEqual(['2.1']);
    expect(codes(spec)).toEqual(['warning unnumbered_box 16']);
  });

  it('are no group where a box has the same number', () => {
    const own = read('## Task 6: Fix', '- [ ] 6. Fix', '  - [ ] 6.1 Now');
    expect(own.groups).toEqual([]);
    expect(own.tasks.map(t => [t.id, t.parent, t.group])).toEqual([
      ['6', null, null],
      ['6.1', '6', null],
    ]);
  });

  it('keep phases without a number out', () => {
    expect(read('## Phase 1: Setup', '- [ ] 1. A', '## Phase 2', '- [ ] 2. B').groups).toEqual([]);
  });
});

describe('numbered list items without a box', () => {
  it('around numbered boxes are their group, as a heading would be; beside such items they are told', () => {
    const spec = read(
      '1. Setup',
      '   - [ ] 1.1 a',
      '   - [ ] 1.2 b',
      '2. API',
      '   - [ ] 2.1 c',
      '3. UI',
      '   - by hand',
    );
    expect(spec.groups).toEqual([
      { id: '1', title: 'Setup', line: 1, dependsOn: [] },
      { id: '2', title: 'API', line: 4, dependsOn: [] },
    ]);
    expect(spec.tasks.map(t => [t.id, t.group])).toEqual([
      ['1.1', '1'],
      ['1.2', '1'],
      ['2.1', '2'],
    ]);
    expect(codes(spec)).toEqual(['warning item_without_box 6']);
    expect(spec.diagnostics[0]!.message).toContain('"3. [ ] UI"');
    expect(ids(read('1. Setup', '   - [ ] 1.1 a', '3. [ ] UI'))).toEqual(['1.1', '3']);
  });

  it('leave boxes without numbers the tasks, and are told where they hold none', () => {
    const list = ['1. **Setup**', '   - [ ] create', '2. **UI**', '   - Write it'];
    const spec = read(...list);
    expect(spec.tasks.map(t => [t.id, t.title])).toEqual([['#1', 'create']]);
    expect(codes(spec)).toEqual(['warning item_without_box 3']);
    expect(spec.diagnostics[0]!.message).toContain('below it e.g. "- [ ] UI"');
    expect(ids(read(...list, '   - [ ] UI'))).toEqual(['#1', '#2']);
  });

  it.each([
    ['another list', ['1. Setup', '   - [ ] 1.1 a', '', 'Then:', '1. eat', '2. sleep']],
    ['another section', ['1. Setup', '   - [ ] 1.1 a', '## How', '2. eat']],
    ['notes', ['## Notes', '1. x', '2. y', '## Work', '1. Setup', '   - [ ] 1.1 a']],
    ['steps inside', ['- [ ] 1. A', '  1. x', '  2. y', '- [ ] 2. B']],
  ])('are silent in %s', (_, list) => {
    expect(codes(read(...list))).toEqual([]);
  });

  it('give way to a task or heading with their number', () => {
    expect(read('## 1. Base', '', '1. Setup', '   - [ ] 1.1 a').groups.map(({ title }) => title)).toEqual(['Base']);
    expect(read('- [ ] 1. Base', '', '1. Setup', '   - [ ] 1.1 a').groups).toEqual([]);
  });
});

describe('one line', () => {
  it.each([
    ['- [ ] 1. Title', '1', 'Title'],
    ['- [ ] 1.1 Title', '1.1', 'Title'],
    ['* [ ] 1. Title', '1', 'Title'],
    ['+ [x] 1. Title', '1', 'Title'],
    ['- [ ] **1.** Title', '1', 'Title'],
    ['- [ ] **1. Title**', '1', 'Title'],
    ['- [ ] **1.1**: Title', '1.1', 'Title'],
    ['- [ ] **1.1 Title** and more', '1.1', 'Title and more'],
    ['- [ ] 1: Title', '1', 'Title'],
    ['- [ ] 1) Title', '1', 'Title'],
    ['- [ ] 1 Title', '1', 'Title'],
    ['- [ ] 1 - Title', '1', 'Title'],
    ['- [ ] 1.1 — Title', '1.1', 'Title'],
    ['- [ ] Task 1: Title', '1', 'Title'],
    ['- [ ] SubTask 1.1: Title', '1.1', 'Title'],
    ['- [ ] 任务 1：标题', '1', '标题'],
    ['- [ ] ~~7.1 Title~~ [removed]', '7.1', 'Title [removed]'],
    ['- [ ] `1.02` Title', '1.02', 'Title'],
    ['- [ ] 1.0 Title', '1.0', 'Title'],
    ['- [ ] 1.1a Title', '1.1a', 'Title'],
    ['- [ ] 1.2.3.4.5 Title', '1.2.3.4.5', 'Title'],
    ['1. [x] **Title**', '1', 'Title'],
    ['3) [ ] Title', '3', 'Title'],
    ['- [ ]* 1.1 Title', '1.1', 'Title'],
    ['- [x]\\* 1.1 Title', '1.1', 'Title'],
    ['- [ ]1. Title', '1', 'Title'],
    ['- [] 1. Title', '1', 'Title'],
    ['-     [ ] 1. Title', '1', 'Title'],
    ['-\t[ ]\t1.\tTitle', '1', 'Title'],
    ['- [ ] 1. $(rm -rf /) `x` "; \u001b[31m <b>', '1', '$(rm -rf /) `x` "; \u001b[31m <b>'],
    ['- [ ] 1.', '1', ''],
  ])('%s', (line, id, title) => {
    const spec = read(line);
    expect(spec.tasks.map(t => [t.id, t.title])).toEqual([[id, title]]);
  });

  it.each([
    ['[ ]', 'pending', false],
    ['[x]', 'done', false],
    ['[X]', 'done', false],
    ['[-]', 'in_progress', false],
    ['[/]', 'in_progress', false],
    ['[~]', 'pending', false],
    ['[]', 'pending', false],
    ['[?]', 'pending', true],
    ['[✓]', 'pending', true],
    ['[x ]', 'pending', true],
  ])('Q-2.1 the mark %s counts and no line is ignored', (box, state, warns) => {
    const spec = read('- [ ] 1. Parent', `- ${box} 1.1 Child`, '- [ ] 2. Next');
    expect(ids(spec)).toEqual(['1', '1.1', '2']);
    expect(task(spec, '1.1').state).toBe(state);
    expect(codes(spec)).toEqual(warns ? ['warning unknown_mark 2'] : []);
  });

  it.each([
    '- [x](http://a) 1. Link',
    '- [1] source of the claim',
    '- [P] can run in parallel',
    '- [ ]',
    '- [RFC 1] 1. x',
    '- x [ ] 1. y',
    '- [ ](a) 1. b',
  ])('no task: %s', line => {
    expect(read('- [ ] 7. A task', line).tasks.map(t => t.id)).toEqual(['7']);
  });

  it('an example of a task with a foreign mark is not that task again', () => {
    expect(codes(read('- [ ] 1. A', '- [ ] 2. B', '', 'In parallel:', '- [P] 1. A'))).toEqual(['info example_box 5']);
  });

  it('a bare number is an id only in sequence', () => {
    expect(ids(read('- [ ] 1 A', '- [ ] 2 B', '- [ ] 30 tests pass', '- [ ] 3 C'))).toEqual(['1', '2', '3']);
    expect(ids(read('- [ ] 1. A', '- [ ] 5 tests pass'))).toEqual(['1']);
    expect(ids(read('- [ ] 4 Parent', '  - [ ] 4.1 Child'))).toEqual(['4', '4.1']);
  });
});

describe('optional', () => {
  it.each([
    ['- [ ]* 1.1 T', true],
    ['- [x]\\* 1.1 T', true],
    ['- [ ] 1.1 [optional] T', true],
    ['- [ ] 1.1 T [Optional]', true],
    ['- [ ] 1.1 T (optional)', true],
    ['- [ ] 1.1 T *(optional enhancement)*', true],
    ['- [ ] 1.1 (Optional, opt-in) T', true],
    ['- [ ] 1.1 T（可选）', true],
    ['- [ ] 1.1 Add `language` (optional string, min length 1)', false],
    ['- [ ] 1.1 Patch `a` → `b` (Optional).', false],
    ['- [ ] 1.1 Make the field optional', false],
    ['- [ ] 1.1 Install x (optional dependency)', false],
  ])('%s → %s', (line, optional) => {
    expect(task(read('- [ ] 1. P', line), '1.1').optional).toBe(optional);
  });

  it('is inherited, over ids and over nesting', () => {
    const spec = read('- [ ]* 1. P', '- [ ] 1.1 C', '- [ ] 1.1.1 D', '- [ ] 2. Q');
    expect(spec.tasks.map(t => t.optional)).toEqual([true, true, true, false]);
  });
});

describe('dependencies', () => {
  const of = (line: string): string[] => {
    const known = ['1', '2', '3', '4', '5'].flatMap(n => [`- [ ] ${n}. T`, `- [ ] ${n}.1 U`, `- [ ] ${n}.2 V`]);
    return task(read(...known, '- [ ] 9. Late', `  ${line}`), '9').dependsOn;
  };
  it.each([
    ['- depends on: 1, 2.1', ['1', '2.1']],
    ['- Depends on Task 1 and 2', ['1', '2']],
    ['- depend on: 3', ['3']],
    ['- _Depends: 1.2_', ['1.2']],
    ['_Depends on: 1.1, 2.1_', ['1.1', '2.1']],
    ['- _Boundary: core_ _Depends: 1.2_ _Requirements: 2.1_', ['1.2']],
    ['- **Dependencies**: Task 1', ['1']],
    ['- **Dependencies:** Task 1, Task 2', ['1', '2']],
    ['- Dependency: 2', ['2']],
    ['- after: 3', ['3']],
    ['- Depends on: Tasks 2-4', ['2', '3', '4']],
    ['- depends on: 1.1–1.2', ['1.1', '1.2']],
    ['- depends on: 1 to 3', ['1', '2', '3']],
    ['- depends on: 1.1-2.1', ['1.1', '1.2', '2.1']],
    ['- depends on: 1 (the storage), 2 - because it is used', ['1', '2']],
    ['- Depends on: Task 1 - 3 retries are enough', ['1']],
    ['- Depends: [1, 2]', ['1', '2']],
    ['- **依赖**: 任务 1.2、2.1', ['1.2', '2.1']],
    ['- depends on: none', []],
    ['- **Dependencies**: None (can start now)', []],
    ['- Depends on the config of 1.2', []],
    ['- Dependencies: 2 new packages', []],
    ['- After 3 retries give up', []],
    ['- Install dependencies: 1.2', []],
    ['- _Requirements: 1.1, 2.1_', []],
    ['- **Validates: Requirements 1.2**', []],
    ['- Depends on: Requirement 1.1', []],
    ['- depends on: 77', ['77']],
    ['> depends on: 1', []],
    ['```\n  depends on: 1\n  ```', []],
    ['- depends on: 1,\n    2, 3', ['1', '2', '3']],
    ['- Dependencies:\n    - 1.1\n    - Task 2', ['1.1', '2']],
  ])('Q-2.8 %s', (line, expected) => {
    expect(of(line)).toEqual(expected);
  });

  it('stand in the title too', () => {
    const spec = read(
      '- [ ] 1. A',
      '- [ ] 2. B (Depends on: Task 1 - reason, with commas)',
      '- [ ] 3. C (depends on 1, 2).',
    );
    expect(spec.tasks.map(t => t.dependsOn)).toEqual([[], ['1'], ['1', '2']]);
  });

  it('that are not understood are said', () => {
    const spec = read(
      '- [ ] 1. A',
      '  - Depends on: Phase 2',
      '  - Dependencies: lodash',
      '  - Depends on: 1.5, the weather in 2030',
    );
    expect(codes(spec)).toEqual([
      'warning unread_dependency 2',
      'info unread_dependency 3',
      'warning unread_dependency 4',
    ]);
    expect(task(spec, '1').dependsOn).toEqual(['1.5']);
  });
});

describe('quirks of the reference', () => {
  it('Q-2.2 notes and the dependency graph never become details', () => {
    const spec = read(
      '- [ ] 1. Last',
      '  - own',
      '',
      '## Notes',
      '- note',
      '',
      '## Task Dependency Graph',
      '```json',
      '{"waves":[]}',
      '```',
    );
    expect(task(spec, '1').details).toBe('- own');
  });

  it('Q-2.3 numbered steps in a body are details, and so are # lines in code', () => {
    const spec = read(
      '- [ ] 1. A',
      '  1. do this',
      '  2. do that',
      '  ```sh',
      '  # not a heading',
      '  - [ ] 8. x',
      '  ```',
      '- [ ] 2. B',
    );
    expect(ids(spec)).toEqual(['1', '2']);
    expect(task(spec, '1').details).toBe('1. do this\n2. do that\n```sh\n# not a heading\n- [ ] 8. x\n```');
  });

  it('Q-2.4 a child may stand before its parent', () => {
    expect(task(read('- [ ] 1.1 Child', '- [ ] 1. Parent'), '1.1').parent).toBe('1');
  });

  it('Q-2.5 children without their parent are units of their own, with a warning', () => {
    const spec = read('- [ ] 1.1 A', '- [ ] 1.2 B', '- [ ] 2. C');
    expect(spec.tasks.map(t => t.parent)).toEqual([null, null, null]);
    expect(codes(spec)).toEqual(['warning orphan 1']);
    expect(spec.diagnostics[0]!.message).toContain('1.1, 1.2');
  });

  it('Q-2.6 boxes without any number get ids by position, nested ones too', () => {
    const spec = read('* [x] First', '  * [ ] Inner', '+ [ ] Second');
    expect(spec.dialect).toBe('plain');
    expect(spec.tasks.map(t => [t.id, t.title, t.parent, t.state])).toEqual([
      ['#1', 'First', null, 'done'],
      ['#2', 'Inner', '#1', 'pending'],
      ['#3', 'Second', null, 'pending'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n  \n'],
    ['prose', '# Plan\n\nLater.\n'],
    ['boxes in code only', '```\n- [ ] 1. A\n```\n'],
    ['boxes in a comment only', '<!--\n- [ ] 1. A\n-->\n'],
    ['boxes in a quote only', '> - [ ] 1. A\n'],
    ['tasks as headings', '### Task 1: A\n\n1. step\n'],
  ])('Q-2.6 %s is an error, never "all done"', (_, text) => {
    const spec = read(text);
    expect(spec.tasks).toEqual([]);
    expect(spec.dialect).toBe('none');
    expect(spec.diagnostics.filter(d => d.severity === 'error').map(d => d.code)).toEqual(['no_tasks']);
  });

  it('Q-2.7 the same id twice is an error that names both lines', () => {
    const spec = read('- [ ] 1. A', '', '- [ ] 1. B');
    expect(codes(spec)).toEqual(['error duplicate_id 3']);
    expect(spec.diagnostics[0]!.message).toContain('lines 1 and 3');
    expect(spec.tasks.map(t => t.title)).toEqual(['A']);
  });

  it('Q-2.9 details keep nesting, check lists and code', () => {
    const spec = read('- [ ] 1. A', '\t- a', '\t\t- [ ] inner box', '\t\t- b', '- [ ]* 2. B', '  - c');
    expect(task(spec, '1').details).toBe('- a\n\t- [ ] inner box\n\t- b');
    expect(task(spec, '2').details).toBe('- c');
  });
});

describe('layout', () => {
  it('mixes flat and nested', () => {
    const spec = read('- [ ] 1. A', '- [ ] 1.1 B', '- [ ] 2. C', '  - [ ] 2.1 D', '    - [ ] 2.1.1 E', '      - f');
    expect(spec.tasks.map(t => [t.id, t.parent])).toEqual([
      ['1', null],
      ['1.1', '1'],
      ['2', null],
      ['2.1', '2'],
      ['2.1.1', '2.1'],
    ]);
    expect(task(spec, '2.1.1').details).toBe('- f');
  });

  it('1.0 is the parent of 1.1 only if that is indented deeper', () => {
    expect(task(read('- [ ] 1.0 A', '  - [ ] 1.1 B'), '1.1').parent).toBe('1.0');
    const flat = read('- [ ] 1.0 A', '- [ ] 1.1 B');
    expect(task(flat, '1.1').parent).toBe(null);
    expect(codes(flat)).toEqual([]);
  });

  it('a lettered id is the child of the bare one only if it is indented deeper', () => {
    const spec = read('- [ ] 7. A', '  - [ ] 7.3 B', '    - [ ] 7.3a C', '  - [ ] 7.4 D', '  - [ ] 7.4b E');
    expect(spec.tasks.map(t => [t.id, t.parent])).toEqual([
      ['7', null],
      ['7.3', '7'],
      ['7.3a', '7.3'],
      ['7.4', '7'],
      ['7.4b', '7'],
    ]);
  });

  it('ids win over nesting, and nesting serves where ids say nothing', () => {
    const spec = read('- [ ] 1. A', '  - [ ] 2.1 B', '- [ ] 2. C', '  - [ ] 5. D', '- [ ] 3.1 E', '  - [ ] 3. F');
    expect(spec.tasks.map(t => [t.id, t.parent])).toEqual([
      ['1', null],
      ['2.1', '2'],
      ['2', null],
      ['5', '2'],
      ['3.1', '3'],
      ['3', null],
    ]);
  });

  it('ordered boxes nest by their lists', () => {
    const spec = read('1. [x] A', '   1. [ ] B', '   2. [ ] C', '2. [ ] D', '   - [ ] check');
    expect(spec.tasks.map(t => [t.id, t.parent, t.state])).toEqual([
      ['1', null, 'done'],
      ['1.1', '1', 'pending'],
      ['1.2', '1', 'pending'],
      ['2', null, 'pending'],
    ]);
  });

  it('numbered steps with boxes below a task are its check list', () => {
    const spec = read('- [ ] 2.1 A', '  1. [ ] step', '  2. [ ] step');
    expect(ids(spec)).toEqual(['2.1']);
    expect(task(spec, '2.1').details).toBe('1. [ ] step\n2. [ ] step');
  });

  it('a plain numbered list counts where there is no box at all', () => {
    const spec = read('# Tasks', '1. First', '   - detail', '2. **Second**', '   2.1. Inner', '3. Third');
    expect(spec.dialect).toBe('plain');
    expect(spec.tasks.map(t => [t.id, t.title, t.parent, t.box])).toEqual([
      ['1', 'First', null, null],
      ['2', 'Second', null, null],
      ['2.1', 'Inner', '2', null],
      ['3', 'Third', null, null],
    ]);
    expect(task(spec, '1').details).toBe('- detail');
    expect(ids(read('1. First', '', '- [ ] 5. Box'))).toEqual(['5']);
  });

  it('reads children that Markdown swallowed, with a warning', () => {
    const spec = read(
      '- [ ] 1. Parent',
      '      - [ ] 1.1 Child',
      '        - detail',
      '      - [x] 1.2 Other',
      '- [ ] 2. Next',
      '',
      '      - [ ] 2.1 In code',
      '      - [ ] 9.9 Example',
    );
    expect(spec.tasks.map(t => [t.id, t.parent, t.state])).toEqual([
      ['1', null, 'pending'],
      ['1.1', '1', 'pending'],
      ['1.2', '1', 'done'],
      ['2', null, 'pending'],
      ['2.1', '2', 'pending'],
    ]);
    expect(codes(spec)).toEqual([
      'warning swallowed_child 2',
      'warning swallowed_child 4',
      'warning swallowed_child 7',
      'warning swallowed_child 8',
    ]);
    expect(task(spec, '1').details).toBe('');
    expect(task(spec, '1.1').details).toBe('- detail');
  });

  it('comments are neither tasks nor details', () => {
    const spec = read(
      '<!-- - [ ] 0. x -->',
      '- [ ] 1. A',
      '  <!-- depends on: 5',
      '  - [ ] 1.1 hidden -->',
      '  - shown <!-- not this -->',
      '- [ ] 2. B',
    );
    expect(ids(spec)).toEqual(['1', '2']);
    expect(task(spec, '1').details).toBe('- shown');
    expect(task(spec, '1').dependsOn).toEqual([]);
  });

  it('front matter is skipped, a line across the page is not', () => {
    expect(ids(read('---', 'total: 7', 'list:', '  - [ ] 3. x', '---', '', '- [ ] 1. A'))).toEqual(['1']);
    expect(ids(read('---', '', '- [ ] 1. A', '', '---', '- [ ] 2. B'))).toEqual(['1', '2']);
  });

  it('says which boxes in tables, headings and quotes are not read', () => {
    const spec = read('- [ ] 1. A', '', '| [x] 2 | b |', '', '### [ ] 3. C', '', '> - [ ] 4. D');
    expect(codes(spec)).toEqual(['warning stray_box 3', 'warning stray_box 5', 'info quoted_box 7']);
  });

  it('the whole list under an overview is read all the same', () => {
    expect(ids(read('# Overview', '- [ ] 1. A'))).toEqual(['1']);
  });
});

describe('waves', () => {
  const waves = (json: string): Spec =>
    read('- [ ] 1. A', '  - [ ] 1.1 B', '  - [ ] 1.10 C', '', '## Task Dependency Graph', '```json', json, '```');
  it('take ids as numbers without losing a nought, and wave for id', () => {
    expect(waves('{"waves":[{"wave":2,"tasks":[1.10]},{"wave":1,"tasks":[1.1,"1"]}]}').waves).toEqual([
      ['1.1', '1'],
      ['1.10'],
    ]);
  });
  it('warn of unknown ids and of broken JSON', () => {
    const spec = waves('{"waves":[{"id":0,"tasks":["1.1","8.8"]}]}');
    expect(spec.waves).toEqual([['1.1']]);
    expect(codes(spec)).toEqual(['warning unknown_wave_task 6']);
    expect(codes(waves('{"waves":[,]}'))).toEqual(['warning bad_waves 6']);
    expect(codes(waves('{"waves":{"a":1}}'))).toEqual(['warning bad_waves 6']);
    expect(waves('{"other":1}').waves).toBe(null);
  });
});

describe('bytes', () => {
  const mark = (bytes: Uint8Array, id: string): string => {
    const offset = task(readSpec(bytes), id).box!.offset;
    return String.fromCharCode(...bytes.subarray(offset - 1, offset + 2));
  };
  it.each([
    ['LF', '# Überschrift\n- [x] 1. A\n  - [-] 1.1 Ä\n'],
    ['CRLF', '# Überschrift\r\n- [x] 1. A\r\n  - [-] 1.1 Ä\r\n'],
    ['CR', '# x\r- [x] 1. A\r  - [-] 1.1 Ä\r'],
    ['BOM', '\ufeff- [x] 1. A\n  - [-] 1.1 Ä\n'],
    ['BOM and CRLF', '\ufeff# 日本\r\n- [x] 1. A\r\n\t- [-] 1.1 Ä'],
    ['emoji', '# 🎯\n- [x] 1. 🎯\n  - [-] 1.1 x'],
  ])('%s: the offset is that of the mark', (_, text) => {
    const bytes = encoder.encode(text);
    expect(mark(bytes, '1')).toBe('[x]');
    expect(mark(bytes, '1.1')).toBe('[-]');
    expect(codes(readSpec(bytes))).toEqual([]);
  });

  it('broken UTF-8 and NUL are said, and the rest is read', () => {
    const bytes = Uint8Array.from([...encoder.encode('# a\n'), 0xff, 0xc3, 10, ...encoder.encode('- [x] 1. A'), 0, 10]);
    expect(codes(readSpec(bytes))).toEqual(['warning invalid_utf8 2', 'warning nul_byte 3']);
    expect(mark(bytes, '1')).toBe('[x]');
  });

  it('UTF-16 is refused', () => {
    expect(codes(readSpec(Uint8Array.from([0xff, 0xfe, 0x2d, 0])))).toEqual(['error not_utf8 null']);
  });

  it('over 5 MB is refused', () => {
    expect(codes(readSpec(new Uint8Array(LARGEST_FILE + 1)))).toEqual(['error too_large null']);
  });

  it('12 levels are read, what is deeper is text and a warning, absurd depth is an error', () => {
    const deep = Array.from(
      { length: 200 },
      (_, i) =>
        `${'  '.repeat(i)}- [ ] ${Array(i + 1)
          .fill('1')
          .join('.')} T`,
    );
    const spec = read(...deep);
    expect(spec.tasks).toHaveLength(12);
    expect(spec.tasks[11]!.parent).toBe(spec.tasks[10]!.id);
    expect(spec.tasks[11]!.details).toContain('1.1 T');
    expect(spec.tasks[11]!.details.split('\n')).toHaveLength(188);
    expect(codes(spec)).toEqual(['warning too_deep 13']);
    expect(codes(read('- [ ] 1. A', `${'> '.repeat(20_000)}x`))).toContain('error too_deep 1');
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        readSpec(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('finds a mark at every offset it gives, in any document', () => {
    fc.assert(
      fc.property(documents, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (text, end, bom) => {
        const bytes = encoder.encode((bom ? '\ufeff' : '') + text.replaceAll('\n', end));
        for (const { box, line } of readSpec(bytes).tasks) {
          if (!box || box.offset < 0) continue;
          expect(String.fromCharCode(...bytes.subarray(box.offset - 1, box.offset + 2))).toBe(`[${box.mark}]`);
          expect(new TextDecoder().decode(bytes.subarray(0, box.offset)).split(end)).toHaveLength(line);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the cache', () => {
  it('changes nothing but the time', () => {
    fc.assert(
      fc.property(fc.array(documents, { minLength: 2, maxLength: 4 }), texts => {
        const cache = makePieceCache();
        for (const text of [...texts, ...texts]) {
          expect(readSpec(encoder.encode(text), cache)).toEqual(readSpec(encoder.encode(text)));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('several ids on a line', () => {
  it('are one task with the first; who names another means it; it is said', () => {
    const spec = read(
      '- [ ] 10.1 / 10.2 Both',
      '- [ ] **10.3**, 10.4: Two',
      '- [ ] 11.1 and 11.2 & 11.3 Three',
      '- [ ] 12. Last',
      '  - Depends on: 10.2, 11.3',
    );
    expect(spec.tasks.map(({ id, aliases, title }) => [id, aliases, title])).toEqual([
      ['10.1', ['10.2'], 'Both'],
      ['10.3', ['10.4'], 'Two'],
      ['11.1', ['11.2', '11.3'], 'Three'],
      ['12', undefined, 'Last'],
    ]);
    expect(codes(spec).filter(code => code.includes('two_ids'))).toEqual([
      'warning two_ids 1',
      'warning two_ids 2',
      'warning two_ids 3',
    ]);
    const { plan, diagnostics } = makePlan(spec, planOptions);
    expect(diagnostics).toEqual([]);
    expect(plan.units.at(-1)).toMatchObject({ id: '12', dependsOn: ['10.1', '11.1'] });
  });

  it('of codes, too; a number that no id can be is text', () => {
    const spec = read('- [ ] T001/T002 Both', '- [ ] T003 One', '- [ ] T004 + 3 files and T9x');
    expect(spec.tasks.map(({ id, aliases, title }) => [id, aliases, title])).toEqual([
      ['T001', ['T002'], 'Both'],
      ['T003', undefined, 'One'],
      ['T004', undefined, '+ 3 files and T9x'],
    ]);
    expect(ids(read('- [ ] 1. One', '- [ ] 8/8 files complete', '- [ ] 96-100% coverage'))).toEqual(['1']);
  });

  it('as a span are one id as it is written', () => {
    const spec = read('## 6. Words', '- [x] **6.1–6.6** All of them', '- [ ] 6.7-6.9 The rest');
    expect(spec.tasks.map(({ id, title, group, state }) => [id, title, group, state])).toEqual([
      ['6.1–6.6', 'All of them', '6', 'done'],
      ['6.7-6.9', 'The rest', '6', 'pending'],
    ]);
    expect(spec.diagnostics).toEqual([]);
  });
});

describe('a numbered heading and a box with the same number', () => {
  const below = ['## 1. Set up the shop', '- [ ] 1.1 Door', '- [ ] 1.2 Light'];
  it('elsewhere is an error: one would be ticked with the other', () => {
    const spec = read(...below, '## Review', '- [ ] 1. Code reviewed', '- [ ] 2. Released');
    expect(codes(spec)).toContain('error duplicate_id 5');
    expect(spec.diagnostics[0]!.message).toContain('the heading in line 1');
  });
  it('in its own section, or with its title, are one task', () => {
    for (const spec of [
      read(...below, '- [ ] 1. Whatever'),
      read('- [ ] 1. **Set up** the shop', '- [ ] 2. Sell', ...below),
      read(
        ...below,
        '## 2. Sell',
        '- [ ] 2.1 Smile',
        '## Progress',
        '- [ ] 1. Set up the shop (day 1)',
        '- [ ] 2. Sell',
      ),
    ]) {
      expect(codes(spec).filter(code => code.startsWith('error'))).toEqual([]);
      expect(task(spec, '1.1').parent).toBe('1');
    }
  });
});
