// The signs of where a unit stands, in Unicode and for terminals that show ASCII alone. Pure.
import type { UnitProgress } from '../../core/units.ts';

/** Where a unit stands, or that the run waits with it. */
export type Mark = UnitProgress['kind'] | 'waiting';

export const unicodeMarks: Record<Mark, string> = {
  completed: '✓',
  running: '▶',
  checking: '▷',
  waiting: '◔',
  ready: '·',
  blocked: '⏸',
  failed: '✗',
  halted: '?',
  skipped: '-',
};

export const asciiMarks: Record<Mark, string> = {
  completed: '+',
  running: '>',
  checking: '=',
  waiting: '~',
  ready: '.',
  blocked: '|',
  failed: 'x',
  halted: '?',
  skipped: '-',
};
