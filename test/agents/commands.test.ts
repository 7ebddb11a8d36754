// How each agent is started: argv, environment, session.
import { describe, expect, it } from 'vitest';
import { commandAgent } from '../../src/agents/command.ts';
import { agentNamed, agentNames } from '../../src/agents/index.ts';
import type { AgentRequest } from '../../src/core/agent.ts';

const fresh = '22222222-2222-4222-8222-222222222222';
const old = '01a1f800-6e28-7abc-8def-0123456789ab';
const options = {
  rehearsal: { node: '/bin/node', script: '/app/rehearsal.js' },
  command: ['tool', '--in', '{workdir}'],
};
const request = (change: Partial<AgentRequest> = {}): AgentRequest => ({
  workdir: '/w',
  promptFile: '/starts/1/prompt.md',
  model: null,
  session: null,
  newSessionId: fresh,
  answerOnly: false,
  env: {},
  isRoot: false,
  ...change,
});
const command = (name: string, change: Partial<AgentRequest> = {}) =>
  agentNamed(name, options)!.command(request(change));
const line = (name: string, change: Partial<AgentRequest> = {}) => command(name, change).argv.join(' ');

describe('codex', () => {
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, 'codex exec --json --skip-git-repo-check -s workspace-write -C /w -'],
    ['model', { model: 'gpt-x' }, 'codex exec --json --skip-git-repo-check -s workspace-write -C /w -m gpt-x -'],
    [
      'resumed',
      { session: old, model: 'gpt-x' },
      `codex exec resume --json --skip-git-repo-check -c sandbox_mode="workspace-write" -m gpt-x ${old} -`,
    ],
    [
      'bypass',
      { env: { CODEX_BYPASS_SANDBOX: 'true' } },
      'codex exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -C /w -',
    ],
    [
      'bypass off',
      { env: { CODEX_BYPASS_SANDBOX: '0' } },
      'codex exec --json --skip-git-repo-check -s workspace-write -C /w -',
    ],
    [
      'resumed, bypass',
      { session: old, env: { CODEX_BYPASS_SANDBOX: '1' } },
      `codex exec resume --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox ${old} -`,
    ],
    [
      'answer only',
      { answerOnly: true, env: { CODEX_BYPASS_SANDBOX: '1' } },
      'codex exec --json --skip-git-repo-check -s read-only -C /w -',
    ],
    [
      'answer only, resumed',
      { answerOnly: true, session: old },
      `codex exec resume --json --skip-git-repo-check -c sandbox_mode="read-only" ${old} -`,
    ],
  ])('%s', (_, change, wanted) => expect(line('codex', change)).toBe(wanted));

  it('takes no session id that could be a flag', () => {
    const start = command('codex', { session: '--dangerously-bypass-approvals-and-sandbox' });
    expect(start).toMatchObject({ session: null });
    expect(start.argv).toContain('-C');
  });

  it('asks for its session file by thread id', () => {
    const facts = { ...agentNamed('codex', options)!.reader().facts(), session: old };
    const where = (env: Record<string, string>) => agentNamed('codex', options)!.afterwards(facts, env);
    expect(where({ HOME: '/h' })).toEqual({ root: '/h/.codex/sessions', nameContains: old, depth: 3 });
    expect(where({ HOME: '/h', CODEX_HOME: '/c' })?.root).toBe('/c/sessions');
    expect(where({ HOME: '/h', CODEX_HOME: 'relative' })).toBeNull();
    expect(where({})).toBeNull();
    expect(agentNamed('codex', options)!.afterwards({ ...facts, session: null }, { HOME: '/h' })).toBeNull();
  });
});

