// A todo JSON from the first unit to the last, without windows: it is read like a task file, and never written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWorld, threeUnits, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const list = {
  version: 1,
  spec: 'list',
  todos: [
    { id: 'print', title: 'Print', status: 'blocked', dependsOn: ['set up', '2'], verificationCriteria: 'it prints' },
    { id: 'set up', title: 'Set up `$(touch never)`; "it\'s"', status: 'pending', description: 'All of it.' },
    { id: '2', title: 'Till', status: 'pending' },
    { id: '2.1', title: 'Coins', status: 'completed' },
    { id: '2.2', title: 'Notes', status: 'in_progress', blocks: ['set up'] },
    { id: '9', title: 'Sing (optional)', status: 'pending' },
  ],
};

const plain = ['--no-tmux', '--no-assign', '--backend', 'codex', '--delay', '0'];

test('runs to the end, in the order of its dependencies, and stays as it was', async () => {
  const text = `${JSON.stringify(list, null, 2)}\n`;
  world = makeWorld({ tasks: threeUnits, files: { '.kiro/specs/list/todos.json': text } });
  // What an agent writes into it is its claim: nothing is done by that.
  world.codex(`
    printf '%s\\n' "$PROMPT" >"$AGENT_LOG.$K.$(printf '%s' "$UNIT" | tr ' ' _).prompt"
    done_`);
  const spec = '.kiro/specs/list/todos.json';
  const first = await world.run(['--spec', spec, ...plain, '--max-iterations', '1']);
  expect(first.code, first.err).toBe(1);
  expect(world.starts()).toEqual(['2']);
  // Stopped half way and started again by the folder: it goes on.
  const rest = await world.run(['--spec', '.kiro/specs/list', ...plain]);
  expect(rest.code, rest.err).toBe(0);
  expect(world.starts()).toEqual(['2', 'set up', 'print']);

  expect(readFileSync(join(world.repo, spec), 'utf8')).toBe(text);
  expect(existsSync(join(world.repo, 'never'))).toBe(false);
  expect(world.state('list')).toMatchObject({
    completed: expect.arrayContaining(['2.1', '2.2', 'set up', 'print']),
    iterations: 3,
    halted: false,
    current: null,
  });
  expect(world.progress()).toContain('- **Task:** set up - Set up');
  const prompt = (name: string) => readFileSync(`${world.env.AGENT_LOG}.1.${name}.prompt`, 'utf8');
  expect(prompt('print')).toContain('_verify: it prints_');
  expect(prompt('set_up')).toContain('All of it.');
  expect(prompt('2')).toContain('task list: @.kiro/specs/list/todos.json');
  expect(prompt('2')).toContain('**2.1 Coins** — already done');

  const status = await world.run(['status', '--spec', spec]);
  expect(status.out).toContain('3 of 3 units completed');
  const why = await world.run(['why', 'set up', '--spec', spec]);
  expect([why.code, why.out]).toEqual([0, expect.stringContaining('set up')]);
  const exported = JSON.parse((await world.run(['todos', 'export', '--spec', spec])).out);
  expect(exported.todos.map((todo: { status: string }) => todo.status)).toEqual([
    ...Array(5).fill('completed'),
    'pending',
  ]);
  expect(world.litter()).toEqual([]);
  expect(world.living()).toEqual([]);
});

test('beside a tasks.md it is a spec of its own', async () => {
  const file = '.kiro/specs/demo/todos.json';
  world = makeWorld({ tasks: threeUnits, files: { [file]: JSON.stringify(list) } });
  world.codex('done_');
  const json = await world.run(['--spec', file, ...plain]);
  expect(json.code, json.err).toBe(0);
  expect(world.starts()).toEqual(['2', 'set up', 'print']);
  expect(world.state('demo')).toBeUndefined();
  const own = JSON.parse(readFileSync(join(world.specFolder, 'SEQUENTIAL_STATE.json'), 'utf8'));
  expect(Object.keys(own.specs)).toEqual(['todos.json']);

  const tasks = await world.run(['--spec', '.kiro/specs/demo', ...plain]);
  expect(tasks.code, tasks.err).toBe(0);
  expect(world.starts().slice(3)).toEqual(['1', '2', '3']);
  expect(world.state('demo').completed).toEqual(['1', '2', '3']);
});

test('what an agent writes into it is a claim, and what a person breaks stops the run with its line', async () => {
  const file = '.kiro/specs/list/todos.json';
  world = makeWorld({ tasks: threeUnits, files: { [file]: JSON.stringify(list, null, 2) } });
  world.codex(`
    [ "$UNIT" = 2 ] && sed -i 's/"pending"/"completed"/; s/"blocked"/"completed"/' ${file}
    done_`);
  const run = await world.run(['--spec', file, ...plain, '--max-iterations', '2']);
  expect(run.code, run.err).toBe(1);
  expect(world.starts()).toEqual(['2', 'set up']);
  expect(world.state('list').claimed).toEqual(expect.arrayContaining(['print', 'set up']));

  writeFileSync(join(world.repo, file), '[\n  { "id": "1", "title": "A", "status": "pending" },\n]\n');
  const broken = await world.run(['--spec', file, ...plain]);
  expect(broken.code).toBe(65);
  expect(broken.err).toContain('todos.json:2:51');
  expect(broken.err).toContain('a comma stands before the closing ]');
});
