// `seqrun status`: where everything stands, for people or as JSON. Needs no lock.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { bothWords } from '../spec-words.ts';
import { statusLines, statusObject } from '../status-view.ts';
import { version } from '../version.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
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
  const lastOutputAtMs = Math.max(0, ...times) || null;
  const input = {
    state,
    specName: places.specName,
    runnerPid: runner?.pid ?? null,
    nowMs: Date.now(),
    lastOutputAtMs,
    version,
    specWords: bothWords(intention, state.run?.words ?? []),
  };
  if (intention.settings.json) io.console.json(statusObject(input), 2);
  else for (const line of statusLines(input)) io.console.out(localTimes(line));
  return 0;
};
