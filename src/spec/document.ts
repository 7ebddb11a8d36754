// A task file, parsed, before anybody has decided what in it is a task: what all dialects read from.
import { takeCodes } from './choose.ts';
import { type Candidate, type Collected, collect, type Placed } from './collect.ts';
import type { Source } from './source.ts';

export interface Document {
  source: Source;
  bytes: Uint8Array;
  placed: readonly Placed[];
  found: Collected;
}

export const documentOf = (source: Source, bytes: Uint8Array, placed: readonly Placed[]): Document => {
  const found = collect(placed);
  takeCodes(found);
  return { source, bytes, placed, found };
};

/** How many lines outside fences and comments a pattern matches (no flag `g`). Linear in the size of the file. */
export const countLines = ({ placed }: Document, pattern: RegExp): number => {
  let count = 0;
  for (const { piece } of placed) {
    for (const [line, text] of piece.lines.entries()) if (!piece.opaque.has(line) && pattern.test(text)) count++;
  }
  return count;
};

/** Boxes that can be tasks: those in no section of notes, or all where there are no others. */
export const liveBoxes = ({ found }: Document): Candidate[] => {
  const boxes = found.boxes.filter(({ item }) => item.swallowed !== 'code');
  const outside = boxes.filter(({ section }) => !section?.aside);
  return outside.length > 0 ? outside : boxes;
};

/** Ids that the boxes carry themselves. */
export const boxIds = (document: Document): string[] =>
  liveBoxes(document).flatMap(({ head }) => (head?.id != null && !head.bare ? [head.id] : []));
