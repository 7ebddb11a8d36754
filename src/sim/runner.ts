// One seqrun process: takes the spec as the command line does, runs the loop or gives a command, and lets go.
import { adoptedAtBegin } from '../core/adopt.ts';
import type { Agent } from '../core/agent.ts';
import type { Action } from '../core/decide.ts';
import type { Command, EventBody, JournalEvent } from '../core/events.ts';
import { evolve, fold } from '../core/evolve.ts';
import type { PlanOptions } from '../core/plan-types.ts';
import type { Policy } from '../core/policy.ts';
import type { State } from '../core/state.ts';
import { type Flush, type Publisher, UnwritableError } from '../engine/ports.ts';
import { createSimJobs } from './jobs.ts';
import { createSimJournal, openSimJournal, type SimJournal } from './journal.ts';
import { type Held, holdLocks, readNote } from './lock.ts';
import type { SpecPlace } from './place.ts';
import {
  createSimInbox,
  createSimPublisher,
  createSimSpecFile,
  createSimTree,
  makeSimJob,
  type PortContext,
} from './ports.ts';
import type { Control, Desk } from './production.ts';
import { livingMembers } from './start.ts';
import type { World } from './world.ts';

export interface RunOptions {
  policy: Policy;
  plan: PlanOptions;
  hasGit: boolean;
  writeTasks: boolean;
  acceptConfig: boolean;
  adoptState: boolean;
  /** `seqrun resume --answer`. */
  answer: string | null;
  /** A person sees that it only waits for `continue`. */
  onPaused?: () => void;
}

/** How a process ended: its exit code, and why. */
export interface Ended {
  exit: number;
  because: string;
  end?: string;
}

interface Taken {
  held: Held;
  journal: SimJournal;
  state: State;
  adopted: string | null;
  append(body: EventBody, flush?: Flush): Promise<void>;
}

const agent = { machineStream: true } as Agent;

/** `seqrun --spec …`. Never resolves when the process is killed. */
export const runSpec = async (
  context: PortContext,
  options: RunOptions,
  onControl: (control: Control) => void,
): Promise<Ended> =>
  ending(context, async taken => {
    const { world, spec, runner, production } = context;
    const refused = beforeRun(context, taken.state, options);
    if (refused) return refused;
    const runId = `run-${runner.pid}`;
    await taken.append({
      type: 'run.started',
      run: runId,
      version: '0',
      host: 'here',
      pid: runner.pid,
      policy: options.policy,
      config: world.workspace.config.text ?? 'none',
    });
    if (options.answer !== null) {
      const command: Command = { kind: 'resume', answer: options.answer };
      world.truth.person(spec, { command });
      await taken.append({ type: 'command', id: `resume-${runId}`, command });
    }
    if (options.acceptConfig)
      await taken.append({ type: 'config.accepted', config: world.workspace.config.text ?? 'none' });
    const { state } = taken;
    const result = await production.runLoop(
      state,
      {
        clock: world.time.clock(() => runner.alive),
        journal: taken.journal,
        inbox: createSimInbox(context),
        jobs: createSimJobs(world, spec, runner),
        publisher: createSimPublisher(context, taken.adopted),
        holding: taken.held.holding,
        desk: deskOf(context, options),
        makeJob: makeSimJob,
        tree: createSimTree(context, options.hasGit),
        agentNamed: () => agent,
        configHash: async () => world.workspace.config.text ?? 'none',
        tell: told => {
          if (told.kind === 'event') tellEvent(world, spec, told.event, told.state);
          else if (told.kind === 'action') {
            world.tell(() => `  ${spec.name} ${runner.pid}: ${wordsOf(told.action)}`);
            world.truth.action(spec, told.action);
            if (told.action.kind === 'paused') options.onPaused?.();
          }
        },
      },
      onControl,
    );
    return result;
  });

