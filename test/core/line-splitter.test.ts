// Bytes in pieces, given as lines.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineBytesMax, lineSplitter } from '../../src/core/line-splitter.ts';

/** One buffer for all pieces, as a reader of files has it. */
const linesOf = (bytes: Uint8Array, cuts: readonly number[]): string[] => {
  const splitter = lineSplitter();
  const shared = new Uint8Array(bytes.length);
  const lines: string[] = [];
  let from = 0;
  for (const cut of [...cuts.map(one => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    shared.set(bytes.subarray(from, cut));
    splitter.take(shared.subarray(0, cut - from), line => lines.push(line));
    expect(splitter.takenBytes()).toBe(cut);
    from = cut;
  }
  const complete = bytes.lastIndexOf(10) + 1;
  expect(splitter.givenBytes()).toBe(complete);
  splitter.flush(line => lines.push(line));
  expect(splitter.givenBytes()).toBe(bytes.length);
  return lines;
};

test('the same lines, wherever the bytes are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('ä', '😀', 'x', '\n', '\r\n', '\r', '"') });
  fc.assert(
    fc.property(text, fc.array(fc.nat(100)), (text, cuts) => {
      const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
      if (text.endsWith('\n') || text === '') lines.pop();
      expect(linesOf(Buffer.from(text), cuts)).toEqual(lines);
    }),
  );
});

test('bytes that are no text, too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(60)), (bytes, cuts) => {
      expect(linesOf(bytes, cuts)).toEqual(linesOf(bytes, []));
    }),
  );
});

test('a long line is given cut at the same byte however it comes, the next one is whole', () => {
  const bytes = Buffer.from(`${'x'.repeat(lineBytesMax + 5)}\nnext`);
  for (const cuts of [[], [3], [lineBytesMax - 1, lineBytesMax + 1]]) {
    expect(linesOf(bytes, cuts).map(line => line.length)).toEqual([lineBytesMax, 4]);
  }
});
