// Folders of starts: numbers that are never used twice, and the folder that is made ahead.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Reserver, startReserver } from '../../../src/adapters/jobs/reserving.ts';
import { until } from './rig.ts';

let dir: string;
let starts: string;
let reserver: Reserver;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-reserve-'));
  starts = join(dir, 'starts');
  reserver = startReserver(starts);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const files = [
  'exit.json',
  'job.json',
  'launch.sh',
  'prompt.md',
  'receipt.json',
  'stderr.log',
  'stdout.jsonl',
  'view.log',
];
const ahead = () => join(starts, 'next');
const isWhole = () => existsSync(ahead()) && readdirSync(ahead()).length === files.length;

test('numbers go on above what is there and above what is asked for; marks differ', () => {
  mkdirSync(join(starts, '7-1-agent'), { recursive: true });
  const first = reserver.reserve(1, '2-agent');
  expect(first).toMatchObject({ n: 8, folder: join(starts, '8-2-agent') });
  expect(reserver.reserve(12, 'a b/../c').folder).toBe(join(starts, '12-a_b_.._c'));
  const third = reserver.reserve(1, '2-agent');
  expect(third.n).toBe(13);
  expect(third.mark).not.toBe(first.mark);
});

test('a folder is private and has its files, empty, whether it was made ahead or not', async () => {
  const first = reserver.reserve(1, '1-agent');
  reserver.prepare();
  await until('the next folder', isWhole);
  const inode = statSync(ahead()).ino;
  const second = reserver.reserve(1, '2-agent');
  expect(statSync(second.folder).ino).toBe(inode);
  expect(existsSync(ahead())).toBe(false);
  for (const { folder } of [first, second]) {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual(files);
    for (const name of files) {
      const { mode, size } = statSync(join(folder, name));
      expect([name, size, mode & 0o777]).toEqual([name, 0, name === 'launch.sh' ? 0o700 : 0o600]);
    }
  }
});

test('one that is half made is made whole when it is needed', () => {
  reserver.reserve(1, '1-agent');
  reserver.prepare();
  const { folder } = reserver.reserve(1, '2-agent');
  expect(readdirSync(folder).sort()).toEqual(files);
});

test('what a killed runner made ahead is thrown away, whatever it holds', async () => {
  mkdirSync(ahead(), { recursive: true });
  writeFileSync(join(ahead(), 'launch.sh'), 'old');
  reserver.reserve(1, '1-agent');
  reserver.prepare();
  await until('the next folder', isWhole);
  expect(statSync(join(ahead(), 'launch.sh')).size).toBe(0);
});

test('one that somebody removed is made anew; closing leaves nothing', async () => {
  reserver.reserve(1, '1-agent');
  reserver.prepare();
  await until('the next folder', isWhole);
  rmSync(ahead(), { recursive: true });
  expect(readdirSync(reserver.reserve(1, '2-agent').folder).sort()).toEqual(files);
  reserver.prepare();
  reserver.close();
  await new Promise(resolve => setImmediate(resolve));
  expect(readdirSync(starts).sort()).toEqual(['1-1-agent', '2-2-agent']);
});

test('a disk that refuses: making ahead is silent, the start that needs the folder says why', () => {
  writeFileSync(starts, 'a file');
  reserver.prepare();
  expect(() => reserver.reserve(1, '1-agent')).toThrow(/EEXIST|ENOTDIR/);
});

test('what was put off and comes after the end makes nothing', async () => {
  reserver.reserve(1, '1-agent');
  reserver.close();
  reserver.prepare();
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(existsSync(ahead())).toBe(false);
});
