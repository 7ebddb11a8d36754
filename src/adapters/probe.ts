// Asks a program on this machine one short question, such as `--version`, and never waits long for it.
import { spawn } from 'node:child_process';

/** What it said, or why nothing came of it. */
export type Answer = { kind: 'said'; text: string } | { kind: 'failed'; because: string };

/** Characters of an answer that are kept. */
const keptMax = 10_000;

/**
 * Starts `program` (absolute) with nothing on stdin, in a process group of its own, and gives what it wrote to stdout and stderr when it
 * ended with 0. After `limitMs` the whole group is killed, so that no child of it can keep us waiting. Never throws.
 */
export const ask = (
  program: string,
  args: readonly string[],
  { env, cwd, limitMs }: { env: Readonly<Record<string, string | undefined>>; cwd: string; limitMs: number },
): Promise<Answer> =>
  new Promise(resolve => {
    const child = spawn(program, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const keep = (piece: Buffer) => {
      if (text.length < keptMax) text += piece.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      endGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => finish({ kind: 'failed', because: `no answer within ${limitMs / 1000} s` }),
      limitMs,
    );
    child.on('error', error =>
      finish({ kind: 'failed', because: (error as NodeJS.ErrnoException).code ?? error.message }),
    );
    // `exit` and a moment, not `close`: whatever it left in the background may hold its streams open.
    child.on('exit', (code, signal) =>
      setTimeout(() => {
        const last = text.trim().split('\n').at(-1)!.slice(0, 200);
        const end = signal ? `ended by ${signal}` : `exit ${code}`;
        finish(
          code === 0
            ? { kind: 'said', text: text.trim() }
            : { kind: 'failed', because: last === '' ? end : `${end}: ${last}` },
        );
      }, 20),
    );
  });

/** A group that has ended already is fine. */
const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
};
