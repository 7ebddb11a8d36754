// A private workspace for the library: a spec, an agent that is a script, and a state home of its own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunOptions } from '../../src/api/index.ts';

export interface World {
  root: string;
  /** Options of a run without windows and pauses, whose agent is the script. */
  options: RunOptions;
  /** Writes a file of the workspace. */
  write(path: string, text: string): void;
  close(): void;
}

export const done = 'cat > /dev/null\necho "<promise>TASK_DONE</promise>"\n';
/** Says that it began, and works for longer than any test. */
export const endless = 'cat > /dev/null\necho begun > begun\nexec sleep 600\n';

/** `agent` is run by sh with the prompt on stdin. */
export const makeWorld = (agent = done, tasks = '- [ ] 1. First\n- [ ] 2. Second\n'): World => {
  const root = mkdtempSync(join(tmpdir(), 'seqrun-api-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  execFileSync('git', ['init', '-q', root]);
  write('.kiro/specs/cart/tasks.md', tasks);
  write('agent.sh', agent);
  const { PATH, HOME } = process.env;
  return {
    root,
    options: {
      cwd: root,
      env: { PATH, HOME, XDG_STATE_HOME: join(root, 'state') },
      spec: '.kiro/specs/cart',
      command: ['sh', join(root, 'agent.sh')],
      assign: 'none',
      delay: 0,
      git: 'off',
      noTmux: true,
    },
    write,
    close: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  };
};
