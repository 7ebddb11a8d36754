// A small virtual world for the loop: scripted starts, a journal in memory, and a runner that can die at any port call.
import type { Agent } from '../../src/core/agent.ts';
import type { Launch } from '../../src/core/decide.ts';
import type { Command, EventBody, JournalEvent } from '../../src/core/events.ts';
import { fold } from '../../src/core/evolve.ts';
import type { Plan } from '../../src/core/plan-types.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { State } from '../../src/core/state.ts';
import { agentOfLaunch } from '../../src/core/transition.ts';
import { type LoopEnd, type LoopPorts, runLoop } from '../../src/engine/loop.ts';
import type { EndReport, JobSpec, StartRef } from '../../src/engine/ports.ts';
import { runStarted, t0 } from '../core/given.ts';

/** What one start of the scripted agent does. `silent`: it sits in a limit; `wakes`: so, and ends well just when it is to be ended. */
export type Act =
  | 'done'
  | 'question'
  | 'halt'
  | 'fail'
  | { limitMs: number }
  | 'hang'
  | 'silent'
  | 'wakes'
  | 'dies'
  | 'no_start'
  /** It says that it is done and has changed nothing. */
  | 'idle'
  /** Gates, under `gate:<name>` (`baseline:<name>` before the first unit); without acts they pass. */
  | 'pass'
  | { red: string; code?: number };

export class Crash extends Error {}

interface Process {
  ref: StartRef;
  act: Act;
  session: string | null;
  endsMs: number;
  killed: boolean;
}

export interface World {
  events: JournalEvent[];
  /** Every start that really happened, in order. */
  started: Process[];
  nowMs: number;
  calls: number;
  /** Units that were committed. */
  committed: string[];
  /** Happens while one is committed: a hook. */
  committing: () => void;
  run(crashAt?: number): Promise<LoopEnd>;
  /** Runs until the loop ends by itself, restarting after each crash. */
  runThrough(crashAt: number): Promise<{ end: LoopEnd; state: State }>;
  drop(command: Command): void;
  /** Happens once, in the next wait; without it a wait that nobody ends is an error. */
  waiting: (() => void) | null;
  /** Does something once, while the first start of that kind is watched. */
  during(kind: string, act: () => void): void;
}

const endless: ReadonlySet<Act> = new Set<Act>(['hang', 'silent', 'wakes']);

const agent = { machineStream: true } as Agent;

const redCode = (act: Act): number => (typeof act === 'object' && 'red' in act ? (act.code ?? 1) : 1);

const labelOf = (launch: Launch): string => {
  if (launch.kind === 'agent') return launch.unit.id;
  return launch.kind === 'assign' ? 'assign' : `${launch.kind}:${launch.gate.name}`;
};

