// What a run says while it runs: everything the loop tells, to the console, to the status window, and as JSON lines.
import { systemClock } from '../../compose.ts';
import { eventLine } from '../../core/event-line.ts';
import type { State } from '../../core/state.ts';
import type { Told } from '../../engine/loop.ts';
import type { Console } from '../console.ts';
import { createCountdown } from '../countdown.ts';
import type { Settings } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { detailLines, eventLines } from '../run-lines.ts';
import { openStatusLog } from '../status-log.ts';
import { worded } from '../worded.ts';

export interface Teller {
  tell(told: Told): void;
  /** Takes away what is rewritten on the terminal. */
  quiet(): void;
  /** Writes the last lines to the status window and closes its file. */
  close(lines: readonly string[]): void;
}

/** Makes one for a run; `banner` is asked for once, as soon as there is a plan. Begins the status file anew. */
export const createTeller = (options: {
  console: Console;
  settings: Pick<Settings, 'json' | 'quiet'>;
  specName: string;
  statusFile: string;
  banner(state: State): string[];
}): Teller => {
  const { console, settings } = options;
  const status = openStatusLog(options.statusFile);
  const say = (line: string, ...rest: string[]) => {
    const lines = [line, ...rest].map(localTimes);
    status.add(lines.join('\n'));
    if (!settings.json) for (const one of lines) console.say(one);
  };
  const live = settings.json || settings.quiet ? () => undefined : console.live;
  const countdown = createCountdown({ live, clock: systemClock(), status: status.add });
  let hasBanner = false;
  return {
    tell: told => {
      countdown.stop();
      if (told.kind === 'warning') {
        console.report('warning', worded(0, told.message));
        status.add(`warning: ${told.message}`);
        return;
      }
      if (told.kind === 'event') {
        if (settings.json) console.json(eventLine(told.event, told.state, options.specName));
        const [line, ...rest] = eventLines(told.event, told.state);
        if (line !== undefined) say(line, ...rest);
        if (!settings.json) for (const line of detailLines(told.event)) console.detail(line);
        return;
      }
      if (!hasBanner && told.state.plan !== null && told.action.kind !== 'read') {
        hasBanner = true;
        for (const line of options.banner(told.state)) say(line);
      }
      if (told.action.kind === 'wait') countdown.start(told.action.untilMs, told.action.because, say);
    },
    quiet: countdown.stop,
    close: lines => {
      for (const line of lines) status.add(localTimes(line));
      status.close();
    },
  };
};
