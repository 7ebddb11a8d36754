// Where seqrun keeps its own files, and what it says when it may not.
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlaces, makePlaces, slugOf, stateHome } from '../../../src/adapters/files/paths.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'seqrun-paths-')));
  mkdirSync(join(root, 'repo/.kiro/specs/check out'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const find = (env: Record<string, string> = { XDG_STATE_HOME: join(root, 'state') }, repo = 'repo') =>
  findPlaces({ env, specFolder: join(root, repo, '.kiro/specs/check out'), workspace: join(root, repo) });

test('the state home follows XDG_STATE_HOME, and ignores a relative one', () => {
  expect(stateHome({ XDG_STATE_HOME: '/x' })).toBe('/x/seqrun');
  expect(stateHome({ XDG_STATE_HOME: 'x', HOME: '/home/a' })).toBe('/home/a/.local/state/seqrun');
  expect(stateHome({ HOME: '/home/a' })).toBe('/home/a/.local/state/seqrun');
});

test('promised files stand beside the spec; everything else in the state home', async () => {
  const places = await find();
  expect(places.stateFile).toBe(join(root, 'repo/.kiro/specs/SEQUENTIAL_STATE.json'));
  expect(places.progressFile).toBe(join(root, 'repo/.kiro/specs/SEQUENTIAL_PROGRESS.md'));
  expect(places.specName).toBe('check out');
  expect(places.journal).toMatch(/\/state\/seqrun\/specs\/check-out-[0-9a-f]{16}\/journal\.jsonl$/);
});

test('the same folder through a link has the same places; another folder has others', async () => {
  symlinkSync(join(root, 'repo'), join(root, 'link'));
  mkdirSync(join(root, 'repo2/.kiro/specs/check out'), { recursive: true });
  expect(await find(undefined, 'link')).toEqual(await find());
  const other = await find(undefined, 'repo2');
  expect(other.spec).not.toBe((await find()).spec);
  expect(other.workspace).not.toBe((await find()).workspace);
});

test('folders are made for this user alone, also when they were open to others', async () => {
  const places = await find();
  mkdirSync(places.home, { recursive: true });
  chmodSync(places.home, 0o755);
  expect(await makePlaces(places)).toEqual({ kind: 'made' });
  for (const path of [places.home, places.workspace, places.spec, places.inbox, places.starts]) {
    expect(statSync(path).mode & 0o777).toBe(0o700);
  }
});

test('a state home that cannot be made is 73 with the path and what to do', async () => {
  writeFileSync(join(root, 'state'), 'a file');
  const made = await makePlaces(await find());
  expect(made).toMatchObject({ kind: 'unwritable', exit: 73 });
  expect((made as { message: string }).message).toMatch(
    /no folder \(ENOTDIR\)[\s\S]*state\/seqrun[\s\S]*XDG_STATE_HOME=/,
  );
  rmSync(join(root, 'state'));
});

test('slugs are safe for every file system and shell', () => {
  expect(slugOf('../a b;$(x)')).toBe('a-b-x');
  expect(slugOf('日本')).toBe('spec');
  expect(slugOf('.hidden')).toBe('hidden');
  expect(slugOf('x'.repeat(99))).toHaveLength(40);
});
