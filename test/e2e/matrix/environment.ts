// What rows about the environment share: how one is played, signals to what belongs to a world, small disks, another user.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  makeWorld,
  type Result,
  type Running,
  repoRoot,
  threeUnits,
  until,
  type World,
  type WorldOptions,
} from '../harness.ts';
import { type Cell, judge, record, type Seen, watchful } from './cell.ts';

export const spec = '.kiro/specs/demo';
export const program = process.env.SEQRUN_TEST_PROGRAM ?? join(repoRoot, 'dist', 'seqrun.cjs');

export interface Row extends Cell {
  /** Default: three plain units. */
  options?: Partial<WorldOptions>;
  /** What the agent does. Default: unit 2 waits until the world says `go`. */
  body?: string;
  /** Words of every call. Default: no pause, no window. */
  args?: string[];
  /** Prepares the world before anything runs. */
  before?(world: World): unknown;
  /** Plays until the fault has hit; gives every call of seqrun that has ended, in the order they were begun. */
  play(world: World, args: string[]): Promise<Result[]>;
  /** What a person does before each further call; `call` is its place in `expected.exits`, from 0. */
  between?(world: World, call: number): unknown;
  /** The task file whose boxes count at the end. Default: that of the beginning. */
  tasks?: string;
  /** The spec has got another journal on the way, whose events are numbered from 1 again in PROGRESS.md. */
  otherJournal?: true;
}

export const waitInTwo = '[ "$UNIT" != 2 ] || wait_for\ndone_';
export const plain = ['--spec', spec, '--no-assign', '--no-tmux', '--delay', '0'];
export const inWindows = ['--spec', spec, '--no-assign', '--delay', '0'];

/**
 * Plays a row and gives what is wrong with it. The same words are typed until a call ends with 0, or as often as the row expects, and
 * at least once more after one that did not. `made` gets the world, which the caller closes.
 */
export const playRow = async (row: Row, made: (world: World) => void): Promise<string[]> => {
  const tasks = row.options?.tasks ?? threeUnits;
  const world = makeWorld({ ...row.options, tasks });
  made(world);
  world.codex(watchful(row.body ?? waitInTwo));
  await row.before?.(world);
  const args = row.args ?? plain;
  const { exits } = row.expected;
  const calls = await row.play(world, args);
  const why = (await world.run(['why', '--spec', spec])).out;
  while (calls.length < exits.length || (calls.at(-1)!.code !== 0 && calls.length < 2)) {
    await row.between?.(world, calls.length);
    calls.push(await world.run(args));
  }
  const seen: Seen = { calls, why };
  const found = await judge(world, row, seen, { tasks: row.tasks ?? tasks });
  const numberedAgain = row.otherJournal ? found.filter(one => !one.includes('tells something twice')) : found;
  // What was said comes last, for what else is wrong.
  const wrong = numberedAgain.length === 1 && found.length > 1 ? [] : numberedAgain;
  record(world, row, seen, { transport: args.includes('--no-tmux') ? 'plain' : 'tmux', wrong });
  return wrong;
};

/** Events of the journal while it may be being written. */
export const eventsOf = (world: World): ReturnType<World['events']> => {
  const text = existsSync(world.journal()) ? readFileSync(world.journal(), 'utf8') : '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
};
const has = (world: World, type: string, n: number): boolean =>
  eventsOf(world).some(event => event.type === type && event.n === n);

/** Rows with what they are called, whole: a name in a table of tests would be cut. */
export const titled = (rows: readonly Row[]): [string, Row][] =>
  rows.map(row => [`${row.fault}, ${row.moment}: ${row.expected.next}`, row]);

/** Until the agent of unit `n` of three plain ones works and the runner has written that down. */
export const untilUnit = (world: World, n: number): Promise<unknown> =>
  until(
    `unit ${n} to run`,
    () => world.starts().length >= n && has(world, 'start.began', n) && world.state()?.current?.unit === `${n}`,
  );

/** Until the run waits before unit 2 (`--delay`). */
export const untilWait = (world: World): Promise<unknown> =>
  until(
    'the wait before unit 2',
    () => has(world, 'start.ended', 1) && world.state()?.completed?.includes('1') && !has(world, 'start.intended', 2),
  );

/** Ends a runner at once. */
export const kill = async (running: Running): Promise<Result> => {
  running.child.kill('SIGKILL');
  return running.done;
};

/** Processes of a world: its agents (with what they have started), launch.sh among `all`, with runners and a tmux server. */
export const pidsOf = (world: World, which: 'agent' | 'launch' | 'all'): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => {
      if (!Number.isInteger(pid) || pid === process.pid) return false;
      const [command, environ] = [textOf(pid, 'cmdline'), textOf(pid, 'environ')];
      if (which === 'launch')
        return command.startsWith('/bin/sh\0') && command.includes('/launch.sh\0') && command.includes(world.root);
      const mine = environ.includes(`AGENT_LOG=${world.env.AGENT_LOG}\0`);
      if (which === 'agent') return mine && environ.includes('SEQRUN_START=');
      return mine || command.includes(world.root) || environ.includes(world.root);
    });

