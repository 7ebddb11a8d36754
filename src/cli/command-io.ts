// Brings a person's command to a spec: into the inbox of the runner that holds it, or applied here when there is none.

import { dropCommand, openDesk, openInbox, publisherOf } from '../compose.ts';
import type { Command } from '../core/events.ts';
import type { SpecWords } from '../core/handoff.ts';
import type { State } from '../core/state.ts';
import type { Publisher } from '../engine/ports.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';
import { lookAt } from './look.ts';
import type { Io } from './main.ts';
import { planOptionsOf } from './plan-options.ts';
import { wordsThatGoOn } from './selection-words.ts';
import { bothWords } from './spec-words.ts';
import { type Taken, takeSpec } from './take.ts';
import { worded } from './worded.ts';

/** How a command got there. */
export type Given = 'to the runner' | 'applied';

/**
 * Checks the command against the state (`commandOf` may refuse it), then gives it to the living runner or applies it: journal,
 * boxes, state file. Prints failures; returns the exit code. Both are told how commands name the spec.
 */
export const giveCommand = async (
  intention: Intention,
  io: Io,
  commandsOf: (state: State, words: SpecWords) => Command[] | Failure,
  said: (given: Given, words: SpecWords) => string,
): Promise<number> => {
  const fail = (failure: Failure): number => {
    io.console.fail(failure);
    return failure.exit;
  };
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) return fail(looked);
  const inbox = openInbox(looked.places.inbox, { onBad: io.console.warn });
  // What an earlier command left there may change what this one means: it is looked at again below.
  const waiting = looked.runner ? [] : await inbox.drain();
  const wordsOf = (state: State) => bothWords(intention, state.run?.words ?? []);
  const words = wordsOf(looked.state);
  const commands = commandsOf(looked.state, words);
  if ('exit' in commands && waiting.length === 0) return fail(commands);
  if (looked.runner) {
    if ('exit' in commands) return fail(commands);
    for (const command of commands) {
      await dropCommand(looked.places.inbox, { run: looked.state.run?.id ?? null, atMs: Date.now(), command });
    }
    io.console.say(said('to the runner', words));
    return 0;
  }
  const taken = await takeSpec(intention, io, crypto.randomUUID());
  if ('exit' in taken) return fail(taken);
  try {
    const { state } = taken;
    const { publisher, settle } = await bringUpToDate(taken, intention, io);
    const mine = commandsOf(state, wordsOf(state));
    for (const [k, command] of 'exit' in mine ? [] : mine.entries()) {
      await taken.append({ type: 'command', id: `${taken.run}-${k}`, command }, { flush: 'now' });
    }
    await settle();
    await publisher.publish(state);
    if ('exit' in mine) return fail(mine);
    const about = mine.flatMap(command => ('unit' in command && command.unit ? [command.unit] : []))[0] ?? null;
    io.console.say(said('applied', bothWords(intention, wordsThatGoOn(state, state.run?.words ?? [], about))));
    return 0;
  } finally {
    await taken.release();
  }
};

/**
 * Brings a spec that is held up to what its files say, and to the commands that were dropped for a runner that is gone. While a start
 * is open the files are not read. `settle` reads them again, and ticks and opens the boxes that are due.
 */
export const bringUpToDate = async (
  taken: Taken,
  intention: Intention,
  io: Io,
): Promise<{ publisher: Publisher; settle(): Promise<Failure | null> }> => {
  const { state } = taken;
  const desk = openDesk(taken.tasksPath, planOptionsOf(intention.settings), intention.settings);
  const publisher = publisherOf(taken, io.console.warn);
  const settle = async (): Promise<Failure | null> => {
    if (state.open) return null;
    for (let round = 0; round < 5; round++) {
      const found = await desk.read(state, publisher);
      for (const warning of found.warnings) io.console.detail(warning);
      if (found.event === null) return null;
      if (found.event.type === 'spec.unreadable') return worded(found.event.exit, found.event.message);
      await taken.append(found.event);
    }
    return null;
  };
  await settle();
  // Given before this one, to a runner that did not live to take it: a stop was for that run alone.
  const inbox = openInbox(taken.places.inbox, { onBad: io.console.warn });
  for (const { id, command } of await inbox.drain()) {
    if (command.kind === 'stop') io.console.warn('a stop for a run that has ended was dropped');
    else if (!state.applied.has(id)) await taken.append({ type: 'command', id, command }, { flush: 'now' });
    await inbox.done(id);
  }
  return { publisher, settle };
};
