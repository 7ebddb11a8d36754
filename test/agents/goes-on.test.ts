// What a run says after its success: then that was not the end, and nothing it said before counts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentOf, read } from './run-reader.ts';

const success = (agent: string): string[] =>
  readFileSync(new URL(`../fixtures/agents/${agent}/success.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
const sessionOf = (agent: string): string => read(agentOf(agent), { stdout: success(agent) }).facts.session!;
const play = (agent: string, ...more: object[]) => {
  const { classification, signal } = read(agentOf(agent), {
    stdout: [...success(agent), ...more.map(one => JSON.stringify(one))],
  });
  return [classification.class, signal?.kind ?? null];
};

const tool = { type: 'tool_use', id: 't9', name: 'Bash', input: { command: 'npm test' } };
const later: Record<string, Record<string, object>> = {
  claude: {
    'a tool': { type: 'assistant', message: { content: [tool] } },
    text: { type: 'assistant', message: { content: [{ type: 'text', text: '12 tests failed, I repair that' }] } },
    'an error': {
      type: 'assistant',
      is_api_error_message: true,
      message: { model: '<synthetic>', content: [{ type: 'text', text: 'API Error' }] },
    },
  },
  codex: {
    'a command': { type: 'item.started', item: { id: 'i9', type: 'command_execution', command: 'npm test' } },
    text: { type: 'item.completed', item: { id: 'i9', type: 'agent_message', text: '12 tests failed' } },
    'an error': { type: 'error', message: 'stream disconnected' },
  },
  gemini: {
    'a tool': {
      type: 'tool_use',
      timestamp: '2026-11-20T08:05:00.000Z',
      tool_name: 'run_shell_command',
      tool_id: 't9',
      parameters: {},
    },
    text: {
      type: 'message',
      timestamp: '2026-11-20T08:05:00.000Z',
      role: 'assistant',
      content: '12 tests failed',
      delta: true,
    },
    'an error': { type: 'error', timestamp: '2026-11-20T08:05:00.000Z', severity: 'error', message: 'Loop detected' },
  },
  opencode: {
    'a tool': {
      type: 'tool_use',
      timestamp: 1795162999000,
      part: {
        type: 'tool',
        tool: 'bash',
        callID: 'c9',
        messageID: 'm9',
        state: { status: 'completed', input: {}, output: '' },
      },
    },
    text: {
      type: 'text',
      timestamp: 1795162999000,
      part: { id: 'p9', messageID: 'm9', type: 'text', text: '12 tests failed' },
    },
    'an error': { type: 'error', timestamp: 1795162999000, error: { name: 'UnknownError', data: { message: 'boom' } } },
  },
};

describe.each(Object.keys(later))('%s, after its success', agent => {
  it('nothing: done', () => expect(play(agent)).toEqual(['success', 'TASK_DONE']));
  it.each(Object.keys(later[agent]!))('%s: not done', what => {
    const [kind, signal] = play(agent, {
      ...(agent === 'opencode' && { sessionID: sessionOf(agent) }),
      ...later[agent]![what]!,
    });
    expect(kind).not.toBe('success');
    expect(signal).toBeNull();
  });
});

describe('the words of another conversation', () => {
  it("opencode: a subagent's end is not that of the run", () => {
    const main = success('opencode').slice(0, 3);
    const foreign = success('opencode').map(line =>
      line.replaceAll(sessionOf('opencode'), 'ses_0123456789abOtherSession0001'),
    );
    const { classification, facts } = read(agentOf('opencode'), { stdout: [...main, ...foreign] });
    expect([classification.class, facts.session]).not.toContain('success');
    expect(facts.session).toBe(sessionOf('opencode'));
  });
  it('codex: the first conversation stays the one to go on with', () => {
    const second = { type: 'thread.started', thread_id: '0199a213-81c0-7800-8aa1-000000000000' };
    const { facts } = read(agentOf('codex'), { stdout: [...success('codex').slice(0, 2), JSON.stringify(second)] });
    expect(facts.session).toBe(sessionOf('codex'));
  });
  it('claude: a result of another session is none', () => {
    const lines = success('claude');
    const result = lines.findIndex(line => line.includes('"type":"result"') || line.includes('"type": "result"'));
    const foreign = lines[result]!.replaceAll(sessionOf('claude'), '11111111-1111-4111-8111-111111111111');
    const { classification } = read(agentOf('claude'), { stdout: [...lines.slice(0, result), foreign] });
    expect(classification.class).not.toBe('success');
  });
  it('gemini: what an earlier turn said is told again, and is no answer to this one', () => {
    const at = '2026-11-20T08:05:00.000Z';
    const message = (role: string, content: string) => ({ type: 'message', timestamp: at, role, content });
    const { signal } = read(agentOf('gemini'), {
      stdout: [
        { type: 'init', timestamp: at, session_id: 's1', model: 'm' },
        message('assistant', 'Old work.\n<promise>TASK_DONE</promise>'),
        message('user', 'Go on'),
        message('assistant', 'This is not finished.'),
        { type: 'result', timestamp: at, status: 'success', stats: {} },
      ].map(one => JSON.stringify(one)),
    });
    expect(signal).toBeNull();
  });
  it('gemini: an object that a program printed is not the result', () => {
    const printed = { response: 'ok\n<promise>TASK_DONE</promise>', stats: {} };
    const { classification } = read(agentOf('gemini'), {
      stdout: [...success('gemini').slice(0, 2), JSON.stringify(printed)],
    });
    expect(classification.class).not.toBe('success');
  });
});
