// Chosen items → tasks and groups: parents, inherited marks, dependencies, duplicates, orphans.
import type { Group, Phase, Task, TaskState } from '../core/task.ts';
import { type Bodies, type Body, bodiesOf } from './body.ts';
import type { Chosen } from './choose.ts';
import type { Collected, Placed, Section } from './collect.ts';
import { expandReference, idsOf, type Reference } from './dependencies.ts';
import { tasksOfHeadings, withoutCopies } from './heading-tasks.ts';
import type { Headed } from './headings.ts';
import { itemGroups } from './items-over.ts';
import { type Linked, takeOutside } from './order.ts';
import { sectionsAround } from './outside.ts';
import { need, type Targets, takeUnread, tellUnknown } from './own-lines.ts';
import { readPhases } from './phases.ts';
import { proofOf } from './proof.ts';
import type { KnownNames } from './prose.ts';
import { quote, type Report, reportAgent, reportMark, reportVerify } from './report.ts';
import type { Source } from './source.ts';
import { titleTargets } from './title-targets.ts';

/**
 * Tasks in file order, ids unique (the first of two stays), the headings that are units, and those that only order. `headed` =
 * headings that are tasks beside the items, with ids that none of these has.
 */
export const link = (
  { chosen, headed }: { chosen: readonly Chosen[]; headed: readonly Headed[] },
  found: Collected,
  placed: readonly Placed[],
  source: Source,
  bytes: Uint8Array,
  report: Report,
  marks: Readonly<Record<string, TaskState>> = {},
): { tasks: Task[]; groups: Group[]; phases: Phase[] } => {
  const unique = withoutDuplicates(chosen, report);
  const byId = new Map(unique.map(entry => [entry.id, entry]));
  const parents = parentsOf(unique, byId);
  const headings = new Map<string, Section>();
  for (const section of found.sections) {
    const id = section.numbered?.id;
    if (id !== undefined && !section.aside && !byId.has(id) && !headings.has(id)) headings.set(id, section);
  }
  for (const [id, item] of itemGroups(found, unique)) if (!byId.has(id) && !headings.has(id)) headings.set(id, item);
  const around = sectionsAround(found.sections);
  reportTakenNumbers(unique, byId, found.sections, around, report);
  const groupOf = ({ id, candidate }: Chosen): string | null => {
    if (headings.size === 0) return null;
    const byId = nearestPrefix(id, prefix => headings.has(prefix));
    if (byId !== undefined) return byId;
    // A work package is named by a code: what stands below it belongs to it.
    const { section } = candidate;
    const above = section === null ? [] : [...around.get(section)!, section];
    const holder = above.findLast(one => isCode(one.numbered?.id ?? '') && headings.get(one.numbered!.id) === one);
    return holder?.numbered?.id ?? null;
  };

  const indexes = new Map<Placed, number[]>();
  for (const { candidate } of chosen) {
    const list = indexes.get(candidate.placed);
    if (list) list.push(candidate.index);
    else indexes.set(candidate.placed, [candidate.index]);
  }
  const bodies = new Map<Placed, Bodies>();
  for (const [at, list] of indexes) {
    const ascending = list.sort((a, b) => a - b);
    bodies.set(at, bodiesOf(at.piece, ascending));
  }

  const used = new Map<string, Section>();
  const known = new Set(byId.keys());
  for (const id of headings.keys()) known.add(id);
  const optional = new Map<string, boolean>();
  const isOptional = (entry: Chosen): boolean => {
    const kept = optional.get(entry.id);
    if (kept !== undefined) return kept;
    const parent = parents.get(entry.id) ?? null;
    const value = entry.candidate.item.optional || (parent !== null && isOptional(byId.get(parent)!));
    optional.set(entry.id, value);
    return value;
  };

  const items = unique.map((entry): Task => {
    const { candidate, id, title } = entry;
    const { item, line } = candidate;
    const body = bodies.get(candidate.placed)!.of.get(candidate.index)!;
    const parent = parents.get(id) ?? null;
    const group = parent === null ? groupOf(entry) : null;
    if (group !== null) used.set(group, headings.get(group)!);
    if (item.box && item.box.state === null) reportMark({ mark: item.box.mark, line, column: item.column }, report);
    const aliases = (candidate.head?.also ?? []).filter(other => other !== id && !byId.has(other));
    if (aliases.length > 0) {
      const names = aliases.join(', ');
      report.add(
        'warning',
        'two_ids',
        `Several ids on one line: this is one task, ${id}, and ${names} ${aliases.length === 1 ? 'means' : 'mean'} the same; expected one id a line, e.g. "- [ ] ${id} ${quote(title).slice(1, -1).slice(0, 40)}".`,
        line,
        item.column,
      );
    }
    const mark = item.box?.mark ?? '';
    const offset = source.byteStarts[line]! + item.column + 1;
    // A mark of several bytes has no byte to write either.
    const writable = mark.length === 1 && bytes[offset] === mark.charCodeAt(0);
    return {
      id,
      ...(aliases.length > 0 && { aliases }),
      title,
      line: line + 1,
      parent,
      group,
      state: marks[mark] ?? item.box?.state ?? 'pending',
      optional: isOptional(entry),
      ...dependenciesOf(body.references, line, candidate.placed.base, known),
      follows: [],
      box: item.box ? { offset: writable ? offset : -1, mark } : null,
      details: body.details,
      agent: body.agent,
      ...proofOf(title, body.said),
    };
  });
  const linked = new Map(items.map((task, at) => [task.id, { task, entry: unique[at]! }]));
  const single = withoutCopies(headed, report);
  const beside = tasksOfHeadings(single, source, bytes, placed, report);
  for (const task of beside) {
    task.parent = nearestPrefix(task.id, prefix => byId.has(prefix)) ?? null;
    if (task.parent === null) task.group = nearestPrefix(task.id, prefix => used.has(prefix)) ?? null;
  }
  const sectionOf = new Map(single.map(({ id, section }) => [id, section]));
  const at = new Map(single.map(({ section }, index) => [section, beside[index]!]));
  const tasks = [...items, ...beside].sort((a, b) => a.line - b.line);
  const phases = readPhases(
    found.sections,
    tasks,
    task => sectionOf.get(task.id) ?? linked.get(task.id)!.entry.candidate.section,
  );
  const names: KnownNames = {
    isTask: id => byId.has(id) || sectionOf.has(id),
    isPhase: name => phases.named(name).length > 0,
    phaseTitles: phases.titles,
  };
  const titles = titleTargets(tasks);
  for (const { task, entry } of linked.values()) {
    const { placed: at, index } = entry.candidate;
    takeNotes(task, bodies.get(at)!.of.get(index)!, at.base, known, { phases, names, titles, report });
  }
  takeBlocks(tasks, unique, bodies, known);
  const groups = [...used].map(
    ([id, section]): Group => ({ id, title: section.numbered!.title, line: section.line + 1, dependsOn: [] }),
  );
  // A heading that has the id of a task tells more of it.
  const ownerOf = (under: readonly Section[]) =>
    linked.get(under.at(-1)?.numbered?.id ?? '')?.task ??
    under.map(section => at.get(section)).findLast(Boolean) ??
    null;
  const whole: Linked = { tasks, groups, phases, known, ownerOf };
  takeOutside(whole, { placed, bodies, sections: found.sections }, report);
  reportOrphans(items, byId, report);
  return { tasks, groups: groups.sort((a, b) => a.line - b.line), phases: [...phases.all] };
};

