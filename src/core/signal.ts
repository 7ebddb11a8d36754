// The signals an agent ends its final message with: found in text, and quoted where a prompt would show one.

/** What an agent may say about its unit. */
export type SignalKind = 'TASK_DONE' | 'COMPLETE' | 'HALT';

export interface Signal {
  kind: SignalKind;
  /** HALT only: what the agent wrote beside it, one line, at most 2,000 characters; null when it wrote nothing. */
  reason: string | null;
}

export interface SignalReading {
  signal: Signal | null;
  /** Words inside promises that stand where a signal may stand but that nobody knows, in order, each once. */
  unknown: string[];
}

/**
 * A promise on a line of its own, as it is quoted. Only blanks may stand beside it, so `> <promise>…` (a quotation), `- <promise>…`
 * and a promise inside a sentence are no signals.
 */
const promiseLine = /^[ \t]*<promise>([^<>]*)<\/promise>[ \t]*$/;

/** Four columns (or a tab) before it make it indented code: a sample of a signal, not one. */
const countedLine = /^ {0,3}<promise>([^<>]*)<\/promise>[ \t]*$/;

/** A code fence may be the first thing in a list item. Backticks after the opening ones make it inline code. */
const fenceOpening = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})/;
const fenceClosing = /^[ \t]*(`{3,}|~{3,})[ \t]*$/;

/** Columns before the `length`-th character of a line; a tab goes on to the next multiple of four (CommonMark 2.2). */
const columnsOf = (line: string, length: number): number => {
  let columns = 0;
  for (let k = 0; k < length; k++) columns = line[k] === '\t' ? columns - (columns % 4) + 4 : columns + 1;
  return columns;
};

/** Columns from which a fence that is opened in this line may be closed: its own where it stands in a list item, else the margin. */
const containerOf = (line: string, fence: string): number => {
  const columns = columnsOf(line, line.indexOf(fence));
  return columns > 3 || /\S/.test(line.slice(0, line.indexOf(fence))) ? columns : 0;
};

const reasonMax = 2000;

/**
 * The signal of a final message, or null.
 *
 * It counts when `<promise>TASK_DONE</promise>`, `COMPLETE` or `HALT` stands alone on its line, exactly so written, outside
 * code fences, indented by at most three columns; a fence that is never closed counts as open to the end. HALT wins over the others, otherwise the last one
 * counts. `lastLineOnly` (agents whose whole output stands for the final message): only the last line that is not blank
 * can be a signal, and a HALT anywhere in its paragraph.
 */
export const findSignal = (finalText: string, options: { lastLineOnly: boolean }): Signal | null =>
  readSignals(finalText, options).signal;

/** As `findSignal`, and also names the promises that are no known signal, for a warning. */
export const readSignals = (finalText: string, options: { lastLineOnly: boolean }): SignalReading => {
  const lines = finalText.split('\n').map(line => line.replace(/\r+$/, ''));
  const promises = promisesOf(lines);
  const lastLine = lines.findLastIndex(line => line.trim() !== '');
  // A HALT may open the last paragraph, with its reason below it, as the prompt asks for; whatever else is said there.
  const isLast = ({ line, word }: { line: number; word: string }): boolean =>
    line === lastLine || (word === 'HALT' && lines.slice(line, lastLine).every(text => text.trim() !== ''));
  const counted = options.lastLineOnly ? promises.filter(isLast) : promises;
  const known = counted.filter(one => isKind(one.word));
  const halt = known.findLast(one => one.word === 'HALT');
  const found = halt ?? known.at(-1);
  return {
    signal: found
      ? { kind: found.word as SignalKind, reason: found === halt ? haltReason(lines, found.line) : null }
      : null,
    unknown: [...new Set(counted.filter(one => !isKind(one.word)).map(one => one.word.trim()))],
  };
};

/**
 * Text that is put into a prompt or a template, with every line that could be read as a signal turned into a quotation
 * (`> ` before it), also inside fences: an agent that repeats its prompt must not end its unit. Other bytes are kept.
 */
export const quoteSignals = (text: string): string =>
  text
    .split('\n')
    .map(line => (promiseLine.test(line.replace(/\r+$/, '')) ? `> ${line}` : line))
    .join('\n');

const isKind = (word: string): boolean => word === 'TASK_DONE' || word === 'COMPLETE' || word === 'HALT';

/** Promises alone on their line and outside fences, in order. */
const promisesOf = (lines: readonly string[]): { line: number; word: string }[] => {
  const promises: { line: number; word: string }[] = [];
  let fence: string | null = null;
  let container = 0;
  lines.forEach((line, index) => {
    if (fence !== null) {
      const closing = fenceClosing.exec(line)?.[1];
      if (!closing || closing[0] !== fence[0] || closing.length < fence.length) return;
      if (columnsOf(line, line.indexOf(closing)) <= container + 3) fence = null;
      return;
    }
    fence = fenceOpening.exec(line)?.[1] ?? null;
    if (fence !== null) container = containerOf(line, fence);
    const word = countedLine.exec(line)?.[1];
    if (word !== undefined) promises.push({ line: index, word });
  });
  return promises;
};

/** The rest of the paragraph that the signal opens; when nothing follows, the paragraph before it. */
const haltReason = (lines: readonly string[], at: number): string | null => {
  const isText = (index: number): boolean => {
    const line = lines[index];
    return line !== undefined && line.trim() !== '' && !promiseLine.test(line);
  };
  let end = at + 1;
  while (isText(end)) end++;
  let start = at + 1;
  if (start === end) {
    end = at;
    while (end > 0 && lines[end - 1]!.trim() === '') end--;
    start = end;
    while (isText(start - 1)) start--;
  }
  const reason = lines
    .slice(start, end)
    .map(line => line.trim())
    .join(' ')
    .slice(0, reasonMax);
  return reason === '' ? null : reason;
};
