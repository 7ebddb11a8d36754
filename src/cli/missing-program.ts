// Whether the program of --command is there, found before a unit is tried with it.
import { resolve } from 'node:path';
import { findExecutable } from '../compose.ts';
import type { Backends } from './backend.ts';
import { type Failure, quote } from './errors.ts';
import type { Intention } from './intention.ts';
import type { Io } from './main.ts';
import { shellWord } from './spec-words.ts';

/** A failure (69) when the program of --command is not there: found before a unit is tried with it. */
export const missingProgram = async (
  { settings: { commandTemplate } }: Intention,
  chosen: Backends,
  { env, workdir }: { env: Io['env']; workdir: string },
): Promise<Failure | null> => {
  const used = chosen.backend === 'command' || chosen.assignBackend === 'command';
  const program = commandTemplate?.[0]?.replaceAll('{workdir}', workdir);
  // Where it is started, its folder is the workdir.
  if (!used || program === undefined || (await findExecutable(program, env.PATH, workdir)) !== null) return null;
  const path = program.includes('/');
  return {
    exit: 69,
    what: `the program of --command is not there, or cannot be run: ${quote(program)}`,
    where: { name: path ? resolve(workdir, program) : 'PATH' },
    expected: path ? 'an executable file' : `an executable named ${quote(program)}`,
    next: path ? `ls -l ${shellWord(resolve(workdir, program))}` : 'install it, or give its whole path',
  };
};
