// State files that other versions, and the reference, have written: read, gone on from, and written back without loss, for ever.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FoundEntry } from '../../../src/adapters/files/state-entry.ts';
import { migrateStateFile, readStateFile } from '../../../src/adapters/files/state-file.ts';
import { createStateWriter } from '../../../src/adapters/files/state-writer.ts';
import type { JournalEvent } from '../../../src/core/events.ts';
import { fold } from '../../../src/core/evolve.ts';
import { projectEntry, sumOf } from '../../../src/core/project-state.ts';
import { frozenWith, readFrozen, withUnknownFields } from '../../history.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seqrun-states-'));
  file = join(folder, 'SEQUENTIAL_STATE.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What each entry says: the leaves that are done, who waits for an answer, and the counters. */
const told: Record<string, { spec: string; completed: string[]; halted: string | null; lastStart: number }> = {
  'first/groups': { spec: 'packing-list', completed: ['1.1', '1.2'], halted: null, lastStart: 2 },
  'first/night': {
    spec: 'newsletter',
    completed: ['1.1', '1.2', '2.1', '2.2', '3.1', '3.2'],
    halted: '4',
    lastStart: 6,
  },
};

const opened = (found: FoundEntry): JournalEvent[] => [
  {
    seq: 1,
    atMs: 0,
    type: 'journal.opened',
    version: 1,
    journal: 'new',
    spec: '/s',
    claimed: [],
    adopted: found.whole,
    first: false,
  },
];

type File = { specs: Record<string, Record<string, unknown>> };

describe.each(frozenWith('state.json').filter(name => name !== 'flat'))('%s', name => {
  const text = readFrozen(`${name}/state.json`);
  const [spec] = Object.keys((JSON.parse(text) as File).specs) as [string];

  test('is intact, and all of it is taken where the journal is lost', async () => {
    writeFileSync(file, text);
    const read = await readStateFile(file, spec);
    if (read.kind !== 'entry') throw new Error(read.kind);
    expect(read.entry.intact).toBe(true);
    const written = (JSON.parse(text) as File).specs[spec]!;
    const projected = projectEntry(fold(opened(read.entry)), 'x');
    // Without a plan no parent is known: what is completed are the leaves.
    expect(projected.completed).toEqual(Object.keys(written.title_hashes as object));
    for (const key of ['halted', 'halted_task', 'halt_reason', 'iterations', 'last_start', 'title_hashes'] as const)
      expect(projected[key], key).toEqual(written[key]);
    const units = written.units as Record<string, Record<string, unknown>>;
    for (const [id, unit] of Object.entries(units))
      if (unit.attempts !== 0)
        expect(projected.units[id]).toMatchObject({ attempts: unit.attempts, follow_ups: unit.follow_ups });
    const means = told[name];
    if (means)
      expect({
        spec,
        completed: projected.completed,
        halted: projected.halted_task,
        lastStart: projected.last_start,
      }).toEqual(means);
  });

  test('fields of a newer version are no damage, and stay when the entry is written anew', async () => {
    const noisy = withUnknownFields(JSON.parse(text)) as File & { from_later: unknown };
    const entry = noisy.specs[spec]!;
    entry.sum = sumOf(entry);
    writeFileSync(file, JSON.stringify(noisy));
    const read = await readStateFile(file, spec);
    if (read.kind !== 'entry') throw new Error(read.kind);
    expect(read.entry.intact).toBe(true);
    writeFileSync(join(folder, 'plain.json'), text);
    const plain = await readStateFile(join(folder, 'plain.json'), spec);
    if (plain.kind !== 'entry') throw new Error(plain.kind);
    expect(read.entry.whole).toEqual(plain.entry.whole);

    const events = opened(read.entry);
    const writer = createStateWriter({
      path: file,
      specName: spec,
      spec: 'x',
      adopted: read.entry.fingerprint,
      nowMs: () => 0,
      warn: message => expect.fail(message),
    });
    await writer.write(fold(events));
    const after = JSON.parse(readFileSync(file, 'utf8')) as typeof noisy;
    expect(after.from_later).toEqual(noisy.from_later);
    expect(after.specs[spec]!.from_later).toEqual(entry.from_later);
    const again = await readStateFile(file, spec);
    expect(again).toMatchObject({ kind: 'entry', entry: { intact: true, journal: 'new' } });
  });
});

describe('the flat file of the reference', () => {
  const flat = readFrozen('flat/state.json');
  const specs = (...names: string[]): void => {
    for (const name of names) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'tasks.md'), '- [ ] 1. One\n');
    }
  };
  const progress = (): void =>
    cpSync(
      join(import.meta.dirname, '../../fixtures/history/flat/progress.md'),
      join(folder, 'SEQUENTIAL_PROGRESS.md'),
    );

  test.each([
    ['the header of the progress file names its spec', true, ['checkout', 'login'], 'checkout'],
    ['without a header, the only spec of the folder', false, ['login'], 'login'],
    ['without a header and with two specs, nobody can tell', false, ['checkout', 'login'], null],
  ])('%s', async (_, header, names, owner) => {
    specs(...names);
    if (header) progress();
    writeFileSync(file, flat);
    const read = await readStateFile(file, 'checkout');
    expect(read).toMatchObject({ kind: 'v1', owner });
    if (read.kind !== 'v1') return;
    if (read.owner === null)
      expect(read).toMatchObject({ exit: 65, message: expect.stringContaining('--adopt-state') });
    const state = fold(opened(read.entry));
    expect([...state.done.keys()]).toEqual(['1.1', '1.2', '2']);
    expect(projectEntry(state, 'x')).toMatchObject({ halted: true, halted_task: '3' });
    expect(Object.fromEntries(state.assignments)).toMatchObject({
      1: { owner: 'codex' },
      3: { type: 'ui', owner: 'gemini' },
    });
  });

  test('brought into our form, nothing of it is lost, whatever else stood in it', async () => {
    const noisy = withUnknownFields(JSON.parse(flat)) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify(noisy));
    const kept = await migrateStateFile(file, 'checkout', 0);
    expect(JSON.parse(readFileSync(kept!, 'utf8'))).toEqual(noisy);
    const read = await readStateFile(file, 'checkout');
    expect(read).toMatchObject({ kind: 'entry', entry: { intact: true, journal: null } });
    const entry = (JSON.parse(readFileSync(file, 'utf8')) as File).specs.checkout!;
    expect(entry).toMatchObject(noisy);
  });
});
