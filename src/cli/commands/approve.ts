// `seqrun approve <unit> [text]`: a person has looked at a completed unit, and it is right.
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { undoneFailure } from '../undone.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const { unit: typed, text } = intention.command === 'approve' ? intention : { unit: '', text: null };
  let meant = typed;
  return giveCommand(
    intention,
    io,
    (state, words) => {
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      meant = found.unit.id;
      const undone = undoneFailure(state, found.unit, Date.now());
      if (!undone) return [{ kind: 'approve', unit: meant, text }];
      return { ...undone, next: `seqrun accept ${meant} ${words.look} counts it as done on your word` };
    },
    (given, words) =>
      given === 'applied'
        ? `${unitWords(meant, typed, ' is approved')}; what is left goes on with: seqrun ${words.run}`
        : `${unitWords(meant, typed, ' is approved')} (handed to the runner)`,
  );
};
