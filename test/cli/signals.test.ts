// What is said when a signal asks a run to end: what is ended by it.
import { expect, test } from 'vitest';
import { catchSignals } from '../../src/cli/signals.ts';
import type { OpenStart } from '../../src/core/state.ts';

const gate = { name: 'test', command: 'npm test', timeoutMs: 1000, from: 'user' };
const open = (over: object): OpenStart => ({ n: 1, unit: '2', kind: 'agent', ...over }) as OpenStart;

/** What is said on each of these signals while that is open. */
const saidOn = (signals: NodeJS.Signals[], running: OpenStart | null): string[] => {
  const before = new Map(signals.map(signal => [signal, process.listeners(signal)]));
  const watch = catchSignals();
  const said: string[] = [];
  const control = { nudge: () => undefined, stop: () => undefined, abandon: () => undefined };
  watch.drive(
    control,
    message => said.push(message),
    () => running,
  );
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) if (!before.get(signal)!.includes(listener)) listener(signal);
  }
  watch.stop();
  return said;
};

test.each<[string, OpenStart | null, string]>([
  ['nothing', null, 'TERM: stopping'],
  ['an agent', open({}), 'TERM: ending the agent and saving'],
  ['a gate', open({ kind: 'gate', gate }), 'TERM: ending gate test of unit 2 and saving'],
  ['a baseline', open({ kind: 'baseline', unit: null, gate }), 'TERM: ending gate test and saving'],
  ['the assignment', open({ kind: 'assign', unit: null }), 'TERM: ending the assignment and saving'],
])('TERM while %s runs', (_what, running, said) => {
  expect(saidOn(['SIGTERM'], running)).toEqual([said]);
});

test('Ctrl-C says what once more does, and does it', () => {
  expect(saidOn(['SIGINT', 'SIGINT'], open({ kind: 'gate', gate }))).toEqual([
    'Ctrl-C: ending gate test of unit 2 and saving (once more leaves it running)',
    'second Ctrl-C: what still runs is left; run seqrun again and it goes on with it',
  ]);
});
