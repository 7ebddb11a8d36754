// What each line was taken for.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kindsOfLines } from '../../src/spec/lines.ts';
import { readSpec } from '../../src/spec/read.ts';

const kinds = (text: string): string[] => {
  const bytes = new TextEncoder().encode(text);
  return kindsOfLines(bytes, readSpec(bytes)).map(({ kind, of }) => (of === null ? kind : `${kind} ${of}`));
};

it('tasks, their details, check lists, groups and prose', () => {
  expect(
    kinds(
      [
        '# Plan',
        'Some words.',
        '## 1. Shop',
        '- [ ] 1.1 Door',
        '  - oil it',
        '',
        '  - [ ] hinges',
        '- [x] 1.2 Light',
        '',
        '## Release',
        '- [ ] tag it',
        '```',
        '- [ ] 9. in a fence',
        '```',
      ].join('\n'),
    ),
  ).toEqual([
    'prose',
    'prose',
    'group 1',
    'task 1.1',
    'detail 1.1',
    'detail 1.1',
    'checklist 1.1',
    'task 1.2',
    'blank',
    'prose',
    'checklist',
    'prose',
    'prose',
    'prose',
  ]);
});

it('tasks that are headings have what stands below them', () => {
  expect(kinds('### Task 1: Door\ntext\n- [ ] oil\n### Task 2: Light\n## Notes\nwords\n')).toEqual([
    'task 1',
    'detail 1',
    'checklist 1',
    'task 2',
    'prose',
    'prose',
    'blank',
  ]);
});

it('rows of a table of tasks are tasks, those that only sum up a list are none', () => {
  const table = ['| ID | Task | Done |', '|-|-|-|', '| 1 | Door | [ ] |', '| 2 | Light | [x] |'];
  expect(kinds(table.join('\n'))).toEqual(['prose', 'prose', 'task 1', 'task 2']);
  expect(kinds(['- [ ] 1. Door', '', ...table.slice(0, 3)].join('\n'))).toEqual([
    'task 1',
    'blank',
    'prose',
    'prose',
    'checklist',
  ]);
});

it('every line of any text has one kind, and every task its line', () => {
  const line = fc.constantFrom(
    '- [ ] 1. A',
    '  - [ ] 1.1 B',
    '- [x] b',
    '## 2. C',
    '',
    'text',
    '```',
    '> q',
    '\t- [ ] 3. D',
    '<!-- c -->',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), lines => {
      const text = lines.join('\n');
      const bytes = new TextEncoder().encode(text);
      const spec = readSpec(bytes);
      const found = kindsOfLines(bytes, spec);
      expect(found).toHaveLength(text.split('\n').length);
      const tasks = found.flatMap(({ kind, of }, index) => (kind === 'task' ? [`${index + 1} ${of}`] : []));
      expect(tasks).toEqual(spec.tasks.map(task => `${task.line} ${task.id}`));
      for (const [index, { kind }] of found.entries()) {
        if (kind === 'blank') expect(text.split('\n')[index]!.trim()).toBe('');
      }
    }),
    { numRuns: 300 },
  );
});
