// Everything that can happen to a spec, as one union: the lines of its journal. Old lines must fold for ever.
import type { Usage } from './agent.ts';
import type { Closing } from './closing.ts';
import type { Gate, GateResult } from './gate.ts';
import type { Plan } from './plan-types.ts';
import type { Policy } from './policy.ts';
import type { KnownRed } from './state.ts';
import type { TreeNote } from './tree.ts';
import type { TypedWord } from './typed-word.ts';

/**
 * What a start is for. `gate`: a command checks what an agent's start of a unit left behind. `baseline`: the same command before the
 * first unit, so that old failures are told from new ones.
 */
export type JobKind = 'agent' | 'assign' | 'gate' | 'baseline';

/** Why an agent is started (again). */
export type StartReason =
  /** First try, or a fresh try after a failure (then `note` says what went wrong). */
  | { kind: 'task'; note: string | null }
  /** It ended well but something is missing; asked for in the same session where possible. */
  | {
      kind: 'follow_up';
      missing: string;
      /** Who asks: a gate that failed, the agent itself, a person, boxes left open. Absent: evidence is missing (a signal, a change). */
      from?: 'gate' | 'agent' | 'person' | 'boxes';
      /** The end of a failed gate's output. */
      output?: string;
    }
  /** A person let a halted unit go on: with an answer, or (null) without one. */
  | { kind: 'answer'; text: string | null }
  /** It was cut off (limit, crash, stop) and goes on where it was. */
  | {
      kind: 'continue';
      after: 'limited' | 'interrupted';
      /** What the start that was cut off had been told beyond its task: told again where its session is not known any more. */
      before?: StartReason;
    };

/** Whose counter a start uses. */
export type StartMode = 'attempt' | 'follow_up';

/** Why a running start is being ended by seqrun. */
export type EndReason =
  | 'timeout'
  | 'stalled'
  /** It sits in a limit and says nothing more: ended, and waited for as limited. */
  | 'silent_wait'
  | 'stopped'
  | 'window_closed'
  | 'given_up';

/** seqrun's verdict on a start. */
export type Outcome =
  /** `signal` is null where none is required. */
  | { kind: 'completed'; signal: DoneSignal | null }
  /** The agent's part is as good as that, but gates have still to pass: not done yet. */
  | { kind: 'checking'; signal: DoneSignal | null }
  /** A gate failed after it. */
  | { kind: 'gate_failed'; gate: string; because: string }
  | {
      kind: 'unconfirmed';
      /**
       * `change`: nothing in the working tree differs. `rest`: the agent itself says that something is left. `boxes`: it has ticked
       * some of its subtasks and left others open.
       */
      missing: 'signal' | 'exit_code' | 'exit_file' | 'success_event' | 'change' | 'rest' | 'boxes';
      /** Of `boxes`: the subtasks left open. */
      left?: string[];
      /** What the agent wants to do next, in its words. */
      next?: string;
    }
  | { kind: 'halted'; reason: string | null }
  | {
      kind: 'limited';
      /** What the agent said, or `silent_wait`: it only sat there and was ended. */
      because: 'limited' | 'throttled' | 'silent_wait';
      resetAtMs: number | null;
      window: string | null;
    }
  | { kind: 'timeout' }
  | { kind: 'stalled' }
  | { kind: 'failed'; class: FailureClass; message: string }
  | { kind: 'interrupted'; by: 'person' | 'world' }
  | { kind: 'not_started'; message: string }
  /** Of a gate or a baseline: exit 0, or not. `output` = its end, cut. */
  | { kind: 'passed' }
  | { kind: 'red'; because: string; signature: string; output: string }
  | { kind: 'assigned'; assignments: Record<string, AssignedOwner> }
  | { kind: 'unassigned'; reason: string };

export type DoneSignal = 'TASK_DONE' | 'COMPLETE';

