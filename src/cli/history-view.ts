// The runs of a spec as `history` shows them: lines for people, objects for programs. Pure.
import { isRehearsal } from '../core/rehearsed.ts';
import type { PastRun } from '../core/runs.ts';
import { count, durationWords } from '../core/words.ts';

/** What is to be shown: `aliveRun` = the run whose runner lives, or null. */
export interface HistoryInput {
  runs: readonly PastRun[];
  aliveRun: string | null;
  nowMs: number;
  /** When a run that was cut off was last seen to live beside its journal, epoch ms, by run. */
  heardMs?: ReadonlyMap<string, number>;
}

/** Two lines for each run, oldest first; instants are ISO, as everywhere in the core. */
export const historyLines = ({ runs, aliveRun, nowMs, heardMs }: HistoryInput): string[] =>
  runs.flatMap((run, index) => {
    const { startedAtMs, ended, lastAtMs, starts, adopted, outcomes, completed, waitedMs, backend } = run;
    const alive = ended === null && run.run === aliveRun && index === runs.length - 1;
    const untilMs = ended?.atMs ?? (alive ? nowMs : Math.max(lastAtMs, heardMs?.get(run.run) ?? 0));
    // When it was killed nobody has written.
    const least = ended || alive ? '' : 'at least ';
    const waited = waitedMs >= 1000 ? ` (${durationWords(waitedMs)} of it waited)` : '';
    const how = ended
      ? `ended with ${ended.exit}: ${firstLine(ended.because)}`
      : alive
        ? 'runs'
        : 'cut off: its runner was killed';
    const kinds = Object.entries(outcomes).map(([kind, many]) => `${many} ${kind.replaceAll('_', ' ')}`);
    const came = kinds.length > 0 ? `: ${kinds.join(', ')}` : '';
    // What ended in this run it need not have begun.
    const others = adopted > 0 ? ` and ${adopted} adopted` : '';
    const what = isRehearsal({ agent: backend }) ? 'only rehearsed, no agent has worked' : 'done';
    const units = completed.length > 0 ? `; ${what}: ${namesOf(completed)}` : '';
    return [
      `${index + 1}. ${new Date(startedAtMs).toISOString()}, ${least}${durationWords(untilMs - startedAtMs)}${waited}: ${how}`,
      `   ${backend}, ${count(starts, 'start')}${others}${came}${units}`,
    ];
  });

/** The same for programs; times are ISO 8601. */
export const historyObject = ({ runs, aliveRun }: Omit<HistoryInput, 'nowMs' | 'heardMs'>) => ({
  runs: runs.map(({ run, startedAtMs, ended, lastAtMs, backend, starts, outcomes, completed, waitedMs }) => ({
    run_id: run,
    started_at: new Date(startedAtMs).toISOString(),
    ended_at: ended ? new Date(ended.atMs).toISOString() : null,
    last_event_at: new Date(lastAtMs).toISOString(),
    alive: ended === null && run === aliveRun,
    end: ended?.end ?? null,
    exit: ended?.exit ?? null,
    because: ended?.because ?? null,
    backend,
    rehearsed: isRehearsal({ agent: backend }),
    starts,
    outcomes,
    completed,
    waited_s: Math.round(waitedMs / 1000),
  })),
});

const namesMax = 12;

const namesOf = (ids: readonly string[]): string =>
  ids.length > namesMax ? `${ids.slice(0, namesMax).join(', ')} and ${ids.length - namesMax} more` : ids.join(', ');

const firstLine = (text: string): string => text.split('\n')[0]!;
