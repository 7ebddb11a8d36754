// `seqrun doctor` in this process, with programs of our own on the PATH.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownIdentity } from '../../../src/adapters/lock/identity.ts';
import { takeLock } from '../../../src/adapters/lock/lock.ts';
import type { AgentReport, DoctorReport } from '../../../src/cli/doctor/report.ts';
import { findPlaces } from '../../../src/compose/doctor.ts';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  rmSync(join(folder.root, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q'], { cwd: folder.root });
  mkdirSync(join(folder.root, 'bin'));
  folder.write('bin\nstate\nhome\nasked\n', '.git/info/exclude');
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
});
afterEach(() => {
  vi.restoreAllMocks();
  folder.close();
});

/** A program on the PATH that says `text`, and notes how it was asked. */
const install = (name: string, text: string, code = 0): void => {
  const path = join(folder.root, 'bin', name);
  const asked = join(folder.root, 'asked');
  folder.write(`#!/bin/sh\necho "${name} $*" >> '${asked}'\necho '${text}'\nexit ${code}\n`, `bin/${name}`);
  chmodSync(path, 0o755);
};
const env = (more: Record<string, string> = {}) => ({
  PATH: join(folder.root, 'bin'),
  HOME: join(folder.root, 'home'),
  ...more,
});
const doctor = (words = '', more: Record<string, string> = {}) => folder.run(`doctor ${words}`.trim(), env(more));
const report = async (words = '', more: Record<string, string> = {}): Promise<DoctorReport> => {
  const { exit, stdout, stderr } = await doctor(`${words} --json`.trim(), more);
  expect(stderr.replace(/^\[seqrun\] (?:the only spec in the usual folders|config file ignored).*\n/gm, '')).toBe('');
  const found: DoctorReport = JSON.parse(stdout);
  expect(found.exit).toBe(exit);
  return found;
};
const agentIn = ({ agents }: DoctorReport, name: string): AgentReport => agents.find(one => one.name === name)!;
const whats = ({ findings }: DoctorReport) => findings.map(({ severity, what }) => `${severity}: ${what}`);

it('says what is there and how to go on, for people', async () => {
  install('codex', 'codex-cli 0.169.0');
  install('claude', '9.0.1 (Claude Code)');
  install('tmux', 'tmux 3.4');
  install('git', '');
  folder.write('{}', 'home/.codex/auth.json');
  folder.write('x', 'new.txt');
  const { exit, stdout, stderr } = await doctor();
  const shown = stdout.replaceAll(folder.root, '~');
  expect([exit, stderr]).toEqual([0, '']);
  expect(shown).toMatch(/^seqrun {4}\d+\.\d+\.\d+\S*, node v\d+/);
  expect(shown.split('\n').slice(1).join('\n')).toBe(`opencode  not found
codex     0.169.0, seems logged in (~/home/.codex/auth.json), ~/bin/codex
          mode safe (the default): its own sandbox: any command, writes in the workdir and temp folders only, no network for commands
claude    9.0.1 (tried with 2.1.328), no sign of a login, ~/bin/claude
          mode safe (the default): acceptEdits: file tools in the workdir only, any shell command, no sandbox
gemini    not found
backend   codex (the first installed one)
tmux      3.4, windows
git       ~, 1 changed file
workdir   ~
config    none
state     ~/state/seqrun
locks     none held
a run could start, on codex
`);
});

it('asks nobody anything but the version, and makes nothing', async () => {
  for (const name of ['codex', 'claude', 'gemini', 'opencode', 'git']) install(name, '1.0');
  install('tmux', 'tmux 3.4');
  await doctor();
  const asked = readFileSync(join(folder.root, 'asked'), 'utf8').trim().split('\n').sort();
  expect(asked).toEqual([...['claude', 'codex', 'gemini', 'opencode'].map(name => `${name} --version`), 'tmux -V']);
  expect(readdirSync(folder.root).sort()).toEqual(['.git', 'asked', 'bin']);
});

it('without any agent ends with 69 and a next step', async () => {
  const { exit, stdout, stderr } = await doctor();
  expect(exit).toBe(69);
  expect(stdout).toMatch(/no run could start\n$/);
  expect(stderr).toMatch(/error: no coding agent is installed\n[\s\S]*next: install one/);
});