export type FailureClass =
  | 'auth'
  | 'billing'
  | 'config'
  | 'missing_tool'
  | 'model'
  | 'context'
  | 'refused'
  | 'overloaded'
  | 'crashed'
  | 'no_answer'
  | 'agent';

/** Kind and owner of a unit as assignment decided them. */
export interface AssignedOwner {
  type: 'code' | 'ui' | 'review';
  owner: string;
}

export interface Assignment extends AssignedOwner {
  source: 'llm' | 'user' | 'fallback';
  /** Why the fallback was taken, else null. */
  reason: string | null;
}

/** A process that outlived its agent, as the receipt names it. */
export interface LeftOver {
  pid: number;
  /** With the pid it names one process until the next boot; absent in old journals. */
  startTime?: string;
  command: string;
  /** False = it survived KILL. */
  ended: boolean;
}

/** A leaf of the task file as it was read: hash of its title, and of the title above it where there is one. */
export type ReadLeaf = [id: string, titleHash: string, above?: string];

/** Ticks of tasks.md that differ from what was known, by the ids that leaves had when the plan was made. */
export interface BoxChanges {
  ticked: string[];
  opened: string[];
  /** Old journals alone: by id of `ticked`, and of claims that have other words now, the hash of the title in the file. */
  titles?: Record<string, string>;
  /** The leaves of the file, and which are ticked; `same`: they are those of the last reading. Absent: an old journal. */
  seen?: 'same' | { leaves: ReadLeaf[]; ticked: string[] };
}

/** A person's command, as dropped into the inbox or applied directly. */
export type Command =
  /** `signal`: the exit code of a signal (130, 143); without it the run ends with 2. */
  | { kind: 'stop'; now: boolean; because: string; signal?: number }
  | { kind: 'retry'; unit: string }
  | { kind: 'skip'; unit: string }
  | { kind: 'accept'; unit: string }
  /** `keepTicked`: what a person ticked by hand stays done (a reset of everything; absent in old journals: nothing stays). */
  | { kind: 'reset'; unit: string | null; keepTicked?: boolean }
  | { kind: 'resume'; answer: string | null }
  /** One more turn of a unit with what a person wants of it; a unit that was done is not any more. */
  | { kind: 'follow'; unit: string; text: string }
  /** A person has looked at a completed unit. `reject` is a `follow` that says so. */
  | { kind: 'approve'; unit: string; text: string | null }
  | { kind: 'reject'; unit: string; text: string }
  /** Nothing more is started until `continue`, in later runs either. `by` = who typed it: `joe@host`. */
  | { kind: 'pause'; by: string }
  | { kind: 'continue'; by: string };

export type RunEnd =
  | 'completed'
  /** What `--only`, `--from`, `--until` asked for is done; the spec is not known to be. */
  | 'selected'
  | 'iterations'
  | 'halted'
  | 'person'
  | 'failed'
  | 'blocked'
  | 'limit_bound'
  /** `--max-runtime` or `--until-time`. */
  | 'time'
  | 'bad_spec'
  | 'no_agent'
  | 'internal'
  | 'stopped'
  | 'lock_lost'
  | 'unwritable'
  | 'signal';

/** What every event carries. */
interface Stamp {
  /** Position in the journal from 1, without gaps. */
  seq: number;
  /** Epoch ms. */
  atMs: number;
}

