// A run from its intention to its end, whoever asks for it: refused before it begins, or performed. Prints nothing, listens to no signal.
import { unreadBoxes } from '../../core/unread.ts';
import { UnwritableError } from '../../engine/ports.ts';
import { asLastTime } from '../as-last-time.ts';
import type { Failure } from '../errors.ts';
import { inJobFailure } from '../in-job.ts';
import type { Intention } from '../intention.ts';
import { checkSelection } from '../selection.ts';
import { bothWords } from '../spec-words.ts';
import { type SummaryLine, summaryLines } from '../summary.ts';
import { type Caller, type Taken, takeSpec } from '../take.ts';
import { worded } from '../worded.ts';
import { type Listeners, type Performed, performRun } from './perform.ts';
import { type Prepared, prepareRun } from './prepare.ts';

/** A run that is about to begin: all that was chosen, and the spec that is held for it. */
export interface Beginning {
  prepared: Prepared;
  /** With what the last run was given and this call says nothing about. */
  intention: Intention;
  taken: Taken;
}

/** A run that has been performed. Nothing is held any more; `taken.state` is as the run has left it. */
export interface Whole extends Beginning {
  performed: Performed;
}

/**
 * Runs a spec to its end. A list of failures (never empty; the first one's exit is the run's) = it was refused, or a file of seqrun could
 * not be written. `listen` is called once nothing refuses it any more; a failure from it = it shall not begin after all.
 */
export const wholeRun = async (
  intention: Intention,
  caller: Caller,
  listen: (beginning: Beginning) => Omit<Listeners, 'env'> | Failure,
): Promise<Whole | Failure[]> => {
  const { env, cwd, console } = caller;
  const inJob = inJobFailure(env, 'a run');
  if (inJob) return [inJob];
  const selection = await checkSelection(intention, cwd);
  if (selection.failures.length > 0) return selection.failures;
  for (const note of selection.notes) console.say(note);
  const taken = await takeSpec(intention, caller, crypto.randomUUID());
  if ('exit' in taken) return [taken];
  try {
    const meant = asLastTime(intention, taken.last);
    if ('exit' in meant) return [meant];
    const prepared = await prepareRun(meant, { env, cwd, warn: message => console.warn(message) }, taken);
    if ('exit' in prepared) return [prepared];
    const beginning = { prepared, intention: meant, taken };
    const listeners = listen(beginning);
    if ('exit' in listeners) return [listeners];
    const performed = await performRun(prepared, meant, taken, { env, ...listeners });
    return 'exit' in performed ? [performed] : { ...beginning, performed };
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const failure = worded(73, error.message);
    return [{ ...failure, where: failure.where ?? { name: error.file } }];
  } finally {
    await taken.release();
  }
};

/** How the end of a run is told; see `summaryLines`. */
export const summaryOf = ({ performed, prepared, intention, taken }: Whole): SummaryLine[] =>
  summaryLines({
    state: taken.state,
    exit: performed.end.exit,
    because: performed.end.because,
    startedAtMs: performed.startedAtMs,
    endedAtMs: performed.endedAtMs,
    changes: performed.changes,
    specWords: bothWords(intention, []),
    rehearsal: prepared.policy.backend === 'rehearsal',
    unread: unreadBoxes(performed.spec),
  });
