// `seqrun skip <unit>`: leaves a unit out; what depends on it is blocked.
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'skip' ? intention.unit : '';
  return giveCommand(
    intention,
    io,
    state => {
      const found = findUnit(state, typed);
      return 'exit' in found ? found : [{ kind: 'skip', unit: found.unit.id }];
    },
    () => `unit ${typed} is skipped`,
  );
};
