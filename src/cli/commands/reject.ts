// `seqrun reject <unit> "text"`: a completed unit is not right; it is not done any more, and goes on with what is wrong.
import { giveCommand } from '../command-io.ts';
import { furtherTurn, whenRead } from '../further-turn.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { reviewOf, reviewWords } from '../proof-words.ts';
import { undoneFailure } from '../undone.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const { unit: typed, text } = intention.command === 'reject' ? intention : { unit: '', text: '' };
  let answer = '';
  return giveCommand(
    intention,
    io,
    (state, words) => {
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      const { unit } = found;
      const undone = undoneFailure(state, unit, Date.now());
      if (undone) return { ...undone, next: `seqrun follow ${unit.id} "…" ${words.look} tells its agent more` };
      const before = reviewOf(state, unit);
      const said = before === null || before.kind === 'open' ? '' : ` (before: ${reviewWords(before)})`;
      answer = `${unitWords(unit.id, typed, ' is rejected')}${said}: ${whenRead(state, unit)}`;
      return furtherTurn(state, unit, { kind: 'reject', unit: unit.id, text });
    },
    (given, words) => (given === 'applied' ? `${answer}: seqrun ${words.run}` : `${answer} (handed to the runner)`),
  );
};
