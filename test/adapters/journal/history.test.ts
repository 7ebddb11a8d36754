// Journals that other versions have written: folded, shown and gone on with, for ever.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openJournal } from '../../../src/adapters/journal/journal.ts';
import { readLines } from '../../../src/adapters/journal/lines.ts';
import { decide } from '../../../src/core/decide.ts';
import type { JournalEvent } from '../../../src/core/events.ts';
import { evolve, fold } from '../../../src/core/evolve.ts';
import { progressEntries } from '../../../src/core/project-progress.ts';
import { projectEntry } from '../../../src/core/project-state.ts';
import { receiptOf } from '../../../src/core/receipt.ts';
import type { State } from '../../../src/core/state.ts';
import { everyEvent, everyWord, wordsIn } from '../../core/every-event.ts';
import { policyOf } from '../../core/given.ts';
import { frozenFiles, frozenWith, hashOfFrozen, readFrozen, withUnknownFields } from '../../history.ts';

const folders = frozenWith('journal.jsonl');
const eventsOf = (text: string): JournalEvent[] => {
  const read = readLines(Buffer.from(text));
  expect(read.damage).toBeNull();
  expect(read.tornBytes).toBe(0);
  return read.events;
};
const journalOf = (folder: string): JournalEvent[] => eventsOf(readFrozen(`${folder}/journal.jsonl`));
const toText = (values: readonly unknown[]): string => `${values.map(one => JSON.stringify(one)).join('\n')}\n`;

/** What some of them say, so that folding otherwise is seen. */
const told: Record<string, { done: string; starts: number; seq: number }> = {
  'first/groups': { done: '1.1 1.2', starts: 2, seq: 11 },
  'first/night': { done: '1.1 1.2 2.1 2.2 3.1 3.2', starts: 6, seq: 27 },
  'gates/night': { done: '1.1 1.2 2.1 2.2 3.1 3.2', starts: 6, seq: 27 },
  // Paused after a unit, continued, and ended by its time.
  pauses: { done: '1', starts: 2, seq: 13 },
  // Renumbered between a job and --fresh: what the job had ticked is a claim under its new number.
  fresh: { done: '3 1', starts: 1, seq: 7 },
  // A baseline, a unit, its gate, and a unit that only asked something.
  'checkpoints/groups': { done: '1.1 1.2', starts: 4, seq: 17 },
  // Renumbered while a job ran and after it: what is done has its new numbers.
  renumbered: { done: '2.1 2.2 4', starts: 2, seq: 12 },
};

/** Everything that is made of a journal. */
const projections = (events: readonly JournalEvent[], state: State) => ({
  entry: projectEntry(state, '.kiro/specs/x'),
  progress: progressEntries(events, 'x'),
  receipts: state.starts.map(start => receiptOf(state, start, 'x')),
});

/** The next run begins; what it does first. */
const goesOn = (state: State) => {
  const atMs = Date.UTC(2027, 0, 1);
  const started = { type: 'run.started', run: 'next', version: '9', host: 'h', pid: 1, config: 'none' } as const;
  const next: JournalEvent = { seq: state.seq + 1, atMs, ...started, policy: policyOf({ resume: true }) };
  evolve(state, next);
  return decide(state, { nowMs: atMs, readSeq: state.seq });
};

test('frozen files are as they were written: an old file that does not load is no reason to change the file', () => {
  const frozen = JSON.parse(readFrozen('frozen.json')) as Record<string, string>;
  const now = Object.fromEntries(frozenFiles().map(path => [path, hashOfFrozen(path)]));
  expect(now, 'new files: add their hashes; others: put the old bytes back').toEqual(frozen);
});

describe('what is frozen holds everything that a journal can hold', () => {
  const frozen = wordsIn(
    folders.flatMap(folder =>
      readFrozen(`${folder}/journal.jsonl`)
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ),
  );
  const told = wordsIn(everyEvent());
  test.each(Object.keys(everyWord) as (keyof typeof everyWord)[])('%s', key => {
    const missing = everyWord[key].filter(word => !told[key].has(word));
    expect(missing, 'tell of it in test/core/every-event.ts').toEqual([]);
    const notFrozen = everyWord[key].filter(word => !frozen[key].has(word));
    expect(notFrozen, 'freeze a journal that has it in a new folder of test/fixtures/history').toEqual([]);
  });
});

describe.each(folders)('%s', folder => {
  test('folds, is shown, and the next run goes on from it', () => {
    const events = journalOf(folder);
    const asRead = JSON.stringify(events);
    const state = fold(events);
    // A journal is folded twice: once to see whether it can be.
    expect(JSON.stringify(events)).toBe(asRead);
    const made = projections(events, state);
    expect(made.progress.length).toBeGreaterThan(0);
    const means = told[folder];
    if (means) expect({ done: [...state.done.keys()].join(' '), starts: state.lastN, seq: state.seq }).toEqual(means);
    expect(JSON.parse(JSON.stringify(made.entry))).toEqual(made.entry);
    const done = new Set(state.done.keys());
    const { lastN } = state;
    const action = goesOn(state);
    // Nothing is forgotten, and what is launched was not done.
    expect(new Set(state.done.keys())).toEqual(done);
    expect(state.lastN).toBe(lastN);
    if (action.kind === 'launch' && action.job.kind === 'agent')
      expect(action.job.unit.leaves.some(leaf => !done.has(leaf.id))).toBe(true);
  });

  test('fields of a newer version change nothing', () => {
    const events = journalOf(folder);
    const noisy = eventsOf(toText(events.map(event => withUnknownFields(event))));
    expect(noisy).not.toEqual(events);
    const [plain, other] = [fold(events), fold(noisy)];
    expect(projections(noisy, other)).toMatchObject(projections(events, plain));
    expect(goesOn(other)).toMatchObject(goesOn(plain));
  });
});

describe('on disk', () => {
  let root = '';
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const open = async (text: string) => {
    root = mkdtempSync(join(tmpdir(), 'seqrun-history-'));
    const file = join(root, 'journal.jsonl');
    writeFileSync(file, text);
    return openJournal(file, { nowMs: () => 0 });
  };

  test.each(folders)('%s is opened and appended to', async folder => {
    const text = readFrozen(`${folder}/journal.jsonl`);
    const opened = await open(text);
    if (opened.kind !== 'open') throw new Error(JSON.stringify(opened));
    expect(opened.cutTail).toBeNull();
    await opened.journal.append({ type: 'rebuilt', because: 'x' }, { flush: 'no' });
    await opened.journal.close();
    expect(readFileSync(opened.journal.file, 'utf8').startsWith(text)).toBe(true);
  });
});
