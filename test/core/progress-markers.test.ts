// What a killed writer of the progress file has left to be written.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restOf } from '../../src/core/progress-markers.ts';

const piece = '## Iteration 2\n\n- **Task:** 2\n\n<!-- seqrun demo 9 -->\n\n';

test.each([
  ['nothing', '', null],
  ['another entry', '## Iteration 1\n\n<!-- seqrun demo 5 -->\n\n', null],
  ['a newline', '\n', null],
  ['its first sign', 'x\n\n#', piece.slice(1)],
  ['its first line', 'x\n\n## Iteration 2\n', piece.slice(15)],
  ['its first line with somebody else behind it', '## Iteration 2\nmine\n', null],
  ['words that only end as it begins', 'see ## Iteration 2\n', null],
  ['the whole of it', `x\n\n${piece}`, null],
  ['all but its last byte', piece.slice(0, -1), '\n'],
])('a file that ends with %s', (_, text, rest) => expect(restOf(text, piece)).toBe(rest));

test('cut anywhere behind whole lines, the file becomes what it was to be', () => {
  const lines = fc
    .array(fc.constantFrom('## Iteration 1', '## Iteration 2', '', '- x', '---'))
    .map(all => `${all.join('\n')}\n\n`);
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: piece.length - 1 }), (before, cut) => {
      const torn = before + piece.slice(0, cut);
      expect(torn + restOf(torn, piece)).toBe(before + piece);
    }),
  );
});
