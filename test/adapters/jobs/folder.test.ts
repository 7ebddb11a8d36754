// What an exit code says of an end.
import { expect, it } from 'vitest';
import { processEndOf } from '../../../src/adapters/jobs/folder.ts';

it.each([
  [0, { code: 0, signal: null }],
  [1, { code: 1, signal: null }],
  [127, { code: 127, signal: null }],
  [128, { code: 128, signal: null }],
  [130, { code: null, signal: 'INT' }],
  [137, { code: null, signal: 'KILL' }],
  [139, { code: null, signal: 'SEGV' }],
  [143, { code: null, signal: 'TERM' }],
  // 400 to 404 modulo 256, as Gemini CLI exits: no signal that ends a process has these numbers.
  [144, { code: 144, signal: null }],
  [145, { code: 145, signal: null }],
  [148, { code: 148, signal: null }],
  [255, { code: 255, signal: null }],
])('%i', (code, end) => {
  expect(processEndOf(code, false)).toEqual({ ...end, interrupt: false });
  expect(processEndOf(code, true)).toEqual({ ...end, interrupt: true });
});
