// The journal of a spec that is held, opened or begun, and its fold: gone on from, taken from the state file, or anew with `--fresh`.
import {
  createJournal,
  keepAside,
  migrateStateFile,
  type OpenJournal,
  openJournal,
  type Places,
  readStateFile,
  renameEntry,
  setJournalAside,
  systemClock,
  withoutCompletions,
} from '../compose.ts';
import { adoptedAtBegin, keptClaims, keptLimits } from '../core/adopt.ts';
import type { AdoptedEntry, EventBody, JournalEvent } from '../core/events.ts';
import { evolve, fold } from '../core/evolve.ts';
import { emptyState, type State } from '../core/state.ts';
import type { Failure } from './errors.ts';
import { formerNameOf } from './former-name.ts';
import type { Intention } from './intention.ts';
import { openOwnBoxes } from './open-own-boxes.ts';
import { lookWords } from './spec-words.ts';
import type { Caller } from './take.ts';
import { worded } from './worded.ts';

/** A journal that can be written. */
export interface Begun {
  journal: OpenJournal;
  /** Fingerprint of the state file's entry that it began with, or null. */
  adopted: string | null;
}

interface OpenedState {
  state: State;
  /** The last run, also where it is forgotten. */
  last: State['run'];
}

/** With `--fresh`: nothing is known, and the old journal is where it was until `begin`. */
interface Fresh extends OpenedState {
  begin(tasksPath: string): Promise<Begun | Failure>;
}

/** The journal, opened or begun, and its fold. `unseen`: a job of this spec was open, and the end of it may be in no file. */
export const openState = async (
  intention: Intention,
  io: Caller,
  places: Places,
  { unseen }: { unseen: boolean },
): Promise<(OpenedState & Begun) | Fresh | Failure> => {
  const { adoptState } = intention.settings;
  const { nowMs } = systemClock();
  const opened = await openJournal(places.journal, { nowMs });
  if (opened.kind === 'unwritable') return worded(73, opened.message);
  if (opened.kind === 'damaged' && !adoptState) return worded(65, opened.message);
  if (opened.kind === 'open' && opened.cutTail) {
    io.console.warn(`the journal's torn last line was cut off; it is kept in ${opened.cutTail}`);
  }
  if (intention.settings.fresh && intention.command === 'run') {
    return freshState(intention, io, places, opened.kind === 'open' ? opened : null);
  }
  if (opened.kind === 'open') {
    const [first] = opened.journal.events;
    const forgot = first?.type === 'journal.opened' ? (first.forgot ?? null) : null;
    const { journal, state } = opened;
    return { journal, state, last: state.run, adopted: forgot };
  }
  const doubtful = opened.kind === 'new' && (await followName(intention, io, places));
  const entry = await adoptable(places, adoptState, nowMs());
  if ('exit' in entry) return entry;
  if (entry.message !== null) io.console.say(entry.message);
  if (opened.kind !== 'new') await setAside(io, places);
  const adopted = adoptedAtBegin(entry.adopted, { unseen: unseen || doubtful, fingerprint: entry.fingerprint });
  const created = await newJournal(places, { claimed: [], adopted, forgot: null });
  if ('exit' in created) return created;
  return { journal: created, state: fold(created.events), last: null, adopted: entry.fingerprint };
};

const freshState = (
  intention: Intention,
  io: Caller,
  places: Places,
  opened: { journal: OpenJournal; state: State } | null,
): Fresh | Failure => {
  const old = opened?.journal ?? null;
  const before = opened?.state ?? emptyState();
  const { nowMs } = systemClock();
  if (before.open) {
    return {
      exit: 75,
      what: `start ${before.open.n} may still be running`,
      where: { name: before.open.folder },
      expected: 'no open start before everything is forgotten',
      next: `seqrun stop --now ${lookWords(intention)}, or run once without --fresh`,
    };
  }
  const begin = async (tasksPath: string): Promise<Begun | Failure> => {
    const doubtful = old === null && (await followName(intention, io, places));
    const entry = await forgotten(places, nowMs());
    const imagine = (body: EventBody) => {
      evolve(before, { ...body, seq: before.seq + 1, atMs: nowMs() } as JournalEvent);
    };
    // The journal that knew what was done may be gone, or be another machine's.
    if (old === null && entry) imagine(openedWith(places, { claimed: [], adopted: entry.whole, forgot: null }));
    const failure = await openOwnBoxes(intention, {
      tasksPath,
      state: before,
      append: async body => {
        if (old === null) imagine(body);
        else for (const event of await old.append(body, { flush: 'now' })) evolve(before, event);
      },
    });
    if (failure) return failure;
    const kept = keptClaims(before, entry?.whole ?? null);
    if (old !== null) {
      await old.close();
      await setAside(io, places);
    }
    const forgot = entry?.fingerprint ?? null;
    const held = before.paused ? { paused: before.paused } : {};
    const limits = keptLimits(before, nowMs());
    const closed = limits ? { limits } : {};
    const adopted = adoptedAtBegin(null, { unseen: doubtful, fingerprint: null });
    const created = await newJournal(places, { ...kept, ...held, ...closed, adopted, forgot });
    return 'exit' in created ? created : { journal: created, adopted: forgot };
  };
  return { state: emptyState(), last: before.run, begin };
};

