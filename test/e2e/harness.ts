// A private world for whole runs: own repository, HOME, state home, PATH, tmux server, and scripted agents that log their starts.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'vitest';

export const repoRoot = resolve(import.meta.dirname, '..', '..');
/** The build under test; `SEQRUN_TEST_PROGRAM` names another one (an installed package, say). */
const program = process.env.SEQRUN_TEST_PROGRAM ?? join(repoRoot, 'dist', 'seqrun.cjs');

/** tmux is part of these tests; without it they are skipped and say so. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** Long campaigns are asked for. */
export const isLong = Boolean(process.env.SEQRUN_TEST_LONG);

/** Both in the long run; else one, since the jobs' contract and many whole runs are tried in both anyway. */
export const someTransports: string[] = !hasTmux ? ['plain'] : isLong ? ['tmux', 'plain'] : ['tmux'];
if (!hasTmux) process.stderr.write('tmux is not installed: tests in tmux are skipped\n');

/** Tests of the long run alone: what they show is shown in parts by cheaper ones. */
export const rarely = test.skipIf(!isLong);

/** Rows of a table of whole runs: all in the long run; else `n` of them, evenly spread, since each costs up to a second. */
export const few = <Row>(rows: readonly Row[], n = 3): Row[] =>
  isLong
    ? [...rows]
    : rows.filter((_, k) => Math.floor((k * n) / rows.length) !== Math.floor(((k - 1) * n) / rows.length));

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  done: Promise<Result>;
  /** What it has printed so far, both streams. */
  text(): string;
}

export interface WorldOptions {
  /** Content of tasks.md. */
  tasks: string;
  /** Name of the spec folder. */
  spec?: string;
  /** Further files, relative to the repository. */
  files?: Record<string, string>;
  /** Replaces the folder that holds everything (paths with spaces and the like). */
  rootName?: string;
  env?: Record<string, string>;
  /** The working tree is looked at as it is for users. Else it is not: two more processes for each start cost the tests half a minute. */
  looksAtGit?: true;
}

export interface World {
  root: string;
  repo: string;
  specFolder: string;
  specsFolder: string;
  env: Record<string, string>;
  /** Writes an executable /bin/sh script onto the PATH. */
  bin(name: string, script: string): void;
  /** A fake codex: `$UNIT`, `$K` (number of this start of the unit, from 1) and `$ARGS` are set; see `codexScript`. */
  codex(body: string): void;
  start(
    args: string[],
    options?: { env?: Record<string, string>; cwd?: string; detached?: boolean; umask?: string },
  ): Running;
  run(args: string[], options?: { env?: Record<string, string>; cwd?: string; umask?: string }): Promise<Result>;
  /** Every start of a scripted agent, oldest first: unit ids. */
  starts(): string[];
  /** A spec's entry of the state file; undefined while there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
  state(spec?: string): any;
  /** The journal of a spec, by the name of its folder. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  events(spec?: string): any[];
  /** Path of a spec's journal. */
  journal(spec?: string): string;
  /**
   * What lives because of this world, as command lines: everything that has one of its folders in its command or environment.
   * The tmux server and the viewer of the status window stay by design and are not in it.
   */
  living(): string[];
  /** Files that should not outlive a run: temporary ones anywhere, and the values of a start's environment. */
  litter(): string[];
  /** Lets the fake agents go on that wait for it (`wait_for NAME`). */
  go(name?: string): void;
  /** Ends the processes of this world whose command begins so. */
  kill(command: string): void;
  /** git in the repository. */
  git(...args: string[]): string;
  progress(): string;
  tasks(): string;
  tmux(...args: string[]): string;
  close(): void;
}

/** Waits for a condition; fails with what it waited for. Never a fixed sleep. */
export const until = async <T>(
  what: string,
  condition: () => T | null | undefined | false,
  timeoutMs = 20_000,
): Promise<T> => {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args], {
    cwd,
    stdio: 'pipe',
  });

