// What `--verbose` shows of the files that every unit is told to read.
import { resolve } from 'node:path';
import { namedFilesOf } from '../compose/named-files.ts';
import { fileLines } from '../core/prompt.ts';
import type { Intention } from './intention.ts';
import type { TypedPlaces } from './places.ts';
import { bold, type Piece } from './text.ts';

/** A heading, and a line for each file as the prompt has it: relative to the workdir. Looks at the disk. */
export const namedFileLines = (
  { workdir, tasksPath }: TypedPlaces,
  { settings }: Intention,
  cwd: string,
): Piece[][] => {
  const context = [...new Set(settings.contextFiles.map(path => resolve(cwd, path)))];
  const lines = fileLines(namedFilesOf(workdir, tasksPath, context));
  return [[bold('Every unit is told where these are')], ...lines.map(line => [`  ${line}`])];
};
