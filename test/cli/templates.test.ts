// The setting "templates": prompts of one's own from a folder that the config file names, in this process.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
const path = { PATH: process.env.PATH! };
const run = () => folder.run('--spec .kiro/specs/cart --command ./agent --no-tmux --no-assign --delay 0', path);

beforeEach(() => {
  folder = makeFolder();
  folder.write('- [ ] 1. A\n');
  // Its answer is the promise only where it was told of kittens.
  folder.write('#!/bin/sh\ngrep -q kittens && echo "<promise>TASK_DONE</promise>"\n', 'agent');
  chmodSync(join(folder.root, 'agent'), 0o755);
  folder.write('templates: prompts\nmaxFollowUps: 0\nmaxAttempts: 1\n', 'seqrun.config.yaml');
});
afterEach(() => folder.close());

it('takes the prompts that are there, and those of seqrun for the others', async () => {
  mkdirSync(join(folder.root, 'prompts'));
  expect((await run()).exit).toBe(3);
  folder.write('Do {{unit_id}}, and think of kittens.\n', 'prompts/task.md');
  expect((await folder.run('reset 1 --spec .kiro/specs/cart', path)).exit).toBe(0);
  expect((await run()).exit).toBe(0);
});

it('a folder that is not there is 66, before anything is started', async () => {
  const { exit, stderr } = await run();
  expect(exit).toBe(66);
  expect(stderr).toMatch(/prompts[\s\S]*relative to that file/);
});
