// Task files whose tasks are headings.
import { describe, expect, it } from 'vitest';
import type { Spec } from '../../src/core/task.ts';
import { flipBox } from '../../src/spec/boxes.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (text: string) => readSpec(new TextEncoder().encode(text));
const states = (text: string) => read(text).tasks.map(({ id, title, state, line }) => [id, title, state, line]);
const ticked = (text: string, id: string): string => {
  const bytes = new TextEncoder().encode(text);
  const task = readSpec(bytes).tasks.find(one => one.id === id)!;
  const flipped = flipBox(bytes, task, 'x');
  return 'bytes' in flipped ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(flipped.bytes) : flipped.reason;
};

describe('headings without boxes', () => {
  const text = `# Plan

## Phase 1: Shop ✅

### Task 1.1: Open the door ✅
**Description**: with the key
**Status**: COMPLETED
**Dependencies**: None

### Task 1.2: Switch on the light
**Status**: In progress
**Dependencies**: Task 1.1

### Task 1.3: Greet (optional)
1. say hello
2. smile

- **Depends on:** Task 1.1, Task 1.2
_agent: claude_

## Notes
Task 1.3 is fun.
`;
  it('are tasks, with state, dependencies, owner and text', () => {
    expect(states(text)).toEqual([
      ['1.1', 'Open the door', 'done', 5],
      ['1.2', 'Switch on the light', 'in_progress', 10],
      ['1.3', 'Greet (optional)', 'pending', 14],
    ]);
    const { dialect, tasks } = read(text);
    expect(dialect).toBe('headings');
    expect(tasks.map(task => task.dependsOn)).toEqual([[], ['1.1'], ['1.1', '1.2']]);
    expect(tasks.map(task => task.optional)).toEqual([false, false, true]);
    expect(tasks[2]).toMatchObject({ agent: 'claude', box: null });
    expect(tasks[2]!.details).toContain('1. say hello');
    expect(tasks[2]!.details).not.toContain('is fun');
    expect(ticked(text, '1.1')).toContain('no box');
  });

  it('are tasks with a code, too, and numbered ones whose parts have numbers are not', () => {
    expect(states('### TASK-01: One ✅ CONCLUÍDA\n\n### TASK-02: Two\n').map(([id, , state]) => [id, state])).toEqual([
      ['TASK-01', 'done'],
      ['TASK-02', 'pending'],
    ]);
    expect(states('## 1. Shop\n### 1.1 Door\nx\n### 1.2 Light\n## 2. Yard\n').map(([id]) => id)).toEqual([
      '1.1',
      '1.2',
      '2',
    ]);
  });
});

it('a check list below says how far the task is', () => {
  const text = `## Work
### Task 1: Door
- [x] oil
- [x] turn
### Task 2: Light
- [x] bulb
- [ ] switch
### Task 3: Sign
- [ ] paint
## Release check list
- [ ] tag
`;
  expect(states(text).map(([id, , state]) => [id, state])).toEqual([
    ['1', 'done'],
    ['2', 'in_progress'],
    ['3', 'pending'],
  ]);
});

it('a list further down that names them once more holds their boxes', () => {
  const text = `#### Task 1: Door
- **Depends on:** None
#### Task 2: Light
- **Depends on:** Task 1

## Progress
- [x] Task 1: Door
- [ ] Task 2: The light
`;
  expect(states(text).map(([id, , state, line]) => [id, state, line])).toEqual([
    ['1', 'done', 1],
    ['2', 'pending', 3],
  ]);
  expect(ticked(text, '2')).toBe(text.replace('- [ ] Task 2', '- [x] Task 2'));
});

it('a box in the heading is ticked there, whatever stands before the file', () => {
  const text = '\uFEFF# Plan\r\n### [x] 1.1 Tür ✅\r\nText\r\n### [ ] 1.2 Licht ⏳\r\n';
  expect(states(text).map(([id, title, state]) => [id, title, state])).toEqual([
    ['1.1', 'Tür', 'done'],
    ['1.2', 'Licht', 'pending'],
  ]);
  expect(ticked(text, '1.2')).toBe(text.replace('[ ] 1.2', '[x] 1.2'));
});

