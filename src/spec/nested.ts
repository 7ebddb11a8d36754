// Parses a piece through its own nested items: what is inside a list item is a small document of its own, and is cut like one.
// Most lines then stand alone and are plain text, which needs no parser.
import { cut, THEMATIC_BREAK } from './cut.ts';
import { emptyPiece, type Piece, parseWhole, readOwn } from './piece.ts';

/** Levels of items in items that are read; no hand writes more, and time grows with their square. What is deeper stays text. */
const DEEPEST = 12;

/**
 * A piece by its text: from `kept` (or `fresh`) when it was parsed before, else parsed. It, and every part of it that was looked
 * up on the way, is put into `fresh`. One line changed costs one inner item to parse, and time stays linear in long groups.
 */
export const parsePiece = (
  text: string,
  kept: ReadonlyMap<string, Piece>,
  fresh: Map<string, Piece>,
  depth = 0,
): Piece => {
  const line = parseLine(text);
  if (line) return line;
  const known = fresh.get(text);
  if (known) return known;
  const before = kept.get(text);
  if (before) keep(text, before, fresh);
  else if (depth >= DEEPEST) fresh.set(text, asText(text));
  else fresh.set(text, parseNested(text, kept, fresh, depth) ?? parseWhole(text));
  return fresh.get(text)!;
};

/** Read as nothing but text; says so where it begins with an item. */
const asText = (text: string): Piece => {
  const isItem = /^[ ]{0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/.test(text);
  return { ...emptyPiece(text, false), beginsWithText: !isItem, deep: isItem ? [0] : [] };
};

/** Beginnings of a line that can be nothing but a paragraph: no block of Markdown begins so, nor a dotted number. */
const TEXT = /^(?:[\p{L}"'(]|[*_]{1,2}[\p{L}\p{N}]|`[^`]|\[[^\]]{0,3}\][ \t*\\])/u;

/** A piece of one line that is plain text, with or without a list marker; else null. */
const parseLine = (text: string): Piece | null => {
  const end = text.indexOf('\n');
  if (end >= 0 && end !== text.length - 1) return null;
  const marker = /^(?:[-*+]|(\d{1,9})[.)]) {1,4}(?=[^ \t\n])/.exec(text);
  const own = (end < 0 ? text : text.slice(0, end)).slice(marker?.[0].length ?? 0);
  if (!TEXT.test(own) || own.includes('<!--')) return null;
  const piece = emptyPiece(text, false);
  if (!marker) return { ...piece, beginsWithText: true };
  piece.items.push({
    line: 0,
    end: 0,
    column: marker[0].length,
    parent: -1,
    ordered: marker[1] ?? null,
    ...readOwn(own),
    swallowed: null,
    quoted: false,
  });
  return piece;
};

const keep = (text: string, piece: Piece, fresh: Map<string, Piece>): void => {
  fresh.set(text, piece);
  for (const part of piece.parts) if (!fresh.has(part.text)) keep(part.text, part.piece, fresh);
};

/** null: the piece is not exactly one list item whose lines are all indented with spaces, or has nothing to be cut at. */
const parseNested = (
  text: string,
  kept: ReadonlyMap<string, Piece>,
  fresh: Map<string, Piece>,
  depth: number,
): Piece | null => {
  // The column a tab stands for changes when the text moves to the left; a line that begins with a number may look like an item then.
  const marker = /^(?:[-*+]|(\d{1,9})[.)]) {1,4}(?=[^ \n\d])/.exec(text);
  if (!marker || text.includes('\t')) return null;
  const indent = marker[0].length;
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  if (lines.length < 2 || THEMATIC_BREAK.test(lines[0]!)) return null;
  const inner: string[] = [lines[0]!.slice(indent)];
  let end = 0;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    const lead = line.search(/[^ ]/);
    if (lead >= 0 && lead < indent) return null;
    if (lead >= 0) end = i;
    inner.push(line.slice(indent));
  }
  const starts = cut(inner);
  if (starts.length < 2) return null;

  const whole = emptyPiece(text, false);
  const { items } = whole;
  for (let index = 0; index < starts.length; index++) {
    const base = starts[index]!;
    const partText = `${inner.slice(base, starts[index + 1]).join('\n')}\n`;
    const part = parsePiece(partText, kept, fresh, depth + 1);
    whole.parts.push({ text: partText, piece: part });
    if (index === 0) {
      items.push({
        line: 0,
        end,
        column: indent,
        parent: -1,
        ordered: marker[1] ?? null,
        ...readOwn(part.beginsWithText ? inner[0]! : null),
        swallowed: null,
        quoted: false,
      });
    }
    const shift = items.length;
    for (const item of part.items) {
      items.push({
        ...item,
        line: item.line + base,
        // A line that only looks like an item goes on up to the end of the item it stands in.
        end: item.swallowed && !item.box && item.parent < 0 ? end : item.end + base,
        column: item.column + indent,
        parent: item.parent < 0 ? 0 : item.parent + shift,
      });
    }
    for (const line of part.opaque) whole.opaque.add(line + base);
    for (const line of part.strayBoxes) whole.strayBoxes.push(line + base);
    for (const block of part.hidden) {
      const moved = block.lines.map(one => ({ ...one, line: one.line + base, column: one.column + indent }));
      whole.hidden.push({ ...block, line: block.line + base, lines: moved });
    }
    // The line of the list marker itself is never empty.
    for (const line of part.commented) if (line + base > 0) whole.commented.add(line + base);
    for (const [line, own] of part.lines.entries()) {
      // Only where a comment was taken out does the part know better.
      if (own !== inner[base + line]) whole.lines[base + line] = lines[base + line]!.slice(0, indent) + own;
    }
    whole.failed ||= part.failed;
    for (const line of part.deep) whole.deep.push(line + base);
  }
  return whole;
};