/** `line` of the task and `base` of its piece are 0-based. */
const dependenciesOf = (
  references: readonly Reference[],
  line: number,
  base: number,
  known: ReadonlySet<string>,
): Pick<Task, 'dependsOn' | 'dependsOnLines'> => {
  const dependsOn = idsOf(references, known);
  if (references.every(reference => reference.line === undefined || base + reference.line === line))
    return { dependsOn };
  const dependsOnLines: Record<string, number> = {};
  for (const reference of references) {
    for (const id of expandReference(reference, known))
      dependsOnLines[id] ??= base + (reference.line ?? line - base) + 1;
  }
  return { dependsOn, dependsOnLines };
};

/** What a task's own lines say that is no id: titles of tasks, phases it waits for; everything else is told. */
const takeNotes = (task: Task, body: Body, base: number, known: ReadonlySet<string>, targets: Targets): void => {
  for (const { line, code, text, tone, problem } of body.notes) {
    if (code === 'bad_agent') reportAgent(text, base + line, targets.report);
    else if (code === 'bad_verify') reportVerify({ text, problem: problem! }, base + line, targets.report);
    else takeUnread(task, { text, tone: tone ?? 'warning', line: base + line }, targets);
  }
  for (const reference of body.references) tellUnknown([reference], base + (reference.line ?? 0), known, targets);
};

/** `blocks: T007` below T006 is a dependency of T007. */
const takeBlocks = (
  tasks: readonly Task[],
  unique: readonly Chosen[],
  bodies: ReadonlyMap<Placed, Bodies>,
  known: ReadonlySet<string>,
): void => {
  const of = new Map(tasks.map(task => [task.id, task]));
  for (const { candidate, id } of unique) {
    const { blocks } = bodies.get(candidate.placed)!.of.get(candidate.index)!;
    for (const other of idsOf(blocks, known)) {
      const task = of.get(other);
      if (task) need(task, id, candidate.placed.base + (blocks[0]!.line ?? 0));
    }
  }
};

