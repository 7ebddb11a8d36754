// `--strict`: which files it does not let through.
import { expect, test } from 'vitest';
import { strictly } from '../../src/core/strict.ts';
import { readSpec } from '../../src/spec/read.ts';

const codes = (strict: boolean, ...lines: string[]) => {
  const spec = readSpec(new TextEncoder().encode(lines.join('\n')));
  return strictly(strict, spec, spec.diagnostics).map(({ severity, code, line }) => [severity, code, line]);
};

test('a warning is an error, and so is a task without a number', () => {
  const marked = ['- [ ] 1. One', '- [?] 2. Two'];
  expect(codes(false, ...marked)).toEqual([['warning', 'unknown_mark', 2]]);
  expect(codes(true, ...marked)).toEqual([['error', 'unknown_mark', 2]]);
  expect(codes(false, '- [ ] One', '- [ ] Two')).toEqual([]);
  expect(codes(true, '- [ ] One', '- [ ] Two')).toEqual([
    ['error', 'unnumbered_task', 1],
    ['error', 'unnumbered_task', 2],
  ]);
});

test('what is clean stays so', () => {
  expect(codes(true, '- [ ] 1. One', '  - [ ] 1.1 First', '- [ ] 2. Two')).toEqual([]);
});
