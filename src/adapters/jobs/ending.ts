// From "it has ended" to a report: sweep what is left, read the rest of the stream, ask the agent's classifier.
import type { Agent, ProcessEnd } from '../../core/agent.ts';
import type { LeftOver } from '../../core/events.ts';
import type { EndReport } from '../../engine/ports.ts';
import { readAfterwards } from './afterwards.ts';
import { modifiedMs, readExit, readStarted, removeLaunch } from './folder.ts';
import { isLive } from './process-table.ts';
import { knownStarted, livingMembers, stopWatchingFolder, type Tracked } from './tracked.ts';
import { endMembers, launchLives, signalSame } from './tree.ts';
import type { JobsWorld } from './world.ts';

/**
 * Ends what outlived the agent, reads the stream to its end, closes the view and gives the report. `exit` null = launch.sh
 * is gone and left no exit file. Called once per start; the report is kept in `tracked`.
 */
export const closeStart = async (
  tracked: Tracked,
  options: { left: LeftOver[]; liveNow: boolean },
  world: JobsWorld,
): Promise<EndReport> => {
  const swept = await endMembers(world.source, () => livingMembers(tracked, world.source), {
    graceMs: world.killGraceMs,
    monotonicMs: world.monotonicMs,
  });
  // Asked after the sweep: launch.sh may have written it meanwhile.
  const exit = readExit(tracked.ref.folder, tracked.ref.mark);
  await tracked.stream.finish();
  // It never came to blank the values.
  const { folder, mark } = tracked.ref;
  if (tracked.started === null && readStarted(folder, mark) === null) removeLaunch(folder);
  stopWatchingFolder(tracked);
  // File times carry fractions of a millisecond, which no reader of times expects.
  const startedAtMs = Math.floor(startedMs(tracked) ?? world.nowMs());
  const endedAtMs = Math.floor(exit?.atMs ?? (options.liveNow ? world.nowMs() : lastOutputMs(tracked, startedAtMs)));
  const report = {
    exit: exit?.end ?? null,
    ...judge(tracked, world.agentNamed(tracked.ref.agent), exit?.end ?? null, {
      startedAtMs,
      endedAtMs,
      zone: world.zone,
    }),
    left: merge(options.left, swept).map(one => ({ ...one, command: tracked.secrets.hide(one.command) })),
    windowClosed: tracked.windowClosed,
    startedAtMs,
    endedAtMs,
  };
  tracked.report = report;
  return report;
};

/**
 * After the tree has been ended: launch.sh now only has to write how it ended. Waits up to 2 s for that; a launch.sh that
 * does not (it was stopped) is killed.
 */
export const awaitLaunchEnd = async (tracked: Tracked, world: JobsWorld): Promise<void> => {
  const started = knownStarted(tracked, world.source);
  const untilMs = world.monotonicMs() + 2_000;
  while (readExit(tracked.ref.folder, tracked.ref.mark) === null) {
    if (started === null || !launchLives(world.source, started)) return;
    if (world.monotonicMs() > untilMs) {
      const row = world.source.one(started.pid);
      if (isLive(row)) signalSame(world.source, { pid: started.pid, startTime: started.start }, 'SIGKILL');
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
};

const judge = (
  tracked: Tracked,
  agent: Agent,
  exit: ProcessEnd | null,
  times: { startedAtMs: number; endedAtMs: number; zone: string },
): Pick<EndReport, 'facts' | 'classification'> => {
  const { reader } = tracked.stream;
  const wanted = agent.afterwards(reader.facts(), tracked.env);
  const file = wanted === null ? null : readAfterwards(wanted);
  const classification = reader.classify({ exit, file, ...times });
  return { classification, facts: reader.facts() };
};

/** When launch.sh added to the claim is not kept: how it ended goes to another file, so that is the claim's last change. */
const startedMs = (tracked: Tracked): number | null =>
  modifiedMs(tracked.paths.claim) ?? modifiedMs(tracked.paths.launch);

const lastOutputMs = (tracked: Tracked, startedAtMs: number): number =>
  Math.max(startedAtMs, modifiedMs(tracked.paths.stdout) ?? 0, modifiedMs(tracked.paths.stderr) ?? 0);

/** A process that an earlier sweep could not end and a later one did is named once. */
const merge = (first: LeftOver[], second: LeftOver[]): LeftOver[] => [
  ...first.filter(left => !second.some(({ pid }) => pid === left.pid)),
  ...second,
];
