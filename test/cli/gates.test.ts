// Names and times of the gates that the settings make.
import { expect, test } from 'vitest';
import { backgroundFailure, gatesOf, readGates } from '../../src/cli/gates.ts';

const given = (command: string, name: string | null = null, timeoutMs: number | null = null) => ({
  name,
  command,
  timeoutMs,
});

test('those without a name are counted, past names that are taken', () => {
  const gates = gatesOf([given('a'), given('b', 'verify-2', 5), given('c'), given('d')], 7);
  expect(gates).toEqual([
    { name: 'verify', command: 'a', timeoutMs: 7, from: 'user' },
    { name: 'verify-2', command: 'b', timeoutMs: 5, from: 'user' },
    { name: 'verify-3', command: 'c', timeoutMs: 7, from: 'user' },
    { name: 'verify-4', command: 'd', timeoutMs: 7, from: 'user' },
  ]);
  // Folders and windows are told by such names.
  for (const { name } of gates) expect(name).toMatch(/^[a-z]+(-\d+)?$/);
});

test('refuses a gate that goes to the background, and says what to write instead', () => {
  const of = (command: string) => backgroundFailure([{ name: 'test', command }], null);
  for (const good of ['a && b', 'sleep 1 & wait', 'x \\&', 'a &&']) expect(of(good)).toBeNull();
  expect(of('npm test &')).toMatchObject({ exit: 64, next: "without the last &: --verify 'npm test'" });
  expect(of('y &\n')).toMatchObject({ exit: 64, next: 'without the last &: --verify y' });
  expect(of('&')).toMatchObject({ exit: 64, next: "without the last &: --verify 'npm test'" });
});

test('none is no command', () => {
  const at = () => ({ name: 'x' });
  const time = { read: () => 1, expected: '' };
  expect(readGates('none', time, at)).toEqual({ gates: [] });
  // In a list somebody means it.
  expect(readGates(['none'], time, at)).toMatchObject({ gates: [{ command: 'none' }] });
});
