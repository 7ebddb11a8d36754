// Joins the simulator to the program it tries: the loop, the desk, the parser, the reading of journal and state file, as they are.
import { knownKeys, readEntry, withoutCompletions } from '../adapters/files/state-entry.ts';
import { readStateText } from '../adapters/files/state-text.ts';
import { createStateWriter } from '../adapters/files/state-writer.ts';
import { readLines } from '../adapters/journal/lines.ts';
import { runLoop } from '../engine/loop.ts';
import { createDesk } from '../engine/spec-desk.ts';
import type { Production } from '../sim/production.ts';
import { flipBox } from '../spec/boxes.ts';
import { makePieceCache, readSpec } from '../spec/read.ts';

const cache = makePieceCache();

export const production: Production = {
  runLoop,
  createDesk,
  readSpec: text => readSpec(new TextEncoder().encode(text), cache),
  flipBox,
  readLines,
  readEntry: (text, specName) => {
    const read = readStateText(text, specName, knownKeys);
    if (read.kind === 'damaged') return { kind: 'damaged', why: read.why };
    if (read.kind === 'v1' || read.entry === null) return { kind: 'missing' };
    return { kind: 'entry', ...readEntry(read.entry) };
  },
  withoutCompletions,
  createStateWriter,
};
