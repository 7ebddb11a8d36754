// A rehearsal that cannot be played is refused before a gate is run or anything is written.
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
const script = '.kiro/specs/cart/rehearsal.json';
const run = (env: Record<string, string> = {}) =>
  folder.run('--spec .kiro/specs/cart --backend rehearsal --no-tmux --delay 0 --verify ./check', {
    PATH: process.env.PATH!,
    ...env,
  });

beforeEach(() => {
  folder = makeFolder();
  folder.write('- [ ] 1. A\n');
  folder.write('#!/bin/sh\ntouch checked\n', 'check');
  chmodSync(join(folder.root, 'check'), 0o755);
});
afterEach(() => {
  expect(existsSync(join(folder.root, 'checked'))).toBe(false);
  expect(existsSync(join(folder.root, '.kiro/specs/SEQUENTIAL_PROGRESS.md'))).toBe(false);
  folder.close();
});

test.each<[string, string, RegExp]>([
  ['no JSON', '{ oops', /rehearsal\.json is not JSON/],
  ['another behaviour', '{"units": {"1": "don"}}', /units\.1 is "don"; the behaviours are done, /],
  ['another key', '{"unit": {}}', /unit is not known here; the keys are paceMs, units, /],
])('with mistakes: %s', async (_, text, says) => {
  folder.write(text, script);
  const { exit, stderr } = await run();
  expect([exit, stderr]).toEqual([64, expect.stringMatching(says)]);
  expect(stderr).toContain('"units": { "2": ["question", "done"] }');
  expect(stderr).toContain('/cart/rehearsal.json');
});

test('without a script', async () => {
  const { exit, stderr } = await run();
  expect([exit, stderr]).toEqual([64, expect.stringMatching(/no rehearsal\.json[\s\S]*\{"default": "done"\}/)]);
});

test('with one that the environment names and that is not there, though one lies beside the tasks', async () => {
  folder.write('{}', script);
  const { exit, stderr } = await run({ SEQRUN_REHEARSAL: 'elsewhere' });
  expect([exit, stderr]).toEqual([66, expect.stringMatching(/no rehearsal\.json found \(looked at: .*elsewhere/)]);
});
