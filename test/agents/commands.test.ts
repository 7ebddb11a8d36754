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
  mode: 'safe',
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
      'full',
      { mode: 'full', isRoot: true },
      'codex exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -C /w -',
    ],
    [
      'safe, whatever its own variable says',
      { env: { CODEX_BYPASS_SANDBOX: '1' }, isRoot: true },
      'codex exec --json --skip-git-repo-check -s workspace-write -C /w -',
    ],
    [
      'resumed, full',
      { session: old, mode: 'full' },
      `codex exec resume --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox ${old} -`,
    ],
    [
      'answer only',
      { answerOnly: true, mode: 'full', env: { CODEX_BYPASS_SANDBOX: '1' } },
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
  const safe = '--permission-mode acceptEdits --allowedTools Bash';
  const full = '--dangerously-skip-permissions';
  const skips = { CODEAGENT_SKIP_PERMISSIONS: '1' };
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `${start} ${safe} --session-id ${fresh}`],
    ['resumed', { session: old, model: 'm' }, `${start} --model m ${safe} --resume ${old}`],
    ['root', { isRoot: true }, `${start} ${safe} --session-id ${fresh}`],
    ['safe, whatever its own variable says', { env: skips }, `${start} ${safe} --session-id ${fresh}`],
    ['full', { mode: 'full' }, `${start} ${full} --session-id ${fresh}`],
    ['resumed, full', { mode: 'full', session: old }, `${start} ${full} --resume ${old}`],
    ['root, full', { isRoot: true, mode: 'full', env: skips }, `${start} ${full} --session-id ${fresh}`],
    [
      'answer only, full',
      { answerOnly: true, mode: 'full' },
      `${start} --tools  --strict-mcp-config --session-id ${fresh}`,
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
  });

  it('says to itself that this is a sandbox only where a person has said so, as root, in full', () => {
    const mark = (change: Partial<AgentRequest>) => command('claude', change).env.IS_SANDBOX;
    expect(mark({ isRoot: true, mode: 'full', env: skips })).toBe('1');
    expect(mark({ isRoot: true, mode: 'full' })).toBeUndefined();
    expect(mark({ isRoot: true, env: skips })).toBeUndefined();
    expect(mark({ mode: 'full', env: skips })).toBeUndefined();
  });

  it('does not sit limits out by itself', () =>
    expect(command('claude').unset).toContain('CLAUDE_CODE_RETRY_WATCHDOG'));
});

describe('opencode', () => {
  const start = 'opencode run --format json --print-logs --log-level ERROR --dir /w';
  const settings = (env: Record<string, string>) => command('opencode', { env }).env;
  const chosen = { CODEAGENT_OPENCODE_AGENT: 'a', CODEAGENT_OPENCODE_MODEL: 'p/m' };
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, start],
    ['full', { mode: 'full' }, `${start} --auto`],
    ['resumed', { session: 'ses_1', model: 'p/n' }, `${start} --model p/n --session ses_1`],
    ['resumed, full', { mode: 'full', session: 'ses_1' }, `${start} --auto --session ses_1`],
    ['agent and model of the environment', { env: chosen }, `${start} --model p/m --agent a`],
    ['a model that is asked for wins', { model: 'p/n', env: chosen }, `${start} --model p/n --agent a`],
    ['empty variables', { env: { CODEAGENT_OPENCODE_AGENT: '', CODEAGENT_OPENCODE_MODEL: '' } }, start],
    ['root', { isRoot: true }, start],
    ['root, full', { isRoot: true, mode: 'full' }, `${start} --auto`],
    ['answer only, full', { answerOnly: true, mode: 'full' }, start],
    ['answer only', { answerOnly: true }, start],
    ['a session that could be a flag', { session: '--share' }, start],
  ])('%s', (_, change, wanted) => expect(line('opencode', change)).toBe(wanted));

  it('learns its session from the stream', () => {
    expect(command('opencode').session).toBeNull();
    expect(command('opencode', { session: 'ses_1' }).session).toBe('ses_1');
    expect(command('opencode', { session: '--share' }).session).toBeNull();
  });

  it('updates nothing and shares nothing, unless the user has a say', () => {
    const { OPENCODE_CONFIG_CONTENT: inline, ...rest } = settings({});
    expect(rest).toMatchObject({ OPENCODE_DISABLE_AUTOUPDATE: '1' });
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
  });

  it('in safe what its defaults would ask is denied, unless the user has a say in the same place; full leaves it alone', () => {
    const rules = (own?: string) =>
      JSON.parse(settings(own === undefined ? {} : { OPENCODE_PERMISSION: own }).OPENCODE_PERMISSION!);
    expect(rules()).toEqual({ external_directory: 'deny', doom_loop: 'deny' });
    expect(rules('{"bash":"deny","doom_loop":"allow"}')).toEqual({
      external_directory: 'deny',
      bash: 'deny',
      doom_loop: 'allow',
    });
    expect(rules('no JSON')).toEqual(rules());
    expect(command('opencode', { mode: 'full' }).env).not.toHaveProperty('OPENCODE_PERMISSION');
  });
});

