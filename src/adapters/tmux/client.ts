// The one place that runs tmux. Everything is argv words; no shell and, where it can be helped, no tmux format sees them.
import { spawn } from 'node:child_process';

export type TmuxAnswer =
  | { ok: true; stdout: string }
  | {
      ok: false;
      /**
       * absent: no tmux on PATH. no_server: no server is running. timeout: the server did not answer and may still do what
       * it was asked. refused: tmux said no.
       */
      why: 'absent' | 'no_server' | 'timeout' | 'refused';
      /** `tmux <subcommand>: <what tmux said>`, one line. */
      message: string;
      /** Printed before it failed: commands earlier in the call have been done. */
      stdout: string;
    };

export interface TmuxClient {
  /** Runs one call (several commands may be joined by `;` words). Never throws. */
  run(args: readonly string[], options?: { timeoutMs?: number }): Promise<TmuxAnswer>;
  /** The command words before the subcommand: `tmux`, or `tmux -L name`. */
  command: readonly string[];
}

export interface TmuxOptions {
  /** Default `['tmux']`. */
  command?: readonly string[];
  /** Environment of the client; it decides which server is meant (TMUX, TMUX_TMPDIR) and what a new server inherits. */
  env: Readonly<Record<string, string | undefined>>;
  /** How long one call may take. */
  timeoutMs?: number;
}

/** A server that is alive answers in 2 ms; one that takes this long is stopped or swapped out. */
const answerTimeoutMs = 10_000;

export const tmuxClient = (options: TmuxOptions): TmuxClient => {
  const command = options.command ?? ['tmux'];
  return {
    command,
    // node:child_process: 4 ms per call here; execa adds 70 ms to the start of seqrun and gives nothing that is used.
    run: (args, { timeoutMs = options.timeoutMs ?? answerTimeoutMs } = {}) =>
      new Promise(resolve => {
        let stdout = '';
        let stderr = '';
        const child = spawn(command[0]!, [...command.slice(1), ...args], {
          env: options.env as NodeJS.ProcessEnv,
          cwd: '/',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const fail = (why: 'absent' | 'no_server' | 'timeout' | 'refused', said: string) =>
          resolve({ ok: false, why, message: `tmux ${args[0]}: ${said.replace(/\s+/g, ' ').trim()}`, stdout });
        const timer = setTimeout(() => {
          child.kill('SIGKILL');
          // Not waited for: a stopped server holds our pipes, which it was handed with the call.
          child.stdout.destroy();
          child.stderr.destroy();
          child.unref();
          fail('timeout', `no answer within ${timeoutMs} ms`);
        }, timeoutMs);
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        child.on('error', error => {
          clearTimeout(timer);
          fail((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'refused', error.message);
        });
        child.on('close', (code, signal) => {
          clearTimeout(timer);
          if (code === 0) resolve({ ok: true, stdout });
          else if (isNoServer(stderr)) fail('no_server', stderr);
          else fail('refused', stderr || (signal ? `ended by ${signal}` : `exit ${code}`));
        });
      }),
  };
};

/** tmux's words for a missing server; these come from the client itself, never from what runs in a pane. */
const isNoServer = (stderr: string): boolean =>
  /^(no server running on |error connecting to .*\((No such file or directory|Connection refused)\)|server exited|lost server)/m.test(
    stderr,
  );

/**
 * A word that tmux must take as it is: a trailing `;` would end the command (tmux(1), "COMMAND PARSING AND EXECUTION").
 */
export const word = (text: string): string => (text.endsWith(';') ? `${text.slice(0, -1)}\\;` : text);

/**
 * A start directory for `-c`, which tmux expands as a format: one that holds `#` is replaced by `/`. Jobs change to their
 * folder by themselves, so this only decides what a person's split of the window starts in.
 */
export const startDirectory = (path: string): string => (path.includes('#') ? '/' : word(path));

/** A session or window name that needs no quoting and means the same in every target: `.`, `:` and the rest become `_`. */
export const safeName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[-_]+|_+$/g, '')
    .slice(0, 50);

/** The session of a spec: `sequential-<name>`, `sequential` when nothing of the name is left. */
export const sessionNameOf = (specName: string): string => `sequential-${safeName(specName)}`.replace(/-$/, '');

/** A path as an option's value: no newline, no `#`, no `;`, ASCII only, and the same path gives the same text. */
export const encodePath = (path: string): string =>
  encodeURI(path).replace(/[#;'!*()$&+,=?@:]/g, c => `%${c.charCodeAt(0).toString(16)}`);
