// Recorded runs of the real CLIs, where they lie beside the repository, against the table that comes with them. They are read
// by what `seqrun classify` reads a run with.
import { describe, expect, it } from 'vitest';
import type { RunReading } from '../../src/agents/recorded-run.ts';
import { captured, capturedAgents, capturedNames, expectations, present } from './captured-runs.ts';
import { agentOf, read } from './run-reader.ts';

const play = (agent: string, name: string, withFile: boolean): RunReading =>
  read(agentOf(agent), captured(agent, name, { withFile }));

describe.skipIf(!present).each(capturedAgents)('recorded runs of %s', agent => {
  const rows = present ? expectations(agent) : [];

  it('has a row for every run', () => {
    expect(rows.map(row => row.case).sort()).toEqual(capturedNames(agent).sort());
  });

  it.each(
    rows.flatMap(row => [
      { ...row, withFile: true },
      { ...row, withFile: false },
    ]),
  )('$case (session file: $withFile)', row => {
    const { classification, facts, signal } = play(agent, row.case, row.withFile);
    expect(row.classes).toContain(classification.class);
    if (classification.class === 'limited') {
      const [wanted] = row.withFile ? row.resets : row.resets.slice(-1);
      const late = (classification.resetAtMs ?? 0) - (wanted ?? 0);
      expect({ late, known: classification.resetAtMs !== null }).toEqual({
        late: expect.toSatisfy(ms => ms >= 0 && ms < 60_000),
        known: wanted !== null,
      });
    } else expect(classification.resetAtMs).toBeNull();
    expect(signal).toBeNull();
    const success = classification.class === 'success';
    expect(facts.succeeded || classification.class === 'no_answer').toBe(
      success || classification.class === 'no_answer',
    );
    if (success) expect(facts).toMatchObject({ failure: null, finalText: expect.stringMatching(/promise|MOCK/) });
    else expect(facts.finalText ?? '').toBe('');
    expect(classification.evidence?.length ?? 0).toBeLessThanOrEqual(500);
  });
});

describe.skipIf(!present)('usage of recorded runs', () => {
  const once = { inputTokens: 1200, cachedInputTokens: 1000, outputTokens: 42, reasoningTokens: 7, costUsd: null };
  it('codex: a first run', () => expect(play('codex', 'text', false).facts.usage).toEqual(once));
  it('codex: a resumed run with its session file', () => {
    expect(play('codex', 'midlimit', true).facts.usage).toEqual(once);
    expect(play('codex', 'midlimit_1', true).facts.usage).toEqual(once);
  });
  it.each(['resume', 'xcwd'])('codex: %s without its session file is unknown, and says so', name => {
    const { facts } = play('codex', name, false);
    expect(facts.usage).toBeNull();
    expect(facts.warnings).toEqual([expect.stringContaining('tokens of this run are unknown')]);
  });
  it.each(['text', 'resume', 'midlimit', 'midlimit_1', 'budget', 'rl_once'])('claude: %s', name => {
    expect(play('claude', name, false).facts.usage).toEqual({
      inputTokens: 1250,
      cachedInputTokens: 1000,
      outputTokens: 42,
      reasoningTokens: 0,
      costUsd: 0.001045,
    });
  });
  it.each(['perm_default', 'perm_dontAsk'])('claude: %s warns of the denied call', name => {
    expect(play('claude', name, false).facts.warnings).toEqual(['1 tool call was denied: Bash']);
  });
  it.each([
    ['text', 1],
    ['tool', 2],
    ['resume', 1],
    ['midlimit', 1],
    ['midlimit_1', 1],
    ['empty', 1],
    ['perm_ask', 1],
    ['ctx400', 71],
  ])('opencode: %s has %i steps', (name, steps) => {
    const { usage } = play('opencode', name, false).facts;
    expect(usage).toEqual({
      inputTokens: 1200 * steps,
      cachedInputTokens: 1000 * steps,
      outputTokens: 42 * steps,
      reasoningTokens: 7 * steps,
      costUsd: expect.closeTo(0.00072 * steps, 9),
    });
  });
  it('opencode: a server that counts nothing, and a run without a step', () => {
    expect(play('opencode', 'aimock', false).facts.usage).toMatchObject({ inputTokens: 2408, cachedInputTokens: 0 });
    expect(play('opencode', 'usage', false).facts.usage).toBeNull();
  });
});

describe.skipIf(!present)('recorded runs of gemini, more closely', () => {
  const once = { inputTokens: 1200, cachedInputTokens: 1000, outputTokens: 49, reasoningTokens: 7, costUsd: null };
  it.each([
    ['text', 1],
    ['json', 1],
    ['resume', 1],
    ['midlimit', 1],
    ['midlimit_1', 1],
    ['rl_once', 1],
    ['quota_day_nomodel', 1],
    ['tool', 2],
    ['empty', 4],
    ['aimock', 0],
    ['quota_day', 0],
  ])('%s: tokens of %i calls', (name, calls) => {
    expect(play('gemini', name, false).facts.usage).toEqual({
      inputTokens: once.inputTokens * calls,
      cachedInputTokens: once.cachedInputTokens * calls,
      outputTokens: once.outputTokens * calls,
      reasoningTokens: once.reasoningTokens * calls,
      costUsd: null,
    });
  });
  it('no tokens are known of a run that was cut off', () =>
    expect(play('gemini', 'hang', false).facts.usage).toBeNull());
  it.each(['quota_day', 'quota_day_nomodel', 'quota_day_json', 'midlimit_1'])('%s: a daily window', name => {
    expect(play('gemini', name, false).classification).toMatchObject({ class: 'limited', window: 'daily' });
  });
  it.each(['quota_reset', 'quota_reset_json'])('%s: the sleep is a limit, and says when it is over', name => {
    expect(play('gemini', name, false).classification).toMatchObject({
      class: 'limited',
      evidence: expect.stringContaining('Retrying after 13'),
    });
  });
  it('sessionid: the id is the one that was given', () =>
    expect(play('gemini', 'sessionid', false).facts.session).toBe('22222222-2222-4222-8222-222222222222'));
  it('quota_day_json: the session of an error object', () =>
    expect(play('gemini', 'quota_day_json', false).facts.session).toBe('2ef0bcdf-208e-44ac-874c-3f48af90c60d'));
  it('quota_day: says where the conversation lies', () =>
    expect(play('gemini', 'quota_day', false).facts.warnings).toEqual([
      expect.stringContaining('/tmp/gemini-client-error-Turn.run-sendMessageStream-2026-11-20T08-11-14-092Z.json'),
    ]));
});

describe.skipIf(!present)('sessions and warnings of recorded runs of opencode', () => {
  it.each(['usage', 'drop_perm', 'toolsleep_SIGTERM', 'rl_long_errlog', 'rl_long_logs'])('%s', name => {
    expect(play('opencode', name, false).facts.session).toMatch(/^ses_e07[0-9A-Za-z]{23}$/);
  });
  it('perm_ask warns of the refused call', () => {
    expect(play('opencode', 'perm_ask', false).facts.warnings).toEqual(['permission was refused once: bash']);
  });
});
