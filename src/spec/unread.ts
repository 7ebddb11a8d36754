// Says which lines look like open tasks and are none: what nearly is a box, and what code, HTML and tables hide.
import type { Task } from '../core/task.ts';
import { readAlmostBox } from './almost.ts';
import type { Document } from './document.ts';
import { familyOf, readHead } from './line.ts';
import { quote, type Report } from './report.ts';

/** `tasks` = what was made of the document. The work is proportional to the size of the file. */
export const reportUnread = (document: Document, tasks: readonly Task[], report: Report): void => {
  const isMissed = missedBy(document, tasks);
  reportAlmost(document, isMissed, report);
};

/** A box with this text on this line (0-based) would be a task if it were read: it is more than a step of the task around it. */
type IsMissed = (at: { line: number; column: number; rest: string }) => boolean;

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
  const asides = asideLines(document);
  return ({ line, column, rest }) => {
    if (asides(line)) return false;
    const head = readHead(rest);
    if ((head.id !== null && !head.bare) || (head.code !== null && families.has(head.code.family))) return true;
    const indent = around.get(line);
    if (indent !== undefined) return column <= indent;
    return headed.length === 0 || line < headed[0]!;
  };
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Whether a line stands in a section of notes. */
const asideLines = ({ found: { sections } }: Document): ((line: number) => boolean) => {
  return line => {
    let [low, high] = [0, sections.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sections[middle]!.line <= line) low = middle + 1;
      else high = middle;
    }
    return sections[low - 1]?.aside ?? false;
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
