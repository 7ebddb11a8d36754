// The task file as the commands that only read it see it: found, read, and how what is wrong with it is shown.
import { readFile, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { defaults } from '../core/defaults.ts';
import type { Diagnostic, Spec } from '../core/task.ts';
import { readSpec } from '../spec/read.ts';
import type { Failure } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import type { Intention } from './intention.ts';
import { checkPlaces, placesOf, type TypedPlaces } from './places.ts';

export interface TaskFile {
  places: TypedPlaces;
  /** The file as the user knows it: relative to where the command was typed. */
  name: string;
  bytes: Uint8Array;
  spec: Spec;
}

/** The task file that `--spec` means, read; or why it cannot be had (65, 66). Never throws; the spec may hold errors. */
export const openTaskFile = async (intention: Intention, cwd: string): Promise<TaskFile | Failure> => {
  const places = placesOf(intention.spec, intention.settings.workdir, cwd);
  const bytes = checkPlaces(places, cwd) ?? (await readTaskFile(places.tasksPath));
  if ('what' in bytes) return bytes;
  const spec = readSpec(bytes, undefined, { dialect: intention.settings.dialect });
  return { places, name: relative(cwd, places.tasksPath) || places.tasksPath, bytes, spec };
};

/** Bytes of the task file, or why they cannot be had: 65 for one that is too large, 66 for the rest. Never throws. */
export const readTaskFile = async (path: string): Promise<Uint8Array | Failure> => {
  const failure = (exit: 65 | 66, what: string, expected: string, next: string): Failure => ({
    exit,
    what,
    where: { name: path },
    expected,
    next,
  });
  try {
    const { size } = await stat(path);
    if (size > defaults.specBytesMax) {
      return failure(
        65,
        `the task file has ${size} bytes`,
        `at most ${defaults.specBytesMax} (5 MB)`,
        'split the spec',
      );
    }
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return failure(66, `the task file cannot be read (${code})`, 'a file this user may read', `ls -l ${path}`);
  }
};

/** A diagnostic as a message with its place; `name` is the file as the user knows it. */
export const diagnosticFailure = (diagnostic: Diagnostic, name: string): Failure => ({
  exit: EXIT.badInput,
  what: diagnostic.message,
  where: { name, line: diagnostic.line, column: diagnostic.column, source: diagnostic.source },
  expected: null,
  next: null,
});

/** The same with the source line where one is meant and not given (the plan knows lines only by number). */
export const withSource = (diagnostics: readonly Diagnostic[], bytes: Uint8Array): Diagnostic[] => {
  if (diagnostics.every(({ line, source }) => line === null || source !== null)) return [...diagnostics];
  const lines = new TextDecoder().decode(bytes).split(/\r\n?|\n/);
  return diagnostics.map(one => {
    if (one.line === null || one.source !== null) return one;
    const source = lines[one.line - 1]?.slice(0, 200) ?? null;
    return { ...one, source, column: one.column ?? (source ?? '').search(/\S|$/) + 1 };
  });
};
