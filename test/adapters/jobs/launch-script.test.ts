// launch.sh and its quoting, in every sh that is here.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fillStart, makeStartFolder, readExit, readStarted, startPaths } from '../../../src/adapters/jobs/folder.ts';
import { blankExitFile, isPassed, launchScript, sq, valuesFunction } from '../../../src/adapters/jobs/launch-script.ts';
import type { JobSpec } from '../../../src/engine/ports.ts';
import { until } from './rig.ts';

const shells = [['dash'], ['bash', '--posix'], ['bash'], ['busybox', 'sh']].filter(
  ([name, ...rest]) => spawnSync(name!, [...rest, '-c', ':']).status === 0,
);
const words = fc.string({
  unit: fc.oneof(fc.constantFrom(...'\'"\\$`!*?[]{}();&|<>#~ \n\t\r%=-'), fc.string({ unit: 'binary', maxLength: 1 })),
});
/** What can be an argument at all: no NUL, no half of a surrogate pair. */
const noNul = words.filter(text => !text.includes('\0') && Buffer.from(text).toString() === text);

describe.each(shells.map(shell => ({ shell, title: shell.join(' ') })))('$title', ({ shell }) => {
  const [name, ...flags] = shell as [string, ...string[]];
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'seqrun-launch-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const job = (argv: string[], more: Partial<JobSpec> = {}): JobSpec => {
    const folder = join(dir, 'start');
    for (const _ of makeStartFolder(folder));
    const made: JobSpec = {
      n: 1,
      unit: '1',
      kind: 'agent',
      mark: 'm"$(x)%s\\',
      folder,
      agent: 'fake',
      label: '1',
      title: '',
      argv,
      cwd: dir,
      env: { PATH: '/usr/bin:/bin' },
      prompt: 'p',
      model: null,
      session: null,
      timeoutMs: 1,
      stallTimeoutMs: 1,
      ...more,
    };
    fillStart(made, { boot: 'b%d', callerPath: '', umask: 0o027 });
    return made;
  };
  const start = (made: JobSpec, ...args: string[]) =>
    spawnSync(name, [...flags, startPaths(made.folder).launch, made.folder, ...(args.length ? args : ['free'])], {
      env: { SEQRUN_START: made.mark },
      encoding: 'utf8',
    });

  test('any words come out of sh as they went in', () => {
    fc.assert(
      fc.property(fc.array(noNul, { maxLength: 5 }), argv => {
        const script = `printf '%s\\0' ${argv.map(sq).join(' ')}`;
        const out = spawnSync(name, [...flags, '-c', argv.length ? script : ':'], { encoding: 'utf8' }).stdout;
        expect(out.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 40 },
    );
  });

  test('any values come through the head of the script', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{3}_[A-Z0-9_]{1,5}$/), noNul, { maxKeys: 4 }), env => {
        const file = join(dir, 'script');
        writeFileSync(file, `${valuesFunction(env, 'mark', '/tmp')}values\nexec /usr/bin/env -0\n`);
        const out = spawnSync(name, [...flags, file], {
          // With a socket for stdin bash reads its start files.
          stdio: ['ignore', 'pipe', 'pipe'],
          encoding: 'utf8',
          env: {},
        }).stdout;
        const got = out.split('\0').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
        expect(Object.fromEntries(got)).toMatchObject({ ...env, SEQRUN_START: 'mark', PWD: '/tmp' });
      }),
      { numRuns: 25 },
    );
  });

  test('writes started, blanks the values, gives the agent its files, writes the exit over the blank', () => {
    const made = job(['sh', '-c', 'cat; echo err >&2; umask; exit 9'], {
      prompt: 'hello\n',
      env: { PATH: '/usr/bin:/bin', SECRET: 'hush' },
    });
    const paths = startPaths(made.folder);
    expect(start(made).status).toBe(9);
    expect(readStarted(made.folder, made.mark)).toMatchObject({ boot: 'b%d', tty: false });
    expect(readExit(made.folder, made.mark)?.end).toEqual({ code: 9, signal: null, interrupt: false });
    expect(readFileSync(paths.exit)).toHaveLength(blankExitFile().length);
    expect(readFileSync(paths.stdout, 'utf8')).toBe('hello\n0027\n');
    expect(readFileSync(paths.stderr, 'utf8')).toBe('err\n');
    expect(readFileSync(paths.launch, 'utf8')).not.toContain('hush');
    expect(readFileSync(paths.launch, 'utf8').trimStart()).toMatch(/^# Claims this start/);
    expect(Number.parseInt(readFileSync(paths.claim, 'utf8'), 10)).toBe(readStarted(made.folder, made.mark)?.pid);
  });

  test('runs once: a lost claim ends it before the agent, and a second run too', () => {
    const made = job(['sh', '-c', 'echo x >>ran']);
    writeFileSync(startPaths(made.folder).claim, 'given up: test\n');
    expect(start(made).status).not.toBe(0);
    expect(existsSync(join(dir, 'ran'))).toBe(false);
    expect(readFileSync(startPaths(made.folder).claim, 'utf8')).toBe('given up: test\n');
    expect(readExit(made.folder, made.mark)).toBe(null);
    // The runner itself holds the claim and goes on without a window.
    expect(start(made, 'owned').status).toBe(0);
    expect(start(made).status).not.toBe(0);
    expect(readFileSync(join(dir, 'ran'), 'utf8')).toBe('x\n');
  });

  test.each(['prompt', 'exit'] as const)('without its %s file it ends before the claim', missing => {
    const made = job(['sh', '-c', 'echo x >ran']);
    rmSync(startPaths(made.folder)[missing]);
    // A file in place of what cannot be opened for reading and writing.
    if (missing === 'exit') mkdirSync(startPaths(made.folder).exit);
    expect(start(made).status).not.toBe(0);
    expect(existsSync(startPaths(made.folder).claim)).toBe(false);
    expect(existsSync(join(dir, 'ran'))).toBe(false);
  });

  test('shell names in the environment do not reach it', () => {
    const env = {
      PATH: '/usr/bin:/bin',
      UID: '1',
      PPID: '1',
      SHELLOPTS: 'noexec',
      BASHOPTS: 'x',
      BASH_ENV: '/x',
      ENV: '/x',
      IFS: '/',
      OPTIND: 'x',
      'a-b': '1',
      'BASH_FUNC_f%%': '() { :;}',
    };
    expect(Object.keys(env).filter(isPassed)).toEqual(['PATH']);
    const made = job(['sh', '-c', 'exit 0'], { env });
    expect(start(made).status).toBe(0);
  });

  test('an agent that a signal ends, and Ctrl-C while it runs', async () => {
    const made = job(['sh', '-c', 'echo $$ >pid; exec sleep 600']);
    const child = spawn(name, [...flags, startPaths(made.folder).launch, made.folder], {
      env: { SEQRUN_START: made.mark },
      stdio: 'ignore',
      detached: true,
    });
    await until(
      'the agent',
      () => existsSync(join(dir, 'pid')) && readFileSync(join(dir, 'pid'), 'utf8').trim() !== '',
    );
    // As a terminal does it: to the whole foreground group.
    process.kill(-child.pid!, 'SIGINT');
    const exit = await until('exit.json', () => readExit(made.folder, made.mark));
    expect(exit.end).toEqual({ code: null, signal: 'INT', interrupt: true });
  });
});

test('the script is text that depends on nothing else', () => {
  const made = { mark: 'm', argv: ['a'], cwd: '/', env: {}, toolPath: '/bin', host: 'h', boot: 'b', umask: 0o22 };
  expect(launchScript(made)).toBe(launchScript({ ...made }));
  expect(launchScript(made)).toContain("exec 'a'\n");
});
