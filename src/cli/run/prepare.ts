// Everything between a taken spec and the first event of its run: what was chosen, and all that refuses the run before it costs anything.
import { existsSync, statSync } from 'node:fs';
import { findTopLevel, lookBeforeRun } from '../../compose.ts';
import { pausedWords } from '../../core/holding-back.ts';
import type { Policy } from '../../core/policy.ts';
import { droppedGates } from '../as-last-time.ts';
import { checkConfigChange } from '../config-change.ts';
import type { Failure } from '../errors.ts';
import { backgroundFailure } from '../gates.ts';
import { checkGitStart } from '../git-start.ts';
import type { Intention } from '../intention.ts';
import { bothWords } from '../spec-words.ts';
import type { Taken } from '../take.ts';
import { baseWorkdir, doneElsewhereWarnings, workdirFailure } from '../workdir-change.ts';
import { policyOf } from './policy.ts';
import { type PromptParts, readPromptParts } from './prompt-parts.ts';
import { lostStateFileWarnings, rehearsedFailure, unansweredWarnings, unaskedAnswer } from './refusals.ts';
import { chooseWorkers, type Workers } from './workers.ts';

/** What of the caller a run depends on, and who hears its warnings. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  cwd: string;
  warn(message: string): void;
}

/** A run that may begin. */
export interface Prepared {
  workers: Workers;
  policy: Policy;
  prompts: PromptParts;
  /** What the next run compares its own workdir with (see `baseWorkdir`); null = nothing tells. */
  baseWorkdir: string | null;
}

/** Prepares the run of a spec that is held. A failure is a value; the journal is not touched, `taken.begin` not called. */
export const prepareRun = async (
  intention: Intention,
  around: Surroundings,
  taken: Taken,
): Promise<Prepared | Failure> => {
  const { settings } = intention;
  const { state, workdir } = taken;
  const warnAll = (warnings: readonly string[]) => {
    for (const warning of warnings) around.warn(warning);
  };
  const base = baseWorkdir(intention, around.cwd);
  const moved = workdirFailure(intention, base, taken.last);
  if (moved) return moved;
  const prompts = await readPromptParts(settings, { cwd: around.cwd, workdir });
  if ('exit' in prompts) return prompts;
  warnAll(prompts.warnings);
  const workers = await chooseWorkers(intention, around, taken);
  if ('exit' in workers) return workers;
  const policy = policyOf(intention, workers, Date.now());
  if (settings.require.includes('change') && (await findTopLevel(workdir)) === null) {
    return {
      exit: 64,
      what: 'a change is required of each unit (--require change), and only git can tell of one',
      where: { name: workdir },
      expected: 'a workdir in a git repository',
      next: 'git init, or leave change out of --require',
    };
  }
  if (settings.templates !== null && !statSync(settings.templates, { throwIfNoEntry: false })?.isDirectory()) {
    return {
      exit: 66,
      what: 'the folder of your own prompts is missing',
      where: { name: settings.templates },
      expected: '"templates" in the config file names a folder, relative to that file',
      next: 'make it, with a task.md for example, or take "templates" out',
    };
  }
  // Those of this call were looked at when it was read.
  const background =
    intention.origins.verify === 'last' ? backgroundFailure(settings.gates, { name: 'the last run' }) : null;
  if (background) return background;
  warnAll(droppedGates(taken.last?.policy ?? null, policy));
  const git = policy.git ?? 'off';
  const looked = await lookBeforeRun({ workdir, tasksPath: taken.tasksPath, git });
  const begin = checkGitStart(git, looked, state, workdir);
  warnAll(begin.warnings);
  const { specFolder } = taken.places;
  const refused =
    begin.failure ??
    (await checkConfigChange(intention, taken)) ??
    rehearsedFailure(state, intention, { backend: policy.backend, specFolder }) ??
    unaskedAnswer(state, intention, specFolder);
  if (refused) return refused;
  const known = { done: state.done.size, last: taken.last };
  warnAll(doneElsewhereWarnings(intention, base, known, bothWords(intention, []).look));
  warnAll(unansweredWarnings(state, intention));
  if (!existsSync(taken.places.stateFile)) warnAll(lostStateFileWarnings(state, intention));
  if (state.paused) around.warn(pausedWords(state.paused));
  return { workers, policy, prompts, baseWorkdir: base ?? taken.last?.workdir ?? null };
};
