// What is said of commands that lack a word.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.close());

it('asks for no spec where none is needed', async () => {
  const { exit, stderr } = await folder.run('completion');
  expect(exit).toBe(64);
  expect(stderr).toMatch(/next: seqrun completion bash$/m);
  expect((await folder.run('checkpoint')).stderr).toMatch(/next: seqrun checkpoint \w+.* --spec \S+$/m);
});
