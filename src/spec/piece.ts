// One piece of the file, parsed: list items with their boxes, headings, fences, and which lines are code, quotes or comments.
import type { List, Nodes, Parent } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { blankOut, headingOf, isBlank, isIndented, lastLineOf, limitOf, withoutEnd } from './blocks.ts';
import type { Bodies } from './body.ts';
import { type Hidden, hiddenByFence, hiddenByHtml } from './hidden.ts';
import { type BoxText, type Head, readBox, readHead, readHeadingBox, readMarker, saysOptional } from './line.ts';
import { type IdRow, type Row, readIdRows, readRows } from './tables.ts';

/** A list item, a line that looks like one and that Markdown swallowed, or a row of a table. Lines are 0-based within the piece. */
export interface PieceItem {
  line: number;
  /** Last line of everything that belongs to the item. */
  end: number;
  /** Where its text begins in the line, in UTF-16 units; the bracket of a row's box, in bytes (in front of an item both are the same). */
  column: number;
  /** Index of the item around it, or -1. */
  parent: number;
  /** Number of an ordered item as written, or null. */
  ordered: string | null;
  box: BoxText | null;
  /** The line itself says that the task may be left out: star or words. */
  optional: boolean;
  /** Head of the box's rest, or of the whole text where there is no box. null: the item has no text on its first line. */
  head: Head | null;
  /** What Markdown takes the line for, where that is no list item. */
  swallowed: 'paragraph' | 'code' | null;
  /** Inside a block quote: never a task. */
  quoted: boolean;
  /** What else a row of a table says; absent: it is no row. */
  row?: Row;
}

export interface PieceHeading {
  line: number;
  depth: number;
  /** Source of the heading without its marks. */
  text: string;
}

export interface PieceFence {
  line: number;
  value: string;
}

/** What was found in one piece; a pure function of its text. */
export interface Piece {
  /** The source lines, comments blanked out. */
  lines: string[];
  /** The first line begins a paragraph. */
  beginsWithText: boolean;
  /** In the order of the lines, an item before those inside it. */
  items: PieceItem[];
  headings: PieceHeading[];
  /** Fenced code at the top of the document. */
  fences: PieceFence[];
  /** Lines of code, HTML and quotes: nothing in them is metadata. */
  opaque: ReadonlySet<number>;
  /** Lines that held nothing but a comment. */
  commented: ReadonlySet<number>;
  /** Lines of tables and headings that hold a box. */
  strayBoxes: number[];
  /** Blocks of code, comments and HTML that hide lines like tasks. */
  hidden: Hidden[];
  /** Rows with ids of tables without boxes, a list per table. */
  idRows: IdRow[][];
  /** Lines of items that stand too deep to be read as such: they are text of what is around them. */
  deep: number[];
  /** The parser gave up (far too deep); nothing of the piece was read. */
  failed: boolean;
  /** Parts that it was put together from, where it was. */
  parts: { text: string; piece: Piece }[];
  /** Kept here by `body.ts`, by the set of items that are tasks. */
  bodies: Map<string, Bodies>;
}

/**
 * Only blocks, code spans and inline HTML are needed: they alone decide what is a task and what is a comment. The rest is
 * switched off, which makes parsing about a fifth faster and keeps `[x]` from ever being a link.
 */
const UNUSED = [
  'attention',
  'autolink',
  'characterReference',
  'hardBreakEscape',
  'labelEnd',
  'labelStartImage',
  'labelStartLink',
];

const parser = unified()
  .use(remarkParse)
  .data('micromarkExtensions' as 'settings', [{ disable: { null: UNUSED } }] as never)
  .freeze();

/** Markers in a row that no hand writes; the parser's time and stack grow with them. */
const TOO_DEEP = /^(?:[ \t]*(?:[-*+>]|\d{1,9}[.)])(?=[ \t>]|$)){500}/m;

const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

const BOX_LINE = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[^[\]]{0,3}\]/;

