// Dependency lines: which task ids a line of a task's own text says must be done first.
import { compareIds } from '../core/task.ts';
import { CLOSING, readBlocksKey, readKey, readSentence, saysNone } from './dependency-words.ts';
import { CODE, familyOf } from './line.ts';

/** One id, or a range of ids as written. */
export interface Reference {
  from: string;
  /** null: a single id. */
  to: string | null;
  /** Where it stands, 0-based in the piece; absent where nobody asks. */
  line?: number;
  /**
   * The words around it leave open whether it is an id: it counts where the file has it (of a code: has others of its kind). `told`: else
   * a person should know, as of `#12`.
   */
  ifKnown?: 'quiet' | 'told';
}

/**
 * What to say of text that was not understood. `info`: a warning only where it names something that the file has. `maybe`: the same,
 * and nothing otherwise. `quiet`: nothing; it may still be the name of a phase or a title.
 */
export type Tone = 'warning' | 'info' | 'maybe' | 'quiet';

/** What a line says about dependencies. */
export interface DependencyText {
  references: Reference[];
  /** Text that should hold ids and was not understood, or null. */
  unread: string | null;
  tone: Tone;
  /** The line ends where another id must follow, so the next line goes on. */
  open: boolean;
  /** The other way round: the tasks named here wait for this one. */
  blocks?: boolean;
}

/** Without a colon the rest must be ids and nothing else. */
const WITHOUT_COLON = new RegExp(String.raw`^[*_~\x60(\[（【]*depends?[ -](?:up)?on${CLOSING}[ \t]+`, 'i');

export const ID = String.raw`(?:\d{1,6}(?:\.\d{1,6}){0,255}[a-h]?|${CODE})(?![A-Za-z0-9]|\.\d)`;
const WORD = String.raw`(?:(?:sub-?)?tasks?|groups?|sections?|items?|tareas?|tarefas?|tâches?|aufgaben?|任务|任務|タスク|작업)[ \t]*#?[ \t]*`;
const DECORATION = String.raw`[*_~\x60\[(（"'“‘「]*`;
const REFERENCE = new RegExp(
  String.raw`^${DECORATION}(?<word>${WORD})?${DECORATION}(?<hash>#)?(?<id>${ID})\.?[*_~\x60"'”’」]*`,
  'i',
);
const RANGE = new RegExp(
  String.raw`^(?:[ \t]*(?:[-–—~]|\.\.+)[ \t]*|[ \t]+(?:to|through)[ \t]+)(?:${WORD})?(?<id>${ID})(?=\.?[ \t]*(?:$|[,;、，()\]（）_*\x60}]|and\b|or\b|&|[^\x00-\x7f]))`,
  'i',
);
const SEPARATOR =
  /^[ \t]*(?:[,;、，&+/][ \t]*(?:(?:and|und|y|e|et)[ \t]+)?|(?:and|und|y|e|et)\b[ \t]*|[和与とや및][ \t]*)/i;
