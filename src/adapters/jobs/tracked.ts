// What this life of seqrun knows of one start: its processes, its stream, its window.
import { linkSync, writeFile } from 'node:fs';
import { hostname } from 'node:os';
import type { StreamReader } from '../../core/agent.ts';
import { defaults } from '../../core/defaults.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { EndReport, StartRef } from '../../engine/ports.ts';
import { openPaneTty } from '../tmux/pane-tty.ts';
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
  /** What of it must not be shown or kept. */
  secrets: Secrets;
  started: Started | null;
  window: WindowRef | null;
  /** Its rendering goes to its window, too. */
  onPane: boolean;
  /** A person closed the window; stays true. */
  windowClosed: boolean;
  remembered: Map<number, string>;
  stream: JobStream;
  /** Last sign of life, for the stall limit. */
  active: {
    wroteAtMs: number;
    busyAtMs: number;
    bytes: number;
    /** CPU ticks of the whole tree at the last look; null = not looked yet. */
    ticks: number | null;
    /** Ticks used since `spanFromMs`. */
    used: number;
    spanFromMs: number;
  };
  /** Set once the end is known; everything after gives the same. */
  report: EndReport | null;
  /** Opened when needed, see `watchFolder`. */
  folderWatch: FolderWatch | null;
}

export const track = (
  ref: StartRef,
  options: { reader: StreamReader; env: Tracked['env']; secrets: Secrets; monotonicMs: number },
): Tracked => ({
  ref,
  paths: startPaths(ref.folder),
  env: options.env,
  secrets: options.secrets,
  started: readStarted(ref.folder, ref.mark),
  window: readWindow(startPaths(ref.folder).job),
  onPane: false,
  windowClosed: false,
  remembered: new Map(),
  stream: jobStream(ref.folder, options.reader),
  active: {
    wroteAtMs: options.monotonicMs,
    busyAtMs: options.monotonicMs,
    bytes: 0,
    ticks: null,
    used: 0,
    spanFromMs: options.monotonicMs,
  },
  report: null,
  folderWatch: null,
});

/**
 * From now on the rendering is also written to the terminal of its window, if it has one and `started` is known; once only. launch.sh is
 * told when all of it is shown, or at once where nothing can be.
 */
export const showOnPane = (tracked: Tracked, source: ProcessSource): void => {
  const started = knownStarted(tracked, source);
  if (tracked.onPane || !started?.tty) return;
  tracked.onPane = true;
  const { job, viewEnd } = tracked.paths;
  const letGo = () => {
    try {
      // A second name of a file that is there: a tenth of what a file costs. Of one that nothing depends on: whoever writes to either
      // name writes to both.
      linkSync(job, viewEnd);
    } catch {
      // It is there already (another life of seqrun), or it is made, and never cut.
      writeFile(viewEnd, '', { flag: 'a', mode: 0o600 }, () => {});
    }
  };
  const tty = openPaneTty(source, started);
  if (tty === null) letGo();
  else tracked.stream.showOn(tty, letGo);
};

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
 * One look at the tree: remembers its members and tells for how long there has been no byte of output (`silentMs`) and no sign of
 * life at all (`idleMs`). Signs of life are a byte of output, or CPU time: a tenth of one core over a span of a minute (or of half the limit, when that is shorter). Less
 * is what programs use that only wait: Codex, waiting for a server that stays silent, was seen to use 2 % of a core. Without
 * `started` (its folder was removed) only the marks tell who belongs to it.
 */
export const sample = (
  tracked: Tracked,
  source: ProcessSource,
  monotonicMs: number,
  stallTimeoutMs: number,
): { silentMs: number; idleMs: number } => {
  const { active } = tracked;
  let ticks = 0;
  const root = rootOf(tracked, source);
  for (const row of treeMembers(source, root, { marks: root.started === null })) {
    tracked.remembered.set(row.pid, row.startTime);
    ticks += row.cpuTicks;
  }
  // A process that ended and was waited for stands in its parent's count; one that was not takes its ticks away.
  if (active.ticks !== null) active.used += Math.max(0, ticks - active.ticks);
  active.ticks = ticks;
  const spanMs = monotonicMs - active.spanFromMs;
  const enough = (spanMs / 1000) * ticksPerSecond * defaults.stallCpuShare;
  if (active.used > 0 && active.used >= enough && spanMs > 0) active.busyAtMs = monotonicMs;
  if (spanMs >= Math.min(defaults.stallSpanMs, stallTimeoutMs / 2)) {
    active.spanFromMs = monotonicMs;
    active.used = 0;
  }
  const bytes = tracked.stream.readBytes();
  if (bytes !== active.bytes) active.wroteAtMs = monotonicMs;
  active.bytes = bytes;
  const silentMs = monotonicMs - active.wroteAtMs;
  return { silentMs, idleMs: Math.min(silentMs, monotonicMs - active.busyAtMs) };
};

/** USER_HZ: 100 on every Linux that Node runs on; the ps fallback counts hundredths too. */
const ticksPerSecond = 100;

/** Which window shows a start, as job.json has it. */
const readWindow = (job: string): WindowRef | null => {
  const found = readJson(job)?.window as Record<string, unknown> | null | undefined;
  if (typeof found?.serverPid !== 'number') return null;
  const { serverPid, serverStart, session, window, pane } = found;
  if (typeof serverStart !== 'string' || typeof session !== 'string') return null;
  if (typeof window !== 'string' || typeof pane !== 'string') return null;
  return { serverPid: serverPid as number, serverStart, session, window, pane };
};
