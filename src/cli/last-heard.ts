// When runs that were cut off were last seen to live, beside what their journal says.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEvent } from '../core/events.ts';
import type { PastRun } from '../core/runs.ts';

/**
 * When a run that has no end last wrote the rendering of its last start, epoch ms: a journal says nothing while an agent works. What was
 * written after the next run had begun may be its work, with a start that it has taken over. Never rejects; by run, those that are known.
 */
export const lastHeard = async (
  events: readonly JournalEvent[],
  runs: readonly PastRun[],
): Promise<Map<string, number>> => {
  const folders = new Map<string, string>();
  let now = '';
  for (const event of events) {
    if (event.type === 'run.started') now = event.run;
    if (event.type === 'start.intended') folders.set(now, event.folder);
  }
  const heard = new Map<string, number>();
  for (const [k, { run, ended }] of runs.entries()) {
    const folder = folders.get(run);
    if (ended || folder === undefined) continue;
    const atMs = await stat(join(folder, 'view.log')).then(
      info => Math.floor(info.mtimeMs),
      () => 0,
    );
    if (atMs > 0 && atMs < (runs[k + 1]?.startedAtMs ?? Number.POSITIVE_INFINITY)) heard.set(run, atMs);
  }
  return heard;
};
