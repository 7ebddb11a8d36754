// `seqrun follow <unit> "text"`: one more turn of a unit, with what a person wants of it.
import { giveCommand } from '../command-io.ts';
import { furtherTurn, whenRead } from '../further-turn.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const { unit: typed, text } = intention.command === 'follow' ? intention : { unit: '', text: '' };
  let answer = '';
  return giveCommand(
    intention,
    io,
    state => {
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      const { unit } = found;
      answer = `${unitWords(unit.id, typed)}: ${whenRead(state, unit)}`;
      return furtherTurn(state, unit, { kind: 'follow', unit: unit.id, text });
    },
    (given, words) => (given === 'applied' ? `${answer}: seqrun ${words.run}` : `${answer} (handed to the runner)`),
  );
};
