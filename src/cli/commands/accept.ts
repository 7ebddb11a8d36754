// `seqrun accept <unit…>`: counts units or single tasks as done on a person's word.
import { leafTaskIds } from '../../core/plan-leaves.ts';
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'accept' ? intention.units : [];
  return giveCommand(
    intention,
    io,
    state => {
      const leaves = leafTaskIds(state.plan);
      const commands = [];
      for (const id of typed) {
        // A leaf is accepted alone, a unit with everything in it.
        if (leaves.has(id)) commands.push({ kind: 'accept' as const, unit: id });
        else {
          const found = findUnit(state, id);
          if ('exit' in found) return found;
          commands.push({ kind: 'accept' as const, unit: found.unit.id });
        }
      }
      return commands;
    },
    given => `accepted: ${typed.join(', ')}${given === 'to the runner' ? ' (handed to the runner)' : ''}`,
  );
};
