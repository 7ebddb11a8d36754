// Headings beside numbered boxes: those that are tasks of their own, and those that nobody reads though they look like one.
import type { Group, Task } from '../core/task.ts';
import type { Collected, Section } from './collect.ts';
import { endOf, type Headed, headedFrom, ownersIn, prefixesOf } from './headings.ts';
import { CHAPTER } from './line.ts';
import { quote, type Report } from './report.ts';

/** What is asked of a task here; the line is 0-based. */
interface Item {
  id: string;
  line: number;
}

/**
 * Headings that call themselves tasks or work packages and that hold none of the tasks, neither below them nor by id (1 of 1.2): each
 * is a task like them, boxes without ids below it are its check list. In file order; of two with the same id both. Empty where
 * the tasks have no ids of their own: there the boxes are all there is.
 */
export const headingsBeside = (found: Collected, tasks: readonly Item[], last: number): Headed[] => {
  if (tasks.length === 0 || tasks[0]!.id.startsWith('#')) return [];
  const called = calledSections(found);
  if (called.length === 0) return [];
  const taken = new Set(tasks.map(({ id }) => id));
  const above = prefixesOf([...taken, ...called.map(({ numbered }) => numbered!.id)]);
  const filled = sectionsOver(found.sections, tasks);
  const named = called.map(section => ({ section, id: section.numbered!.id, title: section.numbered!.title }));
  const own = headedFrom(named, found.sections, last).filter(
    ({ id, section }) => !taken.has(id) && !above.has(id) && !filled.has(section),
  );
  const ownerOf = ownersIn(own);
  for (const box of found.boxes) if (!box.item.swallowed) ownerOf(box.line)?.boxes.push(box);
  return own;
};

const calledSections = ({ sections }: Collected): Section[] =>
  sections.filter(
    ({ numbered, aside, criteria }) =>
      !aside && !criteria && numbered && (numbered.taskWord || /^WP/.test(numbered.id)),
  );

/** The sections that one of these stands in, at any depth. */
const sectionsOver = (sections: readonly Section[], items: readonly { line: number }[]): Set<Section> => {
  const over = new Set<Section>();
  const lines = items.map(({ line }) => line).sort((a, b) => a - b);
  let under: Section[] = [];
  let next = 0;
  for (const line of lines) {
    for (; next < sections.length && sections[next]!.line < line; next++) {
      const section = sections[next]!;
      under = under.filter(({ depth }) => depth < section.depth);
      under.push(section);
    }
    for (const section of under) over.add(section);
  }
  return over;
};

/**
 * Says which headings look like units and are none: a numbered one with text among those that are groups, and one that calls itself a
 * task where the tasks are boxes without ids.
 */
export const reportEmptyHeadings = (
  found: Collected,
  { tasks, groups }: { tasks: readonly Task[]; groups: readonly Group[] },
  source: readonly string[],
  report: Report,
): void => {
  if (tasks.length === 0) return;
  const filled = sectionsOver(found.sections, [
    ...found.boxes.filter(({ item }) => !item.swallowed),
    ...tasks.map(({ line }) => ({ line: line - 1 })),
  ]);
  const own = new Set(tasks.map(({ line }) => line - 1));
  const ids = new Set(tasks.map(({ id }) => id));
  const isEmpty = ({ aside, numbered, line }: Section): boolean =>
    !aside && numbered !== null && !ids.has(numbered.id) && !own.has(line);
  const add = ({ line, numbered }: Section, what: string, id: string): void =>
    report.add(
      'warning',
      'empty_group',
      `${what} has no boxes below it and is no unit; expected e.g. ${quote(`- [ ] ${id} ${numbered!.title}`.trim())} below it.`,
      line,
    );
  if (tasks.every(({ id }) => id.startsWith('#'))) {
    const called = calledSections(found);
    const above = prefixesOf(called.map(({ numbered }) => numbered!.id));
    const empty = called.filter(one => isEmpty(one) && !filled.has(one) && !above.has(one.numbered!.id));
    if (empty.length === 0) return;
    const [first, ...rest] = empty;
    const others = rest.length > 0 ? ` (nor have ${rest.length} more, in lines ${linesOf(rest)})` : '';
    add(first!, `The heading of task ${first!.numbered!.id}${others}`, `${first!.numbered!.id}.`);
    return;
  }
  const above = prefixesOf(ids);
  const groupLines = new Set(groups.map(({ line }) => line - 1));
  const groupsBeside = siblingsIn(found.sections, ({ line }) => groupLines.has(line));
  for (const [at, section] of found.sections.entries()) {
    const { numbered } = section;
    if (!isEmpty(section) || filled.has(section) || above.has(numbered!.id) || CHAPTER.test(numbered!.title)) continue;
    if (groupsBeside(section) < 2) continue;
    const end = endOf(found.sections, at, source.length);
    const hasText = source.slice(section.line + 1, end).some(line => /[\p{L}\p{N}]/u.test(line));
    if (hasText) add(section, `The heading ${numbered!.id}`, `${numbered!.id}.1`);
  }
};

const linesOf = (sections: readonly Section[]): string => {
  const lines = sections.slice(0, 10).map(({ line }) => line + 1);
  return lines.join(', ') + (sections.length > lines.length ? ', …' : '');
};

/** How many sections of the same rank below the same heading are such ones. */
const siblingsIn = (
  sections: readonly Section[],
  isSuch: (section: Section) => boolean,
): ((section: Section) => number) => {
  const counts = new Map<Section, { count: number }>();
  /** By depth: the count that goes on there. */
  const open = new Map<number, { count: number }>();
  for (const section of sections) {
    for (const depth of open.keys()) if (depth > section.depth) open.delete(depth);
    const own = open.get(section.depth) ?? { count: 0 };
    if (isSuch(section)) own.count++;
    open.set(section.depth, own);
    counts.set(section, own);
  }
  return section => counts.get(section)!.count;
};
