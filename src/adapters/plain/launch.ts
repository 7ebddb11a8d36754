// Starts launch.sh without tmux: a child of its own session that outlives seqrun.
import { spawn } from 'node:child_process';

export interface PlainChild {
  /** The process could not be made at all (no /bin/sh, no more processes). */
  failed: Promise<string>;
  /** It has ended. */
  isOver(): boolean;
}

/**
 * Runs argv detached (setsid), with `env` as its whole environment and nothing of our own files open. Nothing waits for it
 * and seqrun may end before it does.
 */
export const startPlain = (argv: readonly string[], env: Readonly<Record<string, string>>): PlainChild => {
  let over = false;
  const child = spawn(argv[0]!, argv.slice(1), { detached: true, stdio: 'ignore', env: { ...env }, cwd: '/' });
  child.unref();
  const failed = new Promise<string>(resolve => {
    child.once('error', error => {
      over = true;
      resolve(error.message);
    });
  });
  child.once('exit', () => {
    over = true;
  });
  return { failed, isOver: () => over };
};
