// Which task is which when a task file is read again: titles tell, numbers are only names, and in doubt nobody can tell.
import { describe, expect, test } from 'vitest';
import { linkLeaves, type TitledLeaf } from '../../src/core/same-leaves.ts';

/** `1 A`, or `1.1 Test < Login` for one below a title. */
const leaves = (text: string): TitledLeaf[] =>
  text
    .split(', ')
    .filter(one => one !== '')
    .map(one => {
      const [, id, titleHash, above = ''] = /^(\S+) ?(.*?)(?: < (.*))?$/.exec(one) as unknown as string[];
      return { id: id!, titleHash: titleHash!, above };
    });

const links = (before: string, now: string): string => {
  const [old, here] = [leaves(before), leaves(now)];
  return linkLeaves(old, here)
    .map((link, k) => (link ? `${old[link.from]!.id}>${here[k]!.id}${link.by === 'title' ? '' : ` ${link.by}`}` : '?'))
    .join(', ');
};

describe('a title that one task has', () => {
  test.each([
    ['nothing has changed', '1 A, 2 B', '1 A, 2 B', '1>1, 2>2'],
    ['one more in front', '1 A, 2 B', '1 New, 2 A, 3 B', '?, 1>2, 2>3'],
    ['two change places', '1 A, 2 B', '1 B, 2 A', '2>1, 1>2'],
    ['the first is gone', '1 A, 2 B, 3 C', '1 B, 2 C', '2>1, 3>2'],
    ['it goes below another one', '1.1 A < X, 2.1 B < Y', '1.1 B < Y, 1.2 A < Y', '2.1>1.1, 1.1>1.2'],
    ['nothing was known before', '', '1 A', '?'],
  ])('%s', (_, before, now, expected) => {
    expect(links(before, now)).toBe(expected);
  });
});

describe('other words', () => {
  test.each([
    ['under the same number', '1 A, 2 B', '1 A, 2 B anew', '1>1, 2>2 number'],
    [
      'renumbered as well: between the same neighbours',
      '1 A, 2 B, 3 C',
      '1 New, 2 A, 3 B anew, 4 C',
      '?, 1>2, 2>3 place, 3>4',
    ],
    ['nobody can tell which of two', '1 A, 2 B, 3 C', '2 A, 3 X, 4 Y, 5 C', '1>2, ?, ?, 3>5'],
    ['that another task had', '1 A, 2 B', '1 B', '2>1'],
    ['that another task has still', '1 A, 2 B', '1 B, 2 B', '?, 2>2'],
  ])('%s', (_, before, now, expected) => {
    expect(links(before, now)).toBe(expected);
  });
});

describe('a title that several tasks have', () => {
  test.each([
    ['below different titles, which change places', '1.1 T < X, 2.1 T < Y', '1.1 T < Y, 2.1 T < X', '2.1>1.1, 1.1>2.1'],
    ['below different titles, and the first is gone', '1.1 T < X, 2.1 T < Y', '1.1 T < Y', '2.1>1.1'],
    ['between other tasks, with one more in front', '1 T, 2 B, 3 T', '1 New, 2 T, 3 B, 4 T', '?, 1>2, 2>3, 3>4'],
    ['one more at the end', '1 T, 2 B, 3 T', '1 T, 2 B, 3 T, 4 T', '1>1, 2>2, 3>3, ?'],
    ['the first is gone, and the numbers stay', '1 T, 2 T', '2 T', '2>2'],
    ['one of two is gone: nobody can tell which', '1 T, 2 T', '1 T', '?'],
    ['one went and another came: nobody can tell', '1 T, 2 B, 3 T', '1 B, 2 T, 3 T', '2>1, ?, ?'],
    ['as many as before, and nothing else', '1 T, 2 T', '2 T, 3 T', '1>2, 2>3'],
  ])('%s', (_, before, now, expected) => {
    expect(links(before, now)).toBe(expected);
  });
});

test('where titles are missing nothing is said to have moved', () => {
  expect(links('1 A, 2', '1 B, 2 A')).toBe('1>1 number, 2>2 number');
  expect(links('1 A, 2', '1 A, 2 B')).toBe('1>1, 2>2 number');
});

test('a thousand tasks of one title, and a thousand of different ones, in a moment', () => {
  const many = (title: (k: number) => string, from: number): TitledLeaf[] =>
    Array.from({ length: 1000 }, (_, k) => ({ id: String(from + k), titleHash: title(k), above: '' }));
  const begunMs = performance.now();
  expect(
    linkLeaves(
      many(() => 'T', 1),
      many(() => 'T', 2),
    ).every(Boolean),
  ).toBe(true);
  expect(
    linkLeaves(
      many(String, 1),
      many(k => String(k + 1), 7),
    ).filter(Boolean),
  ).toHaveLength(999);
  expect(performance.now() - begunMs).toBeLessThan(500);
});
