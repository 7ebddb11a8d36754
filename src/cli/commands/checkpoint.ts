// `seqrun checkpoint save|list|show|restore|clean`: where a spec stood, and the way back to it.

import { type Checkpoints, openSpecCheckpoints, type Swept } from '../../compose/checkpoints.ts';
import { findPlaces, findTopLevel, makePlaces, type Places } from '../../compose.ts';
import { defaults } from '../../core/defaults.ts';
import type { State } from '../../core/state.ts';
import { checkpointNow, isGitOff, openStartFailure } from '../checkpoint-now.ts';
import { restoreCheckpoint } from '../checkpoint-restore.ts';
import { cleanLines, listLines, showLines } from '../checkpoint-view.ts';
import type { Failure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findCheckpoint } from '../find-checkpoint.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { lookAt } from '../look.ts';
import type { CommandModule, Io } from '../main.ts';
import { placesOf, type TypedPlaces } from '../places.ts';
import { takeSpec } from '../take.ts';
import { worded } from '../worded.ts';

/** 0 = done; 2 = a person must look first (git differs, a start is open); 64, 65, 73, 75 as everywhere. */
export const run: CommandModule['run'] = async (intention, io) => {
  if (intention.command !== 'checkpoint') return EXIT.internal;
  switch (intention.action) {
    case 'save':
      return save(intention, intention.note, io);
    case 'list':
      return list(intention, io);
    case 'show':
      return show(intention, intention.id, io);
    case 'restore':
      return restoreCheckpoint(intention, intention, io);
    case 'clean':
      return clean(intention, intention.keep, io);
  }
};

/** Where its checkpoints are: neither journal nor task file need be readable for that. */
const placesFor = async (intention: Intention, io: Io): Promise<{ typed: TypedPlaces; places: Places }> => {
  const typed = placesOf(intention.spec, intention.settings.workdir, io.cwd);
  const workspace = (await findTopLevel(typed.workdir)) ?? typed.workdir;
  return { typed, places: await findPlaces({ env: io.env, specFolder: typed.spec, workspace }) };
};

const list = async (intention: Intention, io: Io): Promise<number> => {
  const { typed, places } = await placesFor(intention, io);
  const known = openSpecCheckpoints(places, typed.workdir, typed.tasksPath).store.list();
  const { console } = io;
  if (intention.settings.json) {
    console.json(
      {
        version: '1',
        spec: places.specName,
        checkpoints: known.map(found => {
          if (found.kind === 'damaged') return { id: found.id, path: found.path, problem: found.because };
          const { id, kind, timestamp, phase, description, notes, git, trees } = found.checkpoint;
          return { id, kind, timestamp, phase, description, notes, sha: git?.sha ?? null, files: trees !== undefined };
        }),
      },
      2,
    );
    return EXIT.done;
  }
  if (known.length === 0) console.say('there are no checkpoints yet: each completed unit makes one');
  for (const line of listLines(known)) console.out(localTimes(line));
  return EXIT.done;
};

const show = async (intention: Intention, id: string, io: Io): Promise<number> => {
  const { typed, places } = await placesFor(intention, io);
  const found = findCheckpoint(openSpecCheckpoints(places, typed.workdir, typed.tasksPath).store.list(), id);
  if ('exit' in found) {
    io.console.fail(found);
    return found.exit;
  }
  if (intention.settings.json) io.console.json(found.checkpoint, 2);
  else for (const line of showLines(found.checkpoint, found.path)) io.console.out(localTimes(line));
  return EXIT.done;
};

/** Reads only, so that a run may go on meanwhile; the tree is kept as it is just then. */
const save = async (intention: Intention, note: string | null, io: Io): Promise<number> => {
  const { console } = io;
  const fail = (failure: Failure): number => {
    console.fail(failure);
    return failure.exit;
  };
  const written = await lookAt(intention, io);
  if ('exit' in written) return fail(written);
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) return fail(looked);
  const { state, places, workdir, tasksPath } = looked;
  const made = await makePlaces(places);
  if (made.kind === 'unwritable') return fail(worded(made.exit, made.message));
  const checkpoints = openSpecCheckpoints(places, workdir, tasksPath);
  const now = isGitOff(intention, state) ? null : await checkpoints.look({ names: true });
  if (now?.because) console.warn(`git does not say what the working tree is like: ${now.because}`);
  const added = await checkpoints.add({
    atMs: Date.now(),
    moment: now?.git ? 'saved' : null,
    needed: false,
    start: state.lastN,
    of: (id, trees) =>
      checkpointNow(state, looked, {
        id,
        kind: 'saved',
        git: now?.git ?? null,
        note,
        trees,
        // What was read of the files beyond the journal has no number there yet.
        seq: written.source === 'journal' ? written.state.seq : 0,
      }),
  });
  const checkpoint = added.checkpoint!;
  checkpoints.store.prune(defaults.checkpointsKept);
  if (added.because !== null) console.warn(`the files could not be kept: ${added.because}`);
  for (const { repo, path, because } of added.leftOut) console.warn(`not kept of ${repo}: ${path} (${because})`);
  await sweep(checkpoints, state, io);
  if (intention.settings.json) console.json({ ...checkpoint, path: added.path }, 2);
  else {
    const files = checkpoint.trees ? 'with the files' : 'without files (only the state can be restored)';
    console.out(`${checkpoint.id}: ${checkpoint.description}, ${files}`);
  }
  return EXIT.done;
};

const clean = async (intention: Intention, keep: number, io: Io): Promise<number> => {
  const taken = await takeSpec(intention, io, crypto.randomUUID());
  if ('exit' in taken) {
    io.console.fail(taken);
    return taken.exit;
  }
  try {
    const open = openStartFailure(taken.state, intention);
    if (open) {
      io.console.fail(open);
      return open.exit;
    }
    const checkpoints = openSpecCheckpoints(taken.places, taken.workdir, taken.tasksPath);
    const removed = checkpoints.store.prune(keep);
    checkpoints.store.tidy();
    const swept = await sweep(checkpoints, taken.state, io);
    if (intention.settings.json) {
      const { dropped, young, recent } = swept;
      io.console.json(
        { removed: removed.map(({ id }) => id), refs: dropped, refs_young: young, refs_recent: recent },
        2,
      );
    } else for (const line of cleanLines(removed, checkpoints.store.list(), swept)) io.console.out(line);
    return EXIT.done;
  } finally {
    await taken.release();
  }
};

const sweep = async (checkpoints: Checkpoints, state: State, io: Io): Promise<Swept> => {
  const swept = await checkpoints.sweep(state, Date.now());
  if (swept.because !== null) io.console.detail(`kept trees were not looked through: ${swept.because}`);
  return swept;
};
