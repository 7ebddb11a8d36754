// Feeds a recorded run to an agent's reader.
import type { Agent, Classification, EndFacts, ProcessEnd, StreamFacts, ViewLine } from '../../src/core/agent.ts';
import { findSignal, type Signal } from '../../src/core/signal.ts';

export interface Run {
  stdout: string | readonly string[];
  stderr?: string;
  exit?: Partial<ProcessEnd> | null;
  file?: string | null;
  startedAtMs?: number;
  endedAtMs?: number;
  zone?: string;
}

export interface Read {
  facts: StreamFacts;
  classification: Classification;
  view: ViewLine[];
  signal: Signal | null;
}

const defaultEndMs = Date.parse('2026-11-20T08:10:00Z');

/** Everything that seqrun learns from the run. */
export const read = (agent: Agent, run: Run): Read => {
  const reader = agent.reader();
  const view = [
    ...linesOf(run.stdout).flatMap(line => reader.line('stdout', line)),
    ...linesOf(run.stderr ?? '').flatMap(line => reader.line('stderr', line)),
  ];
  const endedAtMs = run.endedAtMs ?? defaultEndMs;
  const end: EndFacts = {
    exit: run.exit === null ? null : { code: 0, signal: null, interrupt: false, ...run.exit },
    file: run.file ?? null,
    startedAtMs: run.startedAtMs ?? endedAtMs - 60_000,
    endedAtMs,
    zone: run.zone ?? 'UTC',
  };
  const classification = reader.classify(end);
  const facts = reader.facts();
  const signal = facts.finalText === null ? null : findSignal(facts.finalText, { lastLineOnly: !agent.machineStream });
  return { facts, classification, view, signal };
};

const linesOf = (text: string | readonly string[]): readonly string[] => {
  if (typeof text !== 'string') return text;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
