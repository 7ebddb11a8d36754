// scripts/new-agent.mjs in a copy of the tree: what it makes compiles, is tidy, and passes the tests it brings.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'seqrun-new-agent-'));
  for (const name of ['src', 'scripts', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
  return { status, text: stdout + stderr };
};
const make = (...names: string[]) => run('scripts/new-agent.mjs', ...names);
const tool = (name: string, ...words: string[]) => run(join('node_modules', '.bin', name), ...words);
const textOf = (path: string) => readFileSync(join(copy, path), 'utf8');
const registries = ['src/agents/index.ts', 'src/cli/flags.ts'];

describe('new-agent', () => {
  it.each([
    [[], /expected one name/],
    [['My Tool'], /expected one name/],
    [['a', 'b'], /expected one name/],
    [['codex'], /codex\.ts is there already/],
    [['reset-time'], /reset-time\.ts is there already/],
    [['class'], /word of the language/],
  ])('refuses %j and writes nothing', (names, wanted) => {
    const before = registries.map(textOf);
    const { status, text } = make(...names);
    expect([status, text]).toEqual([64, expect.stringMatching(wanted)]);
    expect(registries.map(textOf)).toEqual(before);
  });

  it.skipIf(process.env.SEQRUN_TEST_LONG !== '1')(
    'makes an agent that compiles, is tidy and is no success, and does not make it twice',
    () => {
      expect(make('my-tool').status).toBe(0);
      const made = ['src/agents/my-tool.ts', 'test/agents/my-tool.test.ts', ...registries];
      expect(textOf('src/cli/flags.ts')).toContain("'gemini', 'my-tool', 'command'");
      expect(tool('tsc', '--noEmit', '-p', '.')).toEqual({ status: 0, text: expect.any(String) });
      expect(tool('biome', 'check', ...made)).toMatchObject({ status: 0 });
      expect(make('my-tool')).toEqual({ status: 64, text: expect.stringContaining('my-tool.ts is there already') });
    },
    60_000,
  );

  // A test run within the test run: only where there is time for it.
  it.skipIf(process.env.SEQRUN_TEST_LONG !== '1')(
    'brings tests that pass, and breaks none of those that look at every agent',
    () => {
      if (!existsSync(join(copy, 'src/agents/my-tool.ts'))) make('my-tool');
      const { status, text } = tool(
        'vitest',
        'run',
        'test/agents/my-tool.test.ts',
        'test/agents/commands.test.ts',
        'test/tidy.test.ts',
      );
      expect(status, text).toBe(0);
    },
    60_000,
  );
});
