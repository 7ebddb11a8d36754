// The state file at the start of a run: missing, whole, edited, of the reference, damaged.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withoutCompletions } from '../../../src/adapters/files/state-entry.ts';
import {
  keepAside,
  migrateStateFile,
  readStateFile,
  type StateFileReading,
} from '../../../src/adapters/files/state-file.ts';
import { createStateWriter } from '../../../src/adapters/files/state-writer.ts';
import { fold } from '../../../src/core/evolve.ts';
import { plan, script, unit } from './scene.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqrun-state-'));
  path = join(folder, 'SEQUENTIAL_STATE.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const spec = (name: string) => {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'tasks.md'), '- [ ] 1. x\n');
};
const entryOf = (reading: StateFileReading) => (reading as Extract<StateFileReading, { kind: 'entry' }>).entry;
const write = async () => {
  const story = script();
  story.open({ claimed: ['2'] });
  story.run();
  story.add({ type: 'plan.made', plan: plan(unit('1', 2), unit('2', 0), unit('3', 0)), ticked: ['2'] });
  story.begin('1');
  story.end({ kind: 'completed', signal: 'TASK_DONE' });
  story.begin('2');
  story.end({ kind: 'halted', reason: 'which database?' });
  const state = fold(story.events);
  const options = { path, specName: 'checkout', spec: 'checkout', adopted: null, nowMs: () => 1, warn: () => {} };
  await createStateWriter(options).write(state);
  return state;
};

test('no file, and a file without our spec, are missing', async () => {
  expect(await readStateFile(path, 'checkout')).toEqual({ kind: 'missing' });
  await write();
  expect(await readStateFile(path, 'other')).toEqual({ kind: 'missing' });
});

test('an entry alone is enough to go on: completions, claims, counters, HALT', async () => {
  const state = await write();
  const entry = entryOf(await readStateFile(path, 'checkout'));
  expect(entry.intact).toBe(true);
  const next = script('next');
  next.open({ adopted: entry.whole, first: false });
  const adopted = fold(next.events);
  expect([...adopted.done.keys()]).toEqual(['1.1', '1.2']);
  expect(adopted.done.get('1.1')!.titleHash).toBe('hash-1.1');
  expect([...adopted.claimed]).toEqual(['2']);
  expect([...adopted.ticked]).toEqual([...state.ticked]);
  expect(adopted.units.get('2')).toMatchObject({
    attempts: 1,
    standing: { kind: 'halted', reason: 'which database?' },
  });
  expect([adopted.iterations, adopted.lastN, adopted.firstStartedAtMs]).toEqual([2, 2, state.firstStartedAtMs]);
});

test('an entry alone keeps a closed agent closed, and a claim a claim when the file is renumbered', async () => {
  const story = script();
  story.open({});
  story.run();
  story.add({ type: 'plan.made', plan: plan(unit('1', 0), unit('2', 0)), ticked: [] });
  story.begin('1');
  story.end({ kind: 'limited', because: 'limited', resetAtMs: 9_000_000, window: 'five_hour' }, { ticked: ['1'] });
  const state = fold(story.events);
  const options = { path, specName: 'checkout', spec: 'checkout', adopted: null, nowMs: () => 1, warn: () => {} };
  await createStateWriter(options).write(state);
  const next = script('next');
  next.open({ adopted: entryOf(await readStateFile(path, 'checkout')).whole, first: false });
  next.run();
  const [first, second] = [unit('1', 0), unit('2', 0)];
  const before = { ...first, leaves: [{ ...second.leaves[0]!, id: '1', title: 'New', titleHash: 'new' }] };
  const renumbered = { ...second, leaves: [{ ...first.leaves[0]!, id: '2' }] };
  next.add({ type: 'plan.made', plan: plan(before, renumbered), ticked: ['2'] });
  const adopted = fold(next.events);
  expect(adopted.limits).toEqual(state.limits);
  expect([...adopted.done.keys()]).toEqual([]);
  expect(adopted.notices.join()).toContain('the box of 2 was ticked while a job ran');
});

test('an edited entry is told apart; without a journal only what holds work back is taken from it', async () => {
  await write();
  const all = JSON.parse(readFileSync(path, 'utf8'));
  all.specs.checkout.completed.push('3');
  writeFileSync(path, JSON.stringify(all));
  const entry = entryOf(await readStateFile(path, 'checkout'));
  expect(entry.intact).toBe(false);
  expect(entry.whole.completed).toEqual(['1.1', '1.2', '3']);
  expect(withoutCompletions(entry.whole)).toMatchObject({
    completed: [],
    titleHashes: { '1.1': 'hash-1.1', '1.2': 'hash-1.2' },
    claimed: ['2'],
    halted: { unit: '2' },
    units: { 1: { attempts: 1 } },
  });
});

