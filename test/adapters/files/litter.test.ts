// Temporary files of a killed writer go; everything else stays.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tempNameFor } from '../../../src/adapters/files/atomic.ts';
import { removeLeftTemps } from '../../../src/adapters/files/litter.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-litter-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a dead process's temporary files of that name are removed, its own and all others are not", () => {
  const path = join(dir, 'STATE.json');
  const own = tempNameFor(path);
  const names = ['STATE.json', '.STATE.json.tmp', '.STATE.json.12.abc.tmp', '.OTHER.json.12.0123456789ab.tmp'];
  for (const name of names) writeFileSync(join(dir, name), '');
  writeFileSync(own, '');
  writeFileSync(own.replace(String(process.pid), '999999'), '');
  removeLeftTemps(path);
  expect(readdirSync(dir).sort()).toEqual([...names, own.slice(dir.length + 1)].sort());
});

test('a folder that is not there is no trouble', () => {
  removeLeftTemps(join(dir, 'none', 'STATE.json'));
});
