// Processes that stand still, terminals that go away, and runners that begin in the same moment: nothing is started twice.
import { existsSync, writeFileSync } from 'node:fs';
import { spawn as spawnPty } from '@lydell/node-pty';
import { afterEach, describe, expect, test } from 'vitest';
import { few, hasTmux, type Result, until, type World } from '../harness.ts';
import {
  allDone,
  eventsOf,
  inWindows,
  kill,
  onceEach,
  pidsOf,
  plain,
  playRow,
  program,
  type Row,
  send,
  stand,
  titled,
  untilUnit,
  untilWait,
} from './environment.ts';

let world: World;
afterEach(() => {
  // A tmux server that stands still cannot be asked to end.
  send(pidsOf(world, 'all'), 'SIGCONT');
  world.close();
});

const slow = [...plain.slice(0, -1), '2'];
/** The first time unit 2 waits, then it ends at once. */
const once = '[ "$UNIT$K" != 21 ] || wait_for\ndone_';
/** Neither a byte nor CPU time until the world writes to the pipe. */
const silent = '[ "$UNIT" != 2 ] || { mkfifo "$AGENT_LOG.pipe"; read -r _ <"$AGENT_LOG.pipe"; }\ndone_';
const done = /all required units are done/;

/** What a clock brings and nothing else shows. */
const past = async (what: string, ms: number): Promise<void> => {
  const sinceMs = performance.now();
  await until(what, () => performance.now() - sinceMs > ms);
};

/** A call of seqrun in a terminal. */
const inTerminal = (args: string[]) => {
  const pty = spawnPty(process.execPath, [program, ...args], { cwd: world.repo, env: world.env, cols: 100, rows: 30 });
  let out = '';
  pty.onData(piece => {
    out += piece;
  });
  const ended = new Promise<Result>(resolve =>
    pty.onExit(({ exitCode, signal }) =>
      resolve({ code: signal ? null : exitCode, signal: signal ? 'SIGKILL' : null, out, err: '' }),
    ),
  );
  return { pid: pty.pid, ended, text: () => out, close: () => (pty as unknown as { destroy(): void }).destroy() };
};

const longStand = (limit: string[], ms: number, where: string, args: string[]): Row => ({
  fault: `everything stands still for ${ms / 1000} s with ${limit.join(' ')}, as in a suspended laptop`,
  moment: `while unit 2 works ${where}`,
  body: silent,
  args: [...args, ...limit],
  expected: { next: 'goes on as if nothing had been', exits: [0], agentStarts: onceEach, units: allDone, why: done },
  play: async (_, words) => {
    const run = world.start(words);
    await untilUnit(world, 2);
    // The first look at an agent always finds something new.
    await past('two looks at the agent', 2_500);
    const pids = pidsOf(world, 'all');
    await stand(pids);
    await past('the limit', ms);
    send(pids, 'SIGCONT');
    await past('two looks at the agent', 2_500);
    writeFileSync(`${world.env.AGENT_LOG}.pipe`, 'go\n');
    return [await run.done];
  },
});

