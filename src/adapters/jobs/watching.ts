// Watching a start: file events for speed, a look at everything each second for certainty.
import type { SilentWait } from '../../core/agent.ts';
import type { EndReport, Jobs, WatchSeen } from '../../engine/ports.ts';
import { readExit } from './folder.ts';
import { knownStarted, livingMembers, sample, stopWatchingFolder, type Tracked, watchFolder } from './tracked.ts';
import { agentLives, launchLives } from './tree.ts';
import type { JobsWorld } from './world.ts';

/** True when a start has ended: its exit file is there, or nothing that could still write it or do its work lives. */
export const isOver = (it: Tracked, world: Pick<JobsWorld, 'source'>): boolean => {
  const hasExit = () => readExit(it.ref.folder, it.ref.mark) !== null;
  if (hasExit()) return true;
  const started = knownStarted(it, world.source);
  if (started && launchLives(world.source, started)) return false;
  // launch.sh is gone: it may have written its last word just before.
  if (hasExit()) return true;
  // Killed from outside. The agent itself may still finish its work where its pid is known; what it left behind may not.
  const agent = started === null ? null : agentLives(world.source, started);
  return agent === null ? livingMembers(it, world.source).length === 0 : !agent;
};

/**
 * Watches until the start has ended (`close` then makes the report), a person closes the window, it stalls or sits in a limit
 * without a word, `untilMs` (wall time) or the signal. Aborting changes nothing about the job. Output is read and rendered while this runs.
 */
export const watchStart = (
  it: Tracked,
  { untilMs, stallTimeoutMs, signal }: Parameters<Jobs['watch']>[1],
  world: JobsWorld,
  close: () => Promise<EndReport>,
): Promise<WatchSeen> =>
  new Promise((resolve, reject) => {
    const folder = watchFolder(it);
    let settled = false;
    let asking = false;
    let askedAtBytes = -1;
    let checkTimer: NodeJS.Timeout | undefined;

    const stop = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(checkTimer);
      signal.removeEventListener('abort', onAbort);
      folder.listen(null);
      stopWatchingFolder(it);
      return true;
    };
    const settle = (seen: WatchSeen) => {
      if (stop()) resolve(seen);
    };
    const fail = (error: unknown) => {
      if (stop()) reject(error);
    };
    const onAbort = () => settle({ kind: 'nothing' });
    const ended = () => {
      if (stop()) close().then(report => resolve({ kind: 'ended', report }), reject);
    };
    const lookForExit = () => {
      if (!settled && readExit(it.ref.folder, it.ref.mark)) ended();
    };
    const pump = () => it.stream.pump().catch(fail);

    /** Not waited for: a tmux server that hangs must not delay the other looks. */
    const askWindow = async () => {
      if (asking || it.window === null || world.windows === null || it.windowClosed) return;
      asking = true;
      try {
        if ((await world.windows.look(it.window)) !== 'closed' || settled) return;
        it.windowClosed = true;
        // It may have ended first: then that is what happened.
        lookForExit();
        settle({ kind: 'window_closed' });
      } finally {
        asking = false;
      }
    };
    /** Asked once per silence: the facts of a long stream are not free, and no byte means no news. */
    const limitSatIn = (silentMs: number): SilentWait | null => {
      if (silentMs < Math.min(world.silentWaitMs, stallTimeoutMs) || askedAtBytes === it.active.bytes) return null;
      askedAtBytes = it.active.bytes;
      return it.stream.reader.facts().waiting;
    };
    const check = async () => {
      await pump();
      if (settled) return;
      if (isOver(it, world)) return ended();
      const { silentMs, idleMs } = sample(it, world.source, world.monotonicMs(), stallTimeoutMs);
      // Before the stall: what waits in a limit is idle, too, and has not failed.
      const wait = limitSatIn(silentMs);
      if (wait) return settle({ kind: 'silent_wait', because: wait.because });
      if (idleMs >= stallTimeoutMs) return settle({ kind: 'stalled' });
      if (world.nowMs() >= untilMs) return settle({ kind: 'nothing' });
      askWindow().catch(fail);
      plan();
    };
    const plan = () => {
      const leftMs = Math.max(0, untilMs - world.nowMs());
      checkTimer = setTimeout(() => void check().catch(fail), Math.min(world.checkEveryMs, leftMs));
    };

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    folder.listen(name => {
      if (name === 'exit.json' || name === null) lookForExit();
      if ((name === 'stdout.jsonl' || name === 'stderr.log' || name === null) && !settled) void pump();
    });
    // The watch stands: what came before it is found by this look.
    lookForExit();
    if (settled) return;
    void pump();
    plan();
  });
