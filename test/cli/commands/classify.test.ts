// `seqrun classify` on small recorded runs, in this process.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/agents', import.meta.url));
const session = '01a1f800-6e28-7abc-8def-0123456789ab';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seqrun-classify-'));
  writeFileSync(join(root, 'empty'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const classify = async (...words: string[]) => {
  const text = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (piece: string, done?: () => void) => {
      text[name] += piece;
      done?.();
    },
    on: () => {},
  });
  const exit = await main(['classify', ...words], {}, { stdout: sink('stdout'), stderr: sink('stderr'), cwd: root });
  return { exit, ...text };
};

/** The verdict on a run of ours; it must be all that is printed. */
const verdict = async (agent: string, name: string, ...words: string[]): Promise<unknown> => {
  const files = ['--stdout', join(fixtures, agent, `${name}.jsonl`), '--stderr', 'empty'];
  const said = await classify(agent, ...files, '--at', '2026-11-20T08:10:00Z', '--tz', 'UTC', ...words);
  expect(said).toMatchObject({ exit: 0, stderr: '' });
  return JSON.parse(said.stdout);
};

describe('verdicts', () => {
  it('a success, with all that is printed', async () => {
    expect(await verdict('codex', 'success', '--exit', '0')).toEqual({
      class: 'success',
      resetAt: null,
      sessionId: session,
      signal: 'TASK_DONE',
      usage: { inputTokens: 900, cachedInputTokens: 600, outputTokens: 30, reasoningTokens: 5, costUsd: null },
    });
  });

  it('a HALT, and a run of which nothing is known', async () => {
    expect(await verdict('claude', 'halt', '--exit', '0')).toMatchObject({ class: 'success', signal: 'HALT' });
    expect(JSON.parse((await classify(...'claude --stdout empty --stderr empty --exit 0'.split(' '))).stdout)).toEqual({
      class: 'no_answer',
      resetAt: null,
      sessionId: null,
      signal: null,
      usage: null,
    });
  });

  it('a limit: its clock time is of the zone that is given', async () => {
    const at = async (zone: string) => verdict('codex', 'limit_clock', '--exit', '1', '--tz', zone);
    expect(await at('UTC')).toMatchObject({ class: 'limited', resetAt: Date.parse('2026-11-20T13:05:00Z') });
    expect(await at('Europe/Berlin')).toMatchObject({ class: 'limited', resetAt: Date.parse('2026-11-20T12:05:00Z') });
  });

  it('a limit: the next clock time after the end that is given, whatever the zone of that', async () => {
    const at = async (iso: string) => verdict('codex', 'limit_clock', '--exit', '1', '--at', iso);
    expect(await at('2026-11-21T01:10:00+01:00')).toMatchObject({ resetAt: Date.parse('2026-11-21T13:05:00Z') });
  });

  it.each([
    ['0', 'no_answer'],
    ['1', 'crashed'],
    ['137', 'no_answer'],
    ['143', 'interrupted'],
    ['139', 'crashed'],
  ])('exit code %s of a run that was cut off: %s', async (code, wanted) => {
    expect(await verdict('codex', 'cut_off', '--exit', code)).toMatchObject({ class: wanted });
  });

  it('Ctrl-C, which an exit code does not tell', async () => {
    expect(await verdict('codex', 'cut_off', '--exit', '1', '--interrupt')).toMatchObject({ class: 'interrupted' });
  });

  it('a session file: the newest run in it that had begun, or the one that began then', async () => {
    const file = ['--exit', '0', '--rollout', join(fixtures, 'codex/stopped.rollout.jsonl')];
    const tokens = async (...words: string[]) => verdict('codex', 'resumed', ...file, ...words);
    expect(await tokens()).toMatchObject({ usage: { inputTokens: 1100 } });
    expect(await tokens('--at', '2026-11-20T07:09:40Z')).toMatchObject({ usage: { inputTokens: 2000 } });
    expect(await tokens('--started', '2026-11-20T08:09:00Z')).toMatchObject({ usage: { inputTokens: 1100 } });
    expect(await verdict('codex', 'resumed', '--exit', '0', '--started', '2026-11-20T08:09:00Z')).toMatchObject({
      usage: null,
    });
  });

  it('stderr is read, and lines end as Windows ends them, too', async () => {
    const line = 'Error: Input must be provided through stdin';
    writeFileSync(join(root, 'said'), `${line}\r\n`);
    const { stdout } = await classify(...'claude --stdout empty --stderr said --exit 1'.split(' '));
    expect(JSON.parse(stdout)).toMatchObject({ class: 'config' });
  });

  it('any program: the whole stdout is the message, also over many pieces', async () => {
    writeFileSync(join(root, 'long'), `${'word '.repeat(500_000)}\n<promise>TASK_DONE</promise>\n`);
    const { stdout } = await classify(...'command --stdout long --stderr empty --exit 0'.split(' '));
    expect(JSON.parse(stdout)).toMatchObject({ class: 'success', signal: 'TASK_DONE' });
  });
});

