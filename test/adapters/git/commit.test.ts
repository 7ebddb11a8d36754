// Real commits of a work tree: what is in them, what refuses them, and that a refusal leaves the index as it was.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../src/adapters/git/create-git.ts';
import { emptyFolder, face, git, put, repository } from './world.ts';

const before = { ...process.env };
afterEach(() => {
  Object.assign(process.env, before);
});

const trailer = 'Seqrun-Start: 0123-abc';
const message = `Do task 1\n\n# no comment\n\nSeqrun-Task: 1\n${trailer}\n`;

test("hooks and filters are told from a person: they may be an agent's", async () => {
  const root = repository();
  const seen = join(emptyFolder(), 'seen');
  writeFileSync(join(root, '.git/hooks/pre-commit'), `#!/bin/sh\nenv >>${seen}.hook\n`, { mode: 0o755 });
  git(root, 'config', 'filter.x.clean', `env >>${seen}.filter; cat`);
  put(root, '.gitattributes', '* filter=x\n');
  put(root, 'a.txt', 'two\n');
  const asked = createGit(root);
  await asked.treeOf({ without: [] });
  await asked.commitAll({ message });
  for (const name of ['hook', 'filter']) {
    const lines = readFileSync(`${seen}.${name}`, 'utf8').split('\n');
    expect([name, ...lines.filter(line => line.startsWith('SEQRUN')).sort()]).toEqual(
      expect.arrayContaining([name, 'SEQRUN=1', `SEQRUN_CALLS_GIT=${process.pid}`]),
    );
  }
});

test('all that differs is in it, once, and what seqrun writes is not', async () => {
  const root = repository({
    'a.txt': 'one\n',
    'gone.txt': 'x',
    'tasks.md': '- [ ] 1\n',
    '.gitignore': 'ignored\n',
    file: 'x',
    'folder/x': 'x',
  });
  const asked = createGit(root);
  expect(await asked.commitAll({ message })).toEqual([{ kind: 'nothing', repo: '.' }]);
  expect(await asked.alreadyCommitted(trailer)).toEqual({ kind: 'missing' });
  // Tracked by the user, so it is the user's.
  put(root, 'specs/SEQUENTIAL_PROGRESS.md', 'x');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'progress');
  put(root, 'specs/SEQUENTIAL_PROGRESS.md', 'y');
  git(root, 'config', 'commit.cleanup', 'strip');
  put(root, 'a.txt', 'two\n');
  put(root, 'tasks.md', '- [x] 1\n');
  put(root, '-dash\n"', 'x');
  put(root, ':(glob)*', 'x');
  put(root, Buffer.from([0xff]), 'x');
  put(root, 'ignored', 'x');
  for (const own of ['specs/SEQUENTIAL_STATE.json', 'specs/SEQUENTIAL_STATE.lock/1', '.seqrun/x', 'sub/.seqrun/y'])
    put(root, own, 'x');
  for (const name of ['gone.txt', 'file', 'folder']) rmSync(join(root, name), { recursive: true });
  put(root, 'file/now', 'x');
  symlinkSync('nowhere', join(root, 'folder'));
  mkdirSync(join(root, 'other repo'));
  repository({ in: 'in' }, join(root, 'other repo'));
  put(root, 'other repo/in', 'changed');

  const outer = git(root, 'rev-parse', 'HEAD');
  const results = await asked.commitAll({ message });
  const [sha, inner] = [
    git(root, 'rev-parse', 'HEAD').trim(),
    git(join(root, 'other repo'), 'rev-parse', 'HEAD').trim(),
  ];
  expect(results).toEqual([
    { kind: 'committed', repo: '.', sha },
    { kind: 'committed', repo: 'other repo', sha: inner },
  ]);
  expect(git(root, 'rev-parse', 'HEAD^')).toBe(outer);
  expect(git(root, 'log', '-1', '--format=%B').trim()).toBe(message.trim());
  const names = [
    '-dash\n"',
    ':(glob)*',
    'a.txt',
    'file',
    'file/now',
    'folder',
    'folder/x',
    'gone.txt',
    'specs/SEQUENTIAL_PROGRESS.md',
    'tasks.md',
    '\ufffd',
  ];
  const changed = git(root, 'diff', '--name-only', '--no-renames', '-z', 'HEAD^', 'HEAD').split('\0').filter(Boolean);
  expect(changed.sort()).toEqual(names.sort());
  expect(await asked.commitAll({ message })).toEqual([
    { kind: 'nothing', repo: '.' },
    { kind: 'nothing', repo: 'other repo' },
  ]);

  git(root, 'switch', '-q', '--detach');
  put(root, 'a.txt', 'three\n');
  expect(await asked.commitAll({ message: `later\n\n${trailer}0\n` })).toMatchObject([
    { kind: 'committed' },
    { kind: 'nothing' },
  ]);
  git(root, 'config', 'log.showSignature', 'true');
  expect(await asked.alreadyCommitted(trailer)).toEqual({
    kind: 'found',
    commits: [
      { repo: '.', sha },
      { repo: 'other repo', sha: inner },
    ],
  });
  expect(await asked.alreadyCommitted(trailer.slice(0, -1))).toEqual({ kind: 'missing' });
  expect(await asked.alreadyCommitted('# no comment')).toEqual({ kind: 'missing' });
});

