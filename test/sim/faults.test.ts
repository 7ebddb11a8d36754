// The list of planted faults fits the sources; a few of them, planted, are caught here, and all of them in a long run.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const long = process.env.SEQRUN_TEST_LONG === '1';
const root = new URL('../../', import.meta.url);
const faults: { name: string; file: string; from: string; to: string }[] = JSON.parse(
  readFileSync(new URL('./planted-faults.json', import.meta.url), 'utf8'),
);
const run = promisify(execFile);

test('each fault has one place in the sources', () => {
  const lost = faults.filter(({ file, from }) => readFileSync(new URL(file, root), 'utf8').split(from).length !== 2);
  expect(lost.map(({ name }) => name)).toEqual([]);
  expect(faults.length).toBeGreaterThanOrEqual(15);
});

test('a planted fault is caught', async () => {
  const only = long ? '' : 'gates are left out';
  const { stdout } = await run(process.execPath, ['scripts/planted-faults.mjs', '--only', only], { cwd: root });
  expect(stdout).not.toContain('MISSED');
  expect(stdout).toMatch(/caught in \d+ s/);
}, 1_800_000);
