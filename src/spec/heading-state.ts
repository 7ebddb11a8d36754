// How far the task of a heading is, as the lines below it say.
import type { TaskState } from '../core/task.ts';
import type { Candidate } from './collect.ts';
import { fateOf } from './postponed.ts';

const STATUS = /^[ \t]*(?:[-*+][ \t]+)?\**(?:status|状态|estado)\**[ \t]*[:：]\**[ \t]*(.*)$/i;

/** What the first status line says, or null. */
export const statusBelow = (below: readonly string[]): string | null => {
  for (const line of below) {
    const status = STATUS.exec(line)?.[1];
    if (status !== undefined) return status;
  }
  return null;
};

/** Without a box of its own: its check list, else its status line, else a sign in the heading. `text` = the heading. */
export const stateBelow = (text: string, boxes: readonly Candidate[], below: readonly string[]): TaskState => {
  if (boxes.length > 0) {
    const done = boxes.filter(box => box.item.box?.state === 'done').length;
    return done === boxes.length ? 'done' : done === 0 ? 'pending' : 'in_progress';
  }
  const status = statusBelow(below);
  if (status !== null) {
    // What is given up leaves nothing to do.
    if (fateOf(status) === 'given_up') return 'done';
    if (/partial|in[ _-]?progress|wip|进行中|🔄/i.test(status)) return 'in_progress';
    return /\b(?:complete[d]?|done|finished|conclu[ií]d[ao])\b|✅|已完成/i.test(status) &&
      !/\b(?:not|in)\s*complete/i.test(status)
      ? 'done'
      : 'pending';
  }
  return /✅/.test(text) ? 'done' : 'pending';
};
