// Which repositories a workdir has: the one it belongs to, and those below it that are no submodules.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { outputOf, Trouble } from './call.ts';
import { findTopLevel } from './git.ts';
import { byName, type Name, nameOf, textOf } from './names.ts';

/** One repository with a work tree. */
export interface Repo {
  /** Relative to the workdir; `.` for the one that the workdir belongs to. */
  path: string;
  /** Its top level: absolute, without links. */
  root: string;
  /** Where its HEAD and index are. */
  gitDir: string;
  /** Name of a linked worktree among those that share the refs, else null. */
  worktree: string | null;
}

/** Levels below the workdir at which repositories are looked for, and folders that are looked into at most. */
const depthMax = 3;
const foldersMax = 3000;

/** Repositories of one workdir. What was found and checked once is remembered. */
export interface Repos {
  /** The workdir's own first, the others by path. Without any, no process is started. Throws `Trouble` when git refuses one. */
  all(): Promise<Repo[]>;
  /** The one at that top level, or null when none is there. */
  at(root: string): Promise<Repo | null>;
  /** The one that git shows as an untracked folder (`name` ends with `/`) of another, or null. From then on it is one of `all`. */
  inside(repo: Repo, name: Name): Promise<Repo | null>;
  /** Does something with each of `all`, those too that turn up inside others meanwhile; what came of it in their order. */
  each<T>(work: (repo: Repo) => Promise<T>): Promise<T[]>;
}

export const createRepos = (workdir: string): Repos => {
  const checked = new Map<string, { id: string; repo: Repo }>();
  const insides = new Set<string>();
  let known: string[] | null = null;

  const at = async (root: string): Promise<Repo | null> => {
    const gitDir = gitDirOf(root);
    if (gitDir === null) return null;
    const id = `${gitDir}:${statSync(gitDir, { throwIfNoEntry: false })?.ino}`;
    const old = checked.get(root);
    if (old?.id === id) return old.repo;
    const top = (await outputOf(root, ['rev-parse', '--show-toplevel'])).toString().replace(/\n$/, '');
    if (top !== root) throw new Trouble(`the repository in ${root} has its work tree elsewhere: ${top}`);
    const real = realOf(workdir);
    const own = real === root || real.startsWith(`${root}/`);
    const repo = { path: own ? '.' : relative(real, root), root, gitDir, worktree: worktreeOf(gitDir) };
    checked.set(root, { id, repo });
    return repo;
  };

  const all = async (): Promise<Repo[]> => {
    const top = await findTopLevel(workdir);
    // Inside a repository git itself shows new ones as untracked; without one only looking tells.
    const below = known !== null && top !== null ? known : await withoutSubmodules(top, reposBelow(realOf(workdir)));
    known = below;
    const own = top === null ? null : await at(top);
    const others: Repo[] = [];
    for (const root of new Set([...below, ...insides])) {
      const repo = root === top ? null : await at(root);
      if (repo) others.push(repo);
    }
    others.sort((one, other) => byName(one.path, other.path));
    return own ? [own, ...others] : others;
  };

  const inside = async (repo: Repo, name: Name): Promise<Repo | null> => {
    const path = name.endsWith('/') ? textOf(name.slice(0, -1)) : null;
    const found = path === null ? null : await at(join(repo.root, path));
    if (found) insides.add(found.root);
    return found;
  };

  const each = async <T>(work: (repo: Repo) => Promise<T>): Promise<T[]> => {
    const results = new Map<string, { path: string; result: T }>();
    for (let next = (await all())[0]; next; next = (await all()).find(repo => !results.has(repo.root))) {
      results.set(next.root, { path: next.path, result: await work(next) });
    }
    const paths = [...results.values()];
    paths.sort((one, other) => Number(other.path === '.') - Number(one.path === '.') || byName(one.path, other.path));
    return paths.map(({ result }) => result);
  };

  return { all, at, inside, each };
};

const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
};

/** Where the repository of a top level keeps its HEAD: `.git` itself, or what the file `.git` names (gitrepository-layout(5)). */
const gitDirOf = (root: string): string | null => {
  try {
    const dotGit = join(root, '.git');
    const link = statSync(dotGit).isFile() ? /^gitdir: (.*?)\n*$/s.exec(readFileSync(dotGit, 'utf8'))?.[1] : '.git';
    const gitDir = link === undefined ? null : resolve(root, link);
    return gitDir !== null && statSync(join(gitDir, 'HEAD'), { throwIfNoEntry: false }) ? gitDir : null;
  } catch {
    return null;
  }
};

const worktreeOf = (gitDir: string): string | null =>
  statSync(join(gitDir, 'commondir'), { throwIfNoEntry: false }) ? (gitDir.split('/').at(-1) ?? null) : null;

/** The name of the linked worktree with that top level; null: it is none. */
export const worktreeAt = (root: string): string | null => {
  const gitDir = gitDirOf(root);
  return gitDir === null ? null : worktreeOf(gitDir);
};

/** Top levels below a folder, by path. Folders that cannot be read are passed over. */
const reposBelow = (folder: string): string[] => {
  const found: string[] = [];
  let looked = 0;
  let level = [folder];
  for (let depth = 1; depth <= depthMax; depth++) {
    const next: string[] = [];
    for (const parent of level) {
      if (looked++ >= foldersMax) break;
      for (const name of foldersIn(parent)) {
        const child = join(parent, name);
        next.push(child);
        if (gitDirOf(child) !== null) found.push(child);
      }
    }
    level = next;
  }
  return found.sort();
};

const foldersIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(entry => entry.name);
  } catch {
    return [];
  }
};

/** Those that no repository above them has as its submodule: a submodule's state is part of its superproject's. */
const withoutSubmodules = async (top: string | null, found: readonly string[]): Promise<string[]> => {
  const submodules = new Set<string>();
  for (const parent of top === null ? found : [top, ...found]) {
    const inside = found.filter(root => root.startsWith(`${parent}/`));
    if (inside.length === 0) continue;
    const paths = inside.map(root => `:(literal)${relative(parent, root)}`);
    const listed = (await outputOf(parent, ['ls-files', '-s', '-z', '--', ...paths])).toString('latin1').split('\0');
    for (const root of inside) {
      const name = nameOf(relative(parent, root));
      if (listed.some(line => line.startsWith('160000 ') && line.endsWith(`\t${name}`))) submodules.add(root);
    }
  }
  return found.filter(root => ![...submodules].some(sub => root === sub || root.startsWith(`${sub}/`)));
};
