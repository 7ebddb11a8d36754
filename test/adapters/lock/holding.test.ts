// Both locks and the note of the open job, held together.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Held, hold } from '../../../src/adapters/lock/holding.ts';
import { ownIdentity } from '../../../src/adapters/lock/identity.ts';
import { holderOf } from '../../../src/adapters/lock/lock.ts';
import { readNote } from '../../../src/adapters/lock/open-note.ts';
import { type StartRef, UnwritableError } from '../../../src/engine/ports.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'seqrun-holding-'));
  for (const name of ['workspace', 'specs', 'specs2']) mkdirSync(join(home, name));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const tryHold = async (run: string, specs = 'specs', workspace = 'workspace') =>
  hold({
    workspaceFolder: join(home, workspace),
    specsFolder: join(home, specs),
    spec: join(home, specs, 'checkout'),
    identity: { ...(await ownIdentity()), run },
    breakLock: false,
  });
const held = async (...args: Parameters<typeof tryHold>): Promise<Held> => {
  const taken = await tryHold(...args);
  if (taken.kind !== 'held') throw new Error(taken.message);
  return taken;
};
const start: StartRef = {
  n: 3,
  unit: '2',
  kind: 'agent',
  mark: 'mark-3',
  folder: '/starts/3-2-agent',
  agent: 'codex',
};

test('one workspace, one runner, whatever the spec; one specs folder, one runner, whatever the workspace', async () => {
  const first = await held('a');
  expect(await tryHold('b', 'specs2')).toMatchObject({ kind: 'busy', exit: 75, holder: { run: 'a' } });
  expect(await tryHold('b', 'specs', 'workspace2')).toMatchObject({ kind: 'busy', exit: 75, holder: { run: 'a' } });
  // What was taken before the refusal has been given back.
  await (await held('c', 'specs2', 'workspace2')).release();
  expect(await first.holding.stillOurs()).toBe(true);
  await first.release();
  await (await held('d')).release();
});

test('either lock lost is lost', async () => {
  const { holding } = await held('a');
  const lock = join(home, 'specs/SEQUENTIAL_STATE.lock');
  expect(readFileSync(join(lock, '.gitignore'), 'utf8')).toBe('*\n');
  rmSync(lock, { recursive: true });
  expect(await holding.stillOurs()).toBe(true);
  writeFileSync(join(lock, '2'), readFileSync(join(lock, '1'), 'utf8').replace('"a"', '"b"'));
  expect(await holding.stillOurs()).toBe(false);
});

test('who holds a lock can be asked without taking it', async () => {
  const self = await ownIdentity();
  const lock = join(home, 'workspace/lock');
  expect(await holderOf(lock, self)).toBeNull();
  const one = await held('a');
  expect(await holderOf(lock, self)).toMatchObject({ pid: process.pid, run: 'a', liveness: 'alive' });
  await one.release();
  expect(await holderOf(lock, self)).toBeNull();
});

test('the note of the open job is found by the next holder, and by nobody once it is closed', async () => {
  const first = await held('a');
  expect(first.found).toEqual({ kind: 'none' });
  await first.holding.opened(start);
  await first.release();
  const second = await held('b', 'specs2');
  expect(second.found).toMatchObject({
    kind: 'note',
    note: {
      spec: join(home, 'specs/checkout'),
      folder: start.folder,
      mark: 'mark-3',
      unit: '2',
      pid: process.pid,
    },
  });
  await second.holding.closed();
  await second.holding.closed();
  expect(existsSync(join(home, 'workspace/open'))).toBe(false);
  expect(await readNote(join(home, 'workspace'))).toEqual({ kind: 'none' });
});

test('a note that cannot be understood may tell of a living job: a value with what to do', async () => {
  writeFileSync(join(home, 'workspace/open'), '{"spec":');
  const { found } = await held('a');
  expect(found).toMatchObject({ kind: 'unreadable', exit: 65 });
  expect((found as { message: string }).message).toMatch(/workspace\/open[\s\S]*rm '/);
});

test('a note that cannot be written is a typed error with the file', async () => {
  const { holding } = await held('a');
  rmSync(join(home, 'workspace'), { recursive: true });
  const error = await holding.opened(start).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnwritableError);
  expect((error as UnwritableError).file).toBe(join(home, 'workspace/open'));
});
