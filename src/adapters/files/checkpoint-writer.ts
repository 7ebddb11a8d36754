// Writes a checkpoint after each completed unit: a projection of the state, at the price of one small file.
import { realpathSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { automaticCheckpoint, startDoneBy } from '../../core/checkpoint.ts';
import { defaults } from '../../core/defaults.ts';
import type { JournalEvent } from '../../core/events.ts';
import { evolve, fold } from '../../core/evolve.ts';
import type { State } from '../../core/state.ts';
import { findTopLevel } from '../git/git.ts';
import { refAt } from '../git/kept-refs.ts';
import { openCheckpoints } from './checkpoints.ts';
import type { Places } from './paths.ts';

export interface CheckpointWriter {
  /**
   * Writes the checkpoints of the units that were completed since this was made, and that of the last one before, if it has none;
   * removes old ones. Each says how things stood then, however late this is called. Throws what the disk says.
   */
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
  /** Events of earlier lives of seqrun. */
  const before = events().length;
  /** `looked`: events that have been looked through. */
  let known: { lastStart: number; ids: string[]; looked: number } | null = null;
  /** The state at the last completion that was looked at: folded once, and then only on. */
  let then: State | null = null;
  let roots: { top: string | null; real: string } | null = null;

  /** The automatic ones that are there, oldest first, and the start up to which units of this journal have theirs. */
  const look = (journal: string | null): { lastStart: number; ids: string[]; looked: number } => {
    const there = store
      .list()
      .flatMap(found => (found.kind === 'read' && found.checkpoint.kind === 'automatic' ? [found.checkpoint] : []));
    const starts = there.map(one => (one.journal === journal ? (one.start ?? 0) : 0));
    return { lastStart: Math.max(0, ...starts), ids: there.map(({ id }) => id).reverse(), looked: 0 };
  };

  const stateAt = (seq: number): State => {
    if (then === null || then.seq > seq) then = fold(events().slice(0, seq));
    else for (const event of events().slice(then.seq, seq)) evolve(then, event);
    return then;
  };

  const commitsOf = (start: number): readonly string[] => {
    const made = events().findLast(event => event.type === 'unit.committed' && event.start === start);
    return made?.type === 'unit.committed' ? made.commits : [];
  };

  const writeOne = async (at: State, start: number, known: { lastStart: number; ids: string[] }): Promise<void> => {
    const { git } = at.run?.policy ?? {};
    if (git === 'check' || git === 'commit')
      roots ??= { top: await findTopLevel(workdir), real: realpathSync(workdir) };
    const made = automaticCheckpoint(at, {
      project: basename(workdir),
      spec: relative(workdir, places.specFolder) || '.',
      start,
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
    known.lastStart = start;
    const surplus = known.ids.length - defaults.checkpointsKept;
    if (surplus > 0) store.remove(known.ids.splice(0, surplus));
  };

  return {
    write: async state => {
      known ??= look(state.journal);
      const all = events();
      const last = known.looked < before ? lastDone(state) : 0;
      for (; known.looked < all.length; known.looked++) {
        const start = startDoneBy(all[known.looked]!);
        if (start === null || start <= known.lastStart) continue;
        // Older ones may have been removed on purpose, and what was reset since is of no use.
        if (known.looked < before && start !== last) continue;
        await writeOne(stateAt(known.looked + 1), start, known);
      }
    },
  };
};

/** The last start that has completed something which is still done; 0: none. */
const lastDone = (state: State): number => {
  let last = 0;
  for (const { start } of state.done.values()) last = Math.max(last, start ?? 0);
  return last;
};
