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
  /** The task that a dependency line below these headings (outermost first) is about, or null. */
  ownerOf(under: readonly Section[]): Task | null;
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
  const names: KnownNames = {
    isTask: id => of.has(id),
    isPhase: name => whole.phases.named(name).length > 0,
    phaseTitles: whole.phases.titles,
  };
  const walk: Walk = { ...whole, of, names, report };
  const readLine = orderingReader(names);
  for (const outside of outsideLines(file.placed, file.bodies, file.sections)) {
    const { under, dependency } = outside;
    if (dependency) {
      const group = groups.get(under.at(-1)?.line ?? -1);
      const task = whole.ownerOf(under);
      if (task) takeForTask(task, outside, walk);
      else if (dependency.blocks) continue;
      else if (group) takeForGroup(group, outside, walk);
      else takeForPhase(outside, walk);
      continue;
    }
    const inDependencies = under.some(({ text }) => ABOUT_ORDER.test(text));
    const orderings = readLine(outside.text, { inDependencies });
    for (const ordering of orderings) takeOrdering(ordering, walk);
    if (orderings.length === 0 && readBareDependency(outside.text) !== null) takeForPhase(outside, walk);
  }
};

interface Walk extends Linked {
  of: ReadonlyMap<string, Task>;
  names: KnownNames;
  report: Report;
}

/** `task` comes after this phase or that; those that hold it are left out. */
const addGroups = (task: Task, ids: readonly string[], { phases }: Walk): void => {
  const others = ids.filter(id => !phases.holds(id, task.id));
  if (others.length === 0) return;
  task.dependsOnGroups ??= [];
  addNew(task.dependsOnGroups, others, '');
};

/** Adds those that the list does not hold; never `own`. */
const addNew = (list: string[], ids: readonly string[], own: string): void => {
  const has = new Set([own, ...list]);
  for (const id of ids) if (!has.has(id)) list.push(id);
};

/** A dependency line below the heading of a task is the task's own. */
const takeForTask = (task: Task, { line, dependency }: OutsideLine, walk: Walk): void => {
  const { references, unread, blocks } = dependency!;
  const ids = idsOf(references, walk.known);
  for (const id of ids) {
    const waiting = blocks ? walk.of.get(id) : task;
    const needed = blocks ? task.id : id;
    if (!waiting || waiting.id === needed || waiting.dependsOn.includes(needed)) continue;
    waiting.dependsOn.push(needed);
    waiting.dependsOnLines = { ...waiting.dependsOnLines, [needed]: line + 1 };
  }
  if (unread === null) return;
  const phases = readPhaseNames(unread, walk.names);
  addGroups(task, phasesOf(phases, walk.phases), walk);
  if (phases.length === 0) unreadDependency(unread, line, walk.report);
};

const takeForGroup = (group: Group, { line, dependency }: OutsideLine, { known, names, report }: Walk): void => {
  const { references, unread } = dependency!;
  addNew(group.dependsOn, idsOf(references, known), group.id);
  if (unread !== null && readPhaseNames(unread, names).length === 0) unreadDependency(unread, line, report);
};

/** `**Depends on**: Phase 1, T003` below the heading of a phase. */
const takeForPhase = ({ under, text, dependency }: OutsideLine, { phases, names, known }: Walk): void => {
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

const takeOrdering = ({ after, before }: Ordering, walk: Walk): void => {
  const { phases, known } = walk;
  const first = { tasks: idsOf(before.tasks, known), phases: phasesOf(before.phases, phases) };
  for (const id of idsOf(after.tasks, known)) {
    const task = walk.of.get(id);
    if (!task) continue;
    const hard = new Set(task.dependsOn);
    addNew(
      task.follows,
      first.tasks.filter(other => !hard.has(other)),
      id,
    );
    addGroups(task, first.phases, walk);
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
