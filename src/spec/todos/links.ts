// Which todos wait for which: `dependsOn` and its inverse `blocks`, and where the two contradict each other.
import { compareIds } from '../../core/task.ts';
import { quote } from '../report.ts';
import type { Complain, Names, Todo } from './todo.ts';

/** One is the other, or a part of it. */
const related = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

/**
 * What each todo waits for, with the offset at which that is written: its own `dependsOn` in order, what other todos say with `blocks`
 * behind. A `blocks` that names no todo, and one that says something else than the `dependsOn` at its other end, are errors; an unknown
 * id in `dependsOn` stays, and the plan finds it, as it finds a todo that waits for itself. Where both ends are written, parents
 * stand for their parts.
 */
export const dependenciesOf = (todos: readonly Todo[], complain: Complain): Map<string, Map<string, number>> => {
  const byId = new Map(todos.map(todo => [todo.id, todo]));
  const needs = new Map(todos.map(todo => [todo.id, new Map(todo.dependsOn.ids)]));
  for (const todo of todos) {
    for (const [id, at] of todo.blocks.ids) {
      const blocked = targetsOf(id, todos, byId);
      if (blocked.length === 0) {
        const near = nearIds(id, byId);
        const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' Take it out.';
        complain(
          'error',
          'unknown_dependency',
          `${todo.id} blocks ${quote(id)}, which the file does not have.${hint}`,
          at,
        );
      }
      for (const other of blocked) {
        const own = needs.get(other.id)!;
        if (own.has(todo.id)) continue;
        if (other.dependsOn.written && !waitsFor(other, todo.id, byId)) {
          const message = `${todo.id} blocks ${other.id}, but "dependsOn" of ${other.id} does not name ${todo.id}: they must say the same. Add ${quote(todo.id)} to the "dependsOn" of ${other.id}, or take ${quote(id)} out here.`;
          complain('error', 'blocks_disagree', message, at);
        }
        // Also then: what is shown of the plan is the careful reading.
        own.set(todo.id, at);
      }
    }
    for (const [id, at] of todo.dependsOn.ids) {
      const { blocks } = byId.get(id) ?? {};
      if (!blocks?.written || names(blocks, todo.id)) continue;
      const message = `${todo.id} depends on ${id}, but "blocks" of ${id} does not name ${todo.id}: they must say the same. Add ${quote(todo.id)} to the "blocks" of ${id}, or leave "blocks" out: it follows from "dependsOn".`;
      complain('error', 'blocks_disagree', message, at);
    }
  }
  return needs;
};

/** Whether the id is named, or what it is a part of, or a part of it. */
const names = ({ ids }: Names, id: string): boolean => ids.has(id) || [...ids.keys()].some(named => related(named, id));

/** The todo itself; where there is none of this id, its parts. */
const targetsOf = (id: string, todos: readonly Todo[], byId: ReadonlyMap<string, Todo>): Todo[] => {
  const own = byId.get(id);
  return own ? [own] : todos.filter(todo => todo.id.startsWith(`${id}.`));
};

/** Whether a todo, or one that it is a part of, names `id` or something that `id` is a part of. */
const waitsFor = (todo: Todo, id: string, byId: ReadonlyMap<string, Todo>): boolean => {
  const above: Todo[] = [];
  for (let at: string | null = todo.id; at !== null; at = parentOf(at, byId)) above.push(byId.get(at)!);
  return above.some(one => names(one.dependsOn, id));
};

/** The nearest id of the file that this one begins with, up to a dot. */
export const parentOf = (id: string, byId: ReadonlyMap<string, unknown>): string | null => {
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) {
    if (byId.has(id.slice(0, dot))) return id.slice(0, dot);
  }
  return null;
};

/** Ids that differ by little more than how they are written. */
const nearIds = (id: string, byId: ReadonlyMap<string, Todo>): string[] => {
  const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, '');
  return [...byId.keys()]
    .filter(other => bare(other) === bare(id))
    .sort(compareIds)
    .slice(0, 3);
};
