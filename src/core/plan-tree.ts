// The tasks of a spec as a tree that planning can ask: children, leaves, what an id stands for.
import { leafTasks } from './leaves.ts';
import { compareIds, type Spec, type Task } from './task.ts';

export interface TaskTree {
  byId: ReadonlyMap<string, Task>;
  /** Tasks that are work of their own, see `leafTasks`. In file order. */
  leaves: readonly Task[];
  isLeaf(task: Task): boolean;
  /** The task and everything below it, in file order. */
  within(task: Task): Task[];
  /** Tasks without parent below a heading, and everything below them, in file order. */
  inGroup(group: string): Task[];
  ancestors(task: Task): Task[];
  /** The group of the task or of its topmost ancestor, or null. */
  groupOf(task: Task): string | null;
  /**
   * Every task that an id or an alias stands for: a task with all below it, a heading's tasks, or, where only `2.1` and `2.2` exist, those
   * for `2`. null: nothing in the file has this id.
   */
  meantBy(id: string): Task[] | null;
  /** Ids of the file that look most like this one, at most three. */
  nearest(id: string): string[];
}

/** Built once per plan. A parent that is not in the spec counts as none. */
export const taskTree = (spec: Spec): TaskTree => {
  const byId = new Map(spec.tasks.map(task => [task.id, task]));
  const aliased = new Map(spec.tasks.flatMap(task => (task.aliases ?? []).map(alias => [alias, task] as const)));
  const children = new Map<string, Task[]>();
  const groups = new Map<string, Task[]>(spec.groups.map(group => [group.id, []]));
  for (const task of spec.tasks) {
    if (task.parent !== null && byId.has(task.parent)) {
      const list = children.get(task.parent);
      if (list) list.push(task);
      else children.set(task.parent, [task]);
    } else if (task.group !== null) groups.get(task.group)?.push(task);
  }
  const inFileOrder = (tasks: Task[]): Task[] => tasks.sort((a, b) => a.line - b.line);
  const collect = (roots: readonly Task[]): Task[] => {
    const all = [...roots];
    for (const task of all) all.push(...(children.get(task.id) ?? []));
    return all;
  };
  const ancestors = (task: Task): Task[] => {
    const above: Task[] = [];
    for (let at = task.parent; at !== null && byId.has(at) && above.length <= spec.tasks.length; ) {
      const parent = byId.get(at)!;
      above.push(parent);
      at = parent.parent;
    }
    return above;
  };
  const leaves = leafTasks(spec);
  const leafSet = new Set(leaves);
  const within = (task: Task): Task[] => inFileOrder(collect([task]));
  const inGroup = (group: string): Task[] => inFileOrder(collect(groups.get(group) ?? []));
  return {
    byId,
    leaves,
    isLeaf: task => leafSet.has(task),
    within,
    inGroup,
    ancestors,
    groupOf: task => (ancestors(task).at(-1) ?? task).group,
    meantBy: id => {
      const task = byId.get(id) ?? aliased.get(id);
      if (task) return within(task);
      const own = inGroup(id);
      const below = spec.tasks.filter(other => other.id.startsWith(`${id}.`));
      const all = new Set([...own, ...below.flatMap(within)]);
      return all.size > 0 ? inFileOrder([...all]) : null;
    },
    nearest: id =>
      [...byId.keys(), ...groups.keys()]
        .map(other => ({ other, distance: distance(id, other) }))
        .filter(({ distance: far }) => far <= Math.max(1, Math.floor(id.length / 2)))
        .sort((a, b) => a.distance - b.distance || compareIds(a.other, b.other))
        .slice(0, 3)
        .map(({ other }) => other),
  };
};

/** Number of single-character edits between two short texts; long ones are cut. */
const distance = (a: string, b: string): number => {
  const left = a.slice(0, 32);
  const right = b.slice(0, 32);
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[right.length]!;
};
