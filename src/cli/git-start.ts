// What the state of the working tree means for a run that is about to begin: a word about it, or a refusal.
import type { Policy } from '../core/policy.ts';
import type { State } from '../core/state.ts';
import type { RepoState, TreeReading } from '../core/tree.ts';
import { count } from '../core/words.ts';
import type { Failure } from './errors.ts';

/**
 * A dirty tree is refused (2) where the run keeps or commits trees: what a unit changes could not be told from it. What a start of
 * this spec has left behind is known, and none: a unit that was cut off goes on in it. So is what going back to a checkpoint has just
 * put back. `note` only says it; nothing is looked at without a repository, where `check` and `commit` are refused (64), too.
 */
export const checkGitStart = (
  mode: NonNullable<Policy['git']>,
  /** `nobody`: why git would not commit, or null. */
  { reading, nobody }: { reading: TreeReading; nobody: string | null },
  state: State,
  workdir: string,
): { failure: Failure | null; warnings: string[] } => {
  const strict = mode === 'check' || mode === 'commit';
  if (mode === 'off') return { failure: null, warnings: [] };
  if (reading.kind === 'none') {
    if (!strict) return { failure: null, warnings: [] };
    const what = `--git ${mode} needs a git repository, and there is none in the workdir`;
    return refuse(
      { exit: 64, what, expected: 'a folder in a git repository', next: `git init ${workdir}, or --git note` },
      workdir,
    );
  }
  if (reading.kind === 'unknown') {
    const what = `git does not say what the working tree is like: ${reading.because}`;
    if (!strict) return { failure: null, warnings: [what] };
    return refuse({ exit: 2, what, expected: null, next: 'git status shows what is wrong; or --git note' }, workdir);
  }
  if (nobody !== null) {
    const next = 'git config user.name "…" and git config user.email "…", or run with --git check';
    return refuse({ exit: 2, what: `git would not commit: ${nobody}`, expected: null, next }, workdir);
  }
  const { repos, hash } = reading.tree;
  const busy = repos.find(repo => repo.busy !== null);
  if (busy && strict) {
    const what = `git is in the middle of a ${busy.busy} in ${busy.path}`;
    return refuse(
      {
        exit: 2,
        what,
        expected: 'no unfinished rebase, merge or the like',
        next: `git status; finish it, or run with --git note`,
      },
      workdir,
    );
  }
  const warnings = busy ? [`git is in the middle of a ${busy.busy} in ${busy.path}`] : [];
  const dirty = repos.filter(repo => repo.dirty > 0);
  // Not only the last one: a checkpoint may have brought back what an earlier one left.
  const known = state.restoredTree === hash || state.starts.some(start => start.tree.after?.hash === hash);
  // A crash came between a unit's completion and its commit, which is the first thing that is done now.
  const due = mode === 'commit' && state.toCommit.length > 0;
  if (dirty.length === 0 || known || due || state.open) return { failure: null, warnings };
  const what = `the working tree has changes that are not committed: ${dirty.map(wordsOf).join('; ')}`;
  if (!strict) return { failure: null, warnings: [...warnings, `${what} (--git check refuses such a start)`] };
  return refuse(
    {
      exit: 2,
      what,
      expected: `a clean start, since --git ${mode} tells by it what each unit has changed`,
      next: 'commit them, or run with --git note',
    },
    workdir,
  );
};

const refuse = (failure: Omit<Failure, 'where'>, workdir: string): { failure: Failure; warnings: string[] } => ({
  failure: { ...failure, where: { name: workdir } } as Failure,
  warnings: [],
});

const wordsOf = ({ path, dirty, files }: RepoState): string => {
  const more = dirty > 5 ? ` and ${dirty - 5} more` : '';
  return `${path === '.' ? '' : `${path}: `}${count(dirty, 'file')} (${files.slice(0, 5).join(', ')}${more})`;
};
