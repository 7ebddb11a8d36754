// What changed in a work tree, asked of a real repository.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changesSince, findTopLevel, foundIn } from '../../../src/adapters/git/git.ts';

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
  const found = await foundIn(folder);
  expect(await changesSince(folder, found)).toBeNull();
  mkdirSync(join(folder, '.kiro/specs'), { recursive: true });
  writeFileSync(join(folder, '.kiro/specs/SEQUENTIAL_STATE.json'), '{}');
  expect(await changesSince(folder, found)).toBeNull();
  writeFileSync(join(folder, 'a.txt'), 'two\n');
  writeFileSync(join(folder, 'b.txt'), 'new\n');
  expect(await changesSince(folder, found)).toBe('1 file changed, 1 insertion(+), 1 deletion(-), 1 new file');
  expect(await changesSince(folder, found, [join(folder, 'a.txt')])).toBe('1 new file');
  expect(await findTopLevel(join(folder, '.kiro/specs'))).toBe(folder);
});

test('what was new or changed before is not taken for work of the run', async () => {
  const folder = repository();
  writeFileSync(join(folder, 'a.txt'), 'mine\n');
  writeFileSync(join(folder, 'käse.txt'), 'mine too\n');
  const found = await foundIn(folder);
  writeFileSync(join(folder, 'b.txt'), 'new\n');
  expect(await changesSince(folder, found)).toBe(
    '1 file changed, 1 insertion(+), 1 deletion(-), 1 new file (one file had changes before the run)',
  );
  expect(await changesSince(folder, found, ['a.txt'])).toBe('1 new file');
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub/c.txt'), 'new\n');
  expect(await changesSince(join(folder, 'sub'), found)).toBe('1 new file');
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
  expect(await foundIn(folder)).toBeNull();
  expect(await changesSince(folder, null)).toBeNull();
});
