// OpenCode: small runs of our own with their endings, and what its log says where its stream says nothing.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { opencode } from '../../src/agents/opencode.ts';
import { failedRequest, readLogLine } from '../../src/agents/opencode-log.ts';
import { type Run, read } from './run-reader.ts';

const folder = fileURLToPath(new URL('../fixtures/agents/opencode', import.meta.url));
const linesOf = (name: string): string[] => readFileSync(`${folder}/${name}.jsonl`, 'utf8').trimEnd().split('\n');
const play = (name: string, run: Partial<Run> = {}) => read(opencode, { stdout: linesOf(name), ...run });

const at = (iso: string): number => Date.parse(`2026-11-20T${iso}Z`);
const five = at('13:05:00');
const failed = { code: 1 };
const killed = { code: null, signal: 'KILL' };
const session = 'ses_0123456789abFixtureSession01';

/** name, class, reset, signal, how it ended */
type Row = [string, string, number | null, string | null, Run['exit']?];

const rows: Row[] = [
  ['success', 'success', null, 'TASK_DONE'],
  ['two_parts', 'success', null, 'TASK_DONE'],
  ['halt', 'success', null, 'HALT'],
  ['halt_quoted', 'success', null, 'TASK_DONE'],
  ['prose', 'success', null, 'TASK_DONE'],
  ['signal_not_final', 'success', null, null],
  ['hostile', 'success', null, 'TASK_DONE'],
  ['compacted_done', 'success', null, 'TASK_DONE'],
  ['error_overcome', 'success', null, 'TASK_DONE'],
  // It ends with 1 for the overflow that it has overcome.
  ['context_overcome', 'success', null, 'TASK_DONE', failed],
  ['context_replayed', 'success', null, 'TASK_DONE', failed],
  ['empty', 'no_answer', null, null],
  ['denied', 'no_answer', null, null],
  ['too_long', 'no_answer', null, null],
  ['filtered', 'refused', null, null],
  ['limit_window', 'limited', five, null, failed],
  ['limit_both_windows', 'limited', five + 400_000_000, null, failed],
  ['limit_body', 'limited', five, null, failed],
  ['limit_unknown', 'limited', null, null, failed],
  ['limit_subscription', 'limited', five, null, failed],
  ['limit_retry_after', 'limited', five, null, failed],
  ['limit_retry_date', 'limited', five, null, failed],
  ['limit_words', 'limited', five, null, failed],
  ['limit_daily', 'limited', null, null, failed],
  ['limit_stamp', 'limited', five, null, failed],
  ['limit_gateway', 'limited', at('13:05:01'), null, failed],
  ['limit_window', 'limited', five, null, killed],
  ['limit_window', 'limited', five, null, null],
  ['limit_window', 'limited', five, null, { code: 143 }],
  ['throttled', 'throttled', null, null, failed],
  ['throttled_server', 'throttled', null, null, failed],
  ['throttled_minute', 'throttled', null, null, failed],
  ['throttled_in_stream', 'throttled', null, null, failed],
  ['overloaded', 'overloaded', null, null, failed],
  ['overloaded_500', 'overloaded', null, null, failed],
  ['overloaded_in_stream', 'overloaded', null, null, failed],
  ['auth', 'auth', null, null, failed],
  ['auth_provider', 'auth', null, null, failed],
  ['billing', 'billing', null, null, failed],
  ['billing_gateway', 'billing', null, null, failed],
  ['billing_words', 'billing', null, null, failed],
  ['context', 'context', null, null, failed],
  ['context_loop', 'context', null, null, killed],
  ['context_summary', 'context', null, null, { code: 143 }],
  ['model', 'model', null, null, failed],
  ['refused', 'refused', null, null, failed],
  ['unexpected', 'crashed', null, null, failed],
  ['dropped', 'crashed', null, null, failed],
  ['aborted', 'interrupted', null, null, failed],
  ['compacted', 'interrupted', null, null, { code: 143 }],
  ['compacted', 'no_answer', null, null, killed],
  ['cut_off', 'interrupted', null, null, null],
  ['cut_off', 'interrupted', null, null, { code: 130 }],
  ['cut_off', 'interrupted', null, null, { code: 1, interrupt: true }],
  ['cut_off', 'no_answer', null, null, killed],
  ['cut_off', 'no_answer', null, null, { code: 0 }],
  ['cut_off', 'crashed', null, null, failed],
];

