// The live view in real terminals: what a person sees while a run goes on, and what is left when it has ended.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import type { Terminal as Xterm } from '@xterm/headless';
import { afterEach, expect, test } from 'vitest';
import { hasTmux, makeWorld, rarely, repoRoot, threeUnits, until, type World } from './harness.ts';

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as { Terminal: typeof Xterm };

let world: World;
afterEach(() => world.close());

const program = process.env.SEQRUN_TEST_PROGRAM ?? join(repoRoot, 'dist', 'seqrun.cjs');
const spec = ['--spec', '.kiro/specs/demo'];
const plain = [...spec, '--no-assign', '--delay', '0', '--no-tmux'];

/** seqrun on a terminal whose screen can be read. */
const onTerminal = (args: string[], columns: number, rows = 24, env: Record<string, string> = {}) => {
  const pty = spawnPty(process.execPath, [program, ...args], {
    cwd: world.repo,
    env: { ...world.env, ...env },
    cols: columns,
    rows,
    name: 'xterm-256color',
  });
  const terminal = new Terminal({ cols: columns, rows, scrollback: 2000, allowProposedApi: true });
  let raw = '';
  pty.onData(text => {
    raw += text;
    terminal.write(text);
  });
  const done = new Promise<number>(resolve => pty.onExit(({ exitCode }) => resolve(exitCode)));
  const lines = (): string[] => {
    const buffer = terminal.buffer.active;
    return Array.from({ length: buffer.length }, (_, k) => buffer.getLine(k)!.translateToString(true));
  };
  const resize = (wide: number) => {
    terminal.resize(wide, rows);
    pty.resize(wide, rows);
  };
  return {
    pty,
    done,
    lines,
    resize,
    raw: () => raw,
    shows: (text: string) => lines().some(line => line.includes(text)),
  };
};

test('a run: the plan below the events, also when the terminal becomes narrower; nothing of it is left', async () => {
  world = makeWorld({ tasks: '- [ ] 1. 寸法 first\n- [ ] 2. Second thing\n' });
  world.codex('say "I look at it."; wait_for $UNIT; done_');
  const { done, shows, lines, resize, raw } = onTerminal(plain, 80);
  await until('the agent', () => shows('I look at it.') && shows('▶ 1 寸法 first'));
  expect(lines().findLast(line => line !== '')).toBe('· 2 Second thing');
  resize(40);
  await until(
    'the narrower view',
    () => shows('demo  0/2 done') && lines().filter(line => line.startsWith('▶ 1')).length === 1,
  );
  world.go('1');
  await until('unit 2', () => shows('✓ 1 寸法 first') && shows('▶ 2 Second thing'));
  world.go('2');
  expect(await done).toBe(0);
  const all = lines();
  expect(all.some(line => line.startsWith('[seqrun] Unit 1: completed'))).toBe(true);
  expect(all.filter(line => /^[▶✓·]|^demo {2}\d/.test(line))).toEqual([]);
  // Nothing was switched on that is not off again.
  expect(raw().match(/\u001b\[\?[^7]/)).toBeNull();
  expect(raw().lastIndexOf('\u001b[?7h')).toBeGreaterThan(raw().lastIndexOf('\u001b[?7l'));
});

test('status --watch: shows a run from elsewhere and ends with it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('wait_for $UNIT; done_');
  const run = world.start(plain);
  await until('unit 1', () => world.starts().length === 1);
  const watching = onTerminal(['status', '--watch', ...spec], 60);
  await until('the view', () => watching.shows('▶ 1 First thing'));
  const left = onTerminal(['status', '--watch', ...spec], 60);
  await until('the other view', () => left.shows('▶ 1 First thing'));
  left.pty.write('q');
  expect(await left.done).toBe(0);
  for (const unit of ['1', '2', '3']) world.go(unit);
  expect((await run.done).code).toBe(0);
  expect(await watching.done).toBe(0);
  expect(watching.lines()[0]).toMatch(/^demo: 3 of 3 units completed/);
  expect(watching.shows('▶')).toBe(false);
});

rarely('no terminal of its own kind is drawn on: CI, dumb, --quiet, --json', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  for (const [args, env] of [
    [[], { CI: 'true' }],
    [['--quiet'], {}],
    [['--json'], {}],
  ] as [string[], Record<string, string>][]) {
    const { done, raw } = onTerminal([...plain, '--fresh', ...args], 80, 24, env);
    expect(await done).toBe(0);
    expect(raw()).not.toContain('\u001b[?7l');
  }
});

rarely('Ctrl-C: the terminal is clean', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('wait_for; done_');
  const { pty, done, shows, lines } = onTerminal(plain, 80);
  await until('unit 1', () => shows('▶ 1 First thing'));
  pty.write('\u0003');
  expect(await done).toBe(130);
  expect(lines().filter(line => /^[▶✓·]|^demo {2}\d/.test(line))).toEqual([]);
});

rarely.each(hasTmux ? [40, 80, 200] : [])(
  'in a tmux pane of %i columns: each line once, none wrapped',
  async columns => {
    const tasks = Array.from(
      { length: 30 },
      (_, k) => `- [ ] ${k + 1}. Unit ${k + 1} 寸法を測る with a title that is rather long`,
    );
    world = makeWorld({ tasks: `${tasks.join('\n')}\n` });
    world.codex(`say "done with a part of it, and more to come: ${'x'.repeat(300)}"; [ $UNIT = 4 ] && wait_for; done_`);
    const words = [process.execPath, program, ...plain].map(word => `'${word}'`).join(' ');
    const command = `cd '${world.repo}' && ${words}; echo ended $?; sleep 60`;
    world.tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'live', '-x', `${columns}`, '-y', '24', command);
    const screen = () => world.tmux('capture-pane', '-p', '-t', 'live').trimEnd().split('\n');
    const top = (lines: string[]) => lines.findIndex(line => line.startsWith('demo  '));
    const lines = await until('unit 4', () => {
      const now = screen();
      return (
        now.some(line => line.startsWith('▶ 4 ')) &&
        now.some(line => line.startsWith('    ') && line.includes('done with')) &&
        now
      );
    });
    const view = lines.slice(top(lines));
    expect(view[0]).toMatch(/^demo {2}3\/30 done/);
    expect(view).toHaveLength(12);
    expect(view.filter(line => !/^([▶✓·…⏸] ?|demo {2}| {4})/.test(line))).toEqual([]);
    expect(view.at(-1)).toMatch(/^… \d+ more$/);
    world.go();
    await until('the end', () => screen().some(line => line === 'ended 0'));
    expect(screen().filter(line => /^[▶✓·…]/.test(line))).toEqual([]);
  },
);
