// What the readers take for "it now sits in a limit and says no more", what they do not, and what takes it back.
import { describe, expect, it } from 'vitest';
import { claude } from '../../src/agents/claude.ts';
import { codex } from '../../src/agents/codex.ts';
import { gemini } from '../../src/agents/gemini.ts';
import { opencode } from '../../src/agents/opencode.ts';
import { delayFromText } from '../../src/agents/reset-time.ts';
import { waitAfterRefusal } from '../../src/agents/silent-wait.ts';
import type { Agent, SilentWait } from '../../src/core/agent.ts';

/** A line of stdout, or (begun with `! `) of stderr. */
const waitingAfter = (agent: Agent, ...lines: string[]): SilentWait | null => {
  const reader = agent.reader();
  for (const line of lines) {
    if (line.startsWith('! ')) reader.line('stderr', line.slice(2));
    else reader.line('stdout', line);
  }
  return reader.facts().waiting;
};
const event = (type: string, more: object = {}): string => JSON.stringify({ type, ...more });
const unnamed = 'it was refused for a limit and waits without saying until when';

describe('codex', () => {
  const begin = [event('thread.started', { thread_id: '01a1f800-6e28-7abc-8def-0123456789ab' }), event('turn.started')];
  const reconnecting = (why: string, n = 1) => event('error', { message: `Reconnecting... ${n}/5 (${why})` });
  const refused = reconnecting('exceeded retry limit, last status: 429 Too Many Requests');
  const item = (type: string, more: object = {}) => event('item.completed', { item: { id: 'i', type, ...more } });

  it('waits when a refused request is its last word', () => {
    expect(waitingAfter(codex, ...begin, refused)).toEqual({ because: unnamed, evidence: refused });
    const later = reconnecting('exceeded retry limit, last status: 429 Too Many Requests', 3);
    expect(waitingAfter(codex, ...begin, refused, later)?.evidence).toBe(later);
  });
  it('a warning of its own, or noise on stderr, takes nothing back', () => {
    const warning = item('error', { message: 'Model metadata not found' });
    expect(waitingAfter(codex, ...begin, refused, warning, '! ERROR rmcp: no server')).not.toBeNull();
  });
  it.each([
    ['a delay of seconds', reconnecting('rate limit exceeded: Rate limit reached for gpt. Please try again in 2.5s.')],
    ['another reason', reconnecting('stream disconnected before completion: error sending request')],
    ['a server that is down', reconnecting('unexpected status 503 Service Unavailable')],
  ])('%s is a retry', (_name, line) => {
    expect(waitingAfter(codex, ...begin, line)).toBeNull();
    expect(waitingAfter(codex, ...begin, refused, line)).toBeNull();
  });
  it('a delay that it names is told', () => {
    const line = reconnecting('usage limit. Please try again in 5 hours 30 minutes.');
    expect(waitingAfter(codex, ...begin, line)?.because).toBe('it has announced a wait of 5 h 30 min');
  });
  it.each([
    ['an answer', item('agent_message', { text: 'On it.' })],
    ['a thought', item('reasoning', { text: 'hm' })],
    ['a command', event('item.started', { item: { id: 'c', type: 'command_execution', command: 'make' } })],
    ['the end', event('turn.completed', { usage: {} })],
    ['a failure', event('turn.failed', { error: { message: 'exceeded retry limit, last status: 429' } })],
    ['another error', event('error', { message: 'exceeded retry limit, last status: 429 Too Many Requests' })],
  ])('%s takes it back', (_name, line) => expect(waitingAfter(codex, ...begin, refused, line)).toBeNull());
  it('what the agent itself says of limits is no sign', () => {
    const text = 'Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)';
    expect(waitingAfter(codex, ...begin, item('agent_message', { text }))).toBeNull();
    expect(waitingAfter(codex, ...begin, item('command_execution', { aggregated_output: refused }))).toBeNull();
  });
});

