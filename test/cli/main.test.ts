// One call in this process: what is printed where, and the exit code.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_NAMES, commandRow, usageOf } from '../../src/cli/command-table.ts';
import { EXIT, EXIT_HELP } from '../../src/cli/exit-codes.ts';
import { FLAG_NAMES, flagOf, GROUPS, TYPED_FLAGS } from '../../src/cli/flags.ts';
import { helpText } from '../../src/cli/help.ts';
import { main } from '../../src/cli/main.ts';
import { parseWords } from '../../src/cli/words.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'seqrun-main-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const call = async (argv: string[], cwd = home) => {
  const text = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (piece: string, done?: () => void) => {
      text[name] += piece;
      done?.();
    },
    on: () => {},
  });
  const exit = await main(argv, { XDG_STATE_HOME: home }, { stdout: sink('stdout'), stderr: sink('stderr'), cwd });
  return { exit, ...text };
};

describe('help', () => {
  it('names every command, flag and exit code, in 80 columns', async () => {
    const { exit, stdout, stderr } = await call(['--help']);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${await helpText()}\n`);
    for (const name of COMMAND_NAMES) expect(stdout).toContain(`seqrun ${usageOf(name)} `);
    for (const name of TYPED_FLAGS) expect(stdout).toContain(`--${name}`);
    for (const [code] of EXIT_HELP) expect(stdout).toMatch(new RegExp(`\\b${code} `));
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
    expect(EXIT_HELP.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
  });

  it('is short for one command: its words, its flags, and an example that parses', async () => {
    for (const name of COMMAND_NAMES) {
      const { exit, stdout } = await call([name, '--help']);
      expect(exit).toBe(0);
      const lines = stdout.trimEnd().split('\n');
      const spec = commandRow(name).withoutSpec ? '' : ' --spec <dir>';
      expect(lines[0]).toMatch(new RegExp(`^Usage: seqrun ${name}\\b.*${spec}$`));
      expect([name, lines.length]).toEqual([name, expect.toSatisfy(count => count <= 40)]);
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
      const example = lines.find(line => line.startsWith('Example: seqrun '))!.slice('Example: seqrun '.length);
      const argv = example.match(/"[^"]*"|\S+/g)!.map(word => word.replaceAll('"', ''));
      const parsed = parseWords(
        argv,
        {},
        { readConfigFile: () => null, withinStart: () => null, specsNearby: () => [] },
      );
      expect(parsed).toMatchObject({ kind: 'intention', intention: { command: name } });
    }
    expect((await call(['retry', '2', '-h'])).stdout).toBe((await call(['help', 'retry'])).stdout);
    expect((await call(['run', '--help'])).stdout).toContain('--verify-timeout');
    expect((await call(['nonsense', '--help'])).stdout).toBe(`${await helpText()}\n`);
  });

  it('shows an example for each topic, and each example parses', async () => {
    const stdout = await helpText();
    for (const [title, example] of Object.values(GROUPS)) {
      expect(stdout).toContain(`${title}    ${example}`);
      const argv = example
        .match(/"[^"]*"|\S+/g)!
        .slice(1)
        .map(word => word.replaceAll('"', ''));
      expect(
        parseWords(argv, {}, { readConfigFile: () => null, withinStart: () => null, specsNearby: () => [] }).kind,
      ).toBe('intention');
    }
  });

  it('has an example for every flag that takes a value', () => {
    for (const name of FLAG_NAMES) {
      const { kind, example, hint } = flagOf(name);
      expect([name, kind === 'switch', example === undefined, hint === undefined]).toEqual([
        name,
        kind === 'switch',
        kind === 'switch',
        kind === 'switch',
      ]);
    }
  });
});

it('prints every failure of the words on stderr and ends with 64', async () => {
  const { exit, stdout, stderr } = await call(['--spec', 'a', '--delay', 'x', '--timeout=5']);
  expect([exit, stdout]).toEqual([64, '']);
  expect(stderr).toBe(
    [
      '[seqrun] error: --delay got "x"',
      '  expected: a number of seconds from 0 to 604800',
      '  next: --delay 15',
      '[seqrun] error: --timeout got "5"',
      '  expected: a time longer than 0 with its unit, at most 8760h',
      '  next: --timeout 90m',
      '',
    ].join('\n'),
  );
});

it('says which spec is missing and ends with 66', async () => {
  const { exit, stderr } = await call(['plan', 'nowhere']);
  expect(exit).toBe(66);
  expect(stderr).toContain(`error: there is no such spec\n  at ${join(home, 'nowhere')}\n`);
});

it('turns a bug into 70 with a report in a file', async () => {
  const { exit, stderr } = await call(['plan', 'x'], 42 as never);
  expect(exit).toBe(EXIT.internal);
  expect(stderr).toMatch(/error: internal error in seqrun .* Node v.*: TypeError/);
  const folder = join(home, 'seqrun/crashes');
  const name = readdirSync(folder).sort().at(-1);
  expect(stderr).toContain(join(folder, name!));
  expect(readFileSync(join(folder, name!), 'utf8')).toMatch(/\["plan","x"\][\s\S]*TypeError[\s\S]*main\.ts/);
});
