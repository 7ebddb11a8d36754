// `seqrun todos` on real folders, in this process.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
let root = '';
beforeEach(() => {
  folder = makeFolder();
  folder.write('', '.git/HEAD');
  root = folder.root;
});
afterEach(() => folder.close());
const write = (path: string, content: unknown) =>
  folder.write(typeof content === 'string' ? content : JSON.stringify(content, null, 2), path);
const seqrun: Folder['run'] = words => folder.run(words);

const TASKS = `# Plan

- [ ] 1. Till
  - [x] 1.1 Coins
    - count them
    - **Validates: Requirements 1.1**
  - [ ]* 1.2 Test coins
  - [-] 1.3 Notes
    - _Depends: 1.1_
    - _priority: 2_
    - _tokens: 8000_
- [ ] 2. Print
  - _Depends: 1_
  - _verify: npm test passes_
`;

const TODOS = [
  { id: '1', title: 'Till', status: 'pending' },
  { id: '1.1', title: 'Coins', status: 'completed' },
  { id: '2', title: 'Print', status: 'pending', dependsOn: ['1'], verificationCriteria: 'it prints' },
];

describe('export', () => {
  it('prints the todo JSON of a task file', async () => {
    write('.kiro/specs/cart/tasks.md', TASKS);
    const { exit, stdout, stderr } = await seqrun('todos export --spec .kiro/specs/cart --include-optional');
    expect([exit, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      spec: 'cart',
      todos: [
        { id: '1', title: 'Till', status: 'in_progress', dependsOn: [], blocks: [], parallelGroup: 2 },
        {
          id: '1.1',
          title: 'Coins',
          status: 'completed',
          description: '- count them\n- **Validates: Requirements 1.1**',
          dependsOn: [],
          blocks: ['1.3', '2'],
          parallelGroup: 1,
          verificationCriteria: 'Requirements 1.1',
        },
        {
          id: '1.2',
          title: 'Test coins',
          status: 'pending',
          dependsOn: [],
          blocks: ['2'],
          parallelGroup: 1,
          optional: true,
        },
        {
          id: '1.3',
          title: 'Notes',
          status: 'in_progress',
          description: '- _Depends: 1.1_\n- _priority: 2_\n- _tokens: 8000_',
          dependsOn: ['1.1'],
          blocks: ['2'],
          priority: 2,
          estimatedTokens: 8000,
          parallelGroup: 2,
        },
        {
          id: '2',
          title: 'Print',
          status: 'pending',
          description: '- _Depends: 1_\n- _verify: npm test passes_',
          dependsOn: ['1.1', '1.2', '1.3'],
          blocks: [],
          parallelGroup: 3,
          verificationCriteria: 'npm test passes',
        },
      ],
    });
  });

  it('gives the same plan as the file it was made of', async () => {
    write('.kiro/specs/cart/tasks.md', `${TASKS}\n## 3. Later\n\n- [ ] 3.1 One\n- [ ] 3.2 Two\n`);
    write('.kiro/specs/copy/todos.json', (await seqrun('todos export .kiro/specs/cart')).stdout);
    const plan = async (spec: string) => {
      const { exit, stdout, stderr } = await seqrun(`plan --json ${spec}`);
      expect([exit, stderr]).toEqual([0, '']);
      return JSON.parse(stdout);
    };
    const [own, copy] = [await plan('.kiro/specs/cart'), await plan('.kiro/specs/copy')];
    expect(copy.dialect).toBe('todos');
    expect(own.units.map((unit: { id: string }) => unit.id)).toEqual(['1', '2', '3']);
    // The heading is a todo of its own, which its tasks are parts of.
    own.units[2].tasks.unshift('3');
    expect(copy.units).toEqual(own.units);
  });

  it('goes by what is recorded, not by the boxes', async () => {
    write('.kiro/specs/cart/tasks.md', TASKS);
    expect((await seqrun('accept 2 --spec .kiro/specs/cart --no-write-tasks')).exit).toBe(0);
    const { stdout } = await seqrun('todos export --spec .kiro/specs/cart');
    const statuses = JSON.parse(stdout).todos.map((todo: { id: string; status: string }) => [todo.id, todo.status]);
    expect(Object.fromEntries(statuses)).toEqual({
      1: 'in_progress',
      '1.1': 'completed',
      '1.2': 'pending',
      '1.3': 'pending',
      2: 'completed',
    });
    expect(readFileSync(join(root, '.kiro/specs/cart/tasks.md'), 'utf8')).toBe(TASKS);
  });

  it('says what is wrong: errors of the file 65, no spec 66, two specs 64', async () => {
    write('.kiro/specs/cart/tasks.md', '- [ ] 1. A\n  - depends on: 9\n');
    expect(await seqrun('todos export .kiro/specs/cart')).toMatchObject({
      exit: 65,
      stdout: '',
      stderr: expect.stringContaining('tasks.md:2:3'),
    });
    expect(await seqrun('todos export .kiro/specs/cart --lenient-deps')).toMatchObject({ exit: 0 });
    expect(await seqrun('todos export none')).toMatchObject({ exit: 66, stdout: '' });
    expect(await seqrun('todos export a --spec b')).toMatchObject({ exit: 64, stdout: '' });
  });
});

