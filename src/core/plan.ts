// Spec → Plan: what is handed to an agent, in which order, and what is wrong with the dependencies.
import { cycles, levels, lowestFirst } from './graph.ts';
import { hashText, hashTitle } from './hash.ts';
import { unknownAgents } from './named-agents.ts';
import { markRed } from './plan-proof.ts';
import { select } from './plan-select.ts';
import { type TaskTree, taskTree } from './plan-tree.ts';
import type { Leaf, Plan, PlanOptions, Skip, Unit } from './plan-types.ts';
import { type Draft, draftUnits, preferredOrder, type Source } from './plan-units.ts';
import { inOrder, wishesOf } from './plan-wishes.ts';
import { priorityOfUnit, strangePriorities, usualPriority } from './priority.ts';
import { compareIds, type Diagnostic, type Spec, type Task } from './task.ts';

/**
 * Makes the plan. Pure; the same spec and options give the same plan whatever is done. Diagnostics are only about planning (those
 * of the spec are not repeated): errors are `cycle`, `unknown_dependency`, `self_dependency`, `skipped_dependency`,
 * `unknown_unit`, `empty_selection`, and `unknown_agent` is a warning; with `lenientDeps` the three about single dependencies are
 * warnings and the dependency counts as satisfied. There is a plan even with errors, so that it can be shown; units on a cycle come
 * last in it.
 */
export const makePlan = (spec: Spec, options: PlanOptions): { plan: Plan; diagnostics: Diagnostic[] } => {
  const tree = taskTree(spec);
  const diagnostics: Diagnostic[] = options.agents ? unknownAgents(spec, options.agents) : [];
  const drafts = draftUnits(spec, tree, options).filter(draft => draft.leaves.length > 0);
  const wave = preferredOrder(drafts, spec, options);
  const priorities = new Map(drafts.map(draft => [draft, priorityOfUnit(draft, aboveOf(draft, tree))]));
  if (options.order === 'priority') {
    diagnostics.push(...strangePriorities(spec));
    const { needs } = resolve(drafts, tree, options, []);
    const level = new Map(levels(needs, lowestFirst(needs).order).map((one, index) => [drafts[index]!, one]));
    const urgent = (draft: Draft): number => priorities.get(draft) ?? usualPriority;
    drafts.sort((a, b) => wave(a) - wave(b) || level.get(a)! - level.get(b)! || urgent(a) - urgent(b));
  }
  const graph = resolve(drafts, tree, options, diagnostics);
  const wishes = wishesOf(spec, drafts, tree);
  const { order, stuck } = inOrder(graph.needs, wishes);
  if (stuck.length > 0) reportCycles(spec, drafts, graph, tree, options, diagnostics);
  const level = levels(graph.needs, order);
  const units = [...order, ...stuck].map((index): Unit => {
    const draft = drafts[index]!;
    const follows = wishes.units[index]!.filter(other => !graph.needs[index]!.includes(other));
    const groups = wishes.named[index]!;
    return {
      id: draft.id,
      title: draft.title,
      tasks: draft.tasks.map(task => task.id),
      leaves: draft.leaves.map(leafOf),
      optionalLeft: draft.optionalLeft.map(task => task.id).sort(compareIds),
      dependsOn: [...graph.leaves[index]!].sort(compareIds),
      dependsOnUnits: graph.needs[index]!.map(need => drafts[need]!.id).sort(compareIds),
      level: level[index]!,
      ...(priorities.get(draft) != null && { priority: priorities.get(draft)! }),
      agent: draft.agent,
      ...(follows.length > 0 && { followsUnits: follows.map(other => drafts[other]!.id).sort(compareIds) }),
      ...(groups.length > 0 && { followsGroups: groups }),
      ...draft.proof,
    };
  });
  markRed(units, new Set(drafts.filter(one => one.writesTests).map(({ id }) => id)));
  const chosen = select(units, tree, options, diagnostics);
  const skipped = [...optionalSkips(spec, tree, options), ...notSelected(units, chosen)];
  const hash = hashText(
    JSON.stringify([
      spec.tasks.map(task => [task.id, hashTitle(task.title), task.optional, task.parent, task.group]),
      chosen.map(unit => [unit.id, unit.tasks, unit.leaves.map(leaf => leaf.id), unit.dependsOn, unit.agent]),
      skipped.map(skip => [skip.id, skip.because]),
      // Plans of journals that were written before anything was known of proof keep their hash.
      ...proofs(chosen),
      // What only the display needs is no new plan where it does not give the order.
      ...(options.order === 'priority' ? [chosen.map(unit => unit.priority ?? usualPriority)] : []),
    ]),
  );
  return { plan: { hash, dialect: spec.dialect, units: chosen, skipped }, diagnostics };
};

