// Rows of tables that are tasks: `| [x] T01 | scout | … |`.

import { type Cell, cellsOf, cellText, fitCells, isDelimiter } from './cells.ts';
import { type CellBox, type Columns, columnsOf, likeTasks, readCellBox, readCellId, saysDone } from './columns.ts';
import type { Reference } from './dependencies.ts';
import { readIds } from './ids.ts';
import { type BoxText, type Head, plainTitle, saysOptional } from './line.ts';

/** What a row says besides its box, its id and its title. */
export interface Row {
  /** One line `name: value` for each other column that says something. */
  details: string;
  /** Tasks that it waits for, by its column of dependencies. */
  references: Reference[];
  /** Tasks that wait for it. */
  blocks: Reference[];
  /** What stands among the dependencies and is no id, or null. */
  unread: string | null;
  /** Owner named by `_agent: …_`, or null. */
  agent: string | null;
  /** The table has boxes: its rows are tasks anywhere. */
  boxed: boolean;
  /** It has ids, roles, dependencies and how to check them: some dialects read its rows without boxes. */
  plan: boolean;
  /** The table says that its rows are tasks. One that does not may be about anything where tasks are list items. */
  sure: boolean;
}

/** A row as the piece keeps it. */
export interface RowItem {
  /** 0-based, counted as the lines given. */
  line: number;
  /** Bytes of the line in front of its box; without one where the row begins. */
  column: number;
  /** A sign for done is a box with a mark that cannot be written. */
  box: BoxText | null;
  head: Head;
  optional: boolean;
  row: Row;
}

const encoder = new TextEncoder();

/** Where a table begins among the lines of a paragraph, or -1. Linear. */
const tableAt = (lines: readonly string[]): number => {
  for (let i = 1; i < lines.length; i++) {
    if (isDelimiter(lines[i]!) && cellsOf(lines[i - 1]!).length === cellsOf(lines[i]!).length) return i - 1;
  }
  return -1;
};

/**
 * The rows of the table in a paragraph that are tasks; null: it holds no table, or one of something else. `lines` are the paragraph's,
 * comments made blank. Rows without id and box are left out.
 */
export const readRows = (lines: readonly string[]): RowItem[] | null => {
  const table = tableIn(lines);
  const columns = table && columnsOf(table.names, table.rough);
  return columns && table.own.flatMap(({ line, text }) => readRow(line, text, columns) ?? []);
};

/** A row that has an id and no box, in a table without boxes. */
export interface IdRow {
  /** 0-based, counted as the lines given. */
  line: number;
  id: string;
  title: string;
  /** A cell says that it is done. */
  done: boolean;
}

/** The rows with ids of a table that could hold tasks and has no boxes; none where it is about something else, or `readRows` reads it. */
export const readIdRows = (lines: readonly string[]): IdRow[] => {
  const table = tableIn(lines);
  const columns = table && likeTasks(table.names, table.rough);
  if (!columns || columns.id < 0 || columns.box >= 0 || columns.plan) return [];
  return table.own.flatMap(({ line, text }) => {
    const row = readRow(line, text, columns);
    if (row?.head.id == null) return [];
    const done = cellsOf(text).some(cell => saysDone(cellText(text, cell)));
    return [{ line, id: row.head.id, title: row.head.title, done }];
  });
};

/** The first table among lines: the names of its columns, its rows, and their cells as far as they can be told apart. */
const tableIn = (
  lines: readonly string[],
): { names: string[]; own: { line: number; text: string }[]; rough: string[][] } | null => {
  if (!lines.some(line => line.includes('|') && line.includes('-'))) return null;
  const top = tableAt(lines);
  if (top < 0) return null;
  const names = cellsOf(lines[top]!).map(cell => cellText(lines[top]!, cell));
  const own: { line: number; text: string }[] = [];
  for (let line = top + 2; line < lines.length; line++) {
    const text = lines[line]!;
    // A line that is blank now held a comment.
    if (text.trim() !== '' && !text.includes('|')) break;
    own.push({ line, text });
  }
  const rough = own.map(({ text }) => {
    const cells = cellsOf(text);
    return (cells.length > names.length ? cellsOf(text, true) : cells).map(cell => cellText(text, cell));
  });
  return { names, own, rough: rough.filter(row => row.some(text => text !== '')) };
};

