// What the loop needs from the world, as interfaces: the real adapters and the simulator both fill them.
import type { Classification, ProcessEnd, StreamFacts } from '../core/agent.ts';
import type { AdoptedEntry, Command, EventBody, JobKind, JournalEvent, LeftOver } from '../core/events.ts';
import type { State } from '../core/state.ts';
import type { Spec } from '../core/task.ts';
import type { TreeNote } from '../core/tree.ts';

/** Wall and monotonic time are apart: resets are wall-clock, time limits are working time. */
export interface Clock {
  /** Epoch ms. */
  nowMs(): number;
  /** Monotonic ms from an arbitrary zero; stands still while the machine sleeps, and while this process is stopped. */
  monotonicMs(): number;
  /** Resolves at the wall time `untilMs` or when the signal aborts, whichever is first. Re-checks the wall clock at least each 30 s. */
  sleepUntil(untilMs: number, signal: AbortSignal): Promise<void>;
}

/** The disk refused what must be on it before the run may go on: the run ends with 73 and leaves a running agent to be adopted. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
  /** The file that could not be written, absolute. */
  readonly file: string;

  /** `message` says what happened, where, and the next step; `cause` is the error of the system. */
  constructor(file: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.file = file;
  }
}

/** When an event must be on disk. */
export type Flush = 'now' | 'soon' | 'no';

/** Append-only facts of one spec. Opening it (torn tail, damage) is the adapter's own business. */
export interface Journal {
  /** All events, oldest first, as read when it was opened plus those appended since. */
  readonly events: readonly JournalEvent[];
  /**
   * Appends one event. `flush`: `now` = on disk (fsync) before it resolves, because an effect follows; `soon` = within a
   * moment, or with the next `now`, and nobody waits, a failure comes out at the next append; `no` = with the next one that is flushed. Before each append the file must be the same inode and
   * still linked, else it is written anew from memory and a `rebuilt` event goes first.
   * Throws `UnwritableError` when the disk refuses.
   */
  append(body: EventBody, options: { flush: Flush }): Promise<JournalEvent[]>;
}

/** Commands of other processes. */
export interface Inbox {
  /** Every command waiting, oldest first; unreadable files are moved aside and reported. */
  drain(): Promise<{ id: string; run: string | null; atMs: number; command: Command }[]>;
  /** Removes a handled command's file. */
  done(id: string): Promise<void>;
  /** Calls back when a file may have arrived. Returns how to stop watching. */
  watch(onChange: () => void): () => void;
}

/** A start, named for the adapter. `folder` is absolute. */
export interface StartRef {
  n: number;
  unit: string | null;
  kind: JobKind;
  mark: string;
  folder: string;
  agent: string;
  /** It is known to have begun, whatever its folder says. */
  began?: boolean;
}

/** Everything that must be known to start a job. */
export interface JobSpec extends StartRef {
  /** Human text for window names and job.json: `1.2`, `assign`. */
  label: string;
  title: string;
  argv: string[];
  cwd: string;
  /** The whole environment of the child, SEQRUN_* included. */
  env: Record<string, string>;
  prompt: string;
  model: string | null;
  session: string | null;
  timeoutMs: number;
  stallTimeoutMs: number;
}

export type LaunchSeen =
  | { kind: 'began'; pid: number; transport: 'tmux' | 'plain'; window: string | null }
  /** The claim was won by us: it never started and never will. `windowClosed`: a person closed its window before it could. */
  | { kind: 'not_started'; message: string; windowClosed?: boolean };

/** What is known of a start that has ended, read from its folder. The tree has been swept. */
export interface EndReport {
  /** null: no exit file. */
  exit: ProcessEnd | null;
  facts: StreamFacts;
  classification: Classification;
  left: LeftOver[];
  /** The window is gone while its session is there: a person closed it. */
  windowClosed: boolean;
  startedAtMs: number;
  endedAtMs: number;
}

export type WatchSeen =
  | { kind: 'ended'; report: EndReport }
  /** A person closed the window; the tree still lives. */
  | { kind: 'window_closed' }
  /** Neither output nor CPU time for the stall limit. */
  | { kind: 'stalled' }
  /**
   * Its last word is that it sits in a limit (`StreamFacts.waiting`), and for two minutes, or the stall limit if that is shorter,
   * there was no byte of output; CPU time is no sign. `because` says what it announced.
   */
  | { kind: 'silent_wait'; because: string }
  /** The signal aborted, or `untilMs` was reached. Nothing is known. */
  | { kind: 'nothing' };

