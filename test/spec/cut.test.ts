// Cutting must not be seen: the pieces hold the same blocks as the whole file.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../src/spec/cut.ts';
import { parsePiece } from '../../src/spec/nested.ts';
import { parseWhole } from '../../src/spec/piece.ts';
import { documents, facts, sorted } from './markdown.ts';

const RUNS = process.env.SEQRUN_TEST_LONG ? 25_000 : 400;
/** The long campaign takes a minute on a quiet machine. */
const withinMs = 600_000;

const piecewise = (text: string): string[] => {
  const lines = text.split('\n');
  const starts = cut(lines);
  const fresh = new Map();
  return sorted(
    starts.flatMap((base, index) => {
      const part = lines.slice(base, starts[index + 1]).join('\n');
      return facts(parsePiece(starts[index + 1] === undefined ? part : `${part}\n`, new Map(), fresh), base);
    }),
  );
};

describe('cutting', () => {
  it(
    'finds the same blocks piece by piece as in the whole file',
    () => {
      fc.assert(
        fc.property(documents, text => {
          expect(piecewise(text)).toEqual(sorted(facts(parseWhole(text))));
        }),
        { numRuns: RUNS },
      );
    },
    withinMs,
  );

  // Found by the property above; each broke an earlier cutter.
  it.each([
    '- - [ ] 1. alpha\n\t<!--\n- alpha',
    '    - [ ] 1. alpha\n- 2. [ ] 1. alpha\n- alpha',
    '      <!--\n\n2. - alpha\n- alpha',
    '- ```\n- <div>\n> [ ] 1. alpha',
    '- # h\n  ```\n- - [ ] 1. alpha\n```',
    '- - [ ] 1. alpha\n  -\t[ ] 1. alpha\n    - [ ] 1. alpha',
    '- 1.2 deep\n  - [ ] 1. alpha\n- - alpha',
    '- <!--\n  - - a <!-- c --> b\n  - [ ] 1. alpha\n    > [ ] 1. alpha',
    '- -      [ ] 1. alpha\n  - alpha',
    '- alpha\n<b>\n\n- [ ] 1. alpha',
    '- <!--\n   \n- alpha',
    '<http://x.y>\n# H\n\t[ ] 1. alpha\n\n- 10) alpha\nalpha',
    '- [ ] 1. alpha\n  \t- - [ ] 1. alpha\n      <a>\n- alpha',
  ])('%j', text => {
    expect(piecewise(text)).toEqual(sorted(facts(parseWhole(text))));
  });

  it('cuts at every item and heading in column 0 of an ordinary file', () => {
    expect(cut(['# Plan', '', '- [ ] 1. A', '  - [ ] 1.1 B', '', '- [ ] 2. C', '## Notes', '1. x', '2. y'])).toEqual([
      0, 2, 5, 6, 7, 8,
    ]);
  });

  it.each([
    ['a fence', ['```', '- [ ] 1. A', '```', '- [ ] 2. B'], [0, 3]],
    ['a comment', ['<!--', '- [ ] 1. A', '-->', '- [ ] 2. B'], [0, 3]],
    ['an HTML block', ['<div>', '- [ ] 1. A', '', '- [ ] 2. B'], [0, 3]],
    ['script text', ['<script>', '', '- [ ] 1. A', '</script>', '- [ ] 2. B'], [0, 4]],
    ['a fence closed too short', ['````', '```', '- [ ] 1. A', '````', '- [ ] 2. B'], [0, 4]],
  ])('does not cut inside %s', (_, lines, starts) => {
    expect(cut(lines)).toEqual(starts);
  });

  it('cuts after a fence that its list item ends', () => {
    expect(cut(['- a', '  ```', '  code', '- [ ] 1. A'])).toEqual([0, 3]);
  });

  it.each([
    ['fence', ['- a', 'goes on', '  ```', '- [ ] 1. A', '```', '- [ ] 2. hidden']],
    ['comment', ['- a', 'goes on', '  <!--', '- [ ] 1. A', '<!-- -->', '<!--', '- [ ] 2. hidden']],
  ])('stops cutting where only the parser can tell whether a %s belongs to the item above', (_, lines) => {
    expect(cut(lines)).toEqual([0]);
    expect(piecewise(lines.join('\n'))).toEqual(sorted(facts(parseWhole(lines.join('\n')))));
  });
});
