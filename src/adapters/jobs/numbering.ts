// In which order Linux gives numbers to processes, and so which of them can be younger than a moment. Pure.

/** Where the numbers of processes stood at a moment. */
export interface Numbering {
  /** The last number given out in this pid namespace. */
  lastPid: number;
  /** Processes and threads made since the boot, in all namespaces. */
  forks: number;
}

/** From /proc/loadavg (its last field) and the line `processes` of /proc/stat, see proc(5). Null when one of them is missing. */
export const parseNumbering = (loadavg: string, stat: string): Numbering | null => {
  const lastPid = /(\d+)\s*$/.exec(loadavg)?.[1];
  const forks = /^processes (\d+)$/m.exec(stat)?.[1];
  return lastPid === undefined || forks === undefined ? null : { lastPid: Number(lastPid), forks: Number(forks) };
};

export interface PidRange {
  count: number;
  has(pid: number): boolean;
  /** All of them, in the order in which they are given out. */
  all(): number[];
}

/**
 * The numbers that processes made between two moments can have, and perhaps some more. The kernel gives out the next free number above
 * the last, and begins anew below `pidMax` (alloc_pid: idr_alloc_cyclic). Null when so many were made that it may have come all the
 * way round: then every number is possible.
 */
export const pidsBetween = (from: Numbering, to: Numbering, pidMax: number): PidRange | null => {
  const made = to.forks - from.forks;
  if (made < 0 || made > pidMax / 2) return null;
  const after = (pid: number) => (pid - from.lastPid + 2 * pidMax) % pidMax;
  const count = after(to.lastPid);
  return {
    count,
    has: pid => after(pid) >= 1 && after(pid) <= count,
    all: () => Array.from({ length: count }, (_, i) => (from.lastPid + 1 + i) % pidMax),
  };
};
