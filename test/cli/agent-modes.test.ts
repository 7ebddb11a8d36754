// Whose word decides what an agent may do unasked, and what a mode that it refuses leads to.
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseModes, modeOf } from '../../src/cli/agent-modes.ts';
import { parseWords } from '../../src/cli/words.ts';
import type { Agent, AgentMode, AgentModes } from '../../src/core/agent.ts';
import { type Folder, makeFolder } from './in-process.ts';

const agent = (name: string, modes: Partial<AgentModes> | null = {}): Agent => ({
  name,
  machineStream: true,
  resumable: true,
  executable: name,
  modes: modes && { words: { safe: 'little', full: 'all' }, wish: () => null, refuses: () => null, ...modes },
  program: null,
  command: () => ({ argv: [], env: {}, unset: [], session: null }),
  reader: () => {
    throw new Error('not read here');
  },
  afterwards: () => null,
});

/** What the command line makes of these words, variables and settings. */
const wishes = (words: string, env: Record<string, string> = {}, config: object | null = null) => {
  const parsed = parseWords(words.split(' '), env, {
    readConfigFile: () => config && { path: '/w/seqrun.config.json', bytes: Buffer.from(JSON.stringify(config)) },
    specsNearby: () => [],
    withinStart: () => null,
  });
  if (parsed.kind !== 'intention') throw new Error(JSON.stringify(parsed));
  return parsed.intention;
};
const world = { env: {}, isRoot: false };
const spec = '--spec a';
const loose = agent('codex', { wish: () => 'full' });

describe('the word that counts', () => {
  it.each<[string, ReturnType<typeof wishes>, Agent, AgentMode, string]>([
    ['nobody’s', wishes(spec), agent('codex'), 'safe', 'the default'],
    ['the flag', wishes(`${spec} --agent-mode full`), agent('codex'), 'full', '--agent-mode'],
    ['the variable', wishes(spec, { SEQRUN_AGENT_MODE: 'full' }), agent('codex'), 'full', 'SEQRUN_AGENT_MODE'],
    ['the file', wishes(spec, {}, { agentMode: 'full' }), agent('codex'), 'full', 'the config file'],
    ['its own entry', wishes(spec, {}, { agentModes: { codex: 'full' } }), agent('codex'), 'full', 'the config file'],
    ['another’s entry', wishes(spec, {}, { agentModes: { claude: 'full' } }), agent('codex'), 'safe', 'the default'],
    [
      'its own entry before the one for all',
      wishes(spec, {}, { agentMode: 'full', agentModes: { codex: 'safe' } }),
      agent('codex'),
      'safe',
      'the config file',
    ],
    ['its own variable', wishes(spec), loose, 'full', 'its own variables'],
    [
      'its own variable before the file',
      wishes(spec, {}, { agentMode: 'safe', agentModes: { codex: 'safe' } }),
      loose,
      'full',
      'its own variables',
    ],
    ['the flag before its own variable', wishes(`${spec} --agent-mode safe`), loose, 'safe', '--agent-mode'],
    [
      'the flag before the file',
      wishes(`${spec} --agent-mode safe`, {}, { agentModes: { codex: 'full' } }),
      agent('codex'),
      'safe',
      '--agent-mode',
    ],
  ])('%s', (_, intention, who, mode, from) => {
    expect(modeOf(who, intention, world)).toEqual({
      agent: 'codex',
      mode,
      words: mode === 'safe' ? 'little' : 'all',
      from,
      refused: null,
    });
  });

  it('an agent without modes has none, whatever is asked for', () => {
    expect(modeOf(agent('command', null), wishes(`${spec} --agent-mode full`), world)).toBeNull();
  });
});

describe('a mode that an agent refuses', () => {
  const shy = agent('claude', {
    refuses: mode => (mode === 'full' ? { because: 'it is root', mend: 'SAY=1' } : null),
  });
  const full = wishes(`${spec} --agent-mode full`);
  it('is 69 where all units may go to it, with what to type next', () => {
    expect(chooseModes([shy, agent('codex')], 'claude', full, world)).toEqual({
      exit: 69,
      what: 'claude would not start in mode full: it is root',
      where: { name: '--agent-mode' },
      expected: expect.any(String),
      next: '--agent-mode safe, or SAY=1',
    });
  });
  it('becomes safe for another agent, and is told', () => {
    const chosen = chooseModes([agent('codex'), shy, agent('command', null)], 'codex', full, world);
    expect(chosen).toMatchObject({
      modes: [
        { agent: 'codex', mode: 'full', words: 'all' },
        { agent: 'claude', mode: 'safe', words: 'little', refused: null },
      ],
      warnings: ['claude works in mode safe, not full: it is root (SAY=1)'],
    });
  });
});

describe('on a real folder', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = makeFolder();
    folder.write('- [ ] 1. A\n');
    folder.write(`#!/bin/sh\necho started >> '${folder.root}/started'\n`, 'bin/claude');
    chmodSync(join(folder.root, 'bin/claude'), 0o755);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    folder.close();
  });

  it('a run in a mode that is refused ends with 69 before anything is started or journaled', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    const words = '--spec .kiro/specs/cart --backend claude --no-tmux --agent-mode full';
    const { exit, stderr } = await folder.run(words, { PATH: join(folder.root, 'bin') });
    expect(exit).toBe(69);
    expect(stderr).toMatch(
      /claude would not start in mode full: .* as root\n[\s\S]*next: --agent-mode safe, or IS_SANDBOX=1/,
    );
    expect(existsSync(join(folder.root, 'started'))).toBe(false);
    expect((await folder.run('status --spec .kiro/specs/cart --json')).stdout).not.toContain('"claude"');
  });

  it('a plan shows the mode that was asked for', async () => {
    const head = async (words: string) => (await folder.run(`plan .kiro/specs/cart ${words}`)).stdout.split('\n')[1];
    expect(await head('--backend codex --agent-mode full')).toBe('backend codex, agent mode full, workdir .');
    expect(await head('--backend codex')).toBe('backend codex, workdir .');
    folder.write('{ "agentMode": "full", "agentModes": { "codex": "safe" } }', 'seqrun.config.json');
    expect(await head('--backend codex')).toBe('backend codex, agent mode safe, workdir .');
    expect(await head('--backend claude')).toBe('backend claude, agent mode full, workdir .');
  });
});
