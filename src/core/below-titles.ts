// What a task file asks for below the titles of its tasks: kept as hashes, so that what a job rewrites there is told. Pure.
import { leavesOf } from './follow-titles.ts';
import { hashText } from './hash.ts';
import { leafTasks } from './leaves.ts';
import type { Plan } from './plan-types.ts';
import type { LeafAgain } from './read-again.ts';
import { notice } from './records.ts';
import type { State } from './state.ts';
import type { Spec, Task } from './task.ts';

/**
 * By id of a leaf: hash of the lines below its title and below those above it, as all of them are in its prompt. Blanks and ticks in them
 * do not count. Leaves without such lines are not in it.
 */
export const readBelow = (spec: Pick<Spec, 'tasks'>): Record<string, string> => {
  const byId = new Map(spec.tasks.map(task => [task.id, task]));
  const said = new Map<Task, string>();
  const saidBelow = (task: Task): string => {
    const known = said.get(task);
    if (known !== undefined) return known;
    // In a file with an id twice, a task could be above itself.
    said.set(task, '');
    const above = task.parent === null ? undefined : byId.get(task.parent);
    const text = `${above ? saidBelow(above) : ''}${asWords(task.details)}`;
    said.set(task, text);
    return text;
  };
  return Object.fromEntries(
    leafTasks(spec).flatMap(leaf => {
      const text = saidBelow(leaf);
      return text === '' ? [] : [[leaf.id, hashText(text)]];
    }),
  );
};

const asWords = (details: string): string =>
  details
    .split('\n')
    .map(line =>
      line
        .replace(/^(\s*(?:[-*+]|\d+[.)])\s+)\[[^\]]?\]/, '$1[ ]')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter(line => line !== '')
    .map(line => `${line}\n`)
    .join('');

/** Whether the leaves that are not done ask for the same as when the plan was made. */
export const isSameBelow = (state: State, below: Readonly<Record<string, string>>, ids: readonly string[]): boolean => {
  const now = new Map(Object.entries(below));
  return ids.every(id => state.done.has(id) || now.get(id) === state.below?.get(id));
};

/**
 * Folds what is asked for below titles. The tasks go on as they are written now; but whoever counts on what they wrote must hear what a
 * job has changed of those that are not done. `below` is null in an old journal: it does not say, and nothing is compared.
 */
export const foldBelow = (
  state: State,
  { plan, leaves, below }: { plan: Plan; leaves: readonly LeafAgain[]; below: Record<string, string> | null },
): void => {
  const before = state.below;
  state.below = below === null ? null : new Map(Object.entries(below));
  if (!state.fileUnread || before === null || state.below === null) return;
  const now = state.below;
  const optional = new Set(plan.skipped.flatMap(({ id, because }) => (because === 'optional' ? [id] : [])));
  const changed = leaves.flatMap(({ leaf: { id }, was }) => {
    const isTold = was?.as && !state.done.has(id) && !optional.has(id) && before.get(was.as.id) !== now.get(id);
    return isTold ? [id] : [];
  });
  if (changed.length === 0) return;
  // Of what was not selected the plan has no titles.
  const planned = leavesOf(plan);
  const names = changed.slice(0, 5).map(id => {
    const title = planned.get(id)?.title;
    return title === undefined ? id : `${id} ${JSON.stringify(title.slice(0, 80))}`;
  });
  const more = changed.length > 5 ? ` and ${changed.length - 5} more` : '';
  notice(
    state,
    `what is asked for below the title of task ${names.join(', ')}${more} was changed in the task file while a job ran`,
  );
};
