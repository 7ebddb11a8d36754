// A plain child is on its own: session, environment, files.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processSource } from '../../../src/adapters/jobs/process-table.ts';
import { startPlain } from '../../../src/adapters/plain/launch.ts';
import { pidIn, until } from '../jobs/rig.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-plain-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('leads a session of its own and has only the environment it was given', async () => {
  const script = `echo $$ >${dir}/pid; while [ ! -e ${dir}/go ]; do sleep 0.02; done; env >${dir}/env`;
  const child = startPlain(['/bin/sh', '-c', script], { SEQRUN_START: 'm', PATH: '/usr/bin:/bin' });
  const pid = await pidIn(join(dir, 'pid'));
  expect(processSource().one(pid)).toMatchObject({ sid: pid });
  expect(child.isOver()).toBe(false);
  startPlain(['/bin/sh', '-c', `: >${dir}/go`], { PATH: '/usr/bin:/bin' });
  await until('its end', () => child.isOver() && existsSync(join(dir, 'env')));
  const names = readFileSync(join(dir, 'env'), 'utf8')
    .split('\n')
    .map(line => line.split('=')[0]);
  expect(names.filter(name => !['_', 'SHLVL', ''].includes(name!)).sort()).toEqual(['PATH', 'PWD', 'SEQRUN_START']);
});

test('a program that is not there is a value, not a crash', async () => {
  const child = startPlain(['/no/such/sh'], {});
  expect(await child.failed).toMatch(/ENOENT/);
  expect(child.isOver()).toBe(true);
});
