// Never two at a time: a second spec in a workspace where an agent was left behind, a second runner, a lock taken over.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, type Running, rarely, someTransports, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const a = '.kiro/specs/demo';
const b = '.kiro/specs/other';
const twoSpecs = () => makeWorld({ tasks: threeUnits, files: { [`${b}/tasks.md`]: '- [ ] 1. Other one\n' } });

/** Logs the spec beside the unit, and waits in unit 2 of A. */
const agent =
  'printf "%s %s\\n" "$SEQRUN_SPEC" "$UNIT" >>"$AGENT_LOG.specs"\n[ "$SEQRUN_SPEC $UNIT" != "demo 2" ] || wait_for\ndone_';
const asked = (): string[] => readFileSync(`${world.env.AGENT_LOG}.specs`, 'utf8').trim().split('\n');

const kill = async (runner: Running) => {
  runner.child.kill('SIGKILL');
  await runner.done;
};
const untilUnitTwo = () =>
  until(
    'unit 2 of A to run',
    () => existsSync(world.journal('demo')) && world.starts().length === 2 && world.state()?.current?.unit === '2',
  );

describe.each(someTransports)('in %s', transport => {
  const flags = ['--delay', '0', ...(transport === 'plain' ? ['--no-tmux'] : [])];

  test('another spec waits for an agent that a killed runner left behind, and nothing is paid twice', async () => {
    world = twoSpecs();
    world.codex(agent);
    const first = world.start(['--spec', a, ...flags]);
    await untilUnitTwo();
    await kill(first);

    const refused = await world.run(['--spec', b, ...flags]);
    expect(refused.code).toBe(75);
    expect(refused.err).toMatch(/unit 2 of \S*\.kiro\/specs\/demo is still running in this workspace/);
    expect(refused.err).toMatch(/seqrun --spec \S*demo goes on with it, seqrun stop --now --spec \S*demo ends it/);
    expect(asked()).toEqual(['demo 1', 'demo 2']);
    expect(world.state('other')).toBeUndefined();
    // Refused again, not worn down by asking.
    expect((await world.run(['--spec', b, ...flags])).code).toBe(75);

    world.go();
    await until('the agent of A to end', () => !world.living().some(command => command.includes('codex')));
    const second = await world.run(['--spec', b, ...flags]);
    expect(second.code, second.err).toBe(0);
    expect(asked()).toEqual(['demo 1', 'demo 2', 'other 1']);

    const third = await world.run(['--spec', a, ...flags]);
    expect(third.code, third.err).toBe(0);
    expect(asked()).toEqual(['demo 1', 'demo 2', 'other 1', 'demo 3']);
    expect(world.state('demo').units['2']).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0, lost: 0 });
  });

  test('stop --now ends the agent of the other spec, which then goes on in its session', async () => {
    world = twoSpecs();
    world.codex(`printf '%s\\n' "$ARGS" >>"$AGENT_LOG.args"\n[ $K = 1 ] || done_\n${agent}`);
    const first = world.start(['--spec', a, ...flags]);
    await untilUnitTwo();
    await kill(first);
    const stop = await world.run(['stop', '--now', '--spec', a]);
    expect(stop.code, stop.err).toBe(0);
    await until('every process to end', () => world.living().length === 0);
    const status = await world.run(['status', '--spec', a]);
    expect(status.out).toContain(
      'its last run ended with 2: the runner was gone; start 2 was ended with seqrun stop --now',
    );
    expect(world.progress()).toContain('**Stopped:** ');
    expect((await world.run(['--spec', b, ...flags])).code).toBe(0);
    const again = await world.run(['--spec', a, ...flags]);
    expect(again.code, again.err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '1', '2', '3']);
    const args = readFileSync(`${world.env.AGENT_LOG}.args`, 'utf8').trim().split('\n');
    expect(args[3]).toMatch(new RegExp(`resume .*${world.state('demo').units['2'].session_id}`));
  });
});

const flags = ['--delay', '0', '--no-tmux'];

test('a second runner of the same spec, of the same folder, of the same workspace: 75 and what to do', async () => {
  world = twoSpecs();
  const elsewhere = join(world.repo, 'plans', 'third');
  mkdirSync(elsewhere, { recursive: true });
  writeFileSync(join(elsewhere, 'tasks.md'), '- [ ] 1. Third\n');
  world.codex(agent);
  const first = world.start(['--spec', a, ...flags]);
  await untilUnitTwo();
  for (const spec of [a, b, 'plans/third']) {
    const second = await world.run(['--spec', spec, '--workdir', '.', ...flags]);
    expect(second.code, spec).toBe(75);
    expect(second.err).toContain(`process ${first.child.pid} `);
    expect(second.err).toMatch(/seqrun status.*seqrun stop/);
  }
  // What is asked about the other spec is not told of this one's runner, and what is decided for it is refused.
  const status = await world.run(['status', '--spec', b]);
  expect(status.out).toContain('it was never started');
  expect((await world.run(['skip', '1', '--spec', b])).code).toBe(75);
  const stop = await world.run(['stop', '--now', '--spec', b]);
  expect([stop.code, stop.err]).toEqual([0, expect.stringContaining('this spec is not running: pid ')]);
  expect(asked()).toEqual(['demo 1', 'demo 2']);
  world.go();
  expect((await first.done).code).toBe(0);
});

