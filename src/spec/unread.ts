// Says which lines look like open tasks and are none: what nearly is a box, and what code, HTML and tables hide.
import type { Task } from '../core/task.ts';
import { readAlmostBox } from './almost.ts';
import type { Section } from './collect.ts';
import type { Document } from './document.ts';
import { familyOf, readHead } from './line.ts';
import { quote, type Report } from './report.ts';

/** `tasks` = what was made of the document. The work is proportional to the size of the file. */
export const reportUnread = (document: Document, tasks: readonly Task[], report: Report): void => {
  const isMissed = missedBy(document, tasks);
  reportAlmost(document, isMissed, report);
  reportHidden(document, tasks, isMissed, report);
  reportTables(document, tasks, report);
};

/**
 * A box with this text on this line (0-based) would be a task if it were read: it is more than a step of the task around it, and stands in
 * no section of notes, as far as that is known (`sure`).
 */
type IsMissed = (at: { line: number; column: number; rest: string }, sure?: boolean) => boolean;

const missedBy = (document: Document, tasks: readonly Task[]): IsMissed => {
  const { placed, found } = document;
  const idAt = new Map(tasks.map(task => [task.line - 1, task.id]));
  const families = new Set(tasks.flatMap(({ id }) => (/^[A-Za-z]/.test(id) ? [familyOf(id)] : [])));
  /** Per line the indent of the task whose list item it belongs to. */
  const around = new Map<number, number>();
  for (const { piece, base } of placed) {
    for (const item of piece.items) {
      const id = idAt.get(base + item.line);
      // Any box inside a task without a number is one itself.
      if (id === undefined || id.startsWith('#')) continue;
      const indent = indentOf(piece.lines[item.line]!);
      for (let line = item.line; line <= item.end; line++) around.set(base + line, indent);
    }
  }
  const headed = found.sections.filter(({ line }) => idAt.has(line)).map(({ line }) => line);
  const sectionOf = sectionsByLine(document);
  return ({ line, column, rest }, sure = true) => {
    if (sure && sectionOf(line)?.aside) return false;
    const head = readHead(rest);
    if ((head.id !== null && !head.bare) || (head.code !== null && families.has(head.code.family))) return true;
    const indent = around.get(line);
    if (indent !== undefined) return column <= indent;
    return headed.length === 0 || line < headed[0]!;
  };
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The section that a line stands in. */
const sectionsByLine = ({ found: { sections } }: Document): ((line: number) => Section | null) => {
  return line => {
    let [low, high] = [0, sections.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sections[middle]!.line <= line) low = middle + 1;
      else high = middle;
    }
    return sections[low - 1] ?? null;
  };
};

const reportAlmost = ({ placed, found }: Document, isMissed: IsMissed, report: Report): void => {
  const known = new Set([...found.boxes, ...found.rows].map(({ line }) => line));
  for (const line of [...found.strays, ...found.quoted]) known.add(line);
  for (const { piece, base } of placed) {
    for (const [at, text] of piece.lines.entries()) {
      const line = base + at;
      if (piece.opaque.has(at) || known.has(line)) continue;
      const almost = readAlmostBox(text);
      if (!almost) continue;
      const missed = almost.open && isMissed({ line, column: almost.column, rest: almost.rest });
      report.add(
        missed ? 'warning' : 'info',
        'almost_box',
        `Markdown takes this line for no box: ${almost.because}; it is not read as a task. Expected a list item, e.g. ${quote(almost.mended)}.`,
        line,
        almost.column,
        missed ? 1 : 0,
      );
    }
  }
};

