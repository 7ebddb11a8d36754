// Whether a run may begin in the working tree as it is.
import { expect, test } from 'vitest';
import { checkGitStart } from '../../src/cli/git-start.ts';
import { emptyState, type State } from '../../src/core/state.ts';

const repo = { path: '.', branch: 'main', head: 'a', dirty: 1, files: ['f'], busy: null };
const look = (state: Partial<State>, git: 'check' | 'commit' = 'commit') =>
  checkGitStart(
    git,
    { reading: { kind: 'tree', tree: { repos: [repo], hash: 'h' } }, nobody: null },
    { ...emptyState(), ...state },
    '/repo',
  ).failure?.exit ?? null;

test('what nobody knows is refused, what a run has left behind is not', () => {
  expect(look({})).toBe(2);
  const after = { hash: 'h', repos: [] };
  expect(look({ restoredTree: 'another' })).toBe(2);
  expect(look({ restoredTree: 'h' })).toBeNull();
  expect(look({ starts: [{ tree: { before: null, after } } as unknown as State['starts'][number]] })).toBeNull();
});

test('a unit that is done and not yet committed is not: its commit comes first', () => {
  const toCommit = [{ unit: '1', start: 1, atMs: 5 }];
  expect(look({ toCommit })).toBeNull();
  expect(look({ toCommit }, 'check')).toBe(2);
});
