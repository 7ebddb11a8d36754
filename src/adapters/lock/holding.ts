// Both locks of a run and the note of its open job, as the one thing the loop holds.
import { join } from 'node:path';
import { type Holding, UnwritableError } from '../../engine/ports.ts';
import { reasonOf } from '../files/atomic.ts';
import { type LockIdentity, type Taking, takeLock } from './lock.ts';
import { type NoteReading, notePath, readNote, removeNote, writeNote } from './open-note.ts';

export interface Held {
  kind: 'held';
  holding: Omit<Holding, 'strangers'>;
  /** The note found when the workspace was taken: a job that may be alive, of this spec or another one. */
  found: NoteReading;
  /** Releases both locks. The note stays: it tells of a job that was left alone. */
  release(): Promise<void>;
}

/**
 * Takes the workspace's lock (`<workspaceFolder>/lock`, in the state home), then the specs folder's
 * (`<specsFolder>/SEQUENTIAL_STATE.lock`, kept out of git); without the second the first is released. `spec` is the real path of the
 * spec folder, for the note. Errors of the disk while the run holds them are thrown as UnwritableError.
 */
export const hold = async (what: {
  workspaceFolder: string;
  specsFolder: string;
  spec: string;
  identity: LockIdentity;
  breakLock: boolean;
}): Promise<Held | Exclude<Taking, { kind: 'held' }>> => {
  const { workspaceFolder } = what;
  const identity = { ...what.identity, spec: what.spec };
  const workspace = await takeLock(join(workspaceFolder, 'lock'), identity, { force: what.breakLock });
  if (workspace.kind !== 'held') return workspace;
  const specs = await takeLock(join(what.specsFolder, 'SEQUENTIAL_STATE.lock'), identity, {
    force: what.breakLock,
    gitIgnored: true,
  });
  if (specs.kind !== 'held') {
    await workspace.lock.release();
    return specs;
  }
  const orThrow = async (doing: Promise<void>): Promise<void> => {
    try {
      await doing;
    } catch (error) {
      const path = notePath(workspaceFolder);
      throw new UnwritableError(
        path,
        `The note of the open job cannot be written: ${reasonOf(error)}\n  at ${path}\nMake room or give the right to write, then start seqrun again.`,
        error,
      );
    }
  };
  return {
    kind: 'held',
    found: await readNote(workspaceFolder),
    holding: {
      stillOurs: async () => (await workspace.lock.stillOurs()) && (await specs.lock.stillOurs()),
      opened: start =>
        orThrow(
          writeNote(workspaceFolder, {
            spec: what.spec,
            folder: start.folder,
            mark: start.mark,
            unit: start.unit,
            pid: identity.pid,
            startTime: identity.startTime,
            bootId: identity.bootId,
          }),
        ),
      closed: () => orThrow(removeNote(workspaceFolder)),
    },
    release: async () => {
      await specs.lock.release();
      await workspace.lock.release();
    },
  };
};
