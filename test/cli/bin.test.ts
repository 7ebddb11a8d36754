// The built executable: fast answers, exit codes, and streams nobody reads.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helpText } from '../../src/cli/help.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, 'dist/seqrun.cjs');
const build = () => run(process.execPath, [join(root, 'scripts/build.mjs')]);

let home = '';

const run = (file: string, args: string[], path = process.env.PATH) =>
  new Promise<{ exit: number; stdout: string; stderr: string }>(resolve => {
    const env = { PATH: path, HOME: home, XDG_STATE_HOME: home };
    execFile(file, args, { cwd: home, env }, (error, stdout, stderr) => {
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'seqrun-bin-'));
  expect(await build()).toEqual({ exit: 0, stdout: '', stderr: '' });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const times = () => readdirSync(join(root, 'dist')).map(name => [name, statSync(join(root, 'dist', name)).mtimeMs]);

it('is built the same twice, and written once', async () => {
  const before = times();
  await build();
  expect(times()).toEqual(before);
  expect(statSync(bin).mode & 0o111).toBe(0o111);
  expect(readFileSync(bin, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
});

describe('the text made at build time', () => {
  it('is what yargs gives, on the fast path and on the long one', async () => {
    const expected = { exit: 0, stdout: `${await helpText()}\n`, stderr: '' };
    expect(await run(bin, ['--help'])).toEqual(expected);
    expect(await run(bin, ['-h'])).toEqual(expected);
    expect(await run(bin, ['--no-color', '--help'])).toEqual(expected);
  });

  it('has the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const expected = { exit: 0, stdout: `${version}\n`, stderr: '' };
    expect(await run(bin, ['--version'])).toEqual(expected);
    expect(await run(bin, ['--version', '--json'])).toEqual(expected);
  });
});

it('ends with 64 for usage, with 66 for a missing spec', async () => {
  expect(await run(bin, [])).toMatchObject({
    exit: 64,
    stdout: '',
    stderr: expect.stringContaining('no spec is named'),
  });
  expect(await run(bin, ['--delya'])).toMatchObject({ exit: 64, stderr: expect.stringContaining('--delay?') });
  expect(await run(bin, ['plan', 'nowhere'])).toMatchObject({ exit: 66, stdout: '' });
});

it('looks at the machine without a spec', async () => {
  const folder = join(home, 'bin');
  mkdirSync(folder);
  const nobody = await run(process.execPath, [bin, 'doctor'], folder);
  expect(nobody).toMatchObject({ exit: 69, stderr: expect.stringContaining('no coding agent is installed') });
  writeFileSync(join(folder, 'codex'), '#!/bin/sh\necho codex-cli 0.169.0\n', { mode: 0o755 });
  const { exit, stdout } = await run(process.execPath, [bin, 'doctor', '--json'], folder);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ exit: 0, backend: 'codex', spec: null });
});

it('keeps its exit code when stdout and stderr are closed', async () => {
  const child = spawn(bin, ['plan', 'nowhere'], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  child.stderr.destroy();
  const code = await new Promise(resolve => child.on('close', resolve));
  expect(code).toBe(66);
});
