// The readable rendering of a stream: clean lines of bounded length and number.
import type { Usage, ViewLine } from '../core/agent.ts';
import { cleanText, wholeCharacters } from '../core/clean-text.ts';

const lineMax = 1000;
/** Lines of one text; a command's output is cut in its middle, where it matters least. */
const linesMax = { text: 2000, tool: 20, result: 30, notice: 10, error: 20, usage: 1 } as const;
const charactersMax = 400_000;

/** The text as view lines. Blank lines at both ends are dropped; nothing gives no lines. */
export const view = (kind: ViewLine['kind'], text: string): ViewLine[] => {
  const lines = cleanText(ends(text)).replace(/\t/g, '  ').split('\n');
  while (lines.length > 0 && lines[0]!.trim() === '') lines.shift();
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const max = linesMax[kind];
  const shown = lines.length <= max ? lines : middleCut(lines, max);
  return shown.map(line => ({
    kind,
    text: line.length > lineMax ? `${wholeCharacters(line.slice(0, lineMax - 1))}…` : line,
  }));
};

/** A line about tokens and cost; `of` says whose, where it is not this run alone. */
export const viewUsage = (usage: Usage, of = 'tokens'): ViewLine => {
  const cost = usage.costUsd === null ? '' : `, $${usage.costUsd.toFixed(4)}`;
  const text = `${of}: ${usage.inputTokens} in (${usage.cachedInputTokens} cached), ${usage.outputTokens} out${cost}`;
  return { kind: 'usage', text };
};

const middleCut = (lines: string[], max: number): string[] => {
  const head = Math.ceil(max / 2);
  const tail = max - head;
  const left = lines.length - head - tail;
  return [...lines.slice(0, head), `… ${left} more lines …`, ...lines.slice(lines.length - tail)];
};

/** Both ends of a text too long to be looked at as a whole. */
const ends = (text: string): string =>
  text.length <= charactersMax
    ? text
    : `${text.slice(0, charactersMax / 2)}\n… ${text.length - charactersMax} more characters …\n${text.slice(-charactersMax / 2)}`;
