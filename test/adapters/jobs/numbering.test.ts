// Which numbers processes made between two moments can have.
import { expect, test } from 'vitest';
import { parseNumbering, pidsBetween } from '../../../src/adapters/jobs/numbering.ts';

const at = (lastPid: number, forks: number) => ({ lastPid, forks });

test('the numbers that were given out, in their order', () => {
  expect(pidsBetween(at(10, 100), at(14, 104), 32_768)?.all()).toEqual([11, 12, 13, 14]);
  expect(pidsBetween(at(10, 100), at(10, 100), 32_768)?.all()).toEqual([]);
});

test('the same where they begin anew', () => {
  const range = pidsBetween(at(32_765, 100), at(302, 107), 32_768)!;
  expect(range.all().slice(0, 3)).toEqual([32_766, 32_767, 0]);
  expect(range.all().at(-1)).toBe(302);
  expect([32_765, 303, 5_000].map(range.has)).toEqual([false, false, false]);
});

test('has and all say the same', () => {
  for (const [from, to] of [
    [10, 40],
    [90, 20],
    [99, 0],
    [0, 99],
    [5, 5],
  ] as const) {
    const range = pidsBetween(at(from, 0), at(to, 40), 100)!;
    const listed = new Set(range.all());
    expect(range.count).toBe(listed.size);
    for (let pid = 0; pid < 100; pid++) expect([pid, range.has(pid)]).toEqual([pid, listed.has(pid)]);
  }
});

test('null where every number is possible: so many were made, or the machine was booted since', () => {
  expect(pidsBetween(at(10, 100), at(20, 100 + 16_385), 32_768)).toBe(null);
  expect(pidsBetween(at(10, 100), at(20, 50), 32_768)).toBe(null);
  expect(pidsBetween(at(10, 100), at(20, 110), 0)).toBe(null);
});

test('read from what the kernel says', () => {
  const stat = 'cpu  1 2\nctxt 7\nbtime 8\nprocesses 1479810\nprocs_running 1\n';
  expect(parseNumbering('0.52 0.90 1.02 1/87 19863\n', stat)).toEqual(at(19_863, 1_479_810));
  expect(parseNumbering('', stat)).toBe(null);
  expect(parseNumbering('0.52 0.90 1.02 1/87 19863\n', 'cpu 1\n')).toBe(null);
});
