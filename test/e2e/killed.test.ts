// The runner is killed (-9) at every kind of moment and started again: nothing is paid for twice, nothing is lost.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTmux, makeWorld, type Running, threeUnits, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const waitInTwo = '[ "$UNIT" != 2 ] || wait_for\ndone_';

const kill = async (runner: Running) => {
  runner.child.kill('SIGKILL');
  expect((await runner.done).signal).toBe('SIGKILL');
};

/** Runs until the agent of unit 2 works and the runner knows it, then kills the runner. */
const killInUnitTwo = async (flags: string[]) => {
  const runner = world.start(['--spec', spec, ...flags]);
  await until('unit 2 to run', () => runningStart(2) && world.starts().length === 2);
  await kill(runner);
};

const runningStart = (n: number): boolean => {
  if (!existsSync(world.journal())) return false;
  // The last line may be half-written.
  return readFileSync(world.journal(), 'utf8')
    .split('\n')
    .some(line => line.includes('"start.began"') && line.includes(`"n":${n},`));
};

const startFolder = (n: number): string => {
  const starts = join(dirname(world.journal()), 'starts');
  return join(starts, readdirSync(starts).find(name => name.startsWith(`${n}-`))!);
};
const hasEnded = (n: number): boolean => {
  const path = join(startFolder(n), 'exit.json');
  return existsSync(path) && readFileSync(path, 'utf8').trim() !== '';
};

/** What must hold once the spec is done, however often the runner died. */
const checkDone = (runs: number) => {
  expect(world.starts()).toEqual(['1', '2', '3']);
  expect(world.tasks()).not.toContain('[ ]');
  const progress = world.progress();
  expect([...progress.matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => n)).toEqual(['1', '2', '3']);
  expect([...progress.matchAll(/^- \*\*Task:\*\* (\S+)/gm)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  expect([...progress.matchAll(/^## Run (\d+)/gm)].map(([, n]) => Number(n))).toEqual(
    Array.from({ length: runs }, (_, k) => k + 1),
  );
  const markers = [...progress.matchAll(/<!-- seqrun demo \d+ -->/g)].map(([marker]) => marker);
  expect(new Set(markers).size).toBe(markers.length);
  expect(world.state()).toMatchObject({ iterations: 3, last_start: 3, current: null });
  for (const unit of ['1', '2', '3']) {
    expect(world.state().units[unit]).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0, lost: 0 });
  }
  expect(world.litter()).toEqual([]);
};

describe.each(hasTmux ? ['tmux', 'plain'] : ['plain'])('in %s', transport => {
  const flags = ['--delay', '0', ...(transport === 'plain' ? ['--no-tmux'] : [])];

  test('killed while a unit works: the next start adopts the agent and goes on', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(waitInTwo);
    await killInUnitTwo(flags);
    const why = await world.run(['why', '--spec', spec]);
    expect(why.out).toContain('the runner is gone while start 2 (unit 2) is open');
    const again = world.start(['--spec', spec, ...flags]);
    await until('the agent to be adopted', () => again.text().includes('Start 2 is still running'));
    world.go();
    const { code, err, out } = await again.done;
    expect(code, err + out).toBe(0);
    checkDone(2);
    expect(
      world
        .events()
        .filter(event => event.type === 'start.began')
        .map(event => [event.n, event.adopted]),
    ).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [3, false],
    ]);
    if (transport === 'tmux') {
      expect(world.tmux('list-windows', '-a', '-F', '#{window_name}').trim().split('\n')).toEqual([
        'seqrun',
        'task-1',
        'task-2',
        'task-3',
      ]);
    }
  });

  test('the agent ends while no runner is alive: its outcome is taken from the files', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(waitInTwo);
    await killInUnitTwo(flags);
    world.go();
    await until('the agent to end', () => hasEnded(2));
    const again = await world.run(['--spec', spec, ...flags]);
    expect(again.code, again.err).toBe(0);
    checkDone(2);
    expect(JSON.parse((await world.run(['receipt', '2', '--json', '--spec', spec])).out)).toMatchObject({
      outcome: 'completed',
    });
  });

  test('killed three times in one unit, each time adopted', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(waitInTwo);
    await killInUnitTwo(flags);
    for (let round = 0; round < 2; round++) {
      const again = world.start(['--spec', spec, ...flags]);
      await until('the agent to be adopted', () => again.text().includes('Start 2 is still running'));
      await kill(again);
    }
    world.go();
    const last = await world.run(['--spec', spec, ...flags]);
    expect(last.code, last.err).toBe(0);
    checkDone(4);
  });

  test('killed between an outcome and its box: the box is ticked, nothing is started for it', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(waitInTwo);
    const runner = world.start(['--spec', spec, '--no-write-tasks', ...flags]);
    await until('unit 2 to run', () => runningStart(2) && world.starts().length === 2);
    await until(
      'the outcome of unit 1 in both files',
      () => world.progress().includes('## Iteration 1') && world.state().current?.unit === '2',
    );
    const files = ['SEQUENTIAL_STATE.json', 'SEQUENTIAL_PROGRESS.md'].map(name => join(world.specsFolder, name));
    const before = files.map(file => readFileSync(file));
    world.go();
    await runner.done;
    // As it would be had the runner died right after the outcome of unit 2 was on disk.
    const lines = readFileSync(world.journal(), 'utf8').split('\n');
    const last = lines.findIndex(line => line.includes('"start.ended"') && line.includes('"n":2,'));
    writeFileSync(world.journal(), `${lines.slice(0, last + 1).join('\n')}\n`);
    for (const [k, file] of files.entries()) writeFileSync(file, before[k]!);
    const thirdStart = startFolder(3);
    writeFileSync(world.env.AGENT_LOG!, '1\n2\n');
    expect(world.tasks()).toContain('[ ] 2.');
    const again = await world.run(['--spec', spec, ...flags]);
    expect(again.code, again.err).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
    expect(world.tasks()).not.toContain('[ ]');
    expect(existsSync(thirdStart)).toBe(true);
    expect([...world.progress().matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => n)).toEqual(['1', '2', '3']);
  });
});
