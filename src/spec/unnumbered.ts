// Says which boxes have no number in a file whose tasks have one: one message per section where they are many.
import type { Candidate, Section } from './collect.ts';
import { plainTitle } from './line.ts';
import { quote, type Report } from './report.ts';

/** More of them in one section are told together. */
const MOST_ALONE = 3;
/** Lines named at most. */
const MOST_LINES = 20;

/**
 * `boxes` = those that are neither tasks nor steps of one, in file order; `tasks` = ids of the tasks with their lines (0-based), in file order;
 * `taken` = other ids that the file has. A warning where one is open and stands below no heading of what is only checked.
 */
export const reportUnnumbered = (
  boxes: readonly Candidate[],
  tasks: readonly { id: string; line: number }[],
  taken: ReadonlySet<string>,
  report: Report,
): void => {
  const used = new Set(taken);
  for (const { id } of tasks) {
    used.add(id);
    for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) used.add(id.slice(0, dot));
  }
  const missed = new Map<Section | null, Candidate[]>();
  const others = new Map<Section | null, Candidate[]>();
  for (const box of boxes) {
    const into = isMissed(box) ? missed : others;
    const own = into.get(box.section);
    if (own) own.push(box);
    else into.set(box.section, [box]);
  }
  for (const [severity, sections] of [['warning', missed] as const, ['info', others] as const]) {
    for (const own of sections.values()) {
      const unread = (some: readonly Candidate[]): number => (severity === 'warning' ? some.length : 0);
      if (own.length <= MOST_ALONE) {
        for (const box of own)
          report.add(
            severity,
            'unnumbered_box',
            `This box has no number of its own, so it is no task here; write e.g. ${exampleOf(box, tasks, used)} if it is one.`,
            box.line,
            box.item.column,
            unread([box]),
          );
        continue;
      }
      const first = own[0]!;
      const where = first.section ? ` below ${quote(first.section.text.slice(0, 60))}` : '';
      report.add(
        severity,
        'unnumbered_box',
        `${own.length} boxes${where} have no numbers of their own, so they are no tasks here (lines ${linesOf(own)}); write e.g. ${exampleOf(first, tasks, used)} where one is a task.`,
        first.line,
        first.item.column,
        unread(own),
      );
    }
  }
};

const isMissed = ({ item, section }: Candidate): boolean => item.box!.state !== 'done' && !section?.criteria;

const linesOf = (boxes: readonly Candidate[]): string => {
  const lines = boxes.slice(0, MOST_LINES).map(({ line }) => line + 1);
  return `${lines.join(', ')}${boxes.length > MOST_LINES ? ` and ${boxes.length - MOST_LINES} more` : ''}`;
};

const exampleOf = (
  { line, item }: Candidate,
  tasks: readonly { id: string; line: number }[],
  used: ReadonlySet<string>,
): string => {
  const before = tasks.findLast(task => task.line < line) ?? tasks[0]!;
  const id = freeId(before.id, used);
  const title = plainTitle(item.box!.rest).replace(/\s+/g, ' ').slice(0, 60);
  return `"- [ ] ${/^\d+$/.test(id) ? `${id}.` : id} ${title}"`;
};

/** The next id of this kind that nobody has: `1.4` behind `1.3`, `T010` behind `T009`. */
export const freeId = (id: string, used: ReadonlySet<string>): string => {
  // A span `6.1–6.6` goes on behind its end; letters behind a number are of a task put in between.
  const [, front, digits] = /^(?:.*[–—]|\d[\d.]*-(?=\d))?(.*?)(\d+)[a-z]?$/.exec(id) ?? [];
  if (digits === undefined) return '1';
  for (let next = Number(digits) + 1; ; next++) {
    const free = `${front}${String(next).padStart(digits.length, '0')}`;
    if (!used.has(free)) return free;
  }
};
