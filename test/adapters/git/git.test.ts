// What changed in a work tree, asked of a real repository.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changesSince, findTopLevel, headOf } from '../../../src/adapters/git/git.ts';

const repository = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-git-')));
  const run = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder });
  run('init', '-q');
  writeFileSync(join(folder, 'a.txt'), 'one\n');
  run('add', '.');
  run('commit', '-qm', 'first');
  return folder;
};

test('new and changed files are counted, the runner’s own files are not', async () => {
  const folder = repository();
  const head = await headOf(folder);
  expect(await changesSince(folder, head)).toBeNull();
  mkdirSync(join(folder, '.kiro/specs'), { recursive: true });
  writeFileSync(join(folder, '.kiro/specs/SEQUENTIAL_STATE.json'), '{}');
  expect(await changesSince(folder, head)).toBeNull();
  writeFileSync(join(folder, 'a.txt'), 'two\n');
  writeFileSync(join(folder, 'b.txt'), 'new\n');
  expect(await changesSince(folder, head)).toBe('1 file changed, 1 insertion(+), 1 deletion(-), 1 new file');
  expect(await changesSince(folder, head, [join(folder, 'a.txt')])).toBe('1 new file');
  expect(await findTopLevel(join(folder, '.kiro/specs'))).toBe(folder);
});

test('a link into a work tree has that tree’s top level, wherever the link lies', async () => {
  const folder = repository();
  mkdirSync(join(folder, 'packages/b'), { recursive: true });
  const link = join(realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-link-'))), 'b');
  symlinkSync(join(folder, 'packages/b'), link);
  expect(await findTopLevel(link)).toBe(folder);
  expect(await findTopLevel(join(folder, 'not/there'))).toBe(folder);
});

test('no repository, no commit: nothing is claimed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqrun-nogit-'));
  mkdirSync(join(folder, '.git'));
  expect(await findTopLevel(folder)).not.toBe(folder);
  expect(await headOf(folder)).toBeNull();
  expect(await changesSince(folder, null)).toBeNull();
});
