// What is known of a spec now: its state, who runs it, and when its agent last said something. Needs no lock.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { lookAt } from './look.ts';
import { bothWords } from './spec-words.ts';
import type { StatusInput } from './status-view.ts';
import type { Caller } from './take.ts';
import { version } from './version.ts';

/** Looks, and changes nothing; a failure when there is nothing to be seen. */
export const statusOf = async (
  intention: Intention,
  caller: Pick<Caller, 'env' | 'cwd'>,
): Promise<StatusInput | Failure> => {
  const looked = await lookAt(intention, caller, { fresh: true });
  if ('exit' in looked) return looked;
  const { state, places, runner } = looked;
  const folder = state.open?.folder ?? null;
  const times = folder
    ? await Promise.all(
        ['stdout.jsonl', 'stderr.log'].map(name =>
          stat(join(folder, name))
            .then(info => (info.size > 0 ? info.mtimeMs : 0))
            .catch(() => 0),
        ),
      )
    : [];
  return {
    state,
    specName: places.specName,
    runnerPid: runner?.pid ?? null,
    nowMs: Date.now(),
    lastOutputAtMs: Math.max(0, ...times) || null,
    version,
    specWords: bothWords(intention, state.run?.words ?? []),
  };
};