/** What a leaf lies in, nearest first; a unit of several tasks is its own top. */
const aboveOf = ({ id, tasks }: Draft, tree: TaskTree): Task[] => {
  const own = tasks.length === 1 ? tree.byId.get(id) : undefined;
  return own ? tree.ancestors(own) : [];
};

/** What units say about proof; nothing at all where none says anything. */
const proofs = (units: readonly Unit[]): unknown[] => {
  const said = units.flatMap(({ id, verify, noChange, expects, checkpoint, docs }) =>
    verify || noChange || expects || checkpoint || docs ? [[id, verify, noChange, expects, checkpoint, docs]] : [],
  );
  const red = units.flatMap(({ id, mayStayRed }) => (mayStayRed ? [id] : []));
  return [...(said.length > 0 ? [said] : []), ...(red.length > 0 ? [{ mayStayRed: red }] : [])];
};

const leafOf = (task: Task): Leaf => ({
  id: task.id,
  title: task.title,
  titleHash: hashTitle(task.title),
  optional: task.optional,
});

interface Graph {
  /** By draft: the drafts that must be done before. */
  needs: number[][];
  /** By draft: the leaves that must be done before. */
  leaves: Set<string>[];
  /** Where each need is written: `2.2 needs 3.1 (line 7)`. */
  because: Map<string, string>;
}

/** Expands the dependencies of every draft to leaves and to drafts. */
const resolve = (drafts: readonly Draft[], tree: TaskTree, options: PlanOptions, diagnostics: Diagnostic[]): Graph => {
  const home = new Map(drafts.flatMap((draft, index) => draft.leaves.map(leaf => [leaf.id, index] as const)));
  const said = new Set<string>();
  const complain = (code: string, source: Source, id: string, message: string): void => {
    const key = `${code} ${source.id} ${id}`;
    if (said.has(key)) return;
    said.add(key);
    const lenient = options.lenientDeps;
    diagnostics.push({
      severity: lenient ? 'warning' : 'error',
      code,
      message: lenient
        ? `${message} It counts as satisfied.`
        : `${message} Mend the line, or go on with --lenient-deps.`,
      line: lineOf(source, id),
      column: null,
      source: null,
    });
  };
  // One look per id: a hundred leaves of one parent share its dependencies.
  const expanded = new Map<string, { meant: Task[] | null; leaves: Task[] }>();
  const expand = (id: string): { meant: Task[] | null; leaves: Task[] } => {
    let entry = expanded.get(id);
    if (!entry) {
      const meant = tree.meantBy(id);
      entry = { meant, leaves: (meant ?? []).filter(task => home.has(task.id)) };
      expanded.set(id, entry);
    }
    return entry;
  };
  const graph: Graph = { needs: [], leaves: [], because: new Map() };
  for (const [index, draft] of drafts.entries()) {
    const inside = new Set(draft.tasks.map(task => task.id));
    const needs = new Set<number>();
    const leaves = new Set<string>();
    for (const source of draft.sources) {
      for (const id of source.dependsOn) {
        const { meant, leaves: required } = expand(id);
        if (meant === null) {
          const near = tree.nearest(id);
          const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
          complain(
            'unknown_dependency',
            source,
            id,
            `${source.id} depends on ${id}, which the file does not have.${hint}`,
          );
          continue;
        }
        if (dependsOnItself(source, id, meant, tree)) {
          complain('self_dependency', source, id, `${source.id} depends on ${id}, that is on itself.`);
          continue;
        }
        if (required.length === 0) {
          const message = `${source.id} depends on ${id}, which is optional and will be skipped; include it with --include-optional.`;
          complain('skipped_dependency', source, id, message);
          continue;
        }
        for (const leaf of required) {
          // A parent that names a part of itself makes none of its parts wait for that.
          if (inside.has(leaf.id) || tree.ancestors(leaf).some(task => task.id === source.id)) continue;
          leaves.add(leaf.id);
          const need = home.get(leaf.id)!;
          needs.add(need);
          const key = `${index} ${need}`;
          if (!graph.because.has(key)) graph.because.set(key, `${source.id} needs ${id} (line ${lineOf(source, id)})`);
        }
      }
    }
    graph.needs.push([...needs]);
    graph.leaves.push(leaves);
  }
  return graph;
};