describe('agents', () => {
  it('sees logins without looking into them', async () => {
    for (const name of ['codex', 'claude', 'gemini', 'opencode']) install(name, '1.0');
    folder.write('hush-file', 'home/.local/share/opencode/auth.json');
    folder.write('hush-file', 'home/.codex/auth.json');
    chmodSync(join(folder.root, 'home/.codex/auth.json'), 0);
    const secrets = { CLAUDE_CODE_OAUTH_TOKEN: 'hush-token', GEMINI_API_KEY: '' };
    const found = await report('', secrets);
    expect(found.agents.map(({ name, login_sign }) => [name, login_sign?.replace(folder.root, '~') ?? null])).toEqual([
      ['opencode', '~/home/.local/share/opencode/auth.json'],
      ['codex', '~/home/.codex/auth.json'],
      ['claude', 'CLAUDE_CODE_OAUTH_TOKEN'],
      ['gemini', null],
    ]);
    const human = await doctor('', secrets);
    expect(JSON.stringify([found, human])).not.toContain('hush');
  });

  it('warns where no login of the backend shows, and starts all the same', async () => {
    install('codex', 'codex-cli 0.169.0');
    const found = await report();
    expect(found.exit).toBe(0);
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        what: expect.stringContaining('no sign of a login'),
        next: 'codex login',
      }),
    );
  });

  it.each([
    ['codex-cli 0.169.0', '0.169.0', 'same'],
    ['codex-cli 0.168.9', '0.168.9', 'older'],
    ['codex-cli 0.170.0-alpha.1', '0.170.0-alpha.1', 'newer'],
    ['who knows', 'who knows', null],
  ])('compares %s with what was measured', async (text, version, compared) => {
    install('codex', text);
    expect(agentIn(await report(), 'codex')).toMatchObject({ version, compared, measured: '0.169.0' });
  });

  it('tells a backend that does not start (69) from another agent that does not (warning)', async () => {
    install('codex', 'cannot find its library', 127);
    install('claude', '2.1.328');
    const asCodex = await report('--backend codex');
    expect(asCodex.exit).toBe(69);
    expect(whats(asCodex)).toContain('error: codex is there and does not start: exit 127: cannot find its library');
    const asClaude = await report('--backend claude');
    expect(asClaude.exit).toBe(0);
    expect(whats(asClaude)).toContain('warning: codex is there and does not start: exit 127: cannot find its library');
  });

  it('shows the mode and whose word it is; one that is refused is 69', async () => {
    install('claude', '2.1.328');
    expect(agentIn(await report('--agent-mode full'), 'claude')).toMatchObject({
      mode: 'full',
      mode_from: '--agent-mode',
    });
    expect(agentIn(await report('', { CODEAGENT_SKIP_PERMISSIONS: '1' }), 'claude')).toMatchObject({
      mode: 'full',
      mode_from: 'its own variables',
    });
    vi.mocked(process.getuid!).mockReturnValue(0);
    const refused = await report('--agent-mode full');
    expect(refused.exit).toBe(69);
    expect(agentIn(refused, 'claude').mode_refused).toContain('as root');
    expect(refused.findings[0]).toMatchObject({
      severity: 'error',
      next: expect.stringContaining('--agent-mode safe'),
    });
    expect((await report()).exit).toBe(0);
  });

  it('knows the program of --command, and that it is not there', async () => {
    install('tool', '');
    expect(agentIn(await report('--command tool'), 'command')).toMatchObject({
      path: join(folder.root, 'bin/tool'),
      version: null,
      mode: null,
    });
    expect(readdirSync(folder.root)).not.toContain('asked');
    expect((await report('--command nothing-of-that-name')).exit).toBe(69);
  });
});

