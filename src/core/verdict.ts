// From what is known of a start that ended to its outcome: what counts as done, and what it rests on.

import type { Agent, Classification, ProcessEnd, StreamFacts } from './agent.ts';
import { withoutBlocks } from './closing-block.ts';
import type { DoneSignal, EndReason, FailureClass, LeftOver, Outcome, RunEnd } from './events.ts';
import { readSignals, type Signal } from './signal.ts';

/** What the adapter saw of the end. */
export interface EndSeen {
  exit: ProcessEnd | null;
  facts: StreamFacts;
  classification: Classification;
  left: LeftOver[];
  windowClosed: boolean;
}

/** That seqrun was ending it, and why. */
export interface Ending {
  because: EndReason;
  by: 'person' | 'seqrun';
  /** Of a silent wait, what its last lines announced. */
  says?: string;
}

export interface Verdict {
  outcome: Outcome;
  evidence: string[];
  stop: { end: RunEnd; exit: number; because: string } | null;
}

/**
 * The verdict on an agent start. Done needs all of: a terminal success event (exit 0 for agents without a machine stream),
 * exit 0, a signal alone on a line of the final message (where `signalRequired`: gates can stand in for it). Anything less is something else; a failure event wins over a signal.
 */
export const verdict = (
  seen: EndSeen,
  agent: Pick<Agent, 'machineStream'>,
  ending: Ending | null,
  { signalRequired = true }: { signalRequired?: boolean } = {},
): Verdict => {
  // A closing block is read apart: it is neither the reason of a HALT nor what the agent said last.
  const said = withoutBlocks(seen.facts.finalText ?? '', 'seqrun');
  const { signal: found, unknown } = readSignals(said, { lastLineOnly: !agent.machineStream });
  const natural = naturalOutcome(seen, found, { machineStream: agent.machineStream, signalRequired });
  const outcome = underEnding(natural, ending, seen);
  return {
    outcome,
    evidence: evidenceOf(seen, { signal: found, unknown, ending, text: said }),
    stop: stopOf(seen, ending),
  };
};

const naturalOutcome = (
  seen: EndSeen,
  signal: Signal | null,
  { machineStream, signalRequired }: { machineStream: boolean; signalRequired: boolean },
): Outcome => {
  const { classification, exit, facts } = seen;
  const cls = classification.class;
  if (cls === 'limited' || cls === 'throttled') {
    return { kind: 'limited', because: cls, resetAtMs: classification.resetAtMs, window: classification.window };
  }
  const failed = (): Outcome => ({
    kind: 'failed',
    class: failureClass(cls),
    message: facts.failure ?? classification.evidence ?? failureText(cls, exit),
  });
  if (exit !== null && (exit.code === 127 || exit.code === 126) && !facts.worked && !facts.succeeded) {
    return {
      kind: 'failed',
      class: 'missing_tool',
      message: `the agent could not be started (exit code ${exit.code})`,
    };
  }
  if (facts.failure !== null && cls !== 'success' && cls !== 'no_answer' && cls !== 'interrupted') return failed();
  if (signal?.kind === 'HALT') return { kind: 'halted', reason: signal.reason };
  if (exit === null)
    return facts.succeeded ? { kind: 'unconfirmed', missing: 'exit_file' } : { kind: 'interrupted', by: 'world' };
  if (cls === 'success') {
    if (exit.code !== 0) return { kind: 'unconfirmed', missing: 'exit_code' };
    if (signal === null && signalRequired) return { kind: 'unconfirmed', missing: 'signal' };
    return { kind: 'completed', signal: (signal?.kind ?? null) as DoneSignal | null };
  }
  if (cls === 'interrupted') return { kind: 'interrupted', by: 'world' };
  // Without that event no message is known to be the final one, so that a signal may have been there or not.
  if (machineStream && !facts.succeeded && cls === 'no_answer' && exit.code === 0)
    return { kind: 'unconfirmed', missing: 'success_event' };
  // No failure event speaks against the signal: the agent is asked again instead of doing the work twice.
  if (signal && facts.failure === null && (cls === 'crashed' || cls === 'no_answer'))
    return { kind: 'unconfirmed', missing: 'exit_code' };
  if (cls === 'no_answer' && exit.code === 0) return { kind: 'unconfirmed', missing: 'signal' };
  return failed();
};

