// Writes a checkpoint after each completed unit: a projection of the state, at the price of one small file.
import { realpathSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { automaticCheckpoint } from '../../core/checkpoint.ts';
import { defaults } from '../../core/defaults.ts';
import type { JournalEvent } from '../../core/events.ts';
import type { State } from '../../core/state.ts';
import { findTopLevel } from '../git/git.ts';
import { refAt } from '../git/kept-refs.ts';
import { openCheckpoints } from './checkpoints.ts';
import type { Places } from './paths.ts';

export interface CheckpointWriter {
  /** Writes the checkpoint of the unit that was completed last, if it has none, and removes old ones. Throws what the disk says. */
  write(state: State): Promise<void>;
}

/** No git is asked, and nothing is flushed: what a power cut takes can be read from the journal. */
export const createCheckpointWriter = (options: {
  places: Pick<Places, 'spec' | 'specFolder'>;
  /** Name of the spec in the refs that keep its trees. */
  keptAs: string;
  workdir: string;
  events: () => readonly JournalEvent[];
}): CheckpointWriter => {
  const { places, keptAs, workdir, events } = options;
  const store = openCheckpoints(places.spec);
  let known: { lastStart: number; ids: string[] } | null = null;
  let roots: { top: string | null; real: string } | null = null;

  /** The automatic ones that are there, oldest first, and the start up to which units of this journal have theirs. */
  const look = (journal: string | null): { lastStart: number; ids: string[] } => {
    const there = store
      .list()
      .flatMap(found => (found.kind === 'read' && found.checkpoint.kind === 'automatic' ? [found.checkpoint] : []));
    const starts = there.map(one => (one.journal === journal ? (one.start ?? 0) : 0));
    return { lastStart: Math.max(0, ...starts), ids: there.map(({ id }) => id).reverse() };
  };

  const commitsOf = (start: number): readonly string[] => {
    const made = events().findLast(event => event.type === 'unit.committed' && event.start === start);
    return made?.type === 'unit.committed' ? made.commits : [];
  };

  return {
    write: async state => {
      known ??= look(state.journal);
      const { git } = state.run?.policy ?? {};
      if (git === 'check' || git === 'commit')
        roots ??= { top: await findTopLevel(workdir), real: realpathSync(workdir) };
      const made = automaticCheckpoint(state, {
        project: basename(workdir),
        spec: relative(workdir, places.specFolder) || '.',
        lastStart: known.lastStart,
        commitsOf,
        refOf: (repo, start) => {
          const root = repo === '.' ? (roots?.top ?? workdir) : join(roots?.real ?? workdir, repo);
          return refAt(root, { spec: keptAs, start, moment: 'after' });
        },
      });
      if (!made) return;
      const atMs = Date.parse(made.timestamp);
      for (let tries = 0; tries < 5; tries++) {
        const id = store.freeId(atMs);
        if (!(await store.add({ ...made, id }, { lasting: false }))) continue;
        known.ids.push(id);
        break;
      }
      known.lastStart = made.start ?? known.lastStart;
      const surplus = known.ids.length - defaults.checkpointsKept;
      if (surplus > 0) store.remove(known.ids.splice(0, surplus));
    },
  };
};
