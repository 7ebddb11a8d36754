// Starts, watches, finds again and ends jobs, in tmux windows or as plain children: the engine's `Jobs` port.
import type { Agent } from '../../core/agent.ts';
import { defaults } from '../../core/defaults.ts';
import type { LeftOver } from '../../core/events.ts';
import { hidingReader } from '../../core/hiding-reader.ts';
import { secretsOf } from '../../core/secrets.ts';
import type { Clock, EndReport, Jobs, StartRef } from '../../engine/ports.ts';
import { type TmuxOptions, tmuxClient } from '../tmux/client.ts';
import type { TmuxSession } from '../tmux/sessions.ts';
import { tmuxWindows } from '../tmux/windows.ts';
import { awaitLaunchEnd, closeStart } from './ending.ts';
import { isClaimed, readExit, removeLaunch, startExists, winClaim } from './folder.ts';
import { begun, giveUp, launchStart, unwritable } from './launching.ts';
import { processSource } from './process-table.ts';
import { startReserver } from './reserving.ts';
import { livingMembers, showOnPane, stopWatchingFolder, type Tracked, track } from './tracked.ts';
import { endMembers } from './tree.ts';
import { isOver, watchStart } from './watching.ts';
import type { JobsWorld } from './world.ts';

export interface JobsOptions {
  /** Folder that holds the start folders of this spec; made when missing. */
  startsDir: string;
  agentNamed(name: string): Agent;
  transport: 'tmux' | 'plain';
  /** Needed for transport `tmux`; with `plain` it is still used to ask about windows of adopted starts. */
  tmux:
    | (Pick<TmuxOptions, 'command'> & {
        /** Wanted name; made safe here. */
        sessionName: string;
        /** Finished windows that stay open. */
        keepWindows: number;
        specRealpath: string;
        /** File whose end the window `seqrun` shows. */
        statusFile: string;
      })
    | null;
  /** Environment of seqrun: tmux's client gets it, and its PATH finds sleep. The agent gets `JobSpec.env`. */
  callerEnv: Readonly<Record<string, string | undefined>>;
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** IANA zone for clock times in messages of agents. */
  zone: string;
  /** Something a person should know that changes nothing (a start went on without a window). One line. */
  notice?(message: string): void;
  /** TERM to KILL. */
  killGraceMs?: number;
  /** How long a launch may take before it is given up. */
  launchTimeoutMs?: number;
  /** A claim without `started` and without a living process for so long = it never started. */
  notStartedMs?: number;
  checkEveryMs?: number;
  /** Silence after which an agent that has said that it sits in a limit counts as `silent_wait`. */
  silentWaitMs?: number;
}

/** The port and what only the CLI asks for. */
export interface TmuxJobs extends Jobs {
  /** The session in use (its real name, perhaps with `-2`), or null before the first window or without tmux. */
  session(): TmuxSession | null;
  /** After the last start: removes what was made ahead for the next one. Jobs that live go on. */
  close(): void;
}

/** Launching takes about 10 ms; a machine that is swapping needs seconds. */
const launchTimeoutMsDefault = 20_000;
/** A shell that has the claim writes `started` within a millisecond. */
const notStartedMsDefault = 2_000;

/**
 * Jobs of one spec. One at a time: the caller launches the next only after the last one's report. Touches the starts folder,
 * processes that it can prove to be of its starts, and its own windows. `untilMs` of `watch` is wall time. `reserve`,
 * `launch` and `reconcile` throw `UnwritableError` when a folder cannot be written; nothing has been started then.
 */
