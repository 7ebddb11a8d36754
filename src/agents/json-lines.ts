// One line of a machine stream as an object, and careful looks into it: nothing of an agent's output is trusted to have a shape.

import { cleanText } from '../core/clean-text.ts';

export type Json = Record<string, unknown>;

/** The object on a line, or null. A byte order mark and control sequences around it are tolerated. */
export const parseLine = (line: string): Json | null => {
  const start = line.indexOf('{');
  if (start < 0) return null;
  const whole = parseObject(line);
  if (whole) return whole;
  const before = line.slice(0, Math.min(start, 1000)).replace('\ufeff', '');
  const end = line.lastIndexOf('}') + 1;
  const noise = start > 0 || end < line.length;
  if (!noise || start > 1000 || cleanText(before).trim() !== '') return null;
  return parseObject(line.slice(start, end));
};

/**
 * An object that was printed into the middle of another line, found by its first characters. Null when it is not whole.
 * Inside a JSON string its quotes would be escaped, so text cannot pose as one.
 */
export const embeddedObject = (line: string, opening: string): Json | null => {
  const start = line.indexOf(opening);
  if (start < 0) return null;
  let depth = 0;
  let inString = false;
  for (let i = start; i < line.length; i++) {
    const char = line[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return parseObject(line.slice(start, i + 1));
  }
  return null;
};

const parseObject = (text: string): Json | null => {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
};

export const objectOf = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/**
 * A session id that is safe in an argv: ids come out of the stream and go back into the next command, where
 * one that begins with a dash would be a flag. Null for anything else.
 */
export const sessionOf = (value: unknown): string | null =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(value) ? value : null;
