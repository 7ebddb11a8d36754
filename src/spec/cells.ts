// The lines of a table: its cells, also where a hand has forgotten to escape a `|`.

/** A cell without the white space around it, in UTF-16 units of its line. */
export interface Cell {
  from: number;
  to: number;
}

/** More columns no hand writes; what is behind them belongs to the last one. */
const MOST_CELLS = 64;
/** A longer row is not searched for the cell that a `|` belongs to: what is too much goes to its last column. */
const LONGEST = 10_000;

/** Cuts a line at each `|` without a backslash before it; with `spans`, at none inside a code span. */
export const cellsOf = (line: string, spans = false): Cell[] => {
  const cells: Cell[] = [];
  let from = /^[ \t]*\|?/.exec(line)![0].length;
  let end = line.length;
  while (end > from && ' \t'.includes(line[end - 1]!)) end--;
  const push = (to: number): void => {
    let [a, b] = [from, to];
    while (a < b && ' \t'.includes(line[a]!)) a++;
    while (b > a && ' \t'.includes(line[b - 1]!)) b--;
    cells.push({ from: a, to: b });
    from = to + 1;
  };
  for (let i = from; i < end && cells.length < MOST_CELLS; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === '`' && spans) i = endOfSpan(line, i);
    else if (line[i] === '|') push(i);
  }
  if (from < end) push(end);
  return cells;
};

/** Last character of the code span that opens here, or of the back-ticks where it never closes. */
const endOfSpan = (line: string, at: number): number => {
  let size = 1;
  while (line[at + size] === '`') size++;
  const mark = '`'.repeat(size);
  for (let i = line.indexOf(mark, at + size); i >= 0; ) {
    let run = size;
    while (line[i + run] === '`') run++;
    if (run === size) return i + size - 1;
    i = line.indexOf(mark, i + run);
  }
  return at + size - 1;
};

/** `|---|:--:|`: the line below the names of the columns. */
export const isDelimiter = (line: string): boolean => {
  if (!/^[ \t|:-]*$/.test(line) || !line.includes('-') || !line.includes('|')) return false;
  return cellsOf(line).every(({ from, to }) => /^:?-+:?$/.test(line.slice(from, to)));
};

/**
 * The cells of a row by column, at most `width` of them; what is too much belongs to the last one. Where they do not hold what they
 * must (`fits`), or quotes and brackets do not close, somebody did not escape a `|`: those inside code spans are text; else one cell is
 * put together of several. Without too many cells that is only done where it makes the row fit.
 */
export const fitCells = (line: string, width: number, fits: (cells: readonly Cell[]) => boolean): Cell[] => {
  const plain = cellsOf(line);
  const isLong = line.length > LONGEST;
  if (plain.length <= width && (isLong || fits(plain))) return plain;
  const spanned = cellsOf(line, true);
  if (spanned.length <= width && spanned.length < plain.length && fits(spanned)) return spanned;
  const cells = spanned.length > width ? spanned : plain;
  if (isLong) return joined(cells, width, 0, 0);
  const open = cells.map(({ from, to }) => isOpen(line.slice(from, to)));
  const least = Math.max(0, cells.length - width);
  let best = { cells: joined(cells, width, 0, 0), cost: least > 0 ? Number.POSITIVE_INFINITY : NOT_FITTING };
  const take = (at: number, more: number): void => {
    const found = joined(cells, width, at, more);
    const cost = found.filter(({ from, to }) => isOpen(line.slice(from, to))).length + (fits(found) ? 0 : NOT_FITTING);
    if (cost < best.cost) best = { cells: found, cost };
  };
  if (least > 0) take(0, 0);
  for (const more of new Set([least, 1, 2, 3])) {
    for (let at = Math.min(width, cells.length - more) - 1; at >= 0 && best.cost > 0 && more > 0; at--) {
      // What is not too much is only joined where a quote says so.
      if (more === least || open[at]) take(at, more);
    }
  }
  return best.cells;
};

/** More than any number of quotes that do not close. */
const NOT_FITTING = 1_000;

/** One cell goes over `more` others behind it, and the last one over all that are left. */
const joined = (cells: readonly Cell[], width: number, at: number, more: number): Cell[] => {
  const all =
    more === 0
      ? [...cells]
      : [...cells.slice(0, at), { from: cells[at]!.from, to: cells[at + more]!.to }, ...cells.slice(at + more + 1)];
  return all.length <= width
    ? all
    : [...all.slice(0, width - 1), { from: all[width - 1]!.from, to: all[all.length - 1]!.to }];
};

/** A quote, a bracket or a code span in it does not close. */
const isOpen = (text: string): boolean => {
  const count = (mark: RegExp): number => text.match(mark)?.length ?? 0;
  const quotes = count(/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu) % 2 === 1;
  return quotes || count(/"/g) % 2 === 1 || count(/`/g) % 2 === 1 || count(/[([]/g) !== count(/[)\]]/g);
};

/** What a cell says: `\|` is a `|`, white space is one blank. */
export const cellText = (line: string, { from, to }: Cell): string =>
  line.slice(from, to).replace(/\\\|/g, '|').replace(/\s+/g, ' ');
