// `status --watch`: looks again whenever something may have changed, until the run ends or the person has had enough.
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Failure } from '../errors.ts';
import type { StatusInput } from '../status-view.ts';

/** What watching needs of the world. */
export interface WatchWorld {
  look(): Promise<StatusInput | Failure>;
  show(status: StatusInput): void;
  /** Until something may have changed; false = nobody wants to see more. */
  pause(): Promise<boolean>;
}

/** The last thing seen: with a runner when the person had enough, without when its run is over or never began; or a failure. */
export const watchStatus = async ({ look, show, pause }: WatchWorld): Promise<StatusInput | Failure> => {
  for (;;) {
    const status = await look();
    if ('exit' in status) return status;
    show(status);
    if (status.runnerPid === null || !(await pause())) return status;
  }
};

/** Without a sign from the file system, in ms. */
const everyMs = 1000;
/** It is not looked more often, in ms: a run writes several lines at once. */
const shortestMs = 150;
/** Whether the runner lives is asked this often, in ms, though its journal stands still. */
const aliveEveryMs = 3000;

export interface ChangeWatch {
  /** Until the file may have changed since `seen`, or it is time to look whether anybody writes it. Resolves at once after `stop`. */
  changed(): Promise<void>;
  /** What is looked at now counts as seen. */
  seen(): void;
  stop(): void;
}

/** Watches a file in a folder that is there; where folders cannot be watched, each second must do. */
export const watchFile = (path: string): ChangeWatch => {
  let wake: () => void = () => undefined;
  let stopped = false;
  let known = { stamp: '', atMs: 0 };
  let watcher: FSWatcher | null = null;
  const close = () => {
    watcher?.close();
    watcher = null;
  };
  try {
    watcher = watch(dirname(path), { persistent: false }, (_, name) => {
      if (name === null || name === basename(path)) wake();
    });
    watcher.on('error', close);
  } catch {
    // As said above.
  }
  const pause = (ms: number, early: boolean) =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        if (!early && !stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    seen: () => {
      known = { stamp: stampOf(path), atMs: performance.now() };
    },
    changed: async () => {
      await (stopped ? undefined : pause(shortestMs, false));
      while (!stopped && stampOf(path) === known.stamp && performance.now() - known.atMs < aliveEveryMs) {
        await pause(everyMs, true);
      }
    },
    stop: () => {
      stopped = true;
      close();
      wake();
    },
  };
};

const stampOf = (path: string): string => {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'none';
  }
};
