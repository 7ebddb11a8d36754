// Windows, sessions and what a person can do to them, on a private tmux server.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startPaths } from '../../../src/adapters/jobs/folder.ts';
import { processSource } from '../../../src/adapters/jobs/process-table.ts';
import { attachArgs, attachHint, findSessions, listWindows, windowOf } from '../../../src/adapters/tmux/attach.ts';
import { tmuxClient } from '../../../src/adapters/tmux/client.ts';
import { openPaneTty } from '../../../src/adapters/tmux/pane-tty.ts';
import { endedOf, hasTmux, isAlive, pidIn, type Rig, refOf, rig, until, watchAll } from '../jobs/rig.ts';

const waiting = 'echo $$ >pid; echo here; while [ ! -e go ]; do sleep 0.02; done; echo OK';

describe.skipIf(!hasTmux)('windows', () => {
  let world: Rig;
  afterEach(() => world.close());
  const began = async (script: string, more = {}) => {
    const job = await world.job(script, more);
    const seen = await world.jobs.launch(job);
    if (seen.kind !== 'began') throw new Error(seen.message);
    return { job, ...seen };
  };
  const windows = () => world.tmux('list-windows', '-a', '-F', '#{session_name} #{window_name}').split('\n');
  const screen = (pane: string) => world.tmux('capture-pane', '-p', '-t', pane);
  const letGo = () => writeFileSync(join(world.workdir, 'go'), '');

  test('R-2.70: a session for the spec, window seqrun with the status first, a window task-<id> per unit', async () => {
    world = rig('tmux');
    writeFileSync(join(world.dir, 'status.log'), 'unit 1 of 3\n');
    const { window } = await began('true', { label: '1.2' });
    expect(windows()).toEqual(['sequential-x seqrun', 'sequential-x task-1_2']);
    expect(window).toMatch(/^@\d+$/);
    await until('the status', () => screen('sequential-x:seqrun').includes('unit 1 of 3'));
    expect(world.jobs.session()).toMatchObject({ name: 'sequential-x' });
    expect(world.tmux('show-options', '-t', '=sequential-x:', '-v', 'destroy-unattached')).toBe('off');
    for (const option of ['allow-rename', 'automatic-rename']) {
      expect(world.tmux('show-options', '-w', '-t', window!, '-v', option)).toBe('off');
    }
  });

  test('a next run: its status begins anew, and what a person has opened beside it stays', async () => {
    world = rig('tmux');
    const status = join(world.dir, 'status.log');
    const old = Array.from({ length: 80 }, (_, k) => `old ${k}\n`).join('');
    writeFileSync(status, old);
    await world.run('echo OK');
    const pane = world.tmux('display-message', '-p', '-t', 'sequential-x:seqrun', '#{pane_id}');
    const whole = () => world.tmux('capture-pane', '-p', '-S', '-', '-t', pane);
    await until('the status', () => whole().includes('old 79'));
    const mine = world.tmux('split-window', '-b', '-d', '-P', '-F', '#{pane_id} #{pane_pid}', '-t', pane, 'sleep 1000');
    writeFileSync(status, 'new\n');
    const next = world.again();
    const job = await world.job('echo OK', { label: '2' });
    await next.launch(job);
    endedOf(await next.watch(job, watchAll));
    await until('the next status', () => whole().trim() === 'new');
    expect(world.tmux('list-panes', '-s', '-t', '=sequential-x:', '-F', '#{pane_id} #{pane_pid}')).toContain(mine);
    expect(windows()).toEqual(['sequential-x seqrun', 'sequential-x task-1', 'sequential-x task-2']);
  });

  test('Q-2.21: the window shows the readable rendering with stderr, live and to the last line', async () => {
    world = rig('tmux');
    const { job } = await began('echo out; echo err >&2; while [ ! -e go ]; do sleep 0.02; done; echo last');
    const watching = world.jobs.watch(job, watchAll);
    const pane = world.tmux('list-panes', '-s', '-t', '=sequential-x:', '-F', '#{pane_id}').split('\n').at(-1)!;
    await until('both streams', () => /out/.test(screen(pane)) && /! err/.test(screen(pane)));
    letGo();
    await watching;
    await until('the last line', () => screen(pane).includes('last'));
    await until('a dead pane', () => world.tmux('display-message', '-p', '-t', pane, '#{pane_dead}') === '1');
    expect(screen(pane)).toContain('last');
  });

  test('Q-2.20: dots and colons in names, and a session whose name begins the same', async () => {
    world = rig('tmux', {});
    world.tmux('new-session', '-d', '-s', 'seq-v1_2-old', '-n', 'mine', 'sleep', '1000');
    const jobs = world.again({
      tmux: {
        command: world.command,
        sessionName: 'seq-v1.2',
        keepWindows: 10,
        specRealpath: '/a',
        statusFile: join(world.dir, 'status.log'),
      },
    });
    for (const label of ['1', '1.1', '10']) {
      const job = await world.job('echo OK', { label });
      expect(await jobs.launch(job)).toMatchObject({ kind: 'began', transport: 'tmux' });
      endedOf(await jobs.watch(job, watchAll));
    }
    expect(windows()).toEqual([
      'seq-v1_2 seqrun',
      'seq-v1_2 task-1',
      'seq-v1_2 task-1_1',
      'seq-v1_2 task-10',
      'seq-v1_2-old mine',
    ]);
  });

  test('a session of another spec is left alone; a session without owner is taken; the same spec comes back', async () => {
    world = rig('tmux');
    world.tmux('new-session', '-d', '-s', 'sequential-x', '-n', 'mine', 'sleep', '1000');
    await world.run('echo OK');
    expect(windows()).toEqual(['sequential-x mine', 'sequential-x seqrun', 'sequential-x task-1']);
    const other = world.again({
      tmux: {
        command: world.command,
        sessionName: 'sequential-x',
        keepWindows: 10,
        specRealpath: '/other "spec" #{pid};\n',
        statusFile: join(world.dir, 'status.log'),
      },
    });
    const job = await world.job('echo OK', { label: '2' });
    await other.launch(job);
    endedOf(await other.watch(job, watchAll));
    expect(other.session()?.name).toBe('sequential-x-2');
    expect(windows()).toContain('sequential-x-2 task-2');
    const back = world.again();
    const third = await world.job('echo OK', { label: '3' });
    await back.launch(third);
    endedOf(await back.watch(third, watchAll));
    expect(windows()).toContain('sequential-x task-3');
    expect(windows().filter(line => line.endsWith(' seqrun'))).toHaveLength(2);
    const client = tmuxClient({ command: world.command, env: world.env });
    expect((await findSessions(client, '/other "spec" #{pid};\n')).map(({ name }) => name)).toEqual(['sequential-x-2']);
  });

  test.each([
    { what: 'names that can be taken away', more: {}, clean: false },
    { what: 'a value of several lines', more: { LINES_OF_IT: 'a\nb' }, clean: null },
    { what: 'a function that bash exported', more: { 'BASH_FUNC_read%%': '() { exit 9; }' }, clean: true },
    { what: 'what bash acts on', more: { SHELLOPTS: 'noexec' }, clean: true },
  ])("the agent gets nothing of the server's environment: $what", async ({ more, clean }) => {
    world = rig('tmux');
    const server = { LEAK: '1', OPTIND: undefined, _: 'x', OLDPWD: '/', EMPTY: '', ODD: ' =;\'"$(x)', ...more };
    execFileSync(world.command[0]!, [...world.command.slice(1), 'new-session', '-d', '-s', 'first'], {
      env: { ...world.env, ...server, DISPLAY: ':9', PATH: '/bin:/usr/bin' },
    });
    const found = join(world.dir, 'found');
    const seen = async () => {
      expect(
        (await world.run(`env -0 >'${found}'; cat /proc/$PPID/cmdline >'${found}.argv'; echo OK`)).exit?.code,
      ).toBe(0);
      return readFileSync(found, 'utf8').split('\0').filter(Boolean).sort();
    };
    const first = await seen();
    expect(first).toEqual([
      `HOME=${world.env.HOME}`,
      `PATH=${world.env.PATH}`,
      `PWD=${world.workdir}`,
      expect.stringMatching(/^SEQRUN_START=1-/),
      ...(first.includes('SHLVL=0') ? ['SHLVL=0'] : []),
    ]);
    // The same in a window that is used again.
    expect((await seen()).filter(line => !line.startsWith('SEQRUN_START='))).toEqual(
      first.filter(line => !line.startsWith('SEQRUN_START=')),
    );
    // How tmux prints several lines depends on its version.
    if (clean !== null) expect(readFileSync(`${found}.argv`, 'utf8').includes('\0LEAK\0')).toBe(!clean);
  });

  test('titles and ids are no tmux formats, newlines break nothing', async () => {
    world = rig('tmux', { specName: 'a #{pid} $(x) "q" \'s\' ;' });
    await world.run('echo OK', { label: '#{pid}\n#(touch bad)#[fg=red];', title: '#{session_name}\n;' });
    expect(windows()).toEqual(['sequential-x seqrun', 'sequential-x task-_pid_touch_bad_fg_red']);
    await world.run('echo OK', { label: '2', cwd: world.workdir });
    const other = join(world.dir, 'w #{pid};');
    execFileSync('mkdir', [other]);
    expect((await world.run('pwd >pwd', { label: '3', cwd: other })).exit?.code).toBe(0);
    expect(readFileSync(join(other, 'pwd'), 'utf8')).toBe(`${other}\n`);
  });

  test('Q-2.28: a retry respawns its window, also in another life', async () => {
    world = rig('tmux');
    const first = await began('echo OK', { label: '1' });
    await world.jobs.watch(first.job, watchAll);
    const second = await began('echo OK', { label: '1' });
    await world.jobs.watch(second.job, watchAll);
    expect(second.window).toBe(first.window);
    const other = world.again();
    const third = await world.job('echo OK', { label: '1' });
    expect(await other.launch(third)).toMatchObject({ window: first.window });
    endedOf(await other.watch(third, watchAll));
    expect(windows()).toHaveLength(2);
    expect(world.tmux('list-panes', '-a').split('\n')).toHaveLength(2);
    // A person closes the finished window: the next try gets a new one.
    world.tmux('kill-window', '-t', first.window!);
    const fourth = await world.job('echo OK', { label: '1' });
    expect(await other.launch(fourth)).toMatchObject({ kind: 'began', transport: 'tmux' });
    expect(endedOf(await other.watch(fourth, watchAll)).exit?.code).toBe(0);
  });

  test('Q-2.27: finished windows beyond the limit are closed, oldest first; twelve units are no trouble', async () => {
    world = rig('tmux');
    const jobs = world.again({
      tmux: {
        command: world.command,
        sessionName: 'sequential-x',
        keepWindows: 3,
        specRealpath: '/a',
        statusFile: join(world.dir, 'status.log'),
      },
    });
    for (let unit = 1; unit <= 12; unit++) {
      const job = await world.job('echo OK', { label: String(unit) });
      expect((await jobs.launch(job)).kind).toBe('began');
      endedOf(await jobs.watch(job, watchAll));
      // A person closes one of them by hand meanwhile.
      if (unit === 6) world.tmux('kill-window', '-t', '=sequential-x:task-4');
    }
    expect(windows().map(line => line.split(' ')[1])).toEqual(['seqrun', 'task-10', 'task-11', 'task-12']);
  });

  test('Q-2.25: a person closes the window: seen within seconds, the tree lives until it is ended', async () => {
    world = rig('tmux');
    const { job, window } = await began(waiting);
    const pid = await pidIn(join(world.workdir, 'pid'));
    const watching = world.jobs.watch(job, watchAll);
    world.tmux('kill-window', '-t', window!);
    expect(await watching).toEqual({ kind: 'window_closed' });
    expect(isAlive(pid)).toBe(true);
    const report = await world.jobs.end(job);
    expect(report).toMatchObject({ windowClosed: true, exit: { signal: 'TERM' } });
    expect(isAlive(pid)).toBe(false);
  });

  test('Q-2.25: a window closed while no seqrun lived is noticed by the one that adopts the start', async () => {
    world = rig('tmux');
    const { job, window } = await began(waiting);
    await pidIn(join(world.workdir, 'pid'));
    world.tmux('kill-window', '-t', window!);
    const other = world.again();
    expect(await other.reconcile(refOf(job))).toMatchObject({ kind: 'alive', transport: 'tmux', window });
    expect(await other.watch(refOf(job), watchAll)).toEqual({ kind: 'window_closed' });
    expect((await other.end(refOf(job))).windowClosed).toBe(true);
  });

  test.each([
    ['session', ['kill-session', '-t', '=sequential-x']],
    ['server', ['kill-server']],
  ])('Q-2.25: a killed %s leaves the work alone; the next unit makes a new session', async (_what, kill) => {
    world = rig('tmux');
    const { job } = await began(waiting);
    const pid = await pidIn(join(world.workdir, 'pid'));
    // Keeps the server alive when only the session goes.
    world.tmux('new-session', '-d', '-s', 'other', 'sleep', '1000');
    const watching = world.jobs.watch(job, watchAll);
    world.tmux(...kill);
    // Several looks pass.
    await new Promise(resolve => setTimeout(resolve, 400));
    expect(isAlive(pid)).toBe(true);
    letGo();
    const report = endedOf(await watching);
    expect(report).toMatchObject({ exit: { code: 0 }, windowClosed: false, facts: { finalText: 'OK' } });
    // Somebody else's session may have our old ids by now.
    world.tmux('new-session', '-d', '-s', 'theirs', '-n', 'theirs', 'sleep', '1000');
    await world.run('echo OK', { label: '2' });
    expect(windows().filter(line => !line.startsWith('other'))).toEqual([
      'sequential-x seqrun',
      'sequential-x task-2',
      'theirs theirs',
    ]);
  });

  test('Q-2.25: Ctrl-C in the window reaches the agent and is reported', async () => {
    world = rig('tmux');
    const { job, window } = await began('echo $$ >pid; exec sleep 600');
    await pidIn(join(world.workdir, 'pid'));
    const watching = world.jobs.watch(job, watchAll);
    world.tmux('send-keys', '-t', window!, 'C-c');
    expect(endedOf(await watching)).toMatchObject({ exit: { signal: 'INT', interrupt: true }, windowClosed: false });
  });

  test('other signals of a terminal do not end launch.sh, and the agent keeps its own defaults', async () => {
    world = rig('tmux');
    const { job, pid } = await began('echo $$ >pid; exec sleep 600');
    const agent = await pidIn(join(world.workdir, 'pid'));
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGQUIT', 'SIGINT']) process.kill(pid, signal);
    const ignored = /^SigIgn:\s+(\S+)/m.exec(readFileSync(`/proc/${agent}/status`, 'utf8'))![1]!;
    expect(BigInt(`0x${ignored}`) & 0b100000000000111n).toBe(0n);
    expect(isAlive(pid)).toBe(true);
    process.kill(agent, 'SIGHUP');
    expect(endedOf(await world.jobs.watch(job, watchAll)).exit).toMatchObject({ signal: 'HUP', interrupt: true });
  });

  test('Q-2.29: a tmux that refuses: the same start goes on plain, once, and says so', async () => {
    world = rig('tmux');
    // A file where tmux wants a folder.
    writeFileSync(join(world.dir, 'no-socket'), '');
    const jobs = world.again({
      tmux: {
        command: ['tmux', '-S', join(world.dir, 'no-socket', 'socket')],
        sessionName: 'sequential-x',
        keepWindows: 3,
        specRealpath: '/a',
        statusFile: '/dev/null',
      },
    });
    const job = await world.job('echo x >>ran; echo OK');
    expect(await jobs.launch(job)).toMatchObject({ kind: 'began', transport: 'plain', window: null });
    expect(endedOf(await jobs.watch(job, watchAll))).toMatchObject({
      exit: { code: 0 },
      classification: { class: 'success' },
    });
    expect(readFileSync(join(world.workdir, 'ran'), 'utf8')).toBe('x\n');
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0]).toMatch(/tmux .*runs without a window/);
    expect(readFileSync(startPaths(job.folder).claim, 'utf8')).toMatch(/^given up: tmux /);
    expect(await world.again().reconcile(refOf(job))).toMatchObject({ kind: 'ended', report: { exit: { code: 0 } } });
  });

  test('a stopped server that was asked by the client that stays: given up, and nothing runs when it goes on', async () => {
    world = rig('tmux', { launchTimeoutMs: 500 });
    await world.run('echo OK', { label: '1' });
    const server = Number(world.tmux('display-message', '-p', '#{pid}'));
    process.kill(server, 'SIGSTOP');
    const job = await world.job('echo x >ran', { label: '2' });
    const seen = await world.jobs.launch(job).finally(() => process.kill(server, 'SIGCONT'));
    expect(seen).toMatchObject({ kind: 'not_started' });
    // Whether the call of a client that was killed is still done, the server decides: alive it must not stay.
    await until(
      'no window of it that lives',
      () => !world.tmux('list-panes', '-a', '-F', '#{pane_dead} #{window_name}').split('\n').includes('0 task-2'),
    );
    expect(existsSync(join(world.workdir, 'ran'))).toBe(false);
    expect(await world.jobs.reconcile(refOf(job))).toMatchObject({ kind: 'not_started' });
    expect((await world.run('echo OK', { label: '3' })).exit?.code).toBe(0);
  });

  test('a stopped server: given up, and when it goes on its late launch.sh does nothing', async () => {
    world = rig('tmux', { launchTimeoutMs: 500 });
    await world.run('echo OK', { label: '1' });
    // Without the client that stays, the call is in the server's socket and will be done.
    world.tmux('detach-client', '-s', '=sequential-x:');
    await until('no client', () => world.tmux('list-clients') === '');
    const server = Number(world.tmux('display-message', '-p', '#{pid}'));
    process.kill(server, 'SIGSTOP');
    const job = await world.job('echo x >ran', { label: '2' });
    const seen = await world.jobs.launch(job).finally(() => process.kill(server, 'SIGCONT'));
    expect(seen).toMatchObject({ kind: 'not_started' });
    expect(seen.kind === 'not_started' && seen.message).toMatch(/tmux new-window: no answer within 500 ms/);
    await until('the late window to be over', () =>
      world.tmux('list-panes', '-a', '-F', '#{pane_dead} #{window_name}').split('\n').includes('1 task-2'),
    );
    expect(existsSync(join(world.workdir, 'ran'))).toBe(false);
    expect(await world.jobs.reconcile(refOf(job))).toMatchObject({ kind: 'not_started' });
  });

  test('a stopped server delays no unit, and shows the end of it when it goes on', async () => {
    world = rig('tmux');
    await world.run('echo OK', { label: '1' });
    const { job, window } = await began('while [ ! -e go ]; do sleep 0.02; done; seq 1 100000; echo OK', {
      label: '2',
    });
    const server = Number(world.tmux('display-message', '-p', '#{pid}'));
    process.kill(server, 'SIGSTOP');
    letGo();
    try {
      expect(endedOf(await world.jobs.watch(job, watchAll))).toMatchObject({ exit: { code: 0 }, windowClosed: false });
    } finally {
      process.kill(server, 'SIGCONT');
    }
    await until('the end', () => /\b100000\s+OK\b/.test(screen(window!)));
  });

  test('the shortest job is shown whole, and its pane is dead', async () => {
    world = rig('tmux');
    for (const label of ['1', '2', '3', '4', '5', '6']) {
      const { job, window } = await began(`echo this is ${label}`, { label });
      endedOf(await world.jobs.watch(job, watchAll));
      await until('a dead pane', () => world.tmux('display-message', '-p', '-t', window!, '#{pane_dead}') === '1');
      // tmux scrolls by one line for its own word about the end.
      expect(world.tmux('capture-pane', '-p', '-S', '-', '-t', window!)).toContain(`this is ${label}`);
    }
  });

  test('a process without a terminal, and one that has gone, give no pane to write to', async () => {
    world = rig('tmux');
    const source = processSource();
    const child = spawn('sleep', ['600'], { detached: true });
    const row = await until('the child', () => source.one(child.pid!));
    expect(openPaneTty(source, { pid: row.pid, start: row.startTime })).toBe(null);
    child.kill('SIGKILL');
    const { pid, job } = await began('sleep 600');
    expect(source.terminalOf(pid)).toBe(world.tmux('list-panes', '-a', '-F', '#{pane_tty}').split('\n').at(-1));
    expect(openPaneTty(source, { pid, start: '1' })).toBe(null);
    await world.jobs.end(job);
  });

  test('a unit starts no tmux client: the one that stays is asked, also where old windows are closed', async () => {
    world = rig('tmux');
    const log = join(world.dir, 'calls');
    const counted = `echo "$1" >>'${log}'; exec ${world.command.join(' ')} "$@"`;
    const jobs = world.again({
      checkEveryMs: 60_000,
      tmux: {
        command: ['sh', '-c', counted, 'tmux'],
        sessionName: 'x',
        keepWindows: 1,
        specRealpath: '/a',
        statusFile: '/dev/null',
      },
    });
    for (const label of ['1', '2', '3', '3', '4']) {
      const job = await world.job('echo OK', { label });
      await jobs.launch(job);
      endedOf(await jobs.watch(job, watchAll));
    }
    const calls = readFileSync(log, 'utf8').trim().split('\n');
    expect(calls.sort()).toEqual(['-C', 'display-message', 'list-panes', 'list-sessions', 'new-session']);
    expect(windows()).toEqual(['x seqrun', 'x task-4']);
  });

  test('the client that stays is thrown out: the next units are opened all the same', async () => {
    world = rig('tmux');
    await world.run('echo OK', { label: '1' });
    await until('our client', () => world.tmux('list-clients', '-F', '#{client_control_mode}') === '1');
    world.tmux('detach-client', '-s', '=sequential-x:');
    await until('no client', () => world.tmux('list-clients') === '');
    expect((await world.run('echo OK', { label: '2' })).exit?.code).toBe(0);
    expect((await world.run('echo OK', { label: '1' })).exit?.code).toBe(0);
    expect(windows()).toEqual(['sequential-x seqrun', 'sequential-x task-1', 'sequential-x task-2']);
  });

  test('what attach needs: the session of a spec, its windows, words that work', async () => {
    world = rig('tmux');
    await world.run('echo OK', { label: '1.1' });
    await world.run('echo OK', { label: '1.1' });
    await world.run('echo OK', { label: '2' });
    const client = tmuxClient({ command: world.command, env: world.env });
    const [session] = await findSessions(client, join(world.dir, 'spec'));
    const found = windowOf(await listWindows(client, session!.id), '1.1-agent')!;
    expect(found).toMatchObject({ name: 'task-1_1', start: '2-1.1-agent' });
    expect(windowOf(await listWindows(client, session!.id), '1-agent')).toBe(null);
    expect(attachHint(client, session!)).toBe(`${world.command.join(' ')} attach -t sequential-x`);
    expect(attachArgs(session!, found, false)).toEqual(['attach-session', '-t', `${session!.id}:${found.window}`]);
    // Without a terminal tmux can only complain about that: the target was understood.
    expect(() => world.tmux(...attachArgs(session!, found, false))).toThrow(/not a terminal/);
    expect(await findSessions(client, '/no/such')).toEqual([]);
  });
});
