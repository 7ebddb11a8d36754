// The loop: decide → write the intent → perform → write the outcome → evolve → publish, until decide says finish.
// Start and resume are the same path; there is no recovery code.
import type { Agent } from '../core/agent.ts';
import { type Action, decide, type Launch } from '../core/decide.ts';
import { defaults } from '../core/defaults.ts';
import type { EventBody, JournalEvent, RunEnd } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import type { OpenStart, State } from '../core/state.ts';
import { ended, intent, neverStarted } from '../core/transition.ts';
import type { TreeNote } from '../core/tree.ts';
import { withUnread } from '../core/unread.ts';
import type { JobMaker } from './job-maker.ts';
import type {
  Clock,
  EndReport,
  Flush,
  Holding,
  Inbox,
  JobSpec,
  Jobs,
  Journal,
  Publisher,
  StartRef,
  Tree,
} from './ports.ts';
import type { SpecDesk } from './spec-desk.ts';

export interface LoopPorts {
  clock: Clock;
  journal: Journal;
  inbox: Inbox;
  jobs: Jobs;
  publisher: Publisher;
  holding: Holding;
  desk: SpecDesk;
  makeJob: JobMaker;
  tree: Tree;
  agentNamed(name: string): Agent;
  /** Hash of the config file now; compared with the run's own after each start. */
  configHash(): Promise<string>;
  /** A fresh random number in [0, 1); absent: no delay has a part by chance. */
  chance?(): number;
  /** Lines for the console: events, the action about to be performed, diagnostics. Must not throw. */
  tell(what: Told): void;
}

export type Told =
  | { kind: 'event'; event: JournalEvent; state: State }
  | { kind: 'action'; action: Action; state: State }
  | { kind: 'warning'; message: string };

/** How the loop is nudged from outside: signals and the like. */
export interface LoopControl {
  /** Aborts the current watch or wait; the next decide sees why. */
  nudge(): void;
  /** A signal asked the run to end: the tree is ended first. */
  stop(request: { because: string; exit: number }): void;
  /** Leaves everything as it is, also an agent that is being ended; the next start adopts it. The process must end then. */
  abandon(): void;
}

export type LoopEnd = { end: RunEnd; exit: number; because: string };

/**
 * Runs a spec until it finishes. `state` is the fold of the journal with `run.started` appended.
 * Throws only on bugs and on `UnwritableError`: then a running agent is left to be adopted.
 */
