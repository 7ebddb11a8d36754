// `--detach` and `--attach`: the run as a process of its own, whose output goes to a log; this one waits until it has begun.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable, findPlaces, findSessions, findTopLevel, makePlaces, tmuxClient } from '../compose.ts';
import { type Begun, detachedMark } from './begun.ts';
import type { Failure } from './errors.ts';
import type { ExitCode } from './exit-codes.ts';
import { envNameOf } from './flags.ts';
import type { Intention } from './intention.ts';
import { localTimes } from './local-time.ts';
import type { Io } from './main.ts';
import { checkPlaces, placesOf } from './places.ts';
import { lookWords } from './spec-words.ts';
import { worded } from './worded.ts';

/** Logs of detached runs that stay. */
const logsKept = 10;
/** How often the session of a run is looked for. */
const everyMs = 200;
/** After this it is said that there is none yet. */
const patienceMs = 2_000;

/** The words of the run itself: the same without the flags that have brought us here, whoever has said them. */
export const wordsOfRun = (argv: readonly string[]): string[] => {
  const end = argv.indexOf('--');
  const [before, after] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end)];
  return [...before.filter(word => !/^--(?:de|at)tach(?:=|$)/.test(word)), ...after];
};

/**
 * Starts the run of this call detached. 0 when it has begun; with `--attach` when the person has left it, or its own exit code when it is
 * over by then. What ends it in its first moments is printed here, with its exit code.
 */
export const runDetached = async (intention: Intention, io: Io): Promise<number> => {
  const { console, env, cwd } = io;
  const { attach } = intention.settings;
  const refuse = (failure: Failure): number => {
    console.fail(failure);
    return failure.exit;
  };
  const cannot = attach ? await noTerminal(intention, io) : null;
  if (cannot) return refuse(cannot);
  const typed = placesOf(intention.spec, intention.settings.workdir, cwd);
  const wrong = checkPlaces(typed, cwd);
  if (wrong) return refuse(wrong);
  const workspace = (await findTopLevel(typed.workdir)) ?? typed.workdir;
  const places = await findPlaces({ env, specFolder: typed.spec, workspace });
  const made = await makePlaces(places);
  if (made.kind === 'unwritable') return refuse(worded(73, made.message));

  const log = newLog(join(places.spec, 'logs'));
  const { child, exited, begun } = await begin(() => spawnRun(log, io));
  if (typeof begun === 'number') return firstMoments(begun, log, intention, io);

  const words = lookWords(intention);
  if (intention.settings.json) {
    const { session, attach: command, paused } = begun;
    console.json({ pid: child.pid, session, attach: command, log, spec: places.specFolder, paused }, 2);
  } else for (const line of begunLines(begun, { pid: child.pid!, log, words })) console.out(localTimes(line));
  if (attach) return watchIt({ child, exited, log, specFolder: places.specFolder }, intention, io);
  child.unref();
  return 0;
};

/** What is said of a run that has begun; a paused one lives, and starts nothing. */
export const begunLines = (
  { attach, paused }: Pick<Begun, 'attach' | 'paused'>,
  { pid, log, words }: { pid: number; log: string; words: string },
): string[] => [
  ...(paused
    ? [
        `the run is paused since ${paused.since} by ${paused.by}: it starts nothing (pid ${pid}, seqrun stop ${words} ends it)`,
        `go on:  seqrun continue ${words}`,
      ]
    : [`the run goes on by itself: pid ${pid}, seqrun stop ${words} ends it`]),
  // A window comes with the first start.
  ...(attach !== null && !paused ? [`watch:  ${attach}`] : []),
  `follow: tail -f ${log}`,
  `state:  seqrun status ${words}`,
];

/**
 * Starts the run and waits for its first word or its end. Until then a Ctrl-C (or TERM) here is one for the run, which has no
 * terminal: then only its end is waited for.
 */
const begin = async (start: () => ChildProcess) => {
  let child: ChildProcess | null = null;
  let asked = false;
  const pass = (signal: NodeJS.Signals) => {
    asked = true;
    child?.kill(signal);
  };
  // Before the start: a signal that came between the two would end this process alone, and leave the run behind.
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    child = start();
    const exited = exitOf(child);
    const first = await Promise.race([firstWord(child), exited]);
    return { child, exited, begun: asked ? await exited : first };
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
  }
};

