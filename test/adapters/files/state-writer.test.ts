// The state file beside a spec: what stays, what is written, and what is made of other people's changes.
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEntry } from '../../../src/adapters/files/state-entry.ts';
import { createStateWriter } from '../../../src/adapters/files/state-writer.ts';
import { evolve, fold } from '../../../src/core/evolve.ts';
import { sumOf } from '../../../src/core/project-state.ts';
import { emptyState } from '../../../src/core/state.ts';
import { plan, script, unit } from './scene.ts';

let folder: string;
let path: string;
let warned: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqrun-state-'));
  path = join(folder, 'SEQUENTIAL_STATE.json');
  warned = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writer = (specName = 'checkout', adopted: string | null = null) =>
  createStateWriter({
    path,
    specName,
    spec: `.kiro/specs/${specName}`,
    adopted,
    nowMs: () => 1_000,
    warn: message => warned.push(message),
  });
const onDisk = () => JSON.parse(readFileSync(path, 'utf8'));
const entryOnDisk = () => onDisk().specs.checkout;
const edit = (change: (entry: ReturnType<typeof entryOnDisk>) => void, fixSum = false) => {
  const all = onDisk();
  change(all.specs.checkout);
  if (fixSum) all.specs.checkout.sum = sumOf(all.specs.checkout);
  writeFileSync(path, JSON.stringify(all));
};
/** A state after one unit of three, with its journal's story to go on with. */
const begun = () => {
  const story = script();
  story.open();
  story.run();
  story.add({ type: 'plan.made', plan: plan(unit('1', 2), unit('2', 2, ['1'], ['2.3']), unit('3', 0)), ticked: [] });
  story.begin('1');
  story.end({ kind: 'completed', signal: 'TASK_DONE' });
  const state = fold(story.events);
  const step = (act: () => unknown) => {
    const from = story.events.length;
    act();
    for (const event of story.events.slice(from)) evolve(state, event);
  };
  return { story, state, step };
};

