// The working tree as git sees it: its state before and after a start, what is noted and kept of it, what is put back.

/** One repository in the workdir: its top level, or one below it. */
export interface RepoState {
  /** Relative to the workdir; `.` for the repository that the workdir itself belongs to. */
  path: string;
  /** null: HEAD is detached. */
  branch: string | null;
  /** Full id of HEAD; null: no commit yet. */
  head: string | null;
  /** Changed, staged and untracked files that are not ignored; seqrun's own files and the task file do not count. */
  dirty: number;
  /** The first of them by name, at most 20. Bytes that are no UTF-8 are written `\xff`; nothing else is escaped. */
  files: string[];
  /** What git is in the middle of (`rebase`, `am`, `merge`, `cherry-pick`, `revert`, `bisect`), else null. */
  busy: string | null;
}

/** All repositories of a workdir at one moment. */
export interface TreeState {
  /** At least one. The workdir's own first, the others by path. */
  repos: RepoState[];
  /**
   * Over every HEAD, branch and index entry that differs, and over the content of every file that counts as dirty, those of dirty
   * submodules too (of one over 10 MB, and of all beyond the first 256 MB or 16,384 files of a repository, its size and times). Equal
   * hashes: nothing has changed that git would show.
   */
  hash: string;
}

/** What the journal keeps of a working tree: enough to compare, and to say where HEAD was. */
export interface TreeNote {
  hash: string;
  repos: Pick<RepoState, 'path' | 'branch' | 'head' | 'dirty'>[];
}

export const noteOf = ({ hash, repos }: TreeState): TreeNote => ({
  hash,
  repos: repos.map(({ path, branch, head, dirty }) => ({ path, branch, head, dirty })),
});

/** What could be learnt of a working tree: `none` says that no repository is at, above or below the workdir. */
export type TreeReading = { kind: 'tree'; tree: TreeState } | { kind: 'none' } | { kind: 'unknown'; because: string };

/** When a working tree was kept: around a start, when a person asked for it, or just before files are put back. */
export type KeptMoment = 'before' | 'after' | 'saved' | 'safety';

/** A path that was passed over. */
export interface LeftOut {
  /** Relative to the top level of its repository, written as in `RepoState.files`. */
  path: string;
  because: string;
}

/** One working tree that is kept as a commit under `refs/seqrun/<spec>/<start>/<moment>`. */
export interface KeptTree {
  /** As `RepoState.path`. */
  repo: string;
  ref: string;
  /** Full ids. */
  commit: string;
  tree: string;
}

export type Keeping =
  | { kind: 'kept'; refs: (KeptTree & { leftOut: LeftOut[] })[] }
  | { kind: 'unknown'; because: string };

/** What was kept for a spec earlier. */
export type KeptList =
  | { kind: 'listed'; refs: (KeptTree & { start: number; moment: KeptMoment; atMs: number })[] }
  | { kind: 'unknown'; because: string };

/** What putting files back does, or would do, in one repository. Paths as in `LeftOut`, sorted. */
export interface RepoRestore {
  repo: string;
  written: string[];
  removed: string[];
  skipped: LeftOut[];
}

/** `restored` also when paths were skipped: each says why. */
export type Restoring = { kind: 'restored'; repos: RepoRestore[] } | { kind: 'unknown'; because: string };

/** What came of one commit in one repository. `refused`: nothing was changed, the index is as it was. */
export type Committing =
  | { kind: 'committed'; repo: string; sha: string }
  | { kind: 'nothing'; repo: string }
  | { kind: 'refused'; repo: string; because: string };

/** Whether commits that carry a trailer are there already, newest first. */
export type CommitSearch =
  | { kind: 'found'; commits: { repo: string; sha: string }[] }
  | { kind: 'missing' }
  | { kind: 'unknown'; because: string };
