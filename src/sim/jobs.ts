// The scripted terminal: starts, watches, finds again and ends jobs by the rules of the fence. The `Jobs` port of one runner.
import type { LeftOver } from '../core/events.ts';
import {
  type EndReport,
  type JobSpec,
  type Jobs,
  type LaunchSeen,
  type ReconcileSeen,
  type StartRef,
  UnwritableError,
  type WatchSeen,
} from '../engine/ports.ts';
import { changed, kill, sendLaunch, terminate } from './launch.ts';
import type { Process } from './machine.ts';
import type { SpecPlace } from './place.ts';
import { emptyFacts, isOver, livingMembers, newStart, type Start } from './start.ts';
import type { World } from './world.ts';

const launchTimeoutMs = 20_000;
const notStartedMs = 2_000;
const silentWaitMs = 120_000;
const killGraceMs = 5_000;

/** What one life of seqrun remembers of a start. */
interface Tracked {
  start: Start;
  windowClosed: boolean;
  report: EndReport | null;
}

export const createSimJobs = (world: World, spec: SpecPlace, runner: Process): Jobs => {
  const { time } = world;
  const known = new Map<string, Tracked>();

  const tracked = (ref: StartRef): Tracked => {
    let it = known.get(ref.mark);
    if (!it) {
      it = { start: startOf(ref), windowClosed: false, report: null };
      known.set(ref.mark, it);
    }
    return it;
  };
  /** A folder that nobody knows any more has no start: one without anything stands for it. */
  const startOf = (ref: StartRef): Start => {
    const found = spec.starts.get(ref.folder);
    if (found && found.mark === ref.mark) return found;
    return { ...newStart(ref.n, ref.folder, ref.mark, time.monoMs), exists: false };
  };

  /** Until something of the start changes, so much working time has gone by, or the signal aborts. */
  const change = (start: Start, ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      let done = false;
      let cancel = () => {};
      let unwatch = () => {};
      const finish = () => {
        if (done) return;
        done = true;
        cancel();
        unwatch();
        start.onChange.delete(finish);
        signal?.removeEventListener('abort', finish);
        if (runner.alive) resolve();
      };
      if (ms !== Number.POSITIVE_INFINITY) cancel = time.after(ms, finish);
      unwatch = time.watchShifts(() => time.after(1_000, finish));
      start.onChange.add(finish);
      signal?.addEventListener('abort', finish, { once: true });
      if (signal?.aborted) finish();
    });

  const beganOf = (start: Start): Extract<LaunchSeen, { kind: 'began' }> | null =>
    start.exists && start.startedPid !== null
      ? {
          kind: 'began',
          pid: start.startedPid,
          transport: start.window === 'none' ? 'plain' : 'tmux',
          window: start.window === 'none' ? null : `@${start.n}`,
        }
      : null;

  /** Gives a start up, which needs its claim; who loses it waits. */
  const giveUp = async (it: Tracked, because: string): Promise<LaunchSeen> => {
    const { start } = it;
    await runner.step('win the claim');
    if (world.disk.full && start.claim === null) throw unwritable(start);
    if (start.claim === null) {
      start.claim = 'given up';
      changed(world, start);
      await runner.step('after the claim');
    }
    if (start.claim === 'given up') return { kind: 'not_started', message: because };
    const fromMs = time.monoMs;
    for (;;) {
      const began = beganOf(start);
      if (began) return began;
      const [marked] = livingMembers(start);
      const waitedMs = time.monoMs - fromMs;
      if (waitedMs > notStartedMs) {
        if (marked) return { kind: 'began', pid: marked.process.pid, transport: 'plain', window: null };
        return { kind: 'not_started', message: `${because}; it was claimed, but the agent never started` };
      }
      await change(start, 100);
    }
  };

  /** TERM, 5 s, KILL to all that lives; says what there was. */
  const sweep = async (start: Start): Promise<LeftOver[]> => {
    const members = livingMembers(start);
    if (members.length === 0) return [];
    await runner.step('TERM');
    for (const member of members) terminate(world, start, member);
    const untilMs = time.monoMs + killGraceMs;
    while (time.monoMs < untilMs && members.some(({ process }) => process.alive)) await runner.sleep(50);
    if (members.some(({ process }) => process.alive)) {
      await runner.step('KILL');
      for (const member of members) kill(start, member);
      await runner.sleep(10);
    }
    return members.map(({ process }) => ({
      pid: process.pid,
      startTime: String(process.pid),
      command: process.name,
      ended: !process.alive,
    }));
  };

  const close = async (it: Tracked, left: LeftOver[], liveNow: boolean): Promise<EndReport> => {
    const { start } = it;
    if (liveNow && start.window === 'closed' && start.exit?.code !== 0) it.windowClosed = true;
    const swept = await sweep(start);
    await runner.step('read the end');
    const exit = start.exists ? start.exit : null;
    it.report = {
      exit,
      facts: structuredClone(start.exists ? start.facts : emptyFacts(null)),
      classification: {
        class: (start.exists ? start.class : null) ?? (exit === null || exit.signal ? 'interrupted' : 'crashed'),
        evidence: null,
        resetAtMs: start.exists ? start.resetAtMs : null,
        window: null,
      },
      left: [...left.filter(one => !swept.some(({ pid }) => pid === one.pid)), ...swept],
      windowClosed: it.windowClosed,
      startedAtMs: start.beganAtMs || time.wallMs(),
      endedAtMs: exit ? start.exitAtMs : time.wallMs(),
    };
    return it.report;
  };

  const reserve: Jobs['reserve'] = async atLeast => {
    await runner.step('reserve');
    if (world.disk.full) throw new UnwritableError(`${spec.path}/starts`, 'The folder of the start cannot be written');
    let n = atLeast;
    for (const start of spec.starts.values()) if (start.exists) n = Math.max(n, start.n + 1);
    const folder = `/state/${spec.name}/starts/${n}`;
    const mark = `${spec.name}-${n}-${runner.pid}`;
    spec.starts.set(folder, newStart(n, folder, mark, time.monoMs));
    await runner.step('after reserving');
    return { n, folder, mark };
  };

  const launch = async (job: JobSpec): Promise<LaunchSeen> => {
    const it = tracked(job);
    const { start } = it;
    await runner.step('fill the folder');
    if (world.disk.full) throw unwritable(start);
    start.job = job;
    await runner.step('launch');
    sendLaunch(world, spec, start);
    await runner.step('launched');
    const untilMs = time.monoMs + launchTimeoutMs;
    for (;;) {
      const began = beganOf(start);
      if (began) return began;
      if (time.monoMs >= untilMs) return giveUp(it, `not started within ${launchTimeoutMs} ms`);
      if (start.members.every(({ process }) => !process.alive) && start.members.length > 0)
        return giveUp(it, 'launch.sh ended');
      await change(start, untilMs - time.monoMs);
    }
  };

  const reconcile = async (ref: StartRef): Promise<ReconcileSeen> => {
    const it = tracked(ref);
    const { start } = it;
    await runner.step('reconcile');
    if (it.report) return { kind: 'ended', report: it.report };
    if (!start.exists) {
      const [oldest] = livingMembers(start);
      if (oldest) return { kind: 'alive', pid: oldest.process.pid, transport: 'plain', window: null };
      return { kind: 'not_started', message: 'its folder is gone, and nothing of it lives' };
    }
    let began = beganOf(start);
    if (began === null && start.exit === null) {
      const settled = await giveUp(it, 'seqrun ended before it began');
      if (settled.kind === 'began') began = settled;
      else {
        await runner.sleep(20);
        const [lives] = livingMembers(start);
        if (lives) return { kind: 'alive', pid: lives.process.pid, transport: 'plain', window: null };
        if (!ref.began) return settled;
      }
    }
    if (began === null || isOver(start)) return { kind: 'ended', report: await close(it, [], false) };
    return { ...began, kind: 'alive' };
  };

  const watch: Jobs['watch'] = async (ref, { untilMs, stallTimeoutMs, signal }): Promise<WatchSeen> => {
    const it = tracked(ref);
    const { start } = it;
    if (it.report) return { kind: 'ended', report: it.report };
    // What an earlier life has seen of silence is not known: it is counted from here.
    const fromMs = time.monoMs;
    await runner.step('watch');
    for (;;) {
      if (isOver(start)) return { kind: 'ended', report: await close(it, [], true) };
      if (signal.aborted) return { kind: 'nothing' };
      if (start.window === 'closed' && !it.windowClosed) {
        it.windowClosed = true;
        return { kind: 'window_closed' };
      }
      const silentMs = time.monoMs - Math.max(fromMs, start.lastByteMonoMs);
      const idleMs = start.script?.busy ? 0 : time.monoMs - Math.max(fromMs, start.lastSignMonoMs);
      const silentAtMs = Math.min(silentWaitMs, stallTimeoutMs);
      const { waiting } = start.facts;
      if (waiting && silentMs >= silentAtMs) return { kind: 'silent_wait', because: waiting.because };
      if (idleMs >= stallTimeoutMs) return { kind: 'stalled' };
      if (time.wallMs() >= untilMs) return { kind: 'nothing' };
      const waits = [
        time.monoUntil(untilMs) + 1,
        waiting ? silentAtMs - silentMs : Number.POSITIVE_INFINITY,
        start.script?.busy ? Number.POSITIVE_INFINITY : stallTimeoutMs - idleMs,
      ];
      await change(start, Math.max(1, Math.ceil(Math.min(...waits))), signal);
      await runner.step('look');
    }
  };

  const end: Jobs['end'] = async ref => {
    const it = tracked(ref);
    const { start } = it;
    await runner.step('end');
    if (it.report) return it.report;
    if (start.exists && start.claim === null) start.claim = 'given up';
    if (isOver(start)) return close(it, [], false);
    const swept = await sweep(start);
    const untilMs = time.monoMs + 2_000;
    while (start.exists && start.exit === null && time.monoMs < untilMs && !isOver(start)) await change(start, 100);
    return close(
      it,
      swept.filter(left => !left.ended),
      true,
    );
  };

  return { reserve, launch, reconcile, watch, end };
};

const unwritable = (start: Start): UnwritableError =>
  new UnwritableError(start.folder, 'The folder of the start cannot be written');
