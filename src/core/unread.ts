// What a task file says besides its tasks: open boxes that nobody runs, and that a person may have meant as tasks.
import type { Spec } from './task.ts';
import { count } from './words.ts';

/** How many open boxes were told with a warning to be no tasks. */
export const unreadBoxes = (spec: Spec | null): number =>
  (spec?.diagnostics ?? []).reduce((sum, { unread = 0 }) => sum + unread, 0);

/** Why a run ended, with the boxes that it never looked at: "done" must not be read as more than was understood. */
export const withUnread = (because: string, spec: Spec | null): string => {
  const unread = unreadBoxes(spec);
  if (unread === 0) return because;
  const were = unread === 1 ? 'was not read as a task' : 'were not read as tasks';
  return `${because}; ${count(unread, 'open box', 'open boxes')} of the task file ${were} (seqrun lint shows ${unread === 1 ? 'it' : 'them'})`;
};