test('the lock beside the specs is removed (git clean): the runner is still found, and told to stop', async () => {
  world = twoSpecs();
  world.codex(agent);
  const first = world.start(['--spec', a, ...flags]);
  await untilUnitTwo();
  rmSync(join(world.specsFolder, 'SEQUENTIAL_STATE.lock'), { recursive: true });
  expect((await world.run(['status', '--spec', a])).out).not.toContain('the runner is gone');
  const stop = await world.run(['stop', '--spec', a]);
  expect(stop.err).toContain(`the runner (pid ${first.child.pid}) stops after this unit`);
  world.go();
  expect((await first.done).code).toBe(2);
  expect(asked()).toEqual(['demo 1', 'demo 2']);
});

test('a killed runner whose agent has ended: its locks are taken over without a word', async () => {
  world = twoSpecs();
  world.codex(agent);
  const first = world.start(['--spec', a, ...flags]);
  await untilUnitTwo();
  await kill(first);
  world.go();
  await until('the agent to end', () => !world.living().some(command => command.includes('codex')));
  const second = await world.run(['--spec', b, ...flags]);
  expect(second.code, second.err).toBe(0);
  const third = await world.run(['--spec', a, ...flags]);
  expect(third.code, third.err).toBe(0);
  expect(asked()).toEqual(['demo 1', 'demo 2', 'other 1', 'demo 3']);
});

const otherLocks: [string, string, Record<string, string>][] = [
  ['its agent makes the workdir a repository of its own', 'git init -q .', {}],
  ['another state home', ':', { XDG_STATE_HOME: 'xdg2' }],
];
for (const [name, does, env] of otherLocks) {
  rarely(`a second spec begins in a pause, and no lock tells of the first one: ${name}`, async () => {
    world = makeWorld({
      tasks: threeUnits,
      files: {
        'app/.kiro/specs/demo/tasks.md': threeUnits,
        'app/plans/other/tasks.md': '- [ ] 1. One\n- [ ] 2. Two\n',
      },
    });
    world.codex(
      `echo begin >>"$AGENT_LOG.turns"\n[ "$SEQRUN_SPEC" = other ] || ${does}\nsleep 0.7\necho end >>"$AGENT_LOG.turns"\ndone_`,
    );
    const cwd = join(world.repo, 'app');
    const first = world.start(['--spec', a, '--delay', '1', '--no-tmux'], { cwd });
    await until('unit 1 to be done', () => first.text().includes('Unit 1: completed'));
    const moved = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, join(world.root, value)]));
    const other = ['--spec', 'plans/other', '--workdir', '.', '--delay', '1', '--no-tmux'];
    const second = world.start(other, { cwd, env: moved });
    for (const { code, err } of await Promise.all([first.done, second.done])) expect(code, err).toBe(0);
    const turns = readFileSync(`${world.env.AGENT_LOG}.turns`, 'utf8').trim().split('\n');
    expect(turns).toEqual(Array.from({ length: 5 }, () => ['begin', 'end']).flat());
  });
}

rarely('a start that is not of this run lives on in a pause: 75 with its pid, and nothing beside it', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('done_');
  const runner = world.start(['--spec', a, '--delay', '1', '--no-tmux']);
  await until('unit 1 to be done', () => runner.text().includes('Unit 1: completed'));
  const env = { ...world.env, SEQRUN_START: 'another' };
  const stranger = spawn('sleep', ['60'], { cwd: world.repo, env, stdio: 'ignore' });
  const { code, out, err } = await runner.done;
  stranger.kill('SIGKILL');
  expect([code, world.starts()], err).toEqual([75, ['1']]);
  expect(out).toContain(`a process of another start is still alive in this workspace (pid ${stranger.pid})`);
  expect(world.state().last_end).toMatchObject({ exit: 75 });
  expect((await world.run(['--spec', a, ...flags])).code).toBe(0);
});

test('ten runners at once: one runs, nine are told, every unit once', async () => {
  world = makeWorld({ tasks: threeUnits });
  world.codex('wait_for; done_');
  const runners = Array.from({ length: 10 }, () => world.start(['--spec', a, ...flags]));
  const losers = new Set<Running>();
  for (const runner of runners) void runner.done.then(() => losers.add(runner));
  await until('nine to be refused', () => losers.size === 9);
  world.go();
  const codes = (await Promise.all(runners.map(runner => runner.done))).map(({ code }) => code).sort();
  expect(codes).toEqual([0, ...Array(9).fill(75)]);
  expect(world.starts()).toEqual(['1', '2', '3']);
});
