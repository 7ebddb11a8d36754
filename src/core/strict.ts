// `--strict`: what is only warned of in a task file is an error, and so is a task without a number.
import type { Diagnostic, Spec } from './task.ts';

/** The diagnostics as `strict` sees them; as they are without it. */
export const strictly = (
  strict: boolean,
  spec: Pick<Spec, 'tasks'>,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] =>
  strict
    ? [
        ...diagnostics.map(one => (one.severity === 'warning' ? { ...one, severity: 'error' as const } : one)),
        ...unnumbered(spec),
      ]
    : diagnostics;

/** Their ids come from their place in the file, and change with it. */
const unnumbered = ({ tasks }: Pick<Spec, 'tasks'>): Diagnostic[] =>
  tasks
    .filter(({ id }) => id.startsWith('#'))
    .map(({ title, line }) => ({
      severity: 'error',
      code: 'unnumbered_task',
      message: `This task has no number (--strict): ${JSON.stringify(title.slice(0, 80))}; expected e.g. - [ ] 3. ${title.slice(0, 40)}`,
      line,
      column: null,
      source: null,
    }));
