// What units say of how they are proved, from what their tasks say.
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import type { PlanOptions, Unit } from '../../src/core/plan-types.ts';
import { sameButForBoxes } from '../../src/core/ticks.ts';
import { readSpec } from '../../src/spec/read.ts';

const read = (lines: readonly string[]) => readSpec(new TextEncoder().encode(lines.join('\n')));
const unitsOf = (lines: readonly string[], options: Partial<PlanOptions> = {}): Unit[] =>
  makePlan(read(lines), {
    granularity: 'group',
    includeOptional: false,
    lenientDeps: false,
    only: null,
    from: null,
    until: null,
    ...options,
  }).plan.units;
const proofOf = ({ id, verify, noChange, expects, checkpoint, docs }: Unit) =>
  JSON.parse(JSON.stringify({ id, verify, noChange, expects, checkpoint, docs }));
const proofs = (lines: readonly string[], options: Partial<PlanOptions> = {}) => unitsOf(lines, options).map(proofOf);

const CART = [
  '- [ ] 1. Cart',
  '  - _verify: all_',
  '  - [ ] 1.2 Price',
  '    - _verify: price_',
  '    - _verify: same_',
  '  - [ ] 1.1 Model',
  '    - _verify: same_',
  '    - _verify: model_',
  '  - [ ]* 1.3 Tests',
  '    - _verify: tests_',
];

describe('commands', () => {
  it('are those of all tasks in file order, none twice, none of what is left out', () => {
    expect(proofs(CART)).toEqual([{ id: '1', verify: ['all', 'price', 'same', 'model'] }]);
    expect(proofs(CART, { includeOptional: true })).toEqual([
      { id: '1', verify: ['all', 'price', 'same', 'model', 'tests'] },
    ]);
  });

  it('of a parent or a heading belong, by leaf, to the last of its leaves', () => {
    expect(proofs(CART, { granularity: 'leaf' })).toEqual([
      { id: '1.1', verify: ['same', 'model'] },
      { id: '1.2', verify: ['all', 'price', 'same'] },
    ]);
    const headed = ['## 2. Ship', '_verify: ship_', '', '- [ ] 2.1 A', '  - _verify: a_', '- [ ] 2.2 B'];
    expect(proofs(headed)).toEqual([{ id: '2', verify: ['ship', 'a'] }]);
    expect(proofs(headed, { granularity: 'leaf' })).toEqual([
      { id: '2.1', verify: ['a'] },
      { id: '2.2', verify: ['ship'] },
    ]);
  });
});

describe('no change', () => {
  it('is needed where the whole says so or every leaf does', () => {
    const part = ['- [ ] 1. A', '  - [ ] 1.1 B', '    - _no_change_', '  - [ ] 1.2 C'];
    expect(proofs(part)).toEqual([{ id: '1' }]);
    expect(proofs([...part, '    - _no_change_'])).toEqual([{ id: '1', noChange: true }]);
    const whole = ['- [ ] 1. A', '  - _no_change_', '  - [ ] 1.1 B', '  - [ ] 1.2 C'];
    expect(proofs(whole)).toEqual([{ id: '1', noChange: true }]);
    expect(proofs(whole, { granularity: 'leaf' }).map(({ noChange }) => noChange)).toEqual([true, true]);
  });
});

describe('tests', () => {
  const expected = (...titles: string[]) =>
    proofs(['- [ ] 1. Whole', ...titles.map((title, k) => `  - [ ] 1.${k + 1} ${title}`)])[0].expects ?? null;

  it.each([
    [['Write failing tests'], 'red'],
    [['Set up', 'Write failing tests'], 'red'],
    [['Write failing tests', 'Write preservation property tests'], 'red'],
    // What could have mended the code may have: a red check is then a mistake.
    [['Write failing tests', 'Implement it'], null],
    [['Write failing tests', 'Cart'], null],
    [['Write failing tests', 'Add login with tests'], null],
    [['Write failing tests', 'Implement it', 'Verify all tests pass'], 'green'],
    [['Verify all tests pass', 'Cart'], 'green'],
    [['Cart', 'Price'], null],
  ])('%j are %s at the end', (titles, expects) => {
    expect(expected(...titles)).toBe(expects);
  });

  it('are red where the parent says so, unless a part builds', () => {
    const parent = ['- [ ] 1. Write tests', '  - These tests MUST FAIL on unfixed code'];
    expect(proofs([...parent, '  - [ ] 1.1 Empty cart'])[0].expects).toBe('red');
    expect(proofs([...parent, '  - [ ] 1.1 Empty cart', '  - [ ] 1.2 Implement it'])[0].expects).toBeUndefined();
  });
});