/** Why there is nothing to attach here, or null. */
const noTerminal = async ({ settings }: Intention, { env, cwd }: Io): Promise<Failure | null> => {
  const refused = (exit: 64 | 69, what: string, expected: string, next: string): Failure => ({
    exit,
    what,
    where: { name: '--attach' },
    expected,
    next,
  });
  const detach = '--detach starts it without showing it';
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    return refused(64, 'there is no terminal here that could show the run', 'a call at a terminal', detach);
  if (settings.noTmux)
    return refused(64, '--attach shows a tmux session, and --no-tmux wants none', 'one of the two', detach);
  if ((await findExecutable('tmux', env.PATH, cwd)) === null)
    return refused(69, 'tmux is not installed', 'tmux, since --attach asks for it', detach);
  return null;
};

/** A new log in the folder, for this user alone; older ones beyond the kept are removed. */
const newLog = (folder: string): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logs = readdirSync(folder)
    .filter(name => name.endsWith('.log'))
    .sort();
  for (const name of logs.slice(0, Math.max(0, logs.length - logsKept + 1)))
    rmSync(join(folder, name), { force: true });
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('.', '_');
  return join(folder, `${time}-${process.pid}.log`);
};

const spawnRun = (log: string, { env, cwd }: Io): ChildProcess => {
  const output = openSync(log, 'ax', 0o600);
  const { [envNameOf('detach')]: _, [envNameOf('attach')]: __, ...rest } = env;
  return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...wordsOfRun(process.argv.slice(2))], {
    cwd,
    env: { ...rest, [detachedMark]: '1' },
    // A session of its own: neither Ctrl-C nor the end of this terminal reaches it.
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
};

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise(resolve => {
    child.once('error', () => resolve(70));
    child.once('exit', (code, signal) => resolve(code ?? { SIGINT: 130, SIGKILL: 137 }[signal as string] ?? 143));
  });

const firstWord = (child: ChildProcess): Promise<Begun> =>
  new Promise(resolve => {
    child.on('message', (message: Begun) => {
      if (message.seqrun === 'begun') resolve(message);
    });
  });

/** The run is over before anybody could have gone away: what it said is said here, and its log is no one's. */
const firstMoments = (exit: number, log: string, { settings }: Intention, { console }: Io): number => {
  const text = readFileSync(log, 'utf8').trimEnd();
  if (exit !== 0 && settings.quiet) {
    const what = 'the run has ended in its first moments';
    console.fail({ exit: exit as ExitCode, what, where: { name: log }, expected: null, next: 'read that file' });
    return exit;
  }
  if (exit === 0) console.text(text);
  else if (text === '') console.say(`the run was ended before it began (${exit})`);
  else console.again(text);
  rmSync(log, { force: true });
  return exit;
};

/** Shows the session until the person leaves it. */
const watchIt = async (
  run: { child: ChildProcess; exited: Promise<number>; log: string; specFolder: string },
  intention: Intention,
  io: Io,
): Promise<number> => {
  const { console, env } = io;
  const { child, exited, log, specFolder } = run;
  let ended: number | null = null;
  void exited.then(exit => {
    ended = exit;
  });
  const client = tmuxClient({ command: ['tmux'], env });
  const sinceMs = performance.now();
  let isSaid = false;
  while (ended === null && (await findSessions(client, specFolder)).length === 0) {
    if (!isSaid && performance.now() - sinceMs > patienceMs) {
      isSaid = true;
      console.say('there is no window yet: it comes with the first start; Ctrl-C leaves the run to itself');
    }
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
  const shown = ended === null ? await (await import('./commands/attach.ts')).run(intention, io) : 0;
  // Its last lines may still be on their way.
  const exit =
    ended ?? (await Promise.race([exited, new Promise<null>(resolve => setTimeout(() => resolve(null), everyMs))]));
  if (exit === null) {
    console.say(`the run goes on: seqrun attach ${lookWords(intention)} shows it again`);
    child.unref();
    return shown;
  }
  console.say(`the run has ended with ${exit}: ${log}`);
  return exit;
};
