// `--detach` and `--attach`: a run that needs no terminal, and what its first moments say.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import { afterEach, expect, test } from 'vitest';
import { hasTmux, makeWorld, rarely, repoRoot, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const program = process.env.SEQRUN_TEST_PROGRAM ?? join(repoRoot, 'dist', 'seqrun.cjs');
const flags = ['--spec', '.kiro/specs/demo', '--no-assign', '--delay', '0'];

test('--detach returns when the run has begun, names its log, and the run goes on to its end', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('env > env.tmp; mv env.tmp env.txt; [ $UNIT = 1 ] && wait_for; done_');
  const { code, out } = await world.run([...flags, '--no-tmux', '--detach']);
  expect(code).toBe(0);
  await until('unit 1', () => world.starts().join() === '1');
  const log = /^follow: tail -f (.*)$/m.exec(out)?.[1] ?? '';
  const pid = Number(/pid (\d+)/.exec(out)?.[1]);
  expect(() => process.kill(pid, 0)).not.toThrow();
  expect(readFileSync(log, 'utf8')).toContain('Next task: 1 - First thing');
  // The mark of such a run is no agent's.
  const agentEnv = await until('its variables', () => {
    const path = join(world.repo, 'env.txt');
    return existsSync(path) && readFileSync(path, 'utf8');
  });
  expect(agentEnv).not.toContain('DETACHED');
  const busy = await world.run([...flags, '--no-tmux', '--detach']);
  expect(busy).toMatchObject({ code: 75, err: expect.stringMatching(/^\[seqrun\] error: /) });
  world.go();
  await until('the end of the run', () => world.state()?.last_end?.exit === 0);
  await until('its last line', () => readFileSync(log, 'utf8').includes('done: '));
});

rarely('--detach of a paused spec says that it is paused, and what goes on', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  await world.run(['pause', '--spec', '.kiro/specs/demo']);
  const { code, out } = await world.run([...flags, '--no-tmux', '--detach']);
  expect(code).toBe(0);
  expect(out).toMatch(/^the run is paused since \d\d:\d\d .* by .*: it starts nothing /);
  expect(out).not.toContain('goes on by itself');
  expect(out).toContain('\ngo on:  seqrun continue --spec .kiro/specs/demo');
  expect(world.starts()).toEqual([]);
  await world.run(['stop', '--now', '--spec', '.kiro/specs/demo']);
});

rarely('what ends a run in its first moments is told with its exit code', async () => {
  world = makeWorld({ tasks: '- [ ] 1. One\n- [ ] 1. Again\n' });
  world.codex('done_');
  const bad = await world.run([...flags, '--no-tmux', '--detach']);
  expect(bad).toMatchObject({ code: 65, err: expect.stringContaining('tasks.md') });
  // As in any other call: only the first line of an error has the prefix.
  expect(bad.err).toMatch(/^\[seqrun\] error: .*\n {2}at /m);
  const none = await world.run([...flags, '--no-tmux', '--detach', '--backend', 'gemini']);
  expect(none).toMatchObject({ code: 69, err: expect.stringContaining('gemini') });
});

test('Ctrl-C before it has begun ends it: nothing is started behind the back of who typed it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  // A run waits a while for a process of another start to go.
  const stranger = spawn('sleep', ['60'], { cwd: world.repo, env: { ...world.env, SEQRUN_START: 'another' } });
  const run = world.start([...flags, '--no-tmux', '--detach']);
  await until('the run', () => world.living().some(command => / --no-tmux$/.test(command)));
  run.child.kill('SIGINT');
  expect(await run.done).toMatchObject({ code: 130, err: expect.stringContaining('ended before it began') });
  stranger.kill();
  expect(world.living().filter(command => command.includes('seqrun.cjs'))).toEqual([]);
  expect(world.starts()).toEqual([]);
});

test('--attach without a terminal is refused', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  expect(await world.run([...flags, '--attach'])).toMatchObject({
    code: 64,
    err: expect.stringContaining('there is no terminal here'),
  });
  expect(world.starts()).toEqual([]);
});

test.skipIf(!hasTmux)('--attach shows the session; closing the terminal leaves the run to itself', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ $UNIT = 1 ] && wait_for; done_');
  const pty = spawnPty(process.execPath, [program, ...flags, '--attach'], {
    cwd: world.repo,
    env: world.env,
    cols: 100,
    rows: 30,
    name: 'xterm-256color',
  });
  let text = '';
  pty.onData(piece => {
    text += piece;
  });
  await until('the window', () => text.includes('sequential-demo') && text.includes('task-1'));
  (pty as unknown as { destroy(): void }).destroy();
  world.go();
  await until('the end of the run', () => world.state()?.last_end?.exit === 0);
  expect(world.starts()).toEqual(['1', '2', '3']);
});
