// Every way in which a person or the machine ends a run in the middle, and how the next start goes on.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTmux, makeWorld, type Running, rarely, someTransports, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
/** Unit 2 works until it is told to go on: the first time with a child of its own, later to its end. */
const agent = `printf '%s\\n' "$ARGS" >>"$AGENT_LOG.args"
if [ "$UNIT$K" = 21 ]; then
  say "looking around"
  sleep 617 & wait_for; kill -9 $!
fi
done_`;
const args = (): string[] => readFileSync(`${world.env.AGENT_LOG}.args`, 'utf8').trim().split('\n');

const startIntoTwo = async (flags: string[], body = agent): Promise<Running> => {
  world = makeWorld({ tasks: threeUnits });
  world.codex(body);
  const runner = world.start(['--spec', spec, '--delay', '0', ...flags]);
  await until(
    'unit 2 to work',
    () =>
      existsSync(world.journal()) &&
      world.state()?.current?.unit === '2' &&
      world.living().some(one => one === 'sleep 617'),
  );
  return runner;
};
const agentIsGone = () => until('the tree of the agent to be gone', () => world.living().length === 0, 10_000);

/** After a stop: one more start, in the same agent session, and the rest. */
const checkGoesOn = async (flags: string[]) => {
  const before = world.state().units['2'];
  expect(before).toMatchObject({ attempts: 0, follow_ups: 0, interrupted: 0 });
  const again = await world.run(['--spec', spec, '--delay', '0', ...flags]);
  expect(again.code, again.err).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '2', '3']);
  expect(before.session_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(args()[2]).toMatch(new RegExp(`^exec resume .*${before.session_id}`));
  expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1 });
  expect(world.litter()).toEqual([]);
};

describe.each(someTransports)('in %s', transport => {
  const flags = transport === 'plain' ? ['--no-tmux'] : [];

  test.each([
    ['SIGINT', 130, 'Ctrl-C'],
    ['SIGTERM', 143, 'SIGTERM'],
  ] as const)('%s: the tree is ended, the state saved, exit %i', async (signal, code, because) => {
    const runner = await startIntoTwo(flags);
    runner.child.kill(signal);
    const result = await runner.done;
    expect([result.code, result.signal], result.err).toEqual([code, null]);
    await agentIsGone();
    expect(world.state()).toMatchObject({ current: null, last_end: { exit: code, because } });
    expect(world.progress()).toMatch(new RegExp(`\\*\\*Stopped:\\*\\* .*\\n\\nExit ${code}: ${because}`));
    await checkGoesOn(flags);
  });

  test('SIGINT twice: an agent that does not end is left, said so, and adopted by the next start', async () => {
    const runner = await startIntoTwo(flags, `trap '' TERM\n${agent}`);
    runner.child.kill('SIGINT');
    await until('it to be asked to end', () => world.events().some(event => event.type === 'start.ending'));
    runner.child.kill('SIGINT');
    const result = await runner.done;
    expect([result.code, result.signal], result.err).toEqual([130, null]);
    expect(result.err).toContain('run seqrun again and it goes on with it');
    expect(world.living()).toContain('sleep 617');
    const again = world.start(['--spec', spec, '--delay', '0', ...flags]);
    await until('it to be adopted', () => again.text().includes('Start 2 is still running'));
    world.go();
    const { code, err } = await again.done;
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0 });
  });

  rarely(
    'SIGINT twice, and the agent ends by itself before the next start: interrupted by a person, same session',
    async () => {
      const runner = await startIntoTwo(
        flags,
        `trap 'exit 0' TERM\n${agent.replace('sleep 617 &', 'sleep 617 & (trap "" TERM; sleep 1) &')}`,
      );
      runner.child.kill('SIGINT');
      await until('it to be asked to end', () => world.events().some(event => event.type === 'start.ending'));
      runner.child.kill('SIGINT');
      await runner.done;
      await agentIsGone();
      const again = await world.run(['--spec', spec, '--delay', '0', ...flags]);
      expect(again.code, again.err).toBe(0);
      expect(world.starts()).toEqual(['1', '2', '2', '3']);
      const second = world.state().units['2'];
      expect(second).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0 });
      expect(args()[2]).toMatch(new RegExp(`^exec resume .*${second.session_id}`));
    },
  );

  test('stop: the unit runs to its end, then 2; the next start goes on behind it', async () => {
    const runner = await startIntoTwo(flags);
    const stop = await world.run(['stop', '--spec', spec]);
    expect([stop.code, stop.err]).toEqual([0, expect.stringContaining('stops after this unit')]);
    await until('the stop to be taken', () => runner.text().includes('Command: stop'));
    expect(world.starts()).toEqual(['1', '2']);
    world.go();
    const result = await runner.done;
    expect([result.code, world.starts()]).toEqual([2, ['1', '2']]);
    expect(world.state().units['2']).toMatchObject({ status: 'completed' });
    expect((await world.run(['why', '--spec', spec])).out).toContain(
      'its last run ended with 2: stopped with seqrun stop',
    );
    const again = await world.run(['--spec', spec, '--delay', '0', ...flags]);
    expect([again.code, world.starts()]).toEqual([0, ['1', '2', '3']]);
  });

  test('stop --now from another process: the tree is ended, 2, the next start goes on', async () => {
    const runner = await startIntoTwo(flags);
    const stop = await world.run(['stop', '--now', '--spec', spec]);
    expect([stop.code, stop.err]).toEqual([0, expect.stringContaining('ends the agent and stops')]);
    const result = await runner.done;
    expect(result.code, result.err).toBe(2);
    await agentIsGone();
    expect(world.state().last_end).toMatchObject({ exit: 2, because: 'stopped with seqrun stop --now' });
    await checkGoesOn(flags);
  });
});

