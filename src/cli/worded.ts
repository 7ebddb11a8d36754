// Messages of the adapters as failures of the command line.
import type { Failure } from './errors.ts';

/** A failure from an adapter's message: its first line says what, the rest where and what next. */
export const worded = (exit: number, message: string): Failure => {
  const [what, ...rest] = message.split('\n');
  return {
    exit: exit as Failure['exit'],
    what: what!,
    where: null,
    expected: null,
    next: rest.length > 0 ? rest.map(line => line.trim()).join('\n        ') : null,
  };
};
