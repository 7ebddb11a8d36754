// `seqrun --spec <dir>`: runs the spec, tells what happens, and ends with one screen and one exit code.

import type { LoopControl } from '../../engine/loop.ts';
import { tellingOf } from '../begun.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import type { Io } from '../main.ts';
import type { Watching } from '../run/perform.ts';
import { type Teller, tellerOf } from '../run/teller.ts';
import { type Beginning, summaryOf, type Whole, wholeRun } from '../run/whole.ts';
import { catchSignals, type SignalWatch } from '../signals.ts';
import { wordedAll } from '../worded.ts';

/** Runs a spec to its end. `resume` comes here too, with its answer. */
export const run = async (intention: Intention, io: Io): Promise<number> => {
  const { console } = io;
  if (intention.settings.detach || intention.settings.attach)
    return (await import('../detach.ts')).runDetached(intention, io);
  // From the moment on when nothing refuses the run any more.
  const started: { signals: SignalWatch | null; teller: Teller | null } = { signals: null, teller: null };
  const listen = (beginning: Beginning) => {
    const signals = catchSignals();
    started.signals = signals;
    return {
      begun: (watching: Watching) => {
        const teller = tellerOf(beginning, watching, console, beginning.intention.settings);
        started.teller = teller;
        return tellingOf(teller.tell, watching);
      },
      onControl: (control: LoopControl) =>
        signals.drive(
          control,
          message => console.warn(message),
          () => beginning.taken.state.open,
        ),
    };
  };
  let whole: Whole | Failure[];
  try {
    whole = await wholeRun(intention, io, listen);
  } finally {
    started.teller?.quiet();
    started.signals?.stop();
  }
  if (Array.isArray(whole)) {
    for (const failure of whole) console.fail(failure);
    return whole[0]!.exit;
  }
  const { end } = whole.performed;
  const { settings } = whole.intention;
  const lines = summaryOf(whole);
  // What is wrong with the file is shown with its line; the summary has room for one sentence.
  if (end.end === 'bad_spec') for (const failure of wordedAll(end.exit, end.because)) console.fail(failure);
  started.teller?.close(lines.map(({ text }) => text));
  if (settings.json) return end.exit;
  for (const { kind, text: said } of lines) {
    const text = localTimes(said);
    if (kind === 'head') console.out({ style: end.exit === 0 ? 'green' : 'red', text });
    else if (kind === 'bad') console.out({ style: 'red', text });
    else if (kind === 'next' || !settings.quiet) console.out(text);
  }
  return end.exit;
};