describe('claude', () => {
  const start = 'claude -p --output-format stream-json --verbose';
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `${start} --dangerously-skip-permissions --session-id ${fresh}`],
    ['resumed', { session: old, model: 'm' }, `${start} --model m --dangerously-skip-permissions --resume ${old}`],
    ['root', { isRoot: true }, `${start} --permission-mode acceptEdits --session-id ${fresh}`],
    [
      'root in a sandbox',
      { isRoot: true, env: { IS_SANDBOX: '1' } },
      `${start} --dangerously-skip-permissions --session-id ${fresh}`,
    ],
    [
      'root that insists',
      { isRoot: true, env: { CODEAGENT_SKIP_PERMISSIONS: 'yes' } },
      `${start} --dangerously-skip-permissions --session-id ${fresh}`,
    ],
    [
      'permissions kept',
      { env: { CODEAGENT_SKIP_PERMISSIONS: 'off' } },
      `${start} --permission-mode acceptEdits --session-id ${fresh}`,
    ],
    ['answer only', { answerOnly: true }, `${start} --tools  --strict-mcp-config --session-id ${fresh}`],
  ])('%s', (_, change, wanted) => expect(line('claude', change)).toBe(wanted));

  it('knows its session before the first line', () => {
    expect(command('claude').session).toBe(fresh);
    expect(command('claude', { session: old }).session).toBe(old);
  });

  it('opts out of what is not the model, unless the user has a say', () => {
    expect(command('claude').env).toEqual({
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
    });
    expect(command('claude', { env: { DISABLE_AUTOUPDATER: '' } }).env).not.toHaveProperty('DISABLE_AUTOUPDATER');
    expect(command('claude', { isRoot: true, env: { CODEAGENT_SKIP_PERMISSIONS: '1' } }).env.IS_SANDBOX).toBe('1');
    expect(command('claude', { isRoot: true }).env.IS_SANDBOX).toBeUndefined();
  });

  it('does not sit limits out by itself', () =>
    expect(command('claude').unset).toContain('CLAUDE_CODE_RETRY_WATCHDOG'));
});

describe('opencode', () => {
  const start = 'opencode run --format json --print-logs --log-level ERROR --dir /w';
  const settings = (env: Record<string, string>) => command('opencode', { env }).env;
  const chosen = { CODEAGENT_OPENCODE_AGENT: 'a', CODEAGENT_OPENCODE_MODEL: 'p/m' };
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `${start} --auto`],
    ['resumed', { session: 'ses_1', model: 'p/n' }, `${start} --model p/n --auto --session ses_1`],
    ['agent and model of the environment', { env: chosen }, `${start} --model p/m --agent a --auto`],
    ['a model that is asked for wins', { model: 'p/n', env: chosen }, `${start} --model p/n --agent a --auto`],
    ['empty variables', { env: { CODEAGENT_OPENCODE_AGENT: '', CODEAGENT_OPENCODE_MODEL: '' } }, `${start} --auto`],
    ['root', { isRoot: true }, `${start} --auto`],
    ['answer only', { answerOnly: true }, start],
    ['a session that could be a flag', { session: '--share' }, `${start} --auto`],
  ])('%s', (_, change, wanted) => expect(line('opencode', change)).toBe(wanted));

  it('learns its session from the stream', () => {
    expect(command('opencode').session).toBeNull();
    expect(command('opencode', { session: 'ses_1' }).session).toBe('ses_1');
    expect(command('opencode', { session: '--share' }).session).toBeNull();
  });

  it('updates nothing and shares nothing, unless the user has a say', () => {
    const { OPENCODE_CONFIG_CONTENT: inline, ...rest } = settings({});
    expect(rest).toEqual({ OPENCODE_DISABLE_AUTOUPDATE: '1' });
    expect(JSON.parse(inline!)).toMatchObject({ share: 'disabled' });
    expect(settings({ OPENCODE_DISABLE_AUTOUPDATE: 'false' })).not.toHaveProperty('OPENCODE_DISABLE_AUTOUPDATE');
    const own = (content: string) => settings({ OPENCODE_CONFIG_CONTENT: content }).OPENCODE_CONFIG_CONTENT;
    expect(JSON.parse(own('{"model":"p/m","agent":{"a":{}}}')!)).toEqual({
      share: 'disabled',
      model: 'p/m',
      agent: { a: {} },
    });
    expect(JSON.parse(own('{"share":"auto"}')!)).toEqual({ share: 'auto' });
    expect(own('{"model": "p/m" /* mine */}')).toBeUndefined();
  });

  it('asked to answer only, every tool is denied, whatever the user allows', () => {
    const { env } = command('opencode', { answerOnly: true, env: { OPENCODE_PERMISSION: '{"bash":"allow"}' } });
    const rules = JSON.parse(env.OPENCODE_PERMISSION!);
    expect(new Set(Object.values(rules))).toEqual(new Set(['deny']));
    expect(Object.keys(rules)).toEqual(expect.arrayContaining(['*', 'bash', 'edit', 'read', 'task', 'webfetch']));
    expect(settings({})).not.toHaveProperty('OPENCODE_PERMISSION');
  });
});