describe('a box in the heading', () => {
  const text = '# Plan\n## 1. [x] Setup\ntext\n## Task 2: [ ] Öffnen\n- [x] oil\n## [ ] 3. Sign\n## 4. Bell\n';

  it('is its own, behind the number as in front of it, whatever the check list below says', () => {
    const numbered = text.replace('Task ', '');
    expect(states(numbered)).toEqual([
      ['1', 'Setup', 'done', 2],
      ['2', 'Öffnen', 'pending', 4],
      ['3', 'Sign', 'pending', 6],
      ['4', 'Bell', 'pending', 7],
    ]);
    expect(read(numbered).diagnostics).toEqual([]);
    for (const line of ['## 2: [ ] Öffnen', '## [ ] 3. Sign'])
      expect(ticked(numbered, /\d/.exec(line)![0])).toBe(numbered.replace(line, line.replace('[ ]', '[x]')));
  });

  it.each([
    ['## Task 1: [x] Setup\n## Task 2: [ ] API\n', ['1', '2'], ['done', 'pending']],
    ['### T1 — [ ] Setup\n### T2 — [X] API\n', ['T1', 'T2'], ['pending', 'done']],
    ['## **1. [-] Setup**\n', ['1'], ['in_progress']],
    ['[ ] 1. Setup\n---\nTask 2: [x] API\n===\n', ['1', '2'], ['pending', 'done']],
  ])('stands behind any kind of id: %j', (text, ids, expected) => {
    expect(read(text).tasks.map(({ id }) => id)).toEqual(ids);
    expect(read(text).tasks.map(({ state }) => state)).toEqual(expected);
    for (const [at, id] of ids.entries()) {
      let seen = 0;
      expect(ticked(text, id)).toBe(text.replace(/\[.\]/g, box => (seen++ === at ? '[x]' : box)));
    }
  });

  it('is told where nobody reads it, and by whom', () => {
    const spec = read('## 1. [x] Setup\n- [ ] 1.1 a\n## [ ] Release\n- [ ] 2 b\n\n| a | [ ] b |\n');
    expect(spec.groups).toEqual([{ id: '1', title: 'Setup', line: 1, dependsOn: [] }]);
    expect(spec.diagnostics.filter(({ code }) => code === 'stray_box')).toMatchObject([
      { severity: 'info', line: 1, message: expect.stringContaining('heading 1') },
      { severity: 'warning', line: 3, message: expect.stringContaining('in this heading') },
      { severity: 'warning', line: 6, message: expect.stringContaining('in this table') },
    ]);
  });

  it('is no box inside the title', () => {
    expect(read('## 1. Read [x] twice\n## 2. Parse [ ] once\n').tasks.map(({ box }) => box)).not.toContainEqual(
      expect.objectContaining({ mark: 'x' }),
    );
  });
});

describe('headings with codes', () => {
  it('are tasks over boxes without ids, which are their check lists', () => {
    const spec = read('### T001: Setup\ntext\n### T002: DB\n- [x] schema\n- [ ] seed\n### T003: API\ntext\n');
    expect(spec.tasks.map(({ id, state }) => [id, state])).toEqual([
      ['T001', 'pending'],
      ['T002', 'in_progress'],
      ['T003', 'pending'],
    ]);
    expect(spec.diagnostics).toEqual([]);
  });

  it('are none over boxes with ids, nor where they number what is wanted', () => {
    const ids = (text: string) => read(text).tasks.map(({ id }) => id);
    expect(ids('### T1: A\n- [ ] 1. a\n### T2: B\n- [ ] 2. b\n')).toEqual(['1', '2']);
    expect(ids('### US1: A\n- [ ] a\n### US2: B\n- [ ] b\n')).toEqual(['#1', '#2']);
  });
});

describe('headings with plain numbers and no box in the file', () => {
  const text = '### 1. Setup ✅\nx\n### 2. API\n1. step\n2. step\n';
  const forced = (text: string) => readSpec(new TextEncoder().encode(text), undefined, { dialect: 'headings' });

  it('are tasks where nothing else looks like one', () => {
    expect(states(text)).toEqual([
      ['1', 'Setup', 'done', 1],
      ['2', 'API', 'pending', 3],
    ]);
  });

  it.each([
    ['one title is that of a chapter', '## 1. Setup\nx\n## 2. Risks\nx\n'],
    [
      'a table may hold them',
      '## 1. Setup\nx\n## 2. API\n\n| ID | Role | Depends-on | Task | Verify |\n|---|---|---|---|---|\n| T1 | x | - | a | y |\n',
    ],
    ['there is only one', '## 1. Setup\nx\n'],
  ])('are none where %s, unless somebody says so', (_, text) => {
    expect(read(text).tasks.filter(({ line }) => text.split('\n')[line - 1]!.startsWith('#'))).toEqual([]);
    expect(forced(text).tasks.map(({ title }) => title)).toContain('Setup');
  });

  it('with one number twice are an error of their own', () => {
    for (const word of ['', 'Task ']) {
      const spec = read(`### ${word}1. Setup\n### ${word}2. API\n### ${word}2. UI\n`);
      expect(spec.tasks.map(({ title }) => title)).toEqual(['Setup', 'API']);
      expect(spec.diagnostics).toMatchObject([{ severity: 'error', code: 'duplicate_id', line: 3 }]);
      expect(spec.diagnostics[0]!.message).toContain('lines 2 and 3');
    }
  });
});

