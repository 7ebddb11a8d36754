// Reads a run that was recorded: the bytes of its two streams and how it ended become what seqrun learns from them.
import type { Agent, Classification, EndFacts, StreamFacts, ViewLine } from '../core/agent.ts';
import { lineSplitter } from '../core/line-splitter.ts';
import { findSignal, type Signal } from '../core/signal.ts';

/** What was written down of a run. The bytes come in order, in pieces of any size. */
export interface RecordedRun {
  stdout: Iterable<Uint8Array>;
  stderr: Iterable<Uint8Array>;
  end: EndFacts;
}

export interface RunReading {
  classification: Classification;
  /** As they are known after the end. */
  facts: StreamFacts;
  /** Of the final message; null when there is no final message or no signal in it. */
  signal: Signal | null;
  view: ViewLine[];
}

/**
 * Everything that the run tells, by the reader and the lines of a live start. How the pieces are cut makes no difference.
 *
 * Nothing in the bytes says how the two streams were mixed. stdout is read to its end first, then stderr, which is what a
 * runner sees that comes when all is over; times inside the lines still put them in order where the agent writes any.
 */
export const readRecordedRun = (agent: Agent, run: RecordedRun): RunReading => {
  const reader = agent.reader();
  const view: ViewLine[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = lineSplitter();
    const onLine = (text: string) => {
      for (const line of reader.line(stream, text)) view.push(line);
    };
    for (const bytes of run[stream]) lines.take(bytes, onLine);
    lines.flush(onLine);
  }
  const classification = reader.classify(run.end);
  const facts = reader.facts();
  const signal = facts.finalText === null ? null : findSignal(facts.finalText, { lastLineOnly: !agent.machineStream });
  return { classification, facts, signal, view };
};