describe('a gate may stay red', () => {
  const may = (titles: readonly string[], options: Partial<PlanOptions> = {}) =>
    unitsOf(
      titles.map(title => `${title.startsWith('  ') ? '  ' : ''}- [ ] ${title.trim()}`),
      options,
    ).flatMap(({ id, mayStayRed }) => (mayStayRed ? [id] : []));
  const bugfix = [
    '1. Write failing exploration test',
    '2. Write preservation property tests (BEFORE implementing fix)',
    '3. Fix for empty carts',
    '  3.1 Implement the fix',
    '  3.2 Verify exploration test now passes',
    '4. Write tests for the receipt',
    '5. Checkpoint - Ensure all tests pass',
  ];

  it('after units that only write tests, behind one that leaves a failing test and before all others', () => {
    expect(may(bugfix)).toEqual(['2']);
    expect(may(bugfix, { granularity: 'leaf' })).toEqual(['2']);
    expect(may(['1. Write tests', '2. Add the price'])).toEqual([]);
    expect(may(['1. Write failing tests', '2. Add the price', '3. Write receipt tests', '4. Pay'])).toEqual([]);
    expect(may(['1. Write failing tests', '2. Verify all tests pass', '3. Write receipt tests', '4. Pay'])).toEqual([]);
    expect(
      may(['1. Write failing tests', '2. Write price tests', '3. Write failing cart tests', '4. Write more tests']),
    ).toEqual(['2', '4']);
  });
  it('also where the one before is not selected', () => {
    expect(may(bugfix, { from: '2' })).toEqual(['2']);
  });
  it('but not after one of which a part, or the whole, may do something else', () => {
    const parts = (whole: string, ...titles: string[]) =>
      may(['1. Write failing tests', `2. ${whole}`, ...titles.map((title, k) => `  2.${k + 1} ${title}`), '3. Pay']);
    expect(parts('Preservation', 'Write cart tests', 'Add price tests')).toEqual(['2']);
    expect(parts('Preservation', 'Write cart tests', 'Cart')).toEqual([]);
    expect(parts('Implement the cart', 'Write cart tests')).toEqual([]);
  });
  it('is another plan', () => {
    const hash = (title: string) =>
      makePlan(read(['- [ ] 1. Write failing tests', `- [ ] 2. ${title}`, '  - Cart', '- [ ] 3. Pay']), {
        granularity: 'group',
        includeOptional: false,
        lenientDeps: false,
        only: null,
        from: null,
        until: null,
      }).plan.hash;
    expect(hash('Write tests')).not.toBe(hash('Write text'));
  });
});

it('is a checkpoint, or documentation, where every leaf is', () => {
  expect(proofs(['- [ ] 1. Checkpoint - Ensure all tests pass', '- [ ] 2. Update README.md'])).toEqual([
    { id: '1', noChange: true, expects: 'green', checkpoint: true },
    { id: '2', docs: true },
  ]);
  const mixed = (title: string) => ['- [ ] 1. A', `  - [ ] 1.1 ${title}`, '  - [ ] 1.2 B'];
  expect(proofs(mixed('Checkpoint'))).toEqual([{ id: '1' }]);
  expect(proofs(mixed('Update README.md'))).toEqual([{ id: '1' }]);
});

it.each([
  ['Cart', '  - _verify: npm test_'],
  ['Cart', '  - _no_change_'],
  ['Checkpoint', '  - Ensure all tests pass'],
])('a reading of %j with %j is another one than without', (title, line) => {
  const lines = ['- [ ] 1. One', `- [ ] 2. ${title}`, '  - look'];
  expect(sameButForBoxes(read(lines), read([...lines, line]))).toBe(false);
  expect(sameButForBoxes(read(lines), read([...lines, '  - look twice']))).toBe(true);
});