describe('beside tasks that are boxes with numbers', () => {
  const lines = (...list: string[]): Spec => read(list.join('\n'));
  const codes = (spec: Spec) => spec.diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

  it('headings that call themselves tasks and hold none are tasks of their own, with text, order and owner', () => {
    const spec = lines(
      '## Phase 1: Ground',
      '## Task 1 - Setup',
      '_agent: claude_',
      '### How',
      'By hand.',
      '## Task 2 - API',
      '- [ ] 2.1 Routes',
      '  - depends on: 3',
      '## Task 3: Docs (optional)',
      '**Depends on**: Task 1',
      '**Status**: In progress',
      '## Notes',
      'Bye.',
    );
    expect(spec.tasks.map(({ id, title, line, state, group, box }) => [id, title, line, state, group, box])).toEqual([
      ['1', 'Setup', 2, 'pending', null, null],
      ['2.1', 'Routes', 7, 'pending', '2', { offset: expect.any(Number), mark: ' ' }],
      ['3', 'Docs (optional)', 9, 'in_progress', null, null],
    ]);
    expect(spec.tasks[0]).toMatchObject({ details: '_agent: claude_\n### How\nBy hand.', agent: 'claude' });
    expect(spec.tasks.map(({ dependsOn, optional }) => [dependsOn, optional])).toEqual([
      [[], false],
      [['3'], false],
      [['1'], true],
    ]);
    expect(spec.tasks[2]!.details).not.toContain('Bye');
    expect(codes(spec)).toEqual([]);
  });

  it('so are work packages, and those over boxes without numbers, which are their check lists', () => {
    const spec = lines(
      '### WP01 - Ground',
      '- [ ] T001 dig (WP01)',
      '- [ ] T002 fill (WP01)',
      '### WP02 - Walls',
      'Build them.',
      '### Task 7: Roof',
      '- [x] beams',
      '- [ ] tiles',
    );
    expect(spec.tasks.map(({ id, group, state }) => [id, group, state])).toEqual([
      ['T001', 'WP01', 'pending'],
      ['T002', 'WP01', 'pending'],
      ['WP02', null, 'pending'],
      ['7', null, 'in_progress'],
    ]);
    expect(codes(spec)).toEqual([]);
  });

  it('a part of a task or group that is there belongs to it', () => {
    const spec = lines('- [ ] 1. A', '### Task 1.2: text', 'x', '## 2. B', '- [ ] 2.1 b', '### Task 2.2: c', 'x');
    expect(spec.tasks.map(({ id, parent, group }) => [id, parent, group])).toEqual([
      ['1', null, null],
      ['1.2', '1', null],
      ['2.1', null, '2'],
      ['2.2', null, '2'],
    ]);
  });

  it.each([
    ['a box has the id', ['## Task 1: A', 'text', '## All', '- [ ] 1. A', '- [ ] 2. B'], ['1', '2']],
    ['parts of it stand elsewhere', ['## Task 1: A', 'text', '## All', '- [ ] 1.1 a', '- [ ] 2.1 b'], ['1.1', '2.1']],
    ['it only holds such headings', ['## Task 1: A', '### Task 1.1: a', 'x', '## B', '- [ ] 2. b'], ['1.1', '2']],
    ['it stands in notes', ['- [ ] 1. A', '## Notes', '### Task 2: B', 'x'], ['1']],
  ])('none where %s', (_, list, ids) => {
    expect(lines(...list).tasks.map(({ id }) => id)).toEqual(ids);
  });

  it('two with one id are an error', () => {
    const spec = lines('- [ ] 1. A', '## Task 2: B', 'x', '## Task 2: C', 'y');
    expect(spec.tasks.map(({ title }) => title)).toEqual(['A', 'B']);
    expect(codes(spec)).toEqual(['error duplicate_id 4']);
  });

  it('a numbered heading with text alone among groups is told, chapters of prose are not', () => {
    const list = (title: string, text: string) =>
      lines('## 1. A', '- [ ] 1.1 a', `## 2. ${title}`, text, '## 3. B', '- [ ] 3.1 b');
    const spec = list('Manual deployment', 'Upload it.');
    expect(spec.tasks.map(({ id }) => id)).toEqual(['1.1', '3.1']);
    expect(codes(spec)).toEqual(['warning empty_group 3']);
    expect(spec.diagnostics[0]!.message).toContain('"- [ ] 2.1 Manual deployment"');
    for (const [title, text] of [
      ['Overview', 'x'],
      ['Notes', 'x'],
      ['Manual deployment', '---'],
    ] as const)
      expect(codes(list(title, text))).toEqual([]);
    expect(codes(lines('## 1. A', '- [ ] 1.1 a', '## 2. B', 'text'))).toEqual([]);
  });

  it('where the boxes have no numbers headings of tasks that hold none are told, once', () => {
    const spec = lines('### Task 1: A', 'x', '### Task 2: B', 'x', '## All', '- [ ] a', '- [ ] b');
    expect(codes(spec)).toEqual(['warning empty_group 1']);
    expect(spec.diagnostics[0]!.message).toContain('1 more, in lines 3');
  });
});

