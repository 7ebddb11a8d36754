// The grammar of one task line: box, optional star, id, title; and of a numbered heading.
import type { TaskState } from '../core/task.ts';

/** `[x]* rest` at the beginning of an item's text. */
export interface BoxText {
  /** As written between the brackets; '' for `[]`. */
  mark: string;
  /** null: not a mark that seqrun knows. */
  state: TaskState | null;
  /** `]*` or `]\*`: optional. */
  star: boolean;
  /** Everything after the box, trimmed; signs in front of an id taken away, marks in brackets put behind it. */
  rest: string;
}

/** What stands after the box. */
export interface Head {
  /** As written without decoration, or null. */
  id: string | null;
  /** The id is a bare number (`5 tests pass`): only the rest of the file tells whether it is one. */
  bare: boolean;
  title: string;
  /** Further ids on the same line: `10.2` of `10.1 / 10.2 Title`. */
  also: string[];
  /** Letters and digits that may be an id (`T001`, `WP02`, `A.1`, `1.x.2`): only the rest of the file tells; null where `id` is one. `closed`: a colon, dot or dash ends it. */
  code: { id: string; family: string; title: string; also: string[]; closed: boolean } | null;
}

const STATES: Readonly<Record<string, TaskState>> = {
  ' ': 'pending',
  '\t': 'pending',
  '': 'pending',
  // Kiro: queued by "run all", not started.
  '~': 'pending',
  x: 'done',
  X: 'done',
  '-': 'in_progress',
  '/': 'in_progress',
};

/**
 * Reads the box at the beginning of an item's text, or null. A mark that nobody knows counts as a box only in front of a
 * numbered title: `[1] source` and `[RFC](url)` are no boxes.
 */
export const readBox = (text: string): BoxText | null => {
  const match = /^\[([^[\]]{0,3})\](\\?\*(?!\*))?(?=[ \t]|$|\d|\*\*)/.exec(text);
  if (!match) return null;
  const mark = match[1]!;
  const after = text.slice(match[0].length);
  const rest = idFirst(after.trim());
  const state = STATES[mark] ?? null;
  const tight = after !== '' && !/^[ \t]/.test(after);
  if (state === null || mark === '') {
    if (tight) return null;
    if (state === null && (readHead(rest).id === null || readHead(rest).bare)) return null;
  }
  return { mark, state, star: match[2] !== undefined, rest };
};

/** Emoji, other signs and characters without a width. */
const SIGNS =
  /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}✓✗★☆●○◆■▪\u200B\u200C\u2060\uFEFF \t]|\u200D|\uFE0E|\uFE0F){1,24}/u;
const MARKS = /^((?:\[(?!x\])[A-Za-z][\w-]{0,15}\][ \t]*){1,4})(\S{0,40}\d\S{0,40}[ \t].*)$/s;

/** The text with the id in front where only signs or marks stand before it: `✅ 1. Setup`, `[P] 1.2 Till`; else as it is. */
const idFirst = (text: string): string => {
  const own = text.slice(SIGNS.exec(text)?.[0].length ?? 0);
  const [, marks, behind] = MARKS.exec(own) ?? [];
  const { id, bare, code } = readHead(behind ?? own);
  if (id === null ? !/\d.*\d/.test(code?.id ?? '') : bare) return text;
  return behind === undefined ? own : behind.replace(/[ \t]+/, ` ${marks!.trim()} `);
};

const ID = String.raw`\d{1,6}(?:\.\d{1,6}){0,255}[a-h]?`;
const DOTTED = String.raw`\d{1,6}(?:\.\d{1,6}){1,255}[a-h]?`;
/** `6.1–6.6` is one task that stands for several: its id is what is written. */
const SPAN = `${DOTTED}[-–—]${DOTTED}`;
const OPEN = String.raw`(?:\*{2,4}(?!\*)|_{2,4}(?!_)|~~|\x60)*`;
/** Behind an id: more of them. A bare number there (`8/8 files`) is none. */
const more = (id: string): string =>
  String.raw`(?<more>(?:[ \t]*(?:[/,&+、]|and\b)[ \t]*${OPEN}${id}(?![\w.]*\w)${OPEN})*)`;
