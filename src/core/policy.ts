// The settings a run is decided by, journaled when it starts so that another process can explain it.
import type { AgentMode } from './agent.ts';
import type { Gate } from './gate.ts';
import type { TypedWord } from './typed-word.ts';

/** A kind of evidence. */
export type Requirement = 'signal' | 'verify' | 'change';

/** Times are milliseconds. */
export interface Policy {
  delayMs: number;
  /** At most so much of the delay is added to it by chance, 0 to 1; absent: nothing. */
  jitter?: number;
  /** Agent starts in this run that count as iterations. */
  maxIterations: number;
  /** Nothing is started any more when the run has lasted so long; absent: no bound. */
  maxRuntimeMs?: number;
  /** Nothing is started any more from this instant on, epoch ms, with the time of day as it was asked for; absent: no bound. */
  endAt?: { atMs: number; asked: string };
  maxAttempts: number;
  maxFollowUps: number;
  onFail: 'stop' | 'skip' | 'halt';
  onMissingSignal: 'follow-up' | 'fail';
  timeoutMs: number;
  stallTimeoutMs: number;
  limitMarginMs: number;
  assign: 'all' | 'each' | 'none';
  /** Agent that runs every unit nobody else owns. */
  backend: string;
  assignBackend: string;
  model: string | null;
  /** Which agent runs the units of an owner; only installed ones are in here. */
  owners: Record<string, string>;
  /** What each agent with modes may do; absent in old journals. */
  modes?: Record<string, AgentMode>;
  /** Agents that can go on in an earlier session. */
  resumable: string[];
  /** The user asked to accept a halted state. */
  resume: boolean;
  /** Gates of every unit, in order; absent: none. */
  gates?: Gate[];
  /** Commands of the task file are gates, too. */
  allowTaskCommands?: boolean;
  /** What becomes of a gate that was red before the first unit; absent: `require`. */
  baseline?: 'off' | 'require' | 'ignore' | 'halt';
  /** What done needs beside an agent that ended well; absent: the signal, and the gates where there are any. */
  require?: Requirement[];
  /** Every unit must have a gate: one without is not started. */
  everyUnitGated?: boolean;
  /** Which completed units a person has to look at before the next one starts; absent: none. */
  review?: 'none' | 'checkpoints' | 'all';
  /** What is done with git; absent: nothing. */
  git?: 'off' | 'note' | 'check' | 'commit';
  /** Of what counts as done: flags that a person gave for this run or one before, and no settings file; absent in old journals. */
  proofTyped?: TypedWord[];
}
