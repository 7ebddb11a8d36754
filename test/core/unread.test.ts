// A run that is done says what of the task file it never looked at.
import { expect, test } from 'vitest';
import type { Spec } from '../../src/core/task.ts';
import { unreadBoxes, withUnread } from '../../src/core/unread.ts';

const spec = (...unread: (number | undefined)[]): Spec => ({
  dialect: 'kiro',
  because: null,
  tasks: [],
  groups: [],
  waves: null,
  diagnostics: unread.map(n => ({
    severity: 'warning',
    code: 'almost_box',
    message: '',
    line: 1,
    column: 1,
    source: '',
    ...(n !== undefined && { unread: n }),
  })),
});

test('the boxes of all diagnostics are summed', () => {
  expect([unreadBoxes(null), unreadBoxes(spec()), unreadBoxes(spec(undefined, 2, 1))]).toEqual([0, 0, 3]);
});

test('nothing is added where nothing was left', () => {
  expect([withUnread('done', null), withUnread('done', spec(undefined))]).toEqual(['done', 'done']);
  expect(withUnread('done', spec(1))).toBe(
    'done; 1 open box of the task file was not read as a task (seqrun lint shows it)',
  );
  expect(withUnread('done', spec(2, 1))).toBe(
    'done; 3 open boxes of the task file were not read as tasks (seqrun lint shows them)',
  );
});
