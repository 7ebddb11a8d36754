// Keeping and putting back working trees of real repositories: every byte returns, and nothing else of git changes.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGit, type Git } from '../../../src/adapters/git/create-git.ts';
import type { KeptMoment, KeptTree, LeftOut, RepoRestore } from '../../../src/core/tree.ts';
import { emptyFolder, face, git, put, repository, snapshot } from './world.ts';

const keep = async (asked: Git, moment: KeptMoment, start = 1): Promise<(KeptTree & { leftOut: LeftOut[] })[]> => {
  const kept = await asked.keepTree({ spec: 'checkout', start, moment });
  if (kept.kind !== 'kept') throw new Error(kept.because);
  return kept.refs;
};

/** Plans, performs, and checks that both say the same. */
const restore = async (
  asked: Git,
  to: KeptTree[],
  safety: KeptTree[],
  without: string[] = [],
): Promise<RepoRestore> => {
  const planned = await asked.plannedRestore({ to, safety, without });
  const restored = await asked.restoreTree({ to, safety, without });
  expect(restored).toEqual(planned);
  if (restored.kind !== 'restored') throw new Error(restored.because);
  return restored.repos[0]!;
};

const MB = 1024 * 1024;
/** Each copy is hashed a dozen times. */
const largeMB = process.env.SEQRUN_TEST_LONG === '1' ? 11 : 1;
const notUtf8 = Buffer.from([0x2d, 0xff, 0x0a, 0x22]);
const outside = 'outside';