export type EventBody =
  /** First line of every journal. `adopted` = an entry of STATE.json that this journal goes on from. */
  | {
      type: 'journal.opened';
      version: 1;
      journal: string;
      spec: string;
      /** Claims kept from an earlier journal (`--fresh`). */
      claimed: string[];
      /** Hash of a claimed leaf's title → the id it had there; absent: there was no claim, or an old journal does not say. */
      claimedTitles?: Record<string, string>;
      adopted: AdoptedEntry | null;
      /** Fingerprint of the state file's entry that `--fresh` forgot: it is no news when it is still there. */
      forgot?: string | null;
      /** The pause that held starts back before `--fresh`: it is no one's but a person's to lift. Absent: there was none. */
      paused?: { atMs: number; by: string };
      /** What held agents closed before `--fresh`: forgetting it opens none of them. Absent: none was, or an old journal does not say. */
      limits?: KeptLimits;
      /** Ticks of tasks.md count as done at the first start: false when an older journal or entry was there. */
      first: boolean;
    }
  | {
      type: 'run.started';
      run: string;
      version: string;
      host: string;
      pid: number;
      policy: Policy;
      config: string;
      /** Flags of the call without which the next one would mean another run; paths are absolute. Absent in old journals. */
      words?: TypedWord[];
      /**
       * The workdir that was typed, else inferred, absolute: agents work there unless the settings in it name another. Absent: a settings
       * file that was named says where, and no earlier run does; or an old journal does not say.
       */
      workdir?: string;
    }
  | { type: 'run.ended'; run: string; end: RunEnd; exit: number; because: string }
  /** The file's structure or the way it is cut into units changed (or was read for the first time). */
  | {
      type: 'plan.made';
      plan: Plan;
      ticked: string[];
      /** All leaves of the file, in its order. Absent: an old journal. */
      leaves?: ReadLeaf[];
      /** By id of a leaf, hash of what stands below its title; leaves with nothing there are left out. Absent: an old journal. */
      below?: Record<string, string>;
      /** Nothing but `below` is other than before. */
      only?: 'below';
    }
  /** Only ticks changed, and no job was open. */
  | { type: 'boxes.changed'; ticked: string[]; opened: string[] }
  | {
      type: 'start.intended';
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
      /** Units asked about (assignment), else empty. */
      units: string[];
      /** Of a gate or a baseline: what is run. Of an agent: the gates that its unit has to pass, as they stand now; absent: none. */
      gate?: Gate;
      gates?: Gate[];
      /** The working tree just before; absent: not known (no repository). */
      tree?: TreeNote;
    }
  | {
      type: 'start.began';
      n: number;
      pid: number;
      transport: 'tmux' | 'plain';
      window: string | null;
      adopted: boolean;
    }
  /** `says`: of a `silent_wait`, what its last lines announce, of the agent as "it"; absent for other reasons. */
  | { type: 'start.ending'; n: number; because: EndReason; by: 'person' | 'seqrun'; says?: string }
  | {
      type: 'start.ended';
      n: number;
      outcome: Outcome;
      code: number | null;
      signal: string | null;
      session: string | null;
      usage: Usage | null;
      /** What the outcome rests on, each one line. */
      evidence: string[];
      /** It did something beyond starting (limits in a row without work are bounded). */
      worked: boolean;
      left: LeftOver[];
      /** Ticks that changed while it was open; null = tasks.md could not be read then. */
      boxes: BoxChanges | null;
      /** The run must end because of how this ended (window closed by a person, survivors …), else null. */
      stop: { end: RunEnd; exit: number; because: string } | null;
      /** Hash of the config file when it was found changed while this start was open, else null. */
      config: string | null;
      /** The working tree just after it; absent: not known, or not asked (a gate, without --git check or commit). */
      tree?: TreeNote;
      /** The agent's closing block; absent: none. */
      closing?: Closing;
      /** What a gate gave, judged by what was known of it before. */
      gate?: GateResult;
      /** How long the next start is delayed from here on, drawn once (`--jitter`); absent: as long as the policy says. */
      delayMs?: number;
      /** The start of the agent that this gate settles: its outcome is known now. Absent: more gates follow. */
      checked?: { start: number; outcome: Outcome };
    }
  /** `--git commit`: what a completed unit changed is a commit, or could not be (`problem`). */
  | {
      type: 'unit.committed';
      unit: string;
      start: number;
      commits: string[];
      problem: string | null;
      /** As of the end of a start: a hook may have changed it, and boxes. Absent in old journals. */
      config?: string | null;
      boxes?: BoxChanges | null;
    }
  /** tasks.md could not be read or planned: the run ends with `exit`. */
  | { type: 'spec.unreadable'; exit: number; message: string }
  /** Wall clock and monotonic clock parted while a start was open: suspended laptop, stepped clock. */
  | { type: 'clock.gap'; ms: number }
  | { type: 'waited'; because: string; fromMs: number }
  /** `id` is the inbox file's: the same command twice changes nothing. */
  | { type: 'command'; id: string; command: Command }
  | { type: 'assignments.edited'; assignments: Record<string, AssignedOwner> }
  /** Ids added to `completed` by hand in STATE.json while no job was open. */
  | { type: 'completed.edited'; ids: string[] }
  | { type: 'config.accepted'; config: string }
  /** An entry of STATE.json from another journal or with a later seq was merged in. */
  | { type: 'entry.merged'; entry: AdoptedEntry }
  /** A person went back to a checkpoint: exactly `completed` is done, what was done beside it is not any more. */
  | {
      type: 'checkpoint.restored';
      /** The checkpoint's. */
      id: string;
      /** Leaves that stay done or are done again, each with what it rests on. */
      completed: {
        id: string;
        by: 'agent' | 'box' | 'hand' | 'accept';
        atMs: number;
        start: number | null;
        titleHash: string;
      }[];
      /** Units whose counters and standings begin again. */
      again: string[];
      /** Units that are done again, and what was said of them then by who had looked at them. */
      back: string[];
      reviews: Record<string, { kind: 'open' | 'approved' | 'rejected'; because: string | null; atMs: number }>;
      /** Gates that were known to be red then; absent: the files stay as they are, and with them what is known. */
      redGates?: ({ command: string } & KnownRed)[];
      /**
       * Of its files. `due`: they are put back now, and another event of the same checkpoint says what came of it, unless seqrun was
       * cut off. `back`: all of them are as they were; `partly`: not all. Absent: they stay as they are, or an old journal does not say.
       */
      files?: 'due' | 'back' | 'partly';
      /** The working tree with its files back; absent: not known, or it stays as it is. */
      tree?: TreeNote;
    }
  /** The journal had been removed or replaced under us and was written anew from memory. */
  | { type: 'rebuilt'; because: string };

