// What the simulator needs of the program that is tried: given in, so that this room imports neither engine nor adapters.
import type { Agent } from '../core/agent.ts';
import type { Action, Launch } from '../core/decide.ts';
import type { AdoptedEntry, BoxChanges, EventBody, JournalEvent, RunEnd } from '../core/events.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import type { Spec, Task } from '../core/task.ts';
import type { Reserved } from '../core/transition.ts';
import type {
  Clock,
  EntryFinding,
  Holding,
  Inbox,
  JobSpec,
  Jobs,
  Journal,
  Publisher,
  SpecFile,
  Tree,
} from '../engine/ports.ts';

/** The desk, as the loop uses it. */
export interface Desk {
  read(state: State, publisher: Publisher): Promise<{ event: EventBody | null; again: boolean; warnings: string[] }>;
  boxChanges(state: State): Promise<BoxChanges | null>;
  openClaims(state: State): Promise<string[]>;
  spec(): Spec | null;
}

export interface SimPorts {
  clock: Clock;
  journal: Journal;
  inbox: Inbox;
  jobs: Jobs;
  publisher: Publisher;
  holding: Holding;
  desk: Desk;
  makeJob(state: State, launch: Launch, reserved: Reserved): Promise<JobSpec>;
  tree: Tree;
  agentNamed(name: string): Agent;
  configHash(): Promise<string>;
  tell(
    what:
      | { kind: 'event'; event: JournalEvent; state: State }
      | { kind: 'action'; action: Action; state: State }
      | { kind: 'warning'; message: string },
  ): void;
}

export interface Control {
  nudge(): void;
  stop(request: { because: string; exit: number }): void;
  abandon(): void;
}

/** A file's text as a disk gives it to the state writer. */
export interface StateDisk {
  id(): string | null;
  read(): { text: string; id: string } | null;
  write(text: string, options: { flushName: boolean }): Promise<string>;
  keepAside(why: string): Promise<string>;
}

export type EntryReading =
  | { kind: 'missing' }
  | {
      kind: 'entry';
      journal: string | null;
      seq: number | null;
      intact: boolean;
      fingerprint: string;
      whole: AdoptedEntry;
    }
  | { kind: 'damaged'; why: string };

/** The parts of seqrun that run here as they are. */
export interface Production {
  runLoop(
    state: State,
    ports: SimPorts,
    onControl?: (control: Control) => void,
  ): Promise<{ end: RunEnd; exit: number; because: string }>;
  createDesk(options: { name: string; specFile: SpecFile; plan: PlanOptions; writeTasks: boolean }): Desk;
  readSpec(text: string): Spec;
  flipBox(bytes: Uint8Array, task: Task, mark: ' ' | 'x'): { bytes: Uint8Array } | { reason: string };
  readLines(bytes: Uint8Array): {
    events: JournalEvent[];
    lines: string[];
    goodBytes: number;
    unterminated: boolean;
    tornBytes: number;
    damage: { line: number; message: string } | null;
  };
  readEntry(text: string, specName: string): EntryReading;
  withoutCompletions(entry: AdoptedEntry): AdoptedEntry;
  createStateWriter(options: {
    path: string;
    specName: string;
    spec: string;
    adopted: string | null;
    nowMs: () => number;
    warn: (message: string) => void;
    disk: StateDisk;
  }): {
    write(state: State): Promise<void>;
    isAsWritten(): boolean;
    reclaim(state: State): Promise<void>;
    inspect(state: State): Promise<EntryFinding>;
  };
}
