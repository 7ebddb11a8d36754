// The text of launch.sh: what stands between a window (or a plain child) and the agent. Pure.
import { inheritedNumber } from './inherited.ts';

/**
 * Quotes one word for any POSIX sh: the result is that word again, whatever it holds (newlines, quotes, `$(…)`).
 * The only thing that cannot travel is NUL, which no argument may hold anyway.
 */
export const sq = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Names that are never passed on. Shells keep some of them read-only and dash and bash end when one is
 * assigned; others they act on (OPTIND with text in it ends dash, PWD is set for the job's own folder).
 */
const notPassed = new Set(
  'UID EUID PPID SHELLOPTS BASHOPTS BASH_VERSINFO BASH_XTRACEFD BASH_ENV ENV IFS OPTIND PWD OLDPWD _'.split(' '),
);

/** True for a variable that the agent gets. Exported functions (`BASH_FUNC_x%%`) are no names and stay out. */
export const isPassed = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !notPassed.has(name);

/**
 * The head of launch.sh: a function that sets the agent's whole environment, which `launch.sh` itself is started without (`env -i`).
 * A shell has read it whole before it comes to what follows, so these bytes can be blanked while it runs. `SEQRUN_START` and `PWD`
 * come last and cannot be overridden.
 */
export const valuesFunction = (env: Readonly<Record<string, string>>, mark: string, cwd: string): string => {
  const lines = ['values() {', 'unset OLDPWD SHLVL'];
  for (const [name, value] of Object.entries(env)) {
    if (isPassed(name) && name !== 'SEQRUN_START') lines.push(`export ${name}=${sq(value)}`);
  }
  lines.push(`export SEQRUN_START=${sq(mark)} PWD=${sq(cwd)}`, '}', '');
  return lines.join('\n');
};

/** exit.json before the end: blank, and longer than any text that launch.sh writes over it. */
export const blankExitFile = (): string => `${' '.repeat(255)}\n`;

export interface LaunchScript {
  mark: string;
  argv: readonly string[];
  cwd: string;
  /** Where launch.sh finds sleep; standard folders are looked at first. Not the agent's PATH. */
  toolPath: string;
  /** This machine and its boot, written into `started`. */
  host: string;
  boot: string;
  /** The agent's whole environment. */
  env: Readonly<Record<string, string>>;
  /** The caller's file mode mask; a tmux server may have another. */
  umask: number;
}

/**
 * launch.sh. It is run as `/bin/sh launch.sh <folder> free|owned [name…]` with `SEQRUN_START=<mark>` in its environment and nothing else
 * but what those names say, which it takes away; `owned` = the runner holds the claim already. Works in dash and bash.
 *
 * - Whatever can fail is done before the claim; a failure or a lost claim ends it, with a word in stderr.log.
 * - The claim is a file made with noclobber (O_EXCL, POSIX "set -C"): as atomic as mkdir, and no process has to be made for it.
 * - Handlers (not "ignore") for the signals of a terminal: the agent keeps the defaults, launch.sh outlives a closed
 *   window and a Ctrl-C and can still say how the agent ended.
 * - The agent's variables are blanked in place, at the head of this file, when they have been set (a builtin again; cutting or
 *   removing a file costs more than all the rest on ext4), and the claim tells who began only after that. What is needed from then on
 *   stands in `$1` … `$5`, which none of those variables can replace.
 * - The agent replaces a subshell, so `/proc/self` there is the agent's own pid, and nothing of its environment can
 *   touch launch.sh. Without /proc the agent's pid stays unknown (0).
 * - exit.json is there from the beginning, blank, and is open already: writing it needs neither a process (mv) nor room on
 *   the disk. A reader that comes in the middle of the one write finds no JSON and looks again.
 * - The agent's limit of file locks is a number of this start (`-w` in dash, `-x` in bash): what has lost the mark still has that.
 *   Where it cannot be set, nothing is lost but that.
 * - In a window the runner itself writes to the terminal. When launch.sh, the leader of its session, ends, tmux 3.3 closes the
 *   terminal at once, and what it has not read is lost (seen once in 36 short jobs that ended without waiting); what the agent left
 *   behind gets HUP. So launch.sh stays at least 0.2 s, and until the runner has shown everything or 5 s have gone. Looking again and
 *   again instead of the sleep gains nothing.
 */
export const launchScript = (script: LaunchScript): string => {
  const constant = (value: unknown) => JSON.stringify(value).replaceAll('%', '%%').replaceAll('\\', '\\\\');
  const started = [
    `{"mark":${constant(script.mark)},"host":${constant(script.host)},"boot":${constant(script.boot)},`,
    '"pid":%s,"start":"%s","agent":%s,"agentStart":"%s","tty":%s}\\n',
  ].join('');
  const number = inheritedNumber(script.mark);
  const ended = `{"mark":${constant(script.mark)},"code":%s,"int":%s}`;
  const values = valuesFunction(script.env, script.mark, script.cwd);
  return `${values}# Claims this start, runs its agent, writes how it ended. Made by seqrun.
d=$1 owned=$2
[ "$#" -lt 3 ] || { shift 2; unset "$@"; }
umask 077
PATH=${sq(script.toolPath)}
exec 2>>"$d/stderr.log" || exit 70
int=false
trap 'int=true' INT
trap ':' HUP TERM QUIT
cd ${sq(script.cwd)} || exit 70
exec 5<"$d/prompt.md" 6>>"$d/stdout.jsonl" 7>>"$d/stderr.log" 8<>"$d/exit.json" || exit 70
if [ -r /proc/self/stat ]; then
  read -r s </proc/$$/stat
  set -- \${s##*) }
  start=\${20}
else
  start=$(LC_ALL=C ps -o lstart= -p $$)
fi
if [ -t 1 ]; then tty=true; else tty=false; fi
if [ "$owned" = owned ]; then exec 9>>"$d/claim"; else set -C; exec 9>"$d/claim"; fi || exit 75
set +C
echo "$$" >&9
exec 2>/dev/null
(
  a=0 as=
  if [ -r /proc/self/stat ]; then
    read -r s </proc/self/stat
    a=\${s%% *}
    set -- \${s##*) }
    as=\${20}
  fi
  set -- "$d" "$start" "$a" "$as" "$tty"
  values || exit 70
  printf '%*s' ${Buffer.byteLength(values)} '' 1<>"$1/launch.sh"
  printf ${sq(started)} "$$" "$2" "$3" "$4" "$5" >&9
  exec 9>&-
  umask ${script.umask.toString(8).padStart(4, '0')}
  ${number === null ? ':' : `ulimit -w ${number} 2>/dev/null || ulimit -x ${number} 2>/dev/null`}
  exec ${script.argv.map(sq).join(' ')}
) <&5 >&6 2>&7 5<&- 6>&- 7>&- 8>&-
c=$?
printf ${sq(ended)} "$c" "$int" >&8
if $tty; then
  i=0
  while sleep 0.2; [ ! -e "$d/view.end" ] && [ "$i" -lt 24 ]; do i=$((i + 1)); done
fi
exit "$c"
`;
};