const reportHidden = (
  { placed, found, source }: Document,
  tasks: readonly Task[],
  isMissed: IsMissed,
  report: Report,
): void => {
  const idAt = new Set(tasks.map(task => task.line - 1));
  const headed = tasks.length === 0 || found.sections.some(({ line }) => idAt.has(line));
  for (const { piece, base } of placed) {
    for (const block of piece.hidden) {
      const lines = block.lines
        .map(one => ({ ...one, line: base + one.line }))
        .filter(({ kind }) => kind === 'box' || headed);
      const [first] = lines;
      if (!first) continue;
      // Whatever runs to the end of the file hides the headings too.
      const sure = block.close === null;
      const missed = lines.filter(one => one.kind === 'heading' || isMissed(one, sure));
      const shown = missed[0] ?? first;
      const many = (missed.length > 0 ? missed : lines).length;
      const what = many === 1 ? 'a line like an open task' : `${many} lines like open tasks`;
      const text = quote(source.lines[shown.line]!.trim().slice(0, 80));
      const name = block.kind === 'html' ? 'block of HTML' : block.kind;
      const message =
        block.close === null
          ? `This ${name} hides ${what}, the first in line ${shown.line + 1}: ${text}. Markdown takes all up to the next empty line for HTML; put an empty line in front of line ${first.line + 1}.`
          : `This ${name} is never closed and hides ${what}, the first in line ${shown.line + 1}: ${text}. Close it, e.g. with ${quote(block.close)} in front of that line.`;
      report.add(
        missed.length > 0 ? 'warning' : 'info',
        'swallowed_boxes',
        message,
        base + block.line,
        null,
        missed.length,
      );
    }
  }
};

/** Tables without boxes whose rows have ids as the tasks have, and that no task has. */
const reportTables = (document: Document, tasks: readonly Task[], report: Report): void => {
  const { placed, found } = document;
  const kinds = new Set(tasks.flatMap(({ id }) => kindOf(id) ?? []));
  if (kinds.size === 0) return;
  const known = new Set(found.sections.flatMap(({ numbered }) => numbered?.id ?? []));
  for (const { head } of found.boxes) for (const id of [head?.id ?? '', ...(head?.also ?? [])]) known.add(id);
  for (const { id } of tasks) {
    known.add(id);
    for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) known.add(id.slice(0, dot));
  }
  const sectionOf = sectionsByLine(document);
  const tables = placed.flatMap(({ piece, base }) =>
    piece.idRows.map(rows => rows.map(row => ({ ...row, line: base + row.line }))),
  );
  for (const rows of [...tables, ...plansOf(document)]) {
    const section = sectionOf(rows[0]!.line);
    if (section?.aside || section?.checked) continue;
    const lost = rows.filter(({ id }) => !known.has(id) && kinds.has(kindOf(id) ?? ''));
    const open = lost.filter(({ done }) => !done);
    const first = open[0] ?? lost[0];
    if (!first) continue;
    const names = lost.slice(0, 12).map(({ id }) => id);
    const ids = `${names.join(', ')}${lost.length > names.length ? ` and ${lost.length - names.length} more` : ''}`;
    const title = first.title === '' ? 'Title' : first.title.slice(0, 60);
    report.add(
      open.length > 0 ? 'warning' : 'info',
      'table_rows',
      `This table has rows with ids like the tasks, and no task has ${ids}: a row without a box is not read as a task. Write each as a list item, e.g. ${quote(`- [ ] ${first.id} ${title}`)}.`,
      rows[0]!.line,
      null,
      open.length,
    );
  }
};

/** What ids of one kind share; null: plain numbers, which may count anything. */
const kindOf = (id: string): string | null => {
  if (/^[A-Za-z]/.test(id)) return familyOf(id);
  return /^\d+\.\d/.test(id) ? '1.1' : null;
};

/** Rows of plans without boxes, which only some dialects read; a list per table. */
const plansOf = ({ found }: Document): { line: number; id: string; title: string; done: boolean }[][] => {
  const plans: { line: number; id: string; title: string; done: boolean }[][] = [];
  let last = -2;
  for (const { line, head, item } of found.rows) {
    if (item.row!.boxed || head?.id == null) continue;
    const row = { line, id: head.id, title: head.title, done: item.box?.state === 'done' };
    if (line === last + 1) plans[plans.length - 1]!.push(row);
    else plans.push([row]);
    last = line;
  }
  return plans;
};
