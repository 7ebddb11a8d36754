// Which boxes are ticked, and which ones seqrun owes the user. Pure: the file room flips the bytes.

import type { ReadLeaf } from './events.ts';
import { hashTitle } from './hash.ts';
import { isWork, leafTasks } from './leaves.ts';
import { rehearsedLeaves } from './rehearsed.ts';
import type { State } from './state.ts';
import type { Spec, Task } from './task.ts';

/** Ids of the leaves whose own box is ticked. The mark of any other parent never counts. */
export const tickedLeaves = (spec: Spec): string[] =>
  leafTasks(spec).flatMap(task => (task.state === 'done' ? [task.id] : []));

/**
 * True when two readings hold the same tasks, headings and waves at the same lines, whatever their boxes and details say: then they
 * have the same plan.
 */
export const sameButForBoxes = (a: Spec, b: Spec): boolean =>
  a.dialect === b.dialect &&
  a.tasks.length === b.tasks.length &&
  a.tasks.every((task, index) => sameTask(task, b.tasks[index]!)) &&
  JSON.stringify([a.groups, a.phases, a.waves]) === JSON.stringify([b.groups, b.phases, b.waves]);

const sameTask = (a: Task, b: Task): boolean =>
  a.id === b.id &&
  a.title === b.title &&
  a.line === b.line &&
  a.parent === b.parent &&
  a.group === b.group &&
  a.optional === b.optional &&
  (a.details === b.details || isWork(a) === isWork(b)) &&
  a.agent === b.agent &&
  a.noChange === b.noChange &&
  a.expects === b.expects &&
  a.writesTests === b.writesTests &&
  a.checkpoint === b.checkpoint &&
  a.docs === b.docs &&
  sameIds(a.verify, b.verify) &&
  sameIds(a.dependsOn, b.dependsOn) &&
  sameIds(a.follows, b.follows) &&
  sameIds(a.dependsOnGroups, b.dependsOnGroups) &&
  sameIds(a.aliases, b.aliases);

const sameIds = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index]);

/** Ids of all leaves. */
const leafIds = (spec: Spec): Set<string> => new Set(leafTasks(spec).map(task => task.id));

/** All leaves, as events keep them. */
export const readLeaves = (spec: Spec): ReadLeaf[] => {
  const titles = new Map([...spec.groups, ...spec.tasks].map(({ id, title }) => [id, title]));
  const hashes = new Map<string, string>();
  const hashOf = (id: string): string => {
    const known = hashes.get(id) ?? hashTitle(titles.get(id) ?? '');
    hashes.set(id, known);
    return known;
  };
  return leafTasks(spec).map(({ id, title, parent, group }): ReadLeaf => {
    const above = parent ?? group;
    return above === null ? [id, hashTitle(title)] : [id, hashTitle(title), hashOf(above)];
  });
};

/** Tasks whose box must be opened because they, or a task below them, were reset. In file order. */
export const opensDue = (spec: Spec, state: State): Task[] => {
  if (state.reopened.size === 0) return [];
  const due = new Set(state.reopened);
  const byId = new Map(spec.tasks.map(task => [task.id, task]));
  for (const id of state.reopened) {
    for (let at = byId.get(id)?.parent ?? null; at !== null && !due.has(at); at = byId.get(at)?.parent ?? null)
      due.add(at);
  }
  return spec.tasks.filter(task => task.box !== null && task.state === 'done' && due.has(task.id));
};

/**
 * Tasks that are done and whose box is still open, in file order. A parent is due when all its required leaves are done and
 * at least one of them was completed by seqrun: what the user left open over finished children stays as it is. What was only
 * rehearsed is not due, nor a parent of it, unless `rehearsed` says so: a tick outlives the journal that knows what it is worth.
 */
export const ticksDue = (spec: Spec, state: State, { rehearsed = false } = {}): Task[] => {
  if (state.done.size === 0) return [];
  const played = rehearsed ? new Set<string>() : rehearsedLeaves(state);
  const isDue = (id: string): boolean => state.done.has(id) && !played.has(id);
  const children = new Map<string, Task[]>();
  for (const task of spec.tasks) {
    if (task.parent === null) continue;
    const list = children.get(task.parent);
    if (list) list.push(task);
    else children.set(task.parent, [task]);
  }
  const leaves = leafIds(spec);
  const leavesOf = (task: Task): Task[] => [
    ...(leaves.has(task.id) ? [task] : []),
    ...(children.get(task.id) ?? []).flatMap(leavesOf),
  ];
  return spec.tasks.filter(task => {
    if (task.box === null || task.state === 'done' || state.disputed.has(task.id)) return false;
    if (leaves.has(task.id)) return isDue(task.id);
    const required = leavesOf(task).filter(leaf => !leaf.optional || task.optional);
    return (
      required.length > 0 &&
      required.every(leaf => isDue(leaf.id) && !state.disputed.has(leaf.id)) &&
      required.some(leaf => ['agent', 'accept'].includes(state.done.get(leaf.id)!.by))
    );
  });
};
