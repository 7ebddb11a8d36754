// Collects diagnostics with their place in the file.
import type { Diagnostic } from '../core/task.ts';

export type Report = ReturnType<typeof makeReport>;

/**
 * `line` and `column` are 0-based here and 1-based in the diagnostics; null line = the whole file. `unread` = how many open boxes are
 * said to be no tasks though they may be meant as such.
 */
export const makeReport = (lines: readonly string[]) => {
  const found: Diagnostic[] = [];
  return {
    add(
      severity: Diagnostic['severity'],
      code: string,
      message: string,
      line: number | null,
      column: number | null = null,
      unread = 0,
    ): void {
      found.push({
        severity,
        code,
        message,
        line: line === null ? null : line + 1,
        column: line === null ? null : (column ?? firstColumn(lines[line])) + 1,
        source: line === null ? null : (lines[line]?.slice(0, 200) ?? null),
        ...(unread > 0 && { unread }),
      });
    },
    /** In the order of the lines, those about the whole file first. */
    all(): Diagnostic[] {
      return found
        .map((diagnostic, index) => ({ diagnostic, index }))
        .sort((a, b) => (a.diagnostic.line ?? 0) - (b.diagnostic.line ?? 0) || a.index - b.index)
        .map(({ diagnostic }) => diagnostic);
    },
  };
};

const firstColumn = (line: string | undefined): number =>
  line === undefined ? 0 : line.length - line.trimStart().length;

/** User text for a message: quoted, one line, at most 200 characters. */
export const quote = (text: string): string => `"${text.replace(/\s+/g, ' ').slice(0, 200)}"`;

/** A mark that nobody knows; its task counts as open. `line` and `column` are 0-based. */
export const reportMark = (box: { mark: string; line: number; column: number }, report: Report): void => {
  report.add(
    'warning',
    'unknown_mark',
    `The mark ${quote(box.mark)} is unknown and counts as not done; expected [ ], [x], [-], [~] or [/].`,
    box.line,
    box.column,
  );
};

/** `_verify: …_` without a command that could be run as it is shown. `line` is 0-based. */
export const reportVerify = (
  { problem, text }: { problem: string; text: string },
  line: number,
  report: Report,
): void => {
  const what = text === '' ? '' : ` ${quote(text)}`;
  report.add(
    'warning',
    'bad_verify',
    `The command${what} is not read: ${problem}; expected e.g. _verify: npm test_.`,
    line,
  );
};

/** `_agent: …_` without a name in it. `line` is 0-based. */
export const reportAgent = (name: string, line: number, report: Report): void => {
  report.add('warning', 'bad_agent', `${quote(name)} is no agent name; expected e.g. _agent: claude_.`, line);
};
