// What seqrun asks of git: where a work tree begins, and what changed in it. Reads only; nothing is ever written.
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { marked } from './marked.ts';
import { isOwn, type Name, nameOf } from './names.ts';
import { type Difference, statusOf } from './status.ts';

/**
 * The nearest folder at or above `folder` with a repository in it, or null: `.git` with a HEAD, or `.git` as a file (worktrees,
 * submodules). Sandboxes leave empty `.git` folders behind, which are none. Above what a link points to, not above the link: one work
 * tree has one answer.
 */
export const findTopLevel = async (folder: string): Promise<string | null> => {
  for (let at = await realpath(folder).catch(() => folder); ; at = dirname(at)) {
    const found = await stat(join(at, '.git')).catch(() => null);
    if (found?.isFile() || (found && (await stat(join(at, '.git', 'HEAD')).catch(() => null)))) return at;
    if (dirname(at) === at) return null;
  }
};

/** A work tree as a run finds it. */
export interface FoundTree {
  commit: string;
  /** Below the top level; seqrun's own files are in neither. */
  untracked: ReadonlySet<Name>;
  changed: readonly Name[];
}

/** The work tree around `folder` as it is now, or null: no repository, no commit yet, no git. */
export const foundIn = async (folder: string): Promise<FoundTree | null> => {
  const root = await findTopLevel(folder);
  const status = root === null ? null : await statusOf(root).catch(() => null);
  if (!status?.head) return null;
  const others = status.differences.filter(({ name }) => !isOwn(name));
  const isNew = ({ kind }: Difference) => kind === 'untracked';
  return {
    commit: status.head,
    untracked: new Set(others.filter(isNew).map(({ name }) => name)),
    changed: others.filter(one => !isNew(one)).map(({ name }) => name),
  };
};

/**
 * One line about what differs in the work tree from the commit it was at: `3 files changed, 10 insertions(+), 2 new files`. Files that
 * were new then are none now, and of changed ones it is said how many were already. seqrun's own files beside the specs do not count.
 * Null outside a repository, or when nothing differs.
 */
export const changesSince = async (
  folder: string,
  found: FoundTree | null,
  /** Files that do not count either, absolute or relative to `folder`: the task file, whose boxes seqrun ticks itself. */
  without: readonly string[] = [],
): Promise<string | null> => {
  const root = await findTopLevel(folder);
  if (found === null || root === null) return null;
  const excluded = without.map(path => relative(folder, resolve(folder, path))).filter(path => !path.startsWith('..'));
  const paths = [
    ...['--', '.', ':(exclude,glob)**/SEQUENTIAL_*', ':(exclude,glob)**/SEQUENTIAL_STATE.lock/**'],
    ...excluded.map(path => `:(exclude,literal)${path}`),
  ];
  const [changed, untracked] = await Promise.all([
    git(folder, ['diff', '--shortstat', found.commit, ...paths]),
    git(folder, ['ls-files', '--others', '--exclude-standard', '--full-name', '-z', ...paths]),
  ]);
  const names = untracked.exitCode === 0 ? untracked.stdout.split('\0').filter(name => name !== '') : [];
  const fresh = names.filter(name => !found.untracked.has(name)).length;
  const real = await realpath(folder);
  const within = nameOf(relative(root, real));
  const ours = new Set(without.map(path => nameOf(relative(root, resolve(real, path)))));
  const before = found.changed.filter(name => !ours.has(name) && (within === '' || name.startsWith(`${within}/`)));
  const stat = changed.exitCode === 0 ? changed.stdout.trim() : '';
  const parts = [stat, fresh > 0 ? `${fresh} new ${fresh === 1 ? 'file' : 'files'}` : ''].filter(part => part !== '');
  if (parts.length === 0) return null;
  const already = before.length === 1 ? 'one file had' : `${before.length} files had`;
  return `${parts.join(', ')}${stat !== '' && before.length > 0 ? ` (${already} changes before the run)` : ''}`;
};

/** Files of the work tree that differ from the last commit, new ones included (a new folder counts as one); null outside of a repository. */
export const changedFiles = async (folder: string): Promise<number | null> => {
  const { exitCode, stdout } = await git(folder, ['status', '--porcelain=v1', '--no-renames', '-z']);
  return exitCode === 0 ? stdout.split('\0').filter(line => line !== '').length : null;
};

/** No lock is taken, nothing is asked, messages are English. */
const quiet = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...marked };

/** Never takes a lock (an agent may be using git at the same time), never asks for anything, gives up after 10 s. */
const git = async (cwd: string, args: string[]): Promise<{ exitCode?: number; stdout: string }> => {
  // Loaded when the last start is over.
  const { execa } = await import('execa');
  return execa('git', args, {
    cwd,
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
    env: quiet,
    // One character per byte, as names are kept here.
    encoding: 'latin1',
  });
};
