// One piece of the file, parsed: list items with their boxes, headings, fences, and which lines are code, quotes or comments.
import type { Heading, List, Nodes, Parent } from 'mdast';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import type { Bodies } from './body.ts';
import { type BoxText, type Head, readBox, readHead, readMarker } from './line.ts';

/** A list item, or a line that looks like one and that Markdown swallowed. Lines are 0-based within the piece. */
export interface PieceItem {
  line: number;
  /** Last line of everything that belongs to the item. */
  end: number;
  /** Where its text begins in the line, in UTF-16 units. */
  column: number;
  /** Index of the item around it, or -1. */
  parent: number;
  /** Number of an ordered item as written, or null. */
  ordered: string | null;
  box: BoxText | null;
  /** Head of the box's rest, or of the whole text where there is no box. null: the item has no text on its first line. */
  head: Head | null;
  /** What Markdown takes the line for, where that is no list item. */
  swallowed: 'paragraph' | 'code' | null;
  /** Inside a block quote: never a task. */
  quoted: boolean;
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
  /** In the order of the lines. */
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
  /** The parser gave up (far too deep); nothing of the piece was read. */
  failed: boolean;
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

const BOX_LINE = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[^[\]]{0,3}\]/;

/** Parses one piece. Never throws. */
export const parsePiece = (text: string): Piece => {
  if (TOO_DEEP.test(text)) return emptyPiece(text, true);
  try {
    const piece = emptyPiece(text, false);
    fill(piece, text, parser.parse(text));
    return piece;
  } catch {
    return emptyPiece(text, true);
  }
};

const emptyPiece = (text: string, failed: boolean) => {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return {
    lines,
    items: [] as PieceItem[],
    headings: [] as PieceHeading[],
    fences: [] as PieceFence[],
    opaque: new Set<number>(),
    commented: new Set<number>(),
    strayBoxes: [] as number[],
    failed,
    bodies: new Map<string, Bodies>(),
  };
};

const fill = (piece: ReturnType<typeof emptyPiece>, text: string, root: Nodes): void => {
  const { lines, items } = piece;
  const comments: { from: number; to: number }[] = [];

  const walk = (node: Nodes, owner: number, quoted: boolean, top: boolean): void => {
    const first = node.position!.start.line - 1;
    const last = node.position!.end.line - 1;
    switch (node.type) {
      case 'list':
        for (const child of node.children) {
          const index = items.length;
          items.push(itemOf(child.position!.start.line - 1, child.position!.start.column - 1, child, owner, quoted));
          for (const inner of child.children) walk(inner, index, quoted, false);
        }
        return;
      case 'heading':
        if (top) piece.headings.push(headingOf(node, text));
        if (/^[ \t]*#{1,6}[ \t]+\[[ xX~/-]\]/.test(lines[first]!)) piece.strayBoxes.push(first);
        return;
      case 'paragraph':
        for (const child of node.children) if (child.type === 'html') comment(child);
        if (!quoted) swallowed(first + 1, last, owner, 'paragraph');
        for (let i = first; i <= last; i++) {
          if (!quoted) dotted(i, owner);
          if (/^[ \t]*\|.*\[[ xX~/-]\]/.test(lines[i]!)) piece.strayBoxes.push(i);
        }
        return;
      case 'code':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        if (isIndented(lines[first]!, node.position!.start.column - 1)) {
          if (!quoted) swallowed(first, last, owner, 'code');
        } else if (top) piece.fences.push({ line: first, value: node.value });
        return;
      case 'html':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        comment(node);
        return;
      case 'blockquote':
        for (let i = first; i <= last; i++) piece.opaque.add(i);
        for (const child of node.children) walk(child, owner, true, false);
        return;
    }
    if ('children' in node) for (const child of (node as Parent).children) walk(child as Nodes, owner, quoted, top);
  };

  const itemOf = (
    line: number,
    column: number,
    node: List['children'][number],
    parent: number,
    quoted: boolean,
  ): PieceItem => {
    const source = lines[line]!.slice(column);
    const marker = /^(?:[-*+]|(\d{1,9})[.)])(?:[ \t]+|$)/.exec(source);
    const start = column + (marker?.[0].length ?? 0);
    const inner = node.children[0];
    const own =
      inner?.type === 'paragraph' && inner.position!.start.line - 1 === line ? lines[line]!.slice(start) : null;
    return {
      line,
      end: Math.max(line, node.position!.end.line - 1),
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

  const comment = (node: Nodes): void => {
    const from = node.position!.start.offset!;
    for (const match of text.slice(from, node.position!.end.offset!).matchAll(/<!--[\s\S]*?(?:-->|$)/g)) {
      comments.push({ from: from + match.index, to: from + match.index + match[0].length });
    }
  };

  walk(root, -1, false, true);
  if (comments.length > 0) blankOut(piece, text, comments);
};

const readOwn = (text: string | null): { box: BoxText | null; head: Head | null } => {
  const box = text === null ? null : readBox(text);
  return { box, head: text === null ? null : readHead(box ? box.rest : text) };
};

const headingOf = (node: Heading, text: string): PieceHeading => {
  const source = text.slice(node.position!.start.offset!, node.position!.end.offset!);
  // An underlined heading ends with the line of its underline.
  let own = source.startsWith('#') ? source.slice(node.depth).trim() : source.slice(0, source.lastIndexOf('\n')).trim();
  if (source.startsWith('#')) {
    let end = own.length;
    while (end > 0 && own[end - 1] === '#') end--;
    if (end < own.length && (end === 0 || own[end - 1] === ' ' || own[end - 1] === '\t'))
      own = own.slice(0, end).trimEnd();
  }
  return { line: node.position!.start.line - 1, depth: node.depth, text: own };
};

/** A code node without fence. */
const isIndented = (line: string, column: number): boolean => !/^(?:```|~~~)/.test(line.slice(column).trimStart());

/** Replaces comments by nothing and remembers the lines that thereby became empty. */
const blankOut = (
  piece: { lines: string[]; commented: Set<number> },
  text: string,
  comments: readonly { from: number; to: number }[],
): void => {
  let kept = '';
  let at = 0;
  for (const { from, to } of comments) {
    kept += text.slice(at, from) + text.slice(from, to).replace(/[^\n]+/g, '\u0000');
    at = to;
  }
  const lines = (kept + text.slice(at)).split('\n');
  for (let i = 0; i < piece.lines.length; i++) {
    // A NUL of the file itself stays: only lines with a comment are looked at.
    if (lines[i] === piece.lines[i]) continue;
    const own = lines[i]!.replace(/\u0000/g, '').trimEnd();
    piece.lines[i] = own;
    if (own.trim() === '') piece.commented.add(i);
  }
};
