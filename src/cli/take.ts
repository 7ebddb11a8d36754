// Takes a spec for writing: its places, both locks, the job that may be alive in the workspace, its journal folded to a state.
import { realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import {
  agentBook,
  agentOptions,
  createJobs,
  findPlaces,
  findTopLevel,
  hold,
  isStillAlive,
  makePlaces,
  type OpenJournal,
  ownIdentity,
  type Places,
  readStartJob,
  removeLeftTemps,
  removeNote,
  removeTempsOfTheDead,
  strangersIn,
  systemClock,
} from '../compose.ts';
import type { EventBody } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import type { SpecWords } from '../core/handoff.ts';
import type { State } from '../core/state.ts';
import type { Flush, Holding } from '../engine/ports.ts';
import { registryOf } from './backend.ts';
import type { Console } from './console.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { type Begun, openState } from './open-state.ts';
import { checkPlaces, placesOf } from './places.ts';
import { shellWord, wordsInWorkdir } from './spec-words.ts';
import { worded } from './worded.ts';

/** Who asks: what of the process matters, and who hears what was found. */
export interface Caller {
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  cwd: string;
  console: Pick<Console, 'say' | 'warn'>;
}

/** A spec that this process holds. `release` gives both locks back; call it once, whatever happens. */
export interface Taken {
  places: Places;
  tasksPath: string;
  workdir: string;
  /** Where settings are looked for when no file is named, absolute: they may name another workdir. */
  settingsFolder: string;
  /** What its state is kept for, absolute, as it was typed. */
  spec: string;
  run: string;
  holding: Holding;
  journal: OpenJournal;
  /** Fingerprint of the state file's entry that the journal began with in this call, or null. */
  adopted: string | null;
  state: State;
  /** The last run of the spec, also where `--fresh` forgets it; null = there was none, or no journal tells of it. */
  last: State['run'];
  /**
   * To be called once before the first `append`, when nothing is refused any more: with `--fresh` it opens the boxes that seqrun ticked,
   * sets the old journal aside and begins a new one. A failure leaves all as it was.
   */
  begin(): Promise<Failure | null>;
  /** How commands name the spec in files that are read in the workdir; of a run, from its own call. */
  specWords: SpecWords;
  release(): Promise<void>;
  /** Appends an event and folds it into `state`. */
  append(body: EventBody, options?: { flush: Flush }): Promise<void>;
}

/**
 * Takes the spec of an intention. A failure is a value; nothing is held then. Touches the state home, the locks, and (with
 * `--adopt-state`) sets a damaged journal aside.
 */
export const takeSpec = async (intention: Intention, io: Caller, run: string): Promise<Taken | Failure> => {
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
    removeTempsOfTheDead(join(places.spec, 'checkpoints'));
    if (held.found.kind === 'unreadable') return await give(worded(65, held.found.message));
    const unseen = held.found.kind === 'note' && held.found.note.spec === places.specFolder;
    const opened = await openState(intention, io, places, { unseen });
    if ('exit' in opened) return await give(opened);
    const { state, last } = opened;
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
    if (isRun(intention)) {
      const survivor = survivorOf(state);
      if (survivor) return await give(survivor);
      const strange = await strangerAtWork([workspace], mark => mark === state.open?.mark);
      if (strange) return await give(strange);
    }
    let begun: Begun | null = 'journal' in opened ? opened : null;
    const inUse = (): Begun => {
      if (begun === null) throw new Error('Internal error: nothing may be written before begin');
      return begun;
    };
    return {
      places,
      tasksPath: typed.tasksPath,
      workdir: typed.workdir,
      settingsFolder: settingsFolderOf(intention, io.cwd),
      spec: typed.spec,
      run,
      holding: withLook(held.holding, workspace, typed.workdir),
      get journal() {
        return inUse().journal;
      },
      get adopted() {
        return inUse().adopted;
      },
      state,
      last,
      begin: async () => {
        if ('journal' in opened) return null;
        const made = await opened.begin(typed.tasksPath);
        if ('exit' in made) return made;
        begun = made;
        for (const event of made.journal.events) evolve(state, event);
        return null;
      },
      specWords: wordsInWorkdir(typed, intention, isRun(intention) ? [] : (last?.words ?? [])),
      release: held.release,
      append: async (body, options = { flush: 'no' }) => {
        for (const event of await inUse().journal.append(body, options)) evolve(state, event);
      },
    };
  } catch (error) {
    await held.release();
    throw error;
  }
};

const settingsFolderOf = ({ origins, values, spec }: Intention, cwd: string): string => {
  if (origins.workdir !== undefined && origins.workdir !== 'config') return resolve(cwd, values.workdir!);
  return origins.spec === 'config' ? cwd : placesOf(spec, null, cwd).workdir;
};

const isRun = ({ command }: Intention): boolean => command === 'run' || command === 'resume';

/** Looks whether a job that somebody else started in this workspace lives. Wins its claim when it never began. */
const stillAlive = async (
  note: { spec: string; folder: string; mark: string; unit: string | null },
  io: Pick<Caller, 'env'>,
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
 * A failure when a process that bears the mark of a start works in a workspace and that mark is not ours. No journal and no note
 * here tells of it: they were removed, the workspace was moved, or it was started with another state home.
 */
const strangerAtWork = async (
  workspaces: readonly string[],
  isMine: (mark: string) => boolean,
): Promise<Failure | null> => {
  const reals = await Promise.all(workspaces.map(one => realpath(one).catch(() => one)));
  const mayBe = (folder: string) => reals.some(real => folder === real || folder.startsWith(real + sep));
  const isInside = async (folder: string) => reals.includes((await findTopLevel(folder)) ?? folder);
  for (const begunMs = performance.now(); ; ) {
    const strangers = (await strangersIn(isInside, mayBe)).filter(({ mark }) => !isMine(mark));
    if (strangers.length === 0) return null;
    if (performance.now() - begunMs > strangerPatienceMs) {
      return {
        exit: 75,
        what: strangers.every(({ mark }) => mark.startsWith('git '))
          ? `git is still at work in this workspace (pid ${strangers[0]!.pid}), called by another seqrun`
          : `a process of another start is still alive in this workspace (pid ${strangers[0]!.pid}), and nothing here tells of that start`,
        where: { name: reals[0]! },
        expected: 'one unit at a time in a working tree',
        next: waitOrKill(strangers),
      };
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};

/**
 * What was held, with the look for strangers. An agent may make the workdir a repository of its own, or take the one around it away:
 * another call finds another workspace there then, and another lock. So both are looked through: that of the beginning and that of now.
 */
const withLook = (holding: Omit<Holding, 'strangers'>, workspace: string, workdir: string): Holding => {
  const own = new Set<string>();
  return {
    ...holding,
    // launch.sh of a start of this run may still be about to go.
    opened: async start => {
      own.add(start.mark);
      await holding.opened(start);
    },
    strangers: async () => {
      const now = (await findTopLevel(workdir)) ?? workdir;
      const strange = await strangerAtWork([workspace, now], mark => own.has(mark));
      return strange && `${strange.what}; ${strange.next}`;
    },
  };
};
