// follow, approve and reject without a runner: what is refused, what is written to the journal, and what is said to come next.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Folder, makeFolder } from '../in-process.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write('- [x] 1. One\n- [ ] 2. Two\n- [ ]* 3. Three\n- [ ] 4. Four\n');
});
afterEach(() => folder.close());

const spec = '--spec .kiro/specs/cart';
const commands = (): unknown[] => {
  const specs = join(folder.root, 'state', 'seqrun', 'specs');
  if (!existsSync(specs)) return [];
  return readdirSync(specs)
    .flatMap(name =>
      readFileSync(join(specs, name, 'journal.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    )
    .map(line => JSON.parse(line))
    .flatMap(event => (event.type === 'command' ? [event.command] : []));
};

test.each([
  ['follow 3 more', /3 is left out: optional/, /--include-optional/],
  ['approve 3', /3 is left out: optional/, /--include-optional/],
  ['reject 3 wrong', /3 is left out: optional/, /--include-optional/],
  ['follow 9 more', /no unit "9"/, /seqrun plan/],
  ['approve 2', /nothing to look at yet: 2 is ready: it is next/, /seqrun accept 2 --spec/],
  ['reject 4 wrong', /nothing to look at yet: 4 is ready: its turn comes after 2/, /seqrun follow 4 "…" --spec/],
])('%s is refused with a way on', async (words, what, next) => {
  const { exit, stderr } = await folder.run(`${words} ${spec}`);
  expect([exit, stderr]).toEqual([64, expect.stringMatching(what)]);
  expect(stderr).toMatch(next);
  expect(commands()).toEqual([]);
});

test('a follow-up waits for the first start', async () => {
  const { exit, stderr } = await folder.run(`follow 2 docs ${spec}`);
  expect([exit, stderr]).toEqual([0, expect.stringContaining('unit 2: its agent is told with its first start')]);
  expect(stderr).toContain('seqrun --spec .kiro/specs/cart');
  expect(commands()).toEqual([{ kind: 'follow', unit: '2', text: 'docs' }]);
});

test('what was ticked by hand is approved, or rejected and begun anew with its box open', async () => {
  const approved = await folder.run(`approve 1 fine ${spec}`);
  expect([approved.exit, approved.stderr]).toEqual([0, expect.stringContaining('unit 1 is approved')]);
  expect((await folder.run(`status ${spec}`)).stdout).toContain('approved by a person: fine');
  const rejected = await folder.run(`reject 1 wrong ${spec}`);
  expect([rejected.exit, rejected.stderr]).toEqual([
    0,
    expect.stringMatching(
      /unit 1 is rejected \(before: approved by a person: fine\): it is not done any more, and begins with that.*seqrun --spec/,
    ),
  ]);
  expect(commands()).toEqual([
    { kind: 'approve', unit: '1', text: 'fine' },
    { kind: 'reset', unit: '1' },
    { kind: 'reject', unit: '1', text: 'wrong' },
  ]);
  expect(readFileSync(join(folder.root, '.kiro/specs/cart/tasks.md'), 'utf8')).toContain('- [ ] 1. One');
  const { stdout } = await folder.run(`status ${spec}`);
  expect(stdout).toContain('· 1 One — rejected by a person: wrong');
});

test('a change cannot be required where nothing could tell of one', async () => {
  // The folder's .git is empty: no repository.
  const env = { PATH: process.env.PATH! };
  const { exit, stderr } = await folder.run(`${spec} --command true --no-tmux --require signal,change`, env);
  expect([exit, stderr]).toEqual([64, expect.stringMatching(/a change is required.*only git can tell/)]);
  expect(stderr).toContain('git init');
});

test('what was said before is said again, and approve finds the unit that waits', async () => {
  const none = await folder.run(`approve ${spec}`);
  expect([none.exit, none.stderr]).toEqual([64, expect.stringContaining('none waits for a review')]);
  await folder.run(`approve 1 fine ${spec}`);
  const again = await folder.run(`approve 1 really ${spec}`);
  expect(again.stderr).toContain('unit 1 is approved (before: approved by a person: fine)');
  const rejected = await folder.run(`reject 1 wrong ${spec}`);
  expect(rejected.stderr).toContain('unit 1 is rejected (before: approved by a person: really)');
  const twice = await folder.run(`reject 1 bad ${spec}`);
  expect([twice.exit, twice.stderr]).toEqual([64, expect.stringContaining('nothing to look at yet')]);
});