/** Closed agents, and how many starts in a row were limited (see `State.limitedInRow`, `State.limitedInAll`). */
export interface KeptLimits {
  closed: Record<string, { untilMs: number; because: string; window: string | null }>;
  inRow: number;
  inAll: number;
}

/** The part of a STATE.json entry that a journal can go on from. */
export interface AdoptedEntry {
  /** Hash of the entry as it was found: still there, it is no news. Absent in old journals. */
  fingerprint?: string;
  /** It was paused when it was written; absent: it was not. */
  paused?: { atMs: number; by: string };
  completed: string[];
  /** Of leaves that were completed when it was written; those that are not in `completed` are not believed. */
  titleHashes: Record<string, string>;
  claimed: string[];
  /** Hash of a claimed leaf's title → the id it had then; absent in old journals. */
  claimedTitles?: Record<string, string>;
  /** A job of this spec was open when it was written, or may have been open since; absent: none was. */
  open?: boolean;
  /** Closed agents; absent in old journals. */
  limits?: Record<string, { untilMs: number; because: string; window: string | null }>;
  ticked: string[];
  assignments: Record<string, Assignment>;
  units: Record<string, AdoptedUnit>;
  halted: { unit: string; reason: string | null } | null;
  iterations: number;
  lastStart: number;
  startedAtMs: number | null;
}

export interface AdoptedUnit {
  status: string;
  /** Kind of its last outcome; absent in old journals. */
  lastOutcome?: string | null;
  attempts: number;
  followUps: number;
  interrupted: number;
  lost: number;
  session: string | null;
}

/** One line of the journal. */
export type JournalEvent = Stamp & EventBody;
