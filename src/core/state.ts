// What a spec's journal folds to. Types and the empty state; `evolve` changes it, `decide` reads it.

import type { AgentMode, Usage } from './agent.ts';
import type { Closing } from './closing.ts';
import type {
  Assignment,
  DoneSignal,
  EndReason,
  JobKind,
  LeftOver,
  Outcome,
  RunEnd,
  StartMode,
  StartReason,
} from './events.ts';
import type { Gate, GateResult } from './gate.ts';
import type { Leaf, Plan, Unit } from './plan-types.ts';
import type { Policy } from './policy.ts';
import type { TitledLeaf } from './same-leaves.ts';
import type { TreeNote } from './tree.ts';
import type { TypedWord } from './typed-word.ts';

/** How a leaf came to be done. */
export interface Completion {
  by: 'agent' | 'box' | 'hand' | 'accept';
  atMs: number;
  /** Start that completed it, or null. */
  start: number | null;
  titleHash: string;
}

/** The start that may be alive. At most one, ever. */
export interface OpenStart {
  n: number;
  unit: string | null;
  kind: JobKind;
  mode: StartMode;
  reason: StartReason;
  agent: string;
  model: string | null;
  session: string | null;
  mark: string;
  folder: string;
  units: string[];
  gate?: Gate;
  gates?: Gate[];
  tree?: TreeNote;
  /** The run that started it. */
  run?: string;
  intendedAtMs: number;
  /**
   * intended: an intent without knowledge (only a crash, or the moment of launching, shows it) → reconcile.
   * running: this life of seqrun saw it begin or adopted it → watch. ending: it is being ended → end.
   */
  phase:
    | { kind: 'intended' }
    | { kind: 'running'; sinceMs: number; pid: number; transport: 'tmux' | 'plain'; window: string | null }
    | { kind: 'ending'; because: EndReason; by: 'person' | 'seqrun'; says?: string };
  /** Some life of seqrun saw it begin; stays true. */
  began?: boolean;
  /** Wall time that was no working time (suspended laptop, stepped clock). */
  gapMs: number;
  /** A person asked it to stop in an earlier run: when it was cut off, that is why. */
  stopped?: boolean;
}

/** A leaf of the task file, and what the rest of the state calls it. */
export interface KnownLeaf extends TitledLeaf {
  /** Its id in the plan, and what its title was there; null = it has come in since. */
  as: { id: string; titleHash: string } | null;
}

/** What is to happen next with a unit that has had a start. */
export type UnitStanding =
  | { kind: 'fresh' }
  /** Started before; goes on with `mode` and `reason` once `notBeforeMs` has passed. */
  | {
      kind: 'again';
      mode: StartMode;
      reason: StartReason;
      session: string | null;
      notBeforeMs: number;
      because: string;
    }
  /** Its agent's start `start` ended well; the gates from `results.length` on have still to be run. */
  | {
      kind: 'checking';
      start: number;
      signal: DoneSignal | null;
      gates: Gate[];
      results: GateResult[];
      session: string | null;
      agent: string;
      /** The unit as its agent was given it: no more than that is done when the gates have passed. Absent: it was in no plan. */
      given?: Unit;
      /** A person has left the unit out while its agent ran: only its completion is better news than that. */
      skipped?: string;
    }
  | { kind: 'failed'; because: string; class: string }
  /** `decided`: what was known of its unit before it halted, which is no answer. Absent: nothing. */
  | { kind: 'halted'; reason: string | null; session: string | null; decided?: 'done' | 'skipped' }
  | { kind: 'skipped'; because: string };

/** What the task file says of the proof of a unit; what is not said is absent. */
export type HeldProof = Pick<Unit, 'verify' | 'noChange' | 'expects' | 'mayStayRed' | 'checkpoint'>;