// `[optional]` in front of the title belongs to the title; a full-width colon needs no blank after it.
const HEAD = new RegExp(
  String.raw`^(?<open>${OPEN})(?<word>(?:(?:sub-?)?task|任务|任務|タスク)\s*#?\s*)?(?<id>${SPAN}|${ID})` +
    String.raw`(?<close>${OPEN})${more(DOTTED)}(?<sep>[ \t]*[:：)、]|\.(?!\d)|[ \t]+[-–—]+(?=[ \t]))?(?<close2>${OPEN})(?<gap>[ \t]+|$|(?=[^\x00-\x7f]))(?<title>.*)$`,
  'is',
);

/** Letters with digits behind them, as `T001`, `T1.1`, `W2.6a`, `R1-2`, `UI-3`, `A.1`; or digits with an `x` between the dots. */
export const CODE = String.raw`(?:[A-Za-z]{1,5}-?\d{1,5}(?:[.-]\d{1,5}){0,8}[a-z]?|[A-Z](?:\.\d{1,5}){1,8}[a-z]?|\d{1,5}(?:\.\d{1,5}){0,4}\.x(?:\.\d{1,5}){0,4})`;
// A role may stand in front: `implementation: T01 — …`.
const CODED = new RegExp(
  String.raw`^(?:[a-z][a-z-]{1,20}:[ \t]+)?(?<open>${OPEN})(?:(?:[Ss]ub-?)?[Tt]ask[ \t]+)?(?<id>${CODE})` +
    String.raw`(?<close>${OPEN})${more(CODE)}(?<sep>[ \t]*[:：)、]|\.(?!\d)|[ \t]+[-–—]+(?=[ \t]))?(?<close2>${OPEN})(?<gap>[ \t]+|$|(?=[^\x00-\x7f]))(?<title>.*)$`,
  's',
);

/** Reads id and title after a box. Without an id the whole text is the title. Never throws. */
export const readHead = (rest: string): Head => {
  const groups = HEAD.exec(rest)?.groups;
  // Without separator only white space ends an id: `5kB` and `2回` are no ids.
  if (!groups || (groups.gap === '' && groups.title !== '' && !groups.sep))
    return { id: null, bare: false, title: plainTitle(rest), also: [], code: readCode(rest) };
  const id = groups.id!;
  const bare = !id.includes('.') && !groups.sep && !groups.word && groups.close === '';
  return { id, bare, title: titleIn(groups), also: alsoIn(groups), code: null };
};

const readCode = (rest: string): Head['code'] => {
  const groups = CODED.exec(rest)?.groups;
  if (!groups || (groups.gap === '' && groups.title !== '' && !groups.sep)) return null;
  const id = groups.id!;
  const closed = groups.sep !== undefined;
  return { id, family: familyOf(id), title: titleIn(groups), also: alsoIn(groups), closed };
};

const alsoIn = (groups: Record<string, string>): string[] =>
  groups.more!.split(/[\s/,&+、*_~\x60]+|and\b/).filter(id => id !== '');

/** What ids of one kind have in common: `T` of `T001`, `UI-` of `UI-3`, `x` where digits stand around an x. */
export const familyOf = (id: string): string => (/^\d/.test(id) ? 'x' : /^[A-Za-z]+[-.]?/.exec(id)![0]);

const titleIn = (groups: Record<string, string>): string => {
  let title = groups.title!;
  for (const wrap of ['***', '**', '___', '__', '~~']) {
    const still = groups.open!.includes(wrap) && !groups.close!.includes(wrap) && !groups.close2!.includes(wrap);
    // The bold text that began before the id goes on into the title: drop its end.
    if (still) title = title.replace(wrap, '');
  }
  return plainTitle(title);
};

/** A title without outer white space; one wholly in bold or struck through loses the wrapping. */
export const plainTitle = (title: string): string => {
  const text = title.trim();
  const wrapped = /^(\*\*|__|~~)(.+)\1$/s.exec(text);
  return wrapped && !wrapped[2]!.includes(wrapped[1]!) ? wrapped[2]!.trim() : text;
};

