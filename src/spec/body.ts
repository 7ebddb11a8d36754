// What stands below the first line of each task of one piece: details, dependencies, owner.
import {
  type DependencyText,
  type Reference,
  readDependencyLine,
  readDependencyRest,
  type Tone,
} from './dependencies.ts';
import { mayDepend } from './dependency-words.ts';
import type { Piece } from './piece.ts';
import type { Said } from './proof.ts';
import { readTitleDependencies } from './title-dependencies.ts';
import { readVerifyLine, saysNoChange } from './verify-lines.ts';

/** Something about a line that a person should know; the line is 0-based within the piece. */
export interface LineNote {
  line: number;
  code: 'unread_dependency' | 'bad_agent' | 'bad_verify';
  text: string;
  /** Why it is no command. */
  problem?: string;
  /** How loud it is, of text about dependencies. */
  tone?: Tone;
}

export interface Body {
  /** Raw source without the lines of inner tasks and without comments, common indent removed. */
  details: string;
  references: Reference[];
  /** Tasks that wait for this one. */
  blocks: Reference[];
  agent: string | null;
  /** What it says of how it is proved. */
  said: Said;
  notes: LineNote[];
}

/** The bodies of a piece for one choice of which items are tasks. */
export interface Bodies {
  /** By item index. */
  of: ReadonlyMap<number, Body>;
  /** Dependency lines outside every task, for the heading above them. */
  loose: (DependencyText & { line: number })[];
  /** Other lines outside every task that hold text of their own. */
  prose: number[];
}

/** `chosen` = indexes of the items that are tasks, ascending. The result is kept with the piece. */
export const bodiesOf = (piece: Piece, chosen: readonly number[]): Bodies => {
  const key = chosen.join(',');
  const kept = piece.bodies.get(key);
  if (kept) return kept;
  const owners: number[] = piece.lines.map(() => -1);
  // Inner items come later, so each line ends with the innermost task around it.
  for (const index of chosen) owners.fill(index, piece.items[index]!.line, piece.items[index]!.end + 1);
  const linesOf = new Map<number, number[]>(chosen.map(index => [index, []]));
  const looseLines: number[] = [];
  for (let line = 0; line < owners.length; line++) {
    const owner = owners[line]!;
    if (owner < 0) looseLines.push(line);
    else if (line !== piece.items[owner]!.line && !piece.commented.has(line)) linesOf.get(owner)!.push(line);
  }
  const of = new Map<number, Body>();
  for (const index of chosen) of.set(index, readBody(piece, index, linesOf.get(index)!));
  const loose = dependencyLines(piece, looseLines).map(({ line, found }) => ({ line, ...found }));
  const said = new Set(loose.map(({ line }) => line));
  const prose = looseLines.filter(line => !said.has(line) && !piece.opaque.has(line) && piece.lines[line] !== '');
  const bodies: Bodies = { of, loose, prose };
  piece.bodies.set(key, bodies);
  return bodies;
};

const readBody = (piece: Piece, index: number, lines: readonly number[]): Body => {
  const item = piece.items[index]!;
  const notes: LineNote[] = [];
  if (item.row) {
    const { unread, ...own } = item.row;
    // Without any number it names packages or files: nothing that could be waited for.
    const tone = /\d/.test(unread ?? '') ? 'warning' : 'info';
    if (unread !== null) notes.push({ line: item.line, code: 'unread_dependency', text: unread, tone });
    return { ...own, said: { commands: [], noChange: false, lines: own.details.split('\n') }, notes };
  }
  const references: Reference[] = [];
  const blocks: Reference[] = [];
  const take = (line: number, found: DependencyText): void => {
    const into = found.blocks ? blocks : references;
    for (const reference of found.references) into.push({ ...reference, line });
    if (found.blocks) return;
    if (found.unread !== null) notes.push({ line, code: 'unread_dependency', text: found.unread, tone: found.tone });
  };
  for (const found of item.head ? readTitleDependencies(item.head.title) : []) take(item.line, found);
  for (const { line, found } of dependencyLines(piece, lines)) take(line, found);
  let agent: string | null = null;
  const commands: string[] = [];
  let noChange = false;
  const others: string[] = [];
  for (const line of lines) {
    if (piece.opaque.has(line)) continue;
    const text = piece.lines[line]!;
    const verify = readVerifyLine(text);
    if (verify && 'command' in verify) commands.push(verify.command);
    else if (verify) notes.push({ line, code: 'bad_verify', ...verify });
    if (verify) continue;
    if (saysNoChange(text)) noChange = true;
    else if (text.trim() !== '') others.push(text);
    const said = readAgentLine(text);
    if (said?.valid) agent = said.name;
    else if (said) notes.push({ line, code: 'bad_agent', text: said.name });
  }
  const said: Said = { commands, noChange, lines: others };
  return { details: detailsOf(lines.map(line => piece.lines[line]!)), references, blocks, agent, said, notes };
};

/** `_agent: claude_` in a line, or null. Not valid: no name that an agent can have. */
export const readAgentLine = (line: string): { name: string; valid: boolean } | null => {
  const match = /(?:^|[\s*+-])_agent:[ \t]*([^_]*)_/i.exec(line);
  if (!match) return null;
  const name = match[1]!.trim();
  return { name, valid: /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(name) };
};

const dependencyLines = (piece: Piece, lines: readonly number[]): { line: number; found: DependencyText }[] => {
  const all: { line: number; found: DependencyText }[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    // Cheap look first: nearly no line is one.
    if (piece.opaque.has(line) || !mayDepend(piece.lines[line]!) || readVerifyLine(piece.lines[line]!)) continue;
    const found = readDependencyLine(piece.lines[line]!);
    if (!found) continue;
    all.push({ line, found });
    // The list goes on: after a comma in the next line, after a colon in the bullets below.
    const bulletsOnly = found.references.length === 0;
    const first = piece.lines[line]!;
    // Bullets below a paragraph stand no deeper than it, and a blank line may be between them.
    const least = indent(first) + (BULLET.test(first) ? 1 : 0);
    if (found.open && bulletsOnly && !BULLET.test(first) && piece.lines[lines[i + 1] ?? -1]?.trim() === '') i++;
    for (let open = found.open; open && i + 1 < lines.length; ) {
      const next = lines[i + 1]!;
      const text = piece.lines[next]!;
      if (piece.opaque.has(next) || text.trim() === '') break;
      if (bulletsOnly && !(BULLET.test(text) && indent(text) >= least)) break;
      const more = readDependencyRest(text);
      if (!more || more.references.length === 0) break;
      found.references = found.references.concat(more.references);
      found.unread ??= more.unread;
      open = more.open || bulletsOnly;
      i++;
    }
  }
  return all;
};

const BULLET = /^[ \t]*[-*+][ \t]/;

const indent = (line: string): number => line.length - line.trimStart().length;

const detailsOf = (lines: readonly string[]): string => {
  let first = 0;
  let last = lines.length;
  while (first < last && lines[first]!.trim() === '') first++;
  while (last > first && lines[last - 1]!.trim() === '') last--;
  if (first === last) return '';
  let common: string | null = null;
  for (let i = first; i < last; i++) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    const lead: string = /^[ \t]*/.exec(line)![0];
    if (common === null) common = lead;
    let same = 0;
    while (same < common.length && same < lead.length && common[same] === lead[same]) same++;
    common = common.slice(0, same);
  }
  const cut = common!.length;
  return lines
    .slice(first, last)
    .map(line => (line.trim() === '' ? '' : line.slice(cut)))
    .join('\n');
};