export const runLoop = async (
  state: State,
  ports: LoopPorts,
  onControl: (control: LoopControl) => void = () => {},
): Promise<LoopEnd> => {
  const { clock, journal, inbox, jobs, publisher, holding, desk, tell } = ports;
  let nudged = new AbortController();
  let abandoned = false;
  let leave: (value: 'left') => void = () => {};
  const left = new Promise<'left'>(resolve => {
    leave = resolve;
  });
  const requests: { because: string; exit: number }[] = [];
  onControl({
    nudge: () => nudged.abort(),
    stop: request => {
      requests.push(request);
      nudged.abort();
    },
    abandon: () => {
      abandoned = true;
      leave('left');
      nudged.abort();
    },
  });
  const unwatch = inbox.watch(() => nudged.abort());
  let readSeq = -1;
  let seenTree: { tree: TreeNote | null; n: number; monotonicMs: number } = { tree: null, n: -1, monotonicMs: 0 };
  let gap = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };

  const append = async (body: EventBody | null, flush: Flush = 'no'): Promise<void> => {
    if (body === null) return;
    for (const event of await journal.append(body, { flush })) {
      evolve(state, event);
      tell({ kind: 'event', event, state });
    }
  };

  /** Ticks that differ from the last reading, and whether the config file changed: read while the start still counts as open. */
  const atEnd = async () => ({ boxes: await desk.boxChanges(state), config: await configNow() });

  /** Hash of the config file when it is not that of the run any more: gates and hooks run what agents wrote. */
  const configNow = async (): Promise<string | null> => {
    const hash = await ports.configHash();
    return hash === state.run!.config ? null : hash;
  };

  const appendEnd = async (open: OpenStart, report: EndReport): Promise<void> => {
    const agent = ports.agentNamed(open.agent);
    const { git } = state.run!.policy;
    // What a gate writes is known, too, where the next run would not begin in a tree that it does not know.
    const asked = open.kind === 'agent' || git === 'check' || git === 'commit';
    // git is asked by a process of its own: meanwhile the files are read.
    const [tree, found] = await Promise.all([asked ? ports.tree.note() : null, atEnd()]);
    if (asked) seenTree = { tree, n: open.n, monotonicMs: clock.monotonicMs() };
    if (open.kind === 'agent') await ports.tree.keep(open.n, 'after');
    const durationMs = report.endedAtMs - report.startedAtMs;
    const chance = ports.chance?.() ?? null;
    const body = ended(state, open, { seen: report, agent, tree, durationMs, chance, ...found });
    // What the agent wrote into our files is overwritten, not taken: while its start counts as open, so that no later life takes it.
    await publisher.reclaim(state);
    await append(body, 'soon');
    await holding.closed();
    await publisher.reclaim(state);
  };

  /** A start that follows at once, with nothing started in between, finds the tree as it was just seen. */
  const treeBefore = async (): Promise<TreeNote | null> => {
    const fresh = clock.monotonicMs() - seenTree.monotonicMs <= defaults.treeFreshMs;
    const same = fresh && seenTree.n === state.lastN && state.run!.policy.git !== 'commit';
    return same ? seenTree.tree : ports.tree.note();
  };

  const finish = async ({ end, exit, because: why }: LoopEnd): Promise<LoopEnd> => {
    const because = exit === 0 ? withUnread(why, desk.spec()) : why;
    await append({ type: 'run.ended', run: state.run!.id, end, exit, because }, 'now');
    await publisher.publish(state);
    await takeCommands(state, ports, append);
    return { end, exit, because };
  };

  const perform = async (action: Exclude<Action, { kind: 'finish' }>): Promise<LoopEnd | null> => {
    switch (action.kind) {
      case 'read': {
        const found = await desk.read(state, publisher);
        for (const message of found.warnings) tell({ kind: 'warning', message });
        if (found.event) await append(found.event);
        // With an event the reading is due again unless nothing but it has happened since.
        readSeq = found.again ? -1 : state.seq;
        return null;
      }
      case 'launch': {
        if (!(await holding.stillOurs())) return lockLost;
        const strange = isAgents(action.job) ? await holding.strangers() : null;
        if (strange !== null) return finish({ end: 'lock_lost', exit: 75, because: strange });
        const reserved = await jobs.reserve(state.lastN + 1, slugOf(action.job));
        const forAgent = action.job.kind === 'agent';
        const tree = forAgent ? await treeBefore() : null;
        if (forAgent) await ports.tree.keep(reserved.n, 'before');
        const job: JobSpec = await ports.makeJob(state, action.job, reserved);
        await append(intent(state, action, reserved, tree), 'now');
        await holding.opened(job);
        const open = state.open!;
        const seen = await jobs.launch(job);
        if (seen.kind === 'not_started') {
          await append(neverStarted(open, seen, (await atEnd()).boxes), 'soon');
          await holding.closed();
        } else {
          await append({
            type: 'start.began',
            n: open.n,
            pid: seen.pid,
            transport: seen.transport,
            window: seen.window,
            adopted: false,
          });
        }
        publisher.publishSoon(state);
        return null;
      }
      case 'reconcile': {
        if (!(await holding.stillOurs())) return lockLost;
        const open = action.start;
        const ref = refOf(open);
        await holding.opened(ref);
        const seen = await jobs.reconcile(ref);
        if (seen.kind === 'alive') {
          await append({
            type: 'start.began',
            n: open.n,
            pid: seen.pid,
            transport: seen.transport,
            window: seen.window,
            adopted: true,
          });
          await publisher.publish(state);
        } else if (seen.kind === 'ended') await appendEnd(open, seen.report);
        else {
          const { boxes } = await atEnd();
          // A folder that is gone tells nothing: it may have run all the same.
          await publisher.reclaim(state);
          await append(neverStarted(open, seen, boxes), 'soon');
          await holding.closed();
        }
        return null;
      }
      case 'watch': {
        const open = action.start;
        const seen = await jobs.watch(refOf(open), {
          untilMs: action.untilMs,
          stallTimeoutMs: state.run!.policy.stallTimeoutMs,
          signal: nudged.signal,
        });
        if (seen.kind === 'ended') await appendEnd(open, seen.report);
        else if (seen.kind === 'stalled')
          await append({ type: 'start.ending', n: open.n, because: 'stalled', by: 'seqrun' }, 'now');
        else if (seen.kind === 'silent_wait') {
          const says = seen.because;
          await append({ type: 'start.ending', n: open.n, because: 'silent_wait', by: 'seqrun', says }, 'now');
        } else if (seen.kind === 'window_closed') {
          await append({ type: 'start.ending', n: open.n, because: 'window_closed', by: 'person' }, 'now');
        }
        return null;
      }
      case 'end': {
        const open = action.start;
        const report = await Promise.race([jobs.end(refOf(open)), left]);
        // The process ends with the loop, and with it the wait before KILL.
        if (report === 'left') return null;
        await appendEnd(state.open!, report);
        return null;
      }
      case 'commit': {
        const { unit, start, atMs } = action;
        const title = state.plan?.units.find(one => one.id === unit)?.title ?? unit;
        // While the unit ran nobody could know when it would be completed, and make a commit that passes for this one.
        const mark = `${state.journal}-${start}-${atMs}`;
        for (const message of await desk.openClaims(state)) tell({ kind: 'warning', message });
        // A hook may take its time; what it does then is found by the next start.
        const made = await Promise.race([ports.tree.commit({ id: unit, title, start, mark }), left]);
        if (made === 'left') return leftCommitting;
        await append({ type: 'unit.committed', unit, start, ...made, ...(await atEnd()) }, 'now');
        return null;
      }
      case 'paused':
      case 'wait': {
        await publisher.publish(state);
        const fromMs = clock.nowMs();
        // A pause without a bound ends by a command, whenever that comes.
        await clock.sleepUntil(action.untilMs ?? Number.POSITIVE_INFINITY, nudged.signal);
        await append({ type: 'waited', because: action.because, fromMs });
        return null;
      }
    }
  };

  try {
    for (;;) {
      if (abandoned && state.open) return leftRunning;
      nudged = new AbortController();
      for (const request of requests.splice(0)) {
        const command = { kind: 'stop' as const, now: true, because: request.because, signal: request.exit };
        await append({ type: 'command', id: `signal-${state.run!.id}-${state.seq}`, command });
      }
      await takeCommands(state, ports, append);
      const [wallMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
      const gapMs = Math.round(wallMs - gap.wallMs - (monotonicMs - gap.monotonicMs));
      gap = { wallMs, monotonicMs };
      if (state.open && Math.abs(gapMs) >= defaults.clockGapMs) await append({ type: 'clock.gap', ms: gapMs });

      const action = decide(state, { nowMs: clock.nowMs(), readSeq });
      tell({ kind: 'action', action, state });
      if (action.kind === 'finish') return await finish(action);
      if (action.kind === 'end') await append(intent(state, action, null), 'now');
      const end = await perform(action);
      if (end) return end;
    }
  } finally {
    unwatch();
    await publisher.settle();
  }
};

