// What the lines outside the tasks say of their order: below a heading of a task, a group or a phase, and in prose.
import type { Group, Task } from '../core/task.ts';
import type { Bodies } from './body.ts';
import type { Placed, Section } from './collect.ts';
import { idsOf, type Reference } from './dependencies.ts';
import { type OutsideLine, outsideLines } from './outside.ts';
import type { Phases } from './phases.ts';
import { type KnownNames, type Ordering, orderingReader, readBareDependency, readPhaseNames } from './prose.ts';
import { quote, type Report } from './report.ts';

/** The tasks, groups and phases of a file, to which order is added in place. */
export interface Linked {
  tasks: readonly Task[];
  groups: readonly Group[];
  phases: Phases;
  /** Ids of tasks and of every numbered heading. */
  known: ReadonlySet<string>;
  names: KnownNames;
}

const ABOUT_ORDER = /dependenc|execution order|implementation order|依赖|依存|dependencias/i;

/** Walks the lines outside the tasks once and hands each to the one that it is about. */
export const takeOutside = (
  whole: Linked,
  file: { placed: readonly Placed[]; bodies: ReadonlyMap<Placed, Bodies>; sections: readonly Section[] },
  report: Report,
): void => {
  const of = new Map(whole.tasks.map(task => [task.id, task]));
  const groups = new Map(whole.groups.map(group => [group.line - 1, group]));
  const readLine = orderingReader(whole.names);
  for (const outside of outsideLines(file.placed, file.bodies, file.sections)) {
    const heading = outside.under.at(-1);
    if (outside.dependency) {
      if (!heading) continue;
      const group = groups.get(heading.line);
      const task = of.get(heading.numbered?.id ?? '');
      if (task) takeForTask(task, outside, whole);
      else if (group) takeForGroup(group, outside, whole, report);
      else takeForPhase(outside, whole);
      continue;
    }
    const inDependencies = outside.under.some(({ text }) => ABOUT_ORDER.test(text));
    const orderings = readLine(outside.text, { inDependencies });
    for (const ordering of orderings) takeOrdering(ordering, of, whole);
    if (orderings.length === 0 && readBareDependency(outside.text) !== null) takeForPhase(outside, whole);
  }
};

/** Adds those that the list does not hold; never `own`. */
const addNew = (list: string[], ids: readonly string[], own: string): void => {
  const has = new Set([own, ...list]);
  for (const id of ids) if (!has.has(id)) list.push(id);
};

/** A heading that has the id of a task tells more of it: dependency lines below are the task's own. */
const takeForTask = (task: Task, { line, dependency }: OutsideLine, { known }: Linked): void => {
  const ids = idsOf(dependency!.references, known);
  const lines = Object.fromEntries(ids.filter(id => !task.dependsOn.includes(id)).map(id => [id, line + 1]));
  addNew(task.dependsOn, ids, task.id);
  task.dependsOnLines = { ...lines, ...task.dependsOnLines };
};

const takeForGroup = (group: Group, { line, dependency }: OutsideLine, whole: Linked, report: Report): void => {
  const { references, unread } = dependency!;
  addNew(group.dependsOn, idsOf(references, whole.known), group.id);
  if (unread !== null && readPhaseNames(unread, whole.names).length === 0) unreadDependency(unread, line, report);
};

/** `**Depends on**: Phase 1, T003` below the heading of a phase. */
const takeForPhase = ({ under, text, dependency }: OutsideLine, { phases, names, known }: Linked): void => {
  const phase = under.map(section => phases.at(section)).findLast(found => found !== null);
  if (!phase) return;
  const said = dependency ? dependency.unread : readBareDependency(text);
  const before = said === null ? [] : phasesOf(readPhaseNames(said, names), phases);
  addNew(
    phase.dependsOnGroups,
    before.filter(id => !isPart(id, phase.tasks, phases)),
    phase.id,
  );
  const own = new Set(phase.tasks);
  addNew(
    phase.follows,
    idsOf(dependency?.references ?? [], known).filter(id => known.has(id) && !own.has(id)),
    '',
  );
};

const takeOrdering = ({ after, before }: Ordering, of: ReadonlyMap<string, Task>, whole: Linked): void => {
  const { phases, known: ids } = whole;
  const first = { tasks: idsOf(before.tasks, ids), phases: phasesOf(before.phases, phases) };
  for (const id of idsOf(after.tasks, ids)) {
    const task = of.get(id);
    if (!task) continue;
    const hard = new Set(task.dependsOn);
    addNew(
      task.follows,
      first.tasks.filter(other => !hard.has(other)),
      id,
    );
    const others = first.phases.filter(other => !isPart(other, [id], phases));
    if (others.length === 0) continue;
    task.dependsOnGroups ??= [];
    addNew(task.dependsOnGroups, others, '');
  }
  for (const { from, to } of after.phases) {
    for (const phase of phases.named(from, to)) {
      const own = new Set(phase.tasks);
      addNew(
        phase.follows,
        first.tasks.filter(id => !own.has(id)),
        '',
      );
      addNew(
        phase.dependsOnGroups,
        first.phases.filter(id => !isPart(id, phase.tasks, phases)),
        phase.id,
      );
    }
  }
};

const phasesOf = (references: readonly Reference[], phases: Phases): string[] => [
  ...new Set(references.flatMap(({ from, to }) => phases.named(from, to)).map(({ id }) => id)),
];

/** The phase holds one of the tasks: it cannot come before them. */
const isPart = (id: string, tasks: readonly string[], phases: Phases): boolean =>
  tasks.some(task => phases.holds(id, task));

/** A dependency line that holds something else than ids. `line` is 0-based. */
export const unreadDependency = (text: string, line: number, report: Report): void => {
  report.add(
    // Without any number it names packages or files: nothing that could be waited for.
    /\d/.test(text) ? 'warning' : 'info',
    'unread_dependency',
    `${quote(text)} names no task seqrun could wait for; expected ids, e.g. "depends on: 1, 2.1".`,
    line,
  );
};
