// Sections about the order of tasks: their tables and diagrams, and what is said where nothing of them was understood.
import { describe, expect, it } from 'vitest';
import { readSpec } from '../../src/spec/read.ts';

const tasks = ['# Tasks', '- [ ] 1. A', '- [ ] 2. B', '- [ ] 3. C', '- [ ] 4. D'];
const read = (...section: string[]) => readSpec(new TextEncoder().encode([...tasks, ...section].join('\n')));
/** `2<1` = 2 comes after 1. */
const order = (...section: string[]): string[] => {
  const spec = read(...section);
  // Such a section never holds a task back.
  expect(spec.tasks.flatMap(({ dependsOn }) => dependsOn)).toEqual([]);
  return spec.tasks.flatMap(({ id, follows }) => follows.map(other => `${id}<${other}`));
};
const said = (...section: string[]) =>
  read(...section)
    .diagnostics.filter(({ code }) => code === 'unread_order')
    .map(({ severity, line }) => `${severity} ${line}`);

describe('a table', () => {
  it('gives the order by its columns', () => {
    const table = [
      '| Task | Title | Depends on |',
      '|---|---|---|',
      '| 2 | B | 4 |',
      '| **Task 3** | C | 1, 2 |',
      '| 1 | A | none |',
    ];
    expect(order('## Dependencies', '', ...table)).toEqual(['2<4', '3<1', '3<2']);
    expect(order('## Risks', '', ...table)).toEqual([]);
  });

  it('the other way round, too', () => {
    expect(order('## Dependencies', '| ID | Blocks |', '|-|-|', '| 4 | 1–2 |')).toEqual(['1<4', '2<4']);
  });

  it('of other things gives none', () => {
    expect(order('## Dependencies', '| Package | Version |', '|-|-|', '| 1 | 2 |')).toEqual([]);
    expect(order('## Dependencies', '| Task | Depends on |', '| 1 | 2 |', '| 3 | 4 |')).toEqual([]);
    expect(order('## Dependencies', '| Task | Depends on |', '|-|-|', '', '| 1 | 2 |')).toEqual([]);
  });
});

describe('a diagram', () => {
  it.each([
    ['arrows in plain text', ['```', '4 --> 3 --> 2', '```'], ['2<3', '3<4']],
    ['and in text called so', ['```text', 'Task 2 -> Task 1', '```'], ['1<2']],
    [
      'edges between labels',
      ['```mermaid', 'graph TD', '  A[1. A] --> B["Task 3: C"]', '  B -->|then| C(2)', '```'],
      ['2<3', '3<1'],
    ],
    ['labels far from their edges', ['```mermaid', 'X --> Y & Z', 'X[4]', 'Y[1]', 'Z{2}', '```'], ['1<4', '2<4']],
    ['names of nodes', ['```mermaid', 'flowchart LR', '3 --> 1 ==> 2;', '```'], ['1<3', '2<1']],
    ['nothing that is no id', ['```mermaid', 'A[Desk 1] --> B[Load 2 files]', '```'], []],
    ['no other language', ['```ts', '4 --> 3', '```'], []],
  ])('%s', (_, fence, expected) => {
    expect(order('## Task Dependencies', ...fence)).toEqual(expected);
    expect(order('## Design', ...fence)).toEqual([]);
  });

  it('of codes', () => {
    const text = ['- [ ] T1 A', '- [ ] T2 B', '## Dependencies', '```mermaid', 'T2 --> T1', '```'].join('\n');
    expect(readSpec(new TextEncoder().encode(text)).tasks.map(({ follows }) => follows)).toEqual([['T2'], []]);
  });
});

describe('a section of which nothing was understood', () => {
  it('is told at its heading', () => {
    expect(said('## Execution Order', '1. Take task 4', 'and tasks 2 and 3 go hand in hand with the desk')).toEqual([
      'info 6',
    ]);
    expect(said('## Dependencies', '```', '1 ~~ 2', '```')).toEqual(['info 6']);
  });

  it.each([
    ['something was', ['- Tasks 3 and 4 are the desk', '- Task 2 depends on task 1']],
    ['it says that there is no order', ['- Tasks 3 and 4 are independent', '- Tasks 1, 2 run in parallel']],
    ['it names one task a line', ['- Task 3 is the desk']],
    ['it names other things', ['- Needs Node 20 and 30 MB']],
  ])('is not told where %s', (_, lines) => {
    expect(said('## Dependencies', ...lines)).toEqual([]);
  });
});

it('is quick on what no hand writes', () => {
  // Time is no matter of this test: these would take minutes with patterns that try every way.
  const hostile = ['A[1] --> ', 'A[', 'a ', '-.', '&', '1 -->', '| 1 '];
  for (const part of hostile) {
    const line = part.repeat(Math.ceil(5_000 / part.length)).slice(0, 5_000);
    const short = Array.from({ length: process.env.SEQRUN_TEST_LONG ? 300 : 60 }, () => line.slice(0, 990));
    order('## Dependencies', '```mermaid', ...short, line, '```');
    order('## Dependencies', '```', ...short, line, '```');
  }
});