export type ReconcileSeen =
  | { kind: 'alive'; pid: number; transport: 'tmux' | 'plain'; window: string | null }
  | { kind: 'ended'; report: EndReport }
  | { kind: 'not_started'; message: string };

/** Starts, watches, finds again and ends jobs. One at a time. */
export interface Jobs {
  /** Makes the folder of the next start; `n` is at least `atLeast` and was never used. */
  reserve(atLeast: number, slug: string): Promise<{ n: number; folder: string; mark: string }>;
  launch(job: JobSpec): Promise<LaunchSeen>;
  /** Finds out what became of a start that another life of seqrun intended. Wins the claim or waits for its end. */
  reconcile(ref: StartRef): Promise<ReconcileSeen>;
  watch(ref: StartRef, options: { untilMs: number; stallTimeoutMs: number; signal: AbortSignal }): Promise<WatchSeen>;
  /** Ends the whole tree: TERM, 5 s, KILL; resolves when nothing of it lives, or says what survived. */
  end(ref: StartRef): Promise<EndReport>;
}

/** The working tree, as git sees it. Nothing here fails: what git does not say is null, or a problem in words. */
export interface Tree {
  /** Where every HEAD is, and a hash over everything that is not committed; null = no repository, or git did not answer. */
  note(): Promise<TreeNote | null>;
  /** Keeps the tree as it is under a name of its own, where the run wants that. */
  keep(start: number, when: 'before' | 'after'): Promise<void>;
  /** One commit of what a unit changed. Made before (a crash came in between): found again by the start's mark. */
  commit(unit: {
    id: string;
    title: string;
    start: number;
    mark: string;
  }): Promise<{ commits: string[]; problem: string | null }>;
}

/** tasks.md and what stands beside it, as found at one moment. */
export type SpecReading =
  | { kind: 'spec'; spec: Spec; bytesHash: string; unchanged: boolean }
  | { kind: 'missing'; path: string; message: string }
  | { kind: 'unreadable'; path: string; exit: 65 | 66; message: string };

export interface SpecFile {
  /** Reads tasks.md; unchanged bytes give the same `Spec` object. Never throws for what the file holds. */
  read(): Promise<SpecReading>;
  /** What stands in the file outlives a power cut from now on, as far as the disk allows. Asks it once for each change. Never throws. */
  settle(): Promise<void>;
  /**
   * Sets the boxes of these tasks to ticked, one byte each, after checking that the line still holds that task.
   * Returns the ids that could not be ticked, with the reason.
   */
  tick(ids: readonly string[]): Promise<{ id: string; reason: string }[]>;
  /** The same, to open; what it has opened is on the disk when it returns. */
  untick(ids: readonly string[]): Promise<{ id: string; reason: string }[]>;
}

/** What was found in our entry of STATE.json, when it is not what we wrote. */
export type EntryFinding =
  | { kind: 'same' }
  | { kind: 'edited'; assignments: AdoptedEntry['assignments']; completedAdded: string[] }
  | { kind: 'foreign'; entry: AdoptedEntry };

/** Writes the projections of the state. Failing is reported once and never stops the run. */
export interface Publisher {
  /** Idempotent: the same state twice writes nothing the second time. */
  publish(state: State): Promise<void>;
  /**
   * As `publish`, within a moment, of the state as it is then; not at all when `publish` comes before. For what a job that ends at
   * once would put out of date.
   */
  publishSoon(state: State): void;
  /** Does now what `publishSoon` has put off: nothing is written after this. */
  settle(): Promise<void>;
  /**
   * Called when a start has ended, before that is journaled and after it: what anybody wrote into our entry while it was open is not
   * taken but written over, at once (an agent could have done it). Hand-made assignments are the exception; a foreign entry is kept
   * aside as a copy. What the state adds is written within a moment.
   */
  reclaim(state: State): Promise<void>;
  /** Looks whether somebody else changed our entry of STATE.json. */
  inspect(state: State): Promise<EntryFinding>;
}

/** The locks of this run and the note of the job that may be alive in the workspace. */
export interface Holding {
  /** Checks that both locks are still ours (links a lost generation again). False = a higher generation holds one. */
  stillOurs(): Promise<boolean>;
  /**
   * Looks for processes of starts that are not of this run in its workspace, and waits a moment (3 s) for their end: locks do not tell of
   * them where the workspace has become another one, or where they were started with another state home. What a person must know of
   * those that live on; null = there are none.
   */
  strangers(): Promise<string | null>;
  /** Writes the `open` file (fsync, rename). */
  opened(start: StartRef): Promise<void>;
  /** Removes it. */
  closed(): Promise<void>;
}
