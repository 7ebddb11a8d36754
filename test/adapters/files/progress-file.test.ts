// The progress file on disk: appended to, nothing twice, nothing lost, whatever an agent does to it.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgressWriter } from '../../../src/adapters/files/progress-file.ts';
import { createPublisher } from '../../../src/adapters/files/publisher.ts';
import type { JournalEvent } from '../../../src/core/events.ts';
import { fold } from '../../../src/core/evolve.ts';
import { plan, script, unit } from './scene.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqrun-progress-'));
  path = join(folder, 'SEQUENTIAL_PROGRESS.md');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writer = (events: readonly JournalEvent[], specName = 'checkout') =>
  createProgressWriter({ path, specName, specFolder: join(folder, specName), events: () => events });
const text = () => readFileSync(path, 'utf8');
const markers = (spec = 'checkout') =>
  [...text().matchAll(/<!-- seqrun (\S+) (\d+) -->/g)].filter(m => m[1] === spec).map(m => Number(m[2]));
const story = (journal?: string) => {
  const one = script(journal);
  one.open();
  one.run();
  one.add({ type: 'plan.made', plan: plan(unit('1', 2), unit('2', 0)), ticked: [] });
  one.begin('1');
  one.end({ kind: 'completed', signal: 'TASK_DONE' });
  return one;
};

test('header once, entries as they come, nothing written when there is nothing new', async () => {
  const one = story();
  const file = writer(one.events);
  await file.write();
  const first = text();
  expect(first).toMatch(
    /^# Sequential Execution Progress\n\n\*\*Spec:\*\* .*\/checkout\n\*\*Started:\*\* 2026-02-03T10:00:01\.000Z\n\n---\n\n<!-- seqrun checkout journal journal-uuid -->\n\n## Run 1 — checkout\n/,
  );
  expect(markers()).toEqual([2, 6]);
  const before = statSync(path, { bigint: true });
  await file.write();
  expect(statSync(path, { bigint: true })).toEqual(before);
  one.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'done' });
  await file.write();
  expect(text().startsWith(first)).toBe(true);
  expect(text().match(/# Sequential/g)).toHaveLength(1);
  expect(markers()).toEqual([2, 6, 7]);
});

