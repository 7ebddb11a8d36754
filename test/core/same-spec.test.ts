// Whether an entry under another name tells of this task file.
import { expect, test } from 'vitest';
import type { AdoptedEntry } from '../../src/core/events.ts';
import { type LeafNow, likenessOf } from '../../src/core/same-spec.ts';
import { noEntry } from './given.ts';

const entry = (more: Partial<AdoptedEntry>): AdoptedEntry => ({ ...noEntry, ...more });
const one = entry({ completed: ['1'], titleHashes: { 1: 'a' } });
const claims = entry({ ...one, claimed: ['2'], claimedTitles: { b: '2' } });
const unit = { status: 'pending', attempts: 0, followUps: 0, interrupted: 0, lost: 0, session: null };
/** `a` = open, `A` = ticked; numbered from 1. */
const leaves = (letters: string): LeafNow[] =>
  [...letters].map((letter, index) => ({
    id: String(index + 1),
    titleHash: letter.toLowerCase(),
    ticked: letter !== letter.toLowerCase(),
  }));

test.each<[string, AdoptedEntry, string, string]>([
  ['all of it is here and ticked', claims, 'ABc', 'same'],
  ['under other numbers', claims, 'cBA', 'same'],
  ['a claim that a person has opened', claims, 'Abc', 'same'],
  ['a claim alone', entry({ claimed: ['2'], claimedTitles: { b: '2' } }), 'aB', 'same'],
  ['done in another spec, and open here', one, 'aBc', 'other'],
  ['the same title twice, and the other one is ticked', entry({ ...one }), 'aA', 'other'],
  ['another spec', claims, 'XY', 'other'],
  [
    'one of its titles is gone, none is a claim',
    entry({ completed: ['1', '2'], titleHashes: { 1: 'a', 2: 'b' } }),
    'Ax',
    'other',
  ],
  ['one of its titles is gone, a claim is ticked', claims, 'xB', 'unsure'],
  [
    'one of its titles is gone, and a job was open',
    entry({ ...one, ...{ completed: ['1', '2'], titleHashes: { 1: 'a', 2: 'b' }, open: true } }),
    'Ax',
    'unsure',
  ],
  ['no titles', entry({ completed: ['1'] }), 'AB', 'unsure'],
  ['no titles, and numbers that are not here', entry({ completed: ['7'] }), 'AB', 'other'],
  ['a claim without its title', entry({ claimed: ['2'] }), 'AB', 'unsure'],
  ['nothing but an open job', entry({ open: true, units: { 1: unit } }), 'AB', 'unsure'],
  ['an open job of more units than are here', entry({ open: true, units: { 1: unit, 5: unit } }), 'AB', 'other'],
  ['nothing', entry({ units: { 1: unit } }), 'AB', 'other'],
])('%s', (_, given, letters, likeness) => {
  expect(likenessOf(given, leaves(letters))).toBe(likeness);
});
