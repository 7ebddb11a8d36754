// The state of a working tree, asked of real repositories: what counts, what changes the hash, and what is said of trouble.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.ts';
import type { TreeState } from '../../../src/core/tree.ts';
import { emptyFolder, git, put, repository } from './world.ts';

const before = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const read = async (workdir: string, without: string[] = []): Promise<TreeState> => {
  const reading = await createGit(workdir).treeOf({ without });
  if (reading.kind !== 'tree') throw new Error(JSON.stringify(reading));
  return reading.tree;
};

test('what git would show changes the hash, and nothing else does', async () => {
  const root = repository({ 'a.txt': 'one\n', 'sub/b.txt': 'b\n', '.gitignore': 'ignored\n', 'tasks.md': '- [ ] 1\n' });
  const seen = new Set<string>();
  /** A state that was not there before. */
  const fresh = async () => {
    const tree = await read(root, [join(root, 'tasks.md')]);
    expect(seen).not.toContain(tree.hash);
    seen.add(tree.hash);
    return tree.repos[0]!;
  };
  const clean = await fresh();
  expect(clean).toEqual({
    path: '.',
    branch: 'main',
    head: git(root, 'rev-parse', 'HEAD').trim(),
    dirty: 0,
    files: [],
    busy: null,
  });

  const [start] = seen;
  for (const own of [
    'SEQUENTIAL_STATE.json',
    'sub/SEQUENTIAL_STATE.before-20270301T063000_000Z.json',
    'SEQUENTIAL_STATE.foreign.json',
    'sub/SEQUENTIAL_PROGRESS.md',
    'sub/SEQUENTIAL_STATE.lock/1',
    '.seqrun/x',
  ]) {
    put(root, own, 'x');
  }
  put(root, 'ignored', 'x');
  put(root, 'tasks.md', '- [x] 1\n');
  put(root, 'sub/b.txt', 'b\n');
  // A subfolder has the state of the whole repository, however it is reached.
  const link = join(emptyFolder(), 'link');
  symlinkSync(join(root, 'sub'), link);
  expect((await read(link, [join(root, 'tasks.md')])).hash).toBe(start);

  put(root, 'a.txt', 'two\n');
  expect(await fresh()).toMatchObject({ dirty: 1, files: ['a.txt'] });
  put(root, 'a.txt', 'too\n');
  await fresh();
  chmodSync(join(root, 'a.txt'), 0o755);
  await fresh();
  git(root, 'add', 'a.txt');
  await fresh();
  put(root, 'new\n"é', 'x');
  put(root, Buffer.from([0x66, 0xff]), 'y');
  expect(await fresh()).toMatchObject({ dirty: 3, files: ['a.txt', 'f\\xff', 'new\n"é'] });
  put(root, Buffer.from([0x66, 0xff]), 'z');
  await fresh();
  symlinkSync('one', join(root, 'to'));
  await fresh();
  rmSync(join(root, 'to'));
  symlinkSync('two', join(root, 'to'));
  await fresh();
  rmSync(join(root, 'sub/b.txt'));
  await fresh();
  git(root, 'commit', '-qam', 'second');
  await fresh();
  git(root, 'switch', '-q', '--detach');
  expect((await fresh()).branch).toBeNull();
  writeFileSync(join(root, '.git/MERGE_HEAD'), '');
  expect((await fresh()).busy).toBe('merge');
  mkdirSync(join(root, '.git/rebase-merge'));
  expect((await fresh()).busy).toBe('rebase');
});

test('without a repository there is nothing to say, and no process is started', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'x/.git'), { recursive: true });
  process.env.PATH = emptyFolder();
  expect(await createGit(folder).treeOf({ without: [] })).toEqual({ kind: 'none' });
});

test('repositories below the workdir count each by itself, at any depth git shows them', async () => {
  const folder = emptyFolder();
  const asked = createGit(folder);
  expect(await asked.treeOf({ without: [] })).toEqual({ kind: 'none' });
  for (const name of ['two', 'one', 'one/deep/er/than/that', 'node_modules/no']) {
    mkdirSync(join(folder, name), { recursive: true });
    repository({ a: 'a' }, join(folder, name));
  }
  const first = await asked.treeOf({ without: [] });
  expect(first).toMatchObject({
    kind: 'tree',
    tree: { repos: [{ path: 'one', dirty: 0 }, { path: 'one/deep/er/than/that' }, { path: 'two' }] },
  });
  put(folder, 'one/deep/er/than/that/a', 'b');
  const second = await asked.treeOf({ without: [] });
  expect(second).toMatchObject({ tree: { repos: [{ dirty: 0 }, { dirty: 1, files: ['a'] }, { dirty: 0 }] } });
  expect(JSON.stringify(second)).not.toBe(JSON.stringify(first));
  rmSync(join(folder, 'one'), { recursive: true });
  expect(await asked.treeOf({ without: [] })).toMatchObject({ tree: { repos: [{ path: 'two' }] } });
});

