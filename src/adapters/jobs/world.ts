// What every part of the room needs: the machine's processes, the windows, the clock and the time limits.
import type { Agent } from '../../core/agent.ts';
import type { Clock } from '../../engine/ports.ts';
import type { Windows } from '../tmux/windows.ts';
import type { ProcessSource } from './process-table.ts';

export interface JobsWorld extends Pick<Clock, 'nowMs' | 'monotonicMs'> {
  source: ProcessSource;
  /** null: no tmux here. */
  windows: Windows | null;
  agentNamed(name: string): Agent;
  transport: 'tmux' | 'plain';
  /** Folders in which launch.sh also looks for sleep. */
  callerPath: string;
  zone: string;
  notice(message: string): void;
  /** Makes the next start's folder ahead. Never throws. */
  prepareNext(): void;
  killGraceMs: number;
  launchTimeoutMs: number;
  notStartedMs: number;
  checkEveryMs: number;
  silentWaitMs: number;
}
