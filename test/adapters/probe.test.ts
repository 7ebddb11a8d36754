// A question to a program: its answer, its failures, and that nobody keeps us waiting.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../../src/adapters/probe.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seqrun-probe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
};
const asked = (path: string, limitMs = 5_000) => ask(path, ['--version'], { env: {}, cwd: folder, limitMs });

it('gives what it says, on either stream', async () => {
  expect(await asked(program('out', '#!/bin/sh\necho "tool 1.2 $1"\n'))).toEqual({
    kind: 'said',
    text: 'tool 1.2 --version',
  });
  expect(await asked(program('err', '#!/bin/sh\necho 1.3 >&2\n'))).toEqual({ kind: 'said', text: '1.3' });
});

it.each([
  ['an exit code, with its last line', '#!/bin/sh\necho one\necho two >&2\nexit 3\n', /^exit 3: (?:one|two)$/],
  ['a signal', '#!/bin/sh\nkill -9 $$\n', /^ended by SIGKILL$/],
  ['an interpreter that is not there', '#!/nowhere/sh\n', /^ENOENT$/],
])('tells of %s', async (_, text, because) => {
  expect(await asked(program('bad', text))).toEqual({ kind: 'failed', because: expect.stringMatching(because) });
});

it('tells of a program that is none', async () => {
  expect(await asked(join(folder, 'missing'))).toEqual({ kind: 'failed', because: 'ENOENT' });
});

it('gives up after its time, and ends the children too', async () => {
  const silent = program('silent', '#!/bin/sh\n/bin/sleep 30 &\necho $! > child\nwait\n');
  const begunMs = performance.now();
  expect(await asked(silent, 300)).toEqual({ kind: 'failed', because: 'no answer within 0.3 s' });
  expect(performance.now() - begunMs).toBeLessThan(3_000);
  const child = readFileSync(join(folder, 'child'), 'utf8').trim();
  await expect
    .poll(() => !existsSync(`/proc/${child}`) || / Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8')))
    .toBe(true);
});

it('does not wait for what it leaves in the background', async () => {
  const begunMs = performance.now();
  expect(await asked(program('leaves', '#!/bin/sh\n/bin/sleep 30 &\necho 1.0\n'))).toEqual({
    kind: 'said',
    text: '1.0',
  });
  expect(performance.now() - begunMs).toBeLessThan(3_000);
});
