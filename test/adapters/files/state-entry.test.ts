// What is taken of an entry of the state file where nothing else tells.
import { expect, test } from 'vitest';
import { readEntry } from '../../../src/adapters/files/state-entry.ts';

const entry = { completed: ['1', '2'], title_hashes: { 1: 'a', 2: 'b' } };

test('what was only rehearsed is never taken over as done', () => {
  expect(readEntry(entry).whole.completed).toEqual(['1', '2']);
  expect(readEntry({ ...entry, rehearsed: ['2'] }).whole.completed).toEqual(['1']);
  expect(readEntry({ ...entry, rehearsed: 'all' }).whole.completed).toEqual(['1', '2']);
});
