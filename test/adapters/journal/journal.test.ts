// The journal on a real disk: torn tails, damage, files taken away under the runner, and disks that refuse.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createJournal, type OpenJournal, openJournal, readJournal } from '../../../src/adapters/journal/journal.ts';
import type { EventBody } from '../../../src/core/events.ts';
import { UnwritableError } from '../../../src/engine/ports.ts';

let folder: string;
let file: string;
let time = 1_700_000_000_000;
const nowMs = () => time++;
const opened: Extract<EventBody, { type: 'journal.opened' }> = {
  type: 'journal.opened',
  version: 1,
  journal: '11111111-2222-3333-4444-555555555555',
  spec: 'checkout',
  claimed: [],
  adopted: null,
  first: true,
};
const waited = (because: string): EventBody => ({ type: 'waited', because, fromMs: 5 });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqrun-journal-'));
  file = join(folder, 'journal.jsonl');
});
const journals: OpenJournal[] = [];
afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.close();
  await rm(folder, { recursive: true, force: true });
});

const create = async (): Promise<OpenJournal> => {
  const made = await createJournal(file, opened, { nowMs });
  if (made.kind !== 'open') throw new Error(made.message);
  journals.push(made.journal);
  return made.journal;
};
const reopen = async () => {
  const found = await openJournal(file, { nowMs });
  if (found.kind !== 'open') throw new Error(JSON.stringify(found));
  journals.push(found.journal);
  return found;
};
const linesOnDisk = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);

