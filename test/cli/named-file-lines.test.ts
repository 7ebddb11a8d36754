// What `plan --verbose` and `lint --verbose` say of the files that every unit is told to read, and that it is told so.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('- [ ] 1. A\n');
  folder.write('# Plan\n', '.kiro/specs/cart/plan.md');
});
afterEach(() => folder.close());

it.each(['plan', 'lint'])('%s says them with --verbose only', async command => {
  const said = await folder.run(`${command} .kiro/specs/cart --context-file docs/style.md --verbose`);
  expect(said.stdout).toContain('Every unit is told where these are\n  - task list: @.kiro/specs/cart/tasks.md\n');
  expect(said.stdout).toContain('  - plan: @.kiro/specs/cart/plan.md\n');
  expect((await folder.run(`${command} .kiro/specs/cart`)).stdout).not.toContain('plan.md');
});

it('the prompt of a run has the same lines', async () => {
  folder.write(
    '#!/bin/sh\ngrep -qx -- "- plan: @.kiro/specs/cart/plan.md" && echo "<promise>TASK_DONE</promise>"\n',
    'agent',
  );
  chmodSync(join(folder.root, 'agent'), 0o755);
  folder.write('maxFollowUps: 0\nmaxAttempts: 1\n', 'seqrun.config.yaml');
  const words = '--spec .kiro/specs/cart --command ./agent --no-tmux --no-assign --delay 0';
  expect((await folder.run(words, { PATH: process.env.PATH! })).exit).toBe(0);
});