describe('tmux and git', () => {
  beforeEach(() => install('codex', 'codex-cli 0.169.0'));

  it.each([
    ['tmux 3.0a', '3.0a', true],
    ['tmux next-3.6', 'next-3.6', true],
    ['tmux master', 'master', true],
    ['tmux 2.9a', '2.9a', false],
  ])('%s', async (text, version, windows) => {
    install('tmux', text);
    const found = await report();
    expect(found.tmux).toMatchObject({ version, windows });
    expect(found.exit).toBe(0);
    expect(whats(found).some(what => what.includes('windows need 3.0'))).toBe(!windows);
    expect((await report('--no-tmux')).tmux.windows).toBe(false);
  });

  it('missing tmux is a warning, and 69 where a session is asked for', async () => {
    expect(whats(await report())).toContain('warning: tmux is not installed: units run without windows');
    expect(whats(await report('--no-tmux')).join()).not.toContain('tmux');
    expect((await report('--tmux-session night')).exit).toBe(69);
  });

  it('counts what has changed, and misses a repository', async () => {
    install('git', '');
    expect((await report()).git).toMatchObject({ repository: folder.root, changes: 0 });
    folder.write('1', 'a.txt');
    folder.write('1', 'b c.txt');
    expect((await report()).git.changes).toBe(2);
    rmSync(join(folder.root, '.git'), { recursive: true });
    const found = await report();
    expect(found.git).toMatchObject({ repository: null, changes: null });
    expect(found.findings.map(({ next }) => next)).toContain('git init');
  });
});

describe('a spec', () => {
  beforeEach(() => install('codex', 'codex-cli 0.169.0'));

  it('is looked at when it is named, or the only one here', async () => {
    folder.write('- [x] 1. A\n- [ ] 2. B\n');
    const found = await report('--spec .kiro/specs/cart');
    expect(found.spec).toMatchObject({ source: 'nothing', done: 1, units: 2, last_end: null });
    expect((await report()).spec).toEqual(found.spec);
    expect(found.files.workdir).toBe(folder.root);
    expect(existsSync(join(folder.root, 'state'))).toBe(false);
  });

  it('is none where there are several and none is named', async () => {
    folder.write('- [ ] 1. A\n');
    folder.write('- [ ] 1. A\n', '.kiro/specs/login/tasks.md');
    expect(await report()).toMatchObject({ exit: 0, spec: null });
  });

  it.each([
    ['--spec nowhere', 66, 'there is no such spec'],
    ['--workdir nowhere', 66, 'the workdir does not exist'],
  ])('%s ends with %i, with everything else told', async (words, exit, what) => {
    const found = await report(words);
    expect(found).toMatchObject({ exit, backend: 'codex' });
    expect(found.findings[0]).toMatchObject({ severity: 'error', exit, what });
  });

  it('says what is wrong with the settings (64), with everything else told', async () => {
    folder.write('{ "delya": 1 }', 'seqrun.config.json');
    const found = await report();
    expect(found).toMatchObject({ exit: 64, backend: 'codex', files: { config: null } });
    expect(found.findings[0]).toMatchObject({
      what: expect.stringContaining('delya'),
      next: expect.stringContaining('delay'),
    });
    folder.write('{ "delay": 1 }', 'seqrun.config.json');
    expect(await report()).toMatchObject({ exit: 0, files: { config: join(folder.root, 'seqrun.config.json') } });
  });

  it('names who holds a lock', async () => {
    const home = { XDG_STATE_HOME: join(folder.root, 'state') };
    const { workspace } = await findPlaces({ env: home, specFolder: folder.root, workspace: folder.root });
    mkdirSync(workspace, { recursive: true });
    const identity = { ...(await ownIdentity()), run: 'r1' };
    const taking = await takeLock(join(workspace, 'lock'), identity, { force: false });
    if (taking.kind !== 'held') throw new Error(taking.message);
    const held = await report();
    expect(held.locks).toEqual([
      expect.objectContaining({ of: 'workspace', pid: process.pid, run: 'r1', holder: 'alive' }),
    ]);
    expect(whats(held).join()).toContain(`process ${process.pid} holds the workspace now`);
    await taking.lock.release();
    expect((await report()).locks).toEqual([]);
  });

  it('sees a state home that cannot be made', async () => {
    folder.write('a file', 'taken');
    const found = await report('', { XDG_STATE_HOME: join(folder.root, 'taken') });
    expect(found).toMatchObject({ exit: 73, files: { state_home_writable: false } });
  });
});
