// What a journal takes over from an entry of STATE.json: everything that keeps work from being done or paid twice.
import type { AdoptedEntry, KeptLimits } from './events.ts';
import { notice, titleHashOf, unitRecord } from './records.ts';
import type { State, UnitRecord } from './state.ts';
import { isDone } from './units.ts';

/**
 * What a journal begins with where there was none; null = a first start. `unseen`: a job of this spec was open, so it is none, even if
 * no entry is left: what is ticked may be that job's doing.
 */
export const adoptedAtBegin = (
  entry: AdoptedEntry | null,
  { unseen, fingerprint }: { unseen: boolean; fingerprint: string | null },
): AdoptedEntry | null => {
  if (!unseen && !entry) return null;
  return {
    ...(entry ?? nothing),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(unseen ? { open: true } : {}),
  };
};

const nothing: AdoptedEntry = {
  completed: [],
  titleHashes: {},
  claimed: [],
  ticked: [],
  assignments: {},
  units: {},
  halted: null,
  iterations: 0,
  lastStart: 0,
  startedAtMs: null,
};

/** The claims that `--fresh` keeps: those of the journal it forgets, and of the entry beside it. */
export const keptClaims = (
  state: Pick<State, 'claimed' | 'claimedTitles'>,
  entry: Pick<AdoptedEntry, 'claimed' | 'claimedTitles'> | null,
): { claimed: string[]; claimedTitles?: Record<string, string> } => {
  const titles = { ...entry?.claimedTitles, ...Object.fromEntries(state.claimedTitles) };
  return {
    claimed: [...new Set([...state.claimed, ...(entry?.claimed ?? [])])],
    ...(Object.keys(titles).length === 0 ? {} : { claimedTitles: titles }),
  };
};

/**
 * The limits that `--fresh` keeps: those of real agents that are still closed at `nowMs`, and with them how often in a row one was met.
 * null when none is closed.
 */
export const keptLimits = (
  { limits, limitedInRow, limitedInAll }: Pick<State, 'limits' | 'limitedInRow' | 'limitedInAll'>,
  nowMs: number,
): KeptLimits | null => {
  const closed = [...limits].filter(([agent, { untilMs }]) => untilMs > nowMs && agent !== 'rehearsal');
  return closed.length === 0 ? null : { closed: Object.fromEntries(closed), inRow: limitedInRow, inAll: limitedInAll };
};

/**
 * Merges an entry of STATE.json: union of completions and claims, maximum of counters. Never loses any; only what a person has taken
 * back since the journal began is not done again because of it.
 */
