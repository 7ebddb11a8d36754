// The report of a bug in seqrun: short on the screen, whole in a file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { inspect } from 'node:util';
import { secretsOf } from '../core/secrets.ts';
import type { Failure } from './errors.ts';
import { version } from './version.ts';

/**
 * Writes versions, words typed and the stack to `$XDG_STATE_HOME/seqrun/crashes/` (0600) and returns what to tell the
 * user. Where that fails the stack stands in the message itself.
 */
export const crashFailure = (
  error: unknown,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): Failure => {
  const { hide } = secretsOf(env);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
  const versions = `seqrun ${version}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const report = `${versions}\n${new Date(nowMs).toISOString()}\n${hide(JSON.stringify(argv))}\n\n${hide(inspect(error))}\n`;
  const failure: Failure = {
    exit: 70,
    what: `internal error in ${versions}: ${hide(message)}`,
    where: null,
    expected: null,
    next: 'what is done is kept: the same command goes on. Please report this with the file',
  };
  try {
    // As the XDG base directory specification demands, a relative path is ignored.
    const xdg = env.XDG_STATE_HOME;
    const base = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.local', 'state');
    const folder = join(base, 'seqrun', 'crashes');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${new Date(nowMs).toISOString().replaceAll(':', '-')}-${process.pid}.txt`);
    writeFileSync(path, report, { mode: 0o600 });
    return { ...failure, where: { name: path } };
  } catch {
    return { ...failure, next: `please report this: ${hide(inspect(error))}` };
  }
};
