// What stands between seqrun and a person: terminals that go away, pipes that close, colours, JSON, quiet.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTmux, makeWorld, type Result, rarely, repoRoot, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const program = process.env.SEQRUN_TEST_PROGRAM ?? join(repoRoot, 'dist', 'seqrun.cjs');
const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-assign', '--delay', '0'];
const plain = [...flags, '--no-tmux'];
const transports: [string, string[]][] = [
  ['plain', ['--no-tmux']],
  ...(hasTmux ? [['tmux', []] as [string, string[]]] : []),
];

const inPty = (args: string[], env: Record<string, string> = {}) => {
  const pty = spawnPty(process.execPath, [program, ...args], {
    cwd: world.repo,
    env: { ...world.env, ...env },
    cols: 100,
    rows: 30,
    // It sets TERM by this.
    name: env.TERM ?? 'xterm-256color',
  });
  let text = '';
  pty.onData(piece => {
    text += piece;
  });
  const done = new Promise<number>(resolve => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return { pty, done, text: () => text };
};

/** A pipeline in bash; `code` is the exit code of its first command. */
const piped = (command: string): Result => {
  const words = `seqrun() { '${process.execPath}' '${program}' "$@"; }; ${command}; exit \${PIPESTATUS[0]}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', words], {
    cwd: world.repo,
    env: world.env,
    encoding: 'utf8',
  });
  return { code: status, signal: null, out: stdout, err: stderr };
};

/** The last event of the run, read while it may be being written. */
const ended = () => {
  if (!existsSync(world.journal())) return undefined;
  const lines = readFileSync(world.journal(), 'utf8').split('\n').slice(0, -1);
  return lines.map(line => JSON.parse(line)).find(event => event.type === 'run.ended');
};
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

describe('the terminal goes away', () => {
  test.each(transports)('closed in the middle: Q-2.45: the run goes on to its end, in %s', async (_, more) => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && wait_for; done_');
    const { pty } = inPty([...flags, ...more]);
    await until('unit 1', () => world.starts().length === 1);
    (pty as unknown as { destroy(): void }).destroy();
    world.go();
    const end = await until('the end of the run', ended);
    expect(end).toMatchObject({ end: 'completed', exit: 0 });
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.tasks()).not.toContain('[ ]');
    await until('the end in the state file', () => world.state().last_end?.exit === 0);
  });

  rarely('SIGHUP to the process alone', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && wait_for; done_');
    const { child, done } = world.start(plain);
    await until('unit 1', () => world.starts().length === 1);
    child.kill('SIGHUP');
    world.go();
    expect((await done).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  test('nobody reads stdout and stderr any more: the run goes on', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 1 ] && wait_for; done_');
    const { child, done } = world.start([...plain, '--json', '--verbose']);
    await until('unit 1', () => world.starts().length === 1);
    child.stdout!.destroy();
    child.stderr!.destroy();
    world.go();
    expect((await done).code).toBe(0);
    expect(ended()).toMatchObject({ exit: 0 });
  });

  test('stdin, stdout and stderr closed from the start', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { code } = piped(`seqrun ${plain.join(' ')} <&- >&- 2>&-`);
    expect(code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});

describe('a pipe that closes early', () => {
  test('plan, status, why, logs and --help | head -1', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    await world.run(plain);
    for (const words of ['plan', 'status', 'why', 'status --json', 'logs 1', '--help']) {
      const { code, err, out } = piped(`seqrun ${words} ${words === '--help' ? '' : spec.join(' ')} | head -1`);
      expect([0, 141], words + err).toContain(code);
      expect(err, words).not.toMatch(/error|EPIPE/);
      expect(out.split('\n'), words).toHaveLength(2);
    }
  });

  test('run --json | head -1: the run goes on', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { code, out } = piped(`seqrun ${plain.join(' ')} --json | head -1`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ spec: 'demo' });
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(ended()).toMatchObject({ exit: 0 });
  });

  test('a full disk behind stdout: the run goes on', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    expect(piped(`seqrun ${plain.join(' ')} >/dev/full 2>/dev/full`).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});

describe('colours and control sequences', () => {
  test('no terminal: none at all, also while it waits', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $K = 1 ] && failed oops; done_');
    const { code, out, err } = await world.run(plain);
    expect(code).toBe(0);
    expect(out + err).not.toMatch(controls);
  });

  rarely('FORCE_COLOR without a terminal: colours, and nothing else', async () => {
    world = makeWorld({ tasks: threeUnits });
    const { out } = await world.run(['plan', ...spec], { env: { FORCE_COLOR: '1' } });
    expect(out).toContain('\u001b[');
    expect(out.replace(/\u001b\[\d+m/g, '')).not.toMatch(controls);
    const not = await world.run(['plan', ...spec], { env: { FORCE_COLOR: '0' } });
    expect(not.out).not.toMatch(controls);
  });

  test('a terminal: colours, unless NO_COLOR or --no-color', async () => {
    world = makeWorld({ tasks: threeUnits });
    const shown = async (args: string[], env = {}) => {
      const { done, text } = inPty(args, env);
      expect(await done).toBe(0);
      return text();
    };
    expect(await shown(['plan', ...spec])).toContain('\u001b[');
    for (const without of [
      await shown(['plan', ...spec], { NO_COLOR: '1' }),
      await shown(['plan', ...spec, '--no-color']),
      await shown(['plan', ...spec], { TERM: 'dumb' }),
    ]) {
      expect(without).toContain('First thing');
      expect(without).not.toContain('\u001b');
    }
  });

  test('Q-2.48: a terminal sees what is waited for, and until when', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { done, text } = inPty([...spec, '--no-assign', '--no-tmux', '--delay', '2.6', '--max-iterations', '2']);
    expect(await done).toBe(1);
    expect(text()).toMatch(/Sleeping [23] s before next iteration/);
    expect(text()).toContain('0:01 left');
    expect(text()).toContain('Next task: 2 - Second thing');
  });
});

describe('how much is said', () => {
  test('--json: one object per line on stdout, nothing else there', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 2 ] && halt "which\none?"; done_');
    const { code, out } = await world.run([...plain, '--json']);
    expect(code).toBe(2);
    const events = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(events.every(event => typeof event.type === 'string' && event.spec === 'demo')).toBe(true);
    expect(events.map(event => event.type)).toContain('start.ended');
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', data: { exit: 2 } });
    // As many as in the journal, from the moment the run began.
    const own = world.events();
    expect(events.map(event => event.seq)).toEqual(own.slice(-events.length).map(event => event.seq));
  });

  rarely('--json on a failure before the run: stdout is empty', async () => {
    world = makeWorld({ tasks: threeUnits });
    const { code, out, err } = await world.run([...plain, '--json']);
    expect([code, out]).toEqual([69, '']);
    expect(err).toContain('no coding agent');
  });

  test('--quiet: the verdict, and nothing that went well', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { code, out, err } = await world.run([...plain, '--quiet']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe('done: all required units are done\n');
    world.close();
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 2 ] && halt "which one?"; done_');
    const halted = await world.run([...plain, '--quiet']);
    expect(halted.code).toBe(2);
    expect(halted.out).toContain('which one?');
    expect(halted.out).toContain('next: seqrun resume');
  });

  rarely('--verbose says more than nothing said', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const { code, err } = await world.run([...plain, '--verbose', '--max-iterations', '1']);
    expect(code).toBe(1);
    world.close();
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const usual = await world.run([...plain, '--max-iterations', '1']);
    expect(err.split('\n').length).toBeGreaterThan(usual.err.split('\n').length);
  });

  test('the prompt that was sent and the log are found from what is printed', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('say "I have looked."; done_');
    await world.run(plain);
    const logs = await world.run(['logs', '1', ...spec]);
    expect(logs.out).toContain('I have looked.');
    const [, log] = /\*\*Log:\*\* (\S+)/.exec(world.progress())!;
    expect(readFileSync(join(log!, 'prompt.md'), 'utf8')).toContain('First thing');
  });
});

test('a background job of a shell that ends: nohup is not needed', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ $UNIT = 1 ] && wait_for; done_');
  const words = `'${process.execPath}' '${program}' ${plain.join(' ')} >/dev/null 2>&1 & sleep 0.1`;
  const shell = spawn('bash', ['-c', words], { cwd: world.repo, env: world.env, stdio: 'ignore', detached: true });
  await new Promise(resolve => shell.on('close', resolve));
  await until('unit 1', () => world.starts().length === 1);
  world.go();
  expect(await until('the end', ended)).toMatchObject({ exit: 0 });
});