describe('endings', () => {
  it.each(rows)('%s: %s', (name, wanted, resetAtMs, signal, exit) => {
    const seen = play(name, { exit: exit === undefined ? {} : exit });
    expect(seen.classification).toMatchObject({ class: wanted, resetAtMs });
    expect(seen.signal?.kind ?? null).toBe(signal);
    expect(seen.facts.session).toBe(session);
    expect(seen.facts.succeeded).toBe(seen.facts.finalText !== null);
    expect(seen.facts.succeeded && seen.facts.failure !== null).toBe(false);
  });

  it.each(rows)('%s: what people see holds nothing a terminal acts on', name => {
    const { view, facts, classification } = play(name);
    const shown = [
      ...view.map(line => line.text),
      ...facts.warnings,
      facts.failure ?? '',
      classification.evidence ?? '',
      (facts.finalText ?? '').replace(/\n/g, ''),
    ];
    for (const text of shown) expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  });

  it('the order of keys means nothing', () => {
    const turned = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, one]) => [key, turned(one)]),
          )
        : value;
    for (const [name, wanted, resetAtMs, , exit] of rows.filter(row => row[0] !== 'hostile')) {
      const stdout = linesOf(name).map(line => JSON.stringify(turned(JSON.parse(line))));
      const { classification } = read(opencode, { stdout, exit: exit === undefined ? {} : exit });
      expect({ name, ...classification }).toMatchObject({ name, class: wanted, resetAtMs });
    }
  });

  it('a cut at any line is no success before the last one', () => {
    for (const name of ['success', 'context_overcome', 'context_loop', 'prose']) {
      const lines = linesOf(name);
      for (let count = 0; count < lines.length; count++) {
        const { signal } = read(opencode, { stdout: lines.slice(0, count), exit: killed });
        expect({ name, count, signal }).toEqual({ name, count, signal: null });
      }
    }
  });

  it('a cut right after a conversation was shortened of itself looks like an answer: never one with exit 0', () => {
    // Nothing on the line says that this step made a summary; what follows it does, and a run goes on until that came.
    const lines = linesOf('compacted');
    expect(read(opencode, { stdout: lines.slice(0, -1), exit: killed }).facts.succeeded).toBe(true);
    expect(read(opencode, { stdout: lines, exit: { code: 0 } }).facts.succeeded).toBe(false);
  });
});