describe('gemini', () => {
  const start = 'gemini --output-format stream-json --skip-trust --approval-mode';
  const safe = 'auto_edit --allowed-tools run_shell_command';
  it.each<[string, Partial<AgentRequest>, string]>([
    ['new', {}, `${start} ${safe} --session-id ${fresh}`],
    ['full', { mode: 'full' }, `${start} yolo --session-id ${fresh}`],
    ['root', { isRoot: true }, `${start} ${safe} --session-id ${fresh}`],
    ['root, full', { isRoot: true, mode: 'full' }, `${start} yolo --session-id ${fresh}`],
    ['model', { model: 'm' }, `${start} ${safe} --model m --session-id ${fresh}`],
    ['resumed', { session: old, model: 'm' }, `${start} ${safe} --model m --resume ${old}`],
    ['resumed, full', { session: old, mode: 'full' }, `${start} yolo --resume ${old}`],
    ['a session that could be a flag', { session: '--prompt=x' }, `${start} ${safe} --session-id ${fresh}`],
    ['answer only, full', { answerOnly: true, mode: 'full' }, `${start} default --session-id ${fresh}`],
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

describe('modes', () => {
  const modes = (name: string) => agentNamed(name, options)!.modes;
  const root = { env: {}, isRoot: true };

  it.each<[string, Record<string, string>, string | null]>([
    ['codex', { CODEX_BYPASS_SANDBOX: 'true' }, 'full'],
    ['codex', { CODEX_BYPASS_SANDBOX: '0' }, 'safe'],
    ['codex', { CODEX_BYPASS_SANDBOX: 'perhaps' }, null],
    ['codex', { CODEAGENT_SKIP_PERMISSIONS: '1' }, null],
    ['claude', { CODEAGENT_SKIP_PERMISSIONS: 'yes' }, 'full'],
    ['claude', { CODEAGENT_SKIP_PERMISSIONS: 'off' }, 'safe'],
    ['claude', { IS_SANDBOX: '1' }, null],
    ['gemini', { CODEX_BYPASS_SANDBOX: '1', CODEAGENT_SKIP_PERMISSIONS: '1' }, null],
    ['opencode', { CODEX_BYPASS_SANDBOX: '1', CODEAGENT_SKIP_PERMISSIONS: '1' }, null],
  ])('%s with %j wishes for %s', (name, env, wish) => expect(modes(name)!.wish(env)).toBe(wish));

  it('Claude Code refuses full as root until somebody says that this is a sandbox; nobody else refuses anything', () => {
    const refuses = (name: string, mode: 'safe' | 'full', world: { env: Record<string, string>; isRoot: boolean }) =>
      modes(name)!.refuses(mode, world) !== null;
    expect(refuses('claude', 'full', root)).toBe(true);
    expect(refuses('claude', 'full', { ...root, env: { CODEAGENT_SKIP_PERMISSIONS: '0' } })).toBe(true);
    expect(refuses('claude', 'full', { ...root, env: { IS_SANDBOX: '1' } })).toBe(false);
    expect(refuses('claude', 'full', { ...root, env: { CODEAGENT_SKIP_PERMISSIONS: '1' } })).toBe(false);
    expect(refuses('claude', 'full', { env: {}, isRoot: false })).toBe(false);
    expect(refuses('claude', 'safe', root)).toBe(false);
    for (const name of ['codex', 'gemini', 'opencode']) expect(refuses(name, 'full', root)).toBe(false);
  });

  it('a command of the user and a rehearsal have none', () => {
    expect(modes('command')).toBeNull();
    expect(modes('rehearsal')).toBeNull();
  });
});

describe('where a login shows', () => {
  const files = (name: string, env: Record<string, string>) => agentNamed(name, options)!.program!.login.files(env);
  it.each([
    ['codex', '/h/.codex/auth.json', { CODEX_HOME: '/c' }, '/c/auth.json'],
    ['claude', '/h/.claude/.credentials.json', { CLAUDE_CONFIG_DIR: '/c' }, '/c/.credentials.json'],
    ['gemini', '/h/.gemini/oauth_creds.json', { GEMINI_CLI_HOME: '/c' }, '/c/.gemini/oauth_creds.json'],
    ['opencode', '/h/.local/share/opencode/auth.json', { XDG_DATA_HOME: '/c' }, '/c/opencode/auth.json'],
  ])('%s', (name, usual, env, named) => {
    expect(files(name, { HOME: '/h' })).toEqual([usual]);
    expect(files(name, { HOME: '/h', ...env })).toEqual([named]);
    expect(files(name, {})).toEqual([]);
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

  it('whose script may tick boxes', () => {
    const rehearsal = { node: 'n', script: 's', mayTick: true };
    expect(agentNamed('rehearsal', { ...options, rehearsal })!.command(request()).argv).toContain('--may-tick');
  });
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