/** An action without what it rests on. */
const wordsOf = (action: Action): string => {
  switch (action.kind) {
    case 'wait':
      return `waits until ${new Date(action.untilMs).toISOString()}: ${action.because}`;
    case 'finish':
      return `finishes with ${action.exit}: ${action.because}`;
    default:
      return action.kind;
  }
};

const tellEvent = (world: World, spec: SpecPlace, event: JournalEvent, state: State): void => {
  world.tell(() => `${spec.name} ${event.seq} ${JSON.stringify(event).slice(0, 400)}`);
  world.tell(() => {
    const standings = [...state.units].map(([id, { standing }]) => `${id} ${standing.kind}`);
    return `  done: ${[...state.done.keys()].join(' ')}; claimed: ${[...state.claimed].join(' ')}; ${standings.join(', ')}`;
  });
  world.truth.observe(spec, event, state);
};

/** What is looked at before `run.started`. */
const beforeRun = ({ world }: PortContext, state: State, options: RunOptions): Ended | null => {
  const last = state.starts.at(-1);
  const survivors = (last?.left ?? []).filter(({ ended, pid }) => !ended && world.machine.processes.has(pid));
  if (survivors.length > 0) return { exit: 2, because: 'a process survived KILL and still lives', end: 'survivor' };
  const now = world.workspace.config.text ?? 'none';
  const before = state.run?.config ?? null;
  const changed = before !== null && before !== now && (state.configChanged !== null || state.open !== null);
  if (changed && !options.acceptConfig)
    return { exit: 2, because: 'the config file was changed while an agent was running', end: 'config' };
  if (options.answer !== null && ![...state.units.values()].some(({ standing }) => standing.kind === 'halted')) {
    return { exit: 64, because: 'no unit waits for an answer', end: 'usage' };
  }
  return null;
};

/** `seqrun retry 2` and its like with no runner alive: applied to journal, boxes and state file. */
export const giveCommand = async (
  context: PortContext,
  options: RunOptions,
  commandsOf: (state: State) => Command[],
): Promise<Ended> =>
  ending(context, async taken => {
    const { world, spec, runner } = context;
    const { state } = taken;
    const desk = deskOf(context, options);
    const publisher = createSimPublisher(context, taken.adopted);
    await settle(desk, publisher, taken);
    const inbox = createSimInbox(context);
    for (const { id, command } of await inbox.drain()) {
      if (command.kind !== 'stop' && !state.applied.has(id))
        await taken.append({ type: 'command', id, command }, 'now');
      await inbox.done(id);
    }
    for (const [k, command] of commandsOf(state).entries()) {
      world.truth.person(spec, { command });
      await taken.append({ type: 'command', id: `cmd-${runner.pid}-${k}`, command }, 'now');
    }
    await settle(desk, publisher, taken);
    await publisher.publish(state);
    return { exit: 0, because: 'applied' };
  });

const settle = async (desk: Desk, publisher: Publisher, taken: Taken): Promise<void> => {
  if (taken.state.open) return;
  for (let round = 0; round < 5; round++) {
    const found = await desk.read(taken.state, publisher);
    if (found.event === null || found.event.type === 'spec.unreadable') return;
    await taken.append(found.event);
  }
};

const deskOf = (context: PortContext, { plan, writeTasks }: RunOptions): Desk =>
  context.production.createDesk({
    name: `${context.spec.path}/tasks.md`,
    specFile: createSimSpecFile(context),
    plan,
    writeTasks,
  });

/** Takes the spec, does it, lets go; a disk that refuses ends it with 73. */
const ending = async (context: PortContext, doing: (taken: Taken) => Promise<Ended>): Promise<Ended> => {
  const taken = await take(context);
  if ('exit' in taken) return taken;
  let ended: Ended;
  try {
    ended = await doing(taken);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    ended = { exit: 73, because: error.message, end: 'unwritable' };
  }
  await taken.held.release();
  return ended;
};