export const createJobs = (options: JobsOptions): TmuxJobs => {
  const source = processSource();
  const { nowMs, monotonicMs } = options.clock;
  const launchTimeoutMs = options.launchTimeoutMs ?? launchTimeoutMsDefault;
  const client = options.tmux
    ? tmuxClient({ command: options.tmux.command, env: options.callerEnv, timeoutMs: launchTimeoutMs })
    : null;
  const reserver = startReserver(options.startsDir);
  const world: JobsWorld = {
    source,
    windows: client && options.tmux ? tmuxWindows({ client, env: options.callerEnv, source, ...options.tmux }) : null,
    agentNamed: name => options.agentNamed(name),
    transport: options.transport,
    callerPath: options.callerEnv.PATH ?? '',
    zone: options.zone,
    notice: message => options.notice?.(message),
    prepareNext: reserver.prepare,
    nowMs,
    monotonicMs,
    launchTimeoutMs,
    killGraceMs: options.killGraceMs ?? defaults.killGraceMs,
    notStartedMs: options.notStartedMs ?? notStartedMsDefault,
    checkEveryMs: options.checkEveryMs ?? defaults.checkEveryMs,
    silentWaitMs: options.silentWaitMs ?? defaults.silentWaitMs,
  };
  /** Only the latest start is of interest: one at a time. */
  let current: Tracked | null = null;

  const tracked = (ref: StartRef, env = options.callerEnv): Tracked => {
    if (current?.ref.mark === ref.mark) return current;
    if (current) {
      current.stream.close();
      stopWatchingFolder(current);
    }
    // What the agent was given, and what it could have got at.
    const secrets = secretsOf({ ...options.callerEnv, ...env });
    const reader = hidingReader(world.agentNamed(ref.agent).reader(), secrets);
    current = track(ref, { reader, env, secrets, monotonicMs: monotonicMs() });
    showOnPane(current, source);
    return current;
  };

  const close = async (it: Tracked, left: LeftOver[], liveNow: boolean): Promise<EndReport> => {
    // Only an end that went wrong just now is worth a question to tmux: was it a person who closed the window? Later it says
    // nothing: a person also closes the windows of what has failed.
    if (
      liveNow &&
      it.window &&
      !it.windowClosed &&
      world.windows &&
      readExit(it.ref.folder, it.ref.mark)?.end.code !== 0
    ) {
      it.windowClosed = (await world.windows.look(it.window)) === 'closed';
    }
    const report = await closeStart(it, { left, liveNow }, world);
    if (it.window) world.windows?.finished(it.window);
    return report;
  };

  const end: Jobs['end'] = async ref => {
    const it = tracked(ref);
    if (it.report) return it.report;
    // A start whose claim can still be won must not begin after this.
    if (startExists(ref.folder) && !isClaimed(ref.folder)) winClaim(ref.folder, 'ended before it began');
    if (isOver(it, world)) return close(it, [], false);
    const swept = await endMembers(source, () => livingMembers(it, source), {
      graceMs: world.killGraceMs,
      monotonicMs,
    });
    await awaitLaunchEnd(it, world);
    // What was asked to go and went is no left-over.
    return close(
      it,
      swept.filter(left => !left.ended),
      true,
    );
  };

  /** A process of the start that is still there after a second, or null. */
  const livesOn = async (it: Tracked) => {
    const untilMs = monotonicMs() + 1_000;
    for (;;) {
      const [oldest] = livingMembers(it, source).sort((a, b) => a.startOrder - b.startOrder);
      if (!oldest || monotonicMs() > untilMs) return oldest ?? null;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };

  const reconcile: Jobs['reconcile'] = async ref => {
    const it = tracked(ref);
    if (it.report) return { kind: 'ended', report: it.report };
    if (!startExists(ref.folder)) {
      // Somebody removed it: only the mark still tells, and whatever bears it may be at work.
      const [oldest] = livingMembers(it, source).sort((a, b) => a.startOrder - b.startOrder);
      if (oldest) return { kind: 'alive', pid: oldest.pid, transport: 'plain', window: null };
      return { kind: 'not_started', message: 'its folder is gone, and nothing of it lives' };
    }
    let began = begun(it);
    if (began === null && readExit(ref.folder, ref.mark) === null) {
      const settled = await giveUp(it, 'seqrun ended before it began', world);
      if (settled.kind === 'began') began = settled;
      else {
        // The claim may have been there and been removed. A launch.sh before the fence is gone in a moment, an agent is not.
        const lives = await livesOn(it);
        if (lives) return { kind: 'alive', pid: lives.pid, transport: 'plain', window: null };
        removeLaunch(ref.folder);
        if (!ref.began) return { kind: 'not_started', message: settled.message };
      }
    }
    showOnPane(it, source);
    if (began === null || isOver(it, world)) return { kind: 'ended', report: await close(it, [], false) };
    return { ...began, kind: 'alive' };
  };

  return {
    session: () => world.windows?.session() ?? null,
    close: reserver.close,
    reserve: async (atLeast, slug) => unwritable(options.startsDir, () => reserver.reserve(atLeast, slug)),
    launch: job => launchStart(tracked(job, job.env), job, world),
    watch: async (ref, how) => {
      const it = tracked(ref);
      if (it.report) return { kind: 'ended', report: it.report };
      return watchStart(it, how, world, () => close(it, [], true));
    },
    end,
    reconcile,
  };
};