/** Three plain units. */
export const threeUnits = '# Plan\n\n- [ ] 1. First thing\n- [ ] 2. Second thing\n- [ ] 3. Third thing\n';

export const makeWorld = (options: WorldOptions): World => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-e2e-')));
  const root = options.rootName ? join(top, options.rootName) : top;
  const repo = join(root, 'repo');
  const specsFolder = join(repo, '.kiro', 'specs');
  const specFolder = join(specsFolder, options.spec ?? 'demo');
  const bins = join(top, 'bin');
  const tmuxTmp = join(top, 'tmux');
  for (const folder of [specFolder, bins, tmuxTmp, join(top, 'home'), join(top, 'xdg'), join(top, 'tmp')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(specFolder, 'tasks.md'), options.tasks);
  for (const [path, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(repo, path)), { recursive: true });
    writeFileSync(join(repo, path), text);
  }
  git(repo, 'init', '-q');
  git(repo, 'add', '-A');
  git(repo, 'commit', '-qm', 'first');
  const env: Record<string, string> = {
    PATH: `${bins}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(top, 'home'),
    XDG_STATE_HOME: join(top, 'xdg'),
    TMUX_TMPDIR: tmuxTmp,
    TMPDIR: join(top, 'tmp'),
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    AGENT_LOG: join(top, 'agent.log'),
    ...(options.looksAtGit ? {} : { SEQRUN_GIT: 'off' }),
    ...options.env,
  };
  const children: ChildProcess[] = [];
  const starts = (): string[] =>
    existsSync(env.AGENT_LOG!)
      ? readFileSync(env.AGENT_LOG!, 'utf8')
          .split('\n')
          .filter(line => line !== '')
      : [];

  const world: World = {
    root: top,
    repo,
    specFolder,
    specsFolder,
    env,
    bin: (name, script) => {
      writeFileSync(join(bins, name), script);
      chmodSync(join(bins, name), 0o755);
    },
    codex: body => world.bin('codex', codexScript(body)),
    start: (args, more = {}) => {
      const words = [process.execPath, program, ...args];
      const masked = more.umask === undefined ? [] : ['/bin/sh', '-c', `umask ${more.umask}; exec "$@"`, 'sh'];
      const [file, ...rest] = [...masked, ...words];
      const child = spawn(file!, rest, {
        cwd: more.cwd ?? repo,
        env: { ...env, ...more.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: more.detached ?? false,
      });
      children.push(child);
      let out = '';
      let err = '';
      child.stdout!.setEncoding('utf8').on('data', text => {
        out += text;
      });
      child.stderr!.setEncoding('utf8').on('data', text => {
        err += text;
      });
      const done = new Promise<Result>(resolve =>
        child.on('close', (code, signal) => resolve({ code, signal, out, err })),
      );
      return { child, done, text: () => err + out };
    },
    run: (args, more) => world.start(args, more).done,
    starts,
    state: spec => {
      const path = join(specsFolder, 'SEQUENTIAL_STATE.json');
      if (!existsSync(path)) return undefined;
      return JSON.parse(readFileSync(path, 'utf8')).specs[spec ?? options.spec ?? 'demo'];
    },
    journal: spec => {
      const folder = join(top, 'xdg', 'seqrun', 'specs');
      const wanted = `/${spec ?? options.spec ?? 'demo'}"`;
      const all = existsSync(folder) ? readdirSync(folder).map(name => join(folder, name, 'journal.jsonl')) : [];
      const mine = (path: string) => readFileSync(path, 'utf8').split('\n')[0]!.includes(wanted);
      return all.find(path => existsSync(path) && mine(path)) ?? join(folder, 'none');
    },
    events: spec =>
      readFileSync(world.journal(spec), 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    living: () => processesOf(top).filter(command => !/^tmux |^tail -n 100 -F -- \S*\/status\.log/.test(command)),
    litter: () => [
      ...(readdirSync(top, { recursive: true }) as string[]).filter(
        path => /(\.tmp|~|\.swp)$|\/starts\/next$/.test(path) && !path.startsWith('repo/.git/'),
      ),
      ...readdirSync(join(top, 'tmp')),
    ],
    go: (name = 'go') => writeFileSync(`${env.AGENT_LOG}.${name}`, ''),
    kill: command => endMarked(top, command),
    git: (...args) => git(repo, ...args).toString(),
    progress: () => readFileSync(join(specsFolder, 'SEQUENTIAL_PROGRESS.md'), 'utf8'),
    tasks: () => readFileSync(join(specFolder, 'tasks.md'), 'utf8'),
    tmux: (...args) => {
      const { stdout } = spawnSync('tmux', args, { env, encoding: 'utf8' });
      return stdout ?? '';
    },
    close: () => {
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      if (hasTmux) spawnSync('tmux', ['kill-server'], { env, stdio: 'ignore' });
      endMarked(top);
      rmSync(top, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return world;
};

const pids = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid > 1 && pid !== process.pid);

/** Command lines of the processes that have `folder` in their command or environment. */
const processesOf = (folder: string): string[] =>
  pids().flatMap(pid => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const mine = command.includes(folder) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder);
      return mine && command !== '' ? [command] : [];
    } catch {
      // Gone, or not ours to read.
      return [];
    }
  });

