// Tasks → the todo JSON that other programs read.
import { makePlan } from '../../core/plan.ts';
import { taskTree } from '../../core/plan-tree.ts';
import { compareIds, type Spec, type Task } from '../../core/task.ts';
import { criteriaOf } from './details.ts';
import type { TodoStatus } from './todo.ts';

/** One todo as it is written. Fields without a value are absent. */
interface TodoJson {
  id: string;
  title: string;
  status: TodoStatus;
  description?: string;
  dependsOn: string[];
  blocks: string[];
  priority?: number;
  estimatedTokens?: number;
  parallelGroup: number;
  verificationCriteria?: string;
  optional?: true;
}

export interface TodosJson {
  version: 1;
  spec: string;
  todos: TodoJson[];
}

interface TodosOptions {
  /** Of the spec. */
  name: string;
  includeOptional: boolean;
  statusOf(leaf: Task): TodoStatus;
}

/**
 * The todos of a spec, in file order; a numbered heading with boxes becomes the todo that its tasks are parts of. `dependsOn` names
 * leaves, what a parent waits for included; `blocks` is its inverse. `parallelGroup` = level of the plan of leaves plus 1, of a parent
 * the last one of its leaves. `statusOf` is asked for leaves alone: a parent stands where they stand. Optional leaves are waited for
 * where they are named themselves, and with `includeOptional`.
 */
export const todosJsonOf = (spec: Spec, { name, includeOptional, statusOf }: TodosOptions): TodosJson => {
  const tree = taskTree(spec);
  const { plan } = makePlan(spec, { ...WHOLE, granularity: 'leaf' });
  const units = new Map(plan.units.map(unit => [unit.id, unit]));
  const entries = [
    ...spec.tasks.map(task => ({ ...task, within: tree.within(task) })),
    ...spec.groups.map(group => ({ ...group, details: '', optional: false, within: tree.inGroup(group.id) })),
  ].sort((a, b) => a.line - b.line);
  /** Whose dependencies count for an entry: its own, for a leaf also those of all that it is a part of. */
  const sourcesOf = (entry: { id: string; dependsOn: string[] }): { dependsOn: string[] }[] => {
    const task = tree.byId.get(entry.id);
    if (!task || !tree.isLeaf(task)) return [entry];
    const group = tree.groupOf(task);
    const around = spec.groups.filter(({ id }) => id === group || group?.startsWith(`${id}.`));
    return [task, ...tree.ancestors(task), ...around];
  };
  const todos = entries.map((entry): TodoJson => {
    const { id, title, details, optional } = entry;
    const leaves = entry.within.filter(task => tree.isLeaf(task));
    const inside = new Set([id, ...entry.within.map(task => task.id)]);
    const named = new Set(sourcesOf(entry).flatMap(source => source.dependsOn));
    // Whoever names itself, or what it is a part of, waits for nothing by that.
    const meant = entry.dependsOn
      .filter(other => other !== id)
      .map(other => tree.meantBy(other) ?? [])
      .filter(tasks => !tasks.some(task => task.id === id));
    const own = meant.flat().filter(task => tree.isLeaf(task));
    const dependsOn = (units.get(id)?.dependsOn ?? own.map(task => task.id)).filter(
      other => !inside.has(other) && (includeOptional || !tree.byId.get(other)?.optional || named.has(other)),
    );
    const levels = leaves.map(leaf => units.get(leaf.id)?.level ?? 0);
    const { priority, tokens } = factsIn(details);
    const criteria = criteriaOf(entry.verify ?? [], details);
    return {
      id,
      title: title === '' ? id : title,
      status: statusAmong(optional ? leaves : required(leaves), statusOf),
      ...(details !== '' && { description: details }),
      dependsOn: [...new Set(dependsOn)].sort(compareIds),
      blocks: [],
      ...(priority !== null && { priority }),
      ...(tokens !== null && { estimatedTokens: tokens }),
      parallelGroup: Math.max(0, ...levels) + 1,
      ...(criteria !== null && { verificationCriteria: criteria }),
      ...(optional && { optional }),
    };
  });
  const byId = new Map(todos.map(todo => [todo.id, todo]));
  for (const { id, dependsOn } of todos) for (const other of dependsOn) byId.get(other)?.blocks.push(id);
  for (const { blocks } of todos) blocks.sort(compareIds);
  return { version: 1, spec: name, todos };
};

const WHOLE = { includeOptional: true, lenientDeps: true, only: null, from: null, until: null } as const;

/** What is left out on purpose holds no parent back; where all is optional, all counts. */
const required = (leaves: readonly Task[]): readonly Task[] => {
  const some = leaves.filter(leaf => !leaf.optional);
  return some.length > 0 ? some : leaves;
};

const statusAmong = (leaves: readonly Task[], statusOf: (leaf: Task) => TodoStatus): TodoStatus => {
  const all = new Set(leaves.map(statusOf));
  if (all.size === 1) return [...all][0]!;
  if (all.has('in_progress')) return 'in_progress';
  if (all.has('blocked')) return 'blocked';
  return all.has('completed') ? 'in_progress' : 'pending';
};

/** `_priority: 2_` and `_tokens: 8000_`. */
const factsIn = (details: string): { priority: number | null; tokens: number | null } => {
  const number = (name: string): number | null => {
    const found = new RegExp(`^[ \\t]*(?:[-*+][ \\t]+)?_${name}:[ \\t]*(\\d{1,9})_[ \\t]*$`, 'im').exec(details);
    return found ? Number(found[1]) : null;
  };
  const priority = number('priority');
  const tokens = number('tokens');
  return {
    priority: priority !== null && priority >= 1 && priority <= 5 ? priority : null,
    tokens: tokens === 0 ? null : tokens,
  };
};
