// `seqrun --spec <dir>`: takes the spec, runs the loop, tells what happens, and ends with one screen and one exit code.
import { unreadBoxes } from '../../core/unread.ts';
import { UnwritableError } from '../../engine/ports.ts';
import { asLastTime } from '../as-last-time.ts';
import { bannerLines } from '../banner.ts';
import type { Failure } from '../errors.ts';
import { inJobFailure } from '../in-job.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import type { Io } from '../main.ts';
import { type Performed, performRun } from '../run/perform.ts';
import { type Prepared, prepareRun } from '../run/prepare.ts';
import { createTeller, type Teller } from '../run/teller.ts';
import { checkSelection } from '../selection.ts';
import { catchSignals } from '../signals.ts';
import { bothWords } from '../spec-words.ts';
import { summaryLines } from '../summary.ts';
import { type Taken, takeSpec } from '../take.ts';
import { wordedAll } from '../worded.ts';

/** Runs a spec to its end. `resume` comes here too, with its answer. */
export const run = async (intention: Intention, io: Io): Promise<number> => {
  const { console } = io;
  const refuse = (failure: Failure): number => {
    console.fail(failure);
    return failure.exit;
  };
  const inJob = inJobFailure(io.env, 'a run');
  if (inJob) return refuse(inJob);
  const selection = await checkSelection(intention, io.cwd);
  if (selection.failures.length > 0) {
    for (const failure of selection.failures) console.fail(failure);
    return 64;
  }
  for (const note of selection.notes) console.say(note);
  const taken = await takeSpec(intention, io, crypto.randomUUID());
  if ('exit' in taken) return refuse(taken);
  try {
    const meant = asLastTime(intention, taken.last?.policy ?? null);
    if ('exit' in meant) return refuse(meant);
    const around = { env: io.env, cwd: io.cwd, warn: (message: string) => console.warn(message) };
    const prepared = await prepareRun(meant, around, taken);
    return 'exit' in prepared ? refuse(prepared) : await runPrepared(prepared, meant, io, taken);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const [what, ...rest] = error.message.split('\n');
    return refuse({
      exit: 73,
      what: what!,
      where: { name: error.file },
      expected: null,
      next: rest.join(' ').trim() || null,
    });
  } finally {
    await taken.release();
  }
};

const runPrepared = async (prepared: Prepared, intention: Intention, io: Io, taken: Taken): Promise<number> => {
  const { console, env } = io;
  const { settings, origins } = intention;
  const { places, state } = taken;
  const { workers, policy } = prepared;
  const signals = catchSignals();
  const told: { by: Teller | null } = { by: null };
  let performed: Performed | Failure;
  try {
    performed = await performRun(prepared, intention, taken, {
      env,
      begun: ({ sessionName, attach, statusFile }) => {
        const { chosen, modes } = workers;
        const banner = { settings, places, taken, policy, origins, chosen, modes, sessionName, attach };
        const teller = createTeller({
          console,
          settings,
          specName: places.specName,
          statusFile,
          banner: state => bannerLines({ state, ...banner }),
        });
        told.by = teller;
        return teller.tell;
      },
      onControl: control =>
        signals.drive(
          control,
          message => console.warn(message),
          () => state.open,
        ),
    });
  } finally {
    told.by?.quiet();
    signals.stop();
  }
  if ('exit' in performed) {
    console.fail(performed);
    return performed.exit;
  }
  const { end } = performed;
  const lines = summaryLines({
    state,
    exit: end.exit,
    because: end.because,
    startedAtMs: performed.startedAtMs,
    endedAtMs: performed.endedAtMs,
    changes: performed.changes,
    specWords: bothWords(intention, []),
    rehearsal: policy.backend === 'rehearsal',
    unread: unreadBoxes(performed.spec),
  });
  // What is wrong with the file is shown with its line; the summary has room for one sentence.
  if (end.end === 'bad_spec') for (const failure of wordedAll(end.exit, end.because)) console.fail(failure);
  told.by?.close(lines.map(({ text }) => text));
  if (settings.json) return end.exit;
  for (const { kind, text: said } of lines) {
    const text = localTimes(said);
    if (kind === 'head') console.out({ style: end.exit === 0 ? 'green' : 'red', text });
    else if (kind === 'bad') console.out({ style: 'red', text });
    else if (kind === 'next' || !settings.quiet) console.out(text);
  }
  return end.exit;
};
