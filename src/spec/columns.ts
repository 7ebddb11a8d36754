// Which column of a table is which, and whether its rows are tasks: a matrix of requirements or a summary is none.
import type { TaskState } from '../core/task.ts';
import { type BoxText, familyOf, readBox, readHead } from './line.ts';

/** Columns by what they hold; -1: there is none. */
export interface Columns {
  id: number;
  /** Where the boxes are: the column of the ids, or one of its own. */
  box: number;
  /** -1: the title stands behind the id. */
  title: number;
  depends: number;
  blocks: number;
  /** Roles: they say nothing about the task. */
  ignored: number[];
  /** The names as written. */
  names: readonly string[];
  /** It has ids, roles, dependencies and how to check them. */
  plan: boolean;
  /** It says that its rows are tasks: by the name of a column, or by one of dependencies. */
  sure: boolean;
}

const ID = /^(?:#|№|no|nr|n[°º]|ids?|key|code|t#|tid|(?:sub-?)?task (?:id|#|no|nr|number)|编号|序号|番号|번호)$/;
const STATUS =
  /^(?:status|state|done|x|✓|✔|✅|☑|☐|check|checked|completed?|progress|estado|feito|hecho|fait|statut|erledigt|状态|完成|状態|ステータス|済|상태)?$/;
const TASK =
  /^(?:(?:sub-?)?task(?: (?:title|name|description))?|to-?do|action|step|work(?: item)?|activity|tarea|tarefa|aufgabe|tâche|任务|タスク|作業|작업)$/;
const TITLE =
  /^(?:title|name|what|summary|short description|description|desc|item|change|nombre|nome|título|titel|标题|描述|内容|説明|설명)$/;
const DEPENDS =
  /^(?:deps?|depends?(?: on)?|dependenc(?:y|ies)|dependent on|blocked by|waits (?:for|on)|after|predecessors?|prerequisites?|depende(?: de)?|dependencias?|dependências?|依赖|依存|前置)$/;
const BLOCKS = /^blocks$/;
const ROLE = /^(?:(?:owner |agent )?roles?|agents?)$/;
/** How a task is checked: with ids and dependencies it makes a plan of a table without boxes. */
const VERIFY = /^(?:verify|verification|check command)$/;
/** What is no task though it has an id and a box. */
const OTHER =
  /^(?:(?:non-?)?functional )?(?:req(?:uirement)?|n?fr|criteri(?:on|a)|(?:acceptance|success|exit) criteri(?:on|a)|risk|test(?: case| scenario)?|metric|kpi|milestone|phase|stage|sprint|epic|wave|section|group|(?:user )?story|stories|feature|scenario|decision|question|assumption|gate|check|checkpoint|check ?list|control|evidence|covered by|covers|implemented by|tasks|task ids|traces?(?: to)?|requisito|risco|需求|要件|要求|阶段|フェーズ)s?(?: ids?| #| no)?$/;
/** Ids of requirements, criteria, tests and decisions. */
const OTHER_FAMILY = /^(?:FR|NFR|REQ|AC|SC|UC|US|BR|ADR|TC|KPI|RISK)-?$/i;

const DONE = /^(?:✅|☑|✓|✔)\uFE0F?[ \t]*/u;
const OPEN = /^(?:⬜|☐|⏳|❌|🔄|🚧|🔲)\uFE0F?[ \t]*/u;

/** A box at the beginning of a cell. */
export interface CellBox {
  /** Where its bracket stands in the cell. */
  at: number;
  box: BoxText;
}

/** The box that a cell begins with, a list marker or emphasis in front of it allowed, or null. `[x](url)` is none. */
export const readCellBox = (cell: string): CellBox | null => {
  const match = /^((?:[-*+][ \t]+)?[*_`]*)\[([^[\]]{0,3})\](\\?\*(?!\*))?(?=$|[ \t`*_])/.exec(cell);
  if (!match) return null;
  const mark = match[2]!;
  const rest = cell
    .slice(match[0].length)
    .replace(/^[*_`]+(?=$|[ \t])/, '')
    .trim();
  return { at: match[1]!.length, box: { mark, state: stateOf(mark), star: match[3] !== undefined, rest } };
};

/** What the mark means; the grammar of a line knows. */
const stateOf = (mark: string): TaskState | null => readBox(`[${mark}] 1. -`)?.state ?? null;

/** A cell that is a word or a sign for done. */
export const saysDone = (cell: string): boolean =>
  DONE.test(cell) || /^[*_`]*(?:done|completed?|finished|feito|hecho|conclu[ií]d[ao]|已完成|完了)\b/i.test(cell);

/** The id that a cell begins with, and what stands behind it; null: it begins with none. */
export const readCellId = (cell: string): { id: string; rest: string } | null => {
  const text = (readCellBox(cell)?.box.rest ?? cell.replace(/^[-*+][ \t]+/, '')).replace(DONE, '').replace(OPEN, '');
  const { id, bare, title, code } = readHead(text.replace(/^\[([^[\]]+)\]\([^()]*\)/, '$1'));
  if (id !== null && (!bare || title === '' || title.startsWith('['))) return { id, rest: title };
  return code && { id: code.id, rest: code.title };
};

/** Nothing but marks as `[P]`, or nothing at all. */
const isMarks = (text: string): boolean => /^(?:\[[^[\]]*\][ \t]*)*$/.test(text);

/** What the columns of a table hold; null: its rows are no tasks. `rows` = the texts of their cells, as far as they can be told apart. */
export const columnsOf = (names: readonly string[], rows: readonly (readonly string[])[]): Columns | null => {
  const columns = likeTasks(names, rows);
  return columns && (columns.box >= 0 || columns.plan) ? columns : null;
};

/** The columns of a table whose rows could be tasks if they had boxes, or have some; null: it is about something else. */
export const likeTasks = (names: readonly string[], rows: readonly (readonly string[])[]): Columns | null => {
  const plain = names.map(plainName);
  const count = (test: (row: readonly string[]) => boolean): number => rows.filter(test).length;
  const isMost = (found: number): boolean => found > 0 && 2 * found >= rows.length;
  const first = (test: (name: string, at: number) => boolean): number => plain.findIndex(test);
  const holdsIds = (at: number): boolean => isMost(count(row => readCellId(row[at] ?? '') !== null));
  const boxesIn = (at: number): number => count(row => (readCellBox(row[at] ?? '')?.box.state ?? null) !== null);
  const isLone = (at: number): boolean => isMost(count(row => readCellBox(row[at] ?? '')?.box.rest === ''));

  let id = first((name, at) => ID.test(name) && holdsIds(at));
  if (id < 0) id = first((name, at) => (TASK.test(name) || isMost(boxesIn(at))) && !isLone(at) && holdsIds(at));
  let box = id >= 0 && isMost(boxesIn(id)) ? id : -1;
  if (box < 0) box = first((name, at) => STATUS.test(name) && isMost(boxesIn(at)));
  if (box < 0 && isLone(0) && isMost(boxesIn(0))) box = 0;

  const depends = first(name => DEPENDS.test(name));
  const isFree = (at: number): boolean => at !== id && at !== box && at !== depends;
  const hasText = (at: number): boolean => isFree(at) && isMost(count(row => isText(row[at] ?? '')));
  let title = first((name, at) => TASK.test(name) && hasText(at));
  const calledTask = title >= 0;
  if (title < 0) title = first((name, at) => TITLE.test(name) && hasText(at));
  const named = title;
  const behindId = id >= 0 && isMost(count(row => !isMarks(readCellId(row[id] ?? '')?.rest ?? '')));

  const plan = id >= 0 && depends >= 0 && plain.some(name => ROLE.test(name)) && plain.some(name => VERIFY.test(name));
  if (id < 0 && !calledTask) return null;
  if (id >= 0 && OTHER.test(plain[id]!)) return null;
  if (depends < 0 && !calledTask) {
    const upTo = named < 0 ? plain.length : named;
    if (plain.slice(0, upTo).some((name, at) => isFree(at) && OTHER.test(name))) return null;
  }
  if (id >= 0 && isMost(count(row => isOther(readCellId(row[id] ?? '')?.id)))) return null;

  const blocks = first(name => BLOCKS.test(name));
  const ignored = plain.flatMap((name, at) => (ROLE.test(name) ? [at] : []));
  if (named < 0 && !behindId)
    title = wordiest(
      rows,
      plain,
      at => isFree(at) && at !== blocks && !ignored.includes(at) && !STATUS.test(plain[at]!),
    );
  return { id, box, title, depends, blocks, ignored, names, plan, sure: calledTask || depends >= 0 };
};

const isOther = (id: string | undefined): boolean =>
  id !== undefined && !/^\d/.test(id) && OTHER_FAMILY.test(familyOf(id));

/** Lower case, without decoration, remarks in brackets, and `-` or `_` between words. */
const plainName = (name: string): string =>
  name
    .replace(/[(（][^()（）]*[)）]/g, '')
    .replace(/[*_`~?:.]/g, found => (found === '_' ? ' ' : ''))
    .replace(/(?<=[a-z])-(?=[a-z])/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** More than ids and marks. */
const isText = (cell: string): boolean => {
  const head = readCellId(cell);
  return /\p{L}/u.test(head ? head.rest : cell);
};

/** The column with the most prose: paths, commands, ids and code are none. -1: none has any. */
const wordiest = (
  rows: readonly (readonly string[])[],
  names: readonly string[],
  may: (at: number) => boolean,
): number => {
  let best = -1;
  let most = 0;
  for (const at of names.keys()) {
    if (!may(at)) continue;
    const letters = rows.reduce((sum, row) => sum + lettersOf(row[at] ?? ''), 0);
    if (letters > most) [best, most] = [at, letters];
  }
  return best;
};

const lettersOf = (cell: string): number =>
  cell
    .slice(0, 1_000)
    .replace(/`[^`]*`/g, '')
    .split(/\s+/)
    .filter(word => /^[("'“*_]*[\p{L}'’-]+[)"'”*_]*[,.;:!?]?$/u.test(word) && !word.startsWith('-'))
    .reduce((sum, word) => sum + word.length, 0);
