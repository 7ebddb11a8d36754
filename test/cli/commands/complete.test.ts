import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completionScript, SHELLS } from '../../../src/cli/completion/scripts.ts';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('- [ ] 1. One\n- [ ] 2. Two: it\'s "hard"\n- [ ]* 3. Extra\n');
});
afterEach(() => folder.close());

const ask = async (words: string, env?: Record<string, string>) => {
  const { exit, stdout, stderr } = await folder.run(`complete ${words}`, env);
  expect(exit).toBe(0);
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
};

describe('what the shells ask', () => {
  test('units with their titles, of the only spec or the one that is named', async () => {
    const units = ['1\tOne', '2\tTwo: it\'s "hard"', '3\tExtra', ':'];
    expect(await ask('--shell fish -- why ')).toEqual(units);
    folder.write('- [ ] 7. Seven\n', '.kiro/specs/other/tasks.md');
    expect(await ask('--shell fish -- why ')).toEqual([':']);
    expect(await ask('--shell fish -- why --spec .kiro/specs/other ')).toEqual(['7\tSeven', ':']);
    expect(await ask('--shell fish -- why ', { SEQRUN_SPEC: '.kiro/specs/other' })).toEqual(['7\tSeven', ':']);
  });

  test('specs, and any folder where none of them is meant', async () => {
    expect(await ask('--shell zsh -- --spec ')).toEqual(['.kiro/specs/cart\ta spec', ':']);
    expect(await ask('--shell zsh -- --spec other')).toEqual([':folders']);
  });

  test('agents of the settings, too', async () => {
    folder.write('{"agents":{"mine":{"command":"true"}}}', 'seqrun.config.json');
    expect((await ask('--shell zsh -- --backend ')).map(line => line.split('\t')[0])).toEqual(
      expect.arrayContaining(['codex', 'mine', ':']),
    );
  });

  test('bash, which takes = for a word of its own', async () => {
    expect(await ask('--shell bash -- --on-fail = s')).toEqual(['stop\t', 'skip\t', ':']);
    expect(await ask('--shell fish -- --on-fail=s')).toEqual(['--on-fail=stop\t', '--on-fail=skip\t', ':']);
  });

  test('nothing, and no error, where nothing can be known', async () => {
    expect(await ask('--shell zsh -- why --spec nowhere ')).toEqual([':']);
    folder.write(new Uint8Array([0xff, 0, 1]));
    expect(await ask('--shell zsh -- why ')).toEqual([':']);
    folder.write('{', 'seqrun.config.json');
    expect((await ask('--shell zsh -- --backend ')).at(-1)).toBe(':');
    expect(await ask('')).toBeDefined();
  });
});

describe('scripts', () => {
  test.each(SHELLS)('%s reads it without a complaint', shell => {
    folder.write(completionScript(shell, "node '/a b/it'\\''s'"), 'script');
    const { error, status, stderr } = spawnSync(shell, ['-n', join(folder.root, 'script')]);
    if (error) {
      process.stderr.write(`${shell} is not installed: its script is not read\n`);
      return;
    }
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
  });

  test('completion prints it', async () => {
    const { exit, stdout } = await folder.run('completion zsh');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^#compdef seqrun\n/);
    const { exit: wrong, stderr } = await folder.run('completion tcsh');
    expect(wrong).toBe(64);
    expect(stderr).toContain('zsh');
  });
});
