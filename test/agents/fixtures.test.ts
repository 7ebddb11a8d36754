// Small recorded-like runs of our own: every kind of end, with its class, reset time, signal and facts.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { agentNamed } from '../../src/agents/index.ts';
import { quoteSignals } from '../../src/core/signal.ts';
import { type Run, read } from './run-reader.ts';

const folder = fileURLToPath(new URL('../fixtures/agents', import.meta.url));
const options = { rehearsal: { node: '/node', script: '/rehearsal.js' }, command: ['tool'] };
const play = (agent: string, name: string, run: Partial<Run> = {}) =>
  read(agentNamed(agent, options)!, { stdout: readFileSync(`${folder}/${agent}/${name}.jsonl`, 'utf8'), ...run });

const at = (iso: string): number => Date.parse(iso);
const five = at('2026-11-20T13:05:00Z');
const failed = { code: 1 };
const session = '11111111-2222-4333-8444-555555555555';

/** name, class, reset, signal, how it ended */
type Row = [string, string, number | null, string | null, Run['exit']?];

const codexRows: Row[] = [
  ['success', 'success', null, 'TASK_DONE'],
  ['halt_quoted', 'success', null, 'TASK_DONE'],
  ['signal_not_final', 'success', null, null],
  ['empty', 'no_answer', null, null],
  ['throttled_once', 'success', null, 'TASK_DONE'],
  ['hostile', 'success', null, 'TASK_DONE'],
  ['limit_clock', 'limited', five, null, failed],
  ['limit_date', 'limited', at('2026-11-24T23:14:00Z'), null, failed],
  ['limit_unknown', 'limited', null, null, failed],
  ['throttled', 'throttled', null, null, failed],
  ['overloaded', 'overloaded', null, null, failed],
  ['auth', 'auth', null, null, failed],
  ['billing', 'billing', null, null, failed],
  ['context', 'context', null, null, failed],
  ['model', 'model', null, null, failed],
  ['dropped', 'crashed', null, null, failed],
  ['cut_off', 'interrupted', null, null, null],
  ['cut_off', 'interrupted', null, null, { code: 143 }],
  ['cut_off', 'interrupted', null, null, { code: 1, interrupt: true }],
  ['cut_off', 'no_answer', null, null, { code: null, signal: 'KILL' }],
  ['cut_off', 'no_answer', null, null, { code: 137 }],
  ['cut_off', 'no_answer', null, null, { code: 0 }],
  ['cut_off', 'crashed', null, null, { code: 1 }],
  ['cut_off', 'crashed', null, null, { code: null, signal: 'SEGV' }],
  ['cut_off_after_error', 'limited', five, null, { code: null, signal: 'KILL' }],
];

const claudeRows: Row[] = [
  ['success', 'success', null, 'TASK_DONE'],
  ['halt', 'success', null, 'HALT'],
  ['empty', 'no_answer', null, null],
  ['prose', 'success', null, 'TASK_DONE'],
  ['denied', 'success', null, 'TASK_DONE'],
  ['limit_event', 'limited', five, null, failed],
  ['limit_both_windows', 'limited', five + 400_000_000, null, failed],
  ['limit_text', 'limited', five, null, failed],
  ['limit_unknown', 'limited', null, null, failed],
  ['limit_cut_off', 'limited', five, null, { code: null, signal: 'KILL' }],
  ['limit_cut_off', 'limited', five, null, null],
  ['limit_embedded', 'limited', five, null, failed],
  ['limit_overcome', 'overloaded', null, null, failed],
  ['throttled', 'throttled', null, null, failed],
  ['spend_cap', 'billing', null, null, failed],
  ['admin', 'billing', null, null, failed],
  ['auth', 'auth', null, null, failed],
  ['billing', 'billing', null, null, failed],
  ['context', 'context', null, null, failed],
  ['refused', 'refused', null, null, failed],
  ['overloaded', 'overloaded', null, null, failed],
  ['error_cut_off', 'overloaded', null, null, { code: 143 }],
  ['interrupted', 'interrupted', null, null, { code: 0, interrupt: true }],
  ['interrupted', 'interrupted', null, null, { code: 0 }],
  ['cut_off', 'interrupted', null, null, { code: 0 }],
  ['cut_off', 'interrupted', null, null, { code: 1 }],
  ['cut_off', 'interrupted', null, null, null],
  ['cut_off', 'no_answer', null, null, { code: 137 }],
  ['retries_only', 'no_answer', null, null, { code: null, signal: 'KILL' }],
  ['unknown_session', 'config', null, null, failed],
];