/** Parses one piece in one go. Never throws. */
export const parseWhole = (text: string): Piece => {
  if (TOO_DEEP.test(text)) return emptyPiece(text, true);
  try {
    const piece = emptyPiece(text, false);
    // Blank lines at the end change nothing, and the parser is slow with thousands of them.
    const root = parser.parse(withoutEnd(text));
    const first = root.children[0];
    piece.beginsWithText = first?.type === 'paragraph' && first.position!.start.line === 1;
    fill(piece, text, root);
    // A comment that its item cuts short is said to hold the blank lines behind it.
    for (const item of piece.items) while (item.end > item.line && isBlank(piece.lines[item.end]!)) item.end--;
    return piece;
  } catch {
    return emptyPiece(text, true);
  }
};

export const emptyPiece = (text: string, failed: boolean) => {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return {
    lines,
    beginsWithText: false,
    items: [] as PieceItem[],
    headings: [] as PieceHeading[],
    fences: [] as PieceFence[],
    opaque: new Set<number>(),
    commented: new Set<number>(),
    strayBoxes: [] as number[],
    hidden: [] as Hidden[],
    idRows: [] as IdRow[][],
    deep: [] as number[],
    failed,
    parts: [] as Piece['parts'],
    bodies: new Map<string, Bodies>(),
  };
};