/** `ticks`: the boxes that are ticked after each start of an agent. `tree`: the working tree is known, and changed by every agent that has done something. */
export const worldOf = (
  plan: Plan,
  acts: Record<string, Act[]>,
  policy: Partial<Policy> = {},
  options: {
    tree?: true;
    ticks?: string[][];
    configHash?: () => string;
    chance?: number;
    strangers?: () => string | null;
  } = {},
): World => {
  const processes = new Map<string, Process>();
  const intended = new Map<string, JobSpec>();
  const inbox: { id: string; run: null; atMs: number; command: Command }[] = [];
  const startsOf = new Map<string, number>();
  let crashAt = -1;
  let folders = 0;
  let meanwhile: { kind: string; act: () => void } | null = null;

  const world: World = {
    events: [],
    started: [],
    nowMs: t0,
    calls: 0,
    committed: [],
    committing: () => undefined,
    waiting: null,
    drop: command => inbox.push({ id: `c${inbox.length}-${world.nowMs}`, run: null, atMs: world.nowMs, command }),
    during: (kind, act) => {
      meanwhile = { kind, act };
    },
    run: async (at = -1) => {
      crashAt = at;
      if (world.events.length === 0) {
        record({
          type: 'journal.opened',
          version: 1,
          journal: 'j',
          spec: '/s',
          claimed: [],
          adopted: null,
          first: true,
        });
      }
      record(runStarted(policy));
      return runLoop(fold(structuredClone(world.events)), ports);
    },
    runThrough: async at => {
      for (let lives = 0; lives < 20; lives++) {
        try {
          const end = await world.run(at);
          return { end, state: fold(structuredClone(world.events)) };
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          at = -1;
          world.nowMs += 500;
        }
      }
      throw new Error('it never ended');
    },
  };

  const step = (): void => {
    world.calls++;
    if (world.calls === crashAt) throw new Crash('crash');
  };
  const record = (body: EventBody): JournalEvent => {
    const event = structuredClone({ ...body, seq: world.events.length + 1, atMs: world.nowMs }) as JournalEvent;
    world.events.push(event);
    return event;
  };
  /** Of agents that did something: not those that only asked or found nothing to do. */
  const changes = () =>
    world.started.filter(
      one => one.ref.kind === 'agent' && (one.act === 'done' || one.act === 'halt') && world.nowMs >= one.endsMs,
    ).length;
  const alive = (): Process[] => [...processes.values()].filter(one => !one.killed && world.nowMs < one.endsMs);

  const reportOf = (one: Process): EndReport => {
    const { act, killed } = one;
    const text: Record<string, string> = {
      done: 'Fine.\n<promise>TASK_DONE</promise>',
      question: 'Shall I?',
      idle: 'Fine.\n<promise>TASK_DONE</promise>',
      pass: 'ok',
      wakes: 'Fine.\n<promise>TASK_DONE</promise>',
      halt: 'No.\n<promise>HALT</promise>\nwhich one?',
    };
    const limited = typeof act === 'object' && 'limitMs' in act;
    const red = typeof act === 'object' && 'red' in act ? act.red : null;
    const ok = typeof act === 'string' && act in text && !killed;
    return {
      exit:
        act === 'dies'
          ? null
          : killed
            ? { code: null, signal: 'TERM', interrupt: false }
            : { code: ok ? 0 : red === null ? 1 : redCode(act), signal: null, interrupt: false },
      facts: {
        session: one.session,
        model: null,
        finalText: red ?? (ok ? text[act as string]! : null),
        succeeded: ok,
        failure: act === 'fail' || limited ? 'failure event' : null,
        usage: null,
        worked: !limited,
        waiting: act === 'silent' ? { because: 'it waits', evidence: '429' } : null,
        warnings: [],
      },
      classification: {
        class: limited ? 'limited' : ok ? 'success' : act === 'dies' || killed ? 'interrupted' : 'crashed',
        evidence: null,
        resetAtMs: limited ? one.endsMs + act.limitMs : null,
        window: null,
      },
      left: [],
      windowClosed: false,
      startedAtMs: world.nowMs,
      endedAtMs: world.nowMs,
    };
  };

  const ports: LoopPorts = {
    clock: {
      nowMs: () => world.nowMs,
      monotonicMs: () => world.nowMs,
      sleepUntil: async untilMs => {
        step();
        const { waiting } = world;
        if (waiting) {
          world.waiting = null;
          return waiting();
        }
        if (untilMs === Number.POSITIVE_INFINITY) throw new Error('nobody ends this wait');
        world.nowMs = Math.max(world.nowMs, untilMs);
      },
    },
    journal: {
      get events() {
        return world.events;
      },
      append: async body => {
        step();
        const event = record(body);
        step();
        return [structuredClone(event)];
      },
    },
    inbox: {
      drain: async () => inbox.map(one => structuredClone(one)),
      done: async id => {
        step();
        inbox.splice(
          inbox.findIndex(one => one.id === id),
          1,
        );
      },
      watch: () => () => undefined,
    },
    jobs: {
      reserve: async atLeast => {
        step();
        folders = Math.max(folders + 1, atLeast);
        return { n: folders, folder: `/starts/${folders}`, mark: `mark-${folders}` };
      },
      launch: async job => {
        step();
        intended.set(job.mark, job);
        const id = job.label;
        const k = startsOf.get(id) ?? 0;
        const act = acts[id]?.[Math.min(k, (acts[id]?.length ?? 1) - 1)] ?? 'done';
        if (act === 'no_start') {
          startsOf.set(id, k + 1);
          return { kind: 'not_started', message: 'no window' };
        }
        if (alive().length > 0) throw new Error('two alive');
        startsOf.set(id, k + 1);
        const process: Process = {
          ref: job,
          act,
          session: job.session ?? `session-${job.n}`,
          endsMs: endless.has(act) ? Number.POSITIVE_INFINITY : world.nowMs + 5000,
          killed: false,
        };
        processes.set(job.mark, process);
        world.started.push(process);
        step();
        return { kind: 'began', pid: job.n, transport: 'plain', window: null };
      },
      reconcile: async ref => {
        step();
        const found = processes.get(ref.mark);
        if (!found) return { kind: 'not_started', message: 'the claim was ours' };
        if (!found.killed && world.nowMs < found.endsMs)
          return { kind: 'alive', pid: 1, transport: 'plain', window: null };
        return { kind: 'ended', report: reportOf(found) };
      },
      watch: async (ref, { untilMs }) => {
        step();
        if (meanwhile?.kind === ref.kind) {
          meanwhile.act();
          meanwhile = null;
          return { kind: 'nothing' };
        }
        const found = processes.get(ref.mark)!;
        if (found.act === 'silent' || found.act === 'wakes') {
          world.nowMs += 120_000;
          if (found.act === 'wakes') found.endsMs = world.nowMs;
          return { kind: 'silent_wait', because: 'it waits' };
        }
        world.nowMs = Math.min(found.endsMs, untilMs);
        return world.nowMs >= found.endsMs ? { kind: 'ended', report: reportOf(found) } : { kind: 'nothing' };
      },
      end: async ref => {
        step();
        const found = processes.get(ref.mark)!;
        if (world.nowMs < found.endsMs) found.killed = true;
        step();
        return reportOf(found);
      },
    },
    publisher: {
      publish: async () => step(),
      publishSoon: () => undefined,
      settle: async () => undefined,
      reclaim: async () => step(),
      inspect: async () => ({ kind: 'same' }),
    },
    holding: {
      stillOurs: async () => true,
      strangers: async () => options.strangers?.() ?? null,
      opened: async () => step(),
      closed: async () => step(),
    },
    desk: {
      read: async state => {
        step();
        const event: EventBody | null = state.plan ? null : { type: 'plan.made', plan, ticked: [] };
        return { event, again: false, warnings: [] };
      },
      openClaims: async () => [],
      boxChanges: async state => {
        const agents = world.started.filter(one => one.ref.kind === 'agent').length;
        const ticked = options.ticks?.[Math.min(agents, options.ticks.length) - 1] ?? [];
        return { ticked: ticked.filter(id => !state.ticked.has(id)), opened: [] };
      },
      spec: () => null,
    },
    tree: {
      note: async () => (options.tree === true ? { hash: `tree ${changes()}`, repos: [] } : null),
      keep: async () => undefined,
      commit: async ({ id }) => {
        step();
        world.committed.push(id);
        world.committing();
        return { commits: ['abc'], problem: null };
      },
    },
    makeJob: async (_state, launch, reserved) => ({
      ...reserved,
      unit: launch.kind === 'agent' ? launch.unit.id : launch.kind === 'gate' ? launch.unit : null,
      kind: launch.kind,
      agent: agentOfLaunch(launch),
      label: labelOf(launch),
      title: 'x',
      argv: [],
      cwd: '/',
      env: {},
      prompt: '',
      model: null,
      session: launch.kind === 'agent' ? launch.session : null,
      timeoutMs: 1,
      stallTimeoutMs: 1,
    }),
    agentNamed: () => agent,
    chance: () => options.chance ?? 0,
    configHash: async () => options.configHash?.() ?? 'none',
    tell: () => undefined,
  };
  return world;
};
