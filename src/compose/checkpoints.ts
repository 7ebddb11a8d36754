// Joins checkpoints to the world: their files, and the working trees that are kept for them.
import { join } from 'node:path';
import { type CheckpointStore, type FoundCheckpoint, openCheckpoints } from '../adapters/files/checkpoints.ts';
import type { Places } from '../adapters/files/paths.ts';
import { changedNames } from '../adapters/git/changed-names.ts';
import { createGit, type Git } from '../adapters/git/create-git.ts';
import {
  type Checkpoint,
  type CheckpointGit,
  type CheckpointTree,
  checkpointGit,
  refsByNeed,
} from '../core/checkpoint.ts';
import type { State } from '../core/state.ts';
import { type KeptMoment, type KeptTree, type LeftOut, noteOf, type RepoState, type TreeNote } from '../core/tree.ts';
import { keptAs } from './tree.ts';

export type { CheckpointStore, FoundCheckpoint };

/** What git says of the workdir as it is. */
export interface GitNow {
  /** null: no repository, or git did not answer (`because`). */
  repos: RepoState[] | null;
  git: CheckpointGit | null;
  /** As the journal keeps it. */
  note: TreeNote | null;
  because: string | null;
}

/** The trees of a checkpoint as they are kept, or why they cannot be had. */
export type TreesFound = { kind: 'found'; trees: KeptTree[] } | { kind: 'gone'; because: string };

export interface Added {
  /** null: it was not written. */
  checkpoint: Checkpoint | null;
  path: string;
  trees: KeptTree[];
  /** What was not kept, with the reason. */
  leftOut: (LeftOut & { repo: string })[];
  because: string | null;
}

export interface Checkpoints {
  store: CheckpointStore;
  git: Git;
  /** Names of changed files are looked up, too, unless `names` is false. */
  look(options: { names: boolean }): Promise<GitNow>;
  /**
   * Writes a checkpoint; where `moment` is given, the tree is kept under its id first. Throws what the disk says; what git refuses is
   * `because`, and with `needed` nothing is written then.
   */
  add(options: {
    atMs: number;
    moment: Extract<KeptMoment, 'saved' | 'safety'> | null;
    needed: boolean;
    start: number;
    of(id: string, trees: CheckpointTree[] | null): Checkpoint;
  }): Promise<Added>;
  find(trees: readonly CheckpointTree[]): Promise<TreesFound>;
  /** Drops the refs that nothing needs any more. Young ones stay: their checkpoint may still be being written. Never throws. */
  sweep(state: State, nowMs: number): Promise<Swept>;
}

export interface Swept {
  dropped: number;
  /** Not needed, but younger than an hour: a later call drops them. */
  young: number;
  /** In no checkpoint, but of the last units. */
  recent: number;
  /** Why nothing was looked through, or null. */
  because: string | null;
}

/** Older than it takes to keep a tree and to write down that it was kept. */
const youngMs = 60 * 60_000;

export const openSpecCheckpoints = (places: Places, workdir: string, tasksPath: string): Checkpoints => {
  const store = openCheckpoints(places.spec);
  const git = createGit(workdir);
  const spec = keptAs(places);
  return {
    store,
    git,
    look: async ({ names }) => {
      const reading = await git.treeOf({ without: [tasksPath] });
      if (reading.kind !== 'tree') {
        return { repos: null, git: null, note: null, because: reading.kind === 'unknown' ? reading.because : null };
      }
      const { repos } = reading.tree;
      const changed = names ? await changedNames(workdir, [tasksPath]).catch(() => undefined) : undefined;
      return { repos, git: checkpointGit({ repos }, changed), note: noteOf(reading.tree), because: null };
    },
    add: async ({ atMs, moment, needed, start, of }) => {
      for (;;) {
        const id = store.freeId(atMs);
        const path = join(store.folder, `${id}.json`);
        const kept = moment === null ? null : await git.keepTree({ spec, start, moment, id });
        const refs = kept?.kind === 'kept' ? kept.refs : [];
        const because = kept?.kind === 'unknown' ? kept.because : null;
        const trees = refs.map(({ repo, ref, commit, tree }) => ({ repo, ref, commit, tree }));
        const leftOut = refs.flatMap(({ repo, leftOut }) => leftOut.map(one => ({ ...one, repo })));
        if (because !== null && needed) return { checkpoint: null, path, trees, leftOut, because };
        const named = trees.map(({ repo, ref, commit }) => ({ repo, ref, commit }));
        const checkpoint = of(id, named.length > 0 ? named : null);
        // Somebody else may take the same second.
        if (await store.add(checkpoint, { lasting: true })) return { checkpoint, path, trees, leftOut, because };
      }
    },
    find: async trees => {
      const kept = await git.listKept(spec);
      if (kept.kind === 'unknown') return { kind: 'gone', because: kept.because };
      const found: KeptTree[] = [];
      for (const { repo, ref, commit } of trees) {
        const one = kept.refs.find(known => known.ref === ref && known.repo === repo);
        if (!one) return { kind: 'gone', because: `${ref} is gone` };
        if (commit !== null && one.commit !== commit) {
          return { kind: 'gone', because: `${ref} holds something else now` };
        }
        found.push({ repo, ref, commit: one.commit, tree: one.tree });
      }
      return { kind: 'found', trees: found };
    },
    sweep: async (state, nowMs) => {
      const nothing = (because: string): Swept => ({ dropped: 0, young: 0, recent: 0, because });
      const listed = await git.listKept(spec);
      if (listed.kind === 'unknown') return nothing(listed.because);
      let known: FoundCheckpoint[];
      try {
        known = store.list();
      } catch (error) {
        return nothing(String(error));
      }
      const damaged = known.find(one => one.kind === 'damaged');
      // It may name some of them.
      if (damaged) return nothing(`a checkpoint cannot be read: ${damaged.path}`);
      const checkpoints = known.flatMap(one => (one.kind === 'read' ? [one.checkpoint] : []));
      const { unneeded, recent } = refsByNeed(listed.refs, checkpoints, state);
      const old = unneeded.filter(({ atMs }) => atMs < nowMs - youngMs);
      const gone = await git.dropKept(old);
      if (gone.kind === 'unknown') return nothing(gone.because);
      return { dropped: gone.count, young: unneeded.length - old.length, recent: recent.length, because: null };
    },
  };
};