test('Ctrl-C during a wait: no agent is said to be ended, none is started', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  const runner = world.start(['--spec', spec, '--delay', '600', '--no-tmux']);
  await until('the wait before unit 2', () => runner.text().includes('before next iteration'));
  runner.child.kill('SIGINT');
  const { code, err } = await runner.done;
  expect([code, world.starts()], err).toEqual([130, ['1']]);
  expect(err).toContain('Ctrl-C: stopping');
  expect(err).not.toContain('ending the agent');
});

rarely('stop before the runner has begun its run: taken before the first unit', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  // Something of another start works here: the runner has taken the workspace, and waits a moment for its end.
  const stranger = spawn('sleep', ['60'], {
    cwd: world.repo,
    env: { ...world.env, SEQRUN_START: 'another' },
    stdio: 'ignore',
  });
  const runner = world.start(['--spec', spec, '--delay', '0', '--no-tmux']);
  await until('the workspace to be taken', () => existsSync(world.journal()));
  const stop = await world.run(['stop', '--spec', spec]);
  stranger.kill('SIGKILL');
  expect([stop.code, stop.err]).toEqual([0, expect.stringContaining(`pid ${runner.child.pid} holds this workspace`)]);
  expect(stop.err).not.toContain('nothing is running');
  const { code, err } = await runner.done;
  expect([code, world.starts()], err).toEqual([2, []]);
  expect(world.state().last_end).toMatchObject({ exit: 2, because: 'stopped with seqrun stop' });
});

test('stop of a spec while another one of the folder runs: says which', async () => {
  world = makeWorld({ tasks: threeUnits, files: { '.kiro/specs/other/tasks.md': threeUnits } });
  world.codex('wait_for\ndone_');
  const runner = world.start(['--spec', spec, '--delay', '0', '--no-tmux']);
  await until('unit 1 to run', () => world.state()?.current?.unit === '1');
  const stop = await world.run(['stop', '--spec', '.kiro/specs/other']);
  expect([stop.code, stop.err]).toEqual([0, expect.stringContaining(`runs ${world.specFolder} in this workspace`)]);
  expect(stop.err).not.toContain('nothing is running');
  world.go();
  expect((await runner.done).code).toBe(0);
});

