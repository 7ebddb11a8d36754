// What prose says of the order of tasks, in the wordings that people use, and what it does not say.
import { describe, expect, it } from 'vitest';
import { expandReference } from '../../src/spec/dependencies.ts';
import { type Members, orderingReader } from '../../src/spec/prose.ts';

const ids = Array.from({ length: 30 }, (_, k) => `T0${String(k + 1).padStart(2, '0')}`);
const known = new Set([...ids, 'T010a', '1', '2', '3', '4', '5', '6', '1.1', '1.3', '2.1']);
const read = orderingReader({
  isTask: id => known.has(id),
  isPhase: name => /^(?:phases? [1-9]\+?|us[1-6]|user stor(?:y|ies) [1-6]|setup|foundational)$/i.test(name),
  phaseTitles: ['setup', 'foundational'],
});
/** `T002<T001` = T002 comes after T001; a phase as it is written. */
const said = (line: string, inDependencies = false): string[] => {
  const names = ({ tasks, phases }: Members) => [
    ...tasks.flatMap(one => expandReference(one, known)),
    ...phases.map(({ from, to }) => (to === null ? from : `${from}…${to}`)),
  ];
  return read(line, { inDependencies }).flatMap(({ after, before }) =>
    names(after).flatMap(a => names(before).map(b => `${a}<${b}`)),
  );
};

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
    ['T004 needs T003', ['T004<T003']],
    ['- T004 は T003 に依存', ['T004<T003']],
    ['- 任务2 依赖 任务1', ['2<1']],
    ['- Aufgabe 2 hängt von Aufgabe 3 ab', ['2<3']],
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
    expect(said('T025 --> T026', true)).toEqual(['T026<T025']);
    expect(said('- T001 → T002')).toEqual([]);
  });

  it.each([
    ['- 1 → 3', ['3<1']],
    ['4 → 3 → 2 → 1', ['3<4', '2<3', '1<2']],
    ['- 1: depends on 4', ['1<4']],
    ['- 2 depends on 3', ['2<3']],
    ['- **2** depends on 3, 4.', ['2<3', '2<4']],
  ])('of bare numbers where they are all that a line of such a section holds: %s', (line, expected) => {
    expect(said(line, true)).toEqual(expected);
    expect(said(line)).toEqual([]);
  });
});

describe('an order of phases', () => {
  it.each([
    ['- **US1 (Phase 3)**: Depends on Phase 2', ['US1<Phase 2']],
    ['Phase 3 must be done before Phase 4 and Phase 5.', ['Phase 4<Phase 3', 'Phase 5<Phase 3']],
    ['- **Foundational (Phase 2)**: Depends on Setup completion - BLOCKS all user stories', ['Foundational<Setup']],
    ['- **User Stories (Phase 3-6)**: All depend on Foundational phase completion', ['Phase 3…6<Foundational']],
    ['- **User Stories (Phase 3+)**: All depend on Phase 2', ['Phase 3+<Phase 2']],
    ['- **User Story 1 (P1)**: Can start after Foundational (Phase 2) - no others', ['User Story 1<Foundational']],
    ['- **User Story 2**: Can start after the groundwork (Phase 2)', ['User Story 2<Phase 2']],
    ['T014 depends on Phase 2', ['T014<Phase 2']],
    ['US3 depends on T012 and US1', ['US3<T012', 'US3<US1']],
    ['Phase 1 (Setup) → Phase 2 (Foundational) → Phases 3-8 (User Stories)', ['Phase 2<Phase 1', 'Phases 3…8<Phase 2']],
  ])('%s', (line, expected) => {
    expect(said(line, true)).toEqual(expected);
  });

  it('by titles only in a section about order', () => {
    expect(said('Foundational depends on Setup')).toEqual([]);
  });
});

describe('no order', () => {
  it.each([
    ['T011 is independent of T004'],
    ['T011 does not depend on T004'],
    ['No dependencies: T001, T002'],
    ['T010 runs in parallel with T011'],
    ['US9 depends on Phase 2'],
    ['Contact us 3 days after phase 2 of the moon'],
    ['**User Story 2 (P2)**: no dependencies on other stories, may use US1'],
    ['Complete Phase 1 (CRITICAL - blocks all stories)'],
    ['Phase 1 (T001 → T003)'],
    ['Worker A: T006 → T007'],
    ['Delivery order: T013 → T014 → T016'],
    ['Work sequentially: T001 → T002'],
    ['It depends on 2 new packages and 3 files'],
    ['T099 depends on T001'],
    ['- 1 → 99'],
    ['- Ratio of 1 → 3'],
    ['- 2 depends on 3 of the files'],
    ['T004 → T005 (parallel)'],
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
    `1${' '.repeat(900)}-`,
    '1 --'.repeat(240),
    '1 は'.repeat(300),
  ]) {
    expect(said(text, true)).toEqual([]);
  }
});
