// Takes a spec for writing: its places, both locks, the job that may be alive in the workspace, its journal folded to a state.
import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import {
  agentBook,
  agentOptions,
  createJobs,
  createJournal,
  findPlaces,
  findTopLevel,
  hold,
  isStillAlive,
  keepAside,
  makePlaces,
  migrateStateFile,
  type OpenJournal,
  openJournal,
  ownIdentity,
  type Places,
  readStartJob,
  readStateFile,
  removeLeftTemps,
  removeNote,
  setJournalAside,
  strangersIn,
  systemClock,
  withoutCompletions,
} from '../compose.ts';
import type { AdoptedEntry, EventBody } from '../core/events.ts';
import { evolve, fold } from '../core/evolve.ts';
import type { SpecWords } from '../core/handoff.ts';
import type { State } from '../core/state.ts';
import type { Flush, Holding } from '../engine/ports.ts';
import { registryOf } from './backend.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import type { Io } from './main.ts';
import { checkPlaces, placesOf } from './places.ts';
import { shellWord, specWords, wordsInWorkdir } from './spec-words.ts';
import { worded } from './worded.ts';

/** A spec that this process holds. `release` gives both locks back; call it once, whatever happens. */
export interface Taken {
  places: Places;
  tasksPath: string;
  workdir: string;
  run: string;
  holding: Holding;
  journal: OpenJournal;
  /** Fingerprint of the state file's entry that the journal began with in this call, or null. */
  adopted: string | null;
  state: State;
  /** How commands name the spec in files that are read in the workdir. */
  specWords: SpecWords;
  release(): Promise<void>;
  /** Appends an event and folds it into `state`. */
  append(body: EventBody, options?: { flush: Flush }): Promise<void>;
}

/**
 * Takes the spec of an intention. A failure is a value; nothing is held then. Touches the state home, the locks, and (with
 * `--fresh` or `--adopt-state`) sets an old journal aside.
 */
export const takeSpec = async (intention: Intention, io: Io, run: string): Promise<Taken | Failure> => {
  const typed = placesOf(intention.spec, intention.settings.workdir, io.cwd);
  const wrong = checkPlaces(typed, io.cwd);
  if (wrong) return wrong;
  const workspace = (await findTopLevel(typed.workdir)) ?? typed.workdir;
  const places = await findPlaces({ env: io.env, specFolder: typed.spec, workspace });
  const made = await makePlaces(places);
  if (made.kind === 'unwritable') return worded(73, made.message);

  const identity = { ...(await ownIdentity()), run };
  const { breakLock } = intention.settings;
  const held = await hold({
    workspaceFolder: places.workspace,
    specsFolder: places.specsFolder,
    spec: places.specFolder,
    identity,
    breakLock,
  });
  if (held.kind !== 'held') return worded(held.exit, held.message);
  const give = async (failure: Failure): Promise<Failure> => {
    await held.release();
    return failure;
  };

  try {
    removeLeftTemps(places.stateFile);
    if (held.found.kind === 'unreadable') return await give(worded(65, held.found.message));
    const unseen = held.found.kind === 'note' && held.found.note.spec === places.specFolder;
    const opened = await openState(intention, io, places, { unseen });
    if ('exit' in opened) return await give(opened);
    const { journal, state, adopted } = opened;
    if (held.found.kind === 'note') {
      const { note } = held.found;
      const mine = note.spec === places.specFolder;
      // This spec's own open start is the loop's business; anything else that may live here comes first.
      const known = mine && state.starts.find(start => start.folder === note.folder);
      if (!known || (known.outcome === null && state.open?.folder !== note.folder)) {
        const alive = await stillAlive(note, io, places);
        if (alive) return await give(alive);
        if (mine) await removeNote(places.workspace);
      } else if (known.outcome !== null) await removeNote(places.workspace);
    }
    if (intention.command === 'run' || intention.command === 'resume') {
      const survivor = survivorOf(state);
      if (survivor) return await give(survivor);
      const strange = await strangerAtWork(workspace, state.open?.mark ?? null);
      if (strange) return await give(strange);
    }
    return {
      places,
      tasksPath: typed.tasksPath,
      workdir: typed.workdir,
      run,
      holding: held.holding,
      journal,
      adopted,
      state,
      specWords: wordsInWorkdir(typed.workdir, typed.spec, intention),
      release: held.release,
      append: async (body, options = { flush: 'no' }) => {
        for (const event of await journal.append(body, options)) evolve(state, event);
      },
    };
  } catch (error) {
    await held.release();
    throw error;
  }
};

