// What titles and texts say of tests: which must fail, which must pass, what only checks, what only writes text for people.
import { describe, expect, it } from 'vitest';
import { readSpec } from '../../src/spec/read.ts';

const taskOf = (title: string, ...details: string[]) =>
  readSpec(
    new TextEncoder().encode(
      [`- [ ] 1. ${title}`, ...details.map(line => `  ${line}`), '- [ ] 2. Other', ''].join('\n'),
    ),
  ).tasks[0]!;
const expected = (title: string, ...details: string[]) => taskOf(title, ...details).expects ?? null;

const BUGFIX = `# Implementation Plan

- [ ] 1. Write bug condition exploration property test
  - **Property 1: Bug Condition** - Prices below zero
  - **CRITICAL**: This test MUST FAIL on unfixed code - that it fails shows the bug
  - **NOTE**: It will show that the fix works when it passes after implementation
  - Run test on UNFIXED code
  - **EXPECTED OUTCOME**: Test FAILS (so the bug is there)
- [ ] 2. Write preservation property tests (BEFORE implementing fix)
  - Verify tests PASS on UNFIXED code
  - **EXPECTED OUTCOME**: Tests PASS (the baseline)
- [ ] 3. Fix for prices below zero
  - [ ] 3.1 Implement the fix
    - The exploration test fails on unfixed code
  - [ ] 3.2 Verify bug condition exploration test now passes
    - Re-run the SAME test - do NOT write a new test
    - **EXPECTED OUTCOME**: Test PASSES
  - [ ] 3.3 Verify preservation tests still pass
- [ ] 4. Checkpoint - Ensure all tests pass
  - Ensure all tests pass, ask the user if questions arise.
`;

it('reads a bugfix spec', () => {
  const { tasks } = readSpec(new TextEncoder().encode(BUGFIX));
  expect(tasks.map(({ id, expects, noChange, checkpoint }) => [id, expects, noChange, checkpoint])).toEqual([
    ['1', 'red', undefined, undefined],
    // Its tests pass while the one of the bug fails: nothing is said of them all.
    ['2', undefined, undefined, undefined],
    ['3', undefined, undefined, undefined],
    ['3.1', undefined, undefined, undefined],
    ['3.2', 'green', true, undefined],
    ['3.3', 'green', true, undefined],
    ['4', 'green', true, true],
  ]);
});

describe('a test that must fail', () => {
  it.each([
    ['Write exploration tests', '- These tests **MUST FAIL** on unfixed code'],
    ['Write exploration tests', '- On UNFIXED code, they must fail'],
    ['Merge test for three branches (Expected to FAIL on unfixed code: nodes are copied)'],
    ['Write schema tests', '**Expected**: All tests should FAIL initially (no schema yet)'],
    ['Write cart tests', '- They are written and tests MUST FAIL before implementation'],
    ['Run cart tests to see them fail', '**Description**: Confirm cart tests fail before implementation'],
    ['Write failing unit tests for the cart'],
    ['[P] [US1] Add a failing contract test for `POST /cart`'],
    ['Add unit tests for the cart (red)'],
    ['Reproduce the crash', '- Expected outcome: the test fails'],
  ])('%s | %s', (title, ...details) => {
    expect(expected(title, ...details)).toBe('red');
  });

  it.each([
    ['Validate the form', '- It must fail with an error message when input is invalid'],
    ['Write tests for the form', '- Submitting must fail with an error message when input is invalid'],
    ['Test that uploads fail on broken connections'],
    ['Write tests for uploads', '- Test that a request fails before the retry limit is reached'],
    ['Implement rollback when smoke tests fail'],
    ['Write tests for the runner', '- Expected result: tests fail when no case was found'],
    ['Write preservation tests', '- Tests must NOT fail on unfixed code'],
    ['Write tests', '- Run them on UNFIXED code'],
    ['Implement cart with tests', '- Tests must fail before implementation'],
    ['Write cart tests', '- Tests must fail before implementation', '- Implement the cart', '- Run them again'],
    ['Write failing tests and implement the cart'],
    ['Fix for empty carts', '- This test MUST FAIL on unfixed code'],
    ['Write tests for failing payments'],
    ['Write tests', '```', 'This test MUST FAIL on unfixed code', '```'],
    ['Improve test reports', '- Show why a test fails before the code is changed by hand', '- Fix the colours'],
  ])('but not: %s | %s', (title, ...details) => {
    expect(expected(title, ...details)).not.toBe('red');
  });
});