const isAgents = ({ kind }: Launch): boolean => kind === 'agent' || kind === 'assign';

const leftRunning: LoopEnd = {
  end: 'signal',
  exit: 130,
  because: 'the agent was left running on the second Ctrl-C: the next start goes on with it',
};

const leftCommitting: LoopEnd = {
  end: 'signal',
  exit: 130,
  because: 'git was left at its commit on the second Ctrl-C: the next start looks whether it was made',
};

const lockLost: LoopEnd = {
  end: 'lock_lost',
  exit: 75,
  because: 'another seqrun has taken over the lock: nothing more is started here, a running agent is left to it',
};

/** Turns the inbox into events. A `stop` meant for another run than this one is dropped. */
const takeCommands = async (
  state: State,
  { inbox, tell }: LoopPorts,
  append: (body: EventBody, flush: Flush) => Promise<void>,
): Promise<void> => {
  for (const { id, run, atMs, command } of await inbox.drain()) {
    const late = command.kind === 'stop' && (run === null ? atMs < state.run!.startedAtMs : run !== state.run!.id);
    if (late || state.lastEnd) {
      if (command.kind === 'stop') tell({ kind: 'warning', message: 'a stop for a run that has ended was dropped' });
      // On disk before its file goes: a person was told that it is taken.
      else if (!late) await append({ type: 'command', id, command }, 'now');
    } else if (!state.applied.has(id)) await append({ type: 'command', id, command }, 'now');
    await inbox.done(id);
  }
};

/** What a start's folder is called, behind its number. */
const slugOf = (job: Launch): string => {
  switch (job.kind) {
    case 'assign':
      return 'all-assign';
    case 'agent':
      return `${job.unit.id}-agent`;
    case 'gate':
      return `${job.unit}-gate-${job.gate.name}`;
    case 'baseline':
      return `baseline-${job.gate.name}`;
  }
};

const refOf = (open: OpenStart): StartRef => ({
  n: open.n,
  unit: open.unit,
  kind: open.kind,
  mark: open.mark,
  folder: open.folder,
  agent: open.agent,
  began: open.began ?? false,
});
