// Nothing that looks like an open task vanishes without a word.
import { describe, expect, it } from 'vitest';
import { readAlmostBox } from '../../src/spec/almost.ts';
import { readSpec } from '../../src/spec/read.ts';
import { freeId } from '../../src/spec/unnumbered.ts';

const read = (...lines: string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const told = (spec: ReturnType<typeof read>, code: string): string[] =>
  spec.diagnostics.filter(one => one.code === code).map(one => `${one.severity} ${one.line}:${one.column}`);

describe('a line that nearly is a box', () => {
  it.each([
    ['-[ ] 2. B', '- [ ] 2. B'],
    ['  -[x] 2.1 B', '- [x] 2.1 B'],
    ['3.[ ] Third', '3. [ ] Third'],
    ['[ ] 12. L', '- [ ] 12. L'],
    ['– [ ] x', '- [ ] x'],
    ['• [ ] x', '- [ ] x'],
    ['a) [ ] x', '- [ ] x'],
    ['- ☐ x', '- [ ] x'],
    ['* ☑ x', '* [x] x'],
    ['☐ x', '- [ ] x'],
    ['- ［ ］ x', '- [ ] x'],
    ['- ［　］ x', '- [ ] x'],
    ['- [ ]Title', '- [ ] Title'],
    ['- [\u00a0] Title', '- [ ] Title'],
    ['- [  ] Title', '- [ ] Title'],
    ['-\u00a0[ ] 1. A', '- [ ] 1. A'],
    ['- \\[ \\] x', '- [ ] x'],
    ['- **[ ] 1. A**', '- [ ] 1. A'],
  ])('%j', (line, mended) => {
    expect(readAlmostBox(line)?.mended).toBe(mended);
  });

  it.each([
    '- [ ] 1. A',
    '2) [x] B',
    '[x](url)',
    '- [ ](url)',
    '- [x]: url',
    '-[link](url)',
    '[1] source',
    '- [RFC] x',
    '[ ] = open',
    '[x] Done',
    '[-] in progress',
    '`[ ]` x',
    'a line with [ ] 1. in it',
    '-5 [ ]',
    '- [ ]',
    '-[ ]',
    '---',
    '',
  ])('%j is none', line => {
    expect(readAlmostBox(line)).toBeNull();
  });

  it('is a warning with its place and how to write it', () => {
    const spec = read('- [ ] 1. A', '-[ ] 2. B', '', '- [ ] 3. C', '  -[ ] 3.1 D', '  -[x] 3.2 E');
    expect(spec.tasks.map(({ id }) => id)).toEqual(['1', '3']);
    expect(told(spec, 'almost_box')).toEqual(['warning 2:1', 'warning 5:3', 'info 6:3']);
    expect(spec.diagnostics[0]!.message).toContain('e.g. "- [ ] 2. B"');
    expect(spec.diagnostics.map(({ unread }) => unread)).toEqual([1, 1, undefined]);
  });

  it('is said too where nothing else was understood', () => {
    expect(told(read('-[ ] 1. A', '-[ ] 2. B'), 'almost_box')).toEqual(['warning 1:1', 'warning 2:1']);
  });

  it('is a step where it stands inside a task without a number', () => {
    expect(told(read('- [ ] 1. A', '  -[ ] step'), 'almost_box')).toEqual(['info 2:3']);
    expect(told(read('- [ ] 1. A', '-[ ] step'), 'almost_box')).toEqual(['warning 2:1']);
    expect(told(read('- [ ] A', '  -[ ] part'), 'almost_box')).toEqual(['warning 2:3']);
    expect(told(read('## Task 1: A', '-[ ] step', '## Task 2: B'), 'almost_box')).toEqual(['info 2:1']);
  });

  it('is not said in fences, comments, quotes, tables and notes', () => {
    const hidden = [
      '```',
      '-[ ] 2. B',
      '```',
      '<!--',
      '-[ ] 3. C',
      '-->',
      '',
      '> -[ ] 4. D',
      '',
      '| -[ ] 5. E |',
      '|--|',
    ];
    expect(told(read('- [ ] 1. A', '', ...hidden), 'almost_box')).toEqual([]);
    expect(told(read('- [ ] 1. A', '## Notes', '-[ ] 5. E'), 'almost_box')).toEqual(['info 3:1']);
    expect(told(read('---', 'a: b', '-[ ]: c', '---', '- [ ] 1. A'), 'almost_box')).toEqual([]);
  });

  it('takes linear time', () => {
    for (const piece of [' ', '- ', '[ ', '-\u00a0', '**', '☐ ', '(a)', '1-']) {
      const line = piece.repeat(200_000);
      const start = performance.now();
      readAlmostBox(line);
      readAlmostBox(`- ${line}`);
      readAlmostBox(`- [ ]${line}`);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});

describe('what hides lines like open tasks', () => {
  const after = ['- [ ] 2. B', '', '- [x] 3. C', '- [ ] 4. D'];
  it.each([
    ['a fence that is never closed', ['```bash', 'make'], 'warning 3:1', '"```"'],
    ['a longer one with a shorter fence inside', ['~~~~', '~~~'], 'warning 3:1', '"~~~~"'],
    ['a comment that is never closed', ['<!-- old'], 'warning 3:1', '"-->"'],
    ['an element of code that is never closed', ['<pre>'], 'warning 3:1', '"</pre>"'],
  ])('%s', (_, opening, place, close) => {
    const spec = read('- [ ] 1. A', '', ...opening, ...after);
    expect(spec.tasks.map(({ id }) => id)).toEqual(['1']);
    expect(told(spec, 'swallowed_boxes')).toEqual([place]);
    const [one] = spec.diagnostics.filter(({ code }) => code === 'swallowed_boxes');
    expect(one!.unread).toBe(2);
    expect(one!.message).toContain(`2 lines like open tasks, the first in line ${3 + opening.length}: "- [ ] 2. B"`);
    expect(one!.message).toContain(`Close it, e.g. with ${close}`);
  });

  it('a tag right in front of a list', () => {
    const spec = read('- [ ] 1. A', '', '<details>', '<summary>x</summary>', ...after);
    expect(told(spec, 'swallowed_boxes')).toEqual(['warning 3:1']);
    expect(spec.diagnostics[0]!.message).toContain('put an empty line in front of line 5');
    expect(spec.diagnostics[0]!.unread).toBe(1);
    expect(told(read('- [ ] 1. A', '', '<details>', '', ...after, '</details>'), 'swallowed_boxes')).toEqual([]);
  });

  it('a fence inside a task, with lines of tasks or of steps', () => {
    expect(told(read('- [ ] 1. A', '  ```', '  - [ ] 1.1 B', '- [ ] 2. C'), 'swallowed_boxes')).toEqual([
      'warning 2:3',
    ]);
    expect(told(read('- [ ] 1. A', '  ```', '  - [ ] step', '- [ ] 2. C'), 'swallowed_boxes')).toEqual(['info 2:3']);
  });

  it('a fence that hides headings which are tasks, also out of a section of notes', () => {
    const spec = read('## Task 1: A', 'text', '## Notes', '```', 'x', '## Task 2: B', 'text');
    expect(told(spec, 'swallowed_boxes')).toEqual(['warning 4:1']);
  });

  it.each([
    ['a closed fence', ['```', ...after, '```']],
    ['a closed comment', ['<!--', ...after, '-->']],
    ['a comment inside HTML', ['<div>', '<!--', '- [ ] 2. B', '-->', '</div>']],
    ['closed code', ['<pre>', ...after, '</pre>']],
    ['a quote', ['> ```', '> - [ ] 2. B']],
    ['a fence without an end and without boxes', ['```', 'make']],
  ])('%s says nothing', (_, lines) => {
    expect(told(read('- [ ] 1. A', '', ...lines), 'swallowed_boxes')).toEqual([]);
  });
});

describe('a table beside a list', () => {
  const list = ['- [ ] 1.1 A', '- [ ] 1.2 B', '- [ ] T001 C', '- [ ] T002 D', ''];
  const table = (name: string, ...rows: string[]) => [...list, `| ${name} | Title |`, '|--|--|', ...rows];
  const codes = (...lines: string[]) => told(read(...lines), 'table_rows');

  it('is told when no task has the ids of its rows', () => {
    const spec = read(...table('ID', '| 1.1 | A |', '| 1.3 | New |', '| T003 | Old ✅ |', '| T004 | Last |'));
    expect(told(spec, 'table_rows')).toEqual(['warning 8:1']);
    const [one] = spec.diagnostics.filter(({ code }) => code === 'table_rows');
    expect(one!.unread).toBe(3);
    expect(one!.message).toContain('no task has 1.3, T003, T004');
    expect(one!.message).toContain('"- [ ] 1.3 New"');
    expect(codes(...table('Task', '| T009 | x |'))).toEqual(['warning 8:1']);
  });

  it('is not, when they are tasks, or done, or of another kind', () => {
    expect(codes(...table('ID', '| 1.1 | A |', '| T002 | D |', '| 1 | all |'))).toEqual([]);
    expect(codes(...table('ID', '| 7 | x |', '| R1 | y |'))).toEqual([]);
    const done = [...list, '| ID | Title | Status |', '|--|--|--|', '| 1.3 | New | done |'];
    expect(codes(...done)).toEqual(['info 8:1']);
    expect(codes('- [ ] 1. A', '| ID | Title |', '|--|--|', '| 2 | B |')).toEqual([]);
  });

  it('is not, when it is one of requirements, phases or risks, or stands in notes', () => {
    for (const name of ['Requirement', 'Phase', 'Risk']) expect(codes(...table(name, '| 9.9 | x |'))).toEqual([]);
    for (const heading of ['## Risks', '## Traceability', '## Notes'])
      expect(codes(...list, heading, '', '| ID | Title |', '|--|--|', '| 9.9 | x |')).toEqual([]);
  });

  it('is told too where only some dialects would read it', () => {
    const plan = ['| id | role | depends-on | verify |', '|--|--|--|--|', '| T001 | a | | x |', '| T009 | b | | y |'];
    expect(codes(...list, ...plan)).toEqual(['warning 8:1']);
  });
});

describe('numbered boxes of a check list', () => {
  const ids = (...lines: string[]) => read(...lines).tasks.map(({ id }) => id);
  it.each(['Acceptance Criteria', 'Definition of Done', 'Review checklist', '✅ **Success criteria**:'])('%s', name => {
    const spec = read('- [ ] 1. A', '- [ ] 2. B', `### ${name}`, '1. [ ] fast', '- [ ] 2. tested', '- [ ] AC-1 x');
    expect(spec.tasks.map(({ id }) => id)).toEqual(['1', '2']);
    expect(spec.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(told(spec, 'ignored_box')).toEqual(['info 4:4', 'info 5:3']);
  });

  it('is told where it goes on with the numbers of the tasks', () => {
    const spec = read('- [ ] 1. A', '- [ ] 2. B', '## Checklist', '- [ ] 3. C', '- [x] 4. D');
    expect(told(spec, 'ignored_box')).toEqual(['warning 4:3', 'info 5:3']);
    expect(spec.diagnostics[0]).toMatchObject({
      unread: 1,
      message: expect.stringContaining('move 3 under a heading'),
    });
  });

  it('are tasks where the file has no others, or the heading is one of tasks', () => {
    expect(ids('# Plan', '## Checklist', '- [ ] 1. A', '- [ ] 2. B')).toEqual(['1', '2']);
    const list = ['- [ ] 1. A', '## Phase 2: Quality gates', '- [ ] 2. B', '## Implementation checklist', '- [ ] 3. C'];
    expect(ids(...list, '## 4. Sign-off', '- [ ] 4.1 D')).toEqual(['1', '2', '3', '4.1']);
  });

  it('give way to boxes without numbers', () => {
    expect(ids('- [ ] buy coins', '## Acceptance criteria', '- [ ] 1. fast')).toEqual(['#1']);
  });
});

describe('a box without a number beside numbered ones', () => {
  const messages = (...lines: string[]) => read(...lines).diagnostics.filter(({ code }) => code === 'unnumbered_box');

  it('is told with a number that is free', () => {
    const example = (...lines: string[]) => /e\.g\. "(.*?)"/.exec(messages(...lines)[0]!.message)![1];
    expect(example('- [ ] 1.1 A', '- [ ] 1.2 B', '- [ ] C', '- [ ] 1.3 D')).toBe('- [ ] 1.4 C');
    expect(example('- [ ] 1. A', '- [ ] C', '## 2. Next', '- [ ] 3.1 D')).toBe('- [ ] 4. C');
    expect(example('- [ ] C', '- [ ] T009 A', '- [ ] T011 B')).toBe('- [ ] T010 C');
    expect(example('- [ ] T009 A', '- [ ] T010 B', '- [ ] C')).toBe('- [ ] T011 C');
    expect(freeId('2.2a', new Set(['2.2a']))).toBe('2.3');
    expect(freeId('6.1–6.6', new Set())).toBe('6.7');
    expect(freeId('6.1-6.6', new Set())).toBe('6.7');
    expect(freeId('R1-2', new Set())).toBe('R1-3');
  });

  it('is a warning wherever an open one stands, but below headings of what is checked', () => {
    const spec = read(
      '- [ ] 1. A',
      '## More',
      '- [ ] B',
      '- [x] C',
      '## Review checklist (by hand)',
      '- [ ] D',
      '## Notes',
      '- [ ] E',
    );
    expect(told(spec, 'unnumbered_box')).toEqual(['warning 3:3', 'info 4:3', 'info 6:3']);
    expect(told(spec, 'ignored_box')).toEqual(['info 8:3']);
    expect(spec.diagnostics.reduce((sum, { unread = 0 }) => sum + unread, 0)).toBe(1);
  });

  it('is told once per section where they are many', () => {
    const many = Array.from({ length: 30 }, (_, at) => `- [ ] Step ${at}`);
    const found = messages('- [ ] 1. A', '## More', ...many, '## Rest', ...many.slice(0, 3));
    expect(found.map(({ line, unread }) => [line, unread])).toEqual([
      [3, 30],
      [34, 1],
      [35, 1],
      [36, 1],
    ]);
    expect(found[0]!.message).toMatch(/^30 boxes below "More" have no numbers .* \(lines 3, 4, .*, 22 and 10 more\)/);
    expect(found[0]!.source).toBe('- [ ] Step 0');
  });
});
