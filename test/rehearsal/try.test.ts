// scripts/try.mjs with stand-ins for seqrun and tmux: what it copies, calls, says and leaves behind.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const source = join(import.meta.dirname, '../..');
let root: string;

/** Tells how it was called, then ends as it is told. */
const standIn = `
const { writeFileSync } = require('node:fs');
writeFileSync(process.env.CALL_FILE, JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), env: process.env }));
if (process.env.END === 'KILL') process.kill(process.pid, 'SIGKILL');
process.exit(Number(process.env.END));
`;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-try-test-')));
  for (const folder of ['repo/scripts', 'repo/dist', 'bin', 'home', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(join(source, 'scripts/try.mjs'), join(root, 'repo/scripts/try.mjs'));
  cpSync(join(source, 'examples'), join(root, 'repo/examples'), { recursive: true });
  writeFileSync(join(root, 'repo/dist/seqrun.cjs'), standIn);
  const tmux = join(root, 'bin/tmux');
  writeFileSync(tmux, '#!/bin/sh\necho "$@" >> "$TMUX_CALLS"\n');
  chmodSync(tmux, 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Call {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
}

const attempt = (args: string[], env: Record<string, string> = {}) => {
  const callFile = join(root, 'call.json');
  const tmuxCalls = join(root, 'tmux-calls');
  for (const file of [callFile, tmuxCalls]) rmSync(file, { force: true });
  const result = spawnSync(process.execPath, [join(root, 'repo/scripts/try.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}`,
      HOME: join(root, 'home'),
      TMPDIR: join(root, 'tmp'),
      CALL_FILE: callFile,
      TMUX_CALLS: tmuxCalls,
      END: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      ...env,
    },
  });
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : null);
  const call = read(callFile);
  return {
    code: result.status,
    stdout: result.stdout,
    stderr: result.stderr,
    call: call === null ? null : (JSON.parse(call) as Call),
    tmux: (read(tmuxCalls) ?? '').split('\n').filter(line => line !== ''),
  };
};
const flagValue = (call: Call, flag: string) => call.argv[call.argv.indexOf(flag) + 1]!;

it('plays the first example in a repository of its own, in a session of its own that it closes', () => {
  const { code, call, tmux, stderr, stdout } = attempt([], {
    GIT_DIR: '/nowhere',
    SEQRUN_DELAY: '99',
    SEQRUN_START: 'x',
  });
  expect(code, stderr).toBe(0);
  expect(stdout).toBe('');
  const { argv, cwd, env } = call!;
  expect(cwd.endsWith('/01-three-tasks')).toBe(true);
  expect(argv.slice(0, 7)).toEqual([
    ...['--spec', join(cwd, '.kiro/specs/opening-hours'), '--backend', 'rehearsal'],
    ...['--delay', '0', '--no-write-tasks=false'],
  ]);
  expect(readFileSync(join(cwd, '.kiro/specs/opening-hours/tasks.md'), 'utf8')).toContain('1. Keep the hours as data');
  const log = spawnSync('git', ['log', '--format=%an <%ae>'], { cwd, encoding: 'utf8' });
  expect(log.stdout).toBe('seqrun example <example@seqrun.invalid>\n');
  const status = spawnSync('git', ['status', '--porcelain'], { cwd, encoding: 'utf8' });
  expect(status.stdout).toBe('');

  const session = flagValue(call!, '--tmux-session');
  expect(tmux).toEqual(['-V', `kill-session -t =${session}`]);
  expect(stderr).toContain(`tmux attach -t ${session}`);
  expect(env.XDG_STATE_HOME).toBe(join(cwd, '../state'));
  expect(Object.keys(env).filter(name => /^(SEQRUN|GIT)_/.test(name))).toEqual([]);
  for (const name of ['SEQUENTIAL_PROGRESS.md', 'SEQUENTIAL_STATE.json']) {
    expect(stderr).toContain(join(cwd, '.kiro/specs', name));
  }
  expect(readdirSync(join(root, 'home'))).toEqual([]);
});

it('works again at once, in another place', () => {
  const [first, second] = [attempt([]), attempt([])];
  expect(first.code).toBe(0);
  expect(second.code).toBe(0);
  expect(second.call!.cwd).not.toBe(first.call!.cwd);
});

it('takes another example and further arguments, and goes without tmux when asked', () => {
  const { call, tmux, stderr } = attempt(['03-a-bad-night', '--verbose', '--no-tmux']);
  expect(call!.cwd.endsWith('/03-a-bad-night')).toBe(true);
  expect(call!.argv.slice(7)).toEqual(['--no-tmux', '--verbose']);
  expect(existsSync(join(call!.cwd, 'seqrun.config.json'))).toBe(true);
  expect(tmux).toEqual([]);
  expect(stderr).not.toContain('tmux attach');
});

it('goes without tmux when there is none', () => {
  const { call, code } = attempt([], { PATH: pathWith(['git', 'sh']) });
  expect(code).toBe(0);
  expect(call!.argv).toContain('--no-tmux');
});

it('says so when there is no git, and goes on', () => {
  const { code, stderr } = attempt([], { PATH: join(root, 'bin') });
  expect(code).toBe(0);
  expect(stderr).toMatch(/no git repository: git -c said .*ENOENT/);
});

it('passes the exit code on, and how a halted run goes on', () => {
  const halted = attempt(['03-a-bad-night'], { END: '2' });
  expect(halted.code).toBe(2);
  expect(halted.stderr).toMatch(
    /Go on: +XDG_STATE_HOME=\S+ node \S+seqrun.cjs resume --spec \S+newsletter .*--answer "Go on"/,
  );
  expect(attempt([], { END: '3' }).code).toBe(3);
  expect(attempt([], { END: 'KILL' }).code).toBe(137);
});

it('names the examples when there is no such one', () => {
  const { code, stderr, call } = attempt(['04']);
  expect(code).toBe(64);
  expect(call).toBeNull();
  expect(stderr).toContain('There are: 01-three-tasks, 02-groups-and-dependencies, 03-a-bad-night.');
});

/** A PATH with nothing but these programs. */
const pathWith = (names: string[]): string => {
  const folder = mkdtempSync(join(root, 'path-'));
  for (const name of names) {
    const found = process.env.PATH!.split(delimiter).find(one => existsSync(join(one, name)))!;
    writeFileSync(join(folder, name), `#!/bin/sh\nexec '${join(found, name)}' "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
};
