// Feeds a run to an agent's reader, as `seqrun classify` does, with ends that a test need not spell out.
import { agentNamed } from '../../src/agents/index.ts';
import { type RunReading, readRecordedRun } from '../../src/agents/recorded-run.ts';
import type { Agent, ProcessEnd } from '../../src/core/agent.ts';

export interface Run {
  /** A list is lines without their newlines. */
  stdout: string | readonly string[] | Uint8Array;
  stderr?: string | Uint8Array;
  exit?: Partial<ProcessEnd> | null;
  file?: string | null;
  startedAtMs?: number | null;
  endedAtMs?: number;
  zone?: string;
}

/** The agent of that name; nothing of it is started. */
export const agentOf = (name: string): Agent =>
  agentNamed(name, { rehearsal: { node: '/node', script: '/rehearsal.js' }, command: ['tool'] })!;

const defaultEndMs = Date.parse('2026-11-20T08:10:00Z');

/** Everything that seqrun learns from the run. */
export const read = (agent: Agent, run: Run): RunReading => {
  const endedAtMs = run.endedAtMs ?? defaultEndMs;
  return readRecordedRun(agent, {
    stdout: [bytesOf(run.stdout)],
    stderr: [bytesOf(run.stderr ?? '')],
    end: {
      exit: run.exit === null ? null : { code: 0, signal: null, interrupt: false, ...run.exit },
      file: run.file ?? null,
      startedAtMs: run.startedAtMs === undefined ? endedAtMs - 60_000 : run.startedAtMs,
      endedAtMs,
      zone: run.zone ?? 'UTC',
    },
  });
};

const bytesOf = (text: Required<Run>['stdout']): Uint8Array =>
  text instanceof Uint8Array
    ? text
    : Buffer.from(typeof text === 'string' ? text : text.map(line => `${line}\n`).join(''));
