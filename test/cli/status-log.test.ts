// The file that the status window follows.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStatusLog } from '../../src/cli/status-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seqrun-status-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('lines of one moment come together, and the last ones at the end', async () => {
  const file = join(dir, 'status.log');
  const log = openStatusLog(file);
  log.add('one');
  log.add('two\nthree');
  await new Promise(resolve => setImmediate(resolve));
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nthree\n');
  log.add('four');
  log.close();
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nthree\nfour\n');
});

test('what a terminal could act on does not get there', () => {
  const file = join(dir, 'status.log');
  const log = openStatusLog(file);
  log.add('Next task: 1 - \u001b]0;mine\u0007\u001b[31mred\nsecond\u009b2J');
  log.close();
  expect(readFileSync(file, 'utf8')).toBe('Next task: 1 - red\nsecond\n');
});

test('where it cannot be opened nothing is shown and nothing stops', () => {
  mkdirSync(join(dir, 'status.log'));
  const log = openStatusLog(join(dir, 'status.log'));
  log.add('one');
  log.close();
});