test('the first commit of a repository', async () => {
  const root = emptyFolder();
  git(root, 'init', '-q');
  put(root, 'a', 'x');
  put(root, '.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n', 0o755);
  const asked = createGit(root);
  expect(await asked.alreadyCommitted(trailer)).toEqual({ kind: 'missing' });
  expect(await asked.commitAll({ message })).toMatchObject([
    { because: 'git commit failed (exit 1): nothing was said' },
  ]);
  expect(existsSync(join(root, '.git/index'))).toBe(false);
  rmSync(join(root, '.git/hooks/pre-commit'));
  expect(await asked.commitAll({ message })).toMatchObject([{ kind: 'committed' }]);
});

test('what refuses it is named, and the index is as it was', async () => {
  const root = repository({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
  put(root, 'b.txt', 'staged\n');
  git(root, 'add', 'b.txt');
  put(root, 'b.txt', 'not staged\n');
  put(root, 'new.txt', 'x');
  const asked = createGit(root);
  const refused = async () => {
    const seen = face(root);
    const [result] = await asked.commitAll({ message });
    expect(face(root)).toEqual(seen);
    return result?.kind === 'refused' ? result.because : result?.kind;
  };
  const hook = join(root, '.git/hooks/pre-commit');
  // What it leaves behind holds its output open.
  writeFileSync(hook, '#!/bin/sh\nsleep 3 &\nseq 50\necho "lint: é is not allowed" >&2\nexit 7\n');
  chmodSync(hook, 0o755);
  const because = await refused();
  expect(because).toMatch(/^git commit failed \(exit 1\): [\s\S]*lint: é is not allowed$/);
  expect(because!.split('\n').length).toBeLessThan(12);
  rmSync(hook);

  git(root, 'config', 'commit.gpgSign', 'true');
  git(root, 'config', 'gpg.program', '/bin/false');
  expect(await refused()).toMatch(/gpg failed to sign/);
  git(root, 'config', 'commit.gpgSign', 'false');

  for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL'])
    delete process.env[name];
  git(root, 'config', 'user.useConfigOnly', 'true');
  expect(await refused()).toMatch(/^git does not know who commits: /);
  Object.assign(process.env, before);

  writeFileSync(join(root, '.git/CHERRY_PICK_HEAD'), git(root, 'rev-parse', 'HEAD'));
  expect(await refused()).toBe('git is in the middle of a cherry-pick');
  rmSync(join(root, '.git/CHERRY_PICK_HEAD'));

  writeFileSync(join(root, '.git/index.lock'), '');
  expect(await refused()).toMatch(/index\.lock/);
  rmSync(join(root, '.git/index.lock'));

  const blob = git(root, 'rev-parse', 'HEAD:a.txt').trim();
  const saved = readFileSync(join(root, '.git/index'));
  git(root, 'update-index', '--force-remove', 'a.txt');
  execFileSync('git', ['update-index', '--index-info'], {
    cwd: root,
    input: [1, 2, 3].map(stage => `100644 ${blob} ${stage}\ta.txt\n`).join(''),
  });
  expect(await refused()).toBe('a.txt is not merged');
  writeFileSync(join(root, '.git/index'), saved);
  expect(await asked.commitAll({ message })).toMatchObject([{ kind: 'committed' }]);
});