describe('facts', () => {
  it('of a success', () => {
    const { facts, view, classification } = play('success');
    expect(facts).toMatchObject({ session, worked: true, warnings: [], failure: null });
    // Three steps of 100 fresh, 300 read, 50 written; 20 out and 5 reasoning.
    expect(facts.usage).toEqual({
      inputTokens: 1350,
      cachedInputTokens: 900,
      outputTokens: 75,
      reasoningTokens: 15,
      costUsd: expect.closeTo(0.003, 9),
    });
    expect(classification.evidence).toMatch(/^\{"type":"step_finish".*"reason":"stop"/);
    expect(view.map(line => `${line.kind}: ${line.text}`).slice(0, 5)).toEqual([
      'text: I start with the tests.',
      'tool: $ npm test',
      'result: 12 passed',
      'tool: edit src/parse.ts',
      'result: ok',
    ]);
    expect(view.at(-1)).toEqual({ kind: 'usage', text: 'tokens: 1350 in (900 cached), 75 out, $0.0030' });
  });

  it('a part that is told twice counts once', () => {
    expect(play('success').facts.finalText).toBe(
      'Added the parser and its tests; all pass.\n\n<promise>TASK_DONE</promise>',
    );
    const lines = linesOf('success').flatMap(line => [line, line]);
    expect(read(opencode, { stdout: lines }).facts.usage).toEqual(play('success').facts.usage);
  });

  it('text before the last tool call is not final, also within one step', () => {
    const [start, text, tool, end] = ['success', 'two_parts', 'success', 'two_parts'].map((name, index) =>
      linesOf(name).at([0, 2, 2, -1][index]!),
    );
    const final = (lines: (string | undefined)[]) => read(opencode, { stdout: lines as string[] }).facts.finalText;
    expect(final([start, text, end])).toBe('<promise>TASK_DONE</promise>');
    expect(final([start, text, tool, end])).toBe('');
  });

  it('of limits: whose window it is', () => {
    const windowOf = (name: string) => play(name, { exit: failed }).classification.window;
    expect(windowOf('limit_window')).toBe('five_hour');
    expect(windowOf('limit_both_windows')).toBe('seven_day');
    expect(windowOf('limit_subscription')).toBe('five_hour');
    expect(windowOf('limit_daily')).toBe('daily');
    expect(windowOf('limit_words')).toBeNull();
    expect(play('limit_window').facts.worked).toBe(true);
    expect(play('limit_body').facts).toMatchObject({ worked: false, usage: null });
  });

  it('the shortening of a conversation is no work and no answer, but it is paid for', () => {
    const { facts, view } = play('context_summary', { exit: killed });
    expect(facts).toMatchObject({ worked: false, finalText: null, usage: { inputTokens: 450 } });
    expect(view.some(line => line.kind === 'text')).toBe(false);
  });

  it('of refused calls, and of an agent that is not there', () => {
    const stderr = '\u001b[93m\u001b[1m! \u001b[0magent "gawain" not found. Falling back to default agent\n\n';
    expect(play('denied', { stderr }).facts.warnings).toEqual([
      'agent "gawain" not found. Falling back to default agent',
      'permission was refused once: bash',
    ]);
  });

  it('of a hostile stream', () => {
    const { facts, view } = play('hostile');
    expect(facts).toMatchObject({ session, usage: { inputTokens: 450, costUsd: 0.001 } });
    expect(facts.warnings).toEqual(['6 lines of the stream could not be read as JSON']);
    expect(view.map(line => line.text)).toContain('redtext');
  });
});

const logLine = (time: string, error: string, more = 'small=false agent=build') =>
  `timestamp=2026-11-20T${time}Z level=ERROR run=0a1b2c3d message="stream error" providerID=p modelID=m ` +
  `session.id=ses_fromTheLog01 ${more} error.error="${error}"`;
const refusal = 'AI_APICallError: This request would exceed the rate limit.';

describe('silence', () => {
  const wait = (stderr: string, exit: Run['exit'] = killed, endedAt = '08:40:00', stdout: string[] = []) =>
    read(opencode, { stdout, stderr, exit, endedAtMs: at(endedAt) });

  it('a wait of hours that was announced is a limit, however the run was ended', () => {
    const line = logLine('08:05:00.500', 'AI_APICallError: Rate limit reached. Please try again in 5h.');
    for (const exit of [killed, null, { code: 143 }, { code: 130, interrupt: true }]) {
      expect(wait(line, exit)).toMatchObject({
        classification: { class: 'limited', resetAtMs: at('13:05:00.500'), evidence: expect.stringContaining('5h') },
        facts: { session: 'ses_fromTheLog01', succeeded: false, failure: null },
      });
    }
    // It was over, and something else went wrong.
    expect(wait(line, killed, '13:30:00').classification.class).toBe('no_answer');
  });

  it('a short one is a retry notice', () => {
    const line = logLine('08:05:00', 'AI_APICallError: Rate limit reached. Please try again in 2s.');
    expect(wait(line).classification).toMatchObject({ class: 'no_answer', resetAtMs: null });
    expect(wait(line, { code: 143 }).classification.class).toBe('interrupted');
    const minutes = logLine('08:05:00', 'AI_APICallError: Rate limit reached. Please try again in 4m.');
    expect(wait(minutes, killed, '08:06:00').classification.class).toBe('no_answer');
  });

  it('a refusal for the rate and then more silence than it ever keeps by itself: a limit, its end unknown', () => {
    const line = logLine('08:05:00', refusal);
    expect(wait(line).classification).toMatchObject({ class: 'limited', resetAtMs: null });
    expect(wait(line, killed, '08:06:00').classification.class).toBe('no_answer');
    expect(wait(logLine('08:05:00', 'AI_APICallError: Overloaded')).classification.class).toBe('no_answer');
  });

  it('what goes on after it ends it, in whichever order the two streams are read', () => {
    const [begun, ...rest] = linesOf('cut_off');
    const before = logLine('08:05:00', refusal);
    expect(wait(before, killed, '08:40:00', [begun!, ...rest]).classification.class).toBe('no_answer');
    const after = logLine('08:30:00', refusal);
    expect(wait(after, killed, '08:40:00', [begun!, ...rest]).classification.class).toBe('limited');
    const reader = opencode.reader();
    reader.line('stderr', before);
    reader.line('stdout', begun!);
    const end = { exit: null, file: null, startedAtMs: 0, endedAtMs: at('08:40:00'), zone: 'UTC' };
    expect(reader.classify(end).class).toBe('interrupted');
  });

  it('a success stays one, and so does an error', () => {
    const line = logLine('08:39:00', 'AI_APICallError: Rate limit reached. Please try again in 5h.');
    expect(wait(line, { code: 0 }, '08:40:00', linesOf('success')).classification.class).toBe('success');
    expect(wait(line, failed, '08:40:00', linesOf('auth')).classification.class).toBe('auth');
  });

  it('the title of a session holds nobody up', () => {
    const line = logLine('08:05:00', 'AI_APICallError: quota, try again in 5h', 'small=true agent=title');
    expect(wait(line).classification.class).toBe('no_answer');
  });
});

describe('log lines', () => {
  it('keeps the first of two values, and text in quotes is no key', () => {
    const text = String.raw`timestamp=2026-11-20T08:00:00Z level=ERROR message="stream error" a="b level=INFO \"q\" \\" level=INFO error.error="x"`;
    const log = readLogLine(text)!;
    expect(Object.fromEntries(log.values)).toMatchObject({ level: 'ERROR', a: String.raw`b level=INFO "q" \ `.trim() });
    expect(failedRequest(log, text)).toEqual({ atMs: at('08:00:00'), text: 'x', session: null, line: text });
  });
  it.each([
    'a tool said timestamp=2026-11-20T08:00:00Z level=ERROR message="stream error" error.error="x"',
    'timestamp=yesterday level=ERROR message="stream error" error.error="x"',
    'timestamp=2026-11-20T08:00:00Z level=INFO message="stream error" error.error="x"',
    'timestamp=2026-11-20T08:00:00Z level=ERROR message="a stream error" error.error="x"',
    'timestamp=2026-11-20T08:00:00Z level=ERROR message="stream error"',
    '',
  ])('tells of no failed request: %s', line => {
    const log = readLogLine(line);
    expect(log && failedRequest(log, line)).toBeNull();
  });
  it('a line of 10 MB', () => {
    const line = `${logLine('08:00:00', refusal)} ${'a="'.repeat(3_400_000)}`;
    expect(failedRequest(readLogLine(line)!, line)?.text).toBe(refusal);
  });
});

describe('starts that never began', () => {
  const red = '\u001b[91m\u001b[1mError: \u001b[0m';
  it.each([
    ['config', 'You must provide a message or a command'],
    ['config', 'Session not found'],
    ['config', 'Failed to change directory to /gone'],
    ['auth', 'Incorrect API key provided: x'],
    ['model', 'Model not found: mock/none. Did you mean: mock/one?'],
    ['crashed', 'Something else'],
  ])('%s: %s', (wanted, words) => {
    const { classification, facts } = read(opencode, { stdout: '', stderr: `${red}${words}\nbye`, exit: failed });
    expect(classification).toMatchObject({ class: wanted, evidence: `Error: ${words}` });
    expect(facts).toMatchObject({ session: null, worked: false, finalText: null });
  });

  it('an error that only the log names', () => {
    const line = (error: string) =>
      `timestamp=2026-11-20T08:00:00Z level=ERROR run=0a message="request failed" error="${error}"`;
    const stderr = line('ProviderModelNotFoundError: Model not found: mock/none');
    expect(play('unexpected', { stderr, exit: failed }).classification).toMatchObject({
      class: 'model',
      evidence: expect.stringContaining('UnknownError'),
    });
    expect(play('unexpected', { stderr: line('Boom'), exit: failed }).classification.class).toBe('crashed');
    // Where the event itself is clear, the log adds nothing.
    expect(play('auth', { stderr, exit: failed }).classification.class).toBe('auth');
  });
});
