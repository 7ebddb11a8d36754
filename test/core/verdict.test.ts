// What counts as done: every combination of event, exit and signal that matters.
import { describe, expect, test } from 'vitest';
import type { EndClass } from '../../src/core/agent.ts';
import { type EndSeen, verdict } from '../../src/core/verdict.ts';

const machine = { machineStream: true };
const done = 'Fine.\n<promise>TASK_DONE</promise>';

const seen = (
  cls: EndClass,
  code: number | null,
  finalText: string | null,
  over: Partial<EndSeen['facts']> = {},
  rest: Partial<EndSeen> = {},
): EndSeen => ({
  exit: code === null ? null : { code, signal: null, interrupt: false },
  facts: {
    session: 's',
    model: null,
    finalText,
    succeeded: cls === 'success',
    failure: null,
    usage: null,
    worked: true,
    waiting: null,
    warnings: [],
    ...over,
  },
  classification: { class: cls, evidence: null, resetAtMs: null, window: null },
  left: [],
  windowClosed: false,
  ...rest,
});

const outcome = (given: EndSeen, ending: Parameters<typeof verdict>[2] = null) =>
  verdict(given, machine, ending).outcome;

describe('done needs success event, exit 0 and a signal', () => {
  test('all three', () =>
    expect(outcome(seen('success', 0, done))).toEqual({ kind: 'completed', signal: 'TASK_DONE' }));
  test('no signal', () =>
    expect(outcome(seen('success', 0, 'Shall I?'))).toEqual({ kind: 'unconfirmed', missing: 'signal' }));
  test('Q-2.46: success without any text is asked, not repeated', () =>
    expect(outcome(seen('no_answer', 0, null, { succeeded: true }))).toEqual({
      kind: 'unconfirmed',
      missing: 'signal',
    }));
  test('a machine stream that breaks off: the event is missing, whether a signal was there or not', () => {
    expect(outcome(seen('no_answer', 0, null))).toEqual({ kind: 'unconfirmed', missing: 'success_event' });
    expect(outcome(seen('no_answer', 0, done))).toEqual({ kind: 'unconfirmed', missing: 'success_event' });
    // Where there is no machine stream, nothing but the signal can be missing.
    expect(verdict(seen('no_answer', 0, null), { machineStream: false }, null).outcome).toEqual({
      kind: 'unconfirmed',
      missing: 'signal',
    });
  });
  test('bad exit without a failure event', () =>
    expect(outcome(seen('success', 1, done))).toEqual({ kind: 'unconfirmed', missing: 'exit_code' }));
  test('a crash after the signal', () =>
    expect(outcome(seen('crashed', 1, done))).toEqual({ kind: 'unconfirmed', missing: 'exit_code' }));
  test('no exit file', () =>
    expect(outcome(seen('success', null, done))).toEqual({ kind: 'unconfirmed', missing: 'exit_file' }));
  test('neither exit file nor success', () =>
    expect(outcome(seen('interrupted', null, null))).toEqual({ kind: 'interrupted', by: 'world' }));
  test('an unknown promise is no signal, and is named in the evidence', () => {
    const judged = verdict(seen('success', 0, '<promise>ALMOST</promise>'), machine, null);
    expect(judged.outcome.kind).toBe('unconfirmed');
    expect(judged.evidence.join()).toContain('ALMOST');
  });
  test('a failure event wins over a signal', () =>
    expect(outcome(seen('crashed', 0, done, { failure: 'it broke' }))).toMatchObject({
      kind: 'failed',
      message: 'it broke',
    }));
  test('HALT wins over a bad exit', () =>
    expect(outcome(seen('success', 1, '<promise>HALT</promise>\nwhy'))).toEqual({ kind: 'halted', reason: 'why' }));
  test('127 without any work is a missing tool', () =>
    expect(outcome(seen('config', 127, null, { worked: false }))).toMatchObject({
      kind: 'failed',
      class: 'missing_tool',
    }));
  test('without a machine stream the signal must be the last line', () => {
    const text = `${done}\nand more`;
    expect(verdict(seen('success', 0, text), { machineStream: false }, null).outcome.kind).toBe('unconfirmed');
    expect(verdict(seen('success', 0, done), { machineStream: false }, null).outcome.kind).toBe('completed');
  });
});

