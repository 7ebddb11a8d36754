// The sections of a file that are about the order of its tasks: their tables, their diagrams, and whether they were understood.
import { cellsOf, cellText, isDelimiter } from './cells.ts';
import type { Placed, Section } from './collect.ts';
import { ID } from './dependencies.ts';
import { readIds } from './ids.ts';
import { sectionsAround } from './outside.ts';
import { isNoOrder, type Ordering } from './prose.ts';
import type { Report } from './report.ts';

const ABOUT_ORDER =
  /dependenc|(?:execution|implementation|task|build) (?:order|sequence)|order of (?:execution|implementation|tasks|work)|依赖|依存|의존|(?:执行|实施|実行|実装)[顺順]序?|abhängigkeit|dependências|dépendances|orden de ejecución|ordem de execução/i;

/** The first heading above (outermost first) that is about the order of tasks, or null. */
export const aboutOrder = (under: readonly Section[]): Section | null =>
  under.find(({ text }) => ABOUT_ORDER.test(text)) ?? null;

/** A fence in such a section. */
export interface OrderFence {
  heading: Section;
  /** First word behind its marks, in lower case: `mermaid`, or ''. */
  info: string;
  text: string;
}

/** Those that may show an order: diagrams, and plain text that names no waves, which are read elsewhere. */
export function* orderFences(placed: readonly Placed[], sections: readonly Section[]): Generator<OrderFence> {
  const around = sectionsAround(sections);
  let next = 0;
  for (const { piece, base } of placed) {
    for (const { line, value } of piece.fences) {
      while (next < sections.length && sections[next]!.line <= base + line) next++;
      const above = sections[next - 1];
      const heading = above ? aboutOrder([...around.get(above)!, above]) : null;
      const info = /^[ \t]*[`~]{3,}[ \t]*([\w-]*)/.exec(piece.lines[line]!)?.[1]?.toLowerCase() ?? '';
      if (heading && FENCES.has(info) && !/\bwave\b/i.test(value)) yield { heading, info, text: value };
    }
  }
}

const FENCES: ReadonlySet<string> = new Set(['', 'text', 'txt', 'plain', 'plaintext', 'mermaid']);

/** Notes of each section about order whether something of it was understood. */
export const orderNotes = (isTask: (id: string) => boolean) => {
  const sections = new Map<Section, { understood: boolean; missed: boolean }>();
  return {
    /** A line of the section, and whether it was understood. */
    take(section: Section, text: string, understood: boolean): void {
      const notes = sections.get(section) ?? { understood: false, missed: false };
      sections.set(section, notes);
      notes.understood ||= understood;
      // Two ids side by side say something of their order, unless they say that there is none.
      if (!notes.understood && !notes.missed) notes.missed = idsIn(text, isTask) > 1 && !isNoOrder(text);
    },
    /** Tells of each section where ids stand together and nothing was understood. */
    tell(report: Report): void {
      for (const [{ line }, { understood, missed }] of sections) {
        if (understood || !missed) continue;
        report.add(
          'info',
          'unread_order',
          'This section names tasks, and nothing of it was understood as an order; expected e.g. "T002 depends on T001" or "T001 → T002".',
          line,
        );
      }
    },
  };
};

const IDS = new RegExp(String.raw`(?<![\p{L}\p{N}.])${ID}`, 'giu');

const idsIn = (text: string, isTask: (id: string) => boolean): number =>
  new Set([...text.slice(0, LONGEST).matchAll(IDS)].map(([id]) => id).filter(isTask)).size;

const TASK_COLUMN =
  /^(?:(?:sub-?)?tasks?(?: ?(?:ids?|#|no\.?))?|ids?|#|no\.?|tarea|tarefa|aufgabe|tâche|任务|タスク|작업)$/i;
const AFTER_COLUMN =
  /^(?:deps?|depends?(?: (?:up)?on)?|dependenc(?:y|ies)|dependent on|blocked by|waits (?:for|on)|after|predecessors?|prerequisites?|requires|depende de|dependencias?|dependências?|dépend de|dépendances?|abhängig von|abhängigkeit(?:en)?|依赖(?:任务)?|依存(?:関係)?|前置(?:任务)?|의존성)$/i;
const BLOCKS_COLUMN = /^blocks$/i;

/**
 * A reader of tables (`| Task | Depends on |`), one line of prose after the other, `line` 0-based. What a row says, or null where the line
 * is no row of such a table.
 */
export const orderTableReader = (): ((line: number, text: string) => Ordering[] | null) => {
  let header: { line: number; names: string[] } | null = null;
  let table: { last: number; task: number; after: number; blocks: number } | null = null;
  return (line, text) => {
    if (!text.includes('|') || text.length > LONGEST) {
      header = null;
      table = null;
      return null;
    }
    const cells = cellsOf(text).map(cell => cellText(text, cell));
    if (table && line === table.last + 1) {
      table.last = line;
      const at = (column: number) => (column < 0 ? [] : readIds(cells[column] ?? '').references);
      const own = { tasks: at(table.task).slice(0, 1), phases: [] };
      const pairs = [
        { after: own, before: { tasks: at(table.after), phases: [] } },
        { after: { tasks: at(table.blocks), phases: [] }, before: own },
      ];
      return pairs.filter(({ after, before }) => after.tasks.length > 0 && before.tasks.length > 0);
    }
    table = null;
    if (header && line === header.line + 1 && isDelimiter(text)) {
      const column = (named: RegExp) => header!.names.findIndex(name => named.test(name));
      const [task, after, blocks] = [column(TASK_COLUMN), column(AFTER_COLUMN), column(BLOCKS_COLUMN)];
      if (task >= 0 && (after >= 0 || blocks >= 0)) table = { last: line, task, after, blocks };
      return table === null ? null : [];
    }
    header = { line, names: cells.map(cell => cell.replace(/[*_`]/g, '').trim()) };
    return null;
  };
};