/** `Task 5 must be complete`. */
const COMPLETE =
  /^(?:(?:(?:must|should|has to|have to|needs? to|will|is|are|be|been|have|has|all|fully)[ \t]+){0,5}(?:complete[ds]?|completion|done|finish(?:ed|es)?|merged|closed|first|lands?)|(?:都|全部)?(?:必须)?(?:完成|结束)(?:之?后)?|(?:の|が|を)?完了(?:後|する|していること)?)[.。)）*_~`]*$/iu;

/**
 * Reads one line (list marker allowed), or null when it is no dependency line. Requirement references are never taken:
 * only the words of `dependency-words.ts` open a dependency line.
 */
export const readDependencyLine = (line: string): DependencyText | null => {
  const text = withoutLinks(line.replace(/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/, ''));
  const blocked = readBlocksKey(text);
  if (blocked !== null) {
    // What is blocked may be a phase or another spec: nothing to complain of.
    const found = readList(blocked, 'depends');
    return found && { ...found, unread: null, open: false, blocks: true };
  }
  const key = readKey(text);
  if (key?.kind === 'soft') return readList(key.rest, 'soft');
  if (key) {
    const found = readList(key.rest, key.kind === 'verb' ? 'depends' : 'other');
    return found && key.kind === 'noun' ? { ...found, tone: 'info' } : found;
  }
  const loose = WITHOUT_COLON.exec(text);
  return (loose && readList(text.slice(loose[0].length), 'prose')) ?? readSentences(text);
};

/** `[2](#2-beta)` says 2. */
export const withoutLinks = (text: string): string =>
  text.includes('](') ? text.replace(/\[([^[\]]{1,80})\]\([^()]{0,200}\)/g, '$1') : text;

/** Longer lines are prompts. */
const LONGEST_PROSE = 400;

/** A sentence of its own that names tasks: `Must be done after task 9.` */
const readSentences = (text: string): DependencyText | null => {
  if (text.length > LONGEST_PROSE || /^[*_`]*_?prompt\b/i.test(text)) return null;
  for (const sentence of text.split(/(?<=[.;!])[ \t]+|。/)) {
    const found = readSentence(sentence);
    const list = found && readList(found.rest, 'called');
    if (list) return found.before ? { ...list, blocks: true } : list;
  }
  return null;
};

/** A line that goes on with ids (after a line with `open`). */
export const readDependencyRest = (line: string): DependencyText | null =>
  readList(withoutLinks(line.replace(/^[ \t]*(?:[-*+][ \t]+)?/, '')), 'other');

/**
 * How a list is read. `depends`: ids are sure to follow. `other` (`dependencies: 2 new packages`): a number with words behind it is no
 * id. `prose` (no colon): only a list of ids and nothing else, or ids called tasks. `soft`: ids called tasks, and codes; other text is
 * no matter. `called`: the same, and nothing else. `pure`: ids and nothing else; numbers count where the file has them.
 */
export type ListKind = 'depends' | 'other' | 'prose' | 'soft' | 'called' | 'pure';

/** The ids behind a key; null: no list of that kind. */
export const readList = (value: string, kind: ListKind): DependencyText | null => {
  const text = value.trim();
  const isStrict = kind === 'called' || kind === 'pure';
  const tone: Tone = kind === 'soft' || isStrict ? 'quiet' : 'warning';
  const nothing: DependencyText = { references: [], unread: null, tone, open: false };
  if (text === '') return kind === 'prose' || isStrict ? null : { ...nothing, open: true };
  if (saysNone(text) || /^[*_~`"'[\]{}(（)）.]*$/.test(text)) return isStrict ? null : nothing;
  const { all, rest, open, last } = readReferences(text);
  const left = leftOf(rest);
  // A reason may follow: ` - because`, `(because)`, another field; anything else was not understood.
  const isReason = !open && all.length > 0 && REASON.test(left) && !/^-\p{L}/u.test(left);
  const isWhole = left === '' || (isReason && !(isStrict && /^[:：]/.test(left)));
  if (isStrict) {
    const kept = kind === 'pure' ? all.map(pureOf) : all.flatMap(calledOf);
    return !isWhole || open || kept.length === 0 || kept.length < all.length ? null : { ...nothing, references: kept };
  }
  if (kind === 'soft') return { ...nothing, references: all.flatMap(calledOf), unread: all.length === 0 ? text : null };
  if (isWhole) return { ...nothing, references: all.map(plainOf), open: isReason ? false : open };
  const [first] = all;
  if (kind === 'prose') {
    if (!first) return { ...nothing, unread: text, tone: 'maybe' };
    if (!first.called && !isCode(first.from)) return { ...nothing, unread: text };
    return { ...nothing, references: all.flatMap(calledOf), unread: left };
  }
  const end = all.at(-1);
  if (kind === 'other' && !open && end && !end.called) {
    if (isCode(end.from))
      return { ...nothing, references: [...all.slice(0, -1).map(plainOf), ...calledOf(end)], unread: left };
    if (!end.from.includes('.') && end.to === null)
      return { ...nothing, references: all.slice(0, -1).map(plainOf), unread: last };
  }
  return { ...nothing, references: all.map(plainOf), unread: left };
};

const REASON = /^(?:[-–—(（:：.]|_\w|<!--|[·|])/;

/** What is left behind a list without what closes it and what says that its tasks must be done. */
const leftOf = (rest: string): string => {
  const left = rest.replace(/^[*_~`"'”’\]})）.。]+/, '').trim();
  return COMPLETE.test(left) ? '' : left;
};

/** An id as it stands in a list. */
interface Listed {
  from: string;
  to: string | null;
  /** The list calls it a task. */
  called: boolean;
  /** `#12`, which may be an issue elsewhere. */
  hash: boolean;
}

/** `last` = the text from the last one on. */
const readReferences = (text: string): { all: Listed[]; rest: string; open: boolean; last: string } => {
  const all: Listed[] = [];
  let rest = text;
  let last = text;
  let open = false;
  let called = false;
  for (;;) {
    const reference = REFERENCE.exec(rest);
    if (!reference) break;
    last = rest;
    rest = rest.slice(reference[0].length);
    const range = RANGE.exec(rest);
    if (range) rest = rest.slice(range[0].length);
    const { word, hash, id } = reference.groups!;
    called ||= word !== undefined;
    all.push({ from: id!, to: range ? range.groups!.id! : null, called, hash: hash !== undefined });
    open = false;
    // `1.1 (Prisma schema), 2.1`: the words in brackets are an explanation.
    rest = rest.replace(/^[ \t]*[(（][^()（）]*[)）](?=[ \t]*(?:[,;、，&]|and\b))/i, '');
    const separator = SEPARATOR.exec(rest);
    if (!separator) break;
    rest = rest.slice(separator[0].length);
    open = true;
  }
  return { all, rest, open, last };
};

const isCode = (id: string): boolean => /^[A-Za-z]/.test(id);

const plainOf = ({ from, to, called, hash }: Listed): Reference =>
  hash && !called ? { from, to, ifKnown: 'told' } : { from, to };

const calledOf = ({ from, to, called }: Listed): Reference[] =>
  called ? [{ from, to }] : isCode(from) ? [{ from, to, ifKnown: 'quiet' }] : [];

const pureOf = ({ from, to, called }: Listed): Reference => (called ? { from, to } : { from, to, ifKnown: 'quiet' });

/** Families of the codes in a set of ids. */
const familiesOf = (known: ReadonlySet<string>): ReadonlySet<string> => {
  const kept = families.get(known);
  if (kept) return kept;
  const found = new Set([...known].filter(isCode).map(familyOf));
  families.set(known, found);
  return found;
};

const families = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

/** False: one of those that only count where the file has them, and it has not. */
export const counts = ({ from, ifKnown }: Reference, known: ReadonlySet<string>): boolean =>
  ifKnown === undefined || known.has(from) || (isCode(from) && familiesOf(known).has(familyOf(from)));

/**
 * Ids that a reference stands for. Of a range the ends stay as written, and between them every known id of the same depth
 * under the same parent counts (numbers that the file leaves out are no mistake).
 */
export const expandReference = (reference: Reference, known: ReadonlySet<string>): string[] => {
  if (!counts(reference, known)) return [];
  if (reference.to === null) return [reference.from];
  if (/[a-z]/i.test(reference.from)) return codesBetween(reference.from, reference.to, known);
  const first = reference.from.split('.');
  const last = reference.to.split('.');
  // `1.1-3` means 1.1 to 1.3.
  const end = last.length < first.length ? [...first.slice(0, first.length - last.length), ...last] : last;
  const stem = first.slice(0, -1).join('.');
  const low = Number.parseInt(first[first.length - 1]!, 10);
  const high = Number.parseInt(end[end.length - 1]!, 10);
  const to = end.join('.');
  const sameStem = end.length === first.length && end.slice(0, -1).join('.') === stem;
  const between: string[] = [];
  if (sameStem && high - low < 10_000) {
    for (let n = low + 1; n < high; n++) between.push(stem === '' ? String(n) : `${stem}.${n}`);
  } else if (end.length === first.length) {
    for (const id of known) {
      const inside = compareIds(reference.from, id) < 0 && compareIds(id, to) < 0;
      if (inside && id.split('.').length === first.length) between.push(id);
    }
    between.sort(compareIds);
  }
  return [reference.from, ...between.filter(id => known.has(id)), ...(to === reference.from ? [] : [to])];
};

/** Every id that the references stand for, once. */
export const idsOf = (references: readonly Reference[], known: ReadonlySet<string>): string[] =>
  references.length === 0 ? [] : [...new Set(references.flatMap(reference => expandReference(reference, known)))];

/** `T003–T010a`; `T003-10` means the same as `T003-T010`. */
const codesBetween = (from: string, to: string, known: ReadonlySet<string>): string[] => {
  const family = familyOf(from);
  const end = familyOf(to) === family ? to : family + to.padStart(from.length - family.length, '0');
  const between = [...known].filter(
    id => familyOf(id) === family && compareIds(from, id) < 0 && compareIds(id, end) < 0,
  );
  return [from, ...between.sort(compareIds), ...(end === from ? [] : [end])];
};
