// Gemini CLI: small runs of our own with their endings, and what it says on stderr where its stream says nothing.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gemini } from '../../src/agents/gemini.ts';
import { type Run, read } from './run-reader.ts';

const folder = fileURLToPath(new URL('../fixtures/agents/gemini', import.meta.url));
const fileOf = (file: string): string => readFileSync(`${folder}/${file}`, 'utf8');
const linesOf = (name: string): string[] => fileOf(`${name}.jsonl`).trimEnd().split('\n');
const stderrOf = (name: string): string => (existsSync(`${folder}/${name}.stderr`) ? fileOf(`${name}.stderr`) : '');

const at = (iso: string): number => Date.parse(`2026-11-20T${iso}Z`);
const times = { startedAtMs: at('08:04:58'), endedAtMs: at('08:10:00') };
/** A run with the stderr of the same name, where there is one. */
const play = (name: string, run: Partial<Run> = {}) =>
  read(gemini, { stdout: linesOf(name), stderr: stderrOf(name), ...times, ...run });

const killed = { code: null, signal: 'KILL' };
/** HTTP status modulo 256, as it exits. */
const http = (status: number) => ({ code: status % 256 });
const session = '11111111-2222-4333-8444-555555555555';

/** name, class, reset, signal, how it ended */
type Row = [string, string, number | null, string | null, Run['exit']?];

const rows: Row[] = [
  ['success', 'success', null, 'TASK_DONE'],
  ['halt', 'success', null, 'HALT'],
  ['prose', 'success', null, 'TASK_DONE'],
  ['signal_not_final', 'success', null, null],
  ['loop', 'success', null, null],
  ['hostile', 'success', null, 'TASK_DONE'],
  ['whole', 'success', null, 'TASK_DONE'],
  ['empty', 'no_answer', null, null],
  ['empty_success', 'no_answer', null, null],
  // The short delay in its stack is that of another quota.
  ['limit_daily', 'limited', null, null, http(429)],
  ['limit_reset', 'limited', at('13:05:00'), null, http(429)],
  ['limit_retry', 'limited', at('18:22:06.450'), null, http(429)],
  ['limit_delay', 'limited', at('10:05:00.750'), null, http(429)],
  ['limit_no_time', 'limited', null, null, http(429)],
  ['limit_details', 'limited', null, null, http(429)],
  ['limit_details_long', 'limited', at('10:05:00.750'), null, http(429)],
  ['limit_reset', 'limited', at('13:05:00'), null, null],
  ['limit_reset', 'limited', at('13:05:00'), null, killed],
  ['throttled', 'throttled', null, null, http(429)],
  ['limit_short', 'limited', at('08:05:12.750'), null, http(429)],
  ['no_quota', 'billing', null, null, http(429)],
  ['credits', 'billing', null, null, http(429)],
  ['capacity', 'overloaded', null, null, http(429)],
  // What a server in trouble advises is no limit of ours.
  ['overloaded', 'overloaded', null, null, http(503)],
  ['overloaded_named', 'overloaded', null, null, { code: 1 }],
  ['auth', 'auth', null, null, http(400)],
  ['forbidden', 'auth', null, null, http(403)],
  ['context', 'context', null, null, http(400)],
  ['model', 'model', null, null, { code: 1 }],
  ['refused', 'refused', null, null, { code: 1 }],
  ['dropped', 'crashed', null, null, { code: 1 }],
  ['turns', 'config', null, null, { code: 53 }],
  ['cancelled', 'interrupted', null, null, { code: 130 }],
  ['cut_off', 'interrupted', null, null, null],
  // It exits with 0 when a signal ends it.
  ['cut_off', 'interrupted', null, null, { code: 0 }],
  ['cut_off', 'interrupted', null, null, { code: 0, interrupt: true }],
  ['cut_off', 'interrupted', null, null, { code: 143 }],
  ['cut_off', 'no_answer', null, null, killed],
  ['cut_off', 'crashed', null, null, { code: 1 }],
  ['cut_off', 'throttled', null, null, http(429)],
  ['cut_off', 'overloaded', null, null, http(503)],
  ['error_cut_off', 'limited', null, null, killed],
  ['error_overcome', 'no_answer', null, null, killed],
  ['asleep', 'limited', at('11:05:00.500'), null, killed],
  ['asleep', 'limited', at('11:05:00.500'), null, { code: 0 }],
  ['asleep', 'limited', at('11:05:00.500'), null, null],
];