describe('headings are no tasks', () => {
  it('where they only number the chapters of a text', () => {
    const spec = read('# Design\n\n## 1. Overview\ntext\n\n## 2. Goals\ntext\n');
    expect([spec.dialect, spec.tasks]).toEqual(['none', []]);
    expect(spec.diagnostics.map(one => one.code)).toContain('no_tasks');
  });

  it.each([
    [
      'where their boxes have numbers of their own',
      '### Task 1: A\n- [ ] 1.1 B\n### Task 2: C\n- [ ] 2.1 D\n',
      ['1.1', '2.1'],
    ],
    ['where the box stands below its own heading', '## Task 1: A\n- [ ] 1. A\n## Task 2: B\n- [ ] 2. B\n', ['1', '2']],
    [
      'where most boxes stand elsewhere',
      '### Task 1: A\nx\n### Task 2: B\nx\n## All\n- [ ] a\n- [ ] b\n',
      ['#1', '#2'],
    ],
  ])('%s', (_, text, ids) => {
    expect(read(text).tasks.map(task => task.id)).toEqual(ids);
  });
});

describe('below the heading of a task', () => {
  const lines = (...list: string[]): Spec => read(list.join('\n'));
  const codes = (spec: Spec) => spec.diagnostics.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

  it('dependency lines are its own, with their place, over several lines and the other way round', () => {
    const spec = lines(
      '### Task 1: One',
      'text',
      '**Blocks**: Task 3',
      '### Task 2: Two',
      '**Dependencies:**',
      '- Task 1',
      '- Task 3',
      '### Task 3: Three',
      '#### Notes',
      '**Depends on**: Task 9, the moon',
    );
    expect(spec.tasks.map(({ id, dependsOn, dependsOnLines }) => [id, dependsOn, dependsOnLines])).toEqual([
      ['1', [], undefined],
      ['2', ['1', '3'], { 1: 5, 3: 5 }],
      ['3', ['1', '9'], { 1: 3, 9: 10 }],
    ]);
    expect(codes(spec)).toEqual(['warning unread_dependency 10']);
  });

  it('an owner that is no name is said, and so is a mark that nobody knows', () => {
    const spec = lines(
      '### [q] 1.1 One',
      '_agent: no such thing_',
      '### [ ] 1.2 Two',
      '_agent: claude_',
      '### 1.3 Three',
    );
    expect(spec.tasks.map(({ id, agent, state }) => [id, agent, state])).toEqual([
      ['1.1', null, 'pending'],
      ['1.2', 'claude', 'pending'],
      ['1.3', null, 'pending'],
    ]);
    expect(codes(spec)).toEqual(['warning unknown_mark 1', 'warning bad_agent 2']);
  });

  it('phases around them order, and prose does', () => {
    const spec = lines(
      '## Phase 1: Ground',
      '**Depends on**: Phase 2',
      '### Task 1: One',
      '## Phase 2: House',
      '### Task 2: Two',
      '### Task 3: Three',
      '## Dependencies',
      'Task 2 depends on Task 3',
    );
    expect(spec.phases?.map(({ id, tasks, dependsOnGroups }) => [id, tasks, dependsOnGroups])).toEqual([
      ['phase 1', ['1'], ['phase 2']],
      ['phase 2', ['2', '3'], []],
    ]);
    expect(spec.tasks.map(({ follows }) => follows)).toEqual([[], ['3'], []]);
  });
});

it('a table of the headings above them keeps their boxes, and the text below stays theirs', () => {
  const text = [
    '| Task | What | Done |',
    '|---|---|---|',
    '| 1.1 | Öffnen | [x] |',
    '| 1.2 | Lüften | [ ] |',
    '',
    '### Task 1.1: Open',
    'With the key.',
    '### Task 1.2: Air',
    '**Depends on**: Task 1.1',
  ].join('\n');
  expect(read(text).tasks.map(({ id, state, details, dependsOn }) => [id, state, details, dependsOn])).toEqual([
    ['1.1', 'done', 'With the key.', []],
    ['1.2', 'pending', '**Depends on**: Task 1.1', ['1.1']],
  ]);
  expect(ticked(text, '1.2')).toBe(text.replace('| [ ] |', '| [x] |'));
});
