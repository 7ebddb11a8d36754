// `seqrun reset [unit]`: forgets the outcome of a unit, or of all, and opens the boxes.
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'reset' ? intention.unit : null;
  return giveCommand(
    intention,
    io,
    state => {
      if (typed === null) return [{ kind: 'reset', unit: null }];
      const found = findUnit(state, typed);
      return 'exit' in found ? found : [{ kind: 'reset', unit: found.unit.id }];
    },
    () => (typed === null ? 'every unit is open again' : `unit ${typed} is open again`),
  );
};