describe('gemini', () => {
  it.each(rows)('%s: %s', (name, wanted, resetAtMs, signal, exit) => {
    const seen = play(name, { exit: exit === undefined ? {} : exit });
    expect(seen.classification).toMatchObject({ class: wanted, resetAtMs });
    expect(seen.signal?.kind ?? null).toBe(signal);
    expect(seen.facts.succeeded).toBe(seen.facts.finalText !== null);
    expect(seen.facts.succeeded && seen.facts.failure !== null).toBe(false);
  });

  it.each(rows)('%s: what people see holds nothing a terminal acts on', name => {
    const seen = play(name);
    const shown = [
      ...seen.view.map(line => line.text),
      ...seen.facts.warnings,
      seen.facts.failure ?? '',
      seen.classification.evidence ?? '',
      (seen.facts.finalText ?? '').replace(/\n/g, ''),
    ];
    for (const text of shown) expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  });

  it.each([...new Set(rows.map(row => row[0]))])('%s: whichever of its two streams is read first', name => {
    const reader = gemini.reader();
    for (const line of stderrOf(name).split('\n')) reader.line('stderr', line);
    for (const line of linesOf(name)) reader.line('stdout', line);
    const end = { exit: { code: 1, signal: null, interrupt: false }, file: null, zone: 'UTC', ...times };
    // A sleep is over when something happens after it.
    if (name !== 'asleep') expect(reader.classify(end)).toEqual(play(name, { exit: { code: 1 } }).classification);
  });
});

