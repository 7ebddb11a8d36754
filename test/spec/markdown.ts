// Random documents for the parser's property tests, and what the parser alone finds in them when it gets them whole.
import fc from 'fast-check';
import type { Piece } from '../../src/spec/piece.ts';

const word = fc.constantFrom(
  'alpha',
  'beta `code`',
  '*em*',
  '[x](u)',
  'a <!-- c --> b',
  '5 tests',
  '1.2 deep',
  '`<!--`',
  '<b>',
  'a|b',
);
const task = fc
  .tuple(
    fc.constantFrom('[ ]', '[x]', '[-]', '[~]', '[ ]*', '[]', '[X]', '[q]'),
    fc.constantFrom('1.', '1.1', '2', '3.4.5', '', '**2.**', 'a'),
    word,
  )
  .map(parts => parts.join(' '));
const text = fc.oneof(word, task);
const bullet = fc.constantFrom('- ', '* ', '+ ', '1. ', '2. ', '10) ', '-   ', '-      ', '-\t');
const indent = fc.constantFrom('', '', '', ' ', '  ', '  ', '   ', '    ', '    ', '      ', '\t', '  \t', '        ');

const line = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(indent, bullet, text).map(parts => parts.join('')) },
  { weight: 3, arbitrary: fc.tuple(indent, bullet, bullet, text).map(parts => parts.join('')) },
  { weight: 4, arbitrary: fc.tuple(indent, text).map(parts => parts.join('')) },
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('   ', '-', '*', '1.', '- ') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(indent, fc.constantFrom('# H', '## 1. Two', '### Notes', '---', '***', '* * *', '- - -', '===', '___'))
      .map(parts => parts.join('')),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(indent, fc.constantFrom('```', '```json', '~~~', '````', '``` a`b', '~~~~ x'))
      .map(parts => parts.join('')),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        indent,
        fc.constantFrom(
          '<!--',
          '-->',
          '<!-- x -->',
          '<div>',
          '</div>',
          '<pre>',
          '</pre>',
          '<?php',
          '?>',
          '<![CDATA[',
          ']]>',
          '<!X',
          '<b>x</b>',
          '<a>',
          '<details>',
          '<!-->',
          '<http://x.y>',
        ),
      )
      .map(parts => parts.join('')),
  },
  { weight: 2, arbitrary: fc.tuple(indent, fc.constantFrom('> ', '>', '> > '), text).map(parts => parts.join('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '> ```',
      '> - [ ] 1. q',
      '> <!--',
      '[x]: http://a',
      '[x]: <',
      '- [x]: http://a',
      '| [x] T1 | a |',
      '- ```',
      '- <!--',
      '- <div>',
      '- # h',
      '- > - [ ] 9. q',
      '1.1. dotted',
      '  2.3 dotted',
    ),
  },
);

/** Lists, text, fences, HTML, comments, quotes, in any order and at any indent. */
export const documents = fc.array(line, { minLength: 1, maxLength: 14 }).map(lines => lines.join('\n'));

/** What two ways of parsing must agree on, with the lines of the file. */
export const facts = (piece: Piece, base = 0): unknown[] => [
  ...piece.items.map(item => {
    const depth = (index: number): number => (index < 0 ? 0 : 1 + depth(piece.items[index]!.parent));
    const { line, column, ordered, box, head, optional, swallowed, quoted, end, parent } = item;
    const around = parent < 0 ? null : piece.items[parent]!.line + base;
    // A dotted line at the top goes on to the end of its piece, which is no fact about the document.
    const last = swallowed && !box ? null : lastLine(piece, line, end) + base;
    return ['item', line + base, column, depth(parent), around, ordered, box, head, optional, swallowed, quoted, last];
  }),
  ...piece.headings.map(({ line, depth, text: heading }) => ['heading', line + base, depth, heading]),
  ...piece.fences.map(({ line, value }) => ['fence', line + base, value]),
  ...[...piece.opaque].filter(at => piece.lines[at]?.trim()).map(at => ['opaque', at + base]),
  ...[...piece.commented].map(at => ['commented', at + base]),
  ...piece.strayBoxes.map(at => ['stray', at + base]),
];

/** Last line of an item that holds anything. */
const lastLine = (piece: Piece, from: number, end: number): number => {
  let last = end;
  while (last > from && !piece.lines[last]?.trim()) last--;
  return last;
};

export const sorted = (list: readonly unknown[]): string[] => list.map(entry => JSON.stringify(entry)).sort();
