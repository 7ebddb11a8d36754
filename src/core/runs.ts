// The runs of a spec as its journal has them, oldest first.
import type { JournalEvent, RunEnd } from './events.ts';

/** One run. Times are epoch ms. */
export interface PastRun {
  run: string;
  startedAtMs: number;
  /** null: it has not ended, or was cut off. `exit` and the rest as the journal has them. */
  ended: { atMs: number; end: RunEnd; exit: number; because: string } | null;
  /** The last thing it has written: where it was cut off when it has no end. */
  lastAtMs: number;
  backend: string;
  /** Starts of agents, and those of them that came to an end in this run, by the kind of their outcome (adopted ones included). */
  starts: number;
  /** Starts of agents of a run before, cut off with it, that were open when this one began, and were settled in it. */
  adopted: number;
  outcomes: Record<string, number>;
  /** Units whose last gate, or agent without gates, completed them in this run. Each once. */
  completed: string[];
  /** Time that it has waited: limits, delays, pauses. */
  waitedMs: number;
}

/** Every `run.started` makes one; what a command of a person writes between two runs belongs to none. */
export const pastRuns = (events: readonly JournalEvent[]): PastRun[] => {
  const runs: PastRun[] = [];
  const unitOf = new Map<number, { unit: string | null; agent: boolean; run: PastRun | undefined }>();
  for (const event of events) {
    if (event.type === 'run.started') {
      runs.push({
        run: event.run,
        startedAtMs: event.atMs,
        ended: null,
        lastAtMs: event.atMs,
        backend: event.policy.backend,
        starts: 0,
        adopted: 0,
        outcomes: {},
        completed: [],
        waitedMs: 0,
      });
      continue;
    }
    const run = runs.at(-1);
    if (!run || run.ended) continue;
    // A command between two runs tells nothing of when the one before was cut off; the start that is open does.
    if (event.type !== 'command') run.lastAtMs = event.atMs;
    switch (event.type) {
      case 'run.ended':
        run.ended = { atMs: event.atMs, end: event.end, exit: event.exit, because: event.because };
        break;
      case 'start.intended':
        unitOf.set(event.n, { unit: event.unit, agent: event.kind === 'agent', run });
        if (event.kind === 'agent') run.starts++;
        break;
      case 'waited':
        run.waitedMs += Math.max(0, event.atMs - event.fromMs);
        break;
      case 'start.ended': {
        const begun = unitOf.get(event.n);
        if (begun?.agent && begun.run !== run) run.adopted++;
        const settled = event.checked ?? (unitOf.get(event.n)?.agent ? event : null);
        if (!settled || settled.outcome.kind === 'checking') break;
        const { outcome } = settled;
        run.outcomes[outcome.kind] = (run.outcomes[outcome.kind] ?? 0) + 1;
        const unit = unitOf.get(event.n)?.unit ?? null;
        if (outcome.kind === 'completed' && unit !== null && !run.completed.includes(unit)) run.completed.push(unit);
      }
    }
  }
  return runs;
};
