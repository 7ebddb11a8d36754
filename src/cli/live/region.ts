// Lines at the bottom of a terminal that are rewritten in place while other lines scroll above them.
import { cellsOf } from './cells.ts';

export interface Region {
  /** Shows these lines instead of the last ones. Each must be narrower than the terminal; the same ones again write nothing. */
  draw(lines: readonly string[]): void;
  /** Takes what is shown away, for a line that is about to be printed; `draw` or `back` brings it again. */
  lift(): void;
  /** Shows what `lift` took away. */
  back(): void;
  /** What stands on the screen is not ours any more (a shell has written there): the next drawing begins below it. */
  forget(): void;
}

/**
 * The cursor rests at the beginning of the line below the region and is never hidden, and nothing but text is ever left switched on: a
 * process that is killed leaves a terminal that can be used. Lines are not wrapped while they are written, so that a character that a
 * terminal takes for wider than we do costs the end of a line, and no more.
 */
export const createRegion = (write: (text: string) => void, size: () => { columns: number; rows: number }): Region => {
  let wanted: readonly string[] = [];
  let drawn: { lines: readonly string[]; columns: number; rows: number } | null = null;
  /** Lines of ours that a terminal which became lower has scrolled away, right above its first line; what is printed comes between. */
  let away = 0;

  /** Moves to where the region begins. A terminal that has become narrower has wrapped its lines. */
  const top = (): string => {
    if (drawn === null) return '';
    const { columns, rows } = size();
    const height = (line: string): number => (columns < drawn!.columns ? Math.ceil(cellsOf(line) / columns) || 1 : 1);
    const all = drawn.lines.reduce((sum, line) => sum + height(line), 0);
    // One that becomes higher brings them back; where it does not, the first line is as far up as the cursor goes.
    const again = columns === drawn.columns ? Math.min(away, Math.max(0, rows - drawn.rows)) : 0;
    away = columns === drawn.columns ? away - again + Math.max(0, all - (rows - 1)) : 0;
    const up = Math.min(all + again, rows - 1);
    return up > 0 ? `\r\u001b[${up}A` : '\r';
  };
  const show = (): void => {
    const { columns, rows: height } = size();
    const before = drawn;
    // What stands there already is stepped over.
    const stays = (line: string, k: number): boolean =>
      before?.columns === columns && before.rows === height && before.lines[k] === line;
    const rows = wanted.map((line, k) => (stays(line, k) ? '\r\n' : `\r${line}\u001b[K\r\n`));
    write(`${top()}\u001b[?7l${rows.join('')}\u001b[?7h\u001b[J`);
    drawn = { lines: wanted, columns, rows: height };
  };
  return {
    draw: lines => {
      wanted = lines;
      const { columns, rows } = size();
      const same = drawn !== null && drawn.columns === columns && drawn.rows === rows && sameLines(drawn.lines, lines);
      if (same || (drawn === null && lines.length === 0)) return;
      show();
    },
    lift: () => {
      if (drawn !== null) write(`${top()}\u001b[J`);
      drawn = null;
      away = 0;
    },
    back: () => {
      if (drawn === null && wanted.length > 0) show();
    },
    forget: () => {
      drawn = null;
      away = 0;
    },
  };
};

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, k) => line === b[k]);
