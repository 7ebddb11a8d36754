// From the end of a gate's process to passed, red, or nothing known.
import { defaults } from './defaults.ts';
import { failureSignature } from './failure-signature.ts';
import { cannotRun, type Gate } from './gate.ts';
import { type Ending, type EndSeen, stopOf, type Verdict } from './verdict.ts';
import { durationWords } from './words.ts';

/**
 * Passed means: exit 0, by itself. What a person or the world has cut off is neither passed nor red, and is run again: ended from outside
 * (KILL, TERM, HUP: a person, a machine that went down or ran out of memory), it has said nothing. Its time limit is part of the gate: a
 * gate that does not end is red. Watchers and servers exit with 0 when they are told to end: that says nothing either.
 */
export const gateVerdict = (seen: EndSeen, gate: Gate, ending: Ending | null): Verdict => {
  const { exit, left } = seen;
  const output = tail(seen.facts.finalText ?? '');
  const red = (because: string): Verdict['outcome'] => ({
    kind: 'red',
    because,
    signature: failureSignature(`${because}\n${output}`),
    output,
  });
  const outcome = ((): Verdict['outcome'] => {
    if (ending?.because === 'timeout') return red(`it had not ended after ${durationWords(gate.timeoutMs)}`);
    if (ending?.because === 'stalled') return red('it stalled: neither output nor CPU time');
    const person = seen.windowClosed || exit?.interrupt === true || ending?.by === 'person';
    if (person) return { kind: 'interrupted', by: 'person' };
    if (exit?.code === 0 && ending === null) return { kind: 'passed' };
    const fromOutside = exit?.signal === 'KILL' || exit?.signal === 'TERM' || exit?.signal === 'HUP';
    if (exit === null || ending !== null || fromOutside) return { kind: 'interrupted', by: 'world' };
    const missing = cannotRun(exit.code) ? ' (the command was not found, or cannot be run)' : '';
    return red(exit.signal ? `it was ended by signal ${exit.signal}` : `exit code ${exit.code}${missing}`);
  })();
  const evidence = [
    `gate ${gate.name}: ${outcome.kind}${outcome.kind === 'red' ? ` (${outcome.because})` : ''}`,
    ...left.map(one => `left over: pid ${one.pid} ${one.command.slice(0, 300)} (${one.ended ? 'ended' : 'SURVIVED'})`),
  ];
  return { outcome, evidence, stop: stopOf(seen, ending) };
};

/** The end of an output, whole lines where possible, at most `defaults.gateOutputMax` characters. */
const tail = (text: string): string => {
  const trimmed = text.trimEnd();
  if (trimmed.length <= defaults.gateOutputMax) return trimmed;
  const cut = trimmed.slice(-defaults.gateOutputMax);
  const line = cut.indexOf('\n');
  return `…\n${line === -1 || line > cut.length / 2 ? cut : cut.slice(line + 1)}`;
};
