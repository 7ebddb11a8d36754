// The JSON reader agrees with JSON.parse on what is JSON and what it says; what is none is told with its place.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonNode, scanJson } from '../../../src/spec/todos/json.ts';

const plain = (node: JsonNode): unknown => {
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'object')
    return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)] as const));
  return node.value;
};

const parsed = (text: string): { value: unknown } | null => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
};

const scanned = (text: string): { value: unknown } | null => {
  const scan = scanJson(text);
  return scan.kind === 'read' ? { value: plain(scan.root) } : null;
};

it('reads what JSON.parse reads, with any blanks between', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(scanned(text)).toEqual({ value: JSON.parse(text) });
    }),
    { numRuns: 300 },
  );
});

it('refuses what JSON.parse refuses: texts with one place changed, and anything at all', () => {
  const piece = fc.constantFrom(
    ...'{}[],:"\'\\/tfn0-1.eE+# \n\t\u0000u',
    'null',
    'true',
    '//',
    '\\u00',
    '\ud800',
    '1e5',
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.nat(2), piece, (value, where, cut, put) => {
      const text = JSON.stringify(value, null, 1);
      const at = where % (text.length + 1);
      const changed = text.slice(0, at) + put + text.slice(at + cut);
      expect(scanned(changed)).toEqual(parsed(changed));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      expect(scanned(pieces.join(''))).toEqual(parsed(pieces.join('')));
    }),
    { numRuns: 2000 },
  );
});

it('knows where everything stands', () => {
  const text = '{ "a": [1.10, "x"],\n  "b": null }';
  const scan = scanJson(text);
  if (scan.kind !== 'read' || scan.root.kind !== 'object') throw new Error('not read');
  const [a, b] = scan.root.members;
  expect([a!.keyAt, a!.value.at, b!.keyAt, b!.value.at]).toEqual([2, 7, 22, 27]);
  expect(a!.value).toMatchObject({ items: [{ raw: '1.10', at: 8 }, { at: 14 }] });
});

it.each([
  ['[1,]', 2, 'a comma stands before the closing ]', null],
  ['{"a": 1,}', 7, 'a comma stands before the closing }', null],
  ['{"a": 1 "b": 2}', 8, '" was not expected here', null],
  ['{a: 1}', 1, 'the name a has no quotes', null],
  ["{'a': 1}", 1, "' is no quotation mark of JSON", null],
  ['{"a" 1}', 5, '1 was not expected here', null],
  ['{"a": True}', 6, 'True was not expected here', null],
  ['{"a": 01}', 6, '01 is no number of JSON', null],
  ['[1] // end', 4, 'something stands behind the end of the JSON', null],
  ['[ // first\n1]', 2, 'JSON has no comments', null],
  ['["a\nb"]', 3, 'a text goes over the end of the line', null],
  ['["a\\d"]', 3, '"\\\\d" is no escape of JSON', null],
  ['[{"a": 1}, {"b": 2', 18, 'the file ends inside an object', 11],
  ['[1, "two', 8, 'the text has no end', 4],
  ['{"a"', 4, 'the file ends behind a name', null],
  ['', 0, 'the file ends where a value must stand', null],
])('%j: %i %s', (text, at, what, opened) => {
  expect(scanJson(text)).toMatchObject({ kind: 'problem', problem: { at, what, opened } });
});

it('survives any depth', () => {
  expect(scanJson('['.repeat(100_000))).toMatchObject({
    problem: { at: 201, what: expect.stringContaining('nested') },
  });
  expect(scanJson(`${'['.repeat(150)}${']'.repeat(150)}`).kind).toBe('read');
});
