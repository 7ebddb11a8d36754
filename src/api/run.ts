// `runSpec`: a run inside the caller's process. Prints nothing, listens to no signal of the process, never ends it.
import { type Console, createConsole, type Sink } from '../cli/console.ts';
import type { Failure } from '../cli/errors.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { inJobFailure } from '../cli/in-job.ts';
import type { Intention } from '../cli/intention.ts';
import type { Watching } from '../cli/run/perform.ts';
import { type Teller, tellerOf } from '../cli/run/teller.ts';
import { type Beginning, summaryOf, wholeRun } from '../cli/run/whole.ts';
import { bothWords } from '../cli/spec-words.ts';
import { statusObject } from '../cli/status-view.ts';
import type { Piece } from '../cli/text.ts';
import { version } from '../cli/version.ts';
import { type EventLine, eventLine } from '../core/event-line.ts';
import type { RunEnd } from '../core/events.ts';
import { withSpec } from '../core/with-spec.ts';
import type { LoopControl, Told } from '../engine/loop.ts';
import { createBroadcast } from './broadcast.ts';
import { errorOf, understandCall } from './call.ts';
import type { RunOptions } from './options.ts';
import type { SpecState } from './state.ts';

/** What the command line would print between events. */
export interface RunMessage {
  type: 'message';
  severity: 'info' | 'warning';
  text: string;
}

/** Nothing is started before this time; said again when it changes. */
export interface RunWaiting {
  type: 'waiting';
  /** ISO 8601, UTC. */
  until: string;
  because: string;
}

/** What happens in a run, told apart by `type`: a line of `--json`, or what is in no journal. */
export type RunEvent = EventLine | RunMessage | RunWaiting;

/** How a run ended. */
export interface RunResult {
  /** As the exit code of the command line: 0 = all required units are done. */
  exit: number;
  end: RunEnd;
  /** One sentence. */
  because: string;
  /** What is known of the spec now. */
  state: SpecState;
  /** The last screen of the command line, line by line. */
  summary: string[];
}

/** A run that goes on, whether anybody looks or not. */
export interface RunningSpec {
  /**
   * What happens, from the moment you begin to iterate: at once, and you miss nothing. Leaving the loop does not end the run. Throws what
   * `result` rejects with.
   */
  events: AsyncIterable<RunEvent>;
  /** Resolves when the run has ended, whatever its exit. Rejects with a SeqrunError when it could not begin, or could not write. */
  result: Promise<RunResult>;
}

/**
 * Runs a spec to its end in this process. Throws nothing itself: what refuses the run is in `result`. Runs of specs in different
 * workspaces go on side by side; a second one in the same workspace is refused (`locked`). When this process dies the agent lives on, and
 * the next run of the spec goes on with it.
 */
export const runSpec = (options: RunOptions = {}): RunningSpec => {
  const broadcast = createBroadcast<RunEvent>();
  // As they are now: a caller may go on to use both objects for the next run.
  const given = { ...options, env: { ...(options.env ?? process.env) } };
  // Later: who iterates at once hears of everything.
  const result = Promise.resolve()
    .then(() => perform(given, broadcast.send))
    .finally(broadcast.close);
  const events: AsyncIterable<RunEvent> = {
    [Symbol.asyncIterator]: () => {
      const values = broadcast.read();
      // Who iterates hears of a rejection there: that nobody else takes it is no accident.
      result.catch(() => undefined);
      return ending(values, result);
    },
  };
  return { events, result };
};

/** The values, and then what the run rejects with. */
async function* ending(values: AsyncIterable<RunEvent>, result: Promise<unknown>): AsyncGenerator<RunEvent> {
  yield* values;
  await result;
}

const perform = async (options: RunOptions, send: (event: RunEvent) => void): Promise<RunResult> => {
  const { signal } = options;
  const call = await understandCall('run', options);
  const { intention, env, cwd } = call;
  const said =
    (severity: RunMessage['severity']) =>
    (...pieces: Piece[]) =>
      send({ type: 'message', severity, text: pieces.map(textOf).join('') });
  const console = { say: said('info'), warn: said('warning') };
  for (const note of intention.notes) console.say(note);
  // `env` may leave out what marks a job; the variables of this process do not.
  const refused = inJobFailure(process.env, 'a run') ?? (signal?.aborted ? abortedEarly(intention) : null);
  if (refused) throw errorOf(call, [refused]);

  const silence = await createSilence();
  const begun: { teller: Teller | null; unlisten(): void } = { teller: null, unlisten: () => undefined };
  const listen = (beginning: Beginning) => {
    if (signal?.aborted) return abortedEarly(intention);
    return {
      begun: (watching: Watching) => {
        const teller = tellerOf(beginning, watching, silence, { json: false, quiet: true });
        begun.teller = teller;
        const tell = telling(beginning.taken.places.specName, send);
        return (told: Told) => {
          teller.tell(told);
          tell(told);
        };
      },
      onControl: (control: LoopControl) => {
        const stop = () => control.stop({ because: 'aborted', exit: EXIT.interrupted });
        signal?.addEventListener('abort', stop);
        begun.unlisten = () => signal?.removeEventListener('abort', stop);
        if (signal?.aborted) stop();
      },
    };
  };
  let summary: string[] = [];
  try {
    const whole = await wholeRun(intention, { env, cwd, console }, listen);
    if (Array.isArray(whole)) throw errorOf(call, whole);
    summary = summaryOf(whole).map(({ text }) => text);
    const { exit, end, because } = whole.performed.end;
    const { state, places } = whole.taken;
    const words = bothWords(whole.intention, []);
    return {
      exit,
      end,
      because: withSpec(because, words),
      state: statusObject({
        state,
        specName: places.specName,
        runnerPid: null,
        nowMs: Date.now(),
        lastOutputAtMs: null,
        version,
        specWords: words,
      }),
      summary,
    };
  } finally {
    begun.unlisten();
    begun.teller?.quiet();
    begun.teller?.close(summary);
  }
};

const textOf = (piece: Piece): string => (typeof piece === 'string' ? piece : piece.text);

const abortedEarly = ({ spec }: Intention): Failure => ({
  exit: EXIT.interrupted,
  what: 'the run was aborted before it began',
  where: { name: spec },
  expected: null,
  next: null,
});

/** What the loop tells, as events. A wait that is decided again, and is the same, is said once. */
const telling = (specName: string, send: (event: RunEvent) => void): ((told: Told) => void) => {
  let lastWait = '';
  return told => {
    if (told.kind === 'event') send(eventLine(told.event, told.state, specName));
    else if (told.kind === 'warning') send({ type: 'message', severity: 'warning', text: told.message });
    else if (told.action.kind === 'wait') {
      const { untilMs, because } = told.action;
      const wait = `${untilMs} ${because}`;
      if (wait !== lastWait) send({ type: 'waiting', until: new Date(untilMs).toISOString(), because });
      lastWait = wait;
    }
  };
};

/** A stream that nobody reads. */
const nowhere: Sink = { write: () => undefined, on: () => undefined };

/** The status window of tmux is written by who tells a run on a console: this one prints nothing. */
const createSilence = (): Promise<Console> =>
  createConsole({ stdout: nowhere, stderr: nowhere, env: {}, quiet: true, verbose: false, noColor: true });
