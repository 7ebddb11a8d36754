// `seqrun status`: where everything stands, for people or as JSON. Needs no lock.
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import type { Io } from '../main.ts';
import { statusOf } from '../status-of.ts';
import { statusLines, statusObject } from '../status-view.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const status = await statusOf(intention, io);
  if ('exit' in status) {
    io.console.fail(status);
    return status.exit;
  }
  if (intention.settings.json) io.console.json(statusObject(status), 2);
  else for (const line of statusLines(status)) io.console.out(localTimes(line));
  return 0;
};