const take = async (context: PortContext): Promise<Taken | Ended> => {
  const { world, spec, runner } = context;
  const { workspace, machine } = world;
  const held = await holdLocks(workspace, spec, { machine, process: runner, run: `run-${runner.pid}` });
  if (!held) return { exit: 75, because: 'another seqrun holds the lock', end: 'busy' };
  const give = async (ended: Ended): Promise<Ended> => {
    await held.release();
    return ended;
  };
  try {
    await runner.step('read the note');
    const note = readNote(workspace);
    const opened = await openState(context, { unseen: note?.spec === spec.path });
    if ('exit' in opened) return await give(opened);
    const { journal, state, adopted } = opened;
    if (note) {
      const mine = note.spec === spec.path;
      const known = mine && state.starts.find(start => start.folder === note.folder);
      if (!known || (known.outcome === null && state.open?.folder !== note.folder)) {
        const owner = workspace.specs.find(({ path }) => path === note.spec)!;
        const seen = await createSimJobs(world, owner, runner).reconcile({
          n: owner.starts.get(note.folder)?.n ?? 0,
          unit: note.unit,
          kind: 'agent',
          mark: note.mark,
          folder: note.folder,
          agent: 'codex',
        });
        if (seen.kind === 'alive')
          return await give({ exit: 75, because: 'a start is still running in this workspace', end: 'running' });
        if (mine) await held.holding.closed();
      } else if (known.outcome !== null) await held.holding.closed();
    }
    // Nothing here may tell of it: then only its processes do.
    await runner.step('look for strangers');
    const strange = workspace.specs
      .flatMap(one => [...one.starts.values()])
      .some(start => livingMembers(start).length > 0 && start.mark !== state.open?.mark);
    if (strange) {
      const survivor = (state.starts.at(-1)?.left ?? []).some(({ ended }) => !ended);
      return await give({ exit: survivor ? 2 : 75, because: 'a process of another start is alive', end: 'strange' });
    }
    world.truth.observeLife(spec, { state, events: journal.events });
    const append = async (body: EventBody, flush: Flush = 'no'): Promise<void> => {
      for (const event of await journal.append(body, { flush })) {
        evolve(state, event);
        tellEvent(world, spec, event, state);
      }
    };
    return { held, journal, state, adopted, append };
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    return await give({ exit: 73, because: error.message, end: 'unwritable' });
  }
};

const openState = async (
  context: PortContext,
  { unseen }: { unseen: boolean },
): Promise<{ journal: SimJournal; state: State; adopted: string | null } | Ended> => {
  const { world, spec, runner, production } = context;
  const opened = await openSimJournal(world, spec, runner, production);
  if (opened.kind === 'damaged') {
    world.truth.broken('journal', `it was damaged by nothing that may damage it: ${opened.message}`);
    return { exit: 65, because: opened.message, end: 'damaged' };
  }
  if (opened.kind === 'open') {
    const { journal } = opened;
    return { journal, state: fold(journal.events), adopted: null };
  }
  const { text } = world.workspace.state;
  const reading = text === null ? { kind: 'missing' as const } : production.readEntry(text, spec.name);
  if (reading.kind === 'damaged') return { exit: 65, because: reading.why, end: 'damaged' };
  const entry =
    reading.kind === 'missing' ? null : reading.intact ? reading.whole : production.withoutCompletions(reading.whole);
  const fingerprint = reading.kind === 'entry' ? reading.fingerprint : null;
  const adopted = adoptedAtBegin(entry, { unseen, fingerprint });
  world.tell(() => `there is no journal; the state file: ${text ?? 'none'}`);
  world.tell(() => `the task file: ${spec.tasks.text}`);
  world.truth.journalLost(spec, reading.kind === 'entry' ? reading : null);
  const journal = await createSimJournal(world, spec, runner, {
    type: 'journal.opened',
    version: 1,
    journal: `journal-${runner.pid}`,
    spec: spec.path,
    claimed: [],
    adopted,
    forgot: null,
    first: adopted === null,
  });
  return {
    journal,
    state: fold(journal.events),
    adopted: fingerprint,
  };
};