describe('gemini', () => {
  const init = event('init', { timestamp: '2026-11-20T08:05:00.250Z', session_id: '1-2', model: 'm' });
  const sleeps = '! Attempt 1 failed: You have exhausted your capacity on this model.. Retrying after 11600000ms...';

  it('sleeps for as long as the notice says', () => {
    expect(waitingAfter(gemini, init, sleeps)).toEqual({
      because: 'it has announced a wait of 3 h 13 min',
      evidence: sleeps.slice(2),
    });
  });
  it('a throttle of seconds or minutes is over by itself', () => {
    expect(waitingAfter(gemini, init, '! Attempt 1 failed: slow down. Retrying after 33000ms...')).toBeNull();
    expect(waitingAfter(gemini, init, '! Attempt 2 failed with status 429. Retrying with backoff...')).toBeNull();
  });
  it.each([
    ['an event', event('message', { role: 'assistant', content: 'On it.', delta: true })],
    ['the next try', '! Attempt 2 failed: fetch failed. Retrying after 3000ms...'],
    ['the end', event('result', { status: 'success', stats: {} })],
  ])('%s takes it back', (_name, line) => expect(waitingAfter(gemini, init, sleeps, line)).toBeNull());
  it('a result stays the last word, whatever stands on stderr', () => {
    expect(waitingAfter(gemini, init, event('result', { status: 'success', stats: {} }), sleeps)).toBeNull();
  });
});

describe('opencode', () => {
  const own = 'ses_0123456789abFixtureSession01';
  const atMs = Date.parse('2026-11-20T08:05:00Z');
  const step = (type: string, ms: number, part: object = {}) =>
    event(type, { timestamp: ms, sessionID: own, part: { id: `p${ms}`, messageID: 'm', ...part } });
  const log = (text: string, session = own) =>
    `! timestamp=2026-11-20T08:05:00.000Z level=ERROR message="stream error" session.id=${session} small=false error.error="AI_APICallError: ${text}"`;
  const named = log('Rate limit reached. Please try again in 3h.');
  const bare = log('Too Many Requests');

  it('waits after its log said so, also before its first event', () => {
    expect(waitingAfter(opencode, named)).toEqual({
      because: 'it has announced a wait of 3 h',
      evidence: named.slice(2),
    });
    expect(waitingAfter(opencode, step('step_start', atMs - 1000), bare)?.because).toBe(unnamed);
  });
  it.each([
    ['seconds', log('Rate limit reached. Please try again in 2s.')],
    ['another reason', log('Service Unavailable')],
    ['the title', named.replace('small=false', 'small=true')],
  ])('%s: no wait', (_name, line) => expect(waitingAfter(opencode, line)).toBeNull());
  it.each([
    ['a step', step('step_start', atMs + 1)],
    ['a text', step('text', atMs + 1, { text: 'On it.' })],
    ['a tool', step('tool_use', atMs + 1, { tool: 'bash', state: { status: 'completed', input: { command: 'ls' } } })],
    ['an error', step('error', atMs + 1)],
  ])('%s after it takes it back, in whichever order the streams are read', (_name, line) => {
    expect(waitingAfter(opencode, named, line)).toBeNull();
    expect(waitingAfter(opencode, line, named)).toBeNull();
    expect(waitingAfter(opencode, line.replaceAll(`${atMs + 1}`, `${atMs - 1}`), named)).not.toBeNull();
  });
  it('a subagent may be at work again after a refusal, but not after one that names hours', () => {
    const begun = step('step_start', atMs - 1000);
    expect(waitingAfter(opencode, begun, log('Too Many Requests', 'ses_ofSubagent'))).toBeNull();
    expect(waitingAfter(opencode, begun, log('try again in 3h', 'ses_ofSubagent'))).not.toBeNull();
  });
});

it('claude gives up at once: its retry notices announce no wait', () => {
  const retry = event('system', {
    subtype: 'api_retry',
    attempt: 2,
    max_retries: 10,
    error_status: 429,
    retry_delay_ms: 900,
  });
  expect(waitingAfter(claude, event('system', { subtype: 'init', session_id: 's' }), retry)).toBeNull();
});

describe('a refusal in words', () => {
  it.each([
    ['try again in 4 minutes', null],
    ['503, try again in 4 hours', 'it has announced a wait of 4 h'],
    ['You have hit your usage limit, try again at 9:37 AM.', unnamed],
    ['You exceeded your current quota', unnamed],
    ['connection reset by peer', null],
    ['port 4290 is in use', null],
  ])('%s', (text, because) => expect(waitAfterRefusal(text, 'line')?.because ?? null).toBe(because));

  it('the evidence is clean and short', () => {
    const { evidence } = waitAfterRefusal('429', `\u001b[31m${'x'.repeat(9000)}`)!;
    expect(evidence).toMatch(/^x+…?$/);
    expect(evidence.length).toBeLessThanOrEqual(500);
  });

  it('a clock time is no delay', () => {
    expect(delayFromText('resets in 2h 5m')).toBe(7_500_000);
    expect(delayFromText('try again at 00:03')).toBeNull();
    expect(delayFromText('try again later, or retry after 90 seconds')).toBe(90_000);
    expect(delayFromText('try again in 4000 days')).toBeNull();
  });
});
