// The folder of one start: its paths, its making, and what can be read from it, half-written files included.
import {
  accessSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlink,
  writeFileSync,
} from 'node:fs';
import { hostname, constants as os } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnd } from '../../core/agent.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { JobSpec } from '../../engine/ports.ts';
import type { WindowRef } from '../tmux/windows.ts';
import { blankExitFile, isPassed, launchScript } from './launch-script.ts';

export interface StartPaths {
  folder: string;
  job: string;
  prompt: string;
  launch: string;
  /** Whoever makes it owns the start. What launch.sh knew when the agent began is added to it. */
  claim: string;
  stdout: string;
  stderr: string;
  view: string;
  /** Where stderr was read between stdout lines, so that the view can be made again exactly. */
  viewOrder: string;
  exit: string;
  /** Made by the runner when the window shows everything: launch.sh then ends. */
  viewEnd: string;
  /** Empty until the outcome is known. */
  receipt: string;
}

/** Every path of a start, by the folder's absolute path. Touches nothing. */
export const startPaths = (folder: string): StartPaths => ({
  folder,
  job: join(folder, 'job.json'),
  prompt: join(folder, 'prompt.md'),
  launch: join(folder, 'launch.sh'),
  claim: join(folder, 'claim'),
  stdout: join(folder, 'stdout.jsonl'),
  stderr: join(folder, 'stderr.log'),
  view: join(folder, 'view.log'),
  viewOrder: join(folder, 'view.order'),
  exit: join(folder, 'exit.json'),
  viewEnd: join(folder, 'view.end'),
  receipt: join(folder, 'receipt.json'),
});

/** A slug as it may stand in a folder name: letters, digits, `._-`, at most 60 characters, no leading dot, never empty. */
export const safeSlug = (slug: string): string =>
  slug
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 60) || 'start';

/**
 * Makes a start's folder (0700) with its files, empty: all but the claim, which is won by making it, and the rare ones. Each step of
 * the iterator makes one of them, or throws what the disk says.
 */
export function* makeStartFolder(folder: string): Generator<void> {
  mkdirSync(folder, { mode: 0o700 });
  const { job, prompt, launch, stdout, stderr, view, exit, receipt } = startPaths(folder);
  for (const path of [launch, job, prompt, stdout, stderr, view, exit, receipt]) {
    yield;
    closeSync(openSync(path, 'wx', path === launch ? 0o700 : 0o600));
  }
}

/** Writes everything launch.sh needs. The folder must exist and hold no earlier start. Throws what the disk says. */
export const fillStart = (job: JobSpec, world: { boot: string; callerPath: string; umask: number }): void => {
  const paths = startPaths(job.folder);
  const script = launchScript({
    mark: job.mark,
    argv: job.argv,
    cwd: job.cwd,
    env: job.env,
    toolPath: `/usr/bin:/bin:/usr/local/bin:${world.callerPath}`,
    host: hostname(),
    boot: world.boot,
    umask: world.umask,
  });
  fill(paths.prompt, job.prompt);
  fill(paths.exit, blankExitFile());
  fill(paths.launch, script, 0o700);
};

/** Not cut before: `w` would, and a file that was cut is written to the disk when it is closed (ext4). */
const fill = (path: string, text: string, mode = 0o600): void => {
  try {
    writeFileSync(path, text, { flag: 'r+' });
  } catch (error) {
    // Somebody removed it.
    if (!isCode(error, 'ENOENT')) throw error;
    writeFileSync(path, text, { flag: 'wx', mode });
  }
};

/**
 * Writes job.json: everything that was asked for, without the values of the environment, and which window shows it. Only this
 * tells another life of seqrun that a person closed the window; nothing else depends on it, so it may fail. Written at once, while
 * launch.sh is starting: a crash from now on needs it.
 */
export const describeStart = (
  job: JobSpec,
  world: { boot: string; secrets: Secrets },
  window: WindowRef | null,
): void => {
  const { prompt: _prompt, env, ...asked } = job;
  const names = Object.keys(env).filter(isPassed).sort();
  const text = JSON.stringify(
    { version: 1, ...asked, env: names, host: hostname(), boot: world.boot, window },
    null,
    2,
  );
  try {
    fill(startPaths(job.folder).job, `${world.secrets.hide(text)}\n`);
  } catch {
    // As said above.
  }
};

