// The wordings in which people write dependencies: what each of them means, and what means nothing.
import { describe, expect, it } from 'vitest';
import type { Spec, Task } from '../../src/core/task.ts';
import { readDependencyLine } from '../../src/spec/dependencies.ts';
import { readSpec } from '../../src/spec/read.ts';
import { readTitleDependencies } from '../../src/spec/title-dependencies.ts';

const read = (...lines: string[]): Spec => readSpec(new TextEncoder().encode(lines.join('\n')));
const task = (spec: Spec, id: string): Task => spec.tasks.find(other => other.id === id)!;
const unread = (spec: Spec): string[] =>
  spec.diagnostics
    .filter(({ code }) => code === 'unread_dependency')
    .map(({ severity, line }) => `${severity} ${line}`);

const numbers = ['1', '2', '3', '4', '5'].flatMap(n => [`- [ ] ${n}. T`, `- [ ] ${n}.1 U`]);
const codes = ['T001', 'T002', 'T003', 'T004'].map(id => `- [ ] ${id} Do ${id.slice(1)}`);
/** What the last task of such a file waits for, and what is said of it. */
const own = (file: readonly string[], id: string, line: string) => {
  const spec = read(...file, `- [ ] ${id === '9' ? '9.' : id} Late`, `  ${line}`);
  return { dependsOn: task(spec, id).dependsOn, said: unread(spec).map(text => text.split(' ')[0]) };
};
const numbered = (line: string) => own(numbers, '9', line);
const coded = (line: string) => own(codes, 'T009', line);

describe('a line of its own with a key', () => {
  it.each([
    ['- Blocked by: 1, 2.1', ['1', '2.1']],
    ['- **Blocked by:** Task 3', ['3']],
    ['- BLOCKED BY: 3', ['3']],
    ['Prerequisite: 1', ['1']],
    ['* Prerequisites: 1 and 2', ['1', '2']],
    ['- Deps: 4', ['4']],
    ['- depends_on: [4, 5]', ['4', '5']],
    ['- `depends_on`: ["1.1", "2.1"]', ['1.1', '2.1']],
    ['- dependsOn: 5', ['5']],
    ['- _DependsOn: 5_', ['5']],
    ['- _Depends on task: 4_', ['4']],
    ['- Depends on tasks: 4, 5', ['4', '5']],
    ['- _Blocked by: 3_', ['3']],
    ['- Task dependencies: 1', ['1']],
    ['- 前置任务：1、2', ['1', '2']],
    ['- 前置依赖: 1', ['1']],
    ['- 依赖任务：2', ['2']],
    ['- 依赖：2', ['2']],
    ['- 依存関係: 2', ['2']],
    ['- 前提タスク：タスク3', ['3']],
    ['- _依存: 1.1_', ['1.1']],
    ['- 의존성: 2', ['2']],
    ['- 선행 작업: 2', ['2']],
    ['- Abhängig von: 1 und 2', ['1', '2']],
    ['- Abhängigkeiten: 1', ['1']],
    ['- Hängt ab von: 1', ['1']],
    ['- Depende de: 3', ['3']],
    ['- Dependencias: 1 y 2', ['1', '2']],
    ['- **Dependências:** 1', ['1']],
    ['- Dépend de : 1', ['1']],
    ['- Dépendances: 1 et 2', ['1', '2']],
    ['- Depends on: [2](#2-beta), [3](#3-gamma)', ['2', '3']],
    ['- Depends on: #2', ['2']],
    ['- Dependencies: Task 5 must be complete', ['5']],
    ['- Requires: Task 3', ['3']],
    ['- Needs: tasks 3 and 4', ['3', '4']],
    ['- Requires tasks: 3', ['3']],
  ])('%s', (line, expected) => {
    expect(numbered(line)).toEqual({ dependsOn: expected, said: [] });
  });

  it.each([
    ['- Dependencias: ninguna'],
    ['- Dependências: nenhuma'],
    ['- Dépendances: aucune'],
    ['- Abhängigkeiten: keine'],
    ['- 依赖: 无'],
    ['- 依存: なし'],
    ['- 의존성: 없음'],
    ['- Dependencies: None, but see 5'],
    ['- Blocked by: nothing yet (1 is done)'],
    ['- Dependencies: independent of task 1'],
    ['- Requires: 1.1, 2.1'],
    ['- Requires: Node 20'],
    ['- Needs: 3 new icons'],
    ['- _Requirements: 1.1_'],
    ['- Does not depend on 4'],
    ['- Not blocked by task 4'],
    ['- No dependencies'],
  ])('%s: nothing', line => {
    expect(numbered(line)).toEqual({ dependsOn: [], said: [] });
  });

  it('requires codes of the file, and no others', () => {
    expect(coded('- Requires: T003')).toEqual({ dependsOn: ['T003'], said: [] });
    expect(coded('- Needs: T003, FR-1')).toEqual({ dependsOn: ['T003'], said: [] });
    expect(coded('- Requires: FR-003, ES2020')).toEqual({ dependsOn: [], said: [] });
    // An id of their kind that the file does not have is a mistake.
    expect(coded('- Requires: T077').dependsOn).toEqual(['T077']);
  });

  it.each([
    ['- Blocked by: the legal team', 'warning'],
    ['- Depends on: all previous tasks', 'warning'],
    ['- Blocked by: #123', 'warning'],
    ['- Depends on: none except 3', 'warning'],
    ['- Dependencies: lodash', 'info'],
    ['- Deps: lodash and task 3 of it', 'warning'],
    ['- Dependencies: Phase 2', 'warning'],
    ['- Depends on the config of 1.1', 'warning'],
  ])('%s: %s', (line, severity) => {
    expect(numbered(line)).toEqual({ dependsOn: [], said: [severity] });
  });

  it('is told on its line', () => {
    const spec = read('- [ ] 1. A', '  text', '  - Blocked by: somebody');
    expect(unread(spec)).toEqual(['warning 3']);
  });
});

