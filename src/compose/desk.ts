// The desk over the real task file: a part of its own, since only this needs the parser, and most looks do not.
import { constants, copyFileSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, reasonOf, syncFolder, writeTemp } from '../adapters/files/atomic.ts';
import { createSpecFile } from '../adapters/files/spec-file.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import { createDesk, type SpecDesk } from '../engine/spec-desk.ts';
import { flipBox } from '../spec/boxes.ts';
import { makePieceCache, readSpec } from '../spec/read.ts';

/** The desk over the real task file. Pieces of it that did not change are not parsed again. `dialect` null: what the file looks like. */
export const openDesk = (
  tasksPath: string,
  plan: PlanOptions,
  { writeTasks, dialect }: { writeTasks: boolean; dialect: string | null },
): SpecDesk => {
  const cache = makePieceCache();
  const specFile = createSpecFile(tasksPath, { readSpec: bytes => readSpec(bytes, cache, { dialect }), flipBox });
  return createDesk({ name: tasksPath, specFile, plan, writeTasks });
};

/**
 * Makes a task file that is not there yet, and the folder around it: whole or not at all, and never over another file, whoever makes
 * one meanwhile. Says so when there is one (`exists`; a link to nothing counts), or why it cannot be written.
 */
export const createTaskFile = async (path: string, text: string): Promise<'made' | 'exists' | { reason: string }> => {
  let temp: string | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    temp = await writeTemp(path, text);
    try {
      linkSync(temp, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw error;
      // A file system without links: nobody's file is written over all the same.
      copyFileSync(temp, path, constants.COPYFILE_EXCL);
    }
    await syncFolder(dirname(path));
    return 'made';
  } catch (error) {
    return codeOf(error) === 'EEXIST' && temp !== null ? 'exists' : { reason: reasonOf(error) };
  } finally {
    if (temp !== null) rmSync(temp, { force: true });
  }
};
