// Gates with real processes and real windows: caught, followed up, adopted after a crash, and never the agent's own to change.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTmux, makeWorld, rarely, repoRoot, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const flags = ['--spec', spec, '--no-assign', '--delay', '0'];
const plain = [...flags, '--no-tmux'];
const one = '- [ ] 1. Add a sum\n';
const runs = (name: string): number => {
  const path = join(world.root, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
};
const receipt = async (unit: string) => JSON.parse((await world.run(['receipt', unit, '--json', '--spec', spec])).out);

test('a test suite that the agent breaks: the gate catches it, the follow-up mends it in the same session, the receipt tells', async () => {
  world = makeWorld({
    tasks: one,
    files: {
      'sum.mjs': 'export const sum = (a, b) => a + b;\n',
      'sum.test.mjs':
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from './sum.mjs';\ntest('adds', () => assert.equal(sum(1, 2), 3));\n",
    },
  });
  world.codex(`printf '%s' "$PROMPT" >"$AGENT_LOG.prompt.$K"; printf '%s\\n' "$ARGS" >>"$AGENT_LOG.args"
    if [ "$K" = 1 ]; then sed -i 's/a + b/a - b/' sum.mjs; else sed -i 's/a - b/a + b/' sum.mjs; fi; done_`);
  const { code, err, out } = await world.run([...plain, '--verify', 'node --test']);
  expect([code, world.starts()], err + out).toEqual([0, ['1', '1']]);
  const asked = readFileSync(`${world.env.AGENT_LOG}.prompt.2`, 'utf8');
  expect(asked).toContain('the gate verify failed: exit code 1 (node --test)');
  expect(asked).toMatch(/not ok 1 - adds[\s\S]*ERR_ASSERTION/);
  expect(readFileSync(`${world.env.AGENT_LOG}.args`, 'utf8').split('\n')[1]).toContain('resume');
  expect(await receipt('1')).toMatchObject({
    outcome: 'completed',
    follow_up: 1,
    validation: [{ name: 'verify', command: 'node --test', result: 'passed', exit_code: 0 }],
  });
  expect(world.progress()).toMatch(
    /## Iteration 1\n[\s\S]*- \*\*Status:\*\* Failed[\s\S]*- \*\*Gates:\*\* verify failed/,
  );
  expect(world.progress()).toMatch(
    /## Iteration 2\n[\s\S]*- \*\*Status:\*\* Completed[\s\S]*- \*\*Gates:\*\* verify passed/,
  );
  expect(world.tasks()).toContain('[x] 1.');
});

test.skipIf(!process.env.SEQRUN_TEST_LONG)(
  "this project's own tests as the gate: red, followed up, green",
  async () => {
    world = makeWorld({ tasks: one });
    const gate = `cd ${repoRoot} && node_modules/.bin/vitest run test/core/signal.test.ts && cd - && test -e mended`;
    world.codex('[ "$K" = 1 ] || touch mended; touch "f$K"; done_');
    const { code, err } = await world.run([...plain, '--baseline', 'off', '--verify', gate]);
    expect([code, world.starts().length], err).toEqual([0, 2]);
  },
  60_000,
);

test.skipIf(!hasTmux)("a gate's output stands in the unit's window, below the agent's", async () => {
  world = makeWorld({ tasks: one });
  world.codex('say "the agent speaks"; done_');
  const { code, err } = await world.run([
    ...flags,
    '--baseline',
    'off',
    '--verify',
    'echo the gate speaks; echo loudly >&2',
  ]);
  expect(code, err).toBe(0);
  const windows = world.tmux('list-windows', '-t', 'sequential-demo', '-F', '#{window_name}').trim().split('\n');
  expect(windows).toEqual(['seqrun', 'task-1']);
  await until('the output to be shown', () => {
    // Which of two streams is read first is nobody's promise.
    const shown = world.tmux('capture-pane', '-p', '-S', '-200', '-t', 'sequential-demo:task-1');
    return shown.includes('the gate speaks') && shown.includes('loudly');
  });
});

describe('a runner that is killed', () => {
  test('while a gate runs: the next start goes on with it, and it has run once', async () => {
    world = makeWorld({ tasks: one });
    world.codex('done_');
    const gate = `echo x >>${join(world.root, 'gates')}; until [ -e ${world.env.AGENT_LOG}.go ]; do sleep 0.02; done`;
    const first = world.start([...plain, '--baseline', 'off', '--verify', gate]);
    await until('the gate to run', () => runs('gates') === 1);
    first.child.kill('SIGKILL');
    await first.done;
    const second = world.start([...plain, '--baseline', 'off', '--verify', gate]);
    await until('it to be adopted', () => second.text().includes('is still running'));
    expect(runs('gates')).toBe(1);
    world.go();
    expect([(await second.done).code, runs('gates'), world.starts()]).toEqual([0, 1, ['1']]);
  });

  test('and whose gate ended meanwhile: its result counts, nothing is run again', async () => {
    world = makeWorld({ tasks: one });
    world.codex('done_');
    const gate = `echo x >>${join(world.root, 'gates')}; until [ -e ${world.env.AGENT_LOG}.go ]; do sleep 0.02; done; echo y >>${join(world.root, 'ended')}`;
    const first = world.start([...plain, '--baseline', 'off', '--verify', gate]);
    await until('the gate to run', () => runs('gates') === 1);
    first.child.kill('SIGKILL');
    await first.done;
    world.go();
    await until('the gate to end', () => runs('ended') === 1 && world.living().length === 0);
    const { code } = await world.run([...plain, '--baseline', 'off', '--verify', gate]);
    expect([code, runs('gates'), world.starts()]).toEqual([0, 1, ['1']]);
  });

  test('while a gate runs, and the gate with it: the gate is run again, the agent is not', async () => {
    world = makeWorld({ tasks: one });
    world.codex('done_');
    const gate = `echo x >>${join(world.root, 'gates')}; [ "$(wc -l <${join(world.root, 'gates')})" -gt 1 ] || exec sleep 615`;
    const first = world.start([...plain, '--baseline', 'off', '--verify', gate]);
    await until(
      'the gate to run',
      () => runs('gates') === 1 && world.living().some(command => command.startsWith('sleep 615')),
    );
    first.child.kill('SIGKILL');
    await first.done;
    world.kill('sleep 615');
    const { code, err } = await world.run([...plain, '--baseline', 'off', '--verify', gate]);
    expect([code, runs('gates'), world.starts()], err).toEqual([0, 2, ['1']]);
  });
});

describe('commands of the task file', () => {
  const tasks = `- [ ] 1. First\n  - _verify: echo x >>../gates_\n- [ ] 2. Second\n  - _verify: echo y >>../gates; test -e second_\n`;

  test('are not run unless they are allowed', async () => {
    world = makeWorld({ tasks });
    world.codex('touch "f$UNIT"; done_');
    expect([(await world.run(plain)).code, runs('gates')]).toEqual([0, 0]);
  });

  test('are those from before the job: an agent that rewrites them, its own or the next ones, gains nothing', async () => {
    world = makeWorld({ tasks });
    world.codex(`touch "f$UNIT$K"; sed -i 's/_verify: .*_/_verify: echo z >>..\\/forged_/' ${spec}/tasks.md
      [ "$UNIT$K" != 22 ] || touch second; done_`);
    const { code, err } = await world.run([...plain, '--allow-task-commands']);
    expect([code, world.starts(), runs('gates'), runs('forged')], err).toEqual([0, ['1', '2', '2'], 3, 0]);
    expect((await world.run(['status', '--spec', spec])).out).toContain('was changed in the task file while a job ran');
  });
});

describe('the working tree', () => {
  const changed = (text: string) => writeFileSync(join(world.repo, 'mine.txt'), text);

  rarely('--git check refuses a dirty start and says what is dirty; nothing has been started', async () => {
    world = makeWorld({ tasks: one, looksAtGit: true });
    world.codex('done_');
    changed('x');
    const { code, err } = await world.run([...plain, '--git', 'check']);
    expect([code, world.starts()]).toEqual([2, []]);
    expect(err).toContain('mine.txt');
    const note = await world.run(plain);
    expect([note.code, world.starts()]).toEqual([0, ['1']]);
    expect(note.err).toContain('mine.txt');
  });

  test('--git commit: one commit per unit with its trailers, its tick in it, seqrun’s own files not', async () => {
    const who = { GIT_AUTHOR_NAME: 't', GIT_AUTHOR_EMAIL: 't@t', GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@t' };
    world = makeWorld({ tasks: threeUnits, env: who, looksAtGit: true });
    world.codex('echo "$UNIT" >"f$UNIT"; done_');
    const { code, err } = await world.run([...plain, '--git', 'commit']);
    expect(code, err).toBe(0);
    const log = world.git('log', '--reverse', '--format=%s|%(trailers:key=Seqrun-Unit,valueonly,separator=%x2C)');
    expect(log.trim().split('\n')).toEqual(['first|', 'First thing|1', 'Second thing|2', 'Third thing|3']);
    expect(world.git('show', '--format=', '--name-only', 'HEAD').trim().split('\n').sort()).toEqual([
      `${spec}/tasks.md`,
      'f3',
    ]);
    expect(world.git('show', `HEAD:${spec}/tasks.md`)).toContain('[x] 3.');
    expect(world.git('for-each-ref', '--format=%(refname)', 'refs/seqrun').trim().split('\n')).toHaveLength(6);
  });

  test('a failure that comes again although nothing has changed is not paid for a third time', async () => {
    world = makeWorld({ tasks: one, looksAtGit: true });
    world.codex('failed "no database"');
    const { code, out } = await world.run(plain);
    expect([code, world.starts().length]).toEqual([3, 2]);
    expect(out).toContain('no progress: it failed in the same way as before');
  });

  rarely('a unit that changes nothing where a change is required is asked once and is not done', async () => {
    world = makeWorld({ tasks: one, looksAtGit: true });
    world.codex('done_');
    const { code, err } = await world.run([...plain, '--require', 'signal,change']);
    expect([code, world.starts().length, world.tasks()], err).toEqual([3, 2, one]);
  });
});

test('a review: stops with 2 and says what is asked; rejected goes on in the same session, approved goes on with the next', async () => {
  world = makeWorld({ tasks: '- [ ] 1. First\n- [ ] 2. Second\n' });
  world.codex(
    `printf '%s' "$PROMPT" >"$AGENT_LOG.prompt.$UNIT.$K"; printf '%s\\n' "$ARGS" >>"$AGENT_LOG.args"; echo "$K" >>"f$UNIT"; done_`,
  );
  const first = await world.run([...plain, '--review']);
  expect([first.code, world.starts()]).toEqual([2, ['1']]);
  expect(first.err + first.out).toContain('seqrun approve 1');
  expect((await world.run([...plain, '--review'])).code).toBe(2);
  expect((await world.run(['reject', '1', 'the name is wrong', '--spec', spec])).code).toBe(0);
  expect(world.state().completed).toEqual([]);
  const second = await world.run([...plain, '--review']);
  expect([second.code, world.starts()]).toEqual([2, ['1', '1']]);
  expect(readFileSync(`${world.env.AGENT_LOG}.prompt.1.2`, 'utf8')).toContain('the name is wrong');
  expect(readFileSync(`${world.env.AGENT_LOG}.args`, 'utf8').split('\n')[1]).toContain('resume');
  expect((await world.run(['approve', '1', '--spec', spec])).code).toBe(0);
  const third = await world.run([...plain, '--review']);
  expect([third.code, world.starts()]).toEqual([2, ['1', '1', '2']]);
  expect((await world.run(['approve', '2', 'fine', '--spec', spec])).code).toBe(0);
  expect((await world.run([...plain, '--review'])).code).toBe(0);
});
