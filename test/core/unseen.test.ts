// What is not seen is not shown; JSON keeps it, in writing.
import { expect, test } from 'vitest';
import { plainJson, withoutMarks } from '../../src/core/unseen.ts';

const marks = '\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufffb\u{e0041}\u{e007f}';

test('marks go, letters and what joins them stay', () => {
  expect(withoutMarks(`a${marks}b`)).toBe('ab');
  const joined = '👩\u200d💻 می\u200cخواهم é 日本';
  expect(withoutMarks(joined)).toBe(joined);
});

test('JSON holds the same, and none of them as it is', () => {
  const value = { [`k${marks}`]: `${marks}\u009b31m\u007f\u001b \ud800 ok` };
  const text = plainJson(JSON.stringify(value));
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toMatch(/^[\u0020-\u007e]*$/);
});
