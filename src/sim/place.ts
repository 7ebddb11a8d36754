// What lies in one working tree and beside it: specs with their journals, inboxes and starts, and what they share.
import type { Command } from '../core/events.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { LockFolder } from './lock.ts';
import type { Start } from './start.ts';

/** One spec of the workspace. */
export interface SpecPlace {
  name: string;
  /** Stands for the real path of its folder. */
  path: string;
  tasks: DiskFile;
  journal: DiskFile;
  inbox: { id: string; run: string | null; atMs: number; command: Command }[];
  /** Told when something is dropped. */
  onInbox: Set<() => void>;
  /** By folder. */
  starts: Map<string, Start>;
  /** As it was at first: what `git checkout` brings back. */
  firstTasks: string;
}

/** What specs of one workspace share. */
export interface Workspace {
  specs: SpecPlace[];
  /** SEQUENTIAL_STATE.json. */
  state: DiskFile;
  /** What it was like at some time: what `git checkout` brings back. */
  olderStates: string[];
  /** Copies of it that were kept aside. */
  aside: string[];
  config: DiskFile;
  note: DiskFile;
  workspaceLock: LockFolder;
  specsLock: LockFolder;
  /** Grows with each change that git would see. */
  treeVersion: number;
  /** `start`: the journal and number of the start whose work it is. */
  commits: { unit: string; mark: string; start: string; treeVersion: number }[];
  /** New titles so far: no two are the same. */
  titles: number;
  /** Until when the provider takes nothing, wall ms. */
  closedUntilMs: number;
}

export const createWorkspace = (disk: Disk, texts: readonly { name: string; tasks: string }[]): Workspace => ({
  specs: texts.map(({ name, tasks }) => ({
    name,
    path: `/repo/specs/${name}`,
    tasks: disk.file(tasks),
    journal: disk.file(),
    inbox: [],
    onInbox: new Set(),
    starts: new Map(),
    firstTasks: tasks,
  })),
  state: disk.file(),
  olderStates: [],
  aside: [],
  config: disk.file('{}'),
  note: disk.file(),
  workspaceLock: { highest: null },
  specsLock: { highest: null },
  treeVersion: 1,
  commits: [],
  titles: 0,
  closedUntilMs: 0,
});