describe('import', () => {
  it('prints tasks.md without --spec, and writes it with', async () => {
    write('todos.json', TODOS);
    const printed = await seqrun('todos import todos.json');
    expect(printed).toEqual({
      exit: 0,
      stdout:
        '# Implementation Plan\n\n- [ ] 1. Till\n  - [x] 1.1 Coins\n- [ ] 2. Print\n  - _verify: it prints_\n  - _Depends: 1_\n',
      stderr: '',
    });
    const written = await seqrun('todos import todos.json --spec .kiro/specs/new');
    expect(written).toEqual({
      exit: 0,
      stdout: '.kiro/specs/new/tasks.md: 3 tasks\n',
      stderr: '[seqrun] next: seqrun plan --spec .kiro/specs/new\n',
    });
    expect(readFileSync(join(root, '.kiro/specs/new/tasks.md'), 'utf8')).toBe(printed.stdout);
    expect(readdirSync(join(root, '.kiro/specs/new'))).toEqual(['tasks.md']);
  });

  it('never overwrites: 73, with the next command; a link to nothing counts as a file', async () => {
    write('todos.json', TODOS);
    write('.kiro/specs/cart/tasks.md', '- [ ] 1. Mine\n');
    const refused = await seqrun('todos import todos.json --spec .kiro/specs/cart');
    expect(refused).toMatchObject({ exit: 73, stdout: '' });
    expect(refused.stderr).toContain('tasks.md is there already and is not overwritten');
    expect(refused.stderr).toContain('next: seqrun todos import todos.json prints it');
    expect(readFileSync(join(root, '.kiro/specs/cart/tasks.md'), 'utf8')).toBe('- [ ] 1. Mine\n');
    mkdirSync(join(root, 'linked'));
    symlinkSync(join(root, 'nowhere'), join(root, 'linked', 'tasks.md'));
    expect(await seqrun('todos import todos.json --spec linked')).toMatchObject({ exit: 73 });
    expect(existsSync(join(root, 'nowhere'))).toBe(false);
    expect(readdirSync(join(root, 'linked'))).toEqual(['tasks.md']);
    write('file', 'x');
    expect(await seqrun('todos import todos.json --spec file')).toMatchObject({ exit: 73 });
  });

  it('only what was typed names a folder to write to', async () => {
    write('todos.json', TODOS);
    write('seqrun.config.json', { spec: '.kiro/specs/cart' });
    expect(await seqrun('todos import todos.json')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('# Implementation Plan'),
    });
    expect(existsSync(join(root, '.kiro'))).toBe(false);
  });

  it('tells of new numbers and changed titles', async () => {
    write('todos.json', [
      { id: 'set up', title: 'A [x](y)', status: 'pending' },
      { id: 'b', title: 'Go (depends on: 7)', status: 'pending', dependsOn: ['set up'] },
    ]);
    const { exit, stderr, stdout } = await seqrun('todos import todos.json');
    expect(exit).toBe(0);
    expect(stderr).toContain('warning: The id "set up" is kept as it is');
    expect(stderr).toContain('all got numbers (set up → 1, b → 2)');
    expect(stderr).toContain('titles lost signs that mean something in tasks.md: b');
    expect(stdout).toContain('- [ ] 2. Go depends on 7\n');
  });

  it('says what is wrong with its place, and writes nothing', async () => {
    write(
      'todos.json',
      '[\n  { "id": "1", "title": "A", "status": "ready" },\n  { "id": "2", "title": "B" "status": 1 }\n]',
    );
    const broken = await seqrun('todos import todos.json --spec new');
    expect(broken).toMatchObject({ exit: 65, stdout: '' });
    expect(broken.stderr).toContain('  at todos.json:3:29\n    3 |   { "id": "2", "title": "B" "status": 1 }');
    write('todos.json', [{ id: '1', title: 'A', status: 'ready', dependsOn: ['9'] }]);
    const wrong = await seqrun('todos import todos.json --spec new');
    expect(wrong.exit).toBe(65);
    expect(wrong.stderr).toContain('  at todos.json:5:15\n    5 |     "status": "ready",');
    expect(wrong.stderr).toContain(
      '1 depends on 9, which the file does not have. Did you mean 1? Mend the line, or go on with --lenient-deps.\n  at todos.json:7:7',
    );
    expect(existsSync(join(root, 'new'))).toBe(false);
    expect(await seqrun('todos import gone.json')).toMatchObject({ exit: 66, stdout: '' });
    expect(await seqrun('todos import todos.json --spec other.json')).toMatchObject({ exit: 64, stdout: '' });
  });
});