/** The journal, opened or begun, and its fold. `unseen`: a job of this spec was open, and the end of it may be in no file. */
const openState = async (
  intention: Intention,
  io: Io,
  places: Places,
  { unseen }: { unseen: boolean },
): Promise<{ journal: OpenJournal; state: State; adopted: string | null } | Failure> => {
  const { fresh, adoptState } = intention.settings;
  const clock = systemClock();
  const nowMs = clock.nowMs;
  const opened = await openJournal(places.journal, { nowMs });
  if (opened.kind === 'unwritable') return worded(73, opened.message);
  if (opened.kind === 'damaged' && !adoptState) return worded(65, opened.message);

  let claimed: string[] = [];
  if (opened.kind === 'open') {
    if (opened.cutTail) io.console.warn(`the journal's torn last line was cut off; it is kept in ${opened.cutTail}`);
    if (!fresh) {
      const [first] = opened.journal.events;
      const forgot = first?.type === 'journal.opened' ? (first.forgot ?? null) : null;
      return { journal: opened.journal, state: fold(opened.journal.events), adopted: forgot };
    }
    const before = fold(opened.journal.events);
    if (before.open) {
      return {
        exit: 75,
        what: `start ${before.open.n} may still be running`,
        where: { name: before.open.folder },
        expected: 'no open start before everything is forgotten',
        next: `seqrun stop --now ${specWords(intention)}, or run once without --fresh`,
      };
    }
    claimed = [...before.claimed];
    await opened.journal.close();
  }
  let adopted: AdoptedEntry | null = null;
  let fingerprint: string | null = null;
  if (fresh) {
    const entry = await forgotten(places, nowMs());
    fingerprint = entry?.fingerprint ?? null;
    // The journal that knew them may be gone, or be another machine's.
    claimed = [...new Set([...claimed, ...(entry?.whole.claimed ?? [])])];
  } else {
    const entry = await adoptable(places, adoptState, nowMs());
    if ('exit' in entry) return entry;
    adopted = entry.adopted;
    fingerprint = entry.fingerprint;
    if (entry.message !== null) io.console.say(entry.message);
  }
  if (opened.kind !== 'new') {
    const aside = await setJournalAside(places, nowMs());
    io.console.say(`the former journal and state are kept: ${aside.join(', ')}`);
  }
  const created = await createJournal(
    places.journal,
    {
      type: 'journal.opened',
      version: 1,
      journal: crypto.randomUUID(),
      spec: places.specFolder,
      claimed,
      adopted: adopted && unseen ? { ...adopted, open: true } : adopted,
      forgot: fresh ? fingerprint : null,
      first: adopted === null,
    },
    { nowMs },
  );
  if (created.kind === 'unwritable') return worded(73, created.message);
  return { journal: created.journal, state: fold(created.journal.events), adopted: fingerprint };
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

/** Looks whether a job that somebody else started in this workspace lives. Wins its claim when it never began. */
const stillAlive = async (
  note: { spec: string; folder: string; mark: string; unit: string | null },
  io: Io,
  places: Places,
): Promise<Failure | null> => {
  const job = await readStartJob(note.folder);
  const book = agentBook(agentOptions(registryOf({ commandTemplate: null, agents: {} }, job?.agent ?? null)));
  const jobs = createJobs({
    startsDir: dirname(note.folder),
    agentNamed: book,
    transport: 'plain',
    tmux: null,
    callerEnv: io.env,
    clock: systemClock(),
    zone: 'UTC',
  });
  const seen = await jobs.reconcile({
    n: job?.n ?? 0,
    unit: note.unit,
    kind: job?.kind ?? 'agent',
    mark: note.mark,
    folder: note.folder,
    agent: job?.agent ?? 'codex',
  });
  if (seen.kind !== 'alive') return null;
  const what = note.unit === null ? 'the assignment' : `unit ${note.unit}`;
  const mine = note.spec === places.specFolder;
  const members = (await strangersIn(async () => true)).filter(({ mark }) => mark === note.mark);
  return {
    exit: 75,
    what: `${what} of ${note.spec} is still running in this workspace (pid ${seen.pid})`,
    where: { name: note.folder },
    expected: 'one unit at a time in a working tree',
    next: mine
      ? waitOrKill([{ pid: seen.pid }, ...members.filter(({ pid }) => pid !== seen.pid)])
      : `seqrun --spec ${shellWord(note.spec)} goes on with it, seqrun stop --now --spec ${shellWord(note.spec)} ends it`,
  };
};

/** All of them: launch.sh alone outlives a TERM, as long as its agent lives. */
const waitOrKill = (members: readonly { pid: number }[]): string =>
  `wait for its end, or end it: kill ${members.map(({ pid }) => pid).join(' ')}`;

/** A failure when a process that KILL did not end at the last start still lives: nothing is started beside it. */
const survivorOf = (state: State): Failure | null => {
  const last = state.starts.at(-1);
  const alive = (last?.left ?? []).filter(
    ({ ended, pid, startTime }) => !ended && startTime !== undefined && isStillAlive(pid, startTime),
  );
  if (!last || alive.length === 0) return null;
  return {
    exit: 2,
    what: `${alive.length === 1 ? 'a process' : `${alive.length} processes`} of start ${last.n} survived KILL and still ${alive.length === 1 ? 'lives' : 'live'}: ${alive.map(({ pid, command }) => `${pid} ${command}`).join(', ')}`,
    where: { name: last.folder },
    expected: 'nothing of the last start alive before the next one begins',
    next: `find out what holds ${alive.length === 1 ? 'it' : 'them'} (ps -o pid,stat,wchan,user,args -p ${alive.map(({ pid }) => pid).join(',')}), end ${alive.length === 1 ? 'it' : 'them'}, then run again`,
  };
};

/** launch.sh of a start that has just ended takes up to 2 s to go. */
const strangerPatienceMs = 3_000;

/**
 * A failure when a process that bears the mark of a start works in this workspace and `mine` is not that mark. No journal and no note
 * here tells of it: they were removed, the workspace was moved, or it was started with another state home.
 */
const strangerAtWork = async (workspace: string, mine: string | null): Promise<Failure | null> => {
  const real = await realpath(workspace);
  const isInside = async (folder: string) =>
    (folder === real || folder.startsWith(real + sep)) && ((await findTopLevel(folder)) ?? folder) === real;
  for (const begunMs = performance.now(); ; ) {
    const strangers = (await strangersIn(isInside)).filter(({ mark }) => mark !== mine);
    if (strangers.length === 0) return null;
    if (performance.now() - begunMs > strangerPatienceMs) {
      return {
        exit: 75,
        what: strangers.every(({ mark }) => mark.startsWith('git '))
          ? `git is still at work in this workspace (pid ${strangers[0]!.pid}), called by a seqrun that is gone`
          : `a process of another start is still alive in this workspace (pid ${strangers[0]!.pid}), and nothing here tells of that start`,
        where: { name: real },
        expected: 'one unit at a time in a working tree',
        next: waitOrKill(strangers),
      };
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};
