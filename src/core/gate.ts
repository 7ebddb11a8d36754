// What a gate is: a command that seqrun runs to check a unit, and how it stood before.

/** Levels of checks, in the order in which they run: what is cheap and breaks everything else comes first. */
export const gateLevels = ['compile', 'lint', 'test', 'ui', 'integration'] as const;

export type GateLevel = (typeof gateLevels)[number];

/** A command that must pass (exit 0) before a unit counts as done. It runs through `sh -c` in the workdir, with the caller's environment. */
export interface Gate {
  /** For people and for names of folders: `test`, `verify`, `verify-2`, `task`. Unique among the gates of one unit. */
  name: string;
  command: string;
  timeoutMs: number;
  /** Who wrote it: the user (command line, config), or the task file. */
  from: 'user' | 'task';
}

/**
 * What to write for a command that ends with `&`: the same without it. sh leaves such a one behind and exits with 0 at once, whatever
 * becomes of it: it would pass. Null = it ends otherwise, and is good.
 */
export const inForeground = (command: string): string | null => {
  const [end] = /(?<=^|[^&\\])&\s*$/.exec(command) ?? [];
  return end === undefined ? null : command.slice(0, -end.length).trim();
};

/** Whether a shell's exit code says that the command was not found, or is nothing that can be run: no check has taken place. */
export const cannotRun = (code: number | null): boolean => code === 126 || code === 127;

/** What one run of a gate gave, as the receipt keeps it. */
export interface GateResult {
  name: string;
  command: string;
  from: Gate['from'];
  /** `accepted`: it is red and does not count, `because` says why. */
  result: 'passed' | 'failed' | 'accepted';
  because: string | null;
  /** Of `accepted`: it was red before the first unit, or is expected to be red by now. */
  known: 'before' | 'expected' | null;
  /** Of `expected`: the unit after which it was red in another way than now; absent: it is the same red, or nobody knows. */
  unlike?: string;
  /** null: ended by a signal, or by its time limit. */
  code: number | null;
  durationMs: number;
  /** The start that ran it. */
  start: number;
  /** Hash of its output without what differs from run to run (times, addresses, numbers of processes). */
  signature: string;
}