describe('words', () => {
  it.each([
    ['todos', 'expected: one of export, import'],
    ['todos exprt', 'next: did you mean todos export?'],
    ['todos xyz', 'todos got "xyz", which it does not know'],
    ['todos import', 'expected: seqrun todos import <path> --spec <dir>'],
    ['todos import a.json b.json', 'todos got "b.json", which it does not take'],
    ['todo export', 'next: did you mean todos?'],
  ])('%s', async (words, said) => {
    const { exit, stdout, stderr } = await seqrun(words);
    expect([exit, stdout]).toEqual([64, '']);
    expect(stderr).toContain(said);
  });

  it('the only spec here is taken for export, and for nothing that writes', async () => {
    write('.kiro/specs/cart/todos.json', TODOS);
    expect(await seqrun('todos export')).toMatchObject({
      exit: 0,
      stderr: '[seqrun] the only spec in the usual folders: --spec .kiro/specs/cart\n',
    });
  });
});

describe('a todo JSON as a spec', () => {
  const parts = { version: 1, todos: TODOS };

  it('is read by plan, lint, status and why', async () => {
    write('.kiro/specs/cart/todos.json', parts);
    const plan = await seqrun('plan .kiro/specs/cart');
    expect(plan.exit).toBe(0);
    expect(plan.stdout).toContain('Plan of .kiro/specs/cart: 2 units, 1 done');
    expect(plan.stdout).toContain('read as todos: a JSON object with 3 todos');
    expect((await seqrun('lint .kiro/specs/cart/todos.json')).stdout).toContain('3 tasks, nothing to complain of');
    expect((await seqrun('lint .kiro/specs/cart --dialect todos')).stdout).toContain('read as todos: asked for');
    expect((await seqrun('status --spec .kiro/specs/cart')).stdout).toContain('1 of 2 units completed');
    expect((await seqrun('why 2 --spec .kiro/specs/cart')).stdout).toContain('2');
  });

  it('keeps its state where a tasks.md would; beside a tasks.md it is a spec of its own', async () => {
    write('.kiro/specs/cart/todos.json', parts);
    const state = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')).specs;
    expect((await seqrun('accept 2 --spec .kiro/specs/cart/todos.json')).exit).toBe(0);
    expect(Object.keys(state('.kiro/specs/SEQUENTIAL_STATE.json'))).toEqual(['cart']);
    expect((await seqrun('status --spec .kiro/specs/cart')).stdout).toContain('cart: 2 of 2 units');

    write('.kiro/specs/login/tasks.md', '- [ ] 1. Mine\n- [ ] 2. Mine too\n');
    write('.kiro/specs/login/todos.json', parts);
    expect((await seqrun('accept 2 --spec .kiro/specs/login/todos.json')).exit).toBe(0);
    expect(Object.keys(state('.kiro/specs/login/SEQUENTIAL_STATE.json'))).toEqual(['todos.json']);
    expect(Object.keys(state('.kiro/specs/SEQUENTIAL_STATE.json'))).toEqual(['cart']);
    expect((await seqrun('plan .kiro/specs/login/todos.json')).stdout).toContain(
      'Plan of .kiro/specs/login/todos.json: 2 units, 2 done',
    );
    expect((await seqrun('plan .kiro/specs/login')).stdout).toContain('Plan of .kiro/specs/login: 2 units, 0 done');
  });

  it('at the top of a repository nothing is written outside', async () => {
    write('todos.json', parts);
    expect((await seqrun('accept 2 --spec todos.json')).exit).toBe(0);
    expect(existsSync(join(root, 'SEQUENTIAL_STATE.json'))).toBe(true);
    expect(existsSync(join(root, '..', 'SEQUENTIAL_STATE.json'))).toBe(false);
  });
});
