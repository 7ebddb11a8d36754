// Which headings of a file are its tasks: `### Task 1: …` with text or an unnumbered check list below.
import type { Candidate, Collected, Section } from './collect.ts';
import { CHAPTER, readHead, readHeadingBox } from './line.ts';

/** A heading that is a task, with the lines up to the next one. Lines are 0-based. */
export interface Headed {
  section: Section;
  id: string;
  title: string;
  /** First line that is not its own any more. */
  end: number;
  /** Boxes below it that no other task owns. */
  boxes: Candidate[];
  /** Its box in a list elsewhere, or null. */
  listed: Candidate | null;
}

/**
 * The headings that are the tasks of this file, ids as written; null when its boxes or lists are. Without any box an id may be there
 * twice. `asked` = somebody says that headings are the tasks: plain numbers are enough.
 */
export const chooseHeadings = (found: Collected, lines: readonly string[], { asked = false } = {}): Headed[] | null => {
  const named = namedHeadings(found, asked);
  if (named.length === 0) return null;
  const ids = new Set(named.map(({ id }) => id));
  if (ids.size !== named.length && found.boxes.length > 0) return null;
  const headed = headedFrom(named, found.sections, lines.length);
  const byId = new Map(headed.map(one => [one.id, one]));
  const ownerOf = ownersIn(headed);
  let inside = 0;
  let rest = 0;
  for (const box of found.boxes) {
    if (box.item.swallowed) continue;
    const owner = ownerOf(box.line);
    const id = ownId(box);
    if (id !== null) {
      // Numbered boxes are the tasks, unless they only list the headings once more: further down, or in a table.
      const own = byId.get(id);
      const isListed = own && owner !== own && !own.listed && (box.item.row || box.line > own.section.line);
      if (!isListed) return null;
      own.listed = box;
      continue;
    }
    rest++;
    if (!owner) continue;
    owner.boxes.push(box);
    inside++;
  }
  return rest === 0 || 2 * inside >= rest ? headed : null;
};

/** A heading with its id. */
export interface Named {
  section: Section;
  id: string;
  title: string;
}

/** Each with the lines up to the next heading of its rank or the next of these. `named` in file order; `last` = lines of the file. */
export const headedFrom = (named: readonly Named[], sections: readonly Section[], last: number): Headed[] => {
  const own = new Map(
    named.map((one): [Section, Headed] => [one.section, { ...one, end: last, boxes: [], listed: null }]),
  );
  let open: Headed | null = null;
  for (const section of sections) {
    const next = own.get(section) ?? null;
    if (!open || (!next && section.depth > open.section.depth)) {
      open ??= next;
      continue;
    }
    open.end = section.line;
    open = next;
  }
  return [...own.values()];
};

/** First line behind the section at this index: that of the next one of its rank, else `last`. */
export const endOf = (sections: readonly Section[], index: number, last: number): number => {
  for (let at = index + 1; at < sections.length; at++)
    if (sections[at]!.depth <= sections[index]!.depth) return sections[at]!.line;
  return last;
};

/** The one that a line stands below, for lines that are asked in any order. */
export const ownersIn = (headed: readonly Headed[]): ((line: number) => Headed | null) => {
  return line => {
    let low = 0;
    let high = headed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (headed[middle]!.section.line < line) low = middle + 1;
      else high = middle;
    }
    const one = headed[low - 1];
    return one && line < one.end ? one : null;
  };
};

const ownId = ({ head }: Candidate): string | null => (head && !head.bare ? head.id : null);

/** `1` and `1.2` of `1.2.3`, for each of them. */
export const prefixesOf = (ids: Iterable<string>): Set<string> => {
  const prefixes = new Set<string>();
  for (const id of ids)
    for (let dot = id.indexOf('.'); dot > 0; dot = id.indexOf('.', dot + 1)) prefixes.add(id.slice(0, dot));
  return prefixes;
};

/** Codes that number what is wanted or when, as US1, FR-2, M3; with boxes below they are no tasks. */
const OUTLINE = /^(?:US|UC|FR|NFR|AC|REQ|RQ|R|EPIC|M|MS|P|PH|Q|V|S|D|W)-?$/i;

/**
 * Headings that call themselves tasks; where none does, those with codes, those with a box of their own, and where no box is there
 * those with a number and no numbered ones below.
 */
const namedHeadings = (found: Collected, asked: boolean): Named[] => {
  const sections = found.sections.filter(section => !section.aside);
  const numbered = sections.flatMap(section => (section.numbered ? [{ section, ...section.numbered }] : []));
  const called = numbered.filter(({ taskWord }) => taskWord);
  if (called.length > 1) return called;
  const bare = found.boxes.length === 0;
  const coded = sections.flatMap(section => {
    const { code } = readHead(readHeadingBox(section.text)?.rest ?? section.text);
    return code ? [{ section, ...code }] : [];
  });
  const families = new Map<string, number>();
  for (const { family } of coded) families.set(family, (families.get(family) ?? 0) + 1);
  const own = coded.filter(({ family }) => families.get(family)! > 1 && (bare || !OUTLINE.test(family)));
  // Boxes without ids are their check lists; boxes with ids are the tasks.
  if (own.length > 1 && found.boxes.every(box => ownId(box) === null && box.item.ordered === null)) return own;
  const above = prefixesOf(numbered.map(({ id }) => id));
  const leaves = numbered.filter(({ id }) => !above.has(id));
  const boxed = new Set(leaves.filter(one => readHeadingBox(one.section.text)).map(({ section }) => section.depth));
  if (boxed.size > 0) return leaves.filter(({ section }) => boxed.has(section.depth));
  if (!bare) return [];
  // `## 1. Overview`, `## 2. Goals` number the chapters of any text; `1.1` and `1.2` below them are more than that.
  if (asked || numbered.filter(({ id }) => id.includes('.')).length >= 2) return leaves;
  const isOther = found.rows.length > 0 || found.strays.length > 0 || found.coded.length > 0;
  return isOther || leaves.length < 2 || numbered.some(({ title }) => CHAPTER.test(title)) ? [] : leaves;
};
