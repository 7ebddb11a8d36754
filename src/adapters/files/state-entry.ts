// An entry of the state file, read leniently: people edit it, other versions and the reference write it.
import * as v from 'valibot';
import type { AdoptedEntry, Assignment } from '../../core/events.ts';
import { type StateEntry, sumOf } from '../../core/project-state.ts';

/** An entry as found. */
export interface FoundEntry {
  /** uuid of the journal it was written from; null = a migrated flat file, or removed by hand. */
  journal: string | null;
  /** Last event in it, or null. */
  seq: number | null;
  /** Hash of the plan whose numbers are in it, or null. */
  tasksHash: string | null;
  /** Its `sum` fits: nobody has changed it since seqrun wrote it. */
  intact: boolean;
  /** Hash of all but `sum`: tells two findings apart. */
  fingerprint: string;
  /** The list as it stands there, units and parents included. */
  completed: string[];
  /** Everything in it, to be taken as a whole. */
  whole: AdoptedEntry;
}

/** The keys that are written anew each time; all others in an entry are kept as they are. */
export const knownKeys: ReadonlySet<string> = new Set<keyof StateEntry | 'sum'>([
  'spec',
  'journal',
  'seq',
  'tasks_hash',
  'completed',
  'rehearsed',
  'halted',
  'halted_at',
  'halted_task',
  'halt_reason',
  'started_at',
  'completed_at',
  'paused',
  'iterations',
  'last_start',
  'last_end',
  'current',
  'counts',
  'assignments',
  'units',
  'window_mapping',
  'limits',
  'claimed',
  'claimed_titles',
  'ticked',
  'title_hashes',
  'sum',
]);

/** Reads an entry. What does not fit its type counts as not there; a sum that does not fit is no error. */
export const readEntry = (raw: Record<string, unknown>): FoundEntry => {
  const entry = v.parse(entrySchema, raw);
  const fingerprint = sumOf(raw);
  const titleHashes = entry.title_hashes;
  const intact = raw.sum === fingerprint;
  // Whatever says that it is done, no agent has worked on it.
  const rehearsed = new Set(entry.rehearsed);
  return {
    journal: entry.journal,
    seq: entry.seq,
    tasksHash: entry.tasks_hash,
    intact,
    fingerprint,
    completed: entry.completed,
    whole: {
      completed: leavesOf(entry.completed, titleHashes, intact).filter(id => !rehearsed.has(id)),
      titleHashes,
      claimed: entry.claimed,
      claimedTitles: entry.claimed_titles,
      open: entry.current,
      limits: Object.fromEntries(
        Object.entries(entry.limits).flatMap(([agent, limit]) =>
          limit?.until ? [[agent, { untilMs: limit.until, because: limit.because, window: limit.window }]] : [],
        ),
      ),
      ticked: entry.ticked,
      assignments: Object.fromEntries(
        Object.entries(entry.assignments).flatMap(([id, given]) => {
          const assignment = given && readAssignment(given);
          return assignment ? [[id, assignment]] : [];
        }),
      ),
      units: Object.fromEntries(
        Object.entries(entry.units).flatMap(([id, unit]) =>
          unit
            ? [
                [
                  id,
                  {
                    status: unit.status,
                    lastOutcome: unit.last_outcome,
                    attempts: unit.attempts,
                    followUps: unit.follow_ups,
                    interrupted: unit.interrupted,
                    lost: unit.lost,
                    session: unit.session_id,
                  },
                ],
              ]
            : [],
        ),
      ),
      halted: entry.halted && entry.halted_task ? { unit: entry.halted_task, reason: entry.halt_reason } : null,
      ...(entry.paused?.since == null ? {} : { paused: { atMs: entry.paused.since, by: entry.paused.by } }),
      iterations: entry.iterations,
      lastStart: entry.last_start,
      startedAtMs: entry.started_at,
    },
  };
};

/**
 * What is taken from an entry that somebody has edited, when there is no journal to compare it with: everything that holds work
 * back (counters, claims, HALT) and the assignments, but no completion. The titles stay: a tick that stood there is no news under
 * another number either.
 */
export const withoutCompletions = (entry: AdoptedEntry): AdoptedEntry => ({ ...entry, completed: [] });

/** Ids written in `completed` by hand may be numbers. */
const ids = v.fallback(
  v.pipe(
    v.array(v.fallback(v.nullable(v.pipe(v.union([v.string(), v.number()]), v.transform(String))), null)),
    v.transform(all => all.filter(id => id !== null && id !== '') as string[]),
  ),
  [],
);
const text = v.fallback(v.nullable(v.string()), null);
const counter = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);
const time = v.fallback(
  v.nullable(
    v.pipe(
      v.string(),
      v.transform(value => Date.parse(value)),
      v.number(),
      v.finite(),
    ),
  ),
  null,
);
const unitSchema = v.fallback(
  v.nullable(
    v.object({
      status: v.fallback(v.string(), 'pending'),
      attempts: counter,
      follow_ups: counter,
      interrupted: counter,
      lost: counter,
      last_outcome: text,
      session_id: text,
    }),
  ),
  null,
);
const limitSchema = v.fallback(
  v.nullable(v.object({ until: time, because: v.fallback(v.string(), 'limited'), window: text })),
  null,
);
const assignmentSchema = v.fallback(
  v.nullable(v.object({ type: text, owner_agent: text, source: text, reason: text })),
  null,
);
const entrySchema = v.object({
  journal: text,
  seq: v.fallback(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
  tasks_hash: text,
  completed: ids,
  rehearsed: ids,
  halted: v.fallback(v.boolean(), false),
  halted_task: text,
  halt_reason: text,
  started_at: time,
  paused: v.fallback(v.nullable(v.object({ since: time, by: v.fallback(v.string(), 'a person') })), null),
  iterations: counter,
  last_start: counter,
  assignments: v.fallback(v.record(v.string(), assignmentSchema), {}),
  units: v.fallback(v.record(v.string(), unitSchema), {}),
  current: v.fallback(
    v.pipe(
      v.nullable(v.looseObject({})),
      v.transform(open => open !== null),
    ),
    false,
  ),
  limits: v.fallback(v.record(v.string(), limitSchema), {}),
  claimed: ids,
  claimed_titles: v.fallback(v.record(v.string(), v.fallback(v.string(), '')), {}),
  ticked: ids,
  title_hashes: v.fallback(v.record(v.string(), v.fallback(v.string(), '')), {}),
});

const readAssignment = (given: NonNullable<v.InferOutput<typeof assignmentSchema>>): Assignment | null => {
  if (!given.owner_agent) return null;
  const type = given.type === 'ui' || given.type === 'review' ? given.type : 'code';
  const source = given.source === 'user' || given.source === 'fallback' ? given.source : 'llm';
  return { type, owner: given.owner_agent, source, reason: given.reason };
};

/**
 * Completed leaves. Parents are left out: should one become a task of its own some day, it must not be done already. What seqrun
 * wrote has a hash for each leaf; what a person or the reference wrote is a parent when a dotted descendant stands beside it.
 */
const leavesOf = (
  completed: readonly string[],
  titleHashes: Readonly<Record<string, string>>,
  intact: boolean,
): string[] => {
  const hashed = new Set(Object.keys(titleHashes));
  if (intact && hashed.size > 0) return completed.filter(id => hashed.has(id));
  const parents = new Set<string>();
  for (const id of completed) {
    for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) parents.add(id.slice(0, dot));
  }
  return completed.filter(id => hashed.has(id) || !parents.has(id));
};
