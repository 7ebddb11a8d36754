// What this life of seqrun knows of one start: its processes, its stream, its window.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { StreamReader } from '../../core/agent.ts';
import type { EndReport, StartRef } from '../../engine/ports.ts';
import type { WindowRef } from '../tmux/windows.ts';
import { readJson, readStarted, type Started, type StartPaths, startPaths } from './folder.ts';
import { type FolderWatch, folderWatch } from './folder-watch.ts';
import type { ProcessSource } from './process-table.ts';
import { type JobStream, jobStream } from './stream.ts';
import { isOfThisBoot, type TreeRoot, treeMembers } from './tree.ts';

export interface Tracked {
  ref: StartRef;
  paths: StartPaths;
  /** Environment the agent runs with. */
  env: Readonly<Record<string, string | undefined>>;
  started: Started | null;
  window: WindowRef | null;
  /** A person closed the window; stays true. */
  windowClosed: boolean;
  remembered: Map<number, string>;
  stream: JobStream;
  /** Last sign of life, for the stall limit. */
  active: { atMs: number; bytes: number; cpu: Map<number, number> };
  /** Set once the end is known; everything after gives the same. */
  report: EndReport | null;
  /** Opened when needed, see `watchFolder`. */
  folderWatch: FolderWatch | null;
}

export const track = (
  ref: StartRef,
  options: { reader: StreamReader; env: Tracked['env']; monotonicMs: number },
): Tracked => ({
  ref,
  paths: startPaths(ref.folder),
  env: options.env,
  started: readStarted(ref.folder, ref.mark),
  window: readWindow(ref.folder),
  windowClosed: false,
  remembered: new Map(),
  stream: jobStream(ref.folder, options.reader),
  active: { atMs: options.monotonicMs, bytes: 0, cpu: new Map() },
  report: null,
  folderWatch: null,
});

/** Begins to watch the folder if that is not done already. Look at the folder after this, not before. */
export const watchFolder = (tracked: Tracked): FolderWatch => {
  tracked.folderWatch ??= folderWatch(tracked.ref.folder);
  return tracked.folderWatch;
};

export const stopWatchingFolder = (tracked: Tracked): void => {
  tracked.folderWatch?.close();
  tracked.folderWatch = null;
};

/**
 * `started`, if it was written on this machine since it was booted. Otherwise null: its pids belong to other processes.
 */
export const knownStarted = (tracked: Tracked, source: ProcessSource): Started | null => {
  tracked.started ??= readStarted(tracked.ref.folder, tracked.ref.mark);
  return tracked.started && isOfThisBoot(source, hostname(), tracked.started) ? tracked.started : null;
};

/** Living processes of the start, found by everything that tells. */
export const livingMembers = (tracked: Tracked, source: ProcessSource) =>
  treeMembers(source, rootOf(tracked, source), { marks: true });

const rootOf = (tracked: Tracked, source: ProcessSource): TreeRoot => ({
  mark: tracked.ref.mark,
  started: knownStarted(tracked, source),
  remembered: tracked.remembered,
});

/**
 * One look per second: remembers descendants, and notes output or CPU time. Returns for how long (working time) there has
 * been neither.
 */
export const sample = (tracked: Tracked, source: ProcessSource, monotonicMs: number): number => {
  const { active } = tracked;
  const cpu = new Map<number, number>();
  let busy = false;
  for (const row of treeMembers(source, rootOf(tracked, source), { marks: false })) {
    tracked.remembered.set(row.pid, row.startTime);
    cpu.set(row.pid, row.cpuTicks);
    if (row.cpuTicks > (active.cpu.get(row.pid) ?? 0)) busy = true;
  }
  active.cpu = cpu;
  const bytes = tracked.stream.readBytes();
  if (busy || bytes !== active.bytes) active.atMs = monotonicMs;
  active.bytes = bytes;
  return monotonicMs - active.atMs;
};

/** Keeps which window shows a start. Failing costs only that another life cannot tell whether a person closed it. */
export const keepWindow = (tracked: Tracked, window: WindowRef): void => {
  tracked.window = window;
  try {
    // At once: launch.sh is starting meanwhile, and a crash from now on needs it.
    writeFileSync(tracked.paths.window, `${JSON.stringify(window)}\n`, { mode: 0o600 });
  } catch {
    // As said above.
  }
};

const readWindow = (folder: string): WindowRef | null => {
  const found = readJson(startPaths(folder).window);
  if (typeof found?.serverPid !== 'number') return null;
  const { serverPid, serverStart, session, window, pane } = found as Record<string, unknown>;
  if (typeof serverStart !== 'string' || typeof session !== 'string') return null;
  if (typeof window !== 'string' || typeof pane !== 'string') return null;
  return { serverPid: serverPid as number, serverStart, session, window, pane };
};
