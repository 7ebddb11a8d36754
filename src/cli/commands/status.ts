// `seqrun status`: where everything stands, for people or as JSON; with `--watch` until the run ends. Needs no lock.
import { waiting } from '../../core/why.ts';
import type { Screen } from '../console.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import type { Io } from '../main.ts';
import { type Status, statusOf } from '../status-of.ts';
import { statusLines, statusObject } from '../status-view.ts';
import { clean } from '../text.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  if (intention.command === 'status' && intention.watch) return runWatching(intention, io);
  const status = await statusOf(intention, io);
  if ('exit' in status) return refused(status, io);
  if (status.doubt) io.console.warn(status.doubt);
  if (intention.settings.json) io.console.json(statusObject(status), 2);
  else printLines(status, io);
  return 0;
};

const refused = (failure: Failure, { console }: Io): number => {
  console.fail(failure);
  return failure.exit;
};

const printLines = (status: Status, { console }: Io): void => {
  for (const line of statusLines(status)) console.out(localTimes(line));
};

/** On a terminal the live view, and the status when it ends; else a line for each change. */
const runWatching = async (intention: Intention, io: Io): Promise<number> => {
  const { console } = io;
  const first = await statusOf(intention, io);
  if ('exit' in first) return refused(first, io);
  // It may never be seen to end.
  if (first.doubt) console.warn(`${first.doubt}; q or Ctrl-C ends this`);
  const { json } = intention.settings;
  const screen = json || first.runnerPid === null ? null : await console.screen('stdout');
  const [{ watchFile, watchStatus }, { listenForEnd }] = await Promise.all([
    import('../live/watch.ts'),
    import('../live/keys.ts'),
  ]);
  const view = screen ? await viewOn(screen, first) : linesOf(json, io);
  const changes = watchFile(first.places.journal);
  let isEnough = false;
  const deafen = listenForEnd(() => {
    isEnough = true;
    changes.stop();
  }, screen !== null);
  try {
    const last = await watchStatus({
      look: () => {
        changes.seen();
        return statusOf(intention, io);
      },
      show: view.show,
      pause: async () => {
        await changes.changed();
        return !isEnough && !console.unread();
      },
    });
    view.close();
    if ('exit' in last) return refused(last, io);
    if (screen) {
      const { hanging } = await import('../live/cells.ts');
      const columns = console.columns('stdout') ?? 80;
      for (const line of statusLines({ ...first, ...last, nowMs: Date.now() }))
        for (const part of hanging(clean(localTimes(line)), columns - 1)) console.out(part);
    } else if (first.runnerPid === null)
      console.say(`no run is at work: there is nothing to wait for; seqrun ${first.specWords.run} starts one`);
    return 0;
  } finally {
    view.close();
    deafen();
    changes.stop();
  }
};

interface View {
  show(status: Omit<Status, 'places' | 'doubt'>): void;
  close(): void;
}

const viewOn = async (screen: Screen, { specName, specWords }: Status): Promise<View> => {
  const { createLive } = await import('../live/live.ts');
  const live = createLive(screen, { specName, specWords, nowMs: Date.now, rows: all => all - 1 });
  return {
    show: ({ state, runnerPid, nowMs }) =>
      live.update({ state, wait: waiting(state, nowMs), alive: runnerPid !== null }),
    close: live.close,
  };
};

/** One line, or one JSON object, whenever something has happened that makes it another one. */
const linesOf = (json: boolean, { console }: Io): View => {
  let last = { happened: '', line: '' };
  return {
    show: status => {
      // What time alone changes is no news.
      const happened = `${status.state.seq} ${status.runnerPid}`;
      const line = json ? happened : statusLines(status)[0]!;
      if (happened === last.happened || line === last.line) return;
      last = { happened, line };
      if (json) console.json(statusObject(status));
      else console.out(localTimes(line));
    },
    close: () => undefined,
  };
};
