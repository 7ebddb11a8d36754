// Starting a start, and giving one up: whoever wins the claim decides, whoever loses it waits.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { type JobSpec, type LaunchSeen, UnwritableError } from '../../engine/ports.ts';
import { reasonOf } from '../files/atomic.ts';
import { startPlain } from '../plain/launch.ts';
import { keyOfStart, type WindowRef, type WindowState } from '../tmux/windows.ts';
import { describeStart, fillStart, launchComplaint, readStarted, removeLaunch, winClaim } from './folder.ts';
import type { ProcessRow, ProcessSource } from './process-table.ts';
import { livingMembers, showOnPane, type Tracked, watchFolder } from './tracked.ts';
import type { JobsWorld } from './world.ts';

type Began = Extract<LaunchSeen, { kind: 'began' }>;

/**
 * Fills the folder and starts launch.sh, in the unit's window or plain. Where tmux refuses, the same start goes on plain, and
 * only after its claim was won here; where tmux does not answer in time, it is given up. Throws `UnwritableError` before
 * anything has been started.
 */
export const launchStart = async (it: Tracked, job: JobSpec, world: JobsWorld): Promise<LaunchSeen> => {
  unwritable(job.folder, () =>
    fillStart(job, { boot: world.source.boot, callerPath: world.callerPath, umask: process.umask() }),
  );
  watchFolder(it);
  const seen = await start(it, job, world);
  // While the agent works.
  setImmediate(world.prepareNext);
  if (seen.kind === 'began') showOnPane(it, world.source);
  else removeLaunch(job.folder);
  return seen;
};

const start = async (it: Tracked, job: JobSpec, world: JobsWorld): Promise<LaunchSeen> => {
  const { windows } = world;
  const argv = ['/bin/sh', it.paths.launch, job.folder];
  const describe = (window: WindowRef | null) =>
    describeStart(job, { boot: world.source.boot, secrets: it.secrets }, window);
  if (world.transport === 'plain' || windows === null) {
    const settling = plain(it, [...argv, 'free'], world);
    describe(null);
    return settling;
  }
  const opened = await windows.open(
    {
      key: keyOfStart(basename(job.folder)),
      name: job.unit === null ? job.label : `task-${job.label}`,
      cwd: job.cwd,
      start: basename(job.folder),
      argv: [...argv, 'free'],
      env: { SEQRUN_START: job.mark },
    },
    { timeoutMs: world.launchTimeoutMs },
  );
  if (!('ok' in opened)) {
    it.window = opened;
    describe(opened);
    let state = 'live' as WindowState;
    const seen = await settle(it, world, async () => {
      state = await windows.look(opened);
      return state === 'live' || state === 'unknown' ? null : `its window is ${state}`;
    });
    return seen.kind === 'not_started' ? { ...seen, windowClosed: state === 'closed' } : seen;
  }
  describe(null);
  const settled = await giveUp(it, opened.message, world);
  if (settled.kind === 'began') return settled;
  if (!settled.ours || opened.why === 'timeout') return { kind: 'not_started', message: settled.message };
  // The claim is ours: whatever tmux may still do ends at the fence.
  world.notice(`${opened.message}; ${job.label} runs without a window`);
  return plain(it, [...argv, 'owned'], world);
};

const plain = async (it: Tracked, argv: string[], world: JobsWorld): Promise<LaunchSeen> => {
  const child = startPlain(argv, { SEQRUN_START: it.ref.mark });
  let failure: string | null = null;
  void child.failed.then(message => {
    failure = message;
  });
  return settle(it, world, async () => failure ?? (child.isOver() ? 'launch.sh ended' : null));
};

/** Waits for `started`. `over` says why launch.sh can no longer come to it, or null. */
const settle = async (it: Tracked, world: JobsWorld, over: () => Promise<string | null>): Promise<LaunchSeen> => {
  const untilMs = world.monotonicMs() + world.launchTimeoutMs;
  for (;;) {
    const seen = await waitForStarted(it, Math.min(world.checkEveryMs, 250));
    if (seen) return seen;
    const ended = await over();
    const late = world.monotonicMs() > untilMs ? `not started within ${world.launchTimeoutMs} ms` : null;
    const because = ended ?? late;
    if (because === null) continue;
    const settled = await giveUp(it, because, world);
    return settled.kind === 'began' ? settled : { kind: 'not_started', message: settled.message };
  }
};

/**
 * Gives a start up, which needs its claim. Who loses the claim waits: `started` or a living process with the mark means that
 * it began, neither for `notStartedMs` that it never did. `ours` = this process holds the claim.
 */
export const giveUp = async (
  it: Tracked,
  because: string,
  world: JobsWorld,
): Promise<Began | { kind: 'not_started'; message: string; ours: boolean }> => {
  const { folder } = it.ref;
  if (unwritable(folder, () => winClaim(folder, because))) {
    const complaint = launchComplaint(folder);
    return { kind: 'not_started', message: complaint ? `${because}: ${complaint}` : because, ours: true };
  }
  const begunMs = world.monotonicMs();
  let seenMs = begunMs;
  for (;;) {
    const began = await waitForStarted(it, 100);
    if (began) return began;
    const nowMs = world.monotonicMs();
    const marked = oldestMember(it, world.source);
    if (marked) {
      seenMs = nowMs;
      // It lives but does not come to write `started` (stopped, full disk, its folder removed): alive all the same.
      if (nowMs - begunMs > world.notStartedMs || !existsSync(folder))
        return { kind: 'began', pid: marked.pid, transport: 'plain', window: null };
    } else if (nowMs - seenMs > world.notStartedMs) {
      const seen = existsSync(folder)
        ? 'it was claimed, but the agent never started'
        : 'its folder is gone, and its agent with it';
      return { kind: 'not_started', message: `${because}; ${seen}`, ours: false };
    }
  }
};

/** What is known of a start once `started` can be read. */
export const begun = (it: Tracked): Began | null => {
  it.started ??= readStarted(it.ref.folder, it.ref.mark);
  if (it.started === null) return null;
  const transport = it.started.tty ? 'tmux' : 'plain';
  return {
    kind: 'began',
    pid: it.started.pid,
    transport,
    window: transport === 'tmux' ? (it.window?.window ?? null) : null,
  };
};

/** The process of a start that was there first: launch.sh where only the mark tells. */
const oldestMember = (it: Tracked, source: ProcessSource): ProcessRow | null =>
  livingMembers(it, source).sort((a, b) => a.startOrder - b.startOrder)[0] ?? null;

/** Looks now, at each event of that file, and once more after `forMs`, or when the folder is gone. */
const waitForStarted = (it: Tracked, forMs: number): Promise<Began | null> =>
  new Promise(resolve => {
    const folder = watchFolder(it);
    const first = begun(it);
    if (first) return resolve(first);
    const finish = (found: Began | null) => {
      clearTimeout(timer);
      folder.listen(null);
      resolve(found);
    };
    const timer = setTimeout(() => finish(begun(it)), forMs);
    folder.listen(name => {
      const found = name === 'claim' || name === null ? begun(it) : null;
      if (found || !existsSync(it.ref.folder)) finish(found);
    });
  });

/** Turns an error of the disk into the one that the loop knows. */
export const unwritable = <T>(path: string, write: () => T): T => {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const message =
      `The folder of a start cannot be written: ${reasonOf(error)}\n  at ${path}\n` +
      `Every start needs one. Make room or give the right to write (df -h '${path}'; ls -ld '${path}'), then start seqrun again.`;
    throw new UnwritableError(path, message, error);
  }
};