const rows: Row[] = [
  {
    fault: 'SIGSTOP, SIGCONT of the runner; a second one is started meanwhile',
    moment: 'while unit 2 works, which ends before SIGCONT',
    expected: {
      next: 'the second one is told of the first; the first takes the end from the files',
      exits: [0, 75],
      agentStarts: onceEach,
      units: allDone,
      why: done,
      says: /holds the lock: process \d+/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      await stand([run.child.pid!]);
      const other = await world.run(args);
      world.go();
      await until('the agent to end', () => pidsOf(world, 'agent').length === 0);
      send([run.child.pid!], 'SIGCONT');
      return [await run.done, other];
    },
  },
  {
    fault: 'SIGSTOP, SIGCONT of the agent',
    moment: 'while unit 2 works',
    expected: { next: 'waits for it', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      const pids = pidsOf(world, 'agent');
      await stand(pids);
      world.go();
      send(pids, 'SIGCONT');
      return [await run.done];
    },
  },
  {
    fault: 'SIGSTOP of the agent alone, for longer than the stall limit',
    moment: 'while unit 2 works',
    body: once,
    args: [...plain, '--stall-timeout', '2s'],
    expected: {
      next: 'ends it, counts the attempt and tries again',
      exits: [0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: done,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      await stand(pidsOf(world, 'agent'));
      return [await run.done];
    },
  },
  {
    fault: 'SIGSTOP of launch.sh, SIGCONT after the end of its agent',
    moment: 'while unit 2 works',
    expected: { next: 'waits for its exit file', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      const launch = pidsOf(world, 'launch');
      expect(launch).toHaveLength(1);
      await stand(launch);
      world.go();
      await until('the agent to end', () => pidsOf(world, 'agent').length === 0);
      send(launch, 'SIGCONT');
      return [await run.done];
    },
  },
  {
    fault: 'SIGSTOP of the agent, then SIGTERM of the runner',
    moment: 'while unit 2 works',
    body: once,
    expected: {
      next: 'ends the tree that stands still, too; the next start goes on in the same session',
      exits: [143, 0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: /SIGTERM/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      await stand(pidsOf(world, 'agent'));
      run.child.kill('SIGTERM');
      return [await run.done];
    },
  },
  {
    fault: 'SIGSTOP of the runner, SIGKILL of the agent and of its launch.sh, SIGCONT',
    moment: 'while unit 2 works',
    body: once,
    expected: {
      next: 'cut off, and gone on with in the same session',
      exits: [0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: done,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      await stand([run.child.pid!]);
      send([...pidsOf(world, 'launch'), ...pidsOf(world, 'agent')], 'SIGKILL');
      await until('the agent to end', () => pidsOf(world, 'agent').length === 0);
      send([run.child.pid!], 'SIGCONT');
      return [await run.done];
    },
  },
  {
    fault: 'SIGSTOP of the runner until its pause is long over, SIGCONT',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: {
      next: 'starts unit 2, once',
      exits: [0, 75],
      agentStarts: onceEach,
      units: allDone,
      why: done,
      says: /holds the lock/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilWait(world);
      await stand([run.child.pid!]);
      const other = await world.run(args);
      await past('the pause', 2_500);
      expect(world.starts()).toEqual(['1']);
      send([run.child.pid!], 'SIGCONT');
      return [await run.done, other];
    },
  },
  {
    fault: 'SIGSTOP of the runner, then SIGKILL',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: {
      next: 'the next start goes on with unit 2',
      exits: ['killed', 0],
      agentStarts: onceEach,
      units: allDone,
      why: /^the runner is gone, and would wait until .* before unit 2: delay between iterations; run seqrun again/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilWait(world);
      await stand([run.child.pid!]);
      return [await kill(run)];
    },
  },
  longStand(['--stall-timeout', '6s'], 8_000, 'without a window', plain),
  longStand(['--timeout', '12s'], 13_000, 'without a window', plain),
  ...(hasTmux ? [longStand(['--stall-timeout', '6s'], 8_000, 'in a window, with its server', inWindows)] : []),
  {
    fault: 'the terminal is closed, then the runner is killed',
    moment: 'while unit 2 works',
    expected: {
      next: 'the agent goes on; the next start adopts it',
      exits: ['killed', 0],
      agentStarts: onceEach,
      units: allDone,
      why: /the runner is gone while start 2/,
    },
    play: async (_, args) => {
      const run = inTerminal(args);
      await untilUnit(world, 2);
      run.close();
      send([run.pid], 'SIGKILL');
      const ended = await run.ended;
      await until('the agent to be alone', () => pidsOf(world, 'agent').length > 0);
      return [ended];
    },
    between: () => world.go(),
  },
  {
    fault: 'the terminal is closed',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: { next: 'the run goes on to its end', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => {
      const run = inTerminal(args);
      await untilWait(world);
      run.close();
      // Whoever began it is told no exit code any more.
      const end = await until('the end', () => eventsOf(world).find(({ type }) => type === 'run.ended'));
      await until('its end', () => !existsSync(`/proc/${run.pid}`));
      return [{ code: end.exit, signal: null, out: '', err: '' }];
    },
  },
  {
    fault: 'SIGHUP to every process of the world',
    moment: 'while unit 2 works',
    // An agent keeps the default: it ends.
    body: once,
    expected: {
      next: 'the run goes on: the agent was cut off and is gone on with in the same session',
      exits: [0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: done,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      send(pidsOf(world, 'all'), 'SIGHUP');
      return [await run.done];
    },
  },
];

describe('signals and terminals', () => {
  test.each(titled(few(rows, 1)))('%s', async (_, row) => {
    expect(
      await playRow(row, made => {
        world = made;
      }),
    ).toEqual([]);
  });
});