describe('gemini', () => {
  const start = 'gemini --output-format stream-json --skip-trust --approval-mode';
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `${start} yolo --session-id ${fresh}`],
    ['root', { isRoot: true }, `${start} yolo --session-id ${fresh}`],
    ['model', { model: 'm' }, `${start} yolo --model m --session-id ${fresh}`],
    ['resumed', { session: old, model: 'm' }, `${start} yolo --model m --resume ${old}`],
    ['a session that could be a flag', { session: '--prompt=x' }, `${start} yolo --session-id ${fresh}`],
    ['answer only', { answerOnly: true }, `${start} default --session-id ${fresh}`],
    ['answer only, resumed', { answerOnly: true, session: old }, `${start} default --resume ${old}`],
  ])('%s', (_, change, wanted) => expect(line('gemini', change)).toBe(wanted));

  it('knows its session before the first line', () => {
    expect(command('gemini').session).toBe(fresh);
    expect(command('gemini', { session: old }).session).toBe(old);
  });

  it('takes signals itself, whatever the caller has set, and opts out of telemetry unless the user has a say', () => {
    const env = { GEMINI_CLI_NO_RELAUNCH: '', GEMINI_TELEMETRY_ENABLED: 'true' };
    expect(command('gemini').env).toEqual({ GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_TELEMETRY_ENABLED: 'false' });
    expect(command('gemini', { env }).env).toEqual({ GEMINI_CLI_NO_RELAUNCH: 'true' });
  });

  it('keeps what a person sets for it, and is no part of an editor', () => {
    const { unset } = command('gemini');
    expect(unset).toEqual(expect.arrayContaining(['GEMINI_CLI', 'GEMINI_CLI_IDE_SERVER_PORT']));
    for (const name of ['GEMINI_API_KEY', 'GEMINI_MODEL', 'GEMINI_CLI_HOME', 'GEMINI_SANDBOX']) {
      expect(unset).not.toContain(name);
    }
  });
});

describe('command', () => {
  const argv = (template: string[], change: Partial<AgentRequest> = {}) =>
    commandAgent(template).command(request(change)).argv;
  it('fills its template', () => {
    const template = ['tool', '--model', '{model}', '--dir={workdir}', '--id', '{session}', 'a {b} $HOME'];
    expect(argv(template, { model: 'm' })).toEqual(['tool', '--model', 'm', '--dir=/w', '--id', fresh, 'a {b} $HOME']);
  });
  it('leaves out a model that is not set, with its flag', () => {
    expect(argv(['tool', '--model', '{model}', 'x'])).toEqual(['tool', 'x']);
    expect(argv(['tool', '--model={model}', 'x'])).toEqual(['tool', 'x']);
    expect(argv(['tool', 'run', '{model}'])).toEqual(['tool', 'run']);
    expect(argv(['tool', '--a=b', '{model}'])).toEqual(['tool', '--a=b']);
  });
  it('fills no value twice', () => {
    expect(argv(['tool', '{workdir}'], { workdir: '/{model}/$&/{session}', model: 'm' })).toEqual([
      'tool',
      '/{model}/$&/{session}',
    ]);
  });
  it('is resumable by the id that we chose', () => {
    expect(commandAgent(['tool', '{session}'])).toMatchObject({
      resumable: true,
      executable: 'tool',
      machineStream: false,
    });
    expect(argv(['tool', '{session}'], { session: old })).toEqual(['tool', old]);
    expect(commandAgent(['tool', '{session}']).command(request()).session).toBe(fresh);
    expect(commandAgent(['tool'])).toMatchObject({ resumable: false });
    expect(commandAgent(['tool']).command(request()).session).toBeNull();
  });
});

describe('rehearsal', () => {
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `/bin/node /app/rehearsal.js --session-id ${fresh}`],
    [
      'resumed',
      { session: old, model: 'm', answerOnly: true },
      `/bin/node /app/rehearsal.js --resume ${old} --model m --answer-only`,
    ],
  ])('%s', (_, change, wanted) => expect(line('rehearsal', change)).toBe(wanted));
});

describe('all', () => {
  it.each(agentNames)('%s is no part of the session of an agent that runs seqrun', name => {
    expect(command(name).unset).toEqual(
      expect.arrayContaining([
        'CLAUDECODE',
        'CLAUDE_CODE_ENTRYPOINT',
        'CLAUDE_CODE_SESSION_ID',
        'CODEX_THREAD_ID',
        'CODEX_SANDBOX',
        'OPENCODE',
        'OPENCODE_RUN_ID',
      ]),
    );
    expect(command(name).unset).not.toContain('CODEX_HOME');
  });
  it.each(agentNames)('%s is found by its name', name => expect(agentNamed(name, options)?.name).toBe(name));
  it('others are not', () => {
    expect(agentNamed('nobody', options)).toBeNull();
    expect(agentNamed('__proto__', options)).toBeNull();
    expect(agentNamed('command', { ...options, command: [] })).toBeNull();
    expect(agentNamed('command', { ...options, command: null })).toBeNull();
    expect(agentNamed('rehearsal', { ...options, rehearsal: null })).toBeNull();
  });
});
