// What a run says while it runs: everything the loop tells, to the console, to the status window, and as JSON lines.
import { systemClock } from '../../compose.ts';
import { eventLine } from '../../core/event-line.ts';
import type { SpecWords } from '../../core/handoff.ts';
import type { State } from '../../core/state.ts';
import { withSpec } from '../../core/with-spec.ts';
import type { Told } from '../../engine/loop.ts';
import { bannerLines } from '../banner.ts';
import type { Console } from '../console.ts';
import { createCountdown } from '../countdown.ts';
import type { Settings } from '../intention.ts';
import { openLive } from '../live/open.ts';
import { localTimes } from '../local-time.ts';
import { detailLines, eventLines, rule } from '../run-lines.ts';
import { bothWords } from '../spec-words.ts';
import { openStatusLog } from '../status-log.ts';
import { worded } from '../worded.ts';
import type { Watching } from './perform.ts';
import type { Beginning } from './whole.ts';

export interface Teller {
  tell(told: Told): void;
  /** Takes away what is rewritten on the terminal. */
  quiet(): void;
  /** Writes the last lines to the status window and closes its file. */
  close(lines: readonly string[]): void;
}

/** Makes one for a run; `banner` is asked for once, as soon as there is a plan. Begins the status file anew. */
const createTeller = (options: {
  console: Console;
  settings: Pick<Settings, 'json' | 'quiet'>;
  specName: string;
  specWords: SpecWords;
  statusFile: string;
  banner(state: State): string[];
}): Teller => {
  const { console, settings } = options;
  const status = openStatusLog(options.statusFile);
  const shown = (text: string): string => localTimes(withSpec(text, options.specWords));
  const say = (line: string, ...rest: string[]) => {
    const lines = [line, ...rest].map(shown);
    status.add(lines.join('\n'));
    if (!settings.json)
      for (const one of lines) console.say(one === rule ? rule.slice(0, ruleCells(console.columns('stderr'))) : one);
  };
  const clock = systemClock();
  const countdown = createCountdown({ clock, status: status.add });
  const live = settings.json
    ? null
    : openLive(console, 'stderr', {
        specName: options.specName,
        specWords: options.specWords,
        nowMs: clock.nowMs,
        rows: lowerHalf,
      });
  let hasBanner = false;
  return {
    tell: told => {
      countdown.stop();
      if (told.kind === 'warning') {
        console.report('warning', worded(0, told.message));
        status.add(`warning: ${shown(told.message)}`);
        return;
      }
      const wait = told.kind === 'action' && told.action.kind === 'wait' ? told.action : null;
      if (told.state.plan !== null) live?.update({ state: told.state, wait, alive: true });
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
      if (wait) countdown.start(wait.untilMs, wait.because, say);
    },
    quiet: () => {
      countdown.stop();
      live?.close();
    },
    close: lines => {
      for (const line of lines) status.add(localTimes(line));
      status.close();
    },
  };
};

/** How long a rule may be behind `[seqrun] ` without being wrapped; where there is no terminal, as long as it is. */
export const ruleCells = (columns: number | null): number =>
  columns === null ? rule.length : Math.max(1, columns - '[seqrun] '.length - 1);

/** Of a terminal's lines; one stays for the cursor. */
const lowerHalf = (rows: number): number => Math.min(Math.max(4, Math.floor(rows / 2)), rows - 1);

/** The teller of a run, with its banner; `shown` = how the console is to be used. */
export const tellerOf = (
  { prepared, intention, taken }: Beginning,
  { sessionName, attach, statusFile }: Watching,
  console: Console,
  shown: Pick<Settings, 'json' | 'quiet'>,
): Teller => {
  const { settings, origins } = intention;
  const { places } = taken;
  const { workers, policy, prompts } = prepared;
  const { chosen, modes } = workers;
  const banner = { prompts, settings, places, taken, policy, origins, chosen, modes, sessionName, attach };
  return createTeller({
    console,
    settings: shown,
    specName: places.specName,
    specWords: bothWords(intention, []),
    statusFile,
    banner: state => bannerLines({ state, ...banner }),
  });
};
