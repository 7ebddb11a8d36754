// Finds the last fenced block of a message that has a given info string; what stands inside another fence is no block.

/** As for signals: a fence may be the first thing in a list item; backticks after the opening ones make it inline code. */
const opening = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const closing = /^[ \t]*(`{3,}|~{3,})[ \t]*$/;

interface Fence {
  /** The characters that opened it: as many, at least, close it. */
  mark: string;
  /** Columns from which it may be closed: its own where it stands deeper than at the margin. */
  container: number;
  /** Lines inside it when it is a block that is looked for, else null. */
  inside: string[] | null;
}

/**
 * The text inside the last such block, without its fences, or null when there is none. The fence is of backticks or tildes, three
 * or more, indented by at most three blanks; the first word of its info string is `info`, exactly. A fence that is never closed
 * goes on to the end, as a signal's reader takes it too. Linear in the length of the text.
 */
export const lastBlock = (text: string, info: string): string | null => {
  let found: string[] | null = null;
  let fence: Fence | null = null;
  for (const line of text.split('\n').map(one => one.replace(/\r+$/, ''))) {
    if (fence === null) fence = opened(line, info);
    else if (closes(line, fence)) {
      found = fence.inside ?? found;
      fence = null;
    } else fence.inside?.push(line);
  }
  return (fence?.inside ?? found)?.join('\n') ?? null;
};

/** The text without every such block, fences included; all other lines as they are. */
export const withoutBlocks = (text: string, info: string): string => {
  const kept: string[] = [];
  let fence: Fence | null = null;
  for (const line of text.split('\n')) {
    const bare = line.replace(/\r+$/, '');
    const before = fence;
    if (fence === null) fence = opened(bare, info);
    else if (closes(bare, fence)) fence = null;
    if (!(before ?? fence)?.inside) kept.push(line);
  }
  return kept.join('\n');
};

const opened = (line: string, info: string): Fence | null => {
  const [, mark, rest] = opening.exec(line) ?? [];
  if (mark === undefined || rest === undefined) return null;
  const before = line.slice(0, line.indexOf(mark));
  const columns = columnsOf(before);
  const wanted = /^ {0,3}$/.test(before) && rest.trim().split(/\s/)[0] === info;
  return { mark, container: columns > 3 || /\S/.test(before) ? columns : 0, inside: wanted ? [] : null };
};

const closes = (line: string, { mark, container }: Fence): boolean => {
  const end = closing.exec(line)?.[1];
  if (end === undefined || end[0] !== mark[0] || end.length < mark.length) return false;
  return columnsOf(line.slice(0, line.indexOf(end))) <= container + 3;
};

/** A tab goes on to the next multiple of four (CommonMark 2.2). */
const columnsOf = (before: string): number =>
  [...before].reduce((columns, char) => (char === '\t' ? columns - (columns % 4) + 4 : columns + 1), 0);
