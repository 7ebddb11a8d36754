// Dependency lines: which task ids a line of a task's own text says must be done first.
import { compareIds } from '../core/task.ts';
import { CODE, familyOf } from './line.ts';

/** One id, or a range of ids as written. */
export interface Reference {
  from: string;
  /** null: a single id. */
  to: string | null;
  /** Where it stands, 0-based in the piece; absent where nobody asks. */
  line?: number;
}

/** What a line says about dependencies. */
export interface DependencyText {
  references: Reference[];
  /** Text that should hold ids and was not understood, or null. */
  unread: string | null;
  /** The line ends where another id must follow, so the next line goes on. */
  open: boolean;
  /** The other way round: the tasks named here wait for this one. */
  blocks?: boolean;
}

const KEY = `(?:depends?(?:[ -]on)?|dependenc(?:y|ies)|after|依赖|依存)`;
const OPENING = String.raw`[*_~\x60(\[（【]*`;
const CLOSING = String.raw`[*_~\x60]*`;
/** With a colon any of the words counts; without one only `depends on`, and then the rest must be ids and nothing else. */
const WITH_COLON = new RegExp(String.raw`^${OPENING}${KEY}${CLOSING}[ \t]*[:：]${CLOSING}[ \t]*`, 'i');
const WITHOUT_COLON = new RegExp(String.raw`^${OPENING}depends?[ -]on${CLOSING}[ \t]+`, 'i');
const BLOCKS = new RegExp(String.raw`^${OPENING}blocks${CLOSING}[ \t]*[:：]${CLOSING}[ \t]*`, 'i');
/** `_Boundary: X_ _Depends: 1.2_`: further fields on one line. */
const FIELD = new RegExp(String.raw`[_·|;][ \t]+_?(?=${KEY}[ \t]*[:：])`, 'gi');

export const ID = String.raw`(?:\d{1,6}(?:\.\d{1,6}){0,255}[a-h]?|${CODE})(?![A-Za-z0-9]|\.\d)`;
const WORD = String.raw`(?:(?:sub-?)?tasks?|groups?|sections?|items?|任务|任務|タスク)[ \t]*#?[ \t]*`;
const DECORATION = String.raw`[*_~\x60\[(（]*`;
const REFERENCE = new RegExp(String.raw`^${DECORATION}(?<word>${WORD})?${DECORATION}(?<id>#?${ID})\.?${CLOSING}`, 'i');
const RANGE = new RegExp(
  String.raw`^(?:[ \t]*(?:[-–—~]|\.\.+)[ \t]*|[ \t]+(?:to|through)[ \t]+)(?:${WORD})?(?<id>${ID})(?=\.?[ \t]*(?:$|[,;、，()\]（）_*]|and\b|or\b|&))`,
  'i',
);
const SEPARATOR = /^[ \t]*(?:[,;、，&+/][ \t]*(?:and[ \t]+)?|and\b[ \t]*|和[ \t]*|与[ \t]*)/i;
const NOTHING = /^[*_~`[(（]*(?:none|nothing|no|n\/a|null|无|無|なし|-+|–|—)[*_~`\])）.]*(?:[ \t]*[([（].*)?$/i;

/**
 * Reads one line (list marker allowed), or null when it is no dependency line. Requirement references are never taken:
 * only the words named here open a dependency line.
 */
export const readDependencyLine = (line: string): DependencyText | null => {
  const text = line.replace(/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/, '');
  const blocks = BLOCKS.exec(text);
  if (blocks) {
    // What is blocked may be a phase or another spec: nothing to complain of.
    const found = readList(text.slice(blocks[0].length), 'depends');
    return found && { ...found, unread: null, open: false, blocks: true };
  }
  const colon = WITH_COLON.exec(text);
  if (colon) return readList(text.slice(colon[0].length), isDepends(colon[0]) ? 'depends' : 'other');
  const loose = WITHOUT_COLON.exec(text);
  if (loose) return readList(text.slice(loose[0].length), 'prose');
  FIELD.lastIndex = 0;
  const field = FIELD.exec(text);
  if (!field) return null;
  const rest = text.slice(field.index + field[0].length);
  const key = WITH_COLON.exec(rest);
  return key ? readList(rest.slice(key[0].length), isDepends(key[0]) ? 'depends' : 'other') : null;
};

/** A line that goes on with ids (after a line with `open`). */
export const readDependencyRest = (line: string): DependencyText | null =>
  readList(line.replace(/^[ \t]*(?:[-*+][ \t]+)?/, ''), 'other');

const isDepends = (key: string): boolean => /depends?\b/i.test(key.replace(/_/g, ' '));

/** `(Depends on: Task 1 - reason)` or `[depends: 1.1]` inside a title. */
export const readTitleDependencies = (title: string): DependencyText | null => {
  const match =
    /[([（](?:depends?(?:[ -]on)?|dependenc(?:y|ies)|after|依赖)[ \t]*[:：][ \t]*([^()[\]（）]*)[)\]）]/i.exec(title) ??
    /[([]depends?[ -]on[ \t]+([^()[\]]*)[)\]]/i.exec(title);
  return match ? readList(match[1]!, 'depends') : null;
};

/**
 * `depends`: ids are sure to follow. `other` (`dependencies: 2 new packages`): a number with words behind it is no id.
 * `prose` (no colon): only a list of ids and nothing else, or ids called tasks.
 */
const readList = (value: string, kind: 'depends' | 'other' | 'prose'): DependencyText | null => {
  const references: Reference[] = [];
  let rest = value.trim();
  if (rest === '') return kind === 'prose' ? null : { references, unread: null, open: true };
  if (NOTHING.test(rest) || /^[*_~`[\](（)）.]*$/.test(rest)) return { references, unread: null, open: false };
  let open = false;
  let called = true;
  let before = rest;
  for (;;) {
    const reference = REFERENCE.exec(rest);
    if (!reference) break;
    before = rest;
    rest = rest.slice(reference[0].length);
    const range = RANGE.exec(rest);
    if (range) rest = rest.slice(range[0].length);
    references.push({ from: reference.groups!.id!, to: range ? range.groups!.id! : null });
    called &&= reference.groups!.word !== undefined || references.length > 1;
    open = false;
    // `1.1 (Prisma schema), 2.1`: the words in brackets are an explanation.
    rest = rest.replace(/^[ \t]*[(（][^()（）]*[)）](?=[ \t]*(?:[,;、，&]|and\b))/i, '');
    const separator = SEPARATOR.exec(rest);
    if (!separator) break;
    rest = rest.slice(separator[0].length);
    open = true;
  }
  const left = rest.replace(/^[*_~`\])）.]+/, '').trim();
  if (left === '') return { references, unread: null, open };
  // A reason may follow: ` - because`, `(because)`, another field; anything else was not understood.
  const reason = !open && references.length > 0 && /^(?:[-–—(（:：.]|_\w|<!--|[·|])/.test(left);
  if (reason) return { references, unread: null, open: false };
  if (kind === 'prose' && !called)
    return references.length > 0 ? { references: [], unread: value.trim(), open: false } : null;
  if (kind === 'prose' && references.length === 0) return null;
  const last = references[references.length - 1];
  if (kind === 'other' && !open && last && !last.from.includes('.') && last.to === null) {
    return { references: references.slice(0, -1), unread: before, open: false };
  }
  return { references, unread: left, open: false };
};

/**
 * Ids that a reference stands for. Of a range the ends stay as written, and between them every known id of the same depth
 * under the same parent counts (numbers that the file leaves out are no mistake).
 */
export const expandReference = (reference: Reference, known: ReadonlySet<string>): string[] => {
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