describe('a sentence of its own', () => {
  it.each([
    ['- Must be done after task 4.1', ['4.1']],
    ['- Must be done after task 1.', ['1']],
    ['- This task is blocked by task 5', ['5']],
    ['- Depends on task 3 and 4.', ['3', '4']],
    ['- Should only start once tasks 3 and 4 are done', ['3', '4']],
    ['Add the index. This task must run after Task 2.', ['2']],
    ['- Waits for task 2', ['2']],
  ])('%s', (line, expected) => {
    expect(numbered(line)).toEqual({ dependsOn: expected, said: [] });
  });

  it('names codes of the file', () => {
    expect(coded('- Must be done after T002 and T003').dependsOn).toEqual(['T002', 'T003']);
    expect(coded('- After V8 is done').dependsOn).toEqual([]);
  });

  it('says it the other way round', () => {
    const spec = read(...codes, '- [ ] T009 Late', '  - Must be done before T004.');
    expect(task(spec, 'T004').dependsOn).toEqual(['T009']);
  });

  it.each([
    ['- Must be done after 3 retries'],
    ['- Must not be done after task 3'],
    ['- After task 3 changed the schema, look again'],
    ['- Note: this is not blocked by task 3'],
    ['- Needs 4'],
    ['- _Prompt: Do it. Must be done after task 3. | Success: it works_'],
  ])('%s: nothing', line => {
    expect(numbered(line).dependsOn).toEqual([]);
  });
});

describe('a title', () => {
  const inTitle = (file: readonly string[], id: string, title: string) =>
    task(read(...file, `- [ ] ${id}${id.startsWith('T') ? '' : '.'} ${title}`), id).dependsOn;

  it.each([
    ['Ship (blocked by 5)', ['5']],
    ['Ship (after 3)', ['3']],
    ['Ship (after task 3 is done)', ['3']],
    ['Ship (requires task 4)', ['4']],
    ['Ship (needs: 4)', ['4']],
    ['Ship (dep: 4)', ['4']],
    ['Ship (deps: 1, 2)', ['1', '2']],
    ['Ship (prereq: 1)', ['1']],
    ['Ship — depends on 3', ['3']],
    ['Ship - depends on 3', ['3']],
    ['Ship, depends on task 4', ['4']],
    ['Ship `depends_on: [5]`', ['5']],
    ['Ship {depends: 5}', ['5']],
    ['Ship @depends(4)', ['4']],
    ['Ship （依赖任务 4）', ['4']],
    ['Ship （1 に依存）', ['1']],
    ['Ship (任务4完成后)', ['4']],
    ['Ship — depends on 99', ['99']],
  ])('%s', (title, expected) => {
    expect(inTitle(numbers, '9', title)).toEqual(expected);
  });

  it.each([
    ['Ship (after T002–T004)', ['T002', 'T003', 'T004']],
    ['Ship (depends T004)', ['T004']],
    ['Ship （依存: T003）', ['T003']],
    ['Ship; requires T001 through T002', ['T001', 'T002']],
    ['Ship; after T002', ['T002']],
    ['Ship [blocked by T003]', ['T003']],
  ])('%s', (title, expected) => {
    expect(inTitle(codes, 'T009', title)).toEqual(expected);
  });

  it('says it the other way round, and both', () => {
    const spec = read('- [ ] T003 A', '- [ ] T004 B (depends on T003, blocks T005)', '- [ ] T005 C');
    expect(spec.tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], ['T003'], ['T004']]);
    const other = read('- [ ] 1. A (blocks 2, 3)', '- [ ] 2. B', '- [ ] 3. C');
    expect(other.tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], ['1'], ['1']]);
  });

  it.each([
    ['Ship (after the review)'],
    ['Ship (requires root)'],
    ['Ship (requires 1.1)'],
    ['Ship (after 3 retries)'],
    ['Ship (after 3-minute wait)'],
    ['Ship (blocks 3 others)'],
    ['Ship (no dependencies)'],
    ['Ship (not blocked by 3)'],
    ['Ship, not dependent on 4'],
    ['Ship (depends on config)'],
    ['Ship after 3'],
    ['Ship, after 3'],
    ['Install dependencies (npm 10)'],
  ])('%s: nothing', title => {
    const spec = read(...numbers, `- [ ] 9. ${title}`);
    expect([task(spec, '9').dependsOn, unread(spec)]).toEqual([[], []]);
  });
});

