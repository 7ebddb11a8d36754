// `seqrun retry <unit>`: a failed unit gets its attempts back.
import { standingOf } from '../../core/units.ts';
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { runningFailure } from '../running.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'retry' ? intention.unit : '';
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
      const { kind } = standingOf(state, found.unit);
      // Begun anew, nothing is left of it but the limit that it met: whoever knows that it is over has no other word.
      const isClosed = [...state.limits.values()].some(({ untilMs }) => untilMs > Date.now());
      if (kind === 'fresh' && isClosed) return [{ kind: 'retry', unit: found.unit.id }];
      if (kind === 'failed' || kind === 'halted' || kind === 'skipped' || kind === 'again')
        return [{ kind: 'retry', unit: found.unit.id }];
      return {
        exit: 64,
        what: `unit ${found.unit.id} has not failed`,
        where: null,
        expected: 'a unit that failed, halted or was skipped',
        next: `seqrun why ${found.unit.id} ${words.look}, or seqrun reset ${found.unit.id} ${words.look} to do it again`,
      };
    },
    (given, words) =>
      given === 'applied'
        ? `${unitWords(meant, typed, ' will be tried again')}: seqrun ${words.run}`
        : `the runner will try ${unitWords(meant, typed, ' again')}`,
  );
};