describe('tests that must pass', () => {
  it.each([
    ['Verify all tests pass'],
    ['Confirm all tests pass and the code is tidy'],
    ['Run full test suite and verify all tests pass'],
    ['Run exploration tests on FIXED code'],
    ['Verify exploration tests', '- **EXPECTED OUTCOME**: All 4 tests PASS'],
    ['Checkpoint — Garantir que todos os testes passam'],
    ['最终检查点 — 确保所有测试通过'],
    ['Checkpoint', '- Ensure all backend tests pass, ask the user if questions arise.'],
  ])('%s | %s', (title, ...details) => {
    expect(expected(title, ...details)).toBe('green');
  });

  it.each([
    ['Checkpoint - Verify the pages'],
    ['Implement a report of tests that pass'],
    ['Write tests', '- Ensure all tests pass'],
    ['Verify tests pass on UNFIXED code'],
    ['Write preservation tests', '- EXPECTED OUTCOME: Tests PASS (baseline)'],
    ['Verify preservation tests', '- EXPECTED OUTCOME: Tests PASS on UNFIXED code'],
  ])('but not: %s | %s', (title, ...details) => {
    expect(expected(title, ...details)).toBeNull();
  });
});

describe('nothing but writing tests', () => {
  it.each([
    ['Write preservation property tests (BEFORE implementing fix)', '- Observe the cart on UNFIXED code'],
    ['Write tests'],
    ['Write **unit tests** for the cart'],
    ['[P] [US1] Add contract test for `POST /cart`'],
    ['Add authorization tests: `cart.test.ts`'],
    ['Create integration test cases covering the cart', '- Update the snapshot'],
  ])('%s | %s', (title, ...details) => {
    expect(taskOf(title, ...details).writesTests).toBe(true);
  });

  it.each([
    ['Add the price'],
    ['Refactor the whole shop'],
    ['Add login with tests'],
    ['Add test mode to the shop'],
    ['Create test data'],
    ['Write tests and refactor the cart'],
    ['Write tests, then add the cart'],
    ['Write tests; fix the cart'],
    ['Write tests - implement the cart'],
    ['Write cart tests', '- Then refactor the cart'],
    ['Write cart tests', '- Implement the cart'],
    ['Test the cart'],
    // What these expect is said otherwise.
    ['Write failing tests'],
    ['Write tests and make them pass'],
  ])('but not: %s | %s', (title, ...details) => {
    expect(taskOf(title, ...details).writesTests).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  it.each([
    'Checkpoint - Ensure all tests pass',
    'Checkpoint',
    'Final checkpoint',
    'Final Phase 1 Checkpoint',
    'Integration Checkpoint',
    '**Checkpoint final** — Verificar tudo',
    'Final Checkpoint ✅',
    'Checkpoint: everything works',
    'Ensure all tests pass',
    'Verify that all unit tests pass',
  ])('%s', title => {
    expect(taskOf(title)).toMatchObject({ checkpoint: true, noChange: true });
  });

  it.each([
    'Implement Checkpoint Manager',
    'Checkpoint storage',
    'Checkpoint: save the model every hour',
    'Add checkpoint - resume from it',
    'Tests or verification checkpoints executed',
    'Ensure all tests pass through the proxy',
    'Ensure payments pass',
  ])('but not: %s', title => {
    expect(taskOf(title).checkpoint).toBeUndefined();
  });
});

describe('documentation only', () => {
  it.each([
    ['Update README.md'],
    ['Update the README'],
    ['Write API documentation'],
    ['Create `docs/tools/cart.md`'],
    ['[P] Update CHANGELOG.md with v0.2 notes ✅'],
    ['Add troubleshooting section to documentation'],
    ['Document deployment steps', '- For beginners'],
    ['Documentation'],
    ['Translate docs/install.md to docs/de/install.md'],
  ])('%s', (title, ...details) => {
    expect(taskOf(title, ...details).docs).toBe(true);
  });

  it.each([
    ['Document model'],
    ['Create Document upload'],
    ['Write documentation generator'],
    ['Add documentation references to error messages'],
    ['Update README.md and add the flag'],
    ['Update README.md', '- Change `src/cart.ts`'],
    ['Write API documentation', '- Add JSDoc to all functions'],
    ['Add inline documentation'],
    ['Update documentation tests'],
    ['Write docs page component'],
    ['Update `.claude/commands/cart.md`'],
    ['Update `prompts/system.md`'],
    ['Create cart'],
    [`Update README.md ${'with words '.repeat(100)}`],
  ])('but not: %s | %s', (title, ...details) => {
    expect(taskOf(title, ...details).docs).toBeUndefined();
  });
});

it.each([
  ['Write tests', `- expected${' '.repeat(300_000)}fail`],
  [`Write tests ${'[a] '.repeat(50_000)}`, '- fail'],
  [`Update ${'the '.repeat(100_000)}`, '- fail'],
  [`Write ${'failing '.repeat(50_000)}`, '- fail'],
  ['Update README.md', `- ${'a.'.repeat(200_000)}`],
])('is read in time that grows with the text: %#', (title, line) => {
  const from = performance.now();
  taskOf(title, line);
  expect(performance.now() - from).toBeLessThan(3000);
});
