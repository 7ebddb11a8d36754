// Lists of ids: what is an id counts, everything else is told.
import { expect, it } from 'vitest';
import { readIds } from '../../src/spec/ids.ts';

const said = (text: string): string => {
  const { references, unread } = readIds(text);
  return (
    references.map(({ from, to }) => (to === null ? from : `${from}..${to}`)).join(' ') + (unread ? ` | ${unread}` : '')
  );
};

it.each([
  ['', ''],
  ['-', ''],
  ['—', ''],
  ['None', ''],
  ['n/a', ''],
  [',', ''],
  ['T01', 'T01'],
  ['T01, T02', 'T01 T02'],
  ['T06,T09;T17', 'T06 T09 T17'],
  ['1.1 and 1.2', '1.1 1.2'],
  ['Task 1, task #2', '1 2'],
  ['T01 T02', 'T01 T02'],
  ['T001–T003', 'T001..T003'],
  ['1.1 to 1.4', '1.1..1.4'],
  ['T1 → T2', 'T1 T2'],
  ['`T1`, **T2**, [T3]', 'T1 T2 T3'],
  ['T1 (the coins, all), T2', 'T1 T2'],
  ['T02, Domain 02 context', 'T02 | Domain 02 context'],
  ['after T1 lands', ' | after T1 lands'],
  ['5 tests', ' | 5 tests'],
  ['T1<br>T2', 'T1 T2'],
  ['T1、T2', 'T1 T2'],
])('%j says %j', (text, expected) => {
  expect(said(text)).toBe(expected);
});
