// What is known of a spec now: its state, who runs it, and when its agent last said something. Needs no lock.
import type { Places } from '../compose/look.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { lastOutputMs } from './live/feed.ts';
import { lookAt, unseenWords } from './look.ts';
import { bothWords } from './spec-words.ts';
import type { StatusInput } from './status-view.ts';
import type { Caller } from './take.ts';
import { version } from './version.ts';

/** What `status` shows, and where it was found. */
export interface Status extends StatusInput {
  places: Places;
  /** A doubt about the runner, or null. */
  doubt: string | null;
}

/** Looks, and changes nothing; a failure when there is nothing to be seen. */
export const statusOf = async (
  intention: Intention,
  caller: Pick<Caller, 'env' | 'cwd'>,
): Promise<Status | Failure> => {
  const looked = await lookAt(intention, caller, { fresh: true });
  if ('exit' in looked) return looked;
  const { state, places, runner } = looked;
  const folder = state.open?.folder ?? null;
  return {
    places,
    doubt: unseenWords(looked),
    state,
    specName: places.specName,
    runnerPid: runner?.pid ?? null,
    nowMs: Date.now(),
    lastOutputAtMs: folder === null ? null : await lastOutputMs(folder),
    version,
    specWords: bothWords(intention, state.run?.words ?? []),
  };
};
