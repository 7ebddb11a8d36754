// Finds out whether agents would work in another folder than last time though nobody typed one: a job may have made a repository there.
import { existsSync, realpathSync } from 'node:fs';
import type { State } from '../core/state.ts';
import { count } from '../core/words.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { placesOf } from './places.ts';
import { bothWords, shellWord } from './spec-words.ts';

/**
 * The folder that was typed for this call, else the inferred one: there settings are looked for, and agents work unless these name
 * another. null = neither is of any account, as a settings file that was named says where agents work. Looks at the disk.
 */
export const baseWorkdir = ({ origins, settings, spec }: Intention, cwd: string): string | null => {
  if (origins.workdir !== 'config') return placesOf(spec, settings.workdir, cwd).workdir;
  return origins.config === undefined ? placesOf(spec, null, cwd).workdir : null;
};

/**
 * A failure (2) when the workdir is inferred and is not the one that the last run had: with the settings in the old one its gates would
 * be gone. null otherwise, and where no journal tells of it. `base` is what `baseWorkdir` gives.
 */
export const workdirFailure = (intention: Intention, base: string | null, last: State['run']): Failure | null => {
  const { origins } = intention;
  const isTyped = origins.workdir !== undefined && origins.workdir !== 'config';
  const before = last?.workdir ?? null;
  if (isTyped || base === null || before === null || realOf(base) === realOf(before)) return null;
  const call = `seqrun${intention.command === 'resume' ? ' resume' : ''} ${bothWords(intention, []).run}`;
  return {
    exit: 2,
    what: `the last run of this spec had the workdir ${before}; without --workdir it would be another one now`,
    where: { name: base },
    expected:
      'a person who says which: settings are read and agents work there, and a job may have made this folder a repository',
    next: `${call} --workdir ${shellWord(before)} (as last time), or --workdir ${shellWord(base)}`,
  };
};

/**
 * What is said when a workdir was typed that is not the last run's, which is still there, and work counts as done: it was done there.
 * Looks at the disk.
 */
export const doneElsewhereWarnings = (
  { origins, settings }: Intention,
  base: string | null,
  { done, last }: { done: number; last: State['run'] },
  lookWords: string,
): string[] => {
  const isTyped = origins.workdir !== undefined && origins.workdir !== 'config';
  const before = last?.workdir ?? null;
  if (!isTyped || settings.fresh || done === 0 || base === null || before === null) return [];
  if (!existsSync(before) || realOf(base) === realOf(before)) return [];
  return [
    `${count(done, 'task')} that ${done === 1 ? 'counts' : 'count'} as done ${done === 1 ? 'was' : 'were'} done with the workdir ${before}, not in ${base}: go on there with --workdir ${shellWord(before)}, or seqrun reset ${lookWords} does all of it again here`,
  ];
};

const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