describe('words that are not understood', () => {
  const files = '--stdout empty --stderr empty';
  it.each([
    ['', 'needs the name of an agent', 'codex, claude'],
    [`codx ${files} --exit 0`, 'there is no agent "codx"', 'did you mean codex?'],
    [`codex claude ${files} --exit 0`, 'got "claude"', 'one agent'],
    [`codex --stderr empty --exit 0`, '--stdout is missing', 'seqrun classify'],
    [`codex --stdout empty --exit 0`, '--stderr is missing', 'seqrun classify'],
    [`codex ${files}`, '--exit is missing', 'from 0 to 255'],
    [`codex ${files} --exit -1`, '--exit got "-1"', 'from 0 to 255'],
    [`codex ${files} --exit 256`, '--exit got "256"', 'from 0 to 255'],
    [`codex ${files} --exit 0x1`, '--exit got "0x1"', 'from 0 to 255'],
    [`codex ${files} --exit`, '--exit has no value', 'seqrun classify'],
    [`codex ${files} --exit --at`, '--exit has no value', 'seqrun classify'],
    [`codex ${files} --exit 0 --at noon`, '--at got "noon"', '2026-11-20T08:10:00Z'],
    [`codex ${files} --exit 0 --at 2026-11-20T08:10:00`, '--at got', 'zone'],
    [`codex ${files} --exit 0 --at 2026-02-30T08:10:00Z`, '--at got', 'zone'],
    [`codex ${files} --exit 0 --started x`, '--started got "x"', '--started 2026'],
    [`codex ${files} --exit 0 --tz Mars/Olympus`, '--tz got "Mars/Olympus"', 'Europe/Berlin'],
    [`codex ${files} --exit 0 --sdtout x`, 'no flag --sdtout', 'did you mean --stdout?'],
  ])('%s', async (words, what, more) => {
    const { exit, stdout, stderr } = await classify(...words.split(' ').filter(word => word !== ''));
    expect({ exit, stdout }).toEqual({ exit: 64, stdout: '' });
    expect(stderr).toContain(what);
    expect(stderr).toContain(more);
    expect(stderr).toContain('at command line');
    expect(stderr).toContain('next: ');
  });

  it('all of them at once', async () => {
    const { stderr } = await classify(...'codex --exit 999 --tz nowhere'.split(' '));
    for (const what of ['--exit got', '--tz got', '--stdout is missing', '--stderr is missing']) {
      expect(stderr).toContain(what);
    }
  });
});

it.each(['--stdout', '--stderr', '--rollout'])('66 for a file of %s that is not there or is a folder', async flag => {
  mkdirSync(join(root, 'folder'));
  for (const path of ['none', 'folder']) {
    const words = '--stdout empty --stderr empty --exit 0'.split(' ');
    const { exit, stdout, stderr } = await classify('codex', ...words, flag, path);
    expect({ exit, stdout }).toEqual({ exit: 66, stdout: '' });
    expect(stderr).toMatch(new RegExp(`cannot be read.*\\n.*at ${path}\\n.*expected: .*\\n.*next: `));
  }
});

it('has a help of its own and is not in the other', async () => {
  const { exit, stdout } = await classify('--help');
  expect(exit).toBe(0);
  for (const flag of ['--stdout', '--stderr', '--exit', '--at', '--tz', '--rollout']) expect(stdout).toContain(flag);
  expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  const { helpText } = await import('../../../src/cli/help.ts');
  expect(await helpText()).not.toContain('classify');
});