const textOf = (pid: number, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
};

const isStopped = (pid: number): boolean => {
  const stat = textOf(pid, 'stat');
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state === undefined || 'TtZX'.includes(state);
};

/** Stops these processes and waits until they stand still. */
export const stand = async (pids: number[]): Promise<void> => {
  send(pids, 'SIGSTOP');
  await until('processes to stand still', () => pids.every(isStopped));
};

/** Sends a signal to each that still lives. */
export const send = (pids: number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone meanwhile.
    }
  }
};

const mounts = spawnSync('unshare', [
  '-m',
  'sh',
  '-c',
  'mount -t tmpfs -o size=64k none /mnt && mount --bind -o ro /mnt /mnt',
]);
/** Why nothing can be mounted here, or null. */
export const noMounts: string | null =
  process.platform === 'linux' && mounts.status === 0 ? null : 'nothing can be mounted here (not root, or not allowed)';

export interface Mounted {
  unmount(): Promise<void>;
}

/**
 * Mounts something on a folder. Whoever holds it down is a process that waits for its input to end: also when the tests are killed, the
 * mount goes. The folder is told through that input, so that the process does not count as one of the world's.
 */
const mount = async (folder: string, commands: string): Promise<Mounted> => {
  const child: ChildProcess = spawn(
    'sh',
    ['-c', `read -r at; ${commands} || exit 1; echo ready; read -r end; umount -l "$at"`],
    { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH } },
  );
  let [out, err] = ['', ''];
  child.stdout!.on('data', text => {
    out += text;
  });
  child.stderr!.on('data', text => {
    err += text;
  });
  const done = new Promise(resolve => child.on('close', resolve));
  child.stdin!.write(`${folder}\n`);
  await until(`the mount of ${folder}`, () => {
    if (child.exitCode !== null) throw new Error(`cannot mount ${folder}: ${err}`);
    return out.includes('ready');
  });
  return {
    unmount: async () => {
      child.stdin!.end();
      await done;
    },
  };
};

/** A disk of its own, of `size`, with what the folder held. */
export const smallDisk = (folder: string, size: string): Promise<Mounted> =>
  mount(
    folder,
    `k=$(mktemp -d) && cp -a "$at/." "$k" && mount -t tmpfs -o size=${size},mode=0755 none "$at" && cp -a "$k/." "$at" && rm -r "$k"`,
  );

/** The folder as it is, but nothing in it can be changed by whoever comes by its path. */
export const readOnly = (folder: string): Promise<Mounted> =>
  mount(folder, 'mount --bind "$at" "$at" && { mount -o remount,bind,ro "$at" || { umount "$at"; false; }; }');

/** Writes until there is no room. Gives the name of the file that takes it all. */
export const fill = (folder: string): string => {
  const path = join(folder, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=4096'], { stdio: 'ignore' });
  return path;
};

const nobodyWords = ['--reuid=65534', '--regid=65534', '--clear-groups'];
/** Why nobody cannot run anything here, or null. */
export const noNobody: string | null = (() => {
  if (process.getuid?.() !== 0) return 'not root: nothing can be run as another user';
  const look = spawnSync(
    'setpriv',
    [...nobodyWords, process.execPath, '-e', 'process.chdir(process.argv[1])', tmpdir()],
    {
      cwd: '/',
    },
  );
  return look.status === 0 ? null : `another user cannot reach ${process.execPath} or ${tmpdir()}, or has no setpriv`;
})();

/** From now on everything of this world is nobody's, and seqrun is run by nobody. Modes mean something then, as they do not for root. */
export const becomeNobody = (world: World): void => {
  const copy = join(world.root, 'program');
  for (const part of ['dist', 'templates'])
    cpSync(join(dirname(program), '..', part), join(copy, part), { recursive: true });
  spawnSync('chown', ['-R', '65534:65534', world.root]);
  world.start = (args, more = {}) => {
    const words = [...nobodyWords, process.execPath, join(copy, 'dist', basename(program)), ...args];
    const child = spawn('setpriv', words, {
      cwd: more.cwd ?? world.repo,
      env: { ...world.env, ...more.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return runningOf(child);
  };
};

/** A child with both its streams kept. */
const runningOf = (child: ChildProcess): Running => {
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', text => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', text => {
    err += text;
  });
  const done = new Promise<Result>(resolve => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
  return { child, done, text: () => err + out };
};

/** One unit each, done. */
export const allDone = { 1: 'completed', 2: 'completed', 3: 'completed' } as const;
export const onceEach = { 1: 1, 2: 1, 3: 1 } as const;