/** What launch.sh wrote just before the agent began. */
export interface Started {
  mark: string;
  host: string;
  boot: string;
  /** launch.sh itself: leader of the session in which the agent runs. */
  pid: number;
  /** Start time as /proc (or ps) gives it; only good for comparing. */
  start: string;
  /** The agent's pid; 0 where there is no /proc. */
  agent: number;
  agentStart: string;
  /** It runs in a window. */
  tty: boolean;
}

/** Reads the line of the claim that tells; null while it is missing, half-written, or another start's. */
export const readStarted = (folder: string, mark: string): Started | null => {
  const { claim } = startPaths(folder);
  const found = parseObject(
    readText(claim)
      ?.split('\n')
      .find(line => line.startsWith('{')) ?? '',
  );
  if (found === null || found.mark !== mark) return null;
  const { pid, agent, tty, start, agentStart, host, boot } = found;
  if (typeof pid !== 'number' || typeof agent !== 'number' || typeof tty !== 'boolean') return null;
  if (typeof start !== 'string' || typeof agentStart !== 'string') return null;
  if (typeof host !== 'string' || typeof boot !== 'string') return null;
  return { mark, host, boot, pid, start, agent, agentStart, tty };
};

/** An end as a shell reports it: a code above 128 that is a signal's (one that ends processes) is given as that signal. `interrupt` = Ctrl-C was pressed. */
export const processEndOf = (code: number, interrupt: boolean): ProcessEnd => {
  const signal = signalNames.get(code - 128) ?? null;
  return { code: signal === null ? code : null, signal, interrupt };
};

/** Reads exit.json; null while it is missing or blank, or when it bears another mark (foreign: somebody copied it there). */
export const readExit = (folder: string, mark: string): { end: ProcessEnd; atMs: number } | null => {
  const path = startPaths(folder).exit;
  const found = readJson(path);
  if (found === null || found.mark !== mark || typeof found.code !== 'number') return null;
  return { end: processEndOf(found.code, found.int === true), atMs: modifiedMs(path) ?? 0 };
};

/**
 * Tries to win the claim. True = it is ours: launch.sh has not started the agent and never will (the file then says why).
 * False = somebody has it, or the whole folder is gone: launch.sh may have been behind its claim then. Throws what the disk says
 * otherwise.
 */
export const winClaim = (folder: string, because: string): boolean => {
  try {
    writeFileSync(startPaths(folder).claim, `given up: ${because}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST') || (isCode(error, 'ENOENT') && !existsSync(folder))) return false;
    throw error;
  }
};

/** True when somebody holds the claim. */
export const isClaimed = (folder: string): boolean => existsSync(startPaths(folder).claim);

/**
 * Takes the child's values off the disk, soon, where launch.sh has not come to do that. A failure is silent: missing is what is
 * wanted.
 */
export const removeLaunch = (folder: string): void => unlink(startPaths(folder).launch, () => {});

/** What launch.sh complained of before it could claim the start: its last line on stderr.log, at most 300 characters, or null. */
export const launchComplaint = (folder: string): string | null => {
  try {
    const lines = readFileSync(startPaths(folder).stderr, 'utf8').trim().split('\n');
    return lines.at(-1)?.slice(0, 300) || null;
  } catch {
    return null;
  }
};

/** True when the folder is there and can be entered. */
export const startExists = (folder: string): boolean => {
  try {
    accessSync(folder);
    return true;
  } catch {
    return false;
  }
};

/** Modification time in epoch ms, or null when the file is missing. */
export const modifiedMs = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;

/** A JSON object from a file, or null when it is missing or not (yet) one. */
export const readJson = (path: string): Record<string, unknown> | null => parseObject(readText(path) ?? '');

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const parseObject = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;

/** No process ends by these (the first one nobody sends): such a code is the program's own. Gemini CLI's are HTTP statuses, 144 for 400. */
const endsNobody = new Set(['STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'WINCH']);

const signalNames = new Map(
  Object.entries(os.signals)
    .map(([name, number]) => [number, name.replace(/^SIG/, '')] as const)
    .filter(([, name]) => !endsNobody.has(name)),
);