const readRow = (line: number, text: string, columns: Columns): RowItem | null => {
  const cells = fitCells(text, columns.names.length, fitted => fits(text, fitted, columns));
  const at = (column: number): string => (cells[column] ? cellText(text, cells[column]!) : '');
  const known = columns.id < 0 ? null : readCellId(at(columns.id));
  const found = columns.box < 0 ? null : boxOf(text, cells[columns.box]);
  if (!known && !found) return null;
  const title = titleOf(known?.rest ?? '', columns.title < 0 ? '' : at(columns.title), found, columns);
  const box = found?.box ?? (saysDone(at(columns.box < 0 ? columns.id : columns.box)) ? doneBySign : null);
  const depends = readIds(columns.depends < 0 ? '' : at(columns.depends));
  return {
    line,
    column: encoder.encode(text.slice(0, found?.column ?? cells[0]?.from ?? 0)).length,
    box: box && { ...box, rest: title },
    head: { id: known?.id ?? null, bare: false, title, also: [], code: null },
    optional: (box?.star ?? false) || saysOptional(title),
    row: {
      details: detailsOf(at, columns, found, depends.unread !== null),
      references: depends.references,
      blocks: columns.blocks < 0 ? [] : readIds(at(columns.blocks)).references,
      unread: depends.unread,
      agent: /(?:^|[\s|])_agent:[ \t]*([A-Za-z0-9][A-Za-z0-9.-]{0,63})_/i.exec(text)?.[1] ?? null,
      boxed: columns.box >= 0,
      plan: columns.plan,
      sure: columns.sure,
    },
  };
};

/** No byte of the file stands for it, so it is never written. */
const doneBySign: BoxText = { mark: '✅', state: 'done', star: false, rest: '' };

/** The columns whose texts are known to be ids or boxes hold some. */
const fits = (text: string, cells: readonly Cell[], { id, box, depends }: Columns): boolean => {
  const at = (column: number): string => (cells[column] ? cellText(text, cells[column]!) : '');
  if (id >= 0 && readCellId(at(id)) === null) return false;
  if (box >= 0 && readCellBox(at(box)) === null) return false;
  if (depends < 0) return true;
  const { references, unread } = readIds(at(depends));
  return unread === null || references.length > 0;
};

const boxOf = (text: string, cell: Cell | undefined): (CellBox & { column: number }) | null => {
  const found = cell ? readCellBox(text.slice(cell.from, cell.to)) : null;
  return found && { ...found, column: cell!.from + found.at };
};

/** Marks behind the id (`T2 [P]`) stay in front of the title. */
const titleOf = (behindId: string, own: string, found: CellBox | null, { id, box }: Columns): string => {
  if (own !== '') return plainTitle([behindId, plainTitle(own)].filter(part => part !== '').join(' '));
  if (behindId !== '' || id >= 0) return plainTitle(behindId);
  return box >= 0 ? plainTitle(found?.box.rest ?? '') : '';
};

const detailsOf = (
  at: (column: number) => string,
  columns: Columns,
  found: CellBox | null,
  unread: boolean,
): string => {
  const said = columns.names.flatMap((name, column) => {
    if (columns.ignored.includes(column) || column === columns.id || column === columns.title) return [];
    if (column === columns.depends && !unread) return [];
    const value = column === columns.box && found ? found.box.rest : at(column);
    if (value === '' || /^[-–—]+$/.test(value)) return [];
    return [name === '' ? value : `${name}: ${value}`];
  });
  return said.join('\n');
};

/** A row of a table holds this id in a cell, and this title. */
export const isRowOf = (line: string, id: string, title: string | null): boolean => {
  const text = line.replace(/<!--.*?(?:-->|$)/g, found => ' '.repeat(found.length));
  return [false, true].some(spans => {
    const cells = cellsOf(text, spans);
    const ids = cells.flatMap(cell => readCellId(cellText(text, cell)) ?? []).filter(found => found.id === id);
    if (ids.length === 0 && !id.startsWith('#')) return false;
    if (title === null) return true;
    const fronts = ids.length > 0 ? ids.map(({ rest }) => rest) : [''];
    return fronts.some(
      front =>
        plainTitle(front) === title ||
        cells.some(({ from }, first) =>
          cells.slice(first).some(({ to }) => titleIs(front, cellText(text, { from, to }), title)),
        ),
    );
  });
};

const titleIs = (front: string, own: string, title: string): boolean =>
  plainTitle([front, plainTitle(own)].filter(part => part !== '').join(' ')) === title;
