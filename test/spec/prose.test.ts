// What prose says of the order of tasks, in the wordings that people use, and what it does not say.
import { describe, expect, it } from 'vitest';
import { expandReference } from '../../src/spec/dependencies.ts';
import { readOrderings } from '../../src/spec/prose.ts';

const ids = Array.from({ length: 30 }, (_, k) => `T0${String(k + 1).padStart(2, '0')}`);
const known = new Set([...ids, 'T010a', '1', '2', '3', '4', '5', '6', '1.1', '1.3', '2.1']);
/** `T002<T001` = T002 comes after T001. */
const said = (line: string, inDependencies = false): string[] =>
  readOrderings(line, { inDependencies, isKnown: id => known.has(id) }).flatMap(({ after, before }) =>
    after
      .flatMap(one => expandReference(one, known))
      .flatMap(a => before.flatMap(one => expandReference(one, known)).map(b => `${a}<${b}`)),
  );

describe('an order', () => {
  it.each([
    ['- **Setup**: start at once. T002 depends on T001 (same file).', ['T002<T001']],
    ['T013 and T014 depend on T012', ['T013<T012', 'T014<T012']],
    ['T003 (lint), T004 (types) can start after T001', ['T003<T001', 'T004<T001']],
    ['T005 is blocked by T004; T006 requires T005', ['T005<T004', 'T006<T005']],
    ['T001–T002 must complete before T003-T004', ['T003<T001', 'T003<T002', 'T004<T001', 'T004<T002']],
    ['**T009** blocks **T012**', ['T012<T009']],
    ['T011 depends on T009–T010a', ['T011<T009', 'T011<T010', 'T011<T010a']],
    ['T008 precede T009; T019 ocurre después de T016', ['T009<T008', 'T019<T016']],
    ['Task 1.1 must complete before 1.3 and 2.1', ['1.3<1.1', '2.1<1.1']],
    ['Tasks 2-3 can be done in parallel after task 1', ['2<1', '3<1']],
    ['- Task 1必须在Task 2-3之前完成', ['2<1', '3<1']],
    ['- Task 6可以在Task 1完成后进行', ['6<1']],
    [
      'T003, T004 touch different files → run in parallel; then T005/T006.',
      ['T005<T003', 'T005<T004', 'T006<T003', 'T006<T004'],
    ],
  ])('%s', (line, expected) => {
    expect(said(line)).toEqual(expected);
  });

  it('by arrows only in a section about order', () => {
    expect(said('- T001 (load) → T002 → T003', true)).toEqual(['T002<T001', 'T003<T002']);
    expect(said('T025 -> T026', true)).toEqual(['T026<T025']);
    expect(said('- T001 → T002')).toEqual([]);
  });
});

describe('no order', () => {
  it.each([
    ['T011 is independent of T004'],
    ['T011 does not depend on T004'],
    ['No dependencies: T001, T002'],
    ['T010 runs in parallel with T011'],
    ['US2 depends on Phase 2'],
    ['Phase 1 (T001 → T003)'],
    ['Worker A: T006 → T007'],
    ['Delivery order: T013 → T014 → T016'],
    ['Work sequentially: T001 → T002'],
    ['It depends on 2 new packages and 3 files'],
    ['T099 depends on T001'],
  ])('%s', line => {
    expect(said(line, true)).toEqual([]);
  });
});

it('is quick on what no hand writes', () => {
  // Time is no matter of this test: these would take minutes with patterns that try every way.
  for (const text of [
    'T001, '.repeat(20_000),
    `T001${' '.repeat(50_000)}after`,
    'T001 → '.repeat(20_000),
    'T1 ('.repeat(20_000),
  ]) {
    expect(said(text, true)).toEqual([]);
  }
});
