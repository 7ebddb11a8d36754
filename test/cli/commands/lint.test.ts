// `seqrun lint` on real folders, in this process.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.close());
const write: Folder['write'] = (text, path) => folder.write(text, path);
const lint: Folder['run'] = words => folder.run(words);

const BAD = `# Plan
- [ ] 1. A
- [q] 2. B
  - depends on: 9
- [ ] 1. again
- [ ] 3. C
  - depends on: 4
- [ ] 4. D
  - depends on: 3
- [ ] 6.1 orphan
`;

it('tells everything at once, each with its place, line and column, and exits with 65', async () => {
  write(BAD);
  const { exit, stdout, stderr } = await lint('lint .kiro/specs/cart');
  expect(exit).toBe(65);
  expect(stdout).toBe('.kiro/specs/cart/tasks.md: 5 tasks, 3 errors, 2 warnings\nread as kiro: 6 boxes with numbers\n');
  for (const [line, column, said] of [
    [3, 3, 'The mark "q" is unknown'],
    [5, 3, 'The id 1 is used twice'],
    [10, 1, 'There is no task or heading 6'],
    [4, 3, '2 depends on 9, which the file does not have'],
    [6, 1, '3 → 4 → 3'],
  ] as const) {
    expect(stderr).toContain(said);
    const [, place, source] = stderr.slice(stderr.indexOf(said)).split('\n');
    expect(place).toBe(`  at .kiro/specs/cart/tasks.md:${line}:${column}`);
    expect(source).toBe(`    ${line} | ${BAD.split('\n')[line - 1]}`);
  }
});

it('as JSON, for other programs', async () => {
  write(BAD);
  const { exit, stdout } = await lint('lint .kiro/specs/cart/tasks.md --json');
  expect(exit).toBe(65);
  const { dialect, because, tasks, diagnostics } = JSON.parse(stdout);
  expect([dialect, because, tasks]).toEqual(['kiro', '6 boxes with numbers', 5]);
  expect(diagnostics[0]).toEqual({
    severity: 'warning',
    code: 'unknown_mark',
    message: expect.any(String),
    line: 3,
    column: 3,
    source: '- [q] 2. B',
  });
});

it('nothing to complain of is 0, warnings alone too', async () => {
  write('- [ ] 1. A\n');
  expect(await lint('lint --spec .kiro/specs/cart')).toEqual({
    exit: 0,
    stdout: '.kiro/specs/cart/tasks.md: 1 task, nothing to complain of\nread as kiro: 1 box with numbers\n',
    stderr: '',
  });
  write('- [q] 1. A\n');
  expect((await lint('lint .kiro/specs/cart')).exit).toBe(0);
});

it('a file without tasks is an error, a missing one is 66, and a forced dialect is taken', async () => {
  write('# Nothing\n');
  expect(await lint('lint .kiro/specs/cart')).toMatchObject({
    exit: 65,
    stderr: expect.stringContaining('No task was found'),
  });
  expect(await lint('lint .kiro/specs/none')).toMatchObject({ exit: 66, stdout: '' });
  write('- [~] 1. A\n');
  expect((await lint('lint .kiro/specs/cart --dialect openspec')).stdout).toContain('read as openspec: asked for');
  expect(await lint('lint .kiro/specs/cart --dialect nosuch')).toMatchObject({ exit: 64 });
});
