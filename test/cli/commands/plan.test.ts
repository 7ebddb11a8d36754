// `seqrun plan` on real folders, in this process.
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaults } from '../../../src/core/defaults.ts';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.close());
const write: Folder['write'] = (text, path) => folder.write(text, path);
const plan: Folder['run'] = words => folder.run(words);

const CART = `# Implementation Plan

- [x] 1. Set up
  - [x] 1.1 Folders
- [ ] 2. Cart
  - [x] 2.1 Model
  - [ ] 2.2 Price
  - [ ]* 2.3 Tests
- [ ] 10. Ship
  - Depends on: 2
`;

it('shows order, subtasks, dependencies, what is done and what is left out', async () => {
  write(CART);
  expect(await plan('plan .kiro/specs/cart')).toEqual({
    exit: 0,
    stdout: `Plan of .kiro/specs/cart: 3 units, 1 done, 1 task left out
workdir .
read as kiro: 7 boxes with numbers

  1. [1] Set up [done]
     1 subtask: 1.1
  2. [2] Cart [next]
     2 subtasks (1 done): 2.1, 2.2 · optional left out: 2.3
  3. [10] Ship
     after 2

Left out
  2.3 Tests (optional; --include-optional runs it)
`,
    stderr: '',
  });
});

it('is the same by --dry-run, by the file, and by the settings file', async () => {
  write(CART);
  const expected = await plan('plan .kiro/specs/cart');
  expect(await plan('--spec .kiro/specs/cart --dry-run')).toEqual(expected);
  expect(await plan('plan .kiro/specs/cart/tasks.md')).toEqual(expected);
  write('{ "spec": ".kiro/specs/cart" }', 'seqrun.config.json');
  expect(await plan('plan')).toEqual(expected);
});

it('touches nothing', async () => {
  write(CART);
  const before = readdirSync(folder.root, { recursive: true });
  await plan('plan .kiro/specs/cart --json');
  expect(readdirSync(folder.root, { recursive: true })).toEqual(before);
});

it('prints one JSON object with --json, and nothing else on stdout', async () => {
  write(CART);
  const { exit, stdout, stderr } = await plan('plan .kiro/specs/cart --json');
  expect([exit, stderr]).toEqual([0, '']);
  const { units, skipped } = JSON.parse(stdout);
  expect(units.map((unit: { id: string }) => unit.id)).toEqual(['2', '10']);
  expect(skipped).toEqual([{ id: '2.3', because: 'optional' }]);
});

it('shows errors with their line, ends with 65, and still prints the object', async () => {
  write(`${CART}- [ ] 10. Again\n`);
  const text = await plan('plan .kiro/specs/cart');
  expect(text.exit).toBe(65);
  expect(text.stderr).toMatch(/error: [\s\S]*at \.kiro\/specs\/cart\/tasks\.md:11[\s\S]*11 \| - \[ \] 10\. Again/);
  const json = await plan('plan .kiro/specs/cart --json');
  expect(json.exit).toBe(65);
  expect(JSON.parse(json.stdout).diagnostics).toContainEqual(expect.objectContaining({ severity: 'error', line: 11 }));
});

it('finds a cycle and says so with 65', async () => {
  write('- [ ] 1. A\n  - Depends on: 2\n- [ ] 2. B\n  - Depends on: 1\n');
  expect(await plan('plan .kiro/specs/cart')).toMatchObject({
    exit: 65,
    stderr: expect.stringMatching(/cycle|each other|wait/i),
  });
});

it.each(['', '# Nothing here\n', '\u0000\u0001'])('never takes %j for finished', async text => {
  write(text);
  expect(await plan('plan .kiro/specs/cart')).toMatchObject({ exit: 65 });
});

