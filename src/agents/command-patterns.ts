// Patterns by which a user tells how a program says that it ended in a limit, without a login, or for a passing reason: their shape, checked.

/** What a pattern finds: a used-up limit, a login that is missing or refused, trouble that passes by itself. */
export type PatternKind = 'limit' | 'auth' | 'transient';

/** In the order in which they count where one line fits several. */
export const patternKinds: readonly PatternKind[] = ['limit', 'auth', 'transient'];

/** One pattern of an agent of the user's own. */
export interface EndPattern {
  kind: PatternKind;
  /**
   * A regular expression, tried with the flags `iu` on single lines without control sequences, cut at `lineMax` characters. In one
   * for limits, named groups tell when it frees:
   *
   * - `epoch`: seconds or milliseconds since 1970,
   * - `seconds`: from now, a number of seconds or a time with units (`90`, `1h 5m`),
   * - `clock`: `14:05`, `14:05:30`, `2:05 pm`, `2pm`; the next one after now unless `date` (`2026-11-20`, `Nov 20`) says which,
   *   in `zone` (IANA, `UTC`, `UTC+2`, `+05:30`), else in the zone of this machine.
   *
   * The first of them that matched counts. What is not understood is "unknown", never "now".
   */
  match: string;
  /** Where the line stands: among the last `linesMax.stderr` lines of stderr, or the last `linesMax.stdout` of stdout that are not blank. */
  on: 'stderr' | 'stdout';
  /** Tried too where the program ended with exit code 0 and an answer, unless that answer ends in a signal. */
  evenOnSuccess: boolean;
}

/** How the output of a program is to be read. */
export interface Reading {
  patterns: readonly EndPattern[];
  /** Regular expressions of lines that it writes to stdout after the answer (costs, files): the answer ends before them. */
  after: readonly string[];
}

/** Characters of a line that patterns are tried on. */
export const lineMax = 2000;

/** Lines at the end of each stream that patterns are tried on. What a program dies of, it says last. */
export const linesMax = { stderr: 200, stdout: 20 } as const;

/** Characters of a pattern. */
const sourceMax = 500;

const groupNames = ['epoch', 'seconds', 'clock', 'date', 'zone'] as const;

/** The pattern ready for use; flags as promised. Throws for what `checkPattern` refuses as no regular expression. */
export const regexOf = (match: string): RegExp => new RegExp(match, 'iu');

/** A pattern that cannot be used: what is wrong, what was expected, what to write instead. */
export interface PatternProblem {
  what: string;
  expected: string;
  next: string;
}

/** The first thing wrong with a pattern of that kind, from its text alone, or null. */
export const checkPattern = (kind: PatternKind | 'after', match: string): PatternProblem | null => {
  if (match.trim() === '') return problem('is empty', 'a regular expression', '"rate limit exceeded"');
  if (match.length > sourceMax) {
    return problem(
      `has ${match.length} characters`,
      `at most ${sourceMax}`,
      'take the part of the line that tells it apart',
    );
  }
  let regex: RegExp;
  try {
    regex = regexOf(match);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    return problem(
      `is no regular expression (${reason})`,
      'what JavaScript takes with the flags iu',
      'in JSON a backslash is written twice: "resets in (?<seconds>\\\\d+) s"',
    );
  }
  if (regex.test('')) return problem('fits every line', 'words that only such a line has', '"rate limit exceeded"');
  return checkGroups(kind, match) ?? (repeatsInside(match) ? runsAway : null);
};

const problem = (what: string, expected: string, next: string): PatternProblem => ({ what, expected, next });

const runsAway = problem(
  'repeats a group that itself holds a repetition or alternatives',
  'repetitions of single characters and classes: such a group can take for ever on one line',
  '"(a+)+" says no more than "a+"; take * or + off the outer group, or write ? for "at most once"',
);

