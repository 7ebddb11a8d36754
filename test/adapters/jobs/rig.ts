// A private world for tests of jobs: temp folders, a tmux server of its own, a fake agent, and conditions to wait for.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJobs, type JobsOptions, type TmuxJobs } from '../../../src/adapters/jobs/jobs.ts';
import { processSource } from '../../../src/adapters/jobs/process-table.ts';
import type { Agent, StreamFacts } from '../../../src/core/agent.ts';
import type { EndReport, JobSpec, StartRef, WatchSeen } from '../../../src/engine/ports.ts';

export type Transport = 'tmux' | 'plain';
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.log('tests with tmux are skipped: no tmux on PATH');
export const transports: Transport[] = hasTmux ? ['tmux', 'plain'] : ['plain'];

/**
 * Says everything in plain lines: the last line of stdout is the final text, `OK` alone is its success event, `LIMIT` on stderr
 * that it now sits in a limit.
 */
export const fakeAgent = (name = 'fake'): Agent => ({
  name,
  machineStream: true,
  resumable: false,
  executable: null,
  modes: null,
  program: null,
  command: () => ({ argv: ['/bin/true'], env: {}, unset: [], session: null }),
  afterwards: () => null,
  reader: () => {
    const facts: StreamFacts = {
      session: null,
      model: null,
      finalText: null,
      succeeded: false,
      failure: null,
      usage: null,
      worked: false,
      waiting: null,
      warnings: [],
    };
    return {
      line: (stream, text) => {
        if (stream === 'stderr') {
          if (text === 'LIMIT') facts.waiting = { because: 'it waits', evidence: text };
          return [{ kind: 'error', text }];
        }
        facts.waiting = null;
        facts.finalText = text;
        facts.worked = true;
        if (text === 'OK') facts.succeeded = true;
        return [{ kind: 'text', text }];
      },
      facts: () => ({ ...facts }),
      classify: ({ exit }) => ({
        class: exit?.code === 0 ? 'success' : exit === null || exit.signal ? 'interrupted' : 'crashed',
        evidence: null,
        resetAtMs: null,
        window: null,
      }),
    };
  },
});

export interface Rig {
  dir: string;
  workdir: string;
  env: Record<string, string>;
  jobs: TmuxJobs;
  notices: string[];
  /** tmux on this world's own socket. */
  command: string[];
  /** Another life of seqrun over the same folders. */
  again(options?: Partial<JobsOptions>): TmuxJobs;
  tmux(...args: string[]): string;
  /** Reserves a start and fills a spec for `sh -c script`. */
  job(script: string, more?: Partial<JobSpec>): Promise<JobSpec>;
  /** Reserve, launch, watch to the end. */
  run(script: string, more?: Partial<JobSpec>): Promise<EndReport>;
  close(): void;
}

export const watchAll = {
  untilMs: Number.POSITIVE_INFINITY,
  stallTimeoutMs: 600_000,
  signal: new AbortController().signal,
};

export const rig = (transport: Transport, options: Partial<JobsOptions> & { specName?: string } = {}): Rig => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-jobs-')));
  const workdir = join(dir, 'work');
  // A socket by path: where TMUX_TMPDIR is gone, tmux would turn to the user's own server.
  const command = ['tmux', '-S', join(dir, 'tmux.sock')];
  for (const folder of [workdir, join(dir, 'home')]) mkdirSync(folder, { mode: 0o700 });
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: join(dir, 'home'),
  };
  const notices: string[] = [];
  const base: JobsOptions = {
    startsDir: join(dir, 'starts'),
    agentNamed: fakeAgent,
    transport,
    tmux: {
      command,
      sessionName: 'sequential-x',
      keepWindows: 10,
      specRealpath: join(dir, options.specName ?? 'spec'),
      statusFile: join(dir, 'status.log'),
    },
    callerEnv: env,
    clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    zone: 'UTC',
    notice: message => notices.push(message),
    killGraceMs: 300,
    checkEveryMs: 100,
    notStartedMs: 500,
    ...options,
  };
  const jobs = createJobs(base);
  const marks: string[] = [];
  const self: Rig = {
    dir,
    workdir,
    env,
    jobs,
    notices,
    command,
    again: more => createJobs({ ...base, ...more }),
    tmux: (...args) =>
      execFileSync(command[0]!, [...command.slice(1), ...args], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim(),
    job: async (script, more = {}) => {
      const { kind = 'agent', label = '1' } = more;
      const reserved = await jobs.reserve(1, `${label}-${kind}`);
      marks.push(reserved.mark);
      return {
        unit: label,
        kind,
        agent: 'fake',
        label,
        title: 'a title',
        argv: ['/bin/sh', '-c', script],
        cwd: workdir,
        env: { ...env, SEQRUN_START: reserved.mark },
        prompt: 'do it',
        model: null,
        session: null,
        timeoutMs: 60_000,
        stallTimeoutMs: 60_000,
        ...reserved,
        ...more,
      };
    },
    run: async (script, more) => {
      const job = await self.job(script, more);
      const seen = await jobs.launch(job);
      if (seen.kind !== 'began') throw new Error(`not started: ${seen.message}`);
      return endedOf(await jobs.watch(job, watchAll));
    },
    close: () => {
      spawnSync(command[0]!, [...command.slice(1), 'kill-server'], { env, timeout: 5_000 });
      const source = processSource();
      // Only what bears one of our marks.
      for (const pid of source.all().keys()) {
        if (marks.some(mark => source.hasMark(pid, mark))) process.kill(pid, 'SIGKILL');
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
  return self;
};

export const endedOf = (seen: WatchSeen): EndReport => {
  if (seen.kind !== 'ended') throw new Error(`expected an end, saw ${seen.kind}`);
  return seen.report;
};

/** Waits for a condition; says which one when it does not come. */
export const until = async <T>(
  what: string,
  look: () => T | null | undefined | false,
  withinMs = 20_000,
): Promise<T> => {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = look();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`waited for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
};

export const isAlive = (pid: number): boolean => {
  const row = processSource().one(pid);
  return row !== null && row.state !== 'Z';
};

/** Number in a file that a job writes, once it is there. */
export const pidIn = (path: string): Promise<number> =>
  until(`a pid in ${path}`, () => (existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) || null : null));

export const refOf = (job: JobSpec): StartRef => ({
  n: job.n,
  unit: job.unit,
  kind: job.kind,
  mark: job.mark,
  folder: job.folder,
  agent: job.agent,
});