it('takes the selection', async () => {
  write(CART);
  const { stdout } = await plan('plan .kiro/specs/cart --only 2');
  expect(stdout).toMatch(/1 unit/);
  expect(stdout).toMatch(/10 Ship \(not selected/);
});

it('lets no title act on the terminal', async () => {
  write('- [ ] 1. A\u001b[2J\u202eb\u0007\n');
  const { stdout, stderr } = await plan('plan .kiro/specs/cart');
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

it('says what is missing with 66', async () => {
  write(CART);
  expect(await plan('plan .kiro/specs/carts')).toMatchObject({
    exit: 66,
    stdout: '',
    stderr: expect.stringContaining('next: --spec .kiro/specs/cart'),
  });
});

it('does not read a file that is far too large', async () => {
  write(new Uint8Array(defaults.specBytesMax + 1).fill(0x20));
  expect(await plan('plan .kiro/specs/cart')).toMatchObject({ exit: 65, stderr: expect.stringContaining('bytes') });
});

it('--verbose shows what every line was taken for', async () => {
  write('# Plan\n\n- [ ] 1. Door\n  - oil\n- [ ] tag\n');
  const { stdout } = await plan('plan .kiro/specs/cart --verbose');
  expect(stdout.slice(stdout.indexOf('Every line'))).toBe(
    [
      'Every line, and what it was taken for',
      '  1 prose              # Plan',
      '  2 blank              ',
      '  3 task 1             - [ ] 1. Door',
      '  4 detail of 1          - oil',
      '  5 checklist          - [ ] tag',
      '  6 blank              ',
      '',
    ].join('\n'),
  );
});

it('shows what the file says of proof, and which commands would not run', async () => {
  write(
    [
      '- [ ] 1. Write failing tests',
      '- [ ] 2. Write preservation tests',
      '- [ ] 3. Cart',
      '  - _verify: npm test -- cart_',
      '  - _verify: `make \u001b[31m_x_`_',
      '  - _verify: echo %s #{x} "$(x)"_',
      '- [ ] 4. Update README.md',
      '- [ ] 5. Checkpoint - Ensure all tests pass',
      '',
    ].join('\n'),
  );
  const { stdout, stderr } = await plan('plan .kiro/specs/cart');
  expect(stdout.slice(stdout.indexOf('  1.'))).toBe(`  1. [1] Write failing tests [next]
     its test is to fail
  2. [2] Write preservation tests
     writes tests: a gate may stay red
  3. [3] Cart
     verify: npm test -- cart (not run: needs --allow-task-commands)
     verify: echo %s #{x} "$(x)" (not run: needs --allow-task-commands)
  4. [4] Update README.md
     documentation only
  5. [5] Checkpoint - Ensure all tests pass
     checkpoint
`);
  expect(stderr).toContain('a character that is not seen');
  expect(stderr).not.toContain('\u001b[31m_x');
  expect((await plan('plan .kiro/specs/cart --allow-task-commands')).stdout).toMatch(/verify: npm test -- cart\n/);
  const { units } = JSON.parse((await plan('plan .kiro/specs/cart --json')).stdout);
  expect(
    units.map(({ verify, expects, mayStayRed, docs, checkpoint, noChange }: Record<string, unknown>) => ({
      verify,
      expects,
      mayStayRed,
      docs,
      checkpoint,
      noChange,
    })),
  ).toEqual([
    { expects: 'red' },
    { mayStayRed: true },
    { verify: ['npm test -- cart', 'echo %s #{x} "$(x)"'] },
    { docs: true },
    { expects: 'green', checkpoint: true, noChange: true },
  ]);
});

it('shows what counts as done in this call, before anything runs', async () => {
  folder.write('- [ ] 1. A\n  - _verify: make a_\n- [ ] 2. B\n');
  const words = '--verify ./check --allow-task-commands --baseline halt --review --git commit';
  const { stdout } = await folder.run(`plan --spec .kiro/specs/cart ${words}`);
  expect(stdout.split('\n').slice(2, 8)).toEqual([
    'gate verify: ./check',
    'gates of the task file: 1 unit',
    'require=signal,verify',
    'baseline=halt',
    'review=all',
    'git=commit',
  ]);
});