const rehearsalRows: Row[] = [
  ['success', 'success', null, 'TASK_DONE'],
  ['limit', 'limited', five, null, failed],
  ['limit_unknown', 'limited', null, null, failed],
  ['auth', 'auth', null, null, failed],
  ['odd_class', 'crashed', null, null, failed],
  ['failed', 'crashed', null, null, failed],
  ['cut_off', 'interrupted', null, null, null],
  ['cut_off', 'crashed', null, null, failed],
  ['cut_off', 'no_answer', null, null, { code: 0 }],
];

describe.each([
  ['codex', codexRows],
  ['claude', claudeRows],
  ['rehearsal', rehearsalRows],
])('%s', (agent, rows) => {
  it.each(rows)('%s: %s', (name, wanted, resetAtMs, signal, exit) => {
    const seen = play(agent, name, { exit: exit === undefined ? {} : exit });
    expect(seen.classification).toMatchObject({ class: wanted, resetAtMs });
    expect(seen.signal?.kind ?? null).toBe(signal);
    expect(seen.facts.succeeded).toBe(seen.facts.finalText !== null);
    expect(seen.facts.succeeded && seen.facts.failure !== null).toBe(false);
  });

  it.each(rows)('%s: what people see holds nothing a terminal acts on', name => {
    const seen = play(agent, name);
    const shown = [
      ...seen.view.map(line => line.text),
      ...seen.facts.warnings,
      seen.facts.failure ?? '',
      seen.classification.evidence ?? '',
      (seen.facts.finalText ?? '').replace(/\n/g, ''),
    ];
    for (const text of shown) expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  });
});

