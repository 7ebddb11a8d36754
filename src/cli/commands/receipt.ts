// `seqrun receipt <unit>`: the outcome of the last start of the unit's agent and what it rests on.

import { notBy, receiptOf, wordOn } from '../../core/receipt.ts';
import type { Intention } from '../intention.ts';
import { localTimes } from '../local-time.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { receiptLines } from '../receipt-view.ts';
import { findUnit, lastStartOf } from '../which-unit.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const looked = await lookAt(intention, io, { fresh: true });
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { state, places } = looked;
  const typed = intention.command === 'receipt' ? intention.unit : '';
  const unit = findUnit(state, typed);
  const word = 'unit' in unit ? wordOn(state, unit.unit) : null;
  const found = lastStartOf(state, typed);
  if ('exit' in found) {
    if (word === null || 'exit' in unit) {
      io.console.fail(found);
      return found.exit;
    }
    return unstarted(intention, io, places.specName, unit.unit.id, word);
  }
  const { start } = found;
  const other = 'unit' in unit ? notBy(state, unit.unit, start) : null;
  if (intention.settings.json) {
    // Null where the unit still stands on this start.
    const now = { unit_now: other?.words ?? null, unit_now_since: isoOf(other?.atMs ?? null) };
    io.console.json({ ...receiptOf(state, start, places.specName), ...now, ...wordFields(word) }, 2);
    return 0;
  }
  if (other && !word && 'unit' in unit) io.console.out(localTimes(wordLine(unit.unit.id, other, '')));
  if (word && 'unit' in unit) io.console.out(localTimes(wordLine(unit.unit.id, word)));
  for (const line of receiptLines(state, start)) io.console.out(localTimes(line));
  return 0;
};

type Word = NonNullable<ReturnType<typeof wordOn>>;

const isoOf = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

/** A person's word on the unit says more than the receipt of its start. */
const wordFields = (word: Word | null) => ({
  accepted: word?.accepted ?? false,
  ...(word && { rests_on: word.words }),
  accepted_at: word?.accepted ? isoOf(word.atMs) : null,
});

const wordLine = (unit: string, { words, atMs }: Pick<Word, 'words' | 'atMs'>, colon = ':'): string =>
  `unit ${unit}${colon} ${words}${atMs === null ? '' : `, ${isoOf(atMs)}`}`;

/** There is no start to show, and all the same a reason for where the unit stands. */
const unstarted = (intention: Intention, io: Io, spec: string, unit: string, word: Word): number => {
  if (intention.settings.json) {
    io.console.json({ version: '1', spec, unit, start: null, outcome: null, evidence: [], ...wordFields(word) }, 2);
  } else {
    io.console.out(localTimes(wordLine(unit, word)));
    io.console.out('it was never started: nothing was checked');
  }
  return 0;
};
