// What the engine may rely on from `Jobs`, over both transports with real processes.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readStarted, startPaths } from '../../src/adapters/jobs/folder.ts';
import { endedOf, isAlive, pidIn, type Rig, refOf, rig, transports, until, watchAll } from '../adapters/jobs/rig.ts';

describe.each(transports)('jobs over %s', transport => {
  let world: Rig;
  afterEach(() => world.close());

  test('a job that ends well: exit, facts, view, times; nothing left', async () => {
    world = rig(transport);
    const before = Date.now();
    const report = await world.run('cat; echo; echo one; echo oops >&2; echo OK');
    expect(report).toMatchObject({
      exit: { code: 0, signal: null, interrupt: false },
      facts: { finalText: 'OK', succeeded: true },
      classification: { class: 'success' },
      left: [],
      windowClosed: false,
    });
    expect(report.startedAtMs).toBeGreaterThan(before - 1_000);
    expect(report.endedAtMs).toBeGreaterThanOrEqual(report.startedAtMs);
    const folder = join(world.dir, 'starts', '1-1-agent');
    const view = readFileSync(startPaths(folder).view, 'utf8');
    expect(view.split('\n').sort()).toEqual(['', '! oops', 'OK', 'do it', 'one']);
  });

  test('Q-2.32: what is private is private, and the values of the environment are gone from the disk', async () => {
    world = rig(transport);
    const job = await world.job('sleep 60', { env: { ...world.env, API_KEY: 'secret' } });
    expect((await world.jobs.launch(job)).kind).toBe('began');
    const paths = startPaths(job.folder);
    await until('job.json to be written', () => statSync(paths.job).size > 0);
    expect(statSync(paths.prompt).mode & 0o777).toBe(0o600);
    expect(statSync(job.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(job.folder)) {
      expect(readFileSync(join(job.folder, name), 'utf8'), name).not.toContain('secret');
    }
    expect(readFileSync(paths.job, 'utf8')).toContain('API_KEY');
    await world.jobs.end(job);
  });

  test('a job that fails, one whose program is missing, one that a signal ends', async () => {
    world = rig(transport);
    expect((await world.run('echo bad >&2; exit 7')).exit).toEqual({ code: 7, signal: null, interrupt: false });
    const missing = await world.run('', { argv: ['no-such-program-here'] });
    expect(missing.exit).toMatchObject({ code: 127 });
    expect((await world.run('kill -KILL $$')).exit).toEqual({ code: null, signal: 'KILL', interrupt: false });
  });

  test('an argument vector, a folder, a title and an id full of traps reach the agent as they are', async () => {
    const nasty = `a b'"$(touch /tmp/seqrun-never)\`#{session_name}#[fg=red] #(touch x)\nnext;`;
    world = rig(transport, { specName: `sp ec'"$(x)#{pid}` });
    const report = await world.run('', {
      argv: ['/bin/sh', '-c', 'printf %s "$1" >arg; pwd >pwd; echo OK', 'sh', nasty],
      title: nasty,
      label: nasty,
      cwd: world.workdir,
    });
    expect(report.exit?.code).toBe(0);
    expect(readFileSync(join(world.workdir, 'arg'), 'utf8')).toBe(nasty);
    expect(existsSync('/tmp/seqrun-never')).toBe(false);
  });

  test('a 200 kB prompt arrives whole on stdin (Q-2.22)', async () => {
    world = rig(transport);
    const prompt = 'ü$`"\n'.repeat(33_000);
    await world.run('cat >got; echo OK', { prompt });
    expect(readFileSync(join(world.workdir, 'got'), 'utf8')).toBe(prompt);
  });

  test('Q-2.23, Q-2.24: the agent has exactly the environment it was given, functions and shell names left out', async () => {
    world = rig(transport);
    // The tmux server is started with something that the caller of this job does not have.
    world.env.ONLY_THE_SERVER = '1';
    await world.run('true');
    const bin = join(world.workdir, 'bin');
    const env = {
      PATH: `${bin}:/usr/bin:/bin`,
      MULTI: 'one\ntwo=\'"$(x)',
      'BASH_FUNC_x%%': '() { echo hi\n}',
      UID: '5',
      IFS: 'x',
      OPTIND: 'nonsense',
      d: 'mine',
      v: '7',
      e: '/nowhere',
    };
    mkdirSync(bin);
    writeFileSync(join(bin, 'only-here'), '#!/bin/sh\n/usr/bin/env -0 >env.out\n');
    chmodSync(join(bin, 'only-here'), 0o755);
    const job = await world.job('', { argv: ['only-here'], env });
    await world.jobs.launch(job);
    expect(endedOf(await world.jobs.watch(job, watchAll)).exit?.code).toBe(0);
    const got = Object.fromEntries(
      readFileSync(join(world.workdir, 'env.out'), 'utf8')
        .split('\0')
        .filter(Boolean)
        .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const { 'BASH_FUNC_x%%': _f, UID: _u, IFS: _i, OPTIND: _o, ...passed } = env;
    expect(got).toEqual({ ...passed, PWD: world.workdir, SEQRUN_START: job.mark, ...(got._ ? { _: got._ } : {}) });
  });

  test('a child that outlives its agent is ended and named, also one in another session without the mark', async () => {
    world = rig(transport);
    const report = await world.run(
      `sleep 611 & env -u SEQRUN_START sh -c 'exec setsid sleep 612' & echo $! >detached
       while ! grep -q '^Name:.sleep' /proc/$!/status; do :; done; sleep 0.5; echo OK`,
    );
    expect(report.exit?.code).toBe(0);
    expect(report.left.map(({ command, ended }) => `${command} ${ended}`).sort()).toEqual([
      'sleep 611 true',
      'sleep 612 true',
    ]);
    expect(isAlive(await pidIn(join(world.workdir, 'detached')))).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')(
    'a daemon that has got rid of parent, session and environment before anybody looked is ended, too',
    async () => {
      world = rig(transport);
      const report = await world.run(
        `(env -i "$(command -v setsid)" sleep 613 </dev/null >/dev/null 2>&1 & echo $! >daemon)
         while ! grep -q '^Name:.sleep' /proc/$(cat daemon)/status; do :; done; echo OK`,
      );
      expect(report).toMatchObject({ exit: { code: 0 }, left: [{ command: 'sleep 613', ended: true }] });
      expect(isAlive(await pidIn(join(world.workdir, 'daemon')))).toBe(false);
    },
  );

  test('kill -9 of the agent is an end with that signal', async () => {
    world = rig(transport);
    const job = await world.job('exec sleep 600');
    await world.jobs.launch(job);
    const watching = world.jobs.watch(job, watchAll);
    process.kill(readStarted(job.folder, job.mark)!.agent, 'SIGKILL');
    const report = endedOf(await watching);
    expect(report.exit).toEqual({ code: null, signal: 'KILL', interrupt: false });
    expect(report.windowClosed).toBe(false);
  });

  test('kill -9 of launch.sh: an end without exit file, found within seconds, and nothing lives on', async () => {
    world = rig(transport);
    const job = await world.job('echo OK; echo $$ >pid; sleep 1; exit 0');
    const seen = await world.jobs.launch(job);
    const pid = await pidIn(join(world.workdir, 'pid'));
    const watching = world.jobs.watch(job, watchAll);
    process.kill(seen.kind === 'began' ? seen.pid : 0, 'SIGKILL');
    const report = endedOf(await watching);
    expect(report.exit).toBe(null);
    expect(report.facts.succeeded).toBe(true);
    expect(report.windowClosed).toBe(false);
    expect(isAlive(pid)).toBe(false);
  });

  test('Q-2.26: end() ends a tree that ignores TERM, grandchildren in sessions of their own too', async () => {
    world = rig(transport);
    const tree = join(import.meta.dirname, '../fixtures/bin/stubborn-tree');
    const job = await world.job(`exec ${tree}`);
    await world.jobs.launch(job);
    const pids = await Promise.all(['agent', 'child', 'grandchild'].map(name => pidIn(join(world.workdir, name))));
    const report = await world.jobs.end(job);
    expect(pids.map(isAlive)).toEqual([false, false, false]);
    expect(report.exit).toMatchObject({ code: null, signal: 'KILL' });
    expect(report.left).toEqual([]);
    expect(await world.jobs.end(job)).toEqual(report);
    // Another life that asks again gets the same verdict.
    expect(await world.again().end(refOf(job))).toEqual(report);
  });

  test('an agent that ends on TERM is asked once and not killed', async () => {
    world = rig(transport, { killGraceMs: 10_000 });
    const job = await world.job(`trap 'echo bye; exit 3' TERM; echo $$ >pid; while :; do sleep 0.05; done`);
    await world.jobs.launch(job);
    await pidIn(join(world.workdir, 'pid'));
    const report = await world.jobs.end(job);
    expect(report).toMatchObject({ exit: { code: 3 }, facts: { finalText: 'bye' } });
  });

  test('watch ends early by its signal and by the time, and the job does not notice', async () => {
    world = rig(transport);
    const job = await world.job('while [ ! -e go ]; do sleep 0.02; done; echo OK');
    await world.jobs.launch(job);
    const stop = new AbortController();
    const watching = world.jobs.watch(job, { ...watchAll, signal: stop.signal });
    stop.abort();
    expect(await watching).toEqual({ kind: 'nothing' });
    expect(await world.jobs.watch(job, { ...watchAll, signal: stop.signal })).toEqual({ kind: 'nothing' });
    expect(await world.jobs.watch(job, { ...watchAll, untilMs: Date.now() + 150 })).toEqual({ kind: 'nothing' });
    writeFileSync(join(world.workdir, 'go'), '');
    expect(endedOf(await world.jobs.watch(job, watchAll)).exit?.code).toBe(0);
  });

  test('stalled = neither output nor CPU time; either keeps it alive', async () => {
    world = rig(transport);
    const quiet = await world.job('sleep 600');
    await world.jobs.launch(quiet);
    expect(await world.jobs.watch(quiet, { ...watchAll, stallTimeoutMs: 400 })).toEqual({ kind: 'stalled' });
    await world.jobs.end(quiet);
    const busy = await world.job('i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; echo OK');
    await world.jobs.launch(busy);
    expect((await world.jobs.watch(busy, { ...watchAll, stallTimeoutMs: 400 })).kind).toBe('ended');
    // A few ticks now and then are what a program uses that only waits.
    const idle = await world.job('while :; do i=0; while [ $i -lt 500 ]; do i=$((i+1)); done; sleep 0.5; done');
    await world.jobs.launch(idle);
    expect(await world.jobs.watch(idle, { ...watchAll, stallTimeoutMs: 2000 })).toEqual({ kind: 'stalled' });
    await world.jobs.end(idle);
    const talking = await world.job('for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done');
    await world.jobs.launch(talking);
    expect((await world.jobs.watch(talking, { ...watchAll, stallTimeoutMs: 600 })).kind).toBe('ended');
  });

  test('a silent wait = it says that it sits in a limit, then no byte, busy or not', async () => {
    world = rig(transport, { silentWaitMs: 600 });
    const silent = { kind: 'silent_wait', because: 'it waits' };
    const watched = async (script: string, stallTimeoutMs = 600_000) => {
      const job = await world.job(script);
      await world.jobs.launch(job);
      const fromMs = performance.now();
      const seen = await world.jobs.watch(job, { ...watchAll, stallTimeoutMs });
      const ms = performance.now() - fromMs;
      if (seen.kind !== 'ended') await world.jobs.end(job);
      return { seen, ms, job };
    };

    const busy = await watched('echo at work; echo LIMIT >&2; echo $$ >pid; while :; do :; done');
    expect(busy.seen).toEqual(silent);
    expect(busy.ms).toBeGreaterThan(500);
    expect(isAlive(await pidIn(join(world.workdir, 'pid')))).toBe(false);
    expect((await world.jobs.end(busy.job)).facts.waiting).toEqual({ because: 'it waits', evidence: 'LIMIT' });
    // Every byte is a sign, also one that says nothing of it.
    const noisy = await watched('echo LIMIT >&2; for i in 1 2 3 4 5; do echo tick >&2; sleep 0.25; done; echo OK');
    expect(noisy.seen.kind).toBe('ended');
    expect(noisy.ms).toBeGreaterThan(1_000);
    // It went on, and thinks for long.
    const back = await watched('echo LIMIT >&2; sleep 0.2; echo back; sleep 1.2; echo OK');
    expect(back.seen.kind).toBe('ended');
    // Nothing said of a limit: that is a stall. Where its limit is the shorter one, a wait is still no stall.
    expect((await watched('echo hm; sleep 600', 1_200)).seen).toEqual({ kind: 'stalled' });
    expect((await watched('echo LIMIT >&2; sleep 600', 300)).seen).toEqual(silent);
  });

  test('another life finds the same silent wait, and one that ended meanwhile has ended', async () => {
    world = rig(transport, { silentWaitMs: 400 });
    const job = await world.job('echo LIMIT >&2; while [ ! -e go ]; do sleep 0.02; done; echo OK');
    await world.jobs.launch(job);
    expect((await world.jobs.watch(job, watchAll)).kind).toBe('silent_wait');

    const second = world.again();
    expect(await second.reconcile(refOf(job))).toMatchObject({ kind: 'alive' });
    expect((await second.watch(refOf(job), watchAll)).kind).toBe('silent_wait');
    writeFileSync(join(world.workdir, 'go'), '');
    await until('its end', () => readFileSync(startPaths(job.folder).exit, 'utf8').trim() !== '');
    expect(await second.end(refOf(job))).toMatchObject({
      exit: { code: 0 },
      facts: { succeeded: true, waiting: null },
      classification: { class: 'success' },
    });
  });

  test('another life adopts a living start and goes on with its view', async () => {
    world = rig(transport);
    const job = await world.job('echo one; echo two >&2; while [ ! -e go ]; do sleep 0.02; done; echo three; echo OK');
    const began = await world.jobs.launch(job);
    const stop = new AbortController();
    const watching = world.jobs.watch(job, { ...watchAll, signal: stop.signal });
    const { view } = startPaths(job.folder);
    await until('two lines', () => existsSync(view) && readFileSync(view, 'utf8').split('\n').length === 3);
    stop.abort();
    await watching;
    const before = readFileSync(view, 'utf8');

    const second = world.again();
    const found = await second.reconcile(refOf(job));
    expect(found).toEqual({ ...began, kind: 'alive' });
    writeFileSync(join(world.workdir, 'go'), '');
    const report = endedOf(await second.watch(refOf(job), watchAll));
    expect(report).toMatchObject({ exit: { code: 0 }, facts: { finalText: 'OK' }, windowClosed: false });
    expect(readFileSync(view, 'utf8')).toBe(`${before}three\nOK\n`);
    expect(await world.again().reconcile(refOf(job))).toEqual({ kind: 'ended', report });
  });

  test('however many lives look at a start that has ended, how it ended stays on the disk', async () => {
    world = rig(transport);
    const job = await world.job('echo OK');
    await world.jobs.launch(job);
    const { exit } = startPaths(job.folder);
    await until('its end', () => readFileSync(exit, 'utf8').trim() !== '');
    const text = readFileSync(exit, 'utf8');
    // launch.sh waits up to 2 s for the view: each of these may still find it.
    for (let life = 0; life < 3; life++) {
      expect(await world.again().reconcile(refOf(job))).toMatchObject({ kind: 'ended', report: { exit: { code: 0 } } });
      // What is written when another turn of the event loop has come.
      await new Promise(resolve => setTimeout(resolve, 20));
      expect(readFileSync(exit, 'utf8')).toBe(text);
    }
  });

  test('without its claim a start that lives is alive, and one that is known to have begun has ended, never "not started"', async () => {
    world = rig(transport);
    const job = await world.job('while [ ! -e go ]; do sleep 0.02; done; echo OK');
    await world.jobs.launch(job);
    rmSync(startPaths(job.folder).claim);
    expect(await world.again().reconcile(refOf(job))).toMatchObject({ kind: 'alive' });
    await world.jobs.end(job);
    // Nothing of it lives, and nothing tells how it ended.
    rmSync(startPaths(job.folder).claim, { force: true });
    writeFileSync(startPaths(job.folder).exit, '');
    expect(await world.again().reconcile({ ...refOf(job), began: true })).toMatchObject({
      kind: 'ended',
      report: { exit: null },
    });
  });

  test('reconcile of a start that was never launched wins its claim, and a late launch.sh then does nothing', async () => {
    world = rig(transport);
    const job = await world.job('echo ran >ran');
    expect(await world.jobs.reconcile(refOf(job))).toMatchObject({ kind: 'not_started' });
    expect(readFileSync(startPaths(job.folder).claim, 'utf8')).toContain('before it began');
    const late = await world.again().launch(job);
    expect(late.kind).toBe('not_started');
    expect(existsSync(join(world.workdir, 'ran'))).toBe(false);
    expect(await world.jobs.reconcile({ ...refOf(job), folder: join(world.dir, 'gone') })).toMatchObject({
      kind: 'not_started',
    });
  });

  test('a start whose folder was removed while it works is found by its mark, watched, and ended whole', async () => {
    world = rig(transport);
    const job = await world.job('while [ ! -e go ]; do :; done; sleep 600');
    await world.jobs.launch(job);
    rmSync(job.folder, { recursive: true, maxRetries: 5 });

    const second = world.again();
    expect(await second.reconcile(refOf(job))).toMatchObject({ kind: 'alive' });
    // Busy is no stall, though nothing but the mark tells whose the CPU time is.
    const busy = { ...watchAll, stallTimeoutMs: 700, signal: AbortSignal.timeout(1_500) };
    expect(await second.watch(refOf(job), busy)).toEqual({ kind: 'nothing' });
    writeFileSync(join(world.workdir, 'go'), '');
    expect(await second.watch(refOf(job), { ...watchAll, stallTimeoutMs: 700 })).toEqual({ kind: 'stalled' });
    expect(await second.end(refOf(job))).toMatchObject({ exit: null, left: [] });
    expect(await world.again().reconcile(refOf(job))).toMatchObject({ kind: 'not_started' });
  });

  test('an agent that removes the folder of its start at once has begun all the same', async () => {
    world = rig(transport);
    const job = await world.job('read folder <where; rm -rf "$folder"; exec sleep 600');
    writeFileSync(join(world.workdir, 'where'), `${job.folder}\n`);
    expect(await world.jobs.launch(job)).toMatchObject({ kind: 'began' });
    await until('the folder to be gone', () => !existsSync(job.folder));
    expect(await world.jobs.end(refOf(job))).toMatchObject({ exit: null, left: [] });
  });

  test('end() of a start that never began makes sure that it never will', async () => {
    world = rig(transport);
    const job = await world.job('echo ran >ran');
    expect(await world.jobs.end(refOf(job))).toMatchObject({ exit: null, left: [] });
    expect((await world.again().launch(job)).kind).toBe('not_started');
    expect(existsSync(join(world.workdir, 'ran'))).toBe(false);
  });

  test('a claim with neither started nor a living process is not_started, an exit file with another mark is foreign', async () => {
    world = rig(transport);
    const job = await world.job('true');
    const paths = startPaths(job.folder);
    writeFileSync(paths.claim, '');
    writeFileSync(paths.exit, '{"mark":"another","code":0,"int":false}');
    const begunMs = performance.now();
    expect(await world.jobs.reconcile(refOf(job))).toMatchObject({ kind: 'not_started' });
    expect(performance.now() - begunMs).toBeGreaterThan(490);
  });

  test('a start of an earlier boot has ended without exit file, whoever has its pid now', async () => {
    world = rig(transport);
    const job = await world.job('true');
    const paths = startPaths(job.folder);
    const started = { mark: job.mark, host: 'h', boot: 'another', pid: process.pid, start: '1', agent: process.ppid };
    writeFileSync(paths.claim, `1\n${JSON.stringify({ ...started, agentStart: '1', tty: false })}\n`);
    writeFileSync(paths.stdout, 'OK\n');
    const seen = await world.jobs.reconcile(refOf(job));
    expect(seen).toMatchObject({ kind: 'ended', report: { exit: null, facts: { succeeded: true }, left: [] } });
  });

  // 50 rounds; a lost window takes tmux longer to show.
  const rounds = transport === 'plain' || process.env.SEQRUN_TEST_LONG ? 50 : 20;
  test('the claim race: launch.sh against a runner that gives up, over and over, exactly one wins', async () => {
    world = rig(transport, { notStartedMs: 150, checkEveryMs: 50 });
    let ran = 0;
    for (let round = 0; round < rounds; round++) {
      const job = await world.job(`echo x >ran${round}; echo OK`, { label: String(round % 3) });
      const other = world.again();
      const launching = world.jobs.launch(job);
      // Spread over the time that a launch takes.
      const untilMs = performance.now() + (round % 25) / 4;
      while (performance.now() < untilMs) await new Promise(resolve => setImmediate(resolve));
      const found = await other.reconcile(refOf(job));
      const seen = await launching;
      if (found.kind === 'alive') endedOf(await other.watch(refOf(job), watchAll));
      const started = existsSync(join(world.workdir, `ran${round}`));
      expect([found.kind === 'not_started', seen.kind === 'not_started'], `round ${round}`).toEqual([
        !started,
        !started,
      ]);
      if (started) ran++;
    }
    expect(ran).toBeGreaterThan(0);
    expect(ran).toBeLessThan(rounds);
  });

  test('a work folder that is missing is not_started with the reason', async () => {
    world = rig(transport);
    const job = await world.job('true', { cwd: join(world.dir, 'no such folder') });
    const seen = await world.jobs.launch(job);
    expect(seen.kind === 'not_started' && seen.message).toMatch(/no such folder/);
  });

  test('numbers go up for ever and above what is there', async () => {
    world = rig(transport);
    expect((await world.jobs.reserve(1, 'a')).n).toBe(1);
    expect((await world.jobs.reserve(1, 'b')).n).toBe(2);
    expect((await world.jobs.reserve(9, '../../x y')).folder).toBe(join(world.dir, 'starts', '9-_.._x_y'));
    expect((await world.again().reserve(1, 'c')).n).toBe(10);
  });
});
