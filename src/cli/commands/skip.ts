// `seqrun skip <unit>`: leaves a unit out; what depends on it is blocked.
import { unitProgress } from '../../core/units.ts';
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { runningFailure } from '../running.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'skip' ? intention.unit : '';
  let meant = typed;
  return giveCommand(
    intention,
    io,
    (state, words) => {
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      meant = found.unit.id;
      const running = runningFailure(state, found.unit, words);
      if (running) return running;
      if (unitProgress(state, found.unit).kind !== 'completed') return [{ kind: 'skip', unit: found.unit.id }];
      return {
        exit: 64,
        what: `unit ${found.unit.id} is completed: there is nothing to skip`,
        where: null,
        expected: 'a unit that is not done',
        next: `seqrun status ${words.look}`,
      };
    },
    () => unitWords(meant, typed, ' is skipped'),
  );
};
