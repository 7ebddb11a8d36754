// What `plan --verbose` and `lint --verbose` say of the files that every unit is told to read.
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