describe('writing', () => {
  test('a new file has version, time and the entry; it is enough to go on from', async () => {
    const { state } = begun();
    await writer().write(state);
    expect(onDisk()).toMatchObject({ version: 2, updated_at: '1970-01-01T00:00:01.000Z' });
    expect(readFileSync(path, 'utf8')).toMatch(/^\{\n {2}"version": 2,\n[\s\S]*\n\}\n$/);
    const found = readEntry(entryOnDisk());
    expect(found).toMatchObject({ intact: true, journal: 'journal-uuid', seq: state.seq });
    expect(found.whole).toMatchObject({
      completed: ['1.1', '1.2'],
      titleHashes: { '1.1': 'hash-1.1', '1.2': 'hash-1.2' },
      iterations: 1,
      lastStart: 1,
      startedAtMs: state.firstStartedAtMs,
      units: { 1: { attempts: 1, followUps: 0, session: 'session-1', status: 'completed' } },
    });
    expect(entryOnDisk().completed).toEqual(['1', '1.1', '1.2']);
  });

  test('what takes a completion back outlives a power cut, also in the first write of another process', async () => {
    let text: string | null = null;
    const flushed: boolean[] = [];
    const virtual = () =>
      createStateWriter({
        path,
        specName: 'checkout',
        spec: 's',
        adopted: null,
        nowMs: () => 1_000,
        warn: message => warned.push(message),
        disk: {
          id: () => text,
          read: () => (text === null ? null : { text, id: text }),
          write: async (whole, { flushName }) => {
            flushed.push(flushName);
            text = whole;
            return whole;
          },
          keepAside: async why => why,
        },
      });
    const { state, story, step } = begun();
    const one = virtual();
    await one.write(state);
    step(() => story.add({ type: 'command', id: 'skip 3', command: { kind: 'skip', unit: '3' } }));
    await one.write(state);
    step(() => story.add({ type: 'command', id: 'reset 1', command: { kind: 'reset', unit: '1' } }));
    await virtual().write(state);
    step(() => story.add({ type: 'command', id: 'skip 2', command: { kind: 'skip', unit: '2' } }));
    await one.write(state);
    expect(flushed).toEqual([false, false, true, false]);
  });

  test('the same state twice writes nothing the second time; a removed file is written again', async () => {
    const { state } = begun();
    const one = writer();
    await one.write(state);
    const before = statSync(path, { bigint: true });
    await one.write(state);
    expect(statSync(path, { bigint: true })).toEqual(before);
    await rm(path);
    await one.write(state);
    expect(entryOnDisk().seq).toBe(state.seq);
  });

  test('Q-2.40: two specs of one folder never mix, and each leaves every byte of the other', async () => {
    const foreign = `{ "version": 2,\r\n "mood":1.0, "specs":{"other" :{"completed":["1"],"big":12345678901234567890,
      "odd\\u0041":"}\\"{", "sum" : "x"}, "1":{ } },"last": [ ] }`;
    writeFileSync(path, foreign);
    const { state } = begun();
    const one = writer();
    await one.write(state);
    await one.write(evolve(state, { seq: state.seq + 1, atMs: 1, type: 'waited', because: 'x', fromMs: 0 }));
    const text = readFileSync(path, 'utf8');
    for (const piece of [
      '"mood":1.0',
      `"other" :{"completed":["1"],"big":12345678901234567890,\n      "odd\\u0041":"}\\"{", "sum" : "x"}, "1":{ }`,
      ',"last": [ ] }',
    ]) {
      expect(text).toContain(piece);
    }
    expect(entryOnDisk().seq).toBe(state.seq);
    expect(onDisk().updated_at).toBe('1970-01-01T00:00:01.000Z');
  });

  test('another spec’s entry that changes between two writes is kept as it then is', async () => {
    const { state, step, story } = begun();
    const [mine, other] = [writer(), writer('other')];
    await mine.write(state);
    await other.write(emptyState());
    step(() => story.begin('2'));
    await mine.write(state);
    expect(Object.keys(onDisk().specs)).toEqual(['checkout', 'other']);
    expect(entryOnDisk().current).toMatchObject({ unit: '2', pid: 42, window: '@2' });
  });

  test('unknown keys of the entry stay, byte for byte, under a sum that fits', async () => {
    const { state } = begun();
    await writer().write(state);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"spec":', '"later": {"n": 1.50},\n"spec":'));
    const again = writer();
    expect(await again.inspect(state)).toEqual({ kind: 'same' });
    await again.write(state);
    expect(readFileSync(path, 'utf8')).toContain('"later": {"n": 1.50}');
    expect(readEntry(entryOnDisk()).intact).toBe(true);
  });

  test('spec names of any kind are keys', async () => {
    const { state } = begun();
    for (const name of ['__proto__', 'a "b"', '1', 'ü\n']) {
      await writer(name).write(state);
      await writer(name).write(state);
    }
    expect(Object.keys(onDisk().specs).sort()).toEqual(['1', '__proto__', 'a "b"', 'ü\n'].sort());
  });

  test('Q-2.47: no temp file of a fixed name, none left behind; mode and link of the file stay', async () => {
    const { state, step, story } = begun();
    const real = join(folder, 'real.json');
    const one = writer();
    await one.write(state);
    writeFileSync(real, readFileSync(path));
    chmodSync(real, 0o640);
    await rm(path);
    symlinkSync(real, path);
    step(() => story.begin('2'));
    await one.write(state);
    expect(readdirSync(folder).sort()).toEqual(['SEQUENTIAL_STATE.json', 'real.json']);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(JSON.parse(readFileSync(real, 'utf8')).specs.checkout.seq).toBe(state.seq);
  });

  test.each([
    ['half a file', '{"version": 2, "specs": {"other": {"comp'],
    ['nothing', ''],
    ['a later version', '{"version": 3, "specs": {}}'],
    ['the flat form', '{"completed": ["1"], "halted": false}'],
  ])('Q-2.44: %s is never written over', async (_name, content) => {
    const { state } = begun();
    const one = writer();
    await one.write(state);
    writeFileSync(path, content);
    await expect(one.write(state)).rejects.toThrow(/state file[\s\S]*SEQUENTIAL_STATE\.json/);
    await expect(one.inspect(state)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('500 units are published again and again', async () => {
    const { state, step, story } = begun();
    const units = Array.from({ length: 500 }, (_, i) => unit(String(i + 1), 3, i === 0 ? [] : [String(i)]));
    step(() => story.add({ type: 'plan.made', plan: plan(...units), ticked: [] }));
    step(() => {
      for (let i = 2; i < 60; i++) {
        story.begin(String(i));
        story.end({ kind: 'failed', class: 'agent', message: 'broke' });
      }
    });
    const one = writer();
    for (let i = 0; i < 30; i++) {
      step(() => story.add({ type: 'waited', because: 'x', fromMs: 0 }));
      await one.write(state);
    }
    expect(JSON.parse(readFileSync(path, 'utf8')).specs.checkout.seq).toBe(state.seq);
  });
});

describe('what others make of the entry', () => {
  const written = async () => {
    const scene = begun();
    const one = writer();
    await one.write(scene.state);
    return { ...scene, one };
  };

  test('untouched, reformatted, or put back to an earlier one of ours: the same', async () => {
    const { state, one, step, story } = await written();
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    writeFileSync(path, JSON.stringify(onDisk(), null, 7));
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    step(() => story.add({ type: 'waited', because: 'x', fromMs: 0 }));
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    await one.write(state);
    expect(entryOnDisk().seq).toBe(state.seq);
  });

  test('owners and completions added by hand are found, again and again, until the state has them', async () => {
    const { state, one, step, story } = await written();
    edit(entry => {
      entry.assignments['2'] = { type: 'ui', owner_agent: 'gemini' };
      entry.completed.push('2.1', 3, '99', '');
    });
    const finding = {
      kind: 'edited',
      assignments: { 2: { type: 'ui', owner: 'gemini', source: 'user', reason: null } },
      completedAdded: ['2.1', '3'],
    };
    expect(await one.inspect(state)).toEqual(finding);
    // Publishing meanwhile keeps the edit visible as an edit, for this run and for the next one.
    step(() => story.add({ type: 'waited', because: 'x', fromMs: 0 }));
    await one.write(state);
    expect(entryOnDisk()).toMatchObject({ seq: state.seq, sum: 'edited by hand' });
    expect(await one.inspect(state)).toEqual(finding);
    expect(await writer().inspect(state)).toEqual(finding);

    step(() => story.add({ type: 'completed.edited', ids: ['2.1', '3'] }));
    expect(await one.inspect(state)).toEqual({ ...finding, completedAdded: [] });
    step(() => story.add({ type: 'assignments.edited', assignments: { 2: { type: 'ui', owner: 'gemini' } } }));
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    await one.write(state);
    expect(readEntry(entryOnDisk()).intact).toBe(true);
    expect(entryOnDisk().completed).toEqual(['1', '1.1', '1.2', '2.1', '3']);
  });

  test('completions that were taken back since are no additions of whoever edited the file before', async () => {
    const { state, one, step, story } = await written();
    edit(entry => entry.completed.push('2.1'));
    step(() => story.add({ type: 'command', id: 'c', command: { kind: 'reset', unit: '1' } }));
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
  });

  test('a unit added by hand means its leaves, the optional ones left out', async () => {
    const { state, one } = await written();
    edit(entry => entry.completed.push('2'));
    expect(await one.inspect(state)).toMatchObject({ completedAdded: ['2.1', '2.2'] });
  });

  test('nothing is taken while a job that nobody has seen end may have written it', async () => {
    for (const journal of ['journal-uuid', 'another-journal']) {
      const { state, one } = await written();
      edit(entry => {
        Object.assign(entry, { journal, completed: [...entry.completed, '3'] });
        entry.title_hashes['3'] = 'hash-3';
      }, journal === 'another-journal');
      expect(await one.inspect({ ...state, tickedUnread: true })).toEqual({ kind: 'same' });
      expect(await one.inspect(state)).toEqual({ kind: 'same' });
      expect(entryOnDisk().completed).toEqual(['1', '1.1', '1.2']);
      expect(await writer().inspect(state)).toEqual({ kind: 'same' });
      rmSync(path);
    }
    expect(warned.join()).toContain('It is not taken');
  });

  test('completions added by hand are not taken where the tasks have been renumbered since the entry was written', async () => {
    const { state, one, step, story } = await written();
    const renumbered = plan(unit('1', 0), unit('2', 2));
    renumbered.units[1]!.leaves = renumbered.units[1]!.leaves.map((leaf, k) => ({
      ...leaf,
      titleHash: `hash-1.${k + 1}`,
    }));
    // Cut off before the state file could be written: its unit 1 is what is unit 2 now.
    step(() => story.add({ type: 'plan.made', plan: { ...renumbered, hash: 'other-hash' }, ticked: ['2.1', '2.2'] }));
    edit(entry => entry.completed.push('3'));
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    expect(warned.join()).toContain('seqrun accept');
    await one.write(state);
    expect(entryOnDisk().completed).toEqual(['2', '2.1', '2.2']);
    expect(warned).toHaveLength(1);
  });

  test('completions, counters, claims and HALT taken away by hand come back', async () => {
    const { state, one } = await written();
    edit(entry => {
      entry.completed = [];
      entry.units['1'].attempts = 0;
      entry.halted = true;
    });
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    await one.write(state);
    expect(entryOnDisk()).toMatchObject({ completed: ['1', '1.1', '1.2'], halted: false });
    expect(entryOnDisk().units['1'].attempts).toBe(1);
  });

  test('what is written into the entry while a start is open is no completion, neither then nor after it', async () => {
    const { state, one, step, story } = await written();
    step(() => story.begin('2'));
    await one.write(state);
    edit(entry => {
      entry.completed.push('2.1', '3');
      entry.assignments['3'] = { type: 'ui', owner_agent: 'gemini' };
    });
    expect(await one.inspect(state)).toMatchObject({ completedAdded: [], assignments: { 3: { owner: 'gemini' } } });
    step(() => story.end({ kind: 'interrupted', by: 'world' }));
    await one.reclaim(state);
    expect(entryOnDisk().completed).toEqual(['1', '1.1', '1.2']);
    expect(await one.inspect(state)).toMatchObject({ completedAdded: [] });
    expect(await writer().inspect(state)).toMatchObject({
      completedAdded: [],
      assignments: { 3: { owner: 'gemini' } },
    });
  });

  test('the same when seqrun died with the start and another life looks first', async () => {
    const { state, one, step, story } = await written();
    step(() => story.begin('2'));
    await one.write(state);
    edit(entry => entry.completed.push('3'));
    step(() => story.end({ kind: 'interrupted', by: 'world' }));
    expect(await writer().inspect(state)).toEqual({ kind: 'same' });
  });

  test.each<[string, (entry: Record<string, unknown>) => void]>([
    ['of another journal', entry => Object.assign(entry, { journal: 'another', seq: 3 })],
    ['with a later event', entry => Object.assign(entry, { seq: 1000 })],
  ])('an intact entry %s is handed out once and not written over before', async (_name, change) => {
    const { state, one, step, story } = await written();
    edit(entry => {
      change(entry);
      entry.completed.push('3');
      entry.title_hashes['3'] = 'hash-3';
    }, true);
    const bytes = readFileSync(path, 'utf8');
    await one.write(state);
    expect(readFileSync(path, 'utf8')).toBe(bytes);
    const finding = await one.inspect(state);
    expect(finding).toMatchObject({ kind: 'foreign', entry: { completed: ['1.1', '1.2', '3'], lastStart: 1 } });
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
    step(() => story.add({ type: 'entry.merged', entry: (finding as unknown as { entry: never }).entry }));
    await one.write(state);
    expect(entryOnDisk()).toMatchObject({
      journal: 'journal-uuid',
      seq: state.seq,
      completed: ['1', '1.1', '1.2', '3'],
    });
  });

  test('one that came while a start was open is kept aside and not taken', async () => {
    const { state, one, step, story } = await written();
    step(() => story.begin('2'));
    await one.write(state);
    edit(entry => Object.assign(entry, { journal: 'another' }), true);
    const bytes = readFileSync(path, 'utf8');
    step(() => story.end({ kind: 'interrupted', by: 'world' }));
    await one.reclaim(state);
    expect(entryOnDisk().journal).toBe('journal-uuid');
    expect(readFileSync(join(folder, 'SEQUENTIAL_STATE.foreign.json'), 'utf8')).toBe(bytes);
    expect(warned[0]).toContain('SEQUENTIAL_STATE.foreign.json');
    expect(await one.inspect(state)).toEqual({ kind: 'same' });
  });

  test.each<[string, boolean]>([
    ['one of another journal', true],
    ['a list of completions', false],
  ])('%s that is not taken does not come back after a power cut', async (_name, sealed) => {
    const { state, step, story } = begun();
    const flushed: boolean[] = [];
    let file: { text: string; id: string } | null = null;
    const disk = {
      id: () => file?.id ?? null,
      read: () => file,
      write: async (text: string, { flushName }: { flushName: boolean }) => {
        flushed.push(flushName);
        file = { text, id: `id-${flushed.length}` };
        return file.id;
      },
      keepAside: async () => 'aside',
    };
    const one = createStateWriter({
      path,
      specName: 'checkout',
      spec: 's',
      adopted: null,
      nowMs: () => 1,
      warn: () => {},
      disk,
    });
    step(() => story.begin('2'));
    await one.write(state);
    await one.reclaim(state);
    const all = JSON.parse(file!.text);
    all.specs.checkout.completed.push('2');
    all.specs.checkout.seq = 1000;
    if (sealed) {
      all.specs.checkout.journal = 'another';
      all.specs.checkout.sum = sumOf(all.specs.checkout);
    }
    file = { text: JSON.stringify(all), id: 'forged' };
    step(() => story.end({ kind: 'interrupted', by: 'world' }));
    await one.reclaim(state);
    expect(flushed).toEqual([false, true]);
    expect(file!.text).not.toContain('1000');
  });

  test('one that was taken is no news to the next life either, also when this one died before it wrote', async () => {
    const { story, state, step } = begun();
    const other = script('journal-b');
    other.open();
    other.run();
    other.add({ type: 'plan.made', plan: plan(unit('3', 0)), ticked: ['3'] });
    await writer().write(fold(other.events));
    const found = await writer().inspect(state);
    if (found.kind !== 'foreign') throw new Error(found.kind);
    step(() => story.add({ type: 'entry.merged', entry: found.entry }));
    step(() => story.add({ type: 'command', id: 'r', command: { kind: 'reset', unit: '3' } }));
    expect(await writer().inspect(state)).toEqual({ kind: 'same' });
    const third = script('journal-c');
    third.open({ adopted: found.entry, first: false });
    expect(await writer().inspect(fold(third.events))).toEqual({ kind: 'same' });
  });

  test('the entry that the journal began with is no news', async () => {
    const { state } = await written();
    edit(entry => Object.assign(entry, { journal: 'another' }), true);
    const { fingerprint } = readEntry(entryOnDisk());
    expect(await writer('checkout', fingerprint).inspect(state)).toEqual({ kind: 'same' });
    expect(await writer().inspect(state)).toMatchObject({ kind: 'foreign' });
  });

  test('values of any type are survived', async () => {
    const { state, one } = await written();
    const keys = Object.keys(entryOnDisk());
    for (const value of [null, 0, -1, 'x', [], {}, [[{}]], { 1: 5 }, { 1: { owner_agent: 5 } }]) {
      edit(entry => {
        for (const key of keys) entry[key] = value;
      });
      await one.inspect(state);
      await one.write(state);
      expect(entryOnDisk().completed).toEqual(['1', '1.1', '1.2']);
    }
    for (const value of [null, 5, 'x', []]) {
      writeFileSync(path, JSON.stringify({ version: 2, specs: { checkout: value } }));
      expect(await one.inspect(state)).toEqual({ kind: 'same' });
      await one.write(state);
      expect(readEntry(entryOnDisk()).intact).toBe(true);
    }
  });
});
