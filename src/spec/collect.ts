// Joins the pieces: every candidate for a task with the section it stands in.
import { type Head, readNumberedHeading } from './line.ts';
import type { Piece, PieceItem } from './piece.ts';

/** A piece and the line of the file (0-based) where it begins. */
export interface Placed {
  piece: Piece;
  base: number;
}

/** A heading with everything up to the next one of its rank. */
export interface Section {
  /** 0-based line of the heading in the file. */
  line: number;
  depth: number;
  /** Its source without marks. */
  text: string;
  /** Id and title of a numbered heading, else null. */
  numbered: { id: string; title: string; taskWord: boolean } | null;
  /** Notes, overview, legend …: boxes in here are no tasks. Inherited. */
  aside: boolean;
  /** Requirements, risks, sign-off …: tables in here are no lists of tasks. Inherited. */
  checked: boolean;
  /** Acceptance criteria, a definition of done …: numbered boxes in here are what is checked, not what is done. Inherited. */
  criteria: boolean;
}

/** A list item that may be a task. */
export interface Candidate {
  placed: Placed;
  item: PieceItem;
  index: number;
  /** The item's own head, or with a code as its id where the file's ids are codes. Null as there. */
  head: Head | null;
  /** 0-based line in the file. */
  line: number;
  section: Section | null;
}

export interface Collected {
  /** Items and rows of tables with a box, in file order, quotes left out. */
  boxes: Candidate[];
  /** Numbered list items without box that are not inside another item, and lines that begin with a dotted number. */
  numbers: Candidate[];
  /** Bullets without box, not inside another item, whose text begins with a code. */
  coded: Candidate[];
  /** Rows of tables without a box of their own. */
  rows: Candidate[];
  /** Boxes in table cells and headings: not read as tasks. 0-based lines. */
  strays: number[];
  /** Boxes in quotes: never tasks. 0-based lines. */
  quoted: number[];
  sections: Section[];
  /** Pieces that could not be parsed, 0-based lines. */
  failed: number[];
  /** Items that stand too deep to be read, 0-based lines. */
  deep: number[];
}

const ASIDE =
  /^(?:(?:implementation |important |additional |general )?notes?|overview|introduction|legend|(?:task )?format|examples?|(?:task )?dependency graph|(?:task )?dependencies|概要|概述|备注|注意事项)$/i;

/** Headings over tables of what is checked, not of what is done. */
const CHECKED =
  /\b(?:traceab\w*|coverage|definition of done|(?:acceptance|success|exit|entry|entrance) criteria|requirements|check ?lists?|sign-?off|risks?|compliance|quality gates?)\b|需求|要件|验收|受け入れ/i;

/** Headings that say nothing but that; `Phase 5: Quality gates` is one of tasks. */
const CRITERIA =
  /^(?:[\p{L}'’&/-]+ ){0,4}(?:definition of done|(?:acceptance|success|exit|entry|entrance|completion) criteria|check ?lists?|sign-?off|quality gates?|验收标准|完成标准|受け入れ基準|完了条件)(?: [(（][^()（）]*[)）]?)?$/iu;
/** A list of these is no check list, whatever it is called. */
const WORK = /\b(?:tasks?|implementation|development|work|to-?dos?|project|migration)\b/i;

/** Pure; the work is proportional to the number of items. */
export const collect = (placed: readonly Placed[]): Collected => {
  const found: Collected = {
    boxes: [],
    numbers: [],
    coded: [],
    rows: [],
    strays: [],
    quoted: [],
    sections: [],
    failed: [],
    deep: [],
  };
  let open: Section[] = [];
  for (const at of placed) {
    const { piece, base } = at;
    if (piece.failed) found.failed.push(base);
    for (const line of piece.deep) found.deep.push(base + line);
    for (const line of piece.strayBoxes) found.strays.push(base + line);
    let nextHeading = 0;
    const enter = (upTo: number): void => {
      for (; nextHeading < piece.headings.length && piece.headings[nextHeading]!.line <= upTo; nextHeading++) {
        const heading = piece.headings[nextHeading]!;
        open = open.filter(section => section.depth < heading.depth);
        const section = sectionOf(base + heading.line, heading.depth, heading.text, open[open.length - 1] ?? null);
        open.push(section);
        found.sections.push(section);
      }
    };
    for (const [index, item] of piece.items.entries()) {
      enter(item.line);
      if (item.quoted) {
        if (item.box) found.quoted.push(base + item.line);
        continue;
      }
      const section = open[open.length - 1] ?? null;
      // Below a list item, or below such a heading, a table is no list of tasks.
      if (item.row && (item.parent >= 0 || section?.checked)) {
        if (item.box) found.strays.push(base + item.line);
        continue;
      }
      const candidate = { placed: at, item, index, head: item.head, line: base + item.line, section };
      if (item.row && (!item.box || !item.row.boxed)) found.rows.push(candidate);
      else if (item.box) found.boxes.push(candidate);
      else if (item.head && (item.swallowed || (item.ordered !== null && item.parent < 0)))
        found.numbers.push(candidate);
      else if (item.head?.code && item.ordered === null && item.parent < 0 && !item.swallowed)
        found.coded.push(candidate);
    }
    enter(Number.POSITIVE_INFINITY);
  }
  return found;
};

const sectionOf = (line: number, depth: number, text: string, around: Section | null): Section => {
  const numbered = readNumberedHeading(text);
  const name = text
    .slice(0, 100)
    .replace(/[*_`~:：]/g, '')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  return {
    line,
    depth,
    text,
    numbered,
    aside: (around?.aside ?? false) || (numbered === null && ASIDE.test(name)),
    criteria:
      (around?.criteria ?? false) || (depth > 1 && numbered === null && CRITERIA.test(name) && !WORK.test(name)),
    checked: (around?.checked ?? false) || (depth > 1 && CHECKED.test(text)),
  };
};
