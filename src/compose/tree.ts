// Joins git to a run: the working tree's hash around each start, trees that are kept, commits of completed units.
import { basename } from 'node:path';
import type { Places } from '../adapters/files/paths.ts';
import { createGit } from '../adapters/git/create-git.ts';
import { commitMessage } from '../core/commit-message.ts';
import type { Policy } from '../core/policy.ts';
import type { Secrets } from '../core/secrets.ts';
import { noteOf, type TreeReading } from '../core/tree.ts';
import type { Tree } from '../engine/ports.ts';

export interface TreeOptions {
  workdir: string;
  /** Absolute. seqrun ticks its boxes: it is no change of an agent's. */
  tasksPath: string;
  specName: string;
  /** Name of the spec in refs: see `keptAs`. */
  keptAs: string;
  git: NonNullable<Policy['git']>;
  /** Text of the commit message, with placeholders. */
  template: string;
  /** What hooks and filters print must not give them away. */
  secrets: Secrets;
  /** What git refuses. The same message comes once. */
  warn(message: string): void;
}

/** The name of a spec in the refs that keep its trees: two specs of one repository may be called the same. */
export const keptAs = (places: Pick<Places, 'spec'>): string => basename(places.spec);

/** The port; with `git: 'off'` nothing is looked at. Trees are kept, and commits made, only where `git` asks for it. */
export const openTree = (options: TreeOptions): Tree => {
  const { workdir, tasksPath, specName, keptAs: kept, git: mode, template } = options;
  const git = createGit(workdir);
  const said = new Set<string>();
  const warn = (message: string): void => {
    if (said.has(message)) return;
    said.add(message);
    options.warn(options.secrets.hide(message));
  };
  return {
    note: async () => {
      if (mode === 'off') return null;
      const reading = await git.treeOf({ without: [tasksPath] });
      if (reading.kind === 'unknown') warn(`git does not say what the working tree is like: ${reading.because}`);
      return reading.kind === 'tree' ? noteOf(reading.tree) : null;
    },
    keep: async (start, moment) => {
      if (mode !== 'check' && mode !== 'commit') return;
      const keeping = await git.keepTree({ spec: kept, start, moment });
      if (keeping.kind === 'unknown') {
        warn(`the working tree could not be kept: ${keeping.because}`);
        return;
      }
      for (const { repo, leftOut } of keeping.refs) {
        for (const { path, because } of leftOut) warn(`not kept of ${repo}: ${path} (${because})`);
      }
    },
    commit: async ({ id, title, start, mark }) => {
      const message = commitMessage({ spec: specName, unit: id, title, start, mark, template });
      const found = await git.alreadyCommitted(message.trailer);
      if (found.kind === 'unknown') return { commits: [], problem: found.because };
      const before = found.kind === 'found' ? found.commits : [];
      const made = await git.commitAll({ message: message.text, without: before.map(one => one.repo) });
      if (before.length + made.length === 0) return { commits: [], problem: 'there is no git repository any more' };
      const refused = made.flatMap(one => (one.kind === 'refused' ? [`${one.repo}: ${one.because}`] : []));
      return {
        commits: [...before, ...made.filter(one => one.kind === 'committed')].map(one => one.sha),
        problem: refused.length > 0 ? options.secrets.hide(refused.join('; ')) : null,
      };
    },
  };
};

/**
 * The working tree as it is before a run, and why git would not commit in it (null = it would, or was not asked).
 */
export const lookBeforeRun = async ({
  workdir,
  tasksPath,
  git: mode,
}: Pick<TreeOptions, 'workdir' | 'tasksPath' | 'git'>): Promise<{ reading: TreeReading; nobody: string | null }> => {
  if (mode === 'off') return { reading: { kind: 'none' }, nobody: null };
  const git = createGit(workdir);
  const reading = await git.treeOf({ without: [tasksPath] });
  return { reading, nobody: mode === 'commit' && reading.kind === 'tree' ? await git.nobodyCommits() : null };
};
