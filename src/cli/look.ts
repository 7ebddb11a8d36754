// Looks at a spec without holding anything: journal folded, or the state file's word, or the task file alone.
import {
  findPlaces,
  findTopLevel,
  holderOf,
  openDesk,
  ownIdentity,
  type Places,
  readJournal,
  readStateFile,
} from '../compose.ts';
import type { EventBody, JournalEvent } from '../core/events.ts';
import { evolve, fold } from '../core/evolve.ts';
import { emptyState, type State } from '../core/state.ts';
import type { EntryFinding, Publisher } from '../engine/ports.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import type { Io } from './main.ts';
import { checkPlaces, placesOf } from './places.ts';
import { planOptionsOf } from './plan-options.ts';
import { worded } from './worded.ts';

export interface Looked {
  places: Places;
  workdir: string;
  tasksPath: string;
  state: State;
  /** Where the state was read from. */
  source: 'journal' | 'state file' | 'nothing';
  /** The runner that holds the specs folder's lock, when it lives. */
  runner: { pid: number; run: string } | null;
}

/** Reads; changes nothing on disk. A spec that was never run gives a state with a plan and nothing else. */
export const lookAt = async (intention: Intention, io: Io): Promise<Looked | Failure> => {
  const typed = placesOf(intention.spec, intention.settings.workdir, io.cwd);
  const workspace = (await findTopLevel(typed.workdir)) ?? typed.workdir;
  const places = await findPlaces({ env: io.env, specFolder: typed.folder, workspace });
  const reading = await readJournal(places.journal);
  if (reading.kind === 'damaged' || reading.kind === 'unreadable') return worded(reading.exit, reading.message);
  const holder = await holderOf(`${places.specsFolder}/SEQUENTIAL_STATE.lock`, await ownIdentity());
  const runner = holder ? { pid: holder.pid, run: holder.run } : null;
  const base = { places, workdir: typed.workdir, tasksPath: typed.tasksPath, runner };
  if (reading.kind === 'read') return { ...base, state: fold(reading.events), source: 'journal' };

  const wrong = checkPlaces(typed, io.cwd);
  if (wrong) return wrong;
  const state = emptyState();
  const fake = (body: EventBody) => evolve(state, { ...body, seq: state.seq + 1, atMs: 0 } as JournalEvent);
  const entry = await readStateFile(places.stateFile, places.specName);
  const adopted = entry.kind === 'entry' || entry.kind === 'v1' ? entry.entry.whole : null;
  fake({
    type: 'journal.opened',
    version: 1,
    journal: '',
    spec: places.specFolder,
    claimed: [],
    adopted,
    first: adopted === null,
  });
  const desk = openDesk(typed.tasksPath, planOptionsOf(intention.settings), false);
  for (let round = 0; round < 3; round++) {
    const found = await desk.read(state, nothingPublished);
    if (found.event === null) break;
    if (found.event.type === 'spec.unreadable') return worded(found.event.exit, found.event.message);
    fake(found.event);
  }
  return { ...base, state, source: adopted ? 'state file' : 'nothing' };
};

const same: EntryFinding = { kind: 'same' };
const nothingPublished: Publisher = {
  publish: async () => undefined,
  reclaim: async () => undefined,
  inspect: async () => same,
};