test.skipIf(process.platform !== 'linux')('what survived KILL is waited for: nothing starts beside it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('[ "$UNIT" != 1 ] || wait_for\ndone_');
  const flags = ['--spec', spec, '--delay', '0', '--no-tmux'];
  const runner = world.start([...flags, '--max-iterations', '1']);
  await until('unit 1 to run', () => world.state()?.current?.unit === '1');
  world.go();
  expect((await runner.done).code).toBe(1);
  // Nothing survives KILL on demand: the journal says so of one that nobody has tried to end.
  const survivor = spawn('sleep', ['60'], { cwd: '/', env: world.env, stdio: 'ignore' });
  const startTime = readFileSync(`/proc/${survivor.pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[19]!;
  const withLeft = (startedAs: string) =>
    writeFileSync(
      world.journal(),
      `${world
        .events()
        .map(event =>
          event.type === 'start.ended'
            ? { ...event, left: [{ pid: survivor.pid, startTime: startedAs, command: 'sleep 60', ended: false }] }
            : event,
        )
        .map(event => JSON.stringify(event))
        .join('\n')}\n`,
    );
  withLeft(startTime);
  const refused = await world.run(flags);
  expect(refused.code, refused.err).toBe(2);
  expect(refused.err).toContain(`a process of start 1 survived KILL and still lives: ${survivor.pid} sleep 60`);
  expect(world.starts()).toEqual(['1']);
  // Another process has its number: that one is nobody's business.
  withLeft('1');
  expect((await world.run([...flags, '--max-iterations', '1'])).code).toBe(1);
  expect(world.starts()).toEqual(['1', '2']);
  withLeft(startTime);
  survivor.kill('SIGKILL');
  await new Promise(resolve => survivor.once('close', resolve));
  expect((await world.run(flags)).code).toBe(0);
  expect(world.starts()).toEqual(['1', '2', '3']);
});

describe.skipIf(!hasTmux)('what a person does in tmux', () => {
  const window = () =>
    world
      .tmux('list-windows', '-a', '-F', '#{window_id} #{window_name}')
      .split('\n')
      .find(line => line.endsWith(' task-2'))!
      .split(' ')[0]!;

  test('Q-2.25: the window is closed: the unit is stopped, 2, tree gone, same session next time', async () => {
    const runner = await startIntoTwo([]);
    world.tmux('kill-window', '-t', window());
    const result = await runner.done;
    expect(result.code, result.err).toBe(2);
    expect(result.out).toContain('stopped in tmux: the window was closed');
    await agentIsGone();
    await checkGoesOn([]);
  });

  test('Q-2.25: Ctrl-C in the window: as if it were closed', async () => {
    const runner = await startIntoTwo([]);
    world.tmux('send-keys', '-t', window(), 'C-c');
    const result = await runner.done;
    expect(result.code, result.err).toBe(2);
    expect(result.out).toContain('stopped in tmux: Ctrl-C in the window');
    await agentIsGone();
    await checkGoesOn([]);
  });

  test.each([
    ['session', ['kill-session', '-t', '=sequential-demo:']],
    ['server', ['kill-server']],
  ])('Q-2.25: the %s is killed: the work goes on, the next unit has a window again', async (_what, command) => {
    const runner = await startIntoTwo([]);
    world.tmux(...command);
    await until('it to be gone', () => world.tmux('list-sessions') === '');
    expect(world.living()).toContain('sleep 617');
    world.go();
    const { code, err } = await runner.done;
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.state().units['2']).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0 });
    expect(world.tmux('list-windows', '-a', '-F', '#{window_name}').trim().split('\n')).toEqual(['seqrun', 'task-3']);
  });

  test('looking, switching, splitting and renaming disturb nothing', async () => {
    const runner = await startIntoTwo([]);
    world.tmux('select-window', '-t', window());
    world.tmux('split-window', '-d', '-t', window(), 'sleep 100');
    world.tmux('rename-window', '-t', window(), 'task-2');
    world.tmux('rename-session', '-t', '=sequential-demo', 'mine');
    world.go();
    const { code, err } = await runner.done;
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});
