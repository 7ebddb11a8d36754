// What the lines outside the tasks say of their order: below a heading of a task, a group or a phase, and in prose.
import type { Group, Phase, Task } from '../core/task.ts';
import type { Bodies } from './body.ts';
import type { Placed, Section } from './collect.ts';
import { type DependencyText, idsOf, type Reference } from './dependencies.ts';
import { aboutOrder, orderFences, orderNotes, orderTableReader, readMermaid } from './order-sections.ts';
import { outsideLines } from './outside.ts';
import { need, type Targets, takeUnread, tellUnknown, unreadDependency } from './own-lines.ts';
import type { Phases } from './phases.ts';
import { type KnownNames, type Ordering, orderingReader, readBareDependency, readPhaseNames } from './prose.ts';
import { type Report, reportVerify } from './report.ts';
import { readTitleDependencies } from './title-dependencies.ts';
import { titleTargets } from './title-targets.ts';
import { readVerifyLine, saysNoChange } from './verify-lines.ts';

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

/** Walks the headings and the lines outside the tasks once and hands each to the one that it is about. */
export const takeOutside = (
  whole: Linked,
  file: { placed: readonly Placed[]; bodies: ReadonlyMap<Placed, Bodies>; sections: readonly Section[] },
  report: Report,
): void => {
  const of = new Map(whole.tasks.map(task => [task.id, task]));
  const groupAt = new Map(whole.groups.map(group => [group.line - 1, group]));
  const names: KnownNames = {
    isTask: id => of.has(id),
    isPhase: name => whole.phases.named(name).length > 0,
    phaseTitles: whole.phases.titles,
  };
  const walk: Walk = { ...whole, of, groupAt, names, titles: titleTargets(whole.tasks), report };
  for (const section of file.sections) {
    const owner = ownerAmong([section], walk);
    if (!owner) continue;
    for (const said of readTitleDependencies(section.text)) takeFor(owner, said, section.line, walk);
  }
  const readLine = orderingReader(names);
  const readRow = orderTableReader();
  const notes = orderNotes(names.isTask);
  for (const { heading, info, text } of orderFences(file.placed, file.sections)) {
    const lines = text.split('\n');
    const found =
      info === 'mermaid'
        ? readMermaid(text, names.isTask)
        : lines.flatMap(one => readLine(one, { inDependencies: true }));
    for (const ordering of found) takeOrdering(ordering, walk);
    for (const one of lines) notes.take(heading, one, found.length > 0);
  }
  for (const { line, text, under, dependency } of outsideLines(file.placed, file.bodies, file.sections)) {
    const owner = ownerAmong(under, walk);
    if (takeProof(owner, text, line, report)) continue;
    const heading = aboutOrder(under);
    // Without ids only a task's own line says something: the title of another one.
    if (dependency && (!isWeak(dependency) || (owner && 'task' in owner))) {
      if (owner) takeFor(owner, dependency, line, walk);
      if (owner && heading) notes.take(heading, text, true);
      continue;
    }
    const row = heading ? readRow(line, text) : null;
    const orderings = row ?? readLine(text, { inDependencies: heading !== null });
    for (const ordering of orderings) takeOrdering(ordering, walk);
    if (heading) notes.take(heading, text, row !== null || orderings.length > 0);
    const bare = orderings.length === 0 ? readBareDependency(text) : null;
    if (bare !== null && owner && 'phase' in owner) takeForPhase(owner.phase, [], bare, walk);
  }
  notes.tell(report);
};

interface Walk extends Linked, Targets {
  of: ReadonlyMap<string, Task>;
  /** By 0-based line of the heading. */
  groupAt: ReadonlyMap<number, Group>;
}

/** What a dependency line outside the tasks is about. */
type Owner = { task: Task } | { group: Group } | { phase: Phase };

/** The nearest among the headings above a line (outermost first), or null. */
const ownerAmong = (under: readonly Section[], { ownerOf, groupAt, phases }: Walk): Owner | null => {
  for (const section of under.toReversed()) {
    const task = ownerOf([section]);
    if (task) return { task };
    const group = groupAt.get(section.line);
    if (group) return { group };
    const phase = phases.at(section);
    if (phase) return { phase };
  }
  return null;
};

/** How a task or a group below whose heading a line stands is proved. True: that is what the line says. */
const takeProof = (owner: Owner | null, text: string, line: number, report: Report): boolean => {
  const verify = readVerifyLine(text);
  if (!verify && !saysNoChange(text)) return false;
  const own = owner === null || 'phase' in owner ? null : 'task' in owner ? owner.task : owner.group;
  if (own === null) return false;
  if (!verify) own.noChange = true;
  else if ('problem' in verify) reportVerify(verify, line, report);
  else own.verify = [...(own.verify ?? []), verify.command];
  return true;
};

const isWeak = ({ references, open, tone }: DependencyText): boolean =>
  references.length === 0 && !open && (tone === 'quiet' || tone === 'maybe');

const takeFor = (owner: Owner, said: DependencyText, line: number, walk: Walk): void => {
  if ('task' in owner) takeForTask(owner.task, said, line, walk);
  else if ('group' in owner) takeForGroup(owner.group, said, line, walk);
  else if (!said.blocks) takeForPhase(owner.phase, said.references, said.unread, walk);
};

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
const takeForTask = (
  task: Task,
  { references, unread, tone, blocks }: DependencyText,
  line: number,
  walk: Walk,
): void => {
  for (const id of idsOf(references, walk.known)) {
    const waiting = blocks ? walk.of.get(id) : task;
    if (waiting) need(waiting, blocks ? task.id : id, line);
  }
  if (blocks) return;
  tellUnknown(references, line, walk.known, walk);
  if (unread !== null) takeUnread(task, { text: unread, tone, line }, walk);
};

const takeForGroup = (
  group: Group,
  { references, unread, tone, blocks }: DependencyText,
  line: number,
  walk: Walk,
): void => {
  const ids = idsOf(references, walk.known);
  if (blocks) {
    for (const id of ids) {
      const task = walk.of.get(id);
      const other = walk.groups.find(one => one.id === id);
      if (task && task.group !== group.id) need(task, group.id, line);
      else if (other) addNew(other.dependsOn, [group.id], id);
    }
    return;
  }
  addNew(group.dependsOn, ids, group.id);
  tellUnknown(references, line, walk.known, walk);
  if (unread === null) return;
  const titled = walk.titles.find(unread);
  if (titled) addNew(group.dependsOn, titled, group.id);
  else if (readPhaseNames(unread, walk.names).length === 0) unreadDependency({ text: unread, tone, line }, walk);
};

/** `**Depends on**: Phase 1, T003` below the heading of a phase. */
const takeForPhase = (phase: Phase, references: readonly Reference[], said: string | null, walk: Walk): void => {
  const { phases, names, known } = walk;
  const before = said === null ? [] : phasesOf(readPhaseNames(said, names), phases);
  addNew(
    phase.dependsOnGroups,
    before.filter(id => !isPart(id, phase.tasks, phases)),
    phase.id,
  );
  const own = new Set(phase.tasks);
  addNew(
    phase.follows,
    idsOf(references, known).filter(id => known.has(id) && !own.has(id)),
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
