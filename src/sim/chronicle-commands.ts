// What persons say to a spec, followed in its chronicle: turns that they ask for, counters that they set back, pauses, answers.
import type { Command } from '../core/events.ts';
import type { State } from '../core/state.ts';
import type { Chronicle } from './chronicle.ts';
import type { Truth } from './truth.ts';

/** What a person asks for or sets back is meant for the unit, also when it is put in other words. */
export const followWords = (chronicle: Chronicle, counters: Chronicle['counters'], state: State): void => {
  const titles = new Set(state.plan?.units.map(({ title }) => title));
  const before = new Set([...chronicle.counters.values()].map(({ title }) => title));
  for (const [id, { title: old }] of chronicle.counters) {
    const title = counters.get(id)?.title;
    if (title === undefined || titles.has(old) || before.has(title)) continue;
    const former = chronicle.formerTitles.get(old) ?? [];
    chronicle.formerTitles.set(title, new Set([...former, old]));
    const granted = chronicle.granted.get(old);
    if (granted !== undefined) chronicle.granted.set(title, granted);
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
  /** Those of its former titles too, unless another unit has them now. */
  const forgetUnit = (id: string) => {
    const title = titleOf(id);
    const titles = state.plan?.units.map(unit => unit.title) ?? [];
    for (const former of chronicle.formerTitles.get(title) ?? []) if (!titles.includes(former)) forget(former);
    forget(title);
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
      forgetUnit(command.unit);
      break;
    case 'reset':
      if (command.unit === null) forget(null);
      else forgetUnit(command.unit);
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