describe('codex facts', () => {
  it('of a success', () => {
    const { facts, view, classification } = play('codex', 'success');
    expect(facts).toMatchObject({ session: '01a1f800-6e28-7abc-8def-0123456789ab', worked: true, warnings: [] });
    expect(facts.usage).toEqual({
      inputTokens: 900,
      cachedInputTokens: 600,
      outputTokens: 30,
      reasoningTokens: 5,
      costUsd: null,
    });
    expect(classification.evidence).toMatch(/^\{"type":"turn.completed"/);
    expect(view.map(line => `${line.kind}: ${line.text}`)).toEqual([
      'notice: session 01a1f800-6e28-7abc-8def-0123456789ab',
      'notice: This model is not in the catalogue.',
      'notice: Looking at the parser first',
      'text: I start with the tests.',
      'tool: $ npm test',
      'result: 12 passed',
      'tool: update src/parse.ts',
      'tool: add test/parse.test.ts',
      'text: Added the parser and its tests; all pass.',
      'text: ',
      'text: <promise>TASK_DONE</promise>',
      // Not this run's alone when the session goes on.
      'usage: tokens of the session: 900 in (600 cached), 30 out',
    ]);
  });

  it('of a limit: the session file knows the second and the later of two full windows', () => {
    const file = readFileSync(`${folder}/codex/limit_resumed.rollout.jsonl`, 'utf8');
    const run = { exit: failed, startedAtMs: at('2026-11-20T08:09:00Z'), endedAtMs: at('2026-11-20T08:09:40Z') };
    const { classification, facts } = play('codex', 'limit_resumed', { ...run, file });
    expect(classification).toMatchObject({ class: 'limited', resetAtMs: five + 400_000_000, window: 'seven_day' });
    expect(facts.usage).toEqual({
      inputTokens: 1100,
      cachedInputTokens: 900,
      outputTokens: 50,
      reasoningTokens: 10,
      costUsd: null,
    });
    expect(facts.failure).toMatch(/hit your usage limit/);
    // A run that wrote nothing into it has only its words.
    const other = { ...run, startedAtMs: at('2026-11-20T08:30:00Z'), endedAtMs: at('2026-11-20T08:31:00Z') };
    expect(play('codex', 'limit_resumed', { ...other, file }).classification).toMatchObject({
      resetAtMs: five,
      window: null,
    });
  });

  it('of a run that was stopped in the middle, and of the one that goes on: what each has paid for', () => {
    const file = readFileSync(`${folder}/codex/stopped.rollout.jsonl`, 'utf8');
    const stopped = {
      startedAtMs: at('2026-11-20T07:09:00Z'),
      endedAtMs: at('2026-11-20T07:09:40Z'),
      exit: { code: 143 },
    };
    expect(play('codex', 'cut_off', { ...stopped, file }).facts.usage).toEqual({
      inputTokens: 2000,
      cachedInputTokens: 1500,
      outputTokens: 80,
      reasoningTokens: 15,
      costUsd: null,
    });
    // The running total of the one that goes on has forgotten the answer that came last before the stop.
    const resumed = { startedAtMs: at('2026-11-20T08:09:00Z'), endedAtMs: at('2026-11-20T08:09:40Z') };
    expect(play('codex', 'resumed', { ...resumed, file }).facts).toMatchObject({
      usage: { inputTokens: 1100, cachedInputTokens: 1000, outputTokens: 20, reasoningTokens: 0 },
      warnings: [],
    });
  });

  it('of a resumed run without its session file: tokens are unknown, not the whole session', () => {
    const { facts } = play('codex', 'resumed');
    expect(facts.usage).toBeNull();
    expect(facts.warnings).toEqual([expect.stringContaining('unknown')]);
  });

  it('of a hostile stream', () => {
    const { facts, view } = play('codex', 'hostile');
    expect(facts.session).toBe('01a1f800-6e28-7abc-8def-0123456789ab');
    expect(facts.warnings).toEqual(['6 lines of the stream could not be read as JSON']);
    expect(view.map(line => line.text)).toContain('redtext');
  });
});

describe('claude facts', () => {
  it('of a success', () => {
    const { facts, classification } = play('claude', 'success');
    expect(facts).toMatchObject({ session, model: 'claude-test', worked: true, warnings: [] });
    expect(facts.usage).toEqual({
      inputTokens: 620,
      cachedInputTokens: 500,
      outputTokens: 30,
      reasoningTokens: 4,
      costUsd: 0.002,
    });
    expect(classification.evidence).toMatch(/^\{"type":"result","subtype":"success","is_error":false/);
  });
  it('of a resumed run: only its own share', () => {
    expect(play('claude', 'resumed').facts.usage).toMatchObject({ inputTokens: 620, costUsd: 0.002 });
  });
  it('of a limit', () => {
    expect(play('claude', 'limit_event', { exit: failed }).classification.window).toBe('five_hour');
    expect(play('claude', 'limit_both_windows', { exit: failed }).classification.window).toBe('seven_day');
    expect(play('claude', 'limit_event').facts.worked).toBe(true);
    expect(play('claude', 'limit_text').facts.worked).toBe(false);
  });
  it('of an error: people read it once, though both the answer and the result have it', () => {
    const errors = (name: string) => play('claude', name, { exit: failed }).view.filter(line => line.kind === 'error');
    expect(errors('limit_event')).toHaveLength(1);
    expect(errors('auth')).toHaveLength(1);
    expect(errors('error_cut_off')).toHaveLength(1);
    expect(errors('unknown_session')).toHaveLength(1);
  });
  it('of a limit that work went on after: it blocks nothing', () => {
    const lines = readFileSync(`${folder}/claude/limit_overcome.jsonl`, 'utf8').split('\n').slice(0, 3);
    expect(play('claude', 'limit_overcome', { stdout: lines.slice(0, 2), exit: null }).classification.class).toBe(
      'limited',
    );
    expect(play('claude', 'limit_overcome', { stdout: lines, exit: null }).classification.class).toBe('interrupted');
  });
  it('of a HALT: its reason', () => {
    expect(play('claude', 'halt').signal?.reason).toBe('The password for staging is missing. Ask the owner.');
  });
  it('of denied calls: names them once, cleaned', () => {
    expect(play('claude', 'denied').facts.warnings).toEqual(['3 tool calls were denied: Bash, WebFetch']);
  });
  it('of an unknown session: it is not taken for a session', () => {
    expect(play('claude', 'unknown_session').facts.session).toBeNull();
  });
});

describe('rehearsal facts', () => {
  it('of a success', () => {
    const { facts } = play('rehearsal', 'success');
    expect(facts).toMatchObject({ session, worked: true, failure: null });
    expect(facts.usage).toEqual({
      inputTokens: 100,
      cachedInputTokens: 40,
      outputTokens: 9,
      reasoningTokens: 0,
      costUsd: 0.5,
    });
  });
  it('of a limit', () => expect(play('rehearsal', 'limit').classification.window).toBe('five_hour'));
});

describe('starts that never began', () => {
  const trouble: [string, string, string, number][] = [
    ['codex', 'config', "error: unexpected argument '--nope' found", 2],
    ['codex', 'config', 'Not inside a trusted directory and the check was not skipped.', 1],
    ['codex', 'config', 'Error: thread/resume failed: no rollout found for thread id 01a1', 1],
    ['codex', 'crashed', 'thread main panicked', 101],
    ['claude', 'config', 'Error: Input must be provided through stdin', 1],
    ['claude', 'config', '--dangerously-skip-permissions cannot be used with root/sudo privileges', 1],
    ['claude', 'crashed', 'Segmentation fault', 139],
    ['rehearsal', 'config', 'no script for unit 3', 1],
  ];
  it.each(trouble)('%s: %s: %s', (agent, wanted, stderr, code) => {
    const { classification } = read(agentNamed(agent, options)!, { stdout: '', stderr, exit: { code } });
    expect(classification).toMatchObject({ class: wanted, evidence: stderr });
  });
  it.each(['codex', 'claude', 'gemini', 'opencode', 'command'])('%s: a missing executable', agent => {
    const { classification } = read(agentNamed(agent, options)!, {
      stdout: '',
      stderr: 'sh: not found',
      exit: { code: 127 },
    });
    expect(classification).toMatchObject({ class: 'config', evidence: expect.stringContaining('127') });
  });
  it.each(['codex', 'claude', 'gemini', 'opencode', 'command', 'rehearsal'])('%s: silence', agent => {
    const end = (exit: Run['exit']) => read(agentNamed(agent, options)!, { stdout: '', exit }).classification.class;
    expect([end(null), end({ code: 0 }), end({ code: null, signal: 'KILL' }), end({ code: 143 })]).toEqual([
      'interrupted',
      'no_answer',
      'no_answer',
      'interrupted',
    ]);
  });
});

describe.each(['codex', 'claude', 'gemini', 'opencode', 'rehearsal'])('%s reads anything', agent => {
  const reader = () => agentNamed(agent, options)!.reader();
  it('a line of 10 MB, whole and cut', () => {
    const big = 'x\\n'.repeat(3_400_000);
    const line: Record<string, string> = {
      codex: `{"type":"item.completed","item":{"type":"agent_message","text":"${big}"}}`,
      claude: `{"type":"assistant","message":{"content":[{"type":"text","text":"${big}"}]}}`,
      opencode: `{"type":"text","part":{"type":"text","text":"${big}"}}`,
      gemini: `{"type":"message","role":"assistant","content":"${big}","delta":true}`,
      rehearsal: `{"type":"text","text":"${big}"}`,
    };
    const one = reader();
    expect(one.line('stdout', line[agent]!).length).toBeGreaterThan(100);
    expect(one.line('stdout', line[agent]!.slice(0, 10_000_000)).length).toBeLessThan(10);
    expect(one.facts().warnings).toEqual(['1 line of the stream could not be read as JSON']);
  });
  it('values of the wrong shape', () => {
    const one = reader();
    const types = [
      'thread.started',
      'item.completed',
      'turn.completed',
      'turn.failed',
      'error',
      'system',
      'assistant',
      'user',
      'rate_limit_event',
      'result',
      'init',
      'text',
      'tool',
      'limit',
      'step_start',
      'step_finish',
      'tool_use',
      'message',
      'tool_result',
    ];
    for (const type of types) {
      for (const value of [
        null,
        7,
        'x',
        [],
        [null, 1],
        {},
        { content: 'x', type: 'tool_use' },
        { content: [null, 3, { type: 'text' }] },
      ]) {
        const event = {
          type,
          item: value,
          part: value,
          sessionID: value,
          timestamp: value,
          usage: value,
          error: value,
          message: value,
          rate_limit_info: value,
          subtype: value,
          result: value,
          text: value,
          session: value,
          session_id: value,
          thread_id: value,
          modelUsage: value,
          permission_denials: value,
          role: 'assistant',
          content: value,
          parameters: value,
          output: value,
          status: value,
          stats: value,
          errors: value,
        };
        expect(one.line('stdout', JSON.stringify(event))).toBeInstanceOf(Array);
      }
    }
    expect(one.facts()).toMatchObject({ worked: expect.any(Boolean) });
    expect(
      one.classify({
        exit: null,
        file: '{"type":"event_msg"}\n"task_started"',
        endedAtMs: 0,
        startedAtMs: 0,
        zone: 'UTC',
      }).class,
    ).toBeTruthy();
  });
  it('the same lines twice give the same', () => {
    const runs = [0, 1].map(() => play(agent, 'success'));
    expect(runs[0]).toEqual(runs[1]);
  });
});

describe('command', () => {
  const tool = agentNamed('command', options)!;
  const prompt = quoteSignals('End with this line:\n<promise>TASK_DONE</promise>');
  it('exit 0 and the signal as last line', () => {
    const seen = read(tool, { stdout: `working\n\u001b[32m<promise>TASK_DONE</promise>\u001b[0m\r\n\n` });
    expect(seen).toMatchObject({ classification: { class: 'success' }, signal: { kind: 'TASK_DONE' } });
    expect(seen.facts).toMatchObject({ succeeded: false, worked: true, session: null });
  });
  it('Q-2.36: an echoed prompt or an earlier signal is none', () => {
    expect(read(tool, { stdout: `${prompt}\nI could not do it.` }).signal).toBeNull();
    expect(read(tool, { stdout: '<promise>TASK_DONE</promise>\nbye' }).signal).toBeNull();
    expect(read(tool, { stdout: prompt }).signal).toBeNull();
  });
  it('its output is never evidence of a limit', () => {
    const text = "You've hit your usage limit, try again at 9:37 AM. 429 Too Many Requests. Invalid API key";
    const seen = read(tool, { stdout: text, stderr: text, exit: failed });
    expect(seen.classification).toMatchObject({ class: 'crashed', resetAtMs: null, evidence: text });
  });
  it('keeps the end of endless output', () => {
    const lines = Array.from({ length: 300_000 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
    const { facts, signal } = read(tool, { stdout: [...lines, '<promise>TASK_DONE</promise>'] });
    expect(facts.finalText!.length).toBeLessThan(17_000_000);
    expect(facts.warnings).toEqual([expect.stringContaining('too long')]);
    expect(signal?.kind).toBe('TASK_DONE');
  });
});
