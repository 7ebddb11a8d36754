// What `--git commit` makes of a completed unit, with real repositories.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTree } from '../../src/compose/tree.ts';
import { secretsOf } from '../../src/core/secrets.ts';
import { git, put, repository } from '../adapters/git/world.ts';

const treeOf = (workdir: string) =>
  openTree({
    workdir,
    tasksPath: join(workdir, 'tasks.md'),
    specName: 'demo',
    keptAs: 'demo',
    git: 'commit',
    template: '{{unit_title}}',
    secrets: secretsOf({ A_KEY: 'sk-4f9a-77' }),
    warn: () => undefined,
  });
const unit = { id: '1', title: 'Do it', start: 1, mark: 'j-1-5' };

test('where an agent has removed the repository, it says so', async () => {
  const root = repository();
  rmSync(join(root, '.git'), { recursive: true });
  expect(await treeOf(root).commit(unit)).toEqual({ commits: [], problem: 'there is no git repository any more' });
});

test('a crash between two repositories: the other one is still committed, the first not twice', async () => {
  const root = repository();
  mkdirSync(join(root, 'inner'));
  const inner = repository({ 'b.txt': 'x\n' }, join(root, 'inner'));
  put(root, 'a.txt', 'two\n');
  git(root, 'commit', '-qam', 'Do it\n\nSeqrun-Start: j-1-5');
  put(root, 'a.txt', 'what a person does meanwhile\n');
  put(inner, 'b.txt', 'two\n');
  const made = await treeOf(root).commit(unit);
  expect([made.commits.length, made.problem]).toEqual([2, null]);
  expect(git(root, 'log', '--format=%s').trim().split('\n')).toEqual(['Do it', 'first']);
  expect(git(inner, 'log', '--format=%s').trim().split('\n')).toEqual(['Do it', 'first']);
});

test('what a hook says of a secret is named, not told', async () => {
  const root = repository();
  put(root, 'a.txt', 'two\n');
  put(root, '.git/hooks/pre-commit', '#!/bin/sh\necho "refused for sk-4f9a-77"\nexit 1\n');
  chmodSync(join(root, '.git/hooks/pre-commit'), 0o755);
  const { problem } = await treeOf(root).commit(unit);
  expect(problem).toContain('refused for [A_KEY]');
});
