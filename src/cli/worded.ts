// Messages of the adapters and of the desk as failures of the command line.
import type { Failure, Where } from './errors.ts';

/**
 * A failure from a message: its first line says what, `  at …` where, deeper lines show the source, a sentence that begins with
 * `Expected` says what was expected, and the rest is what to do next. A first line `/file:line:column: what` is taken apart.
 */
export const worded = (exit: number, message: string): Failure => {
  const [first = '', ...rest] = message.split('\n');
  const placed = diagnostic.exec(first);
  const where: Where | null = placed
    ? { name: placed[1]!, line: numberOf(placed[2]), column: numberOf(placed[3]), source: null }
    : null;
  const failure: Failure = {
    exit: exit as Failure['exit'],
    what: placed?.[4] ?? first,
    where,
    expected: null,
    next: null,
  };
  const next: string[] = [];
  let source: string | null = null;
  for (const line of rest) {
    const at = /^ {2}at (.*)$/.exec(line);
    const shown = /^ {4}(?:\d+ \| )?(.*)$/.exec(line);
    const expected = /^Expected (.*?)(?:\. (.*)|\.?)$/.exec(line);
    if (at) failure.where = { ...failure.where, name: at[1]! };
    else if (shown) source = shown[1]!;
    else if (expected && failure.expected === null) {
      failure.expected = expected[1]!;
      if (expected[2]) next.push(expected[2]);
    } else if (line.trim() !== '') next.push(line.trim());
  }
  if (failure.where && source !== null) failure.where = { ...failure.where, source };
  return { ...failure, next: next.length > 0 ? next.join(' ') : null };
};

/** Several diagnostics stand in one message, each beginning with its file. */
export const wordedAll = (exit: number, message: string): Failure[] =>
  message.split(/\n(?=\/)/).map(one => worded(exit, one));

const diagnostic = /^(\/.*?)(?::(\d+))?(?::(\d+))?: (.*)$/s;
const numberOf = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));
