// The git of one workdir, for a whole run: reads, keeps and puts back its working trees, and commits. Nothing here throws.
import { realpathSync } from 'node:fs';
import type {
  CommitSearch,
  Committing,
  Keeping,
  KeptList,
  KeptTree,
  RepoRestore,
  Restoring,
  TreeReading,
} from '../../core/tree.ts';
import { becauseOf, Trouble } from './call.ts';
import { commitRepo, commitWith, nobodyCommits } from './commit.ts';
import { keepRepo } from './keep.ts';
import { dropRefs, type KeptName, listRefs } from './kept-refs.ts';
import { createRawFiles, type RawFiles } from './raw-files.ts';
import { readTree } from './read-tree.ts';
import { createRepos, type Repo } from './repos.ts';
import { restoreRepo } from './restore.ts';
import { commitsSince } from './since.ts';

/** `to`: the state that is wanted; `safety`: what was kept of the present one just now; `without`: absolute paths to leave alone. */
export interface RestoreWish {
  to: readonly KeptTree[];
  safety: readonly KeptTree[];
  without?: readonly string[];
}

export interface Git {
  /** `without`: absolute paths that never count. No process is started where no repository is. */
  treeOf(options: { without: readonly string[] }): Promise<TreeReading>;
  /**
   * Keeps every working tree as a commit: tracked files, and untracked ones up to 10 MB that are not ignored, byte for byte; seqrun's
   * own files are not among them. The user's index, stash, branches, HEAD and files stay as they are, no hook runs. A name that is
   * taken moves, unless it holds the same tree.
   */
  keepTree(name: KeptName): Promise<Keeping>;
  /** What `restoreTree` would write, remove and skip. (When it changes a .gitignore, what that covers is skipped in the end.) */
  plannedRestore(wish: RestoreWish): Promise<Restoring>;
  /**
   * Puts files back to exactly their recorded bytes, modes and targets. Whatever is replaced or removed is in `safety`; ignored files
   * and what neither records stay; nothing is written through a link. Index, HEAD and branches stay.
   */
  restoreTree(wish: RestoreWish): Promise<Restoring>;
  listKept(spec: string): Promise<KeptList>;
  /** Removes refs that still hold what is known of them. */
  dropKept(
    refs: readonly KeptTree[],
  ): Promise<{ kind: 'dropped'; count: number } | { kind: 'unknown'; because: string }>;
  /**
   * One commit in each repository with differences, seqrun's own untracked files left out; one result for each repository, the workdir's
   * own first, none outside of a repository. `without`: paths of repositories that have it already. Hooks and signatures as the user has them, 15 minutes at most.
   */
  commitAll(options: { message: string; without?: readonly string[] }): Promise<Committing[]>;
  /** Why git would not know who commits in the workdir's own repository, or null. */
  nobodyCommits(): Promise<string | null>;
  /** Ids of the commits of a repository that came after `base`; null: HEAD does not come from it, or git does not say. */
  commitsSince(repo: string, base: string): Promise<string[] | null>;
  /** Looks for a line such as `Seqrun-Start: …` among the trailers of the last 50 commits, so that none is made twice. */
  alreadyCommitted(trailer: string): Promise<CommitSearch>;
}

export const createGit = (workdir: string): Git => {
  const repos = createRepos(workdir);
  const raws = new Map<string, RawFiles>();
  const rawOf = (repo: Repo): RawFiles => {
    const raw = raws.get(repo.root) ?? createRawFiles(repo.root);
    raws.set(repo.root, raw);
    return raw;
  };

  const keepTree = async (name: KeptName): Promise<Keeping> => {
    const refs = await repos.each(repo => keepRepo(repo, rawOf(repo), name, repos));
    return { kind: 'kept', refs };
  };

  const restore = async ({ to, safety, without = [] }: RestoreWish, perform: boolean): Promise<Restoring> => {
    const all = await repos.all();
    const pairs = to.map(wanted => {
      const repo = all.find(one => one.path === wanted.repo);
      const copy = safety.find(one => one.repo === wanted.repo);
      if (!repo) throw new Trouble(`there is no repository ${wanted.repo} any more`);
      if (!copy) throw new Trouble(`nothing was kept of the present state of ${wanted.repo}`);
      return { repo, to: wanted.commit, safety: copy.commit };
    });
    const done: RepoRestore[] = [];
    const real = realpathSync(workdir);
    for (const pair of pairs) {
      done.push(await restoreRepo({ ...pair, raw: rawOf(pair.repo), workdir: real, without, perform }));
    }
    return { kind: 'restored', repos: done };
  };

  const commitAll = (message: string, without: readonly string[]): Promise<Committing[]> =>
    repos.each(async repo => {
      if (without.includes(repo.path)) return { kind: 'nothing', repo: repo.path };
      const refused = (error: unknown): Committing => ({ kind: 'refused', repo: repo.path, because: becauseOf(error) });
      return commitRepo(repo, repos, message).catch(refused);
    });

  const alreadyCommitted = async (trailer: string): Promise<CommitSearch> => {
    const commits: { repo: string; sha: string }[] = [];
    for (const repo of await repos.all()) {
      const sha = await commitWith(repo, trailer);
      if (sha !== null) commits.push({ repo: repo.path, sha });
    }
    return commits.length > 0 ? { kind: 'found', commits } : { kind: 'missing' };
  };

  return {
    treeOf: ({ without }) => readTree(repos, without).catch(unknown),
    keepTree: name => keepTree(name).catch(unknown),
    plannedRestore: wish => restore(wish, false).catch(unknown),
    restoreTree: wish => restore(wish, true).catch(unknown),
    listKept: spec => listRefs(repos, spec).catch(unknown),
    dropKept: refs => dropRefs(repos, refs).then(count => ({ kind: 'dropped' as const, count }), unknown),
    commitAll: ({ message, without = [] }) =>
      commitAll(message, without).catch(error => [{ kind: 'refused', repo: '.', because: becauseOf(error) }]),
    nobodyCommits: () =>
      repos
        .all()
        .then(([own]) => (own ? nobodyCommits(own) : null))
        .catch(becauseOf),
    commitsSince: (path, base) =>
      repos
        .all()
        .then(all => all.find(one => one.path === path))
        .then(repo => (repo ? commitsSince(repo, base) : null))
        .catch(() => null),
    alreadyCommitted: trailer => alreadyCommitted(trailer).catch(unknown),
  };
};

const unknown = (error: unknown): { kind: 'unknown'; because: string } => ({
  kind: 'unknown',
  because: becauseOf(error),
});