describe('ended by seqrun or by a person', () => {
  const timeout = { because: 'timeout', by: 'seqrun' } as const;
  test('a time limit', () => expect(outcome(seen('interrupted', 143, null), timeout)).toEqual({ kind: 'timeout' }));
  test('work that was finished before the end came stays finished', () =>
    expect(outcome(seen('success', 0, done), timeout).kind).toBe('completed'));
  test('a limit seen before the end stays a limit', () =>
    expect(outcome(seen('limited', 143, null), { because: 'stalled', by: 'seqrun' }).kind).toBe('limited'));
  describe('a silent wait', () => {
    const silent = { because: 'silent_wait', by: 'seqrun', says: 'it has announced a wait of 3 h' } as const;
    const waiting = { because: 'it has announced a wait of 3 h', evidence: 'Retrying after 10800000ms...' };
    const limited = { kind: 'limited', because: 'silent_wait', resetAtMs: null, window: null };

    test.each<[string, EndSeen]>([
      ['on TERM', seen('interrupted', 143, null, { waiting })],
      ['on TERM, with 0', seen('no_answer', 0, null, { waiting })],
      ['on KILL', seen('no_answer', null, null, { waiting })],
      ['after an error that it had overcome', seen('crashed', 1, null, { waiting, failure: 'dropped' })],
      ['just when it went on', seen('interrupted', 143, null)],
    ])('ended %s: limited, reset unknown', (_name, given) => expect(outcome(given, silent)).toEqual(limited));

    test('a reset that the classifier has found is the reset', () => {
      const given = seen('limited', 143, null, { waiting });
      given.classification.resetAtMs = 7;
      expect(outcome(given, silent)).toEqual({ kind: 'limited', because: 'limited', resetAtMs: 7, window: null });
    });
    test('what ended of itself meanwhile keeps its own end', () => {
      expect(outcome(seen('success', 0, done), silent).kind).toBe('completed');
      expect(outcome(seen('success', 0, 'Shall I?'), silent)).toEqual({ kind: 'unconfirmed', missing: 'signal' });
      expect(outcome(seen('auth', 1, null, { failure: '401' }), silent)).toMatchObject({
        kind: 'failed',
        class: 'auth',
      });
      expect(outcome(seen('throttled', 1, null, { failure: '429' }), silent)).toMatchObject({ because: 'throttled' });
    });
    test('the evidence says why it was ended', () => {
      const { evidence } = verdict(seen('interrupted', 143, null, { waiting }), machine, silent);
      expect(evidence).toContain(
        'silent wait: it has announced a wait of 3 h; nothing came after that (Retrying after 10800000ms...)',
      );
      expect(verdict(seen('success', 0, done), machine, silent).evidence.join()).toContain('3 h; it went on while');
    });
  });
  test('a closed window: interrupted by a person, and the run stops with 2', () => {
    const judged = verdict(seen('interrupted', 143, null), machine, { because: 'window_closed', by: 'person' });
    expect(judged.outcome).toEqual({ kind: 'interrupted', by: 'person' });
    expect(judged.stop).toMatchObject({ exit: 2 });
  });
  test('Ctrl-C in the window', () => {
    const judged = verdict(
      seen('interrupted', 0, null, {}, { exit: { code: 130, signal: null, interrupt: true } }),
      machine,
      null,
    );
    expect(judged.outcome).toEqual({ kind: 'interrupted', by: 'person' });
    expect(judged.stop).toMatchObject({ exit: 2 });
  });
  test('a survivor stops the run with 2, whatever the outcome', () => {
    const judged = verdict(
      seen('success', 0, done, {}, { left: [{ pid: 7, command: 'sleep', ended: false }] }),
      machine,
      null,
    );
    expect(judged.outcome.kind).toBe('completed');
    expect(judged.stop).toMatchObject({ exit: 2 });
    expect(judged.evidence.join()).toContain('SURVIVED');
  });
});

describe('where no signal is required', () => {
  const end = (ending: Parameters<typeof verdict>[2], rest: Partial<EndSeen> = {}, text = 'Bye.') =>
    verdict(seen('success', 0, text, {}, rest), machine, ending, { signalRequired: false }).outcome;
  test('a good end of its own is one', () => expect(end(null)).toEqual({ kind: 'completed', signal: null }));
  test('an agent that ends well because it was told to end has not finished', () => {
    expect(end({ because: 'timeout', by: 'seqrun' })).toEqual({ kind: 'timeout' });
    expect(end({ because: 'stalled', by: 'seqrun' })).toEqual({ kind: 'stalled' });
    expect(end({ because: 'stopped', by: 'person' })).toEqual({ kind: 'interrupted', by: 'person' });
    expect(end(null, { windowClosed: true })).toEqual({ kind: 'interrupted', by: 'person' });
  });
  test('unless it had said so', () =>
    expect(end({ because: 'timeout', by: 'seqrun' }, {}, done)).toEqual({ kind: 'completed', signal: 'TASK_DONE' }));
});
