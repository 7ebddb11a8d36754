// What seqrun asks of git: where a work tree begins, and what changed in it. Reads only; nothing is ever written.
import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { marked } from './marked.ts';

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

/**
 * Id of HEAD, or null: no repository, no commit yet, no git. Asked at the beginning of a run, and so without execa: every fork of
 * the run would copy what it brings (4 MB).
 */
export const headOf = (folder: string): Promise<string | null> =>
  new Promise(resolve => {
    const args = ['rev-parse', '--verify', '--quiet', 'HEAD'];
    const options = { cwd: folder, env: { ...process.env, ...quiet }, timeout: 10_000 };
    execFile('git', args, options, (error, stdout) => resolve(error ? null : stdout.trim())).stdin?.end();
  });

/**
 * One line about what differs in the work tree from the commit `since`: `3 files changed, 10 insertions(+), 2 new files`.
 * seqrun's own files beside the specs do not count. Null outside a repository, without commit, or when nothing differs.
 */
export const changesSince = async (
  folder: string,
  since: string | null,
  /** Files that do not count either, absolute or relative to `folder`: the task file, whose boxes seqrun ticks itself. */
  without: readonly string[] = [],
): Promise<string | null> => {
  if (since === null) return null;
  const excluded = without.map(path => relative(folder, resolve(folder, path))).filter(path => !path.startsWith('..'));
  const paths = [
    ...['--', '.', ':(exclude,glob)**/SEQUENTIAL_*', ':(exclude,glob)**/SEQUENTIAL_STATE.lock/**'],
    ...excluded.map(path => `:(exclude,literal)${path}`),
  ];
  const [changed, untracked] = await Promise.all([
    git(folder, ['diff', '--shortstat', since, ...paths]),
    git(folder, ['ls-files', '--others', '--exclude-standard', '-z', ...paths]),
  ]);
  const fresh = untracked.exitCode === 0 ? untracked.stdout.split('\0').filter(name => name !== '').length : 0;
  const parts = [
    changed.exitCode === 0 ? changed.stdout.trim() : '',
    fresh > 0 ? `${fresh} new ${fresh === 1 ? 'file' : 'files'}` : '',
  ];
  const line = parts.filter(part => part !== '').join(', ');
  return line === '' ? null : line;
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
  });
};
