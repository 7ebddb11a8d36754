// The desk over the real task file: a part of its own, since only this needs the parser, and most looks do not.
import { createSpecFile } from '../adapters/files/spec-file.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import { createDesk, type SpecDesk } from '../engine/spec-desk.ts';
import { flipBox } from '../spec/boxes.ts';
import { makePieceCache, readSpec } from '../spec/read.ts';

export { createFile } from '../adapters/files/new-file.ts';

/** The desk over the real task file. Pieces of it that did not change are not parsed again. `dialect` null: what the file looks like. */
export const openDesk = (
  tasksPath: string,
  plan: PlanOptions,
  wanted: { writeTasks: boolean; tickRehearsed?: boolean; dialect: string | null; strict?: boolean },
): SpecDesk => {
  const { writeTasks, tickRehearsed = false, dialect, strict = false } = wanted;
  const cache = makePieceCache();
  const specFile = createSpecFile(tasksPath, { readSpec: bytes => readSpec(bytes, cache, { dialect }), flipBox });
  return createDesk({ name: tasksPath, specFile, plan, writeTasks, tickRehearsed, strict });
};
