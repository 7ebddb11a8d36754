// What a reader keeps of lines that are no events: broken lines, plain text and stderr, bounded.
import type { ViewLine } from '../core/agent.ts';
import { cleanLine } from '../core/clean-text.ts';
import { view } from './view.ts';

export interface StreamNotes {
  /** A stdout line that is no JSON object. */
  plain(line: string): ViewLine[];
  /** A stderr line. Noise, unless the run never began. */
  stderr(line: string): ViewLine[];
  /** The lines, oldest first, at most 50 of each kind, clean and cut to 1,000 characters. */
  plainLines(): readonly string[];
  stderrLines(): readonly string[];
  /** Warnings for a person; empty when every line was understood. */
  warnings(): string[];
}

const kept = 50;

export const streamNotes = (): StreamNotes => {
  const plainLines: string[] = [];
  const stderrLines: string[] = [];
  let broken = 0;
  const keep = (list: string[], line: string): string => {
    const clean = cleanLine(line, 1000);
    if (clean !== '') list.push(clean);
    if (list.length > kept) list.shift();
    return clean;
  };
  return {
    plain: line => {
      const clean = keep(plainLines, line);
      if (clean !== '') broken++;
      return view('notice', clean);
    },
    stderr: line => view('notice', keep(stderrLines, line)),
    plainLines: () => plainLines,
    stderrLines: () => stderrLines,
    warnings: () =>
      broken === 0 ? [] : [`${broken} ${broken === 1 ? 'line' : 'lines'} of the stream could not be read as JSON`],
  };
};