/**
 * The title says that the task itself may be left out: `[optional]` or `(optional)`, alone or with what it is, in front or at
 * the end. The same word about the code (`(optional string, min length 1)`, `… (Optional).`) does not count.
 */
export const saysOptional = (title: string): boolean =>
  /^[([（](?:optional\b[^)\]]*|可选)[)\]）]/i.test(title) ||
  /[([（](?:optional(?: (?:enhancement|improvement|feature|task|step))?|可选)[)\]）][*_]*:?$/i.test(title);

/** Titles of chapters that tell about the work and are no part of it. */
export const CHAPTER =
  /^[\s*_`~]*(?:(?:project|implementation|important|additional|general|executive|technical|current|high[- ]level|system|open|key|future|known)[ -]+)?(?:overview|introduction|summary|notes?|goals?|non-?goals?|objectives?|background|context|motivation|purpose|scope|out of scope|problem(?: statement)?|references?|resources|links|glossary|terminology|definitions?|appendix\b.*|conclusions?|assumptions?|constraints?|risks?\b.*|dependenc(?:y|ies)\b.*|prerequisites?|requirements?|user stor(?:y|ies)|use cases?|acceptance criteria|success (?:criteria|metrics)|definition of done|timeline|schedule|milestones|roadmap|architecture(?: overview)?|design(?: decisions)?|decisions|data models?|components?(?: and interfaces)?|interfaces?|error handling|testing strategy|test strategy|security(?: considerations)?|performance(?: considerations)?|considerations|alternatives\b.*|questions|issues|limitations|work|legend|stakeholders|team|budget|metrics|changelog|history|status|progress|概要|概述|背景|目标|目標|备注|注意事项|参考)[\s*_`~:：]*$/i;

/**
 * The box of a heading, in front of its number or right behind it (`1. [x] Setup`), with the text around it as `rest`; null: none.
 * `[P]` and other words behind a number are no boxes.
 */
export const readHeadingBox = (text: string): BoxText | null => {
  // Of several lines (above an underline) no box is known to be the task's.
  if (text.includes('\n')) return null;
  const before = readBox(text);
  if (before) return before;
  const at = text.indexOf('[');
  const box = at > 0 && /[ \t]$/.test(text.slice(0, at)) ? readBox(text.slice(at)) : null;
  if (!box || box.rest === '') return null;
  const rest = text.slice(0, at) + box.rest;
  const head = readHead(rest);
  // Nothing but the number stands in front of it.
  const title = head.id !== null && !head.bare ? head.title : head.code?.title;
  return title === box.rest || title === box.rest.replace(/[*_~]+$/, '') ? { ...box, rest } : null;
};

/** A heading that carries an id: `1. Setup`, `1.1 Setup`, `Task 2: Setup`, `WP01 — Setup` (a work package). */
export const readNumberedHeading = (text: string): { id: string; title: string; taskWord: boolean } | null => {
  const own = readHeadingBox(text)?.rest ?? text;
  const work = /^[*_`~]*(?:work[ -]package[ \t:]*)?(WP-?\d{1,4})(?![\w.])[*_`~]*[ \t]*[:：.–—-]*[ \t]*(.*)$/i.exec(own);
  if (work) return { id: work[1]!.toUpperCase(), title: plainTitle(work[2]!), taskWord: false };
  const head = readHead(own);
  const taskWord = /^[*_~`]*(?:(?:sub-?)?task|任务|任務|タスク)/i.test(own);
  // `Task 1.x: …` stands between numbered ones.
  if (head.code?.family === 'x') return { id: head.code.id, title: head.code.title, taskWord };
  if (head.id === null || head.bare) return null;
  return { id: head.id, title: head.title, taskWord };
};

/** A list marker with what stands before it, and the text after it. */
export const readMarker = (line: string): { column: number; ordered: string | null; text: string } | null => {
  const match = /^[ \t]*(?:(?:[-*+]|(\d{1,9})[.)])[ \t]+)+/.exec(line);
  if (!match) return null;
  return { column: match[0].length, ordered: match[1] ?? null, text: line.slice(match[0].length) };
};