describe('opening', () => {
  test('no file is a new journal; a made one is read back as it was written', async () => {
    expect(await openJournal(file, { nowMs })).toEqual({ kind: 'new' });
    expect(await readJournal(file)).toEqual({ kind: 'missing' });
    const journal = await create();
    expect(journal.id).toBe(opened.journal);
    await journal.append(waited('a'), { flush: 'now' });
    await journal.append(waited('b'), { flush: 'no' });
    await journal.close();
    const again = await reopen();
    expect(again.cutTail).toBeNull();
    expect(again.journal.events).toEqual(journal.events);
    expect(again.journal.events.map(event => event.seq)).toEqual([1, 2, 3]);
    await again.journal.close();
  });

  test('a journal is never made over one that is there', async () => {
    await (await create()).close();
    expect(await createJournal(file, opened, { nowMs })).toMatchObject({ kind: 'unwritable', exit: 73 });
    expect(linesOnDisk()).toHaveLength(1);
  });

  test('a torn tail at every byte of the last line is cut, kept aside, and the next append stands alone', async () => {
    const journal = await create();
    await journal.append(waited('first'), { flush: 'now' });
    await journal.append(waited('ü last'), { flush: 'now' });
    await journal.close();
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let cut = lastLine + 1; cut < whole.length - 1; cut += 7) {
      writeFileSync(file, whole.subarray(0, cut));
      const found = await reopen();
      expect(found.journal.events).toHaveLength(2);
      expect(readFileSync(found.cutTail!)).toEqual(whole.subarray(lastLine, cut));
      await found.journal.append(waited('after'), { flush: 'now' });
      await found.journal.close();
      expect((await reopen()).journal.events.at(-1)).toMatchObject({ seq: 3, because: 'after' });
      rmSync(found.cutTail!);
    }
  });

  test('a whole last line without newline is kept: an editor removed the newline, and the fact is true', async () => {
    const journal = await create();
    await journal.append(waited('first'), { flush: 'now' });
    await journal.close();
    truncateSync(file, readFileSync(file).length - 1);
    const found = await reopen();
    expect(found.cutTail).toBeNull();
    expect(found.journal.events).toHaveLength(2);
    await found.journal.append(waited('second'), { flush: 'now' });
    await found.journal.close();
    expect(linesOnDisk()).toHaveLength(3);
  });

  test('a last line of NUL bytes, as a power cut leaves it, is a torn tail', async () => {
    await (await create()).close();
    appendFileSync(file, `${'\0'.repeat(300)}\n`);
    const found = await reopen();
    expect(found.journal.events).toHaveLength(1);
    expect(found.cutTail).not.toBeNull();
    await found.journal.close();
  });

  test.each([
    ['a line in the middle that is no JSON', (lines: string[]) => [lines[0], 'garbage', lines[2]], 2, /no JSON/],
    ['a missing line', (lines: string[]) => [lines[0], lines[2]], 2, /number is 3, expected 2/],
    ['a line twice', (lines: string[]) => [lines[0], lines[1], lines[1]], 3, /number is 2, expected 3/],
    ['a last line, ended, that is no JSON', (lines: string[]) => [...lines, '{"se'], 4, /no JSON/],
    [
      'an unknown type',
      (lines: string[]) => [lines[0], '{"seq":2,"atMs":1,"type":"moon.landed"}'],
      2,
      /moon\.landed.*newer/,
    ],
    [
      'a later version',
      (lines: string[]) => [lines[0]!.replace('"version":1', '"version":2')],
      1,
      /version.*newer seqrun/,
    ],
    [
      'another first line',
      (lines: string[]) => ['{"seq":1,"atMs":1,"type":"waited"}', lines[1]],
      1,
      /must be journal\.opened/,
    ],
    ['an array', (lines: string[]) => [lines[0], '[]', lines[2]], 2, /no event/],
  ])('damage: %s is a value with its line, and the file is kept', async (_name, change, line, message) => {
    const journal = await create();
    await journal.append(waited('a'), { flush: 'now' });
    await journal.append(waited('b'), { flush: 'now' });
    await journal.close();
    const bytes = `${change(linesOnDisk()).join('\n')}\n`;
    writeFileSync(file, bytes);
    for (const found of [await openJournal(file, { nowMs }), await readJournal(file)]) {
      expect(found).toMatchObject({ kind: 'damaged', exit: 65, line, path: file });
      expect((found as { message: string }).message).toMatch(message);
      expect((found as { message: string }).message).toContain('--adopt-state');
    }
    expect(readFileSync(file, 'utf8')).toBe(bytes);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });

  test('an empty file and a first line cut short are damage: a journal is made whole or not at all', async () => {
    writeFileSync(file, '');
    expect(await openJournal(file, { nowMs })).toMatchObject({ kind: 'damaged', line: 1 });
    writeFileSync(file, '{"seq":1,"atMs":1,"ty');
    expect(await openJournal(file, { nowMs })).toMatchObject({ kind: 'damaged', line: 1 });
  });

  test('unknown fields of another version are kept, also when the journal is written anew', async () => {
    await (await create()).close();
    appendFileSync(
      file,
      '{"seq":2,"atMs":1,"type":"waited","because":"x","fromMs":0,"mood":{"big":12345678901234567890}}\n',
    );
    const { journal } = await reopen();
    expect(journal.events[1]).toHaveProperty('mood');
    rmSync(file);
    await journal.append(waited('y'), { flush: 'now' });
    expect(linesOnDisk()[1]).toContain('12345678901234567890');
    await journal.close();
  });

  test('readers without the lock change nothing, also while a line is being written', async () => {
    await (await create()).close();
    appendFileSync(file, '{"seq":2,"at');
    const bytes = readFileSync(file);
    expect(await readJournal(file)).toMatchObject({ kind: 'read', torn: true });
    expect(readFileSync(file)).toEqual(bytes);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });

  test('a folder or a fifo in its place is a value, and nothing blocks', async () => {
    execFileSync('mkfifo', [file]);
    expect(await openJournal(file, { nowMs })).toMatchObject({ kind: 'unwritable', exit: 73 });
    expect(await readJournal(file)).toMatchObject({ kind: 'unreadable', exit: 66 });
  });
});

