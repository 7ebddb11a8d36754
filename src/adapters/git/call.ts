// One call of git: no shell, nothing asked, no surrounding hook's repository, bounded in time and output.
// node:child_process and not execa: these calls are made during a run, and every fork would copy what execa brings (4 MB).
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { marked } from './marked.ts';

/** Trouble with git or a repository, as text for people. Thrown inside this room only: its edge makes a value of it. */
export class Trouble extends Error {}

/** What people are told about any error that was met on the way. */
export const becauseOf = (error: unknown): string => {
  if (error instanceof Trouble) return error.message;
  return error instanceof Error ? error.message : String(error);
};

export interface CallOptions {
  input?: string | Buffer;
  /** Beside the caller's environment. */
  env?: Record<string, string>;
  limitMs?: number;
  /** Runs hooks, signs and locks as the user has it: for a commit the user asked for. Else everything of that kind is off. */
  asUser?: boolean;
}

/** `code` null: ended by a signal. stderr: its end, at most 10,000 characters. */
export interface Ran {
  code: number | null;
  stdout: Buffer;
  stderr: string;
}

const limitMsDefault = 60_000;
const stdoutMax = 256 * 1024 * 1024;
const stderrMax = 10_000;

/** For the rest of stderr when git has ended. */
const graceMs = 250;

/** What a surrounding hook or alias leaves in the environment and what would change the meaning of a call. */
const foreign =
  /^GIT_(?:DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|INDEX_VERSION|PREFIX|COMMON_DIR|NAMESPACE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE|INTERNAL_.*|CONFIG|CONFIG_PARAMETERS|ATTR_SOURCE|(?:LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS|EXTERNAL_DIFF|DIFF_OPTS|AUTHOR_DATE|COMMITTER_DATE|EDITOR|SEQUENCE_EDITOR|REFLOG_ACTION|CEILING_DIRECTORIES|TRACE.*|DEFAULT_HASH)$/;

/** Settings that would run a program, lock, or change what plumbing accepts. An empty core.fsmonitor is off in every version. */
const quietly = [
  ...['core.fsmonitor=', 'core.hooksPath=/dev/null', 'core.splitIndex=false', 'core.logAllRefUpdates=false'],
  ...['core.protectNTFS=false', 'core.protectHFS=false', 'submodule.recurse=false', 'commit.gpgSign=false'],
  ...['gc.auto=0', 'maintenance.auto=false', 'log.showSignature=false', 'i18n.logOutputEncoding=UTF-8'],
  ...['i18n.commitEncoding=UTF-8', 'color.ui=false'],
].flatMap(setting => ['-c', setting]);

/** No background work is left behind by a commit, and no submodule is walked into. */
const politely = ['submodule.recurse=false', 'gc.auto=0', 'maintenance.auto=false'].flatMap(one => ['-c', one]);

const environment = (root: string, { env, asUser }: CallOptions): NodeJS.ProcessEnv => {
  // Without GPG_TTY: nobody is asked for a passphrase in the terminal of a run.
  const own = Object.entries(process.env).filter(([name]) => name !== 'GPG_TTY' && !foreign.test(name));
  // A broken repository must not make git take the one above it. A list is split at colons, so such a folder cannot be named.
  const ceiling = dirname(root).includes(':') ? {} : { GIT_CEILING_DIRECTORIES: dirname(root) };
  const all = { ...Object.fromEntries(own), ...ceiling, GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: ':', ...marked };
  return asUser
    ? { ...all, ...env }
    : { ...all, GIT_OPTIONAL_LOCKS: '0', GIT_NO_REPLACE_OBJECTS: '1', LC_ALL: 'C', ...env };
};

/** Starts git in `root` (a top level), in a process group of its own. For whoever talks with it while it runs. */
export const startGit = (
  root: string,
  args: readonly string[],
  options: CallOptions,
): ChildProcessWithoutNullStreams => {
  const child = spawn('git', [...(options.asUser ? politely : quietly), ...args], {
    cwd: root,
    env: environment(root, options),
    detached: true,
    stdio: 'pipe',
  });
  // A git that ends before it has read everything says so with its exit code.
  child.stdin.on('error', () => {});
  return child;
};

/** Ends what `startGit` started, with all it started itself. */
export const endGit = (child: ChildProcessWithoutNullStreams): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
};

/** Runs git to its end, whatever code that has. Throws `Trouble` when it cannot be started, takes too long or says too much. */
export const runGit = (root: string, args: readonly string[], options: CallOptions = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = startGit(root, args, options);
    const limitMs = options.limitMs ?? limitMsDefault;
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let over = false;
    const finish = (end: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      end();
    };
    const giveUp = (because: string) =>
      finish(() => {
        endGit(child);
        child.stdout.destroy();
        child.stderr.destroy();
        reject(new Trouble(because));
      });
    const timer = setTimeout(() => giveUp(`git ${args[0]} did not end within ${limitMs / 1000} s`), limitMs);
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > stdoutMax) giveUp(`git ${args[0]} printed more than ${stdoutMax / 1024 / 1024} MB`);
      else out.push(piece);
    });
    child.stderr.on('data', (piece: Buffer) => {
      stderr = (stderr + piece.toString()).slice(-stderrMax);
    });
    child.on('error', error => giveUp(whyNotStarted(error)));
    const done = (code: number | null) => finish(() => resolve({ code, stdout: Buffer.concat(out), stderr }));
    child.on('close', done);
    // What a hook leaves in the background may hold stderr open for ever; stdout is git's alone, and is read to its end.
    let ended: { code: number | null } | null = null;
    const unlessHeld = () => {
      if (ended === null || !child.stdout.readableEnded) return;
      const { code } = ended;
      setTimeout(() => {
        done(code);
        child.stderr.destroy();
      }, graceMs).unref();
    };
    child.stdout.on('end', unlessHeld);
    child.on('exit', code => {
      ended = { code };
      unlessHeld();
    });
    child.stdin.end(options.input ?? '');
  });

const whyNotStarted = (error: Error): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'git is not installed, or the folder is gone'
    : `git could not be started: ${error.message}`;

/** The output of a call that must succeed; else `Trouble` with git's own first line. */
export const outputOf = async (root: string, args: readonly string[], options: CallOptions = {}): Promise<Buffer> => {
  const ran = await runGit(root, args, options);
  if (ran.code === 0) return ran.stdout;
  // 129: it does not know an option.
  if (ran.code === 129) throw new Trouble(`${await versionOf(root)} is too old; 2.18 is needed`);
  const said =
    ran.stderr.split('\n').find(line => /^(?:fatal|error): /.test(line)) ?? ran.stderr.trim().split('\n')[0]!;
  const end = ran.code === null ? 'was killed' : `failed with ${ran.code}`;
  throw new Trouble(`git ${args[0]} in ${root} ${said === '' ? end : `says: ${said.slice(0, 500)}`}`);
};

const versionOf = async (root: string): Promise<string> => {
  const { stdout } = await runGit(root, ['--version']);
  return stdout.toString().trim() || 'git';
};

/** One word of a call that must succeed. */
export const wordOf = async (root: string, args: readonly string[], options: CallOptions = {}): Promise<string> =>
  (await outputOf(root, args, options)).toString().trim();