const checkGroups = (kind: PatternKind | 'after', match: string): PatternProblem | null => {
  const names = [...match.matchAll(/\(\?<([^>=!]+)>/g)].map(found => found[1]!);
  const unknown = names.find(name => !groupNames.some(one => one === name));
  if (unknown !== undefined) {
    return problem(
      `has an unknown group name "${unknown}"`,
      `one of ${groupNames.join(', ')}`,
      'a group that tells nothing is written (?:…)',
    );
  }
  if (names.length > 0 && kind !== 'limit') {
    return problem(
      `has a group "${names[0]}"`,
      `no named group: only a limit frees at a time, and this is "${kind}"`,
      'write (?:…), or move the pattern to "limit"',
    );
  }
  const lost = names.find(name => (name === 'zone' || name === 'date') && !names.includes('clock'));
  if (lost === undefined) return null;
  return problem(
    `has a group "${lost}" without "clock"`,
    'the time of day it belongs to',
    '(?<clock>\\\\d{1,2}:\\\\d{2})',
  );
};

interface Frame {
  /** It holds something that may come a varying number of times, or alternatives. */
  varies: boolean;
}

/**
 * Whether a group that may come more than once holds a repetition or alternatives: what makes a backtracking matcher take time
 * that doubles with each character. `source` is a valid pattern of the `u` mode, where a bare brace is nothing but a count.
 */
const repeatsInside = (source: string): boolean => {
  const token =
    /\\(?:[pPu]\{[^}]*\}|k<[^>]*>|u[0-9a-f]{4}|.)|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]+>))?|\)|\||[*+?]\??|\{\d+(?:,\d*)?\}\??|./gisu;
  const frames: Frame[] = [{ varies: false }];
  /** The group that ended right before this token. */
  let closed: Frame | null = null;
  for (const [text] of source.matchAll(token)) {
    const top = frames.at(-1)!;
    const before: Frame | null = closed;
    closed = null;
    if (text.startsWith('(')) frames.push({ varies: false });
    else if (text === ')') {
      closed = frames.pop()!;
      if (closed.varies) frames.at(-1)!.varies = true;
    } else if (text === '|') top.varies = true;
    else if (/^(?:[*+?]|\{\d)/.test(text)) {
      const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(text) ?? [];
      const max = text.startsWith('?') ? 1 : least === undefined || (comma && !most) ? Infinity : Number(most || least);
      if (before?.varies && max > 1) return true;
      if (least === undefined || comma) top.varies = true;
    }
  }
  return false;
};

/**
 * Lines on which a pattern that can run away shows it: made of what it looks for, as long as a line can be. For a trial under a
 * time limit, which only a caller with a clock can make.
 */
export const trialLines = (match: string): string[] => {
  // Names of groups and escapes like \d are no text; what they stand for is in the alphabet.
  const literal = match.replace(
    /\\[pPu]\{[^}]*\}|\\[a-z]|\\(.)|\(\?(?:<[^>]*>|[:=!])|\[[^\]]*\]|\{[^}]*\}|[()|*+?^$.]/gi,
    (_, escaped?: string) => escaped ?? ' ',
  );
  const words = literal.split(/\s+/).filter(word => word !== '');
  const whole = words.join(' ');
  const long = (piece: string, from = ''): string =>
    (from + piece.repeat(Math.ceil(lineMax / piece.length))).slice(0, lineMax);
  const alphabet = [...new Set(['a', '0', ' ', '-', ...words.join('').slice(0, 12)])];
  const lines = alphabet.map(char => long(char));
  if (whole !== '') {
    lines.push(
      long(`${whole} `),
      long(words.join('')),
      long('a', `${whole} `),
      long('0', `${whole} `),
      long(' ', whole),
    );
    // Nearly a match: what comes first again and again, and never what must come last.
    if (words.length > 1) lines.push(long(words.slice(0, -1).join(' ')), long(words.slice(0, -1).join('')));
    for (const word of words.slice(0, 6)) lines.push(long(word), long(`${word} `), long('0', `${word} `));
  }
  return lines;
};
