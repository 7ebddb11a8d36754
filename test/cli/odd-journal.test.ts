// Journals that this version cannot go on from: a newer one wrote them, or somebody changed them. Told (65), never a crash.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readFrozen } from '../history.ts';
import { type Folder, makeFolder } from './in-process.ts';

let folder: Folder;
afterEach(() => folder.close());

type Line = Record<string, unknown>;
const good = (): Line[] =>
  readFrozen('first/night/journal.jsonl')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line);

/** A spec with this journal; its file. */
const withJournal = (lines: readonly Line[]): string => {
  folder = makeFolder();
  folder.write(readFrozen('first/night/tasks.md'));
  const spec = realpathSync(join(folder.root, '.kiro/specs/cart'));
  const hash = createHash('sha256').update(spec).digest('hex').slice(0, 16);
  const home = join(folder.root, 'state', 'seqrun', 'specs', `cart-${hash}`);
  mkdirSync(home, { recursive: true });
  const file = join(home, 'journal.jsonl');
  writeFileSync(file, `${lines.map(line => JSON.stringify(line)).join('\n')}\n`);
  return file;
};

const changed = (seq: number, more: Line): Line[] =>
  good().map(line => (line.seq === seq ? { ...line, ...more } : line));
const added = (more: Line): Line[] => [...good(), { seq: good().length + 1, atMs: 1_795_205_449_000, ...more }];

const cases: [string, () => Line[], RegExp][] = [
  ['a newer version', () => changed(1, { version: 2 }), /version "2".*newer seqrun/s],
  ['an event of a newer version', () => added({ type: 'unit.moved' }), /"unit\.moved" is not known.*newer/s],
  ['an outcome of a newer version', () => changed(6, { outcome: { kind: 'paused' } }), /line 6.*newer seqrun/s],
  [
    'a command of a newer version',
    () => added({ type: 'command', id: 'x', command: { kind: 'split', unit: '5' } }),
    /line 28.*newer/s,
  ],
  ['an event without its fields', () => changed(4, { kind: undefined, reason: undefined, n: undefined }), /line 4/],
  [
    'an event that cannot be there',
    () => added({ type: 'start.began', n: 9, pid: 1, transport: 'plain', window: null, adopted: false }),
    /line 28/,
  ],
  ['a plan without units', () => changed(3, { plan: null }), /line 3/],
];

describe.each(cases)('%s', (_, lines, expected) => {
  test.each(['status --spec .kiro/specs/cart', 'why --spec .kiro/specs/cart', 'retry 4 --spec .kiro/specs/cart'])(
    '%s: 65, with the line, and the file stays as it is',
    async words => {
      const file = withJournal(lines());
      const before = readFileSync(file);
      const { exit, stderr } = await folder.run(words);
      expect(stderr).toMatch(expected);
      expect(exit, stderr).toBe(65);
      expect(stderr).toContain(file);
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );
});

test('the journal of an older version, as it is, is shown', async () => {
  withJournal(good());
  const { exit, stdout } = await folder.run('status --spec .kiro/specs/cart');
  expect(exit).toBe(0);
  expect(stdout).toContain('Which mail provider');
});

test.each([
  ['on another machine', { bootId: 'another-boot', hostname: 'elsewhere' }, /host elsewhere.*nobody can tell/],
  ['that is dead', {}, /^$/],
])('a runner %s is taken for what can be known of it', async (_, more, expected) => {
  withJournal(good().slice(0, 5));
  const run = good()[1]!.run;
  const own = { state: 'held', pid: 4_194_000, startTime: '1', bootId: null, hostname: hostname(), machineId: null };
  const lock = { ...own, pidNamespace: String(statSync('/proc/self/ns/pid').ino), run, sinceMs: 1_795_205_429_000 };
  folder.write(`${JSON.stringify({ ...lock, ...more })}\n`, '.kiro/specs/SEQUENTIAL_STATE.lock/1');
  for (const words of ['status', 'why']) {
    const { exit, stderr } = await folder.run(`${words} --spec .kiro/specs/cart`);
    expect(exit).toBe(0);
    expect(stderr).toMatch(expected);
  }
});