/** Ends what a test has left behind: processes whose environment names this world's own folder. Nothing else has that. */
const endMarked = (top: string, command = ''): void => {
  const mine = `AGENT_LOG=${join(top, 'agent.log')}`;
  for (const pid of pids()) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mine);
      if (marked && line.startsWith(command)) process.kill(pid, 'SIGKILL');
    } catch {
      // Gone, or not ours to read.
    }
  }
};

/**
 * A fake codex as a shell script. It logs its unit, reads its prompt into `$PROMPT`, prints `thread.started`, then runs `body`,
 * which may call: say TEXT · done_ · halt [REASON] · ask · failed MESSAGE · completed (turn.completed) · wait_for [NAME]
 * (until `world.go(NAME)`).
 */
export const codexScript = (body: string): string => `#!/bin/sh
UNIT=\${SEQRUN_UNIT:-assign}
printf '%s\\n' "$UNIT" >>"$AGENT_LOG"
K=$(grep -cxF -- "$UNIT" "$AGENT_LOG")
ARGS="$*"
PROMPT=$(cat)
case "$ARGS" in *resume*) for last; do :; done; SID=$(printf '%s' "$ARGS" | sed 's/.*\\([0-9a-f]\\{8\\}-[0-9a-f-]\\{27\\}\\).*/\\1/') ;; *) SID=$(cat /proc/sys/kernel/random/uuid) ;; esac
printf '{"type":"thread.started","thread_id":"%s"}\\n{"type":"turn.started"}\\n' "$SID"
esc() { printf '%s' "$1" | sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g' | awk 'NR>1{printf "\\\\n"} {printf "%s", $0}'; }
say() { printf '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"%s"}}\\n' "$(esc "$1")"; }
completed() { printf '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":50,"output_tokens":10,"reasoning_output_tokens":0}}\\n'; }
failed() { printf '{"type":"error","message":"%s"}\\n{"type":"turn.failed","error":{"message":"%s"}}\\n' "$1" "$1"; exit 1; }
done_() { say "All is well.
<promise>TASK_DONE</promise>"; completed; exit 0; }
halt() { say "I cannot go on.
<promise>HALT</promise>
\${1:-a person is needed}"; completed; exit 0; }
wait_for() { until [ -e "$AGENT_LOG.\${1:-go}" ]; do sleep 0.02; done; }
ask() { say "Shall I use tabs or blanks?"; completed; exit 0; }
${body}
`;
