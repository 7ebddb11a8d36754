// How urgent the file says a task is: `_priority: 1_` (first) to `5`, or a word for it.
import type { Draft } from './plan-units.ts';
import type { Diagnostic, Spec, Task } from './task.ts';

/** Of a task that says nothing. */
export const usualPriority = 3;

const WORDS: Readonly<Record<string, number>> = { critical: 1, high: 2, normal: 3, medium: 3, low: 4 };

/** What the line says, or the text in it that says nothing. */
type Said = { priority: number } | { strange: string };

const LINE = /^[ \t]*(?:[-*+][ \t]+)?_priority:[ \t]*([^_\n]*)_[ \t]*$/i;
const FENCE = /^[ \t]*(?:```|~~~)/;

/** The last such line of a task's text counts; those in code are none. */
const saidIn = (details: string): Said | null => {
  // Nearly no task has one.
  if (!/_priority:/i.test(details)) return null;
  let said: Said | null = null;
  let isCode = false;
  for (const line of details.split('\n')) {
    if (FENCE.test(line)) isCode = !isCode;
    const text = isCode ? undefined : LINE.exec(line)?.[1]?.trim();
    if (text === undefined) continue;
    const priority = /^[1-5]$/.test(text) ? Number(text) : WORDS[text.toLowerCase()];
    said = priority === undefined ? { strange: text } : { priority };
  }
  return said;
};

/** From 1 (first) to 5; null = it does not say, or not so that it can be read. */
export const priorityOf = ({ priority, details }: Pick<Task, 'priority' | 'details'>): number | null => {
  if (priority !== undefined) return priority;
  const said = saidIn(details);
  return said && 'priority' in said ? said.priority : null;
};

/**
 * Of a unit: what the task says that it is named after, or one that it lies in (`above`, nearest first), else the most urgent word of its
 * leaves; null = none of them says anything.
 */
export const priorityOfUnit = ({ id, tasks, leaves }: Draft, above: readonly Task[]): number | null => {
  const own = tasks.find(task => task.id === id);
  for (const task of own ? [own, ...above] : []) {
    const priority = priorityOf(task);
    if (priority !== null) return priority;
  }
  const among = leaves.map(priorityOf).filter(one => one !== null);
  return among.length > 0 ? Math.min(...among) : null;
};

/** One warning for each task whose `_priority: …_` cannot be read. */
export const strangePriorities = ({ tasks }: Pick<Spec, 'tasks'>): Diagnostic[] =>
  tasks.flatMap(({ id, line, details, priority }) => {
    const said = priority === undefined ? saidIn(details) : null;
    if (!said || 'priority' in said) return [];
    const message = `Task ${id} says ${JSON.stringify(said.strange)} of its priority; expected _priority: 1_ (first) to 5, or critical, high, medium, low. It counts as ${usualPriority}.`;
    return { severity: 'warning', code: 'bad_priority', message, line, column: null, source: null };
  });
