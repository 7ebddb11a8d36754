// The setting `verify`: commands that check every unit, as typed or as the config file gives them, and the gates they make.
import { type Gate, type GateLevel, gateLevels, inForeground } from '../core/gate.ts';
import { shellWord } from '../core/shell-word.ts';
import type { Step } from './config-text.ts';
import { type Failure, usageFailure, type Where } from './errors.ts';
import { nearest } from './nearest.ts';

/** A gate as one source of settings gave it. */
export interface GivenGate {
  /** Its level, or a name of its own; null = it is counted: `verify`, `verify-2`, … */
  name: string | null;
  /** One command for `sh -c`: neither empty nor with a NUL. */
  command: string;
  /** null = what `--verify-timeout` says. */
  timeoutMs: number | null;
}

/** What a name looks like: it is part of the names of folders and windows, where a unit's windows are told by it. */
export const gateNamePattern = /^[a-z]+(-\d+)?$/;
/** Gates of the task file are called `task`, `task-2`, … */
export const gateNamesTaken = /^task(-\d+)?$/;
export const nameMax = 32;

/** What a command must be; the same words for every source. */
export const commandExpected = 'a command for sh, not empty';

const example = '{ "verify": { "test": "npm test" } }';
const objectExample = '{ "command": "npm test", "timeout": "10m" }';

export const isCommand = (text: string): boolean => text.trim() !== '' && !text.includes('\0');

/** Reads a time: milliseconds, or null where it is none that may be. */
interface TimeReader {
  read(given: unknown): number | null;
  expected: string;
}

type Wrong = (path: Step[], what: string, expected: string, next: string | null) => null;

/** In place of a gate: there shall be none, whatever the config file or the last run says. */
export const noGates = 'none';

/**
 * Reads the value of `verify` in the config file: a command, a list of commands, or commands by level (run in the order of the
 * levels, whatever the order in the file). A command is a text, or `{ "command": …, "timeout": "10m" }`; in a list also with a
 * `name`. Everything that is wrong is reported. `at` tells where in the file something stands, from `verify` on.
 */
export const readGates = (
  given: unknown,
  timeout: TimeReader,
  at: (...path: Step[]) => Where,
  source = 'the config file',
): { gates: GivenGate[] } | Failure[] => {
  const failures: Failure[] = [];
  const wrong: Wrong = (path, what, expected, next) => {
    const name = path.reduce<string>(
      (all, step) => (typeof step === 'number' ? `${all}[${step}]` : `${all}.${step}`),
      'verify',
    );
    failures.push(usageFailure(`"${name}" in ${source} ${what}`, { where: at(...path), expected, next }));
    return null;
  };
  if (given === noGates) return { gates: [] };
  const gates = listed(given, timeout, wrong).filter(gate => gate !== null);
  return failures.length > 0 ? failures : { gates };
};

const listed = (given: unknown, timeout: TimeReader, wrong: Wrong): (GivenGate | null)[] => {
  if (typeof given === 'string') return [readGate(given, [], [], timeout, wrong)];
  if (Array.isArray(given)) {
    if (given.length === 0) return [wrong([], 'is an empty list', 'at least one command', example)];
    const gates = given.map((item, k) => readGate(item, [k], ['name'], timeout, wrong));
    const seen = new Set<string>();
    for (const [k, gate] of gates.entries()) {
      if (!gate?.name) continue;
      if (seen.has(gate.name)) wrong([k], `has the name "${gate.name}", as another one`, 'a name of its own', null);
      seen.add(gate.name);
    }
    return gates;
  }
  if (!isObject(given)) {
    return [wrong([], 'is no command', 'a command, a list of commands, or commands by level', example)];
  }
  for (const key of Object.keys(given)) {
    if (gateLevels.some(level => level === key)) continue;
    const near = nearest(key, gateLevels);
    wrong(
      [key],
      'is no level of gates',
      `one of ${gateLevels.join(', ')}`,
      near === null ? example : `did you mean "${near}"?`,
    );
  }
  const levels = gateLevels.filter(level => Object.hasOwn(given, level));
  if (Object.keys(given).length === 0) wrong([], 'holds no level', `some of ${gateLevels.join(', ')}`, example);
  return levels.map((level: GateLevel) => {
    const gate = readGate(given[level], [level], [], timeout, wrong);
    return gate && { ...gate, name: level };
  });
};

const readGate = (
  given: unknown,
  path: Step[],
  more: readonly string[],
  timeout: TimeReader,
  wrong: Wrong,
): GivenGate | null => {
  if (typeof given === 'string') {
    if (isCommand(given)) return { name: null, command: given, timeoutMs: null };
    return wrong(path, 'is no command', commandExpected, example);
  }
  if (!isObject(given)) return wrong(path, 'is no command', 'a text, or an object with "command"', objectExample);
  const known = ['command', 'timeout', ...more];
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const next = near === null ? objectExample : `did you mean "${near}"?`;
    wrong([...path, key], 'is unknown', `one of ${known.join(', ')}`, next);
  }
  const { command, timeout: time, name } = given;
  const ms = time === undefined ? null : timeout.read(time);
  if (time !== undefined && ms === null) {
    wrong([...path, 'timeout'], 'is no time for it', timeout.expected, '"timeout": "10m"');
  }
  if (more.includes('name') && name !== undefined && !isName(name)) {
    const expected = 'lower-case letters, then maybe a hyphen and a number; "task" is taken';
    wrong([...path, 'name'], 'is no name for a gate', expected, '"name": "unit"');
  }
  if (typeof command !== 'string' || !isCommand(command)) {
    const where = command === undefined ? path : [...path, 'command'];
    return wrong(
      where,
      command === undefined ? 'has no "command"' : 'is no command',
      commandExpected,
      '"command": "npm test"',
    );
  }
  return { name: isName(name) ? name : null, command, timeoutMs: ms };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= nameMax && gateNamePattern.test(name) && !gateNamesTaken.test(name);

/** The gates of every unit, each with a name and a time. */
export const gatesOf = (given: readonly GivenGate[], timeoutMs: number): Gate[] => {
  const taken = new Set(given.map(({ name }) => name));
  let count = 0;
  const nextName = (): string => {
    do count++;
    while (taken.has(numbered(count)));
    return numbered(count);
  };
  return given.map(({ name, command, timeoutMs: own }) => ({
    name: name ?? nextName(),
    command,
    timeoutMs: own ?? timeoutMs,
    from: 'user',
  }));
};

/**
 * A failure (64) for the first gate whose command sends itself to the background: sh exits with 0 at once, whatever becomes of it, and
 * that would count as passed. `where` = where the gates were given.
 */
export const backgroundFailure = (
  gates: readonly Pick<Gate, 'name' | 'command'>[],
  where: Where | null,
): Failure | null => {
  for (const { name, command } of gates) {
    const instead = inForeground(command);
    if (instead === null) continue;
    return usageFailure(
      `gate ${name} (${command.trim()}) ends with "&": it would pass at once, whatever its command does`,
      {
        where,
        expected: 'a command that sh waits for',
        next: `without the last &: --verify ${shellWord(instead === '' ? 'npm test' : instead)}`,
      },
    );
  }
  return null;
};

const numbered = (count: number): string => (count === 1 ? 'verify' : `verify-${count}`);
