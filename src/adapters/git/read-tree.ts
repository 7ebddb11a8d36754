// The state of the working tree of a workdir: one `git status` for each repository, and the content of the files that it names.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, existsSync, lstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { RepoState, TreeReading } from '../../core/tree.ts';
import { Trouble } from './call.ts';
import { byName, isOwn, type Name, nameOf, namesBelow, onDisk, shown, textOf } from './names.ts';
import type { Repo, Repos } from './repos.ts';
import { type Difference, type Status, statusOf } from './status.ts';

/** Bytes of one file, and of all files of a repository, that are read for the hash; of what is beyond, size and times. */
const fileMax = 10 * 1024 * 1024;
const repoMax = 256 * 1024 * 1024;

/** What a file takes of that at least: opening it costs as much. So at most 16,384 are read. */
const fileMin = 16 * 1024;

const filesShown = 20;

/** Submodules in submodules that are followed. */
const submoduleDepthMax = 5;

/** Reads it. `without`: absolute paths that never count. Throws `Trouble`. */
export const readTree = async (repos: Repos, without: readonly string[]): Promise<TreeReading> => {
  const found = await repos.each(async repo => {
    const status = await statusOf(repo.root);
    const skipped = namesBelow(repo.root, without);
    const counts: Difference[] = [];
    for (const one of status.differences) {
      if (isOwn(one.name) || skipped.has(one.name)) continue;
      if (one.kind !== 'untracked' || (await repos.inside(repo, one.name)) === null) counts.push(one);
    }
    counts.sort((one, other) => byName(one.name, other.name));
    const state = stateOf(repo, status, counts);
    const hash = createHash('sha256');
    addText(hash, nameOf(JSON.stringify([state.path, state.branch, state.head, state.busy])));
    await addDifferences(hash, repo.root, counts, repos, 0);
    return { state, digest: hash.digest('hex') };
  });
  if (found.length === 0) return { kind: 'none' };
  const whole = createHash('sha256');
  for (const { digest } of found) whole.update(digest);
  return { kind: 'tree', tree: { repos: found.map(({ state }) => state), hash: whole.digest('hex') } };
};

const stateOf = (repo: Repo, status: Status, counts: readonly Difference[]): RepoState => ({
  path: repo.path,
  branch: status.branch,
  head: status.head,
  dirty: counts.length,
  files: counts.slice(0, filesShown).map(one => shown(one.name)),
  busy: busyWith(repo.gitDir),
});

/** What git is in the middle of, from the files it leaves in its folder (as `git status` and the prompt of git do), else null. */
export const busyWith = (gitDir: string): string | null => {
  const has = (name: string) => existsSync(join(gitDir, name));
  if (has('rebase-merge')) return 'rebase';
  if (has('rebase-apply')) return has('rebase-apply/applying') ? 'am' : 'rebase';
  if (has('MERGE_HEAD')) return 'merge';
  if (has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (has('REVERT_HEAD')) return 'revert';
  return has('BISECT_LOG') ? 'bisect' : null;
};

const addText = (hash: Hash, text: string): void => {
  hash.update(`${Buffer.byteLength(text, 'latin1')}:`).update(text, 'latin1');
};

const addDifferences = async (
  hash: Hash,
  root: string,
  differences: readonly Difference[],
  repos: Repos,
  depth: number,
): Promise<void> => {
  const budget = { left: repoMax };
  for (const one of differences) {
    addText(hash, one.record);
    addText(hash, one.name);
    if (one.gone) continue;
    if (one.submodule) await addSubmodule(hash, root, one.name, repos, depth);
    else addText(hash, contentOf(root, one.name, budget));
  }
};

/** A dirty submodule: its HEAD, and its own differences. */
const addSubmodule = async (hash: Hash, root: string, name: Name, repos: Repos, depth: number): Promise<void> => {
  const path = textOf(name);
  const inner = path === null ? null : await repos.at(join(root, path));
  if (inner === null) return;
  if (depth >= submoduleDepthMax) throw new Trouble(`submodules are nested more than ${depth} deep in ${root}`);
  const status = await statusOf(inner.root);
  addText(hash, nameOf(JSON.stringify([status.head, status.branch])));
  await addDifferences(hash, inner.root, status.differences, repos, depth + 1);
};

/** What stands under a name, as one line. A file that has vanished since git named it is fine. */
const contentOf = (root: string, name: Name, budget: { left: number }): string => {
  const path = onDisk(root, name);
  try {
    const info = lstatSync(path, { bigint: true });
    if (info.isSymbolicLink()) return `link ${readlinkSync(path, { encoding: 'latin1' })}`;
    const outside = `mode ${info.mode} size ${info.size} times ${info.mtimeNs} ${info.ctimeNs}`;
    if (!info.isFile() || info.size > fileMax || budget.left < Math.max(fileMin, Number(info.size))) return outside;
    budget.left -= Math.max(fileMin, Number(info.size));
    return `file ${info.mode} ${createHash('sha256').update(bytesAt(path)).digest('hex')}`;
  } catch (error) {
    return `none ${(error as NodeJS.ErrnoException).code}`;
  }
};

/** Never through a link, and never waiting for a pipe that took the file's place. */
const bytesAt = (path: Buffer): Buffer => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
};