/** Counters of a unit are kept over restarts and never reset by recovery. */
export interface UnitRecord {
  attempts: number;
  followUps: number;
  /** Cut off by the world (not by a person). */
  interrupted: number;
  /** Claim never won. */
  lost: number;
  /** Resumed starts that did nothing because the agent refused their session. */
  refused: number;
  /** Starts of any kind, limited ones included. */
  starts: number;
  standing: UnitStanding;
  lastOutcome: Outcome | null;
  lastStart: number | null;
  lastAtMs: number | null;
  /** What proves it although the task file says otherwise now: it was changed while a job ran. null = the plan's. */
  heldProof: HeldProof | null;
  /** Hash of the tree before its first start; null = not known, or never started. */
  treeBefore: string | null;
  /** Starts in a row that changed nothing in the working tree. */
  idle: number;
  /** What its last start failed with, to be known again; null = it did not. */
  failure: string | null;
  /** What the last closing block of its agents named as remaining, and in which start; null = nothing, or there was none. */
  remaining: { start: number; texts: string[] } | null;
  /** What a person wants of it beyond its text, not handed over yet. */
  asked: string[];
  /** What a person has said of it since it was last reset, oldest first: at most 10 texts of at most 4,000 characters. */
  said: string[];
  /** Follow-ups that a person has asked for: they do not count against the bound. */
  granted: number;
  review: Review | null;
  /** Why what was done of it is not any more, when that was last so; null = it never was. */
  undone: Undone | null;
  /** Titles that it had before it was put in other words under its number, oldest first, at most 10: one of them may come back. */
  formerTitles: string[];
}

/** What took a completion back. */
export interface Undone {
  because: string;
  atMs: number;
}

/** Whether a person has looked at a completed unit. */
export interface Review {
  kind: 'open' | 'approved' | 'rejected';
  /** Why it is open, or what the person said; null = nothing. */
  because: string | null;
  atMs: number;
}

/** A gate that is known to be red, and since when: `before` the first unit, or since a `unit` that was to make it so. */
export interface KnownRed {
  known: 'before' | 'expected';
  unit: string | null;
  /** Of `expected`: how it was red after the last unit that was to leave a failing test. Absent: a journal does not say. */
  red?: { unit: string; signature: string; code: number | null };
  /** Of `expected`: units after which it was red in another way; absent: none. */
  unlike?: string[];
}

/** One line per start, for status, receipts and the summary. */
export interface StartRecord {
  n: number;
  /** The run that started it; null in old journals. */
  run: string | null;
  unit: string | null;
  kind: JobKind;
  mode: StartMode;
  reason: StartReason['kind'];
  attempt: number;
  followUp: number;
  agent: string;
  /** What the agent was allowed; null = it has no modes, was only to answer, or an old journal does not say. */
  agentMode: AgentMode | null;
  model: string | null;
  session: string | null;
  folder: string;
  intendedAtMs: number;
  endedAtMs: number | null;
  /** Iteration number, or null (assignment, limited, not started, still open). */
  iteration: number | null;
  outcome: Outcome | null;
  code: number | null;
  signal: string | null;
  evidence: string[];
  usage: Usage | null;
  left: LeftOver[];
  window: string | null;
  seq: number;
  /** Of an agent's start: what its gates gave. */
  gates: GateResult[];
  /** Of a gate's or a baseline's start: what was run. */
  gate: Gate | null;
  /** The working tree before and after; null = not known. */
  tree: { before: TreeNote | null; after: TreeNote | null };
  /** Boxes of its own unit that were ticked while it was open. */
  ticked: string[];
  /** What the agent said in its closing block, or null. */
  closing: Closing | null;
  /** Commits of what it has completed; absent: none. */
  commits?: readonly string[];
}

/** A leaf that a job took out of the task file. */
export interface GoneLeaf extends Leaf {
  /** The title that got its number; absent: none did. */
  instead?: string;
}

