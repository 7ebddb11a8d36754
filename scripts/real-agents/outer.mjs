// How each agent CLI is asked something in a repository, and how a model behind it reads a skill, calls a shell and sees how that ended.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const has = (tools, name) => tools.some(tool => tool.name === name);
const session = /Process running with session ID (\d+)/;

/**
 * `words(goOn)`: the call that reads what is asked on stdin, in a new session or in the last one; `sandboxed(words)`: the same in the
 * CLI's own sandbox. `found`: the file of the skill, as the CLI tells its model. `readSkill`, `shell`: the tool call of its model.
 * `exitOf(result)`: what the result of a shell call tells the model of its exit code; null = nothing. `waitOn(call)`: the next call of
 * a model whose tool has come back while its command goes on, and `isWaiting` knows such a call.
 */
export const outer = {
  claude: {
    words: goOn => [
      'claude',
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      '--dangerously-skip-permissions',
      '--model',
      'sonnet',
      ...(goOn ? ['--continue'] : []),
    ],
    // Logged in by a file, as a person is: a token in its environment it keeps from its shell.
    prepare: x => {
      const { CLAUDE_CODE_OAUTH_TOKEN: accessToken, CLAUDE_CONFIG_DIR: folder } = x.env;
      delete x.env.CLAUDE_CODE_OAUTH_TOKEN;
      const oauth = { accessToken, refreshToken: 'test', expiresAt: Date.now() + 86_400_000 };
      const claudeAiOauth = { ...oauth, scopes: ['user:inference'], subscriptionType: 'max' };
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '.credentials.json'), JSON.stringify({ claudeAiOauth }), { mode: 0o600 });
    },
    found: ({ text }) => /Base directory for this skill: ([^\\"]*)/.exec(text)?.[1].replace(/.*\/work\//, ''),
    readSkill: () => ({ tool: 'Skill', input: { skill: 'seqrun' } }),
    shell: (command, _, limitMs) => ({
      tool: 'Bash',
      input: { command, description: 'seqrun', ...(limitMs === null ? {} : { timeout: limitMs }) },
    }),
    // Only a code that is not 0 is told.
    exitOf: result => Number(/^Exit code (\d+)/m.exec(result)?.[1] ?? 0),
  },
  codex: {
    words: goOn => [
      'codex',
      'exec',
      ...(goOn ? ['resume', '--last'] : []),
      '--json',
      '--dangerously-bypass-approvals-and-sandbox',
      '-m',
      'gpt-5.3-codex',
      '-',
    ],
    sandboxed: words =>
      words.map(word => (word === '--dangerously-bypass-approvals-and-sandbox' ? '--sandbox=workspace-write' : word)),
    found: ({ calls }) => calls[0].input.cmd.replace(/.*\/work\//, ''),
    // It names the file below a root, and the root in a table.
    readSkill: ({ text, tools }) => {
      const [, root, file] = /\(file: (r\d+)\/(seqrun\/SKILL\.md)\)/.exec(text);
      const [, folder] = new RegExp(`\`${root}\` = \`([^\`]+)\``).exec(text);
      return outer.codex.shell(`cat ${folder}/${file}`, { tools }, null);
    },
    shell: (command, { tools }, limitMs) =>
      has(tools, 'exec_command')
        ? { tool: 'exec_command', input: { cmd: command, ...(limitMs === null ? {} : { yield_time_ms: limitMs }) } }
        : { tool: 'shell_command', input: { command, ...(limitMs === null ? {} : { timeout_ms: limitMs }) } },
    exitOf: result => {
      const code = /(?:Process exited with code|Exit code:) (\d+)/.exec(result)?.[1];
      return code === undefined ? null : Number(code);
    },
    waitOn: call => {
      const id = session.exec(call?.result ?? '')?.[1];
      return id && { tool: 'write_stdin', input: { session_id: Number(id), chars: '', yield_time_ms: 30_000 } };
    },
    isWaiting: call => call.name === 'write_stdin',
  },
  opencode: {
    words: goOn => ['opencode', 'run', '--format', 'json', '--auto', '-m', 'mock/mock-1', ...(goOn ? ['-c'] : [])],
    // It lists the files of a skill with ripgrep, which it would download.
    prepare: (x, { packages }) =>
      symlinkSync(
        join(packages, '@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/codex-path/rg'),
        join(x.bin, 'rg'),
      ),
    found: ({ text }) => /<location>([^<]*seqrun\/SKILL\.md)/.exec(text)?.[1].replace(/.*\/work\//, ''),
    readSkill: () => ({ tool: 'skill', input: { name: 'seqrun' } }),
    shell: (command, _, limitMs) => ({
      tool: 'bash',
      input: { command, description: 'seqrun', ...(limitMs === null ? {} : { timeout: limitMs }) },
    }),
    // Its results are what the command has printed.
    exitOf: () => null,
  },
};