/** A repository whose settings, attributes and names are as unkind as can be, in the middle of somebody's work. */
const hostile = (): { root: string; marker: string } => {
  const root = emptyFolder();
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'core.autocrlf', 'true');
  git(root, 'config', 'filter.upper.clean', 'tr a-z A-Z');
  git(root, 'config', 'filter.upper.required', 'true');
  put(root, '.gitattributes', '* text=auto\n*.up filter=upper\n*.id ident\n*.wide working-tree-encoding=UTF-16LE\n');
  put(root, '.gitignore', '.env\nbuild/\n');
  const tracked: Record<string, string | Buffer> = {
    'clean.txt': 'clean\n',
    'changed.txt': 'one\n',
    'staged.txt': 'one\n',
    'deleted.txt': 'was here\n',
    'gone-later.txt': 'x\n',
    pipe: 'a file once\n',
    'old-name.txt': 'a file with a name\n'.repeat(20),
    'crlf.txt': 'one\r\ntwo\r\n',
    'lf.txt': 'one\ntwo\n',
    'mixed.txt': 'one\r\ntwo\n\r\r\n',
    'binary.dat': Buffer.concat([randomBytes(5000), Buffer.from('\r\n\0\n\r')]),
    'shout.up': 'quiet words\n',
    'version.id': '$Id: whatever $\n',
    'wide.wide': Buffer.from('wide\r\n', 'utf16le'),
    empty: '',
    'run.sh': '#!/bin/sh\n',
    'folder/one.txt': 'one\n',
    'folder/two/three.txt': 'three\n',
    'file-then-folder': 'file\n',
    'nl\nname': 'x\n',
    '"quoted"\\': 'x\n',
    '-dash': 'x\n',
    'cr\r': 'x\n',
    'tab\there \u202e:(glob)*': 'x\n',
    ':colon': 'x\n',
    ' space ': 'x\n',
  };
  for (const [name, content] of Object.entries(tracked)) put(root, name, content);
  put(root, notUtf8, 'bytes\n');
  put(root, 'large-tracked.bin', Buffer.alloc(largeMB * MB, 'L'));
  chmodSync(join(root, 'run.sh'), 0o755);
  symlinkSync('clean.txt', join(root, 'link'));
  symlinkSync('nowhere/at all\n', join(root, 'dangling'));
  symlinkSync('/etc', join(root, outside));
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'first');
  git(root, 'submodule', '--quiet', 'add', repository({ 'in.txt': 'in\n' }), 'sub');
  git(root, 'commit', '-qm', 'submodule');
  put(root, 'stashed.txt', 'x');
  git(root, 'stash', '-qu');
  // Somebody's work.
  put(root, 'changed.txt', 'two\r\n');
  put(root, 'staged.txt', 'two\n');
  git(root, 'add', 'staged.txt');
  put(root, 'staged.txt', 'three\n');
  rmSync(join(root, 'deleted.txt'));
  git(root, 'mv', 'old-name.txt', 'new-name.txt');
  put(root, 'new/untracked.up', 'lower\r\nlines\n');
  put(root, 'new/private', 'secret\n', 0o600);
  put(root, '.env', 'KEY=1\n');
  put(root, 'build/out', 'x');
  put(root, 'git~1', 'x');
  put(root, 'SEQUENTIAL_STATE.json', '{}');
  put(root, 'too-large.bin', '');
  truncateSync(join(root, 'too-large.bin'), 10 * MB + 1);
  rmSync(join(root, 'pipe'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  put(root, 'sub/in.txt', 'dirty\n');

  const marker = join(emptyFolder(), 'ran');
  for (const hook of ['reference-transaction', 'post-index-change', 'post-commit', 'pre-commit', 'monitor']) {
    put(root, `.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> ${marker}\n`, 0o755);
  }
  const settings = {
    'core.fsmonitor': join(root, '.git/hooks/monitor'),
    'commit.gpgSign': 'true',
    'gpg.program': 'false',
  };
  for (const [name, value] of Object.entries(settings)) git(root, 'config', name, value);
  git(root, 'config', 'submodule.recurse', 'true');
  git(root, 'config', 'core.logAllRefUpdates', 'always');
  git(root, 'config', 'core.quotePath', 'true');
  return { root, marker };
};

test('a tree comes back byte for byte, whatever was done to it, and so does what was done', async () => {
  const { root, marker } = hostile();
  const asked = createGit(root);
  const [start, seen] = [snapshot(root), face(root)];
  expect(existsSync(marker)).toBe(false);

  const [person, email] = [process.env.GIT_COMMITTER_NAME, process.env.GIT_COMMITTER_EMAIL];
  delete process.env.GIT_COMMITTER_NAME;
  delete process.env.GIT_COMMITTER_EMAIL;
  const kept = await keep(asked, 'before');
  Object.assign(process.env, { GIT_COMMITTER_NAME: person, GIT_COMMITTER_EMAIL: email });
  expect(face(root)).toEqual(seen);
  expect(snapshot(root)).toEqual(start);
  expect(kept).toMatchObject([
    {
      repo: '.',
      ref: 'refs/seqrun/checkout/1/before',
      leftOut: [
        { path: 'pipe', because: 'it is no file and no link' },
        { path: 'sub', because: 'it is a submodule with 1 changed file of its own' },
        { path: 'too-large.bin', because: 'it is not tracked and larger than 10 MB' },
      ],
    },
  ]);
  const { ref, commit } = kept[0]!;
  expect(git(root, 'log', '-1', '--format=%an <%ae> %cn %P%n%B', ref)).toContain(
    `seqrun <seqrun@localhost> seqrun ${git(root, 'rev-parse', 'HEAD').trim()}\nseqrun: checkout, start 1, before\n`,
  );
  expect(git(root, 'ls-tree', commit, 'sub')).toContain(
    `160000 commit ${git(join(root, 'sub'), 'rev-parse', 'HEAD').trim()}`,
  );
  expect(git(root, 'ls-tree', '-r', '--name-only', commit)).not.toContain('SEQUENTIAL');
  expect(git(root, 'cat-file', 'blob', `${commit}:shout.up`)).toBe('quiet words\n');
  expect(git(root, 'cat-file', 'blob', `${commit}:crlf.txt`)).toBe('one\r\ntwo\r\n');

  // The same again is the same, whoever made it.
  expect(await keep(asked, 'before')).toEqual(kept);
  const twin = git(root, 'commit-tree', kept[0]!.tree, '-m', 'the same tree, made elsewhere').trim();
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.logAllRefUpdates=false'];
  git(root, ...quiet, 'update-ref', ref, twin);
  expect(await keep(asked, 'before')).toMatchObject([{ commit: twin }]);
  git(root, ...quiet, 'update-ref', ref, commit);
  expect(existsSync(join(root, '.git/logs/refs/seqrun'))).toBe(false);

  // An agent's night.
  for (const name of [
    'clean.txt',
    'crlf.txt',
    'shout.up',
    'wide.wide',
    'empty',
    'new/private',
    'nl\nname',
    '-dash',
    'sub/in.txt',
  ]) {
    put(root, name, 'spoilt\r\n');
  }
  put(root, notUtf8, 'spoilt');
  put(root, 'binary.dat', randomBytes(300));
  put(root, 'large-tracked.bin', Buffer.alloc(largeMB * MB, 'M'));
  chmodSync(join(root, 'run.sh'), 0o644);
  chmodSync(join(root, 'lf.txt'), 0o755);
  for (const name of ['gone-later.txt', 'cr\r', 'link', 'folder', 'file-then-folder', outside, 'new/untracked.up']) {
    rmSync(join(root, name), { recursive: true });
  }
  put(root, 'link', 'a file now\n');
  put(root, 'folder', 'a file now\n');
  put(root, 'file-then-folder/deep/er', 'x');
  put(root, 'deleted.txt', 'back again\n');
  mkdirSync(join(root, outside));
  put(root, `${outside}/passwd`, 'mine');
  rmSync(join(root, 'dangling'));
  symlinkSync('elsewhere', join(root, 'dangling'));
  rmSync(join(root, 'mixed.txt'));
  symlinkSync(join(root, 'clean.txt'), join(root, 'mixed.txt'));
  renameSync(join(root, 'new-name.txt'), join(root, 'third-name.txt'));
  put(root, 'made/by/agent.txt', 'x');
  put(root, '.env', 'KEY=2\n');
  put(root, 'build/more', 'x');
  put(root, 'SEQUENTIAL_STATE.json', '{"later":1}');
  git(root, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=', 'add', 'made');
  const [later, laterSeen] = [snapshot(root), face(root)];

  const safety = await keep(asked, 'safety');
  const done = await restore(asked, kept, safety);
  expect(face(root)).toEqual(laterSeen);
  expect(done.skipped).toEqual([]);
  expect(done.removed).toEqual([
    'deleted.txt',
    'file-then-folder/deep/er',
    'folder',
    'made/by/agent.txt',
    'outside/passwd',
    'third-name.txt',
  ]);
  const untouched = ['.env', 'build/more', 'SEQUENTIAL_STATE.json', 'sub/in.txt'];
  const without = (files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).filter(([name]) => !untouched.includes(name)));
  expect(without(snapshot(root))).toEqual(without(start));
  for (const name of untouched) expect(snapshot(root)[name]).toBe(later[name]);
  for (const gone of ['made', 'file-then-folder/deep']) expect(existsSync(join(root, gone))).toBe(false);
  expect(await restore(asked, kept, safety)).toMatchObject({ written: [], removed: [] });

  // And forward again: the restored state is the safety copy now. Another process knows nothing of what was read.
  const fresh = createGit(root);
  await restore(fresh, safety, await keep(fresh, 'safety', 2));
  expect(snapshot(root)).toEqual(later);
  expect(face(root)).toEqual(laterSeen);
  expect(existsSync(marker)).toBe(false);

  const listed = await asked.listKept('checkout');
  expect(listed).toMatchObject({
    kind: 'listed',
    refs: [
      { start: 1, moment: 'before' },
      { start: 1, moment: 'safety' },
      { start: 2, moment: 'safety' },
    ],
  });
  expect(await asked.listKept('check')).toEqual({ kind: 'listed', refs: [] });
  if (listed.kind === 'listed') {
    git(root, '-c', 'core.hooksPath=/dev/null', 'update-ref', listed.refs[2]!.ref, 'HEAD');
    expect(await asked.dropKept(listed.refs)).toEqual({ kind: 'dropped', count: 2 });
  }
  expect(git(root, 'for-each-ref', '--format=%(refname)', 'refs/seqrun')).toBe('refs/seqrun/checkout/2/safety\n');
  expect(await asked.dropKept([{ ...kept[0]!, ref: 'refs/heads/main' }])).toMatchObject({ kind: 'unknown' });
});

test('what no copy holds is neither replaced nor removed, and no link leads out', async () => {
  const root = repository({
    '.gitignore': 'ignored\nway\n',
    'in-the-way': 'x',
    'folder/x': 'x',
    'way2/x': 'x',
    gone: 'x',
    keep: 'x',
    late: 'x',
  });
  git(root, 'config', 'core.excludesFile', '/dev/null');
  put(root, 'way/x', 'tracked below an ignored name');
  git(root, 'add', '-f', 'way/x');
  put(root, 'left', 'x');
  put(root, 'task', '- [ ] 1\n');
  const [before] = [await keep(createGit(root), 'before')];

  const elsewhere = emptyFolder();
  put(elsewhere, 'x', 'precious');
  // Too large for the copy, or ignored, or something else altogether.
  rmSync(join(root, 'in-the-way'));
  git(root, 'rm', '-q', '--cached', 'in-the-way');
  put(root, 'in-the-way', '');
  truncateSync(join(root, 'in-the-way'), 10 * MB + 1);
  for (const name of ['way', 'way2', 'gone', 'folder']) rmSync(join(root, name), { recursive: true });
  git(root, 'rm', '-q', '--cached', 'way/x');
  symlinkSync(elsewhere, join(root, 'way'));
  symlinkSync(elsewhere, join(root, 'way2'));
  put(root, 'gone/ignored', 'x');
  mkdirSync(join(root, 'folder'));
  repository({ y: 'y' }, join(root, 'folder'));
  put(root, 'secret', 'it was ignored once');
  put(root, '.gitignore', 'ignored\nway\nleft\n');
  put(root, 'task', '- [x] 1\n');
  const asked = createGit(root);
  const safety = await keep(asked, 'safety');
  expect(safety.map(({ repo, leftOut }) => [repo, leftOut.map(({ path }) => path)])).toEqual([
    ['.', ['in-the-way']],
    ['folder', []],
  ]);
  put(root, 'late', 'changed since');
  put(root, 'secret', 'changed since');

  const result = await restore(asked, before, safety, [join(root, 'task')]);
  expect(result).toEqual({
    repo: '.',
    // `way2` is in the copy: the link goes, what it led to stays.
    written: ['.gitignore', 'way2/x'],
    removed: ['way2'],
    skipped: [
      { path: 'folder/x', because: 'it is inside another repository or a submodule' },
      { path: 'gone', because: 'a folder is in its place, with files that the safety copy does not hold' },
      { path: 'in-the-way', because: 'what is there now is not in the safety copy' },
      { path: 'late', because: 'it has changed since the safety copy' },
      { path: 'secret', because: 'it has changed since the safety copy' },
      { path: 'way/x', because: 'a folder above it is a link' },
    ],
  });
  expect(snapshot(elsewhere)).toEqual(snapshot(repository({ x: 'precious' })));
  expect(readFileSync(join(root, 'task'), 'utf8')).toBe('- [x] 1\n');

  // Files that become ignored by what is put back stay.
  put(root, '.gitignore', 'ignored\n.env\n');
  const ignoring = await keep(asked, 'after', 3);
  put(root, '.gitignore', '');
  put(root, '.env', 'KEY=1');
  put(root, ':(colon', 'x');
  const restored = await asked.restoreTree({ to: [ignoring[0]!], safety: await keep(asked, 'safety', 3) });
  expect(restored).toMatchObject({
    repos: [
      { written: ['.gitignore'], skipped: expect.arrayContaining([{ path: '.env', because: 'it is ignored there' }]) },
    ],
  });
  expect(existsSync(join(root, '.env'))).toBe(true);
});

test('a tree that somebody else made leads nowhere', async () => {
  const root = repository();
  const asked = createGit(root);
  const safety = await keep(asked, 'safety');
  const object = (type: string, content: Buffer) =>
    execFileSync('git', ['hash-object', '-w', '-t', type, '--literally', '--stdin'], { cwd: root, input: content })
      .toString()
      .trim();
  const entry = (mode: string, name: string, oid: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
  const blob = object('blob', Buffer.from('#!/bin/sh\n'));
  const inner = object('tree', entry('100755', 'pre-commit', blob));
  const gitFolder = entry('40000', '.Git', object('tree', entry('40000', 'hooks', inner)));
  const tree = object('tree', Buffer.concat([entry('40000', '..', inner), gitFolder, entry('100644', 'fine', blob)]));
  const commit = git(root, 'commit-tree', tree, '-m', 'x').trim();
  const { written, skipped } = await restore(asked, [{ ...safety[0]!, commit }], safety);
  expect(written).toEqual(['fine']);
  expect(skipped.map(({ path }) => path)).toEqual(['../pre-commit', '.Git/hooks/pre-commit']);
  expect(existsSync(join(root, '../pre-commit'))).toBe(false);
  expect(await asked.restoreTree({ to: [{ ...safety[0]!, commit: '--help' }], safety })).toMatchObject({
    kind: 'unknown',
  });
  expect(await asked.restoreTree({ to: safety, safety: [] })).toMatchObject({ kind: 'unknown' });
});

test('no commit yet, a workdir below the top level, a sparse checkout, a linked worktree', async () => {
  const young = emptyFolder();
  git(young, 'init', '-q');
  put(young, 'sub/only', 'x');
  const asked = createGit(join(young, 'sub'));
  const first = await keep(asked, 'before');
  rmSync(join(young, 'sub/only'));
  put(young, 'sub/other', 'y');
  put(young, 'above', 'z');
  const done = await restore(asked, first, await keep(asked, 'safety'));
  expect(done).toEqual({ repo: '.', written: ['sub/only'], removed: ['above', 'sub/other'], skipped: [] });
  // The workdir stays when it gets empty.
  rmSync(join(young, 'sub/only'));
  const none = await keep(asked, 'after');
  put(young, 'sub/only', 'x');
  await restore(asked, none, await keep(asked, 'safety', 2));
  expect(existsSync(join(young, 'sub'))).toBe(true);

  const sparse = repository({ 'in/a': 'a', 'in/large': '\0'.repeat(10 * MB + 1), 'out/b': 'b' });
  git(sparse, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in');
  const [kept] = await keep(createGit(sparse), 'before');
  expect(git(sparse, 'ls-tree', '-r', '--name-only', kept!.commit)).toBe('in/a\nin/large\n');

  const linked = join(emptyFolder(), 'it is linked');
  git(sparse, 'worktree', 'add', '-q', '-b', 'linked', linked);
  const [other] = await keep(createGit(linked), 'before');
  expect(other!.ref).toMatch(/^refs\/seqrun\/checkout\+it-is-linked\.?[0-9a-f]*\/1\/before$/);
  expect(await createGit(sparse).listKept('checkout')).toMatchObject({ refs: [{ ref: kept!.ref }] });
});

test.runIf(process.env.SEQRUN_TEST_LONG === '1')(
  'random trees come back',
  async () => {
    const root = repository({});
    git(root, 'config', 'core.autocrlf', 'true');
    put(root, '.gitattributes', '* text=auto\n');
    const names = ['a', 'b', 'a/b', 'a/c', 'b/a/c', 'c/d', 'c/d/e', 'c', 'é\n'];
    const pick = (of: number) => randomBytes(4).readUInt32LE() % of;
    const shake = () => {
      for (let step = 0; step < 12; step++) {
        const path = join(root, names[pick(names.length)]!);
        try {
          if (pick(3) === 0) rmSync(path, { recursive: true, force: true });
          else {
            mkdirSync(join(path, '..'), { recursive: true });
            if (pick(4) === 0) symlinkSync(names[pick(names.length)]!, path);
            else writeFileSync(path, randomBytes(pick(40)).toString('latin1'), { mode: pick(2) ? 0o644 : 0o755 });
          }
        } catch {
          // Something else is in its place.
        }
        if (pick(6) === 0) git(root, 'add', '-A');
      }
    };
    for (let round = 1; round <= 150; round++) {
      const asked = createGit(root);
      shake();
      const [start, before] = [snapshot(root), await keep(asked, 'before', round)];
      shake();
      const [later, safety] = [snapshot(root), await keep(asked, 'safety', round)];
      const seen = face(root);
      expect(await restore(asked, before, safety)).toMatchObject({ skipped: [] });
      expect(snapshot(root)).toEqual(start);
      await restore(asked, safety, await keep(asked, 'after', round));
      expect(snapshot(root)).toEqual(later);
      expect(face(root)).toEqual(seen);
    }
  },
  600_000,
);
