// What tells a process of a start although its environment was cleared.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hasNumber, inheritedNumber, inheritedNumberIn } from '../../../src/adapters/jobs/inherited.ts';

const limits = (soft: string, hard: string) =>
  `Max processes             unlimited            unlimited            processes \nMax file locks            ${soft.padEnd(20)} ${hard.padEnd(20)} locks     \nMax pending signals       95             95             signals   \n`;

test('the number is the one that cannot be raised again', () => {
  expect(inheritedNumberIn(limits('unlimited', 'unlimited'))).toBeNull();
  expect(inheritedNumberIn(limits('17', '123456789012'))).toBe(123456789012);
  expect(inheritedNumberIn(limits('17', 'unlimited'))).toBeNull();
  expect(inheritedNumberIn('')).toBeNull();
  const mark = 'x-0123456789a';
  expect(hasNumber(limits(`${inheritedNumber(mark)}`, `${inheritedNumber(mark)}`), mark)).toBe(true);
});

test.skipIf(process.platform !== 'linux')('the limits of a real process are read', () => {
  const text = execFileSync('sh', ['-c', 'ulimit -w 4711 2>/dev/null || ulimit -x 4711; cat /proc/self/limits'], {
    encoding: 'utf8',
  });
  expect(inheritedNumberIn(text)).toBe(4711);
});
