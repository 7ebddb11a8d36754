// The exit codes. Expected endings, usage errors and internal errors never share one.

/** What a script around seqrun may rely on. `0` to `4` describe a run; the rest follow sysexits and the shell. */
export const EXIT = {
  /** Every required unit is done (with --only, --from, --until: those). */
  done: 0,
  /** --max-iterations used up; work remains. */
  iterations: 1,
  /** A person is needed: HALT, a question, a window closed by hand, a stop. */
  person: 2,
  /** Failed or blocked units remain. */
  failed: 3,
  /** A bound of time (--max-runtime, --until-time) or of usage limits is over. */
  bound: 4,
  /** The words typed, an environment variable or the config file. Nothing was started. */
  usage: 64,
  /** tasks.md or the state is damaged or contradicts itself. */
  badInput: 65,
  /** No such spec, tasks.md or config file. */
  missingInput: 66,
  /** No usable agent, or something demanded (tmux, a Node version) is missing. */
  unavailable: 69,
  /** A bug in seqrun. */
  internal: 70,
  /** Journal or state cannot be written. */
  unwritable: 73,
  /** Another runner holds the lock, or a job of another spec is alive in the workspace. */
  locked: 75,
  /** SIGINT; the state is saved. */
  interrupted: 130,
  /** SIGTERM; the state is saved. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line per code, for `--help`. */
export const EXIT_HELP: readonly (readonly [string, string])[] = [
  ['0', 'all required units are done'],
  ['1', '--max-iterations used up'],
  ['2', 'a person is needed'],
  ['3', 'failed or blocked units'],
  ['4', 'a bound of time or limits is over'],
  ['64', 'usage or config'],
  ['65', 'damaged tasks.md or state'],
  ['66', 'no such spec'],
  ['69', 'no usable agent'],
  ['70', 'bug in seqrun'],
  ['73', 'cannot write'],
  ['75', 'another runner holds the lock'],
  ['130', 'SIGINT'],
  ['143', 'SIGTERM'],
];