export interface State {
  /** Last event folded. 0 = nothing yet. */
  seq: number;
  journal: string | null;
  spec: string | null;
  /** False when ticks of the first plan must not count by themselves. */
  first: boolean;
  firstStartedAtMs: number | null;
  completedAtMs: number | null;
  run: {
    id: string;
    startedAtMs: number;
    policy: Policy;
    config: string;
    iterations: number;
    pid: number;
    host: string;
    /** What its call was given that a next call needs. */
    words: readonly TypedWord[];
    /** Workdir that was typed or inferred for it, or for a run before whose call is of account; null = not known. */
    workdir: string | null;
  } | null;
  /** How the last run ended, null while one runs. */
  lastEnd: { end: RunEnd; exit: number; because: string; atMs: number; seq: number } | null;
  plan: Plan | null;
  /** All leaves of the task file as last read, in its order. */
  leaves: KnownLeaf[];
  /** Hashes of what stood below their titles when the plan was made, by id; null = not known. */
  below: ReadonlyMap<string, string> | null;
  /** Ids of `leaves` whose boxes were ticked then. */
  ticked: Set<string>;
  /** An old journal has read ticks after a job by number alone, and the job may have renumbered: the next reading compares numbers. */
  byNumber: boolean;
  /** True while what a job wrote may not have been read yet: new ticks are claims then, and another entry of the state file is not taken. */
  tickedUnread: boolean;
  /** A start has ended and the task file has not been read since: what changed in it, a job may have written. */
  fileUnread: boolean;
  /** The last line that took a completion back; 0 = none. What was written before it may still name that completion. */
  undoneSeq: number;
  /** Ticks made while a job was open: never done by themselves. */
  claimed: Set<string>;
  /** Title hash → id of claims, so that a claim stays one when the file is renumbered. */
  claimedTitles: Map<string, string>;
  done: Map<string, Completion>;
  /** Hashes of the titles whose completions a person has taken back, until they are done again: an entry does not bring them back. */
  takenBack: Set<string>;
  /** Leaves that a job took out of the task file before they were done, by the hashes of their titles. */
  vanished: Map<string, GoneLeaf>;
  /** Leaves that were reset while their box was ticked: seqrun owes an open box. */
  reopened: Set<string>;
  /** Completed leaves whose box somebody opened while no job was open: a person must say accept or reset. */
  disputed: Set<string>;
  units: Map<string, UnitRecord>;
  /** What is known of units whose number another one has got while they were not in the file, by title: they may come back. */
  awayUnits: Map<string, UnitRecord>;
  assignments: Map<string, Assignment>;
  open: OpenStart | null;
  starts: StartRecord[];
  /** Highest start number ever intended. */
  lastN: number;
  /** Iterations of all runs. */
  iterations: number;
  /** Limited starts in a row during which nothing was done. */
  limitedInRow: number;
  /** Limited starts since one ended otherwise, work or not. */
  limitedInAll: number;
  /** When the last start ended: the delay counts from here. null before the first of this run. */
  lastEndMs: number | null;
  /** The delay as it was drawn when the last start ended; null = as the policy says. */
  delayMs: number | null;
  /** A person (or a signal) asked the run to end. */
  stopping: { now: boolean; because: string; exit: number; end: RunEnd } | null;
  /** Since when, and by whom, starts are held back; null = they are not. It outlives the run. */
  paused: { atMs: number; by: string } | null;
  /** The reason why the run must end now, given by how the last start ended or by a reading that failed. */
  mustEnd: { end: RunEnd; exit: number; because: string } | null;
  /** Closed agents: nothing is started on them before `untilMs`. */
  limits: Map<string, { untilMs: number; because: string; window: string | null }>;
  /** Config file's hash when it was found changed while a job was open and nobody has accepted it yet. */
  configChanged: string | null;
  /** Waits of this run that were waited to their end or cut short. */
  waits: { because: string; ms: number }[];
  /** Hash of the working tree as going back to a checkpoint has left it last; null = never, or not known. */
  restoredTree: string | null;
  /** Gates by command, as they were before the first unit. */
  baselines: Map<string, { result: 'passed' | 'red'; because: string | null; start: number }>;
  /** Gates by command that are known to be red. */
  redGates: Map<string, KnownRed>;
  /** Completed units whose changes are to be committed, oldest first, and when they were completed. */
  toCommit: { unit: string; start: number; atMs: number }[];
  /** Ids of inbox commands that have been applied. */
  applied: Set<string>;
  /** Fingerprints of the state file's entries that have been taken over: still there, they are no news. */
  takenOver: Set<string>;
  /** Lines for people: task_changed, re-ticked boxes, claims of other units. Newest last, at most 50. */
  notices: string[];
}

export const emptyState = (): State => ({
  seq: 0,
  journal: null,
  spec: null,
  first: true,
  firstStartedAtMs: null,
  completedAtMs: null,
  run: null,
  lastEnd: null,
  plan: null,
  leaves: [],
  below: null,
  ticked: new Set(),
  byNumber: false,
  tickedUnread: false,
  fileUnread: false,
  undoneSeq: 0,
  claimed: new Set(),
  claimedTitles: new Map(),
  done: new Map(),
  takenBack: new Set(),
  reopened: new Set(),
  disputed: new Set(),
  vanished: new Map(),
  units: new Map(),
  awayUnits: new Map(),
  assignments: new Map(),
  open: null,
  starts: [],
  lastN: 0,
  iterations: 0,
  limitedInRow: 0,
  limitedInAll: 0,
  lastEndMs: null,
  delayMs: null,
  stopping: null,
  paused: null,
  mustEnd: null,
  limits: new Map(),
  configChanged: null,
  waits: [],
  restoredTree: null,
  baselines: new Map(),
  redGates: new Map(),
  toCommit: [],
  applied: new Set(),
  takenOver: new Set(),
  notices: [],
});
