// `seqrun accept <unit…>`: counts units or single tasks as done on a person's word.
import type { SpecWords } from '../../core/handoff.ts';
import { leafTaskIds } from '../../core/plan-leaves.ts';
import type { Unit } from '../../core/plan-types.ts';
import { giveCommand } from '../command-io.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { runningFailure } from '../running.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'accept' ? intention.units : [];
  return giveCommand(
    intention,
    io,
    (state, words) => {
      const leaves = leafTaskIds(state.plan);
      const commands = [];
      for (const id of typed) {
        const within = state.plan?.units.find(unit => unit.id === id || unit.tasks.includes(id));
        const running = within ? runningFailure(state, within, words) : null;
        if (running) return running;
        // A leaf is accepted alone, a unit with everything in it, a parent inside a unit with what is below it.
        if (leaves.has(id)) commands.push({ kind: 'accept' as const, unit: id });
        else {
          const found = findUnit(state, id);
          if ('exit' in found) return found;
          const { unit } = found;
          const below = unit.leaves.map(leaf => leaf.id).filter(leaf => leaf.startsWith(`${id}.`));
          if (unit.id !== id && below.length === 0) return nothingBelow(id, unit, words);
          for (const one of unit.id === id ? [id] : below) commands.push({ kind: 'accept' as const, unit: one });
        }
      }
      return commands;
    },
    given => `accepted: ${typed.join(', ')}${given === 'to the runner' ? ' (handed to the runner)' : ''}`,
  );
};

const nothingBelow = (id: string, unit: Unit, { look }: SpecWords): Failure => ({
  exit: 64,
  what: `${id} is a part of unit ${unit.id}, and its number does not tell which tasks belong to it`,
  where: null,
  expected: `tasks by their own ids: ${unit.leaves.map(leaf => leaf.id).join(', ')}`,
  next: `seqrun accept ${unit.leaves[0]!.id} ${look}`,
});
