// Text to value, one reader per kind of flag. Used for flags and environment alike.
import parseDuration from 'parse-duration';
import { shellWord } from '../core/shell-word.ts';
import type { Flag } from './flag.ts';
import { commandExpected, type GivenGate, isCommand, noGates } from './gates.ts';
import { nearest } from './nearest.ts';
import { isPlaceholder } from './placeholder.ts';
import { readTemplate } from './template.ts';

/** A value, or what was expected instead. */
export type Reading =
  | { ok: true; value: boolean | number | string | string[] | GivenGate[] }
  | { ok: false; expected: string };

const wrong = (expected: string): Reading => ({ ok: false, expected });

/** 90s, 15m, 1h30m: units in falling order, each at most once. A bare number says nothing about its unit and is refused. */
export const durationPattern = '^(?=\\d)(?:\\d+d)?(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?(?:\\d+ms)?$';
const DURATION = new RegExp(durationPattern);

/** Milliseconds of a strict duration, or null. */
export const durationMs = (text: string): number | null => {
  if (!DURATION.test(text)) return null;
  const ms = parseDuration(text);
  return ms !== null && Number.isFinite(ms) ? ms : null;
};

/** The shortest strict form of a time: 7200000 → `2h`. */
export const durationText = (ms: number): string => {
  if (ms === 0) return '0s';
  const parts: string[] = [];
  let left = ms;
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * size;
  }
  return parts.join('');
};

/** Words without anything that quotes, splits or globs are typed as they are. */
const argvText = (argv: readonly string[]): string =>
  argv.every(word => /^[\w@%+=:,./{}-]+$/.test(word)) ? argv.join(' ') : JSON.stringify(argv);

/** A value as it would be typed, once per occurrence of its flag; what only the config file can say is none. */
export const valueTexts = (flag: Flag, value: unknown): string[] => {
  switch (flag.kind) {
    case 'seconds':
      return [`${(value as number) / 1000}`];
    case 'duration':
      return [durationText(value as number)];
    case 'paths':
      return value as string[];
    case 'ids':
    case 'choices':
      return [(value as string[]).join(',')];
    case 'argv':
      return [argvText(value as string[])];
    case 'gates':
      return (value as GivenGate[]).length === 0 ? [noGates] : (value as GivenGate[]).map(gate => gate.command);
    case 'modes':
    case 'agents':
      return [];
    default:
      return [String(value)];
  }
};

/** `a number of seconds from 0 to 604800`. */
export const expectedOf = (flag: Flag): string => {
  switch (flag.kind) {
    case 'count':
      return `a whole number from ${flag.min} to ${flag.max}`;
    case 'seconds':
      return `a number of seconds from ${flag.min! / 1000} to ${flag.max! / 1000}`;
    case 'duration': {
      const least = flag.min! > 1 ? ` of at least ${durationText(flag.min!)}` : flag.min === 1 ? ' longer than 0' : '';
      return `a time${least} with its unit, at most ${durationText(flag.max!)}`;
    }
    case 'choice':
      return `one of ${flag.choices!.join(', ')}${flag.ownAgents ? ', or a name under "agents" in the config file' : ''}`;
    case 'choices':
      return `some of ${flag.choices!.join(', ')}, comma-separated`;
    case 'clock':
      return 'a time of day from 00:00 to 23:59';
    case 'gates':
      return commandExpected;
    case 'ids':
      return 'task ids, comma-separated';
    case 'switch':
      return 'true or false';
    case 'modes':
      return 'an object with names of agents, each with safe or full';
    case 'agents':
      return 'an object with names of agents, each with its command';
    case 'argv':
      return 'a command: words, or a JSON array of strings';
    default:
      return flag.kind === 'path' || flag.kind === 'paths' ? 'a path' : 'some text';
  }
};

/** What is expected in place of a word that is no choice. */
export const choiceExpected = (text: string, choices: readonly string[]): string => {
  const near = nearest(text, choices);
  return `one of ${choices.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`;
};

/** A value to type in place of `text`: the choice that was probably meant, else an example; quoted for a shell. */
export const instead = (flag: Flag, text: string, choices: readonly string[] = flag.choices ?? []): string => {
  const example = flag.kind === 'argv' ? shellWord(flag.example ?? '') : (flag.example ?? '');
  if (flag.kind !== 'choice' && flag.kind !== 'choices') return example;
  const meant = text.split(',').map(word => (choices.includes(word.trim()) ? word.trim() : nearest(word, choices)));
  return meant.every(word => word !== null) ? [...new Set(meant)].join(',') : example;
};

const within = (flag: Flag, value: number): boolean => value >= flag.min! && value <= flag.max!;

const TRUE = new Set(['1', 'true', 'yes', 'on']);
const FALSE = new Set(['0', 'false', 'no', 'off']);

/** Whether a switch-like variable is on: 1, true, yes, on in any case. Anything else is off. */
export const isOn = (text: string | undefined): boolean => TRUE.has((text ?? '').trim().toLowerCase());

/** Reads a flag's value from text. NaN, Infinity, signs, exponents and numbers outside the bounds are refused. */
export const readValue = (flag: Flag, text: string): Reading => {
  const expected = expectedOf(flag);
  switch (flag.kind) {
    case 'switch': {
      const word = text.trim().toLowerCase();
      if (TRUE.has(word) || FALSE.has(word)) return { ok: true, value: TRUE.has(word) };
      return wrong(expected);
    }
    case 'count': {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return within(flag, value) ? { ok: true, value } : wrong(expected);
    }
    case 'seconds': {
      const value = /^(?:\d{1,15}(?:\.\d*)?|\.\d+)$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
      return within(flag, value) ? { ok: true, value } : wrong(expected);
    }
    case 'duration': {
      const value = durationMs(text) ?? Number.NaN;
      return within(flag, value) ? { ok: true, value } : wrong(expected);
    }
    case 'clock': {
      const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text.trim()) ?? [];
      if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59) return wrong(expected);
      return { ok: true, value: `${hours.padStart(2, '0')}:${minutes}` };
    }
    case 'choice': {
      // Whether an agent of that name is in the config file is asked when that has been read.
      if (flag.choices!.includes(text) || flag.ownAgents) return { ok: true, value: text };
      return wrong(choiceExpected(text, flag.choices!));
    }
    case 'choices': {
      const words = text.split(',').map(word => word.trim());
      const strange = words.find(word => !flag.choices!.includes(word));
      if (strange === undefined) return { ok: true, value: [...new Set(words)] };
      const near = nearest(strange, flag.choices!);
      return wrong(`${expected}${near === null ? '' : `; did you mean ${near}?`}`);
    }
    case 'gates':
      if (text.trim() === noGates) return { ok: true, value: [] };
      return isCommand(text) ? { ok: true, value: [{ name: null, command: text, timeoutMs: null }] } : wrong(expected);
    case 'ids': {
      const ids = text.split(',').map(id => id.trim());
      return ids.every(id => id !== '') ? { ok: true, value: ids } : wrong(expected);
    }
    case 'argv': {
      if (isPlaceholder(text)) return wrong(`${expected}, in place of ${text.trim()}`);
      const template = readTemplate(text);
      return template.ok ? { ok: true, value: template.argv } : wrong(template.expected);
    }
    case 'paths':
      return text.trim() === '' || text.includes('\0') ? wrong(expected) : { ok: true, value: [text] };
    default:
      return text.trim() === '' || text.includes('\0') ? wrong(expected) : { ok: true, value: text };
  }
};