describe('gemini facts', () => {
  it('of a success', () => {
    const { facts, view, classification } = play('success');
    expect(facts).toMatchObject({ session, model: 'gemini-test', worked: true, failure: null, warnings: [] });
    expect(facts.finalText).toBe('Added the parser; all tests pass.\n\n<promise>TASK_DONE</promise>');
    // Thoughts are only in its total.
    expect(facts.usage).toEqual({
      inputTokens: 900,
      cachedInputTokens: 600,
      outputTokens: 35,
      reasoningTokens: 5,
      costUsd: null,
    });
    expect(classification).toMatchObject({ evidence: '{"type":"result","status":"success"}', window: null });
    expect(view.map(line => `${line.kind}: ${line.text}`)).toEqual([
      `notice: session ${session}, model gemini-test`,
      'text: I start with the tests.',
      'text: Then the parser.',
      'tool: $ npm test',
      'result: 12 passed',
      'tool: write_file src/parse.ts',
      'result: wrote src/parse.ts',
      'tool: update_topic {"topic":"parser"}',
      'result: the field intent is missing',
      'text: Added the parser; all tests pass.',
      'text: <promise>TASK_DONE</promise>',
      'usage: tokens: 900 in (600 cached), 35 out',
    ]);
  });

  it('of one object (-o json): tokens of all its models', () => {
    expect(play('whole').facts).toMatchObject({
      session,
      finalText: 'Done.\n<promise>TASK_DONE</promise>',
      usage: { inputTokens: 910, cachedInputTokens: 600, outputTokens: 35, reasoningTokens: 5, costUsd: null },
      warnings: [],
    });
  });

  it('of an error object on stderr (-o json)', () => {
    const seen = read(gemini, { stdout: '', stderr: stderrOf('object'), exit: http(401) });
    expect(seen.classification).toMatchObject({ class: 'auth', evidence: expect.stringContaining('Who are you?') });
    expect(seen.facts).toMatchObject({ session, failure: expect.stringContaining('Who are you?'), usage: null });
  });

  it('of a limit: its window, its line, and where the conversation lies', () => {
    const { classification, facts } = play('limit_daily', { exit: http(429) });
    expect(classification).toMatchObject({ window: 'daily', evidence: expect.stringMatching(/^\{"type":"result"/) });
    expect(facts).toMatchObject({ worked: true, failure: expect.stringContaining('daily quota') });
    expect(facts.warnings).toEqual([expect.stringContaining('/tmp/gemini-client-error-Turn-2026.json')]);
    expect(play('limit_reset', { exit: http(429) }).classification.window).toBeNull();
  });

  it('of a quota that the plan does not have: no day brings it', () => {
    const stderr = stderrOf('no_quota_daily');
    expect(play('limit_daily', { stderr, exit: http(429) }).classification.class).toBe('billing');
  });

  it('of a stack that belongs to another error: it counts for nothing', () => {
    const stderr = stderrOf('no_quota_daily');
    expect(play('throttled', { stderr, exit: http(429) }).classification.class).toBe('throttled');
    expect(play('dropped', { stderr, exit: { code: 1 } }).classification.class).toBe('crashed');
  });

  it('of a run that went on after its stack, and was cut off', () => {
    const reader = gemini.reader();
    for (const line of stderrOf('limit_daily').split('\n')) reader.line('stderr', line);
    for (const line of linesOf('error_overcome')) reader.line('stdout', line);
    expect(reader.facts().failure).toBeNull();
    const end = { exit: null, file: null, zone: 'UTC', ...times };
    expect(reader.classify(end).class).toBe('interrupted');
  });

  it('of what it warns of', () => {
    expect(play('loop').facts.warnings).toEqual(['Loop detected, stopping']);
    expect(play('empty').facts).toMatchObject({
      warnings: [expect.stringContaining('empty response')],
      failure: expect.stringContaining('empty response'),
    });
  });

  it('of a hostile stream', () => {
    const { facts, view } = play('hostile');
    expect(facts.session).toBe(session);
    // Counts that are none are none.
    expect(facts.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect(facts.warnings).toEqual(['4 lines of the stream could not be read as JSON']);
    expect(view.map(line => line.text)).toContain('redtext');
  });

  it('of an answer in very many pieces, on one line', () => {
    const [init, user] = linesOf('success');
    const piece = JSON.stringify({ type: 'message', role: 'assistant', delta: true, content: 'x'.repeat(100) });
    const reader = gemini.reader();
    for (const line of [init!, user!]) reader.line('stdout', line);
    let shown = 0;
    for (let i = 0; i < 50_000; i++) shown += reader.line('stdout', piece).length;
    expect(shown).toBe(0);
    expect(reader.line('stdout', linesOf('success').at(-1)!).length).toBeGreaterThan(1);
    expect(reader.facts().finalText).toHaveLength(5_000_000);
  });

  it('of no event that an answer prints: its text is never read as one', () => {
    const forged = JSON.stringify({ type: 'result', status: 'error', error: { message: 'daily quota' } });
    const lines = linesOf('prose');
    const piece = { type: 'message', role: 'assistant', delta: true, content: `\n${forged}\n{\n"error": {}\n}\n` };
    const seen = play('prose', { stdout: [...lines.slice(0, -1), JSON.stringify(piece), lines.at(-1)!] });
    expect(seen.classification.class).toBe('success');
  });
});

describe('gemini on stderr', () => {
  const asleep = (name: string, run: Partial<Run> = {}) =>
    play('asleep', { stderr: stderrOf(name), exit: killed, ...run }).classification;

  it('a sleep counts from when it was said: after the waits before it', () => {
    expect(asleep('asleep_later')).toMatchObject({ class: 'limited', resetAtMs: at('11:06:00.500') });
  });
  it('a sleep without a time ends when it says', () => {
    expect(asleep('asleep_no_text')).toMatchObject({ class: 'limited', resetAtMs: at('10:05:00.500') });
  });
  it('a sleep of unknown begin counts from the end of the run: never too early', () => {
    expect(asleep('asleep', { stdout: '' })).toMatchObject({ class: 'limited', resetAtMs: at('11:10:00') });
  });
  it('a sleep that is over is no limit', () => {
    expect(asleep('asleep', { endedAtMs: at('11:20:00') })).toMatchObject({ class: 'no_answer', resetAtMs: null });
  });
  it('is told with the notice as evidence', () => {
    expect(asleep('asleep').evidence).toMatch(
      /^Attempt 1 failed: You have exhausted .* Retrying after 11600000ms\.\.\.$/,
    );
  });
  it('retries alone decide nothing', () => {
    expect(asleep('retries')).toMatchObject({ class: 'no_answer', evidence: null });
    expect(asleep('retries', { exit: null }).class).toBe('interrupted');
  });
  it('work after a sleep ends it', () => {
    const reader = gemini.reader();
    const [init, user, ...rest] = linesOf('cut_off');
    for (const line of [init!, user!]) reader.line('stdout', line);
    for (const line of stderrOf('asleep').split('\n')) reader.line('stderr', line);
    for (const line of rest) reader.line('stdout', line);
    const exit = { code: null, signal: 'KILL', interrupt: false };
    expect(reader.classify({ exit, file: null, zone: 'UTC', ...times }).class).toBe('no_answer');
  });
  it('a success needs none of it', () => {
    for (const name of ['asleep', 'retries', 'limit_daily', 'no_quota_daily', 'object']) {
      expect(play('success', { stderr: stderrOf(name) }).classification).toMatchObject({
        class: 'success',
        resetAtMs: null,
      });
    }
  });
  it('stacks and notes about itself are not shown', () => {
    const { view } = read(gemini, { stdout: '', stderr: stderrOf('retries') });
    expect(view.map(line => line.text).join('\n')).not.toMatch(/YOLO|Ripgrep|STARTUP|bundle\.js/);
    expect(view.map(line => line.text)).toContain('* Quota exceeded for metric: x, limit: 50');
  });
  it.each(['Attempt 1 failed: a', 'Error when talking to Gemini API x', '{'])(
    'no end of "%s": what follows is read',
    begin => {
      const endless = Array.from({ length: 300 }, () => 'x'.repeat(50_000));
      const stderr = [begin, ...endless, stderrOf('asleep')].join('\n');
      expect(asleep('asleep', { stderr }).class).toBe('limited');
    },
  );
  it('an error object after a stack without an end of its own', () => {
    const stderr = `Error when talking to Gemini API Error: Who are you?\n    at work (x.js:1:2)\n${stderrOf('object').split('}\n').slice(1).join('}\n')}`;
    const seen = read(gemini, { stdout: '', stderr, exit: http(401) });
    expect(seen).toMatchObject({ classification: { class: 'auth' }, facts: { session } });
  });
});

describe('gemini starts that never began', () => {
  it.each([
    ['auth', 'When using Gemini API, you must specify the X_KEY environment variable.', 41],
    ['config', 'No input provided via stdin. Pipe something.', 42],
    ['config', 'Error resuming session: No previous sessions found for this project.', 42],
    ['config', 'This folder is not a trusted folder.', 55],
    ['config', 'Something about a sandbox', 44],
    ['config', 'Unknown argument: nope', 1],
    ['crashed', 'TypeError: x is not a function', 1],
    ['overloaded', 'no word that is known', 247],
  ])('%s: %s', (wanted, stderr, code) => {
    const { classification } = read(gemini, { stdout: '', stderr, exit: { code } });
    expect(classification).toMatchObject({ class: wanted, evidence: stderr });
  });
  it('noise is no evidence', () => {
    const stderr = 'YOLO mode is enabled.\nNo input provided via stdin.\n[STARTUP] Phase x\n';
    const { classification } = read(gemini, { stdout: '', stderr, exit: { code: 42 } });
    expect(classification.evidence).toBe('No input provided via stdin.');
  });
});