const withoutDuplicates = (chosen: readonly Chosen[], report: Report): Chosen[] => {
  const first = new Map<string, Chosen>();
  for (const entry of chosen) {
    const other = first.get(entry.id);
    if (!other) {
      first.set(entry.id, entry);
      continue;
    }
    const lines = [other.candidate.line + 1, entry.candidate.line + 1];
    report.add(
      'error',
      'duplicate_id',
      `The id ${entry.id} is used twice, in lines ${lines[0]} and ${lines[1]}; give one of them another number.`,
      entry.candidate.line,
      entry.candidate.item.column,
    );
  }
  return [...first.values()];
};

/**
 * `## 1. Setup` holds 1.1, and a box `1. Code reviewed` stands in another section: taken for the parent of 1.1 it would be done with it. With
 * the same title it only lists the heading once more.
 */
const reportTakenNumbers = (
  entries: readonly Chosen[],
  byId: ReadonlyMap<string, Chosen>,
  sections: readonly Section[],
  around: ReadonlyMap<Section, readonly Section[]>,
  report: Report,
): void => {
  const taken = new Map<Section, Chosen>();
  for (const section of sections) {
    const entry = byId.get(section.numbered?.id ?? '');
    const own = entry?.candidate.section ?? null;
    if (!entry || section.aside || own === section || (own && around.get(own)!.includes(section))) continue;
    if (!sameWords(entry.title, section.numbered!.title)) taken.set(section, entry);
  }
  if (taken.size === 0) return;
  for (const { id, candidate } of entries) {
    const holders = candidate.section ? [...around.get(candidate.section)!, candidate.section] : [];
    const holder = holders.find(section => taken.has(section) && id.startsWith(`${section.numbered!.id}.`));
    if (!holder) continue;
    const entry = taken.get(holder)!;
    taken.delete(holder);
    report.add(
      'error',
      'duplicate_id',
      `The id ${entry.id} is that of the heading in line ${holder.line + 1}, whose tasks are ${id} …, and of this box; give one of them another number.`,
      entry.candidate.line,
      entry.candidate.item.column,
    );
  }
};

/** The same letters and digits, or those of one at the beginning of the other. */
const sameWords = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map(text => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')) as [string, string];
  return x.startsWith(y) || y.startsWith(x);
};

/** The first of `1.2`, `1` for `1.2.3` (of `7` for `7.3a`) that passes, or undefined. */
const nearestPrefix = (written: string, passes: (prefix: string) => boolean): string | undefined => {
  // `6.1–6.6` stands where 6.1 does.
  const id = /^\d/.test(written) ? written.split(/[-–—]/)[0]! : written;
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) {
    const prefix = id.slice(0, dot);
    if (passes(prefix)) return prefix;
  }
  return undefined;
};

/** By dotted id first, by nesting second. */
const parentsOf = (entries: readonly Chosen[], byId: ReadonlyMap<string, Chosen>): Map<string, string> => {
  const parents = new Map<string, string>();
  const nested: Chosen[] = [];
  for (const entry of entries) {
    const { id, around } = entry;
    // `7.3a` indented below `7.3` is its child; beside it, its sibling.
    const lettered = around && !isCode(id) && /[a-z]$/.test(id) && id.slice(0, -1) === around.id;
    const byPrefix = lettered ? around.id : nearestPrefix(id, prefix => byId.has(prefix));
    if (byPrefix !== undefined) parents.set(id, byPrefix);
    // Codes say no more by their indent: `T007a` is often indented under whatever stands above.
    else if (around && byId.get(around.id) === around && !(isCode(id) && isCode(around.id))) nested.push(entry);
  }
  for (const { id, around } of nested) {
    // `1` indented below `1.1`: the id already says that it is the other way round.
    let above: string | undefined = around!.id;
    while (above !== undefined && above !== id) above = parents.get(above);
    if (above === undefined) parents.set(id, around!.id);
  }
  return parents;
};

const isCode = (id: string): boolean => /^[A-Za-z]/.test(id);

const reportOrphans = (tasks: readonly Task[], byId: ReadonlyMap<string, Chosen>, report: Report): void => {
  const missing = new Map<string, Task[]>();
  for (const task of tasks) {
    if (task.parent !== null || task.group !== null) continue;
    const expected = nearestPrefix(task.id, () => true);
    // `1.0` is how some files write `1`.
    if (expected === undefined || /\.0$/.test(task.id) || byId.has(`${expected}.0`)) {
      continue;
    }
    const list = missing.get(expected);
    if (list) list.push(task);
    else missing.set(expected, [task]);
  }
  for (const [parent, orphans] of missing) {
    const names = orphans.map(task => task.id).join(', ');
    report.add(
      'warning',
      'orphan',
      `There is no task or heading ${parent}; ${names} ${orphans.length === 1 ? 'is a unit of its own' : 'are units of their own'}; expected e.g. "- [ ] ${parent}. Title" above.`,
      orphans[0]!.line - 1,
    );
  }
};