test('a submodule is part of its superproject: its HEAD and its own changes are in the hash', async () => {
  const [root, inner] = [repository(), repository({ 'in.txt': 'in\n' })];
  git(root, 'submodule', '--quiet', 'add', inner, 'sub');
  git(root, 'commit', '-qm', 'sub');
  git(root, 'config', 'diff.ignoreSubmodules', 'all');
  git(root, 'config', 'submodule.sub.ignore', 'all');
  const hashes = [await read(root)];
  put(root, 'sub/in.txt', 'changed\n');
  hashes.push(await read(root));
  put(root, 'sub/in.txt', 'chained\n');
  hashes.push(await read(root));
  put(root, 'sub/new', '');
  hashes.push(await read(root));
  git(join(root, 'sub'), 'add', '-A');
  git(join(root, 'sub'), 'commit', '-qm', 'moved');
  hashes.push(await read(root));
  expect(hashes.map(({ repos }) => repos.map(({ path, dirty }) => `${path} ${dirty}`))).toEqual([
    ['. 0'],
    ...Array(4).fill(['. 1']),
  ]);
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(hashes.length);

  // A linked worktree has a HEAD and a middle of its own.
  const linked = join(emptyFolder(), 'linked');
  git(root, 'worktree', 'add', '-q', '-b', 'other', linked);
  writeFileSync(join(root, '.git/worktrees/linked/CHERRY_PICK_HEAD'), '');
  expect((await read(linked)).repos).toMatchObject([{ path: '.', branch: 'other', busy: 'cherry-pick' }]);
  expect((await read(root)).repos).toMatchObject([{ path: '.', branch: 'main', busy: null }]);
});

test('neither the environment of a hook nor strange settings lead astray', async () => {
  const [root, other] = [repository({ 'a b': 'one\n' }), repository({ foreign: 'x' })];
  put(other, 'foreign', 'y');
  put(root, 'é', 'x');
  renameSync(join(root, 'a b'), join(root, 'c d'));
  git(root, 'add', 'c d', 'a b');
  const plain = await read(root);
  const marker = join(other, 'ran');
  put(root, '.git/spy', `#!/bin/sh\necho >> ${marker}\n`, 0o755);
  const settings = {
    'core.quotePath': 'true',
    'status.showUntrackedFiles': 'no',
    'status.renames': 'copies',
    'status.relativePaths': 'true',
    'status.showStash': 'true',
    'status.branch': 'false',
    'column.ui': 'always',
    'color.ui': 'always',
    'core.fsmonitor': join(root, '.git/spy'),
    'diff.external': join(root, '.git/spy'),
    'core.hooksPath': join(root, '.git'),
  };
  for (const [name, value] of Object.entries(settings)) git(root, 'config', name, value);
  Object.assign(process.env, {
    GIT_DIR: join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, '.git/index'),
    GIT_PREFIX: 'x/',
    GIT_LITERAL_PATHSPECS: '1',
  });
  expect(await read(root)).toEqual(plain);
  expect(plain.repos[0]!.files).toEqual(['a b', 'c d', 'é']);
  expect(existsSync(marker)).toBe(false);
});

test('trouble is a value that says why', async () => {
  const root = repository();
  const inner = join(root, 'inner');
  mkdirSync(inner);
  repository({ x: 'x' }, inner);
  const because = async (folder: string) => {
    const reading = await createGit(folder).treeOf({ without: [] });
    return reading.kind === 'unknown' ? reading.because : reading.kind;
  };
  // A broken one is not taken for the one above it.
  writeFileSync(join(inner, '.git/HEAD'), 'nonsense');
  expect(await because(inner)).toMatch(/inner.*not a git repository/s);
  git(root, 'config', 'core.worktree', emptyFolder());
  rmSync(inner, { recursive: true });
  expect(await because(root)).toMatch(/work tree elsewhere/);
  git(root, 'config', '--unset', 'core.worktree');
  writeFileSync(join(root, '.git/index'), 'broken');
  expect(await because(root)).toMatch(/git status .*index/);
  rmSync(join(root, '.git/index'));

  const [fake, real] = [emptyFolder(), execFileSync('sh', ['-c', 'command -v git']).toString().trim()];
  const path = process.env.PATH;
  process.env.PATH = fake;
  expect(await because(root)).toMatch(/git is not installed/);
  put(fake, 'git', `#!/bin/sh\nfor a; do [ "$a" = status ] && exit 129; done\nexec ${real} "$@"\n`, 0o755);
  process.env.PATH = `${fake}${delimiter}${path}`;
  expect(await because(root)).toMatch(/^git version \S+.* is too old; 2\.18 is needed$/);
  put(fake, 'git', `#!/bin/sh\necho "fatal: detected dubious ownership in repository at 'x'" >&2\nexit 128\n`, 0o755);
  expect(await because(root)).toMatch(/dubious ownership/);
});