export const adopt = (state: State, entry: AdoptedEntry, atMs: number): void => {
  if (entry.fingerprint !== undefined) state.takenOver.add(entry.fingerprint);
  const titles = new Map(Object.entries(entry.claimedTitles ?? {}).map(([hash, id]) => [id, hash]));
  const claimed = entry.claimed.flatMap(id => hereAs(state, id, titles.get(id) ?? '') ?? []);
  for (const was of entry.completed) {
    const titleHash = entry.titleHashes[was] ?? '';
    const id = hereAs(state, was, titleHash);
    if (id === null || state.done.has(id)) continue;
    if (state.takenBack.has(titleHash || titleHashOf(state, id))) {
      // Nobody can tell whether the entry knows of that, or is older.
      notice(state, `task ${id} is done in the state file, but a person has taken that back: not counted`);
    } else state.done.set(id, { by: 'agent', atMs, start: null, titleHash });
  }
  for (const id of claimed) if (!state.done.has(id)) state.claimed.add(id);
  for (const [hash, id] of Object.entries(entry.claimedTitles ?? {})) {
    if (!state.claimedTitles.has(hash)) state.claimedTitles.set(hash, id);
  }
  for (const id of entry.ticked) state.ticked.add(id);
  if (state.plan === null) {
    // Ticked and not believed: known by its title, so that its tick is no news under whatever number the file gives it.
    state.leaves = entry.ticked.flatMap(id => {
      const titleHash = state.done.has(id) ? '' : (entry.titleHashes[id] ?? '');
      return titleHash === '' ? [] : [{ id, titleHash, above: '', as: { id, titleHash } }];
    });
  }
  // A job ran when it was written, and nobody has seen its end: what is ticked since then may be its doing.
  if (entry.open) state.tickedUnread = true;
  for (const [agent, limit] of Object.entries(entry.limits ?? {})) {
    if ((state.limits.get(agent)?.untilMs ?? 0) < limit.untilMs) state.limits.set(agent, limit);
  }
  for (const [unit, given] of Object.entries(entry.assignments)) {
    if (state.assignments.get(unit)?.source !== 'user') state.assignments.set(unit, given);
  }
  for (const [id, was] of Object.entries(entry.units)) {
    const record = unitRecord(state, id);
    record.attempts = Math.max(record.attempts, was.attempts);
    record.followUps = Math.max(record.followUps, was.followUps);
    record.interrupted = Math.max(record.interrupted, was.interrupted);
    record.lost = Math.max(record.lost, was.lost);
    if (was.status === 'failed' && record.standing.kind === 'fresh') {
      record.standing = { kind: 'failed', because: 'failed before (taken from the state file)', class: 'agent' };
    }
    // Its work is there, and with it its session: what is missing are the gates. No start is known that they would belong to.
    if (was.lastOutcome === 'checking' && record.standing.kind === 'fresh') {
      const missing =
        'that all of it is done: you had said so, and what seqrun knew of it was lost before it was checked';
      askFor(record, missing, was.session);
    }
    if (was.status === 'skipped' && record.standing.kind === 'fresh') {
      record.standing = { kind: 'skipped', because: 'skipped before (taken from the state file)' };
    }
  }
  if (entry.halted && !isStale(entry, entry.halted.unit)) {
    const { unit, reason } = entry.halted;
    const record = unitRecord(state, unit);
    if (record.standing.kind === 'fresh') {
      record.standing = { kind: 'halted', reason, session: entry.units[unit]?.session ?? null };
      haltsAsDone(state, [unit]);
    }
  }
  state.iterations = Math.max(state.iterations, entry.iterations);
  state.lastN = Math.max(state.lastN, entry.lastStart);
  state.firstStartedAtMs = entry.startedAtMs ?? state.firstStartedAtMs;
};

/** A flat file of the reference says for ever that something halted, also when it is done. */
const isStale = ({ units, completed }: AdoptedEntry, unit: string): boolean =>
  units[unit] === undefined && completed.some(id => id === unit || id.startsWith(`${unit}.`));

/**
 * A HALT that is known by the number of its unit alone is not answered by that number being done: it may be another unit's by now. To
 * be called when it is taken over, and with the first plan.
 */
export const haltsAsDone = (state: State, ids: Iterable<string>): void => {
  for (const id of ids) {
    const standing = state.units.get(id)?.standing;
    const unit = state.plan?.units.find(one => one.id === id);
    if (standing?.kind === 'halted' && unit && isDone(state, unit)) standing.decided ??= 'done';
  }
};

/** The id that a leaf of the entry has here; null = its number is another task's, and nobody can tell which one it is. */
const hereAs = ({ leaves }: State, id: string, titleHash: string): string | null => {
  const here = leaves.find(({ as }) => as?.id === id);
  if (titleHash === '' || here?.as?.titleHash === titleHash) return id;
  const same = leaves.flatMap(({ as }) => (as?.titleHash === titleHash ? [as.id] : []));
  if (same.length === 1) return same[0]!;
  return here || same.length > 1 ? null : id;
};

const askFor = (record: UnitRecord, missing: string, session: string | null): void => {
  record.standing = {
    kind: 'again',
    mode: 'follow_up',
    reason: { kind: 'follow_up', missing },
    session,
    notBeforeMs: 0,
    because: 'follow-up: its gates had still to pass (taken from the state file)',
  };
};
