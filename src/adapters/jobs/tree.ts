// Which processes belong to a start, and how they are ended. Nothing is signalled that does not match pid and start time.
import type { LeftOver } from '../../core/events.ts';
import type { Started } from './folder.ts';
import { isLive, isSame, type ProcessRow, type ProcessSource } from './process-table.ts';

/** What makes a process part of a start. */
export interface TreeRoot {
  mark: string;
  /** null: `started` was never seen; only the mark tells then. */
  started: Started | null;
  /** Descendants seen while launch.sh lived, pid → start time: found again when they were given to another parent. */
  remembered: ReadonlyMap<number, string>;
}

/** True when `started` was written on this machine since it was booted; otherwise its pids say nothing here. */
export const isOfThisBoot = (source: ProcessSource, host: string, started: Started): boolean =>
  started.boot === source.boot && started.host === host;

/** launch.sh still lives. The caller has checked host and boot. */
export const launchLives = (source: ProcessSource, started: Started): boolean =>
  isSame(source, started.pid, started.start);

/** The agent's own process still lives; null where its pid is not known. */
export const agentLives = (source: ProcessSource, started: Started): boolean | null =>
  started.agent === 0 ? null : isSame(source, started.agent, started.agentStart);

/**
 * Living processes of a start: the agent, whatever has the mark, is in launch.sh's session, was seen as its descendant, or
 * descends from one of these. launch.sh and its helper (sleep) are no part of it, nor is this process.
 * `marks: false` leaves the environments unread (one look per second); everything else asks for them.
 */
export const treeMembers = (source: ProcessSource, root: TreeRoot, options: { marks: boolean }): ProcessRow[] => {
  const { started } = root;
  const launch = started === null ? null : source.one(started.pid);
  const launchIsOurs = started !== null && launch !== null && launch.startTime === started.start;
  // Nothing of a job is older than its launch.sh, which spares most of the environments.
  const oldest = launchIsOurs ? launch.startOrder : started && Number(started.start) > 0 ? Number(started.start) : 0;
  const rows = source.all(oldest);
  const isHelper = (row: ProcessRow): boolean => {
    if (started === null || !launchIsOurs) return false;
    return row.pid === started.pid || (row.ppid === started.pid && started.agent !== 0 && row.pid !== started.agent);
  };
  const candidates = [...rows.values()].filter(
    row => isLive(row) && row.startOrder >= oldest && row.pid !== process.pid && !isHelper(row),
  );
  const belongs = (row: ProcessRow): boolean => {
    if (root.remembered.get(row.pid) === row.startTime) return true;
    if (started !== null) {
      if (row.pid === started.agent && row.startTime === started.agentStart) return true;
      if (launchIsOurs && row.ppid === started.pid) return true;
      // A session's number is not given out again while one of its members lives; a leader of another start time
      // shows that ours is long over.
      if (row.sid === started.pid && (launch === null || launchIsOurs) && (launchIsOurs || source.isOurs(row.pid)))
        return true;
    }
    return options.marks && source.hasMark(row.pid, root.mark);
  };
  const members = new Map<number, ProcessRow>();
  for (const row of candidates) if (belongs(row)) members.set(row.pid, row);
  for (let grown = true; grown; ) {
    grown = false;
    for (const row of candidates) {
      if (members.has(row.pid) || !members.has(row.ppid)) continue;
      members.set(row.pid, row);
      grown = true;
    }
  }
  return [...members.values()];
};

/**
 * Ends everything that `find` finds: TERM to each once, KILL after `graceMs`, until nothing is found or `graceMs` more has
 * passed. Right before each signal the start time is checked again. Returns every process it saw, in the order seen.
 */
export const endMembers = async (
  source: ProcessSource,
  find: () => ProcessRow[],
  options: { graceMs: number; monotonicMs: () => number },
): Promise<LeftOver[]> => {
  const seen = new Map<string, LeftOver>();
  const begunMs = options.monotonicMs();
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const living = find();
    if (living.length === 0) return [...seen.values()];
    const passedMs = options.monotonicMs() - begunMs;
    if (passedMs > 2 * options.graceMs) {
      const survivors = new Set(living.map(keyOf));
      return [...seen].map(([key, left]) => ({ ...left, ended: !survivors.has(key) }));
    }
    for (const row of living) {
      const key = keyOf(row);
      const first = !seen.has(key);
      if (first) {
        const { pid, startTime } = row;
        seen.set(key, { pid, startTime, command: source.commandOf(pid), ended: true });
      }
      if (passedMs >= options.graceMs) signalSame(source, row, 'SIGKILL');
      else if (first) signalSame(source, row, 'SIGTERM');
    }
    await new Promise(resolve => setTimeout(resolve, pauseMs));
  }
};

/** Sends a signal to a process if it is still the one that was seen. Never throws. */
export const signalSame = (
  source: ProcessSource,
  row: { pid: number; startTime: string },
  signal: NodeJS.Signals,
): void => {
  // 0, 1 and negative numbers mean groups, init, everything.
  if (row.pid <= 1 || !isSame(source, row.pid, row.startTime)) return;
  try {
    process.kill(row.pid, signal);
  } catch {
    // Gone in between, or not ours: the next look tells.
  }
};

const keyOf = (row: ProcessRow): string => `${row.pid} ${row.startTime}`;
