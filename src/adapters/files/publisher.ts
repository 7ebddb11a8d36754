// The files beside the spec that people read, kept in step with the state. Failing is said once and stops nothing.
import { relative } from 'node:path';
import type { JournalEvent } from '../../core/events.ts';
import type { SpecWords } from '../../core/handoff.ts';
import type { State } from '../../core/state.ts';
import type { Publisher } from '../../engine/ports.ts';
import { codeOf, reasonOf } from './atomic.ts';
import type { CheckpointWriter } from './checkpoint-writer.ts';
import type { Places } from './paths.ts';
import { createProgressWriter } from './progress-file.ts';
import { createReceiptWriter } from './receipt-file.ts';
import { createStateWriter } from './state-writer.ts';

/** Hardly noticed by a person, and sooner than any agent has started up. The text of 500 units has 100 KB: not ten times a second. */
const soonMs = 200;

/**
 * Publishes to the state file and the progress file of `places`. Neither call throws: what fails is given to `warn`, the same
 * message once, and tried again at the next publish.
 */
export const createPublisher = (options: {
  places: Pick<Places, 'stateFile' | 'progressFile' | 'specName' | 'specFolder'>;
  /** The spec is shown relative to it; without it absolute. */
  workdir?: string;
  /** The journal's events, as the progress file tells them. */
  events: () => readonly JournalEvent[];
  /** How commands in the progress file name the spec; without it by its absolute path. */
  specWords?: SpecWords;
  /** Fingerprint of the entry that the journal began with (adopted or refused): it is no news. */
  adopted?: string | null;
  /** Absent: none are made. */
  checkpoints?: CheckpointWriter;
  nowMs?: () => number;
  warn: (message: string) => void;
}): Publisher => {
  const { places } = options;
  const said = new Set<string>();
  const warn = (message: string): void => {
    if (said.has(message)) return;
    said.add(message);
    options.warn(message);
  };
  const states = createStateWriter({
    path: places.stateFile,
    specName: places.specName,
    spec: options.workdir === undefined ? places.specFolder : relative(options.workdir, places.specFolder) || '.',
    adopted: options.adopted ?? null,
    nowMs: options.nowMs ?? Date.now,
    warn,
  });
  const progress = createProgressWriter({
    path: places.progressFile,
    specName: places.specName,
    specFolder: places.specFolder,
    ...(options.specWords === undefined ? {} : { specWords: options.specWords }),
    events: options.events,
  });
  const orWarn = async <T>(path: string, doing: Promise<T>): Promise<T | null> => {
    try {
      return await doing;
    } catch (error) {
      warn(
        codeOf(error) === null
          ? reasonOf(error)
          : `A file for people cannot be written: ${reasonOf(error)}; the run goes on.\n  at ${path}`,
      );
      return null;
    }
  };
  const receipts = createReceiptWriter(places.specName);
  let timer: NodeJS.Timeout | null = null;
  let latest: State | null = null;

  const publish = async (state: State): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    latest = null;
    await orWarn(places.stateFile, states.write(state));
    await orWarn(places.progressFile, progress.write());
    await orWarn('the folders of the starts', receipts.write(state));
    if (options.checkpoints) await orWarn('the checkpoints in the state home', options.checkpoints.write(state));
  };
  /** The first call sets the time: calls in quick succession do not put it off again and again. */
  const publishSoon = (state: State): void => {
    latest = state;
    timer ??= setTimeout(() => void publish(state), soonMs);
  };
  return {
    publish,
    publishSoon,
    settle: async () => {
      if (latest) await publish(latest);
    },
    reclaim: async state => {
      if (!states.isAsWritten()) await orWarn(places.stateFile, states.reclaim(state));
      // The next agent may read it as its first act.
      await orWarn(places.progressFile, progress.write());
      publishSoon(state);
    },
    inspect: async state => (await orWarn(places.stateFile, states.inspect(state))) ?? { kind: 'same' },
  };
};
