// One start as it lies on the disk and lives as processes: folder, claim, launch.sh, agent, children, window.
import type { Classification, ProcessEnd, StreamFacts } from '../core/agent.ts';
import type { JobSpec } from '../engine/ports.ts';
import type { Process } from './machine.ts';

/** What a script makes a start's agent do. */
export interface Script {
  /** For people who read a history. */
  act: string;
  /** Until it ends by itself; Infinity: never. */
  workMs: number;
  /** It shows life all the time; else it is silent until its end. */
  busy: boolean;
  /** What it does on the way: share of `workMs` (or ms, when that never ends), and the effect. */
  edits: { atMs: number; what: string; run: () => void }[];
  /** Facts once it has said its last word, and what its classifier says. */
  facts: Partial<StreamFacts>;
  class: Classification['class'];
  resetAtMs: number | null;
  code: number;
  /** It is killed from outside at its end. */
  killed: boolean;
  /** launch.sh is killed with it: nobody writes the exit file. */
  noExitFile: boolean;
  /** What TERM does to it. */
  onTerm: 'dies' | 'stubborn' | 'immortal' | 'finishes';
  /** Processes that outlive it. */
  children: { livesMs: number; onTerm: 'dies' | 'stubborn' | 'immortal' }[];
  /** From then on it sits in a limit and says nothing. */
  waitsFromMs: number | null;
  /** Git sees a difference when it is through. */
  changesTree: boolean;
}

/** What launching does beside starting the agent. */
export interface LaunchPlan {
  /** Until launch.sh comes to its claim; Infinity: it never does. */
  claimAfterMs: number;
  /** It dies between claim and agent. */
  diesAtClaim: boolean;
  /** A person closes the window after so long. */
  closedAfterMs: number | null;
  /** The session goes away (no window to be seen any more, the work goes on). */
  sessionGoneAfterMs: number | null;
}

export interface Member {
  process: Process;
  onTerm: Script['onTerm'];
  kind: 'launch' | 'agent' | 'child';
}

/** A start's folder. */
export interface Start {
  n: number;
  folder: string;
  mark: string;
  job: JobSpec | null;
  exists: boolean;
  claim: 'launch' | 'given up' | null;
  startedPid: number | null;
  /** The boot that `startedPid` belongs to. */
  boot: number;
  exit: ProcessEnd | null;
  exitAtMs: number;
  /** How its agent has just ended, before launch.sh writes it. */
  ended: ProcessEnd | null;
  beganAtMs: number;
  facts: StreamFacts;
  class: Classification['class'] | null;
  resetAtMs: number | null;
  window: 'none' | 'open' | 'closed';
  members: Member[];
  script: Script | null;
  lastSignMonoMs: number;
  lastByteMonoMs: number;
  onChange: Set<() => void>;
  /** The last time anything in the folder changed: a power cut takes what is young. */
  changedMonoMs: number;
}

export const emptyFacts = (session: string | null): StreamFacts => ({
  session,
  model: null,
  finalText: null,
  succeeded: false,
  failure: null,
  usage: null,
  worked: false,
  waiting: null,
  warnings: [],
});

export const newStart = (n: number, folder: string, mark: string, monoMs: number): Start => ({
  n,
  folder,
  mark,
  job: null,
  exists: true,
  claim: null,
  startedPid: null,
  boot: 0,
  exit: null,
  exitAtMs: 0,
  ended: null,
  beganAtMs: 0,
  facts: emptyFacts(null),
  class: null,
  resetAtMs: null,
  window: 'none',
  members: [],
  script: null,
  lastSignMonoMs: monoMs,
  lastByteMonoMs: monoMs,
  onChange: new Set(),
  changedMonoMs: monoMs,
});

/** What of it lives, launch.sh left out. */
export const livingMembers = (start: Start): Member[] =>
  start.members.filter(({ process, kind }) => process.alive && kind !== 'launch');

const launchLives = (start: Start): boolean =>
  start.members.some(({ process, kind }) => process.alive && kind === 'launch');

/** The exit file is there, or nothing lives that could still write it or do its work. */
export const isOver = (start: Start): boolean => {
  if (start.exists && start.exit !== null) return true;
  if (launchLives(start)) return false;
  const agent = start.members.find(({ kind }) => kind === 'agent');
  return agent === undefined || !agent.process.alive;
};