const setAside = async (io: Caller, places: Places): Promise<void> => {
  const aside = await setJournalAside(places, systemClock().nowMs());
  io.console.say(`the former journal and state are kept: ${aside.join(', ')}`);
};

type Opening = Pick<
  EventBody & { type: 'journal.opened' },
  'claimed' | 'claimedTitles' | 'adopted' | 'forgot' | 'paused' | 'limits'
>;

const openedWith = (places: Places, opening: Opening): EventBody & { type: 'journal.opened' } => ({
  type: 'journal.opened',
  version: 1,
  journal: crypto.randomUUID(),
  spec: places.specFolder,
  ...opening,
  first: opening.adopted === null,
});

const newJournal = async (places: Places, opening: Opening): Promise<OpenJournal | Failure> => {
  const { nowMs } = systemClock();
  const created = await createJournal(places.journal, openedWith(places, opening), { nowMs });
  return created.kind === 'unwritable' ? worded(73, created.message) : created.journal;
};

/**
 * At what looks like a first start: a spec that was renamed gets the entry of its former name, or what its agents had claimed would pass
 * for a person's work. True = nobody can tell whether it was; its ticks are claims then.
 */
const followName = async (intention: Intention, io: Caller, places: Places): Promise<boolean> => {
  const { same, unsure } = await formerNameOf(intention, io.cwd, places);
  if (same) {
    await renameEntry(places.stateFile, same.name, places.specName);
    io.console.say(`the spec was ${same.name} before: its entry in the state file is now that of ${places.specName}`);
  } else if (unsure.length > 0) {
    io.console.say(
      `this spec may be one that is gone from the state file's folder (${unsure.slice(0, 8).join(', ')}): ` +
        'what is ticked in it does not count until you accept it',
    );
  }
  return unsure.length > 0;
};

/** The entry that `--fresh` forgets: the publisher must know it, or it would merge it in as another machine's. */
const forgotten = async (places: Places, nowMs: number) => {
  const reading = await readStateFile(places.stateFile, places.specName);
  if (reading.kind === 'v1') await migrateStateFile(places.stateFile, reading.owner ?? places.specName, nowMs);
  return reading.kind === 'entry' || reading.kind === 'v1' ? reading.entry : null;
};

/** What of the state file a new journal may go on from, with one line about it. */
const adoptable = async (
  places: Places,
  adoptState: boolean,
  nowMs: number,
): Promise<{ adopted: AdoptedEntry | null; fingerprint: string | null; message: string | null } | Failure> => {
  const reading = await readStateFile(places.stateFile, places.specName);
  switch (reading.kind) {
    case 'missing':
      return { adopted: null, fingerprint: null, message: null };
    case 'damaged':
      return worded(reading.exit, reading.message);
    case 'v1': {
      const owner = reading.owner ?? (adoptState ? places.specName : null);
      if (owner === null) return worded(65, (reading as { message: string }).message);
      const kept = await migrateStateFile(places.stateFile, owner, nowMs);
      const message = `the state file had the old flat form: brought into the new one as the entry of ${owner}${kept ? `, kept as ${kept}` : ''}`;
      return {
        adopted: owner === places.specName ? reading.entry.whole : null,
        fingerprint: reading.entry.fingerprint,
        message,
      };
    }
    case 'entry': {
      const { entry } = reading;
      if (entry.intact || adoptState) {
        return {
          adopted: entry.whole,
          fingerprint: entry.fingerprint,
          message: `there was no journal: going on from the state file (${entry.whole.completed.length} completed)`,
        };
      }
      // The next write replaces the entry: what is refused now must still be there for --adopt-state.
      const kept = await keepAside(places.stateFile, 'edited');
      const message =
        `the state file as it was is kept as ${kept}; ` +
        'there was no journal, and the entry in the state file was edited by hand: its assignments and counters are taken, its completions are not (--adopt-state takes them)';
      return { adopted: withoutCompletions(entry.whole), fingerprint: entry.fingerprint, message };
    }
  }
};
