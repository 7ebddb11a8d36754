// `seqrun config` on real folders, in this process.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigView } from '../../../src/cli/config-view.ts';
import { configKeyOf, FLAG_NAMES, flagOf } from '../../../src/cli/flags.ts';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.close());

const view = async (words = '', env: Record<string, string> = {}): Promise<ConfigView> => {
  const { exit, stdout, stderr } = await folder.run(`config ${words} --json`.replace('  ', ' '), env);
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
};
const setting = ({ settings }: ConfigView, key: string) => settings.find(one => one.key === key)!;

it('shows every setting that a file can hold, with its source, without a spec', async () => {
  folder.write('# nights\ndelay: 3\nmaxAttempts: 2\ntimeout: 5m\n', 'seqrun.config.yaml');
  const env = { SEQRUN_MAX_ATTEMPTS: '4', CODEAGENT_NO_TMUX: '1', CODEX_TIMEOUT: '9000' };
  const seen = await view('--max-follow-ups 1', env);
  expect(seen).toMatchObject({ spec: null, workdir: folder.root, config: join(folder.root, 'seqrun.config.yaml') });
  expect(seen.settings.map(({ key }) => key)).toEqual(
    FLAG_NAMES.filter(name => flagOf(name).where !== 'call').map(configKeyOf),
  );
  expect(setting(seen, 'delay')).toEqual({
    key: 'delay',
    group: 'pace',
    flag: '--delay',
    env: 'SEQRUN_DELAY',
    value: 3,
    origin: 'config',
    from: 'seqrun.config.yaml:2',
    note: null,
  });
  const sources = ['maxAttempts', 'maxFollowUps', 'timeout', 'noTmux', 'stallTimeout', 'model'].map(key => {
    const { value, origin, from, note } = setting(seen, key);
    return [key, value, origin, from, note];
  });
  expect(sources).toEqual([
    ['maxAttempts', 4, 'env', 'SEQRUN_MAX_ATTEMPTS', null],
    ['maxFollowUps', 1, 'flag', '--max-follow-ups', null],
    ['timeout', '9s', 'env', 'CODEX_TIMEOUT', null],
    ['noTmux', true, 'env', 'CODEAGENT_NO_TMUX', null],
    ['stallTimeout', '30m', 'default', null, null],
    ['model', null, 'default', null, 'not set'],
  ]);
});

it('says what a run would take where one setting decides for another', async () => {
  folder.write('{ "name": "shop", "seqrun": {\n"noAssign": true, "verify": { "test": "npm test" } } }', 'package.json');
  const seen = await view('--command my-agent');
  const { value: assign, from } = setting(seen, 'assign');
  expect([assign, from]).toEqual(['none', 'package.json:2']);
  expect(setting(seen, 'backend')).toMatchObject({ value: 'command', from: '--command' });
  expect(setting(seen, 'require')).toMatchObject({ value: ['signal', 'verify'], from: 'package.json:2' });
});

it('is grouped as the help, and what was set stands beside its source', async () => {
  const { exit, stdout } = await folder.run('config --delay 2 --verify check');
  expect(exit).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('Settings, workdir ., no config file');
  expect(lines).toContain('Pace and time limits');
  expect(lines.find(line => /^ {2}delay\b/.test(line))).toMatch(/ {2}2 {2}\(--delay\)$/);
  expect(lines.find(line => /^ {2}verify\b/.test(line))).toMatch(/\["check"\] {2}\(--verify\)$/);
  expect(lines.find(line => /^ {2}backend\b/.test(line))).toMatch(/the first that is installed$/);
});

it('shows no secret, whichever way it came in', async () => {
  const secrets = ['hunter2hunter2', 'sk-abcdefghijklmnopqrst', 'xyz-given-by-flag', 'in-the-url-77', 'bearer.of.news'];
  const config = {
    model: secrets[0],
    verify: [
      `API_KEY=${secrets[2]} npm test`,
      `curl https://me:${secrets[3]}@host/`,
      `curl -H "A: Bearer ${secrets[4]}"`,
    ],
    command: ['agent', '--api-key', secrets[2], `--token=${secrets[2]}`, '{prompt}', '--max-tokens', '5000'],
    agents: { mine: { command: `mine --key ${secrets[1]}`, patterns: { auth: [`bad ${secrets[0]}`] } } },
  };
  folder.write(JSON.stringify(config), 'seqrun.config.json');
  const env = { OPENAI_API_KEY: secrets[0]! };
  for (const words of ['config', 'config --json']) {
    const { exit, stdout, stderr } = await folder.run(words, env);
    expect(exit, stderr).toBe(0);
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toContain('[OPENAI_API_KEY]');
    expect(stdout).toContain('5000');
  }
});

describe('trouble', () => {
  it('a file with mistakes is refused with all of them, as a run would be', async () => {
    folder.write('delay: x\nmaxIteration: 5\n', 'seqrun.config.yaml');
    const { exit, stdout, stderr } = await folder.run('config');
    expect([exit, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(
      /seqrun\.config\.yaml:1:1[\s\S]*seqrun\.config\.yaml:2:1[\s\S]*did you mean "maxIterations"/,
    );
  });

  it('two files are refused, and both are named', async () => {
    folder.write('{}', 'seqrun.config.json');
    folder.write('', 'seqrun.config.yml');
    const { exit, stderr } = await folder.run('config');
    expect(exit).toBe(64);
    expect(stderr).toContain('seqrun.config.json and seqrun.config.yml');
    expect((await folder.run('config --config seqrun.config.yml')).exit).toBe(0);
    // What only looks goes on without them.
    folder.write('- [ ] 1. A\n');
    expect((await folder.run('status --spec .kiro/specs/cart')).exit).toBe(0);
  });

  it('a spec that is not there is 66, and the settings are shown', async () => {
    const { exit, stdout } = await folder.run('config --spec nope --workdir .');
    expect(exit).toBe(66);
    expect(stdout).toContain('Pace and time limits');
  });
});