/** Where the source names this id. */
const lineOf = (source: Source, id: string): number => source.dependsOnLines?.[id] ?? source.line;

/** The id is the task itself, one of its ancestors, or the heading it stands under. */
const dependsOnItself = (source: Source, id: string, meant: readonly Task[], tree: TaskTree): boolean => {
  if (source.id === id) return true;
  const task = tree.byId.get(source.id);
  return task !== undefined && meant.includes(task);
};

const reportCycles = (
  spec: Spec,
  drafts: readonly Draft[],
  graph: Graph,
  tree: TaskTree,
  options: PlanOptions,
  diagnostics: Diagnostic[],
): void => {
  let byLeaf = '';
  if (options.granularity === 'group') {
    const leafOptions: PlanOptions = { ...options, granularity: 'leaf' };
    const leaves = draftUnits(spec, tree, leafOptions).filter(draft => draft.leaves.length > 0);
    const among = resolve(leaves, tree, leafOptions, []);
    if (lowestFirst(among.needs).stuck.length === 0) {
      byLeaf = ' Only the parents wait for each other, not their subtasks: --granularity leaf can run them.';
    }
  }
  for (const path of cycles(graph.needs)) {
    const ids = path.map(index => drafts[index]!.id).join(' → ');
    const steps = path.slice(1).map((need, i) => graph.because.get(`${path[i]} ${need}`) ?? '');
    diagnostics.push({
      severity: 'error',
      code: 'cycle',
      message: `These wait for each other: ${ids}; ${steps.slice(0, 20).join(', ')}. Remove one of these dependencies.${byLeaf}`,
      line: drafts[path[0]!]!.line,
      column: null,
      source: null,
    });
  }
};

/** Every task, parents included, of which nothing runs because it is optional. In file order. */
const optionalSkips = (spec: Spec, tree: TaskTree, options: PlanOptions): Skip[] => {
  if (options.includeOptional) return [];
  const runs = new Set<string>();
  for (const leaf of tree.leaves) {
    if (leaf.optional) continue;
    runs.add(leaf.id);
    for (const parent of tree.ancestors(leaf)) runs.add(parent.id);
  }
  return spec.tasks
    .filter(task => !runs.has(task.id))
    .map(task => ({ id: task.id, title: task.title, because: 'optional' }));
};

const notSelected = (units: readonly Unit[], chosen: readonly Unit[]): Skip[] => {
  const kept = new Set(chosen);
  return units
    .filter(unit => !kept.has(unit))
    .map(({ id, title, leaves }) => ({ id, title, because: 'not_selected', leaves: leaves.map(leaf => leaf.id) }));
};