describe('a heading', () => {
  it('that is a task has them in its title', () => {
    const spec = read(
      '### Task 1: A (after Task 2)',
      'a',
      '### Task 2: B',
      'b',
      '### Task 3: C — depends on Task 1',
      'c',
    );
    expect(spec.tasks.map(({ dependsOn }) => dependsOn)).toEqual([['2'], [], ['1']]);
  });

  it('that is a group has them in its title and in a section of its own', () => {
    const spec = read(
      '## 1. A (depends on 3)',
      '- [ ] 1.1 a',
      '## 2. B',
      '- [ ] 2.1 b',
      '### Dependencies',
      '- Depends on 1.',
      '## 3. C',
      '- [ ] 3.1 c',
      '### Dependencies',
      '- None',
    );
    expect(spec.groups.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['1', ['3']],
      ['2', ['1']],
      ['3', []],
    ]);
    expect(unread(spec)).toEqual([]);
  });

  it('that is a work package, too', () => {
    const spec = read(
      '## WP01: A',
      '- [ ] T001 a',
      '### Dependencies',
      '- Depends on WP02 (schema), WP03.',
      '## WP02: B',
      '- [ ] T002 b',
      '### Dependencies',
      '- None (it begins)',
      '## WP03: C (blocks WP02)',
      '- [ ] T003 c',
    );
    expect(spec.groups.map(({ dependsOn }) => dependsOn)).toEqual([['WP02', 'WP03'], ['WP03'], []]);
  });

  it('that is a phase only orders', () => {
    const spec = read(
      '## Phase 1: A',
      '- [ ] 1. a',
      '## Phase 2: B (after Phase 3)',
      '- [ ] 2. b',
      '## Phase 3: C',
      '- [ ] 3. c',
    );
    expect(spec.phases?.map(({ dependsOnGroups }) => dependsOnGroups)).toEqual([[], ['phase 3'], []]);
    expect(spec.tasks.map(({ dependsOn }) => dependsOn)).toEqual([[], [], []]);
  });
});

describe('titles of other tasks', () => {
  const file = [
    '- [ ] 1. Build the `desk`',
    '- [ ] 2. **Load, parse**',
    '- [ ] 3. Sell (by hand)',
    '- [ ] 4. Twin',
    '- [ ] 5. Twin',
  ];
  const of = (line: string) => {
    const spec = read(...file, '- [ ] 9. Late', `  ${line}`);
    return [task(spec, '9').dependsOn, unread(spec)];
  };
  it.each([
    ['- Depends on: build the desk', ['1']],
    ['- Depends on Build the desk.', ['1']],
    ['- Dependencies: Load, parse', ['2']],
    ['- Blocked by: Build the desk; Sell', ['1', '3']],
    ['- Depends on: 2, Sell (by hand)', ['2', '3']],
  ])('%s', (line, expected) => {
    expect(of(line)).toEqual([expected, []]);
  });

  it.each([
    ['- Dependencies: lodash, Sell', 'warning 7'],
    ['- Depends on: Twin', 'warning 7'],
    ['- Depends on: Build the', 'warning 7'],
  ])('%s is not understood', (line, said) => {
    expect(of(line)).toEqual([[], [said]]);
  });

  it('count with the line that names them', () => {
    const spec = read('- [ ] 1. A', '- [ ] 2. B', '  text', '  - Depends on: a');
    expect(task(spec, '2').dependsOnLines).toEqual({ 1: 4 });
  });
});

it('is quick on what no hand writes', () => {
  // Time is no matter of this test: these would take minutes with patterns that try every way.
  const hostile = [
    '(after ',
    'Depends on: 1 (',
    '— depends on ',
    ', ',
    'a. Must be ',
    ', needs ',
    '[(',
    '`blocks ',
    'T1, ',
    '_ \t',
    '依赖 ',
    '1 に',
    '[a](',
    ' must be',
  ];
  for (const part of hostile) {
    const line = part.repeat(Math.ceil(4_990 / part.length)).slice(0, 4_990);
    for (const text of [line, `Depends on: ${line}`, `Must be done after ${line.slice(0, 380)}`])
      for (let i = 0; i < 50; i++) {
        expect(readTitleDependencies(text).length).toBeLessThan(5_000);
        expect(readDependencyLine(text)?.references.length ?? 0).toBeLessThan(5_000);
      }
  }
});
