// The shape of trouble a user can mend, and how it reads. Nothing here prints.
import type { ExitCode } from './exit-codes.ts';

/** A place in something the user wrote. Lines and columns are 1-based. */
export interface Where {
  /** A path, a variable's name, `command line`. */
  name: string;
  line?: number | null;
  column?: number | null;
  /** The source line. */
  source?: string | null;
}

/** What happened, where, what was expected, and an example or the next command. */
export interface Failure {
  exit: ExitCode;
  /** One sentence without a full stop. What it quotes may be hostile: the console cleans it. */
  what: string;
  where: Where | null;
  expected: string | null;
  /** What to type or to change next. */
  next: string | null;
}

/** A failure of the words typed (64); the other parts may be left out. */
export const usageFailure = (what: string, parts: Partial<Omit<Failure, 'what'>> = {}): Failure => ({
  exit: 64,
  where: null,
  expected: null,
  next: null,
  ...parts,
  what,
});

/** User input as a message quotes it: at most 200 characters. */
export const quote = (text: string): string => `"${text.length > 200 ? `${text.slice(0, 199)}…` : text}"`;

/**
 * A source line with a caret under `column` (1-based, in UTF-16 units of `source`), cut to a part around it that fits
 * 76 columns. Tabs become spaces so that the caret stands right. Empty when there is no source.
 */
export const underline = (where: Where): string[] => {
  const { source, line, column } = where;
  if (source === null || source === undefined || source.trim() === '') return [];
  const width = 70 - `${line ?? ''}`.length;
  const at = Math.max(0, Math.min((column ?? 1) - 1, source.length));
  const from = at > width - 10 ? at - Math.floor(width / 2) : 0;
  const shown = source.slice(from, from + width).replaceAll('\t', ' ');
  const gutter = `${line ?? ''}`;
  const lines = [`${gutter} | ${from > 0 ? '…' : ''}${shown}`];
  if (column) lines.push(`${' '.repeat(gutter.length)} | ${' '.repeat(at - from + (from > 0 ? 1 : 0))}^`);
  return lines;
};

/** `tasks.md:12:3`, as editors and terminals open it. */
export const placeOf = (where: Where): string =>
  [where.name, where.line, where.line ? where.column : null]
    .filter(part => part !== null && part !== undefined)
    .join(':');

/** The lines a failure prints, without colour. The first one is the sentence that says what happened. */
export const failureLines = (failure: Failure): string[] => {
  const lines = [failure.what];
  if (failure.where) {
    lines.push(`  at ${placeOf(failure.where)}`);
    for (const line of underline(failure.where)) lines.push(`    ${line}`);
  }
  if (failure.expected !== null) lines.push(...`  expected: ${failure.expected}`.split('\n'));
  if (failure.next !== null) lines.push(`  next: ${failure.next}`);
  return lines;
};
