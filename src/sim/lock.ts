// The locks as generations, and the note of the job that may be alive: the `Holding` port.
import { type Holding, type StartRef, UnwritableError } from '../engine/ports.ts';
import type { Machine, Process } from './machine.ts';
import type { SpecPlace, Workspace } from './place.ts';

interface Generation {
  g: number;
  pid: number;
  boot: number;
  run: string;
  released: boolean;
}

/** A lock's folder; only the highest generation says anything. */
export interface LockFolder {
  highest: Generation | null;
}

export interface Note {
  spec: string;
  folder: string;
  mark: string;
  unit: string | null;
}

const isHeld = (lock: LockFolder, machine: Machine): boolean =>
  lock.highest !== null && !lock.highest.released && machine.lives(lock.highest.pid, lock.highest.boot);

/** Who holds the lock now, or null. */
export const holderOf = (lock: LockFolder, machine: Machine): { pid: number; run: string } | null =>
  isHeld(lock, machine) ? lock.highest : null;

const take = async (lock: LockFolder, machine: Machine, process: Process, run: string): Promise<Generation | null> => {
  for (;;) {
    await process.step('look at the lock');
    if (isHeld(lock, machine)) return null;
    const g = (lock.highest?.g ?? 0) + 1;
    await process.step('link a generation');
    // Exactly one taker makes a name.
    if ((lock.highest?.g ?? 0) >= g) continue;
    const own = { g, pid: process.pid, boot: process.boot, run, released: false };
    lock.highest = own;
    return own;
  }
};

export interface Held {
  holding: Holding;
  release(): Promise<void>;
}

/** Takes the workspace's lock, then that of the specs; null = busy. */
export const holdLocks = async (
  workspace: Workspace,
  spec: SpecPlace,
  { machine, process, run }: { machine: Machine; process: Process; run: string },
): Promise<Held | null> => {
  const first = await take(workspace.workspaceLock, machine, process, run);
  if (!first) return null;
  const second = await take(workspace.specsLock, machine, process, run);
  if (!second) {
    first.released = true;
    return null;
  }
  const ours = (lock: LockFolder, own: Generation): boolean => {
    // Removed by somebody: linked again, as long as nobody else was there.
    lock.highest ??= own;
    return lock.highest === own && !own.released;
  };
  const write = (note: Note | null): void => {
    try {
      workspace.note.replace(note === null ? null : JSON.stringify(note));
    } catch (error) {
      throw new UnwritableError('/state/open', 'The note of the open job cannot be written', error);
    }
  };
  return {
    holding: {
      stillOurs: async () => {
        await process.step('check the locks');
        return ours(workspace.workspaceLock, first) && ours(workspace.specsLock, second);
      },
      // One workspace, one state home: the locks tell of every start there is.
      strangers: async () => null,
      opened: async ({ folder, mark, unit }: StartRef) => {
        await process.step('write the note');
        write({ spec: spec.path, folder, mark, unit });
        await process.step('after the note');
      },
      closed: async () => {
        await process.step('remove the note');
        write(null);
      },
    },
    release: async () => {
      await process.step('release the specs lock');
      second.released = true;
      await process.step('release the workspace lock');
      first.released = true;
    },
  };
};

export const readNote = (workspace: Workspace): Note | null =>
  workspace.note.text === null ? null : (JSON.parse(workspace.note.text) as Note);