/** Longer lines are no tables of ids and no edges. */
const LONGEST = 1_000;
/** More nodes and lines nobody draws. */
const MOST_LINES = 2_000;

const NODE = String.raw`[\p{L}\p{N}_.-]{1,64}?`;
const LABEL = String.raw`[([{>]{1,3}"?([^()[\]{}"]{1,200})"?[)\]}]{1,3}`;
const LABELLED = new RegExp(String.raw`(?<![\p{L}\p{N}_.-])(${NODE})[ \t]?${LABEL}`, 'gu');
const ALONE = new RegExp(String.raw`^(${NODE})(?:[ \t]?${LABEL})?(?::::?\w+)?$`, 'u');
const EDGE = /[ \t]*(?:-{2,5}>|-\.{1,5}->|={2,5}>)(?:\|[^|]{0,100}\|)?[ \t]*/;
const ID_IN_LABEL = new RegExp(String.raw`^(?:(?:sub-?)?task[ \t]+#?)?(${ID})(?=$|[.:：)]|[ \t])`, 'i');

/** The edges of a Mermaid diagram. A node counts where its label begins with an id of the file, or where it is called by one. */
export const readMermaid = (text: string, isTask: (id: string) => boolean): Ordering[] => {
  const lines = text
    .split('\n')
    .slice(0, MOST_LINES)
    .filter(line => line.length <= LONGEST);
  const labels = new Map<string, string>();
  for (const line of lines)
    for (const [, node, label] of line.matchAll(LABELLED)) if (!labels.has(node!)) labels.set(node!, label!.trim());
  const idOf = (node: string): string | null => {
    const inLabel = ID_IN_LABEL.exec(labels.get(node) ?? '')?.[1];
    if (inLabel !== undefined && isTask(inLabel)) return inLabel;
    return isTask(node) ? node : null;
  };
  const tasksIn = (part: string) =>
    part.split('&').flatMap(one => {
      const node = ALONE.exec(one.trim())?.[1];
      const from = node === undefined ? null : idOf(node);
      return from === null ? [] : [{ from, to: null }];
    });
  return lines.flatMap(line => {
    const parts = line.trim().replace(/;$/, '').split(EDGE).map(tasksIn);
    return parts.slice(1).flatMap((tasks, index) => {
      const before = parts[index]!;
      const isEdge = tasks.length > 0 && before.length > 0;
      return isEdge ? [{ after: { tasks, phases: [] }, before: { tasks: before, phases: [] } }] : [];
    });
  });
};
