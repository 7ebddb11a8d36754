// The lines of a task that say how it is proved: `_verify: <command>_` and `_no_change_`.

/** A command line as it is meant, or why it is none. */
export type VerifyLine = { command: string } | { problem: string; text: string };

const MARKER = /(?:^|[\s*+-])_verify:/i;
const WHOLE = /^[ \t]*(?:[-*+][ \t]+)?_verify:(.*)_[ \t]*$/i;
/** What a terminal acts on, what is not seen, and halves of characters: what is shown of a command must be what runs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** A list that the line goes on with behind a closing underscore: `_verify: a_ _agent: b_`. */
const ANOTHER = /_[ \t]+_[A-Za-z][\w-]*:/;
/** Of a command, in characters. */
const LONGEST = 2000;
const TOO_LONG = `it is longer than ${LONGEST} characters`;

/**
 * `_verify: <command>_` on a line of its own, with or without a list marker; null: the line names no command. The command ends at the
 * last underscore, which must end the line: underscores, asterisks and backticks within are its own. Backticks
 * around the whole command are taken off; nothing is unescaped.
 */
export const readVerifyLine = (line: string): VerifyLine | null => {
  if (!MARKER.test(line)) return null;
  // Also keeps the forms below, which are not linear, from long lines.
  if (line.length > 2 * LONGEST) return { problem: TOO_LONG, text: line.trim() };
  const found = WHOLE.exec(line.replace(/[\r\n]+$/, ''));
  if (!found) return { problem: 'it must be a line of its own that ends with an underscore', text: line.trim() };
  const command = withoutTicks(found[1]!.trim());
  const problem = problemOf(command);
  return problem === null ? { command } : { problem, text: command };
};

const problemOf = (command: string): string | null => {
  if (/^`*$/.test(command)) return 'it is empty';
  if (UNSEEN.test(command)) return 'it holds a character that is not seen';
  // A comment that begins in a line of tasks.md takes away what stands behind it.
  if (/<!--|-->/.test(command)) return 'it holds the sign of a comment';
  if (ANOTHER.test(withoutSpans(command))) return 'something else stands on its line';
  return command.length > LONGEST ? TOO_LONG : null;
};

/** `_no_change_` alone on its line, with or without a list marker: the task may be done with the working tree as it is. */
export const saysNoChange = (line: string): boolean => /^[ \t]*(?:[-*+][ \t]+)?_no_change_[ \t]*$/i.test(line);

/** `` `npm test` `` → `npm test`; text with other backticks in it stays: `` `a` `b` ``. */
const withoutTicks = (text: string): string => {
  const inner = /^(`+)(?!`)(.*[^`])\1$/.exec(text);
  return inner && !inner[2]!.includes(inner[1]!) ? withoutTicks(inner[2]!.trim()) : text;
};

const withoutSpans = (text: string): string => text.replace(/`[^`]*`|'[^']*'|"[^"]*"/g, '""');
