// Commands in this process, on real folders.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../../src/cli/main.ts';

export interface Folder {
  root: string;
  /** Writes a file below the root; by default the task file of the spec `cart`. */
  write(text: string | Uint8Array, path?: string): void;
  /** One command, its words split at blanks, typed at the root; of environment only the state home and what is given. */
  run(words: string, env?: Record<string, string>): Promise<{ exit: number; stdout: string; stderr: string }>;
  close(): void;
}

/** A new repository; `close` removes it. */
export const makeFolder = (): Folder => {
  const root = mkdtempSync(join(tmpdir(), 'seqrun-cli-'));
  mkdirSync(join(root, '.git'));
  return {
    root,
    write: (text, path = '.kiro/specs/cart/tasks.md') => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    run: async (words, more = {}) => {
      const text = { stdout: '', stderr: '' };
      const sink = (name: 'stdout' | 'stderr') => ({
        write: (piece: string, done?: () => void) => {
          text[name] += piece;
          done?.();
        },
        on: () => {},
      });
      const env = { XDG_STATE_HOME: join(root, 'state'), ...more };
      const exit = await main(words.split(' '), env, { stdout: sink('stdout'), stderr: sink('stderr'), cwd: root });
      return { exit, ...text };
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
};