const fill = (piece: ReturnType<typeof emptyPiece>, text: string, root: Nodes): void => {
  const { lines, items } = piece;
  const comments: { from: number; to: number }[] = [];
  /** Where each line ends in the text; only needed for comments. */
  const ends: number[] = [];

  const walk = (node: Nodes, owner: number, quoted: boolean, top: boolean, limit: number): void => {
    const first = node.position!.start.line - 1;
    const last = Math.min(lastLineOf(node), limit);
    switch (node.type) {
      case 'list':
        for (const [at, child] of node.children.entries()) {
          const index = items.length;
          const end = limitOf(node.children, at, last);
          items.push(itemOf(child, owner, quoted, Math.min(lastLineOf(child), end)));
          walkAll(child.children, index, quoted, false, end);
        }
        return;
      case 'heading':
        if (top) piece.headings.push(headingOf(node, text));
        if (readHeadingBox(headingOf(node, text).text)) piece.strayBoxes.push(first);
        return;
      case 'paragraph':
        for (const child of node.children) if (child.type === 'html') comment(child, last);
        if (!quoted && owner < 0 && rows(first, last)) return;
        if (!quoted && owner < 0) ids(first, last);
        if (!quoted) swallowed(first + 1, last, owner, 'paragraph');
        for (let i = first; i <= last; i++) {
          if (!quoted) dotted(i, owner);
          if (/^[ \t]*\|.*\[[ xX~/-]\]/.test(lines[i]!)) piece.strayBoxes.push(i);
        }
        return;
      case 'code':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        if (isIndented(lines[first]!, node.position!.start.column - 1)) {
          if (!quoted) swallowed(owner >= 0 && items[owner]!.line === first ? first + 1 : first, last, owner, 'code');
          return;
        }
        if (top) piece.fences.push({ line: first, value: node.value });
        if (!quoted) hide(hiddenByFence(lines.slice(first, last + 1), first));
        return;
      case 'html':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        comment(node, last);
        if (!quoted) hide(hiddenByHtml(lines.slice(first, last + 1), first));
        return;
      case 'blockquote':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        walkAll(node.children, owner, true, false, last);
        return;
    }
    if ('children' in node) walkAll((node as Parent).children as Nodes[], owner, quoted, top, last);
  };

  const walkAll = (nodes: readonly Nodes[], owner: number, quoted: boolean, top: boolean, limit: number): void => {
    for (const [at, node] of nodes.entries()) walk(node, owner, quoted, top, limitOf(nodes, at, limit));
  };

  const hide = (found: Hidden | null): void => {
    if (found) piece.hidden.push(found);
  };

  /** The rows of a table of tasks, and whether there is one. */
  const rows = (from: number, to: number): boolean => {
    const found = readRows(withoutComments(from, to));
    for (const { line, ...row } of found ?? []) {
      const at = from + line;
      items.push({ line: at, end: at, parent: -1, ordered: null, swallowed: null, quoted: false, ...row });
    }
    return found !== null && found.length > 0;
  };

  const ids = (from: number, to: number): void => {
    const found = readIdRows(withoutComments(from, to));
    if (found.length > 0) piece.idRows.push(found.map(row => ({ ...row, line: from + row.line })));
  };

  /** Comments made blank, so that every column stays. */
  const withoutComments = (from: number, to: number): string[] => {
    const own = lines.slice(from, to + 1);
    if (comments.length === 0) return own;
    return own.map((line, i) => {
      const start = from + i === 0 ? 0 : ends[from + i - 1]! + 1;
      return comments.reduce((kept, { from: open, to: close }) => {
        const [a, b] = [Math.max(open - start, 0), Math.min(close - start, kept.length)];
        return a < b ? kept.slice(0, a) + ' '.repeat(b - a) + kept.slice(b) : kept;
      }, line);
    });
  };

  const itemOf = (node: List['children'][number], parent: number, quoted: boolean, end: number): PieceItem => {
    const line = node.position!.start.line - 1;
    const column = node.position!.start.column - 1;
    const source = lines[line]!.slice(column);
    const marker = /^(?:[-*+]|(\d{1,9})[.)])(?:[ \t]+|$)/.exec(source);
    const start = column + (marker?.[0].length ?? 0);
    const inner = node.children[0];
    // Five or more spaces behind the marker make code of the text; the hand that wrote them meant text.
    const isText = inner?.type === 'paragraph' || (inner?.type === 'code' && isIndented(lines[line]!, start));
    const own = isText && inner.position!.start.line - 1 === line ? lines[line]!.slice(start) : null;
    return {
      line,
      end: Math.max(line, end),
      column: start,
      parent,
      ordered: marker?.[1] ?? null,
      ...readOwn(own),
      swallowed: null,
      quoted,
    };
  };

  /** Lines that look like boxes inside a paragraph or indented code: a list indented too far, most likely. */
  const swallowed = (from: number, to: number, owner: number, kind: 'paragraph' | 'code'): void => {
    let before: PieceItem | null = null;
    for (let i = from; i <= to; i++) {
      if (!BOX_LINE.test(lines[i]!)) continue;
      const marker = readMarker(lines[i]!);
      const own = readOwn(marker?.text ?? null);
      if (!marker || !own.box) continue;
      if (before) before.end = i - 1;
      before = {
        line: i,
        end: to,
        column: marker.column,
        parent: owner,
        ordered: marker.ordered,
        ...own,
        swallowed: kind,
        quoted: false,
      };
      items.push(before);
    }
  };

  /** `1.1. Title` is no list item for Markdown; a file without any box may mean it as one. It goes on up to the next such line. */
  const dotted = (line: number, owner: number): void => {
    const match = /^[ \t]*(?=\d{1,6}\.\d)/.exec(lines[line]!);
    const own = match ? readOwn(lines[line]!.slice(match[0].length)) : null;
    if (!match || own?.head?.id == null) return;
    const end = owner < 0 ? lines.length - 1 : items[owner]!.end;
    items.push({
      line,
      end,
      column: match[0].length,
      parent: owner,
      ordered: null,
      ...own,
      swallowed: 'paragraph',
      quoted: false,
    });
  };

  const comment = (node: Nodes, last: number): void => {
    const from = node.position!.start.offset!;
    if (ends.length === 0) for (const line of lines) ends.push((ends.at(-1) ?? -1) + line.length + 1);
    for (const match of text.slice(from, Math.min(node.position!.end.offset!, ends[last]!)).matchAll(COMMENT)) {
      comments.push({ from: from + match.index, to: from + match.index + match[0].length });
    }
  };

  walk(root, -1, false, true, lines.length - 1);
  if (comments.length > 0) blankOut(piece, text, comments);
};

/** What the text of an item, marker excluded, says; null when it has none on its first line. */
export const readOwn = (text: string | null): Pick<PieceItem, 'box' | 'head' | 'optional'> => {
  const box = text === null ? null : readBox(text);
  const head = text === null ? null : readHead(box ? box.rest : text);
  return { box, head, optional: (box?.star ?? false) || (head !== null && saysOptional(head.title)) };
};
