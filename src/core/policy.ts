// The settings a run is decided by, journaled when it starts so that another process can explain it.
import type { AgentMode } from './agent.ts';

/** Times are milliseconds. */
export interface Policy {
  delayMs: number;
  /** Agent starts in this run that count as iterations. */
  maxIterations: number;
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
}