describe('appending', () => {
  test('what replay reads is what memory holds', async () => {
    const journal = await create();
    await journal.append({ ...waited('x'), ...{ extra: undefined } }, { flush: 'now' });
    expect(Object.keys(journal.events[1]!)).not.toContain('extra');
    await journal.close();
  });

  test('appends at the same time keep their order and numbers', async () => {
    const journal = await create();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        journal.append(waited(String(i)), { flush: (['now', 'soon', 'no'] as const)[i % 3]! }),
      ),
    );
    await journal.close();
    const { journal: again } = await reopen();
    expect(again.events.slice(1).map(event => (event as { because: string }).because)).toEqual(
      Array.from({ length: 20 }, (_, i) => String(i)),
    );
    await again.close();
  });

  test.each<[string, () => void, RegExp]>([
    ['removed', () => rmSync(file), /removed/],
    ['removed with its folder', () => rmSync(folder, { recursive: true }), /removed/],
    ['replaced by another file', () => replaceBy('something else\n'), /replaced/],
    ['replaced by an older copy of itself', () => replaceBy(`${linesOnDisk()[0]}\n`), /replaced/],
    ['emptied in place', () => truncateSync(file, 0), /changed/],
  ])('the file %s: written anew from memory, with a `rebuilt` event first', async (_name, harm, because) => {
    const journal = await create();
    await journal.append(waited('a'), { flush: 'now' });
    harm();
    const events = await journal.append(waited('b'), { flush: 'now' });
    expect(events.map(event => event.type)).toEqual(['rebuilt', 'waited']);
    expect((events[0] as { because: string }).because).toMatch(because);
    await journal.append(waited('c'), { flush: 'now' });
    await journal.close();
    const { journal: again } = await reopen();
    expect(again.events).toEqual(journal.events);
    expect(again.events.map(event => event.type)).toEqual(['journal.opened', 'waited', 'rebuilt', 'waited', 'waited']);
    await again.close();
  });

  test('foreign content in the place of the journal is kept aside', async () => {
    const journal = await create();
    replaceBy('something else\n');
    await journal.append(waited('b'), { flush: 'now' });
    await journal.close();
    const kept = readdirSync(folder).find(name => name.startsWith('journal.found-'));
    expect(readFileSync(join(folder, kept!), 'utf8')).toBe('something else\n');
  });

  test('another runner that went on with the journal is never written over', async () => {
    const journal = await create();
    const other = (await reopen()).journal;
    await other.append(waited('by the other'), { flush: 'now' });
    const bytes = readFileSync(file);
    await expect(journal.append(waited('mine'), { flush: 'now' })).rejects.toThrow(
      /another one has taken this spec over/,
    );
    expect(readFileSync(file)).toEqual(bytes);
    expect(journal.events).toHaveLength(1);
    await other.close();
    await journal.close();
  });

  test('a full disk: a typed error with file and next step, no half line, and appending goes on when there is room', async () => {
    if (!canMount()) {
      console.log('skipped: no right to mount a small file system here');
      return;
    }
    const small = mkdtempSync(join(tmpdir(), 'seqrun-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    try {
      file = join(small, 'journal.jsonl');
      const journal = await create();
      const filler = join(small, 'filler');
      fillUp(filler);
      const error = await journal.append(waited('x'.repeat(9000)), { flush: 'now' }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnwritableError);
      expect((error as UnwritableError).file).toBe(file);
      expect((error as Error).message).toMatch(/no space left on device \(ENOSPC\)[\s\S]*df -h/);
      expect(journal.events).toHaveLength(1);
      expect(linesOnDisk()).toHaveLength(1);
      expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
      rmSync(filler);
      await journal.append(waited('y'), { flush: 'now' });
      await journal.close();
      expect((await reopen()).journal.events.map(event => event.type)).toEqual(['journal.opened', 'waited']);
    } finally {
      execFileSync('umount', ['-l', small]);
      rmSync(small, { recursive: true });
    }
  });
});

const replaceBy = (content: string): void => {
  const other = join(folder, 'other');
  writeFileSync(other, content);
  renameSync(other, file);
};

const canMount = (): boolean => {
  const probe = mkdtempSync(join(tmpdir(), 'seqrun-probe-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
};

const fillUp = (path: string): void => {
  try {
    for (;;) appendFileSync(path, Buffer.alloc(1024));
  } catch {
    // Full, as wanted.
  }
};

test('a flush that nobody waits for leaves the same line, and closing waits for it', async () => {
  const journal = await create();
  await journal.append({ type: 'clock.gap', ms: 1 }, { flush: 'soon' });
  await journal.append({ type: 'clock.gap', ms: 2 }, { flush: 'soon' });
  await journal.close();
  const read = await readJournal(journal.file);
  expect(read).toMatchObject({ kind: 'read', torn: false });
  expect(read.kind === 'read' && read.events.map(event => event.seq)).toEqual([1, 2, 3]);
});
