// What persons say to a spec, followed in its chronicle: turns that they ask for, counters that they set back, pauses, answers.
import type { Command } from '../core/events.ts';
import type { State } from '../core/state.ts';
import type { Chronicle } from './chronicle.ts';
import type { Truth } from './truth.ts';

/** Turns that a person asked for are meant for the unit, also when it is put in other words. */
export const followGranted = (chronicle: Chronicle, counters: Chronicle['counters'], state: State): void => {
  const titles = new Set(state.plan?.units.map(({ title }) => title));
  const before = new Set([...chronicle.counters.values()].map(({ title }) => title));
  for (const [id, { title: old }] of chronicle.counters) {
    const title = counters.get(id)?.title;
    const granted = chronicle.granted.get(old);
    if (title === undefined || granted === undefined || titles.has(old) || before.has(title)) continue;
    chronicle.granted.set(title, granted);
  }
};

/** Whoever answers wants a further turn of what had halted. */
export const resumed = (chronicle: Chronicle): void => {
  for (const title of new Set(chronicle.counted.values())) {
    chronicle.granted.set(title, (chronicle.granted.get(title) ?? 0) + 1);
  }
  chronicle.haltedBy = null;
};

/** A command is taken: somebody must have given it, and what was counted or held back before it may not be any more. */
export const observeCommand = (chronicle: Chronicle, command: Command, state: State, truth: Truth): void => {
  const index = chronicle.given.findIndex(one => one.kind === command.kind);
  if (index === -1 && command.kind !== 'stop') truth.broken('persons', `nobody gave the command ${command.kind}`);
  if (index !== -1) chronicle.given.splice(index, 1);
  const titleOf = (id: string) => state.plan?.units.find(unit => unit.id === id)?.title ?? '';
  const forget = (title: string | null) => {
    for (const [n, of] of chronicle.counted) if (title === null || of === title) chronicle.counted.delete(n);
    if (title === null) chronicle.granted.clear();
    else chronicle.granted.delete(title);
  };
  switch (command.kind) {
    case 'stop':
      chronicle.stopped = true;
      return;
    case 'pause':
      chronicle.pausedAfter ??= state.lastN;
      return;
    case 'continue':
      chronicle.pausedAfter = null;
      return;
    case 'retry':
      chronicle.limit = null;
      forget(titleOf(command.unit));
      break;
    case 'reset':
      forget(command.unit === null ? null : titleOf(command.unit));
      break;
    case 'follow':
    case 'reject': {
      const title = titleOf(command.unit);
      chronicle.granted.set(title, (chronicle.granted.get(title) ?? 0) + 1);
      break;
    }
    default:
  }
  if (command.kind === 'resume') resumed(chronicle);
  if (command.kind !== 'approve') chronicle.haltedBy = null;
};