test('Q-2.43: another life adds what is missing and nothing twice; history is never cut', async () => {
  const one = story();
  await writer(one.events).write();
  const before = text();
  one.add({ type: 'run.ended', run: 'run-1', end: 'person', exit: 2, because: 'stop' });
  one.run();
  one.begin('2');
  one.end({ kind: 'completed', signal: 'COMPLETE' });
  await writer(one.events).write();
  await writer(one.events).write();
  expect(text().startsWith(before)).toBe(true);
  expect(markers()).toEqual([2, 6, 7, 8, 11]);
  expect(text()).toMatch(/## Run 2[\s\S]*## Iteration 2\n/);
});

test('each end has its hand-off once; a file of an older version, which has none, stays as it is', async () => {
  const one = story();
  one.add({ type: 'run.ended', run: 'run-1', end: 'person', exit: 2, because: 'stop' });
  await writer(one.events).write();
  const older = text().replace(/\n## HANDOFF[\s\S]*?\n(?=\n---\n)/, '');
  expect(older).toContain('Exit 2: stop\n\n---\n');
  writeFileSync(path, older);
  const file = writer(one.events);
  await file.write();
  expect(text()).toBe(older);
  one.run();
  one.begin('2');
  one.end({ kind: 'completed', signal: 'TASK_DONE' });
  one.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'done' });
  await file.write();
  await writer(one.events).write();
  expect(text().match(/^## HANDOFF$/gm)).toHaveLength(1);
  expect(text().slice(older.length)).toContain('; 2 of 2 units done\n');
  rmSync(path);
  await file.write();
  expect(text().match(/^## HANDOFF$/gm)).toHaveLength(2);
});

test('Q-2.40: two specs of one folder each find their own entries', async () => {
  const [a, b] = [story(), story()];
  const [one, other] = [writer(a.events), writer(b.events, 'other spec')];
  await one.write();
  await other.write();
  a.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'done' });
  await one.write();
  await other.write();
  expect(markers()).toEqual([2, 6, 7]);
  expect(markers('other%20spec')).toEqual([2, 6]);
  expect(text().match(/# Sequential/g)).toHaveLength(1);
});

test('a new journal of the same spec (--fresh) is not taken for the old one', async () => {
  await writer(story('old').events).write();
  await writer(story('new').events).write();
  await writer(story('new').events).write();
  expect(markers()).toEqual([2, 6, 2, 6]);
});

test('what an agent writes into it stays, and entries begin on their own line', async () => {
  const one = story();
  const file = writer(one.events);
  await file.write();
  appendFileSync(path, 'I have done everything!');
  one.add({ type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: 'done' });
  await file.write();
  expect(text()).toContain('I have done everything!\n\n**Completed:**');
  expect(markers()).toEqual([2, 6, 7]);
});

test('a removed file, a cut one, and one that was somebody else’s are made good', async () => {
  const one = story();
  const file = writer(one.events);
  await file.write();
  const whole = text();
  rmSync(path);
  await file.write();
  expect(text()).toBe(whole);
  writeFileSync(path, whole.slice(0, whole.indexOf('## Iteration') + 20));
  await file.write();
  expect(markers()).toEqual([2, 6]);
  writeFileSync(path, 'My notes\n');
  await file.write();
  expect(text()).toBe(`My notes\n\n${whole}`);
});

test('a writer that was killed at any byte: the next one writes just the rest', async () => {
  const one = story();
  await writer(one.events).write();
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(path, whole.subarray(0, length));
    await writer(one.events).write();
    expect(text(), `cut at ${length}`).toBe(whole.toString());
  }
});

test('the file of the reference is gone on with', async () => {
  const old =
    '# Sequential Execution Progress\n\n**Spec:** /x/checkout\n**Started:** 2026\n\n---\n\n## Iteration 1\n- **Task:** 1 - x\n';
  writeFileSync(path, old);
  await writer(story().events).write();
  expect(text().startsWith(`${old}\n<!-- seqrun checkout journal`)).toBe(true);
  expect(text().match(/# Sequential/g)).toHaveLength(1);
});

test('a full disk leaves no half entry, is warned of once, and is made good when there is room', async () => {
  const small = mkdtempSync(join(tmpdir(), 'seqrun-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { stdio: 'ignore' });
  } catch {
    console.log('skipped: no right to mount a small file system here');
    rmSync(small, { recursive: true });
    return;
  }
  try {
    const one = story();
    const warned: string[] = [];
    const places = {
      stateFile: join(small, 'SEQUENTIAL_STATE.json'),
      progressFile: join(small, 'SEQUENTIAL_PROGRESS.md'),
      specName: 'checkout',
      specFolder: join(small, 'checkout'),
    };
    const publisher = createPublisher({ places, events: () => one.events, warn: message => warned.push(message) });
    await publisher.publish(fold(one.events));
    const [stateBefore, progressBefore] = [readFileSync(places.stateFile), readFileSync(places.progressFile)];
    try {
      for (;;) appendFileSync(join(small, 'filler'), Buffer.alloc(1024));
    } catch {
      // Full, as wanted.
    }
    for (let i = 0; i < 30; i++) {
      one.run();
      one.add({ type: 'run.ended', run: 'run-1', end: 'signal', exit: 130, because: 'x'.repeat(300) });
    }
    await publisher.publish(fold(one.events));
    await publisher.publish(fold(one.events));
    expect(readFileSync(places.stateFile)).toEqual(stateBefore);
    expect(readFileSync(places.progressFile)).toEqual(progressBefore);
    expect(warned.map(message => message.split('\n')[0])).toEqual([
      'A file for people cannot be written: no space left on device (ENOSPC); the run goes on.',
      'A file for people cannot be written: no space left on device (ENOSPC); the run goes on.',
    ]);
    expect(warned[0]).toContain(places.stateFile);
    rmSync(join(small, 'filler'));
    await publisher.publish(fold(one.events));
    expect(JSON.parse(readFileSync(places.stateFile, 'utf8')).specs.checkout.seq).toBe(one.events.length);
    expect(readFileSync(places.progressFile, 'utf8').match(/\*\*Stopped:/g)).toHaveLength(30);
  } finally {
    execFileSync('umount', ['-l', small]);
    rmSync(small, { recursive: true });
  }
});

test('folders in the place of both files are warned of once each and stop nothing', async () => {
  const one = story();
  const warned: string[] = [];
  const places = {
    stateFile: join(folder, 'SEQUENTIAL_STATE.json'),
    progressFile: path,
    specName: 'checkout',
    specFolder: join(folder, 'checkout'),
  };
  mkdirSync(places.stateFile);
  mkdirSync(places.progressFile);
  const publisher = createPublisher({ places, events: () => one.events, warn: message => warned.push(message) });
  for (let i = 0; i < 3; i++) await publisher.publish(fold(one.events));
  await publisher.reclaim(fold(one.events));
  expect(await publisher.inspect(fold(one.events))).toEqual({ kind: 'same' });
  expect(warned).toHaveLength(2);
});

test('what is put off is written within a moment, once, and at once when asked', async () => {
  const one = story();
  const places = {
    stateFile: join(folder, 'SEQUENTIAL_STATE.json'),
    progressFile: path,
    specName: 'checkout',
    specFolder: join(folder, 'checkout'),
  };
  const publisher = createPublisher({ places, events: () => one.events, warn: message => expect(message).toBe('') });
  const state = fold(one.events);
  publisher.publishSoon(state);
  expect(existsSync(places.stateFile)).toBe(false);
  await vi.waitFor(() => expect(JSON.parse(readFileSync(places.stateFile, 'utf8')).specs.checkout.seq).toBe(state.seq));

  rmSync(places.stateFile);
  publisher.publishSoon(state);
  await publisher.settle();
  expect(existsSync(places.stateFile)).toBe(true);

  publisher.publishSoon(state);
  await publisher.publish(state);
  rmSync(places.stateFile);
  await publisher.settle();
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(existsSync(places.stateFile)).toBe(false);
});

test('what came into the state file while a start was open is not taken, though the end is published later', async () => {
  const one = story();
  const places = {
    stateFile: join(folder, 'SEQUENTIAL_STATE.json'),
    progressFile: path,
    specName: 'checkout',
    specFolder: join(folder, 'checkout'),
  };
  const warned: string[] = [];
  const publisher = createPublisher({ places, events: () => one.events, warn: message => warned.push(message) });
  const state = fold(one.events);
  await publisher.publish(state);
  const elsewhere = {
    ...places,
    stateFile: join(folder, 'elsewhere.json'),
    progressFile: join(folder, 'elsewhere.md'),
  };
  const others = one.events.map(event => (event.type === 'journal.opened' ? { ...event, journal: 'another' } : event));
  await createPublisher({ places: elsewhere, events: () => others, warn: () => {} }).publish(fold(others));
  const put = () => copyFileSync(elsewhere.stateFile, places.stateFile);
  put();
  await publisher.reclaim(state);
  expect(await publisher.inspect(state)).toEqual({ kind: 'same' });
  expect(JSON.parse(readFileSync(places.stateFile, 'utf8')).specs.checkout.journal).toBe(state.journal);

  await publisher.reclaim(state);
  expect(await publisher.inspect(state)).toEqual({ kind: 'same' });
  await publisher.settle();
  expect(warned).toHaveLength(1);

  const second = createPublisher({ places, events: () => one.events, warn: message => warned.push(message) });
  put();
  expect((await second.inspect(state)).kind).toBe('foreign');
});

test('a marker that somebody wrote before the event happened is not believed: its entry comes all the same', async () => {
  const one = story();
  const file = writer(one.events);
  await file.write();
  // As an agent could: it knows how markers look, and guesses what comes.
  appendFileSync(path, `${[7, 8, 9, 10, 11].map(seq => `<!-- seqrun checkout ${seq} -->`).join('\n')}\n`);
  one.begin('2');
  one.end({ kind: 'failed', class: 'agent', message: 'it fell' });
  await file.write();
  expect(text()).toContain('it fell');
  one.add({ type: 'run.ended', run: 'run-1', end: 'failed', exit: 3, because: 'unit 2 failed' });
  appendFileSync(path, '\n');
  await file.write();
  expect(text()).toContain('Exit 3: unit 2 failed');
  // What this life has written is still known, whatever is done to the rest.
  const before = text();
  appendFileSync(path, 'x\n');
  await file.write();
  expect(text()).toBe(`${before}x\n`);
});
