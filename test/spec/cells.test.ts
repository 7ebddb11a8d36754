// Cells of a table's lines, also where a | was not escaped.
import { describe, expect, it } from 'vitest';
import { cellsOf, cellText, fitCells, isDelimiter } from '../../src/spec/cells.ts';

const texts = (line: string, spans = false): string[] => cellsOf(line, spans).map(cell => cellText(line, cell));

describe('cells', () => {
  it.each<[string, string[]]>([
    ['| a | b |', ['a', 'b']],
    ['a|b', ['a', 'b']],
    ['  |a||b|  ', ['a', '', 'b']],
    ['| a \\| b | c', ['a | b', 'c']],
    ['| `a | b` | c |', ['`a', 'b`', 'c']],
    ['|', []],
    ['', []],
  ])('of %j', (line, expected) => {
    expect(texts(line)).toEqual(expected);
  });

  it('go over code spans when asked, and only over those that close', () => {
    expect(texts('| `a | b` | ``c`|`` | d ` | e |', true)).toEqual(['`a | b`', '``c`|``', 'd `', 'e']);
  });

  it('are at most 64', () => {
    expect(texts('|x'.repeat(100))).toHaveLength(65);
  });
});

it.each([
  ['|---|:-:|', true],
  ['--|--', true],
  ['---', false],
  ['|---|', true],
  ['| - - | - |', false],
  ['|||', false],
  ['| a | - |', false],
])('%j is a line between names and rows: %s', (line, expected) => {
  expect(isDelimiter(line)).toBe(expected);
});

describe('a row with too many cells', () => {
  const fitted = (line: string, width: number, fits = (_: string[]) => true): string[] =>
    fitCells(line, width, cells => fits(cells.map(cell => cellText(line, cell)))).map(cell => cellText(line, cell));
  it('is put together where code, quotes and brackets close', () => {
    expect(fitted('| 1 | `a | b` | c |', 3)).toEqual(['1', '`a | b`', 'c']);
    expect(fitted("| 1 | x 'a|b|c' | d |", 3)).toEqual(['1', "x 'a|b|c'", 'd']);
    expect(fitted('| 1 | (a|b) | d |', 3)).toEqual(['1', '(a|b)', 'd']);
    expect(fitted("| 1 | don't a | b | c |", 3)).toEqual(['1', "don't a", 'b | c']);
  });
  it('or where the known columns hold what they must', () => {
    expect(fitted('| 1 | a | b | [x] |', 3, ([, , box]) => box === '[x]')).toEqual(['1', 'a | b', '[x]']);
    expect(fitted('| 1 | a | b | c |', 3, () => false)).toEqual(['1', 'a', 'b | c']);
  });
  it('or too few, where a quote holds a |, and never else', () => {
    const box = ([, , third]: string[]) => third === '[x]';
    expect(fitted("| 1 | 'a|b' | [x] |", 4, box)).toEqual(['1', "'a|b'", '[x]']);
    expect(fitted('| 1 | `a|b` | [x] |', 4, box)).toEqual(['1', '`a|b`', '[x]']);
    expect(fitted('| 1 | a | b | [x] |', 4, box)).toEqual(['1', 'a', 'b', '[x]']);
    expect(fitted('| 1 | a |', 3, () => false)).toEqual(['1', 'a']);
  });
  it('of any length takes little time', () => {
    expect(fitted(`| 1 | ${"a ' ( | ".repeat(20_000)} | b |`, 3)).toHaveLength(3);
  });
});