describe('Q-2.44: a damaged file', () => {
  test.each([
    ['cut', '{"version": 2,\n "specs": {"checkout": {"compl', /no JSON/],
    ['a comma too many', '{"version": 2,\n "specs": {},}', /line 2, column 14[\s\S]*"specs": \{\},\}/],
    ['empty', ' \n', /it is empty/],
    ['an array', '[]', /no JSON object/],
    ['an object of something else', '{"name": "x"}', /neither "specs" nor/],
    ['of a newer seqrun', '{"version": 3, "specs": {}}', /version is 3/],
    ['specs that are none', '{"version": 2, "specs": []}', /"specs" is no object/],
  ])('%s: 65 with place and next step, kept as it is', async (_name, content, why) => {
    writeFileSync(path, content);
    const reading = await readStateFile(path, 'checkout');
    expect(reading).toMatchObject({ kind: 'damaged', exit: 65, path });
    expect((reading as { message: string }).message).toMatch(why);
    expect((reading as { message: string }).message).toContain(`mv '${path}'`);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('a folder in its place', async () => {
    mkdirSync(path);
    expect(await readStateFile(path, 'checkout')).toMatchObject({ kind: 'damaged', exit: 65 });
  });

  test('copies aside never go over one another, and the same content is kept once', async () => {
    const kept = [];
    for (const content of ['one', 'two', 'one', 'two']) {
      writeFileSync(path, content);
      kept.push(await keepAside(path, 'damaged'));
    }
    expect(readFileSync(kept[0]!, 'utf8')).toBe('one');
    expect(readFileSync(kept[1]!, 'utf8')).toBe('two');
    expect(kept.slice(2)).toEqual(kept.slice(0, 2));
  });
});

describe('the flat file of the reference', () => {
  const flat = {
    completed: ['1', '1.1', '1.2', '4'],
    halted: true,
    started_at: '2026-02-03T10:00:00.000000+00:00',
    assignments: { 1: { type: 'code', owner_agent: 'codex' }, 2: { type: 'ui', owner_agent: 'gemini' } },
    halted_at: '2026-02-03T11:00:00+00:00',
    halted_task: '2',
    mine: 'keep',
  };
  const flatText = `${JSON.stringify(flat, null, 2)}\n`;
  beforeEach(() => writeFileSync(path, flatText));

  test('belongs to the spec that the progress header names', async () => {
    spec('checkout');
    spec('other');
    writeFileSync(
      join(folder, 'SEQUENTIAL_PROGRESS.md'),
      '# Sequential Execution Progress\n\n**Spec:** /somewhere/.kiro/specs/other/\n**Started:** x\n',
    );
    expect(await readStateFile(path, 'checkout')).toMatchObject({ kind: 'v1', owner: 'other' });
  });

  test('else to the only spec of the folder', async () => {
    spec('checkout');
    mkdirSync(join(folder, 'notes'));
    expect(await readStateFile(path, 'checkout')).toMatchObject({ kind: 'v1', owner: 'checkout' });
  });

  test('else nobody can tell: 65 naming --adopt-state', async () => {
    spec('checkout');
    spec('other');
    const reading = await readStateFile(path, 'checkout');
    expect(reading).toMatchObject({ kind: 'v1', owner: null, exit: 65 });
    expect((reading as { message: string }).message).toContain('--adopt-state');
    expect(readFileSync(path, 'utf8')).toBe(flatText);
  });

  test('is brought into the new form with everything in it; the old file stays beside it', async () => {
    expect(await migrateStateFile(path, 'checkout', 1000)).toBe(join(folder, 'SEQUENTIAL_STATE.v1.json'));
    expect(readFileSync(join(folder, 'SEQUENTIAL_STATE.v1.json'), 'utf8')).toBe(flatText);
    const entry = entryOf(await readStateFile(path, 'checkout'));
    expect(entry).toMatchObject({ intact: true, journal: null, seq: 0 });
    expect(entry.whole).toMatchObject({
      // The parent is left out: its leaves say the same, and it must not count should it become a task of its own.
      completed: ['1.1', '1.2', '4'],
      halted: { unit: '2', reason: null },
      assignments: { 2: { type: 'ui', owner: 'gemini' } },
      startedAtMs: Date.UTC(2026, 1, 3, 10),
      iterations: 0,
      units: {},
    });
    expect(JSON.parse(readFileSync(path, 'utf8')).specs.checkout.mine).toBe('keep');
    expect(await migrateStateFile(path, 'checkout', 1000)).toBeNull();
  });

  test('another spec’s flat state is nothing of ours once it is brought over', async () => {
    await migrateStateFile(path, 'other', 1000);
    expect(await readStateFile(path, 'checkout')).toEqual({ kind: 'missing' });
    rmSync(join(folder, 'SEQUENTIAL_STATE.v1.json'));
  });
});
