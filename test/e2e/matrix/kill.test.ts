// kill -9 at every moment of a unit's life: of the runner, the agent or gate, launch.sh, the window, the session, the tmux server.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { few, hasTmux, makeWorld, type Running, until, type World } from '../harness.ts';
import { judge, logged, playOn, record, watchful, watchfulGate } from './cell.ts';
import { type Fault, killRows, type Row, type Transport } from './kill-rows.ts';
import { holdEnv, journalHas, letGo, type Moment, moments, startFolder, tasks, untilMoment } from './moments.ts';

const spec = '.kiro/specs/demo';

/** Processes whose command line holds all of that, oldest first. */
const pidsOf = (...words: string[]): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      const command = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      return words.every(word => command.includes(word));
    })
    .map(Number);

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** Kills a process and waits until it is over: only then have those it leaves behind been told (HUP, a terminal that is gone). */
const killNow = async (pid: number): Promise<void> => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone just before.
  }
  const state = () => orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '')[0] ?? 'gone';
  await until(`process ${pid} to be over`, () => ['Z', 'X', 'gone'].includes(state()));
};

/** `n`: the start that is struck. */
const strike = async (
  world: World,
  fault: Fault,
  struck: { runner: Running; n: number; transport: Transport },
): Promise<void> => {
  const { runner, n, transport } = struck;
  const killServer = () => killNow(Number(world.tmux('display-message', '-p', '#{pid}')));
  const killWorker = () => killNow(Number(logged(world, 'alive').at(-1)));
  switch (fault) {
    case 'the runner':
      runner.child.kill('SIGKILL');
      break;
    case 'the agent':
    case 'the gate':
      await killWorker();
      break;
    case 'launch.sh': {
      const [pid = 0] = pidsOf('launch.sh', startFolder(world, n));
      expect(pid).toBeGreaterThan(1);
      await killNow(pid);
      break;
    }
    case 'its window': {
      const windows = world.tmux('list-windows', '-a', '-F', '#{window_id} #{window_name}');
      world.tmux('kill-window', '-t', /^(\S+) task-2$/m.exec(windows)![1]!);
      break;
    }
    case 'the tmux server':
      await killServer();
      break;
    case 'the session': {
      const windows = world.tmux('list-windows', '-a', '-F', '#{session_id} #{window_name}');
      // The server has another one, and stays.
      world.tmux('new-session', '-d', '-s', 'other', 'sleep 600');
      world.tmux('kill-session', '-t', /^(\S+) seqrun$/m.exec(windows)![1]!);
      break;
    }
    case 'everything':
      runner.child.kill('SIGKILL');
      if (transport === 'tmux') await killServer();
      for (const pid of pidsOf('launch.sh', world.root)) await killNow(pid);
      await killWorker();
  }
};

const play = async (world: World, cell: Row, transport: Transport): Promise<void> => {
  const moment: Moment = moments[cell.moment];
  const { who } = moment.holds;
  const runnerDies = cell.expected.exits[0] === 'killed';
  // What a dead runner left behind works until it is found again.
  const found = `grep -q '"adopted":true' '${world.env.XDG_STATE_HOME}'/seqrun/specs/*/journal.jsonl`;
  const hold = `until [ -e "$AGENT_LOG.go" ]${cell.fault === 'the runner' && who !== 'stopped seqrun' ? ` || ${found}` : ''}; do sleep 0.02; done`;
  const held = moment.nextWorks ? '3.1' : who === 'seqrun' || who === 'gate' ? 'none' : '2.1';
  world.codex(watchful(`[ "$UNIT.$K" != ${held} ] || { ${hold}; }\ndone_`));
  world.bin('verify', watchfulGate(who === 'gate' ? `[ "$K" != 2 ] || { ${hold}; }` : ':'));
  const args = [
    ...['--spec', spec, '--delay', '0', '--no-assign'],
    ...(transport === 'plain' ? ['--no-tmux'] : []),
    ...(moment.gate ? ['--verify', 'verify', '--baseline', 'off'] : []),
  ];
  const runner = world.start(args, { env: holdEnv(world, moment) });
  await untilMoment(world, moment, runner);
  const since = readFileSync(world.journal(), 'utf8').split('\n').length - 1;
  const n = journalHas(world, '"type":"start.intended","n":4,') ? 4 : 2;
  await strike(world, cell.fault, { runner, n, transport });
  const goOn = (): void => {
    letGo(world);
    // The window of one that has ended by itself would be no reason to stop, and what a dead runner left is to be found at work.
    const atWork = who === 'agent' || who === 'gate' || who === 'launch.sh';
    const stays = cell.fault === 'the runner' || (cell.fault === 'its window' && atWork);
    if (!stays || cell.late) world.go();
  };
  const givenUp = () => orEmpty(() => readFileSync(join(startFolder(world, n), 'claim'), 'utf8')).includes('given up');
  const gone = cell.late ? until('the start to be given up', givenUp).then(goOn) : Promise.resolve(goOn());
  runner.child.kill('SIGCONT');
  const first = await runner.done;
  const seen = await playOn(world, cell, { args, first, between: () => runnerDies || world.go() });
  await gone;
  // Whatever is started once more has nothing to do.
  const last = await world.run(args);
  world.tmux('kill-session', '-t', 'other');
  const wrong = await judge(world, cell, seen, { tasks, since });
  if (last.code !== 0) wrong.unshift(`started once more it ended with ${last.code}: ${last.err}`);
  record(world, cell.late ? { ...cell, moment: `${cell.moment} (late)` } : cell, seen, { transport, wrong, since });
  expect(wrong).toEqual([]);
};

describe.each<Transport>(hasTmux ? ['tmux', 'plain'] : ['plain'])('in %s', transport => {
  const rows = killRows.filter(row => row.in.includes(transport));
  test.concurrent.each(
    few(rows, 2).map(
      row => [row.fault, row.late ? `${row.moment} (late)` : row.moment, row.expected.next, row] as const,
    ),
  )(
    '%s, %s: %s',
    async (_fault, _moment, _next, row) => {
      const world = makeWorld({ tasks });
      try {
        await play(world, row, transport);
      } finally {
        world.close();
      }
    },
    120_000,
  );
});
