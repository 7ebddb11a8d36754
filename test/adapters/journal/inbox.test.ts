// The inbox: commands dropped by other processes, in order, once, and never a broken one.
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dropCommand, openInbox } from '../../../src/adapters/journal/inbox.ts';
import type { Command } from '../../../src/core/events.ts';

let home: string;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'seqrun-inbox-'));
  folder = join(home, 'inbox');
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** By kind, so that a new one is not forgotten here. */
const commandsOf: { [Kind in Command['kind']]: Extract<Command, { kind: Kind }>[] } = {
  stop: [
    { kind: 'stop', now: false, because: 'a person' },
    { kind: 'stop', now: true, because: 'SIGINT', signal: 130 },
  ],
  retry: [{ kind: 'retry', unit: '2' }],
  skip: [{ kind: 'skip', unit: '3' }],
  accept: [{ kind: 'accept', unit: '4.1' }],
  reset: [
    { kind: 'reset', unit: null },
    { kind: 'reset', unit: '2', keepTicked: true },
  ],
  resume: [{ kind: 'resume', answer: 'use\nPostgres' }],
  follow: [{ kind: 'follow', unit: '2', text: 'also\nthe docs' }],
  pause: [{ kind: 'pause', by: 'joe@host' }],
  continue: [{ kind: 'continue', by: 'joe@host' }],
  approve: [
    { kind: 'approve', unit: '2', text: null },
    { kind: 'approve', unit: '2', text: 'fine' },
  ],
  reject: [{ kind: 'reject', unit: '2', text: 'no tests' }],
};
const commands: Command[] = Object.values(commandsOf).flat();

test('every command comes out as it went in, oldest first, until it is done', async () => {
  const ids: string[] = [];
  for (const [i, command] of commands.entries())
    ids.push(await dropCommand(folder, { run: 'r', atMs: 1000 + i, command }));
  const inbox = openInbox(folder, { onBad: message => expect.unreachable(message) });
  const found = await inbox.drain();
  expect(found).toEqual(commands.map((command, i) => ({ id: ids[i], run: 'r', atMs: 1000 + i, command })));
  expect(await inbox.drain()).toHaveLength(commands.length);
  for (const id of ids) await inbox.done(id);
  await inbox.done(ids[0]!);
  expect(await inbox.drain()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('order is by time, also over a change in the number of digits, and by drop within a millisecond', async () => {
  for (const [atMs, unit] of [
    [10_000_000_000_000, 'late'],
    [9_999_999_999_999, 'early'],
    [9_999_999_999_999, 'second'],
  ] as const) {
    await dropCommand(folder, { run: null, atMs, command: { kind: 'skip', unit } });
  }
  const units = (await openInbox(folder, { onBad: () => {} }).drain()).map(
    one => (one.command as { unit: string }).unit,
  );
  expect(units).toEqual(['early', 'second', 'late']);
});

test('a folder that is missing is an empty inbox', async () => {
  expect(await openInbox(folder, { onBad: () => expect.unreachable() }).drain()).toEqual([]);
});

test('files that are no commands are moved aside and said, each once; temp files are left alone', async () => {
  const good = await dropCommand(folder, { run: null, atMs: 5, command: { kind: 'skip', unit: '1' } });
  writeFileSync(join(folder, 'a.json'), 'no json');
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ id: 'b', run: null, atMs: 1, command: { kind: 'explode' } }));
  writeFileSync(
    join(folder, 'c.json'),
    JSON.stringify({ id: 'x', run: null, atMs: 1, command: { kind: 'skip', unit: '1' } }),
  );
  writeFileSync(
    join(folder, 'd.json'),
    JSON.stringify({ id: 'd', run: null, atMs: 1, command: { kind: 'skip', unit: '' } }),
  );
  mkdirSync(join(folder, 'e.json'));
  symlinkSync('/dev/zero', join(folder, 'f.json'));
  writeFileSync(join(folder, '.half.json'), '{');
  const bad: string[] = [];
  const inbox = openInbox(folder, { onBad: message => bad.push(message) });
  expect((await inbox.drain()).map(one => one.id)).toEqual([good]);
  expect(bad).toHaveLength(6);
  expect(bad[0]).toMatch(/"a\.json"\): it is no JSON; moved to/);
  expect(readdirSync(join(folder, 'bad')).sort()).toEqual(['a.json', 'b.json', 'c.json', 'd.json', 'e.json', 'f.json']);
  await inbox.drain();
  expect(bad).toHaveLength(6);
});

test('watching tells of what was there before, of what comes, and of a folder that is made later; then it is quiet', async () => {
  const inbox = openInbox(folder, { onBad: () => {} });
  const onChange = vi.fn();
  const stop = inbox.watch(onChange);
  // No folder yet: only the poll can find this one.
  await dropCommand(folder, { run: null, atMs: 5, command: { kind: 'skip', unit: '1' } });
  await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 10_000 });
  stop();
  onChange.mockClear();

  const again = inbox.watch(onChange);
  await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 10_000 });
  onChange.mockClear();
  await dropCommand(folder, { run: null, atMs: 6, command: { kind: 'skip', unit: '2' } });
  await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 10_000 });
  again();
  onChange.mockClear();
  rmSync(folder, { recursive: true });
  await dropCommand(folder, { run: null, atMs: 7, command: { kind: 'skip', unit: '3' } });
  expect(onChange).not.toHaveBeenCalled();
});