/** seqrun ended it: its own reason counts, unless the work was finished (or limited) before the end came. */
const underEnding = (natural: Outcome, ending: Ending | null, seen: EndSeen): Outcome => {
  const interrupted: Outcome = { kind: 'interrupted', by: 'person' };
  // Without a signal nothing tells a good end from one that obeys.
  const finished = natural.kind === 'completed' && natural.signal !== null;
  const settled = finished || natural.kind === 'halted' || natural.kind === 'limited';
  if (ending === null) {
    const person = seen.windowClosed || seen.exit?.interrupt === true;
    return person && !settled ? interrupted : natural;
  }
  if (settled) return natural;
  switch (ending.because) {
    case 'timeout':
      return { kind: 'timeout' };
    case 'stalled':
      return { kind: 'stalled' };
    case 'silent_wait': {
      const endedItself = seen.facts.waiting === null && (seen.facts.succeeded || seen.facts.failure !== null);
      return endedItself ? natural : { kind: 'limited', because: 'silent_wait', resetAtMs: null, window: null };
    }
    case 'stopped':
    case 'window_closed':
      return interrupted;
    case 'given_up':
      return { kind: 'interrupted', by: 'world' };
  }
};

/** A person who closes the window of a start wants it to stop, and the run with it. */
export const windowClosedStop: NonNullable<Verdict['stop']> = {
  end: 'person',
  exit: 2,
  because: 'stopped in tmux: the window was closed',
};

/** Why the run must end because of how a start ended (survivors, a closed window, Ctrl-C), or null. */
export const stopOf = (seen: EndSeen, ending: Ending | null): Verdict['stop'] => {
  const survivors = seen.left.filter(one => !one.ended);
  if (survivors.length > 0) {
    const list = survivors.map(one => `${one.pid} ${one.command}`).join(', ');
    return {
      end: 'person',
      exit: 2,
      because: `processes of the last start survived KILL: ${list}; end them, then run again`,
    };
  }
  if (ending?.because === 'window_closed' || seen.windowClosed) {
    return windowClosedStop;
  }
  if (seen.exit?.interrupt === true)
    return { end: 'person', exit: 2, because: 'stopped in tmux: Ctrl-C in the window' };
  return null;
};

const evidenceOf = (
  seen: EndSeen,
  {
    signal,
    unknown,
    ending,
    text,
  }: { signal: Signal | null; unknown: readonly string[]; ending: Ending | null; text: string },
): string[] => {
  const { exit, facts, classification } = seen;
  const lines = [
    exit === null ? 'exit file: missing' : exit.signal ? `ended by signal ${exit.signal}` : `exit code: ${exit.code}`,
    `terminal event: ${facts.failure !== null ? `failure (${oneLine(facts.failure)})` : facts.succeeded ? 'success' : 'none'}`,
    `signal: ${signal ? signal.kind : 'none'}`,
    `the agent's own end: ${classification.class}${classification.evidence ? ` (${oneLine(classification.evidence)})` : ''}`,
  ];
  if (ending?.because === 'silent_wait') {
    const since = facts.waiting
      ? `nothing came after that (${oneLine(facts.waiting.evidence)})`
      : 'it went on while it was being ended';
    lines.push(`silent wait: ${ending.says ?? 'it sat in a limit'}; ${since}`);
  }
  // Whoever finds it unfinished in the morning wants to know what the agent wanted: often it only asked something.
  const said = signal === null ? text.replace(/\s+/g, ' ').trim() : '';
  if (said !== '') lines.push(`last words: ${said.length > 300 ? `…${said.slice(-299)}` : said}`);
  if (unknown.length > 0) lines.push(`warning: unknown promises, not counted: ${unknown.map(oneLine).join(', ')}`);
  if (exit?.interrupt) lines.push('Ctrl-C was pressed in the window');
  if (seen.windowClosed) lines.push('the window was closed');
  for (const one of seen.left)
    lines.push(`left over: pid ${one.pid} ${oneLine(one.command)} (${one.ended ? 'ended' : 'SURVIVED'})`);
  for (const warning of facts.warnings.slice(0, 10)) lines.push(`warning: ${oneLine(warning)}`);
  return lines;
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 300);

const failureClass = (cls: Classification['class']): FailureClass => {
  switch (cls) {
    case 'auth':
    case 'billing':
    case 'config':
    case 'model':
    case 'context':
    case 'refused':
    case 'overloaded':
    case 'crashed':
    case 'no_answer':
      return cls;
    default:
      return 'agent';
  }
};

const failureText = (cls: string, exit: ProcessEnd | null): string =>
  `${cls}: ${exit === null ? 'no exit file' : exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`}`;
