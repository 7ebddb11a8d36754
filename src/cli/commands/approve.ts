// `seqrun approve <unit> [text]`: a person has looked at a completed unit, and it is right.
import type { SpecWords } from '../../core/handoff.ts';
import type { Review, State } from '../../core/state.ts';
import { counts, notSelected } from '../../core/units.ts';
import { giveCommand } from '../command-io.ts';
import { type Failure, usageFailure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { openReviews, reviewOf, reviewWords } from '../proof-words.ts';
import { undoneFailure } from '../undone.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const { unit: typed, text } = intention.command === 'approve' ? intention : { unit: '', text: null };
  let meant = typed;
  let before: Review | null = null;
  let isLeft = true;
  return giveCommand(
    intention,
    io,
    (state, words) => {
      if (typed === '') return noneNamed(state, words);
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      meant = found.unit.id;
      const undone = undoneFailure(state, found.unit, Date.now());
      before = reviewOf(state, found.unit);
      const { completed, skipped } = counts(state);
      isLeft = notSelected(state.plan).length > 0 || completed + skipped < (state.plan?.units.length ?? 0);
      if (!undone) return [{ kind: 'approve', unit: meant, text }];
      return { ...undone, next: `seqrun accept ${meant} ${words.look} counts it as done on your word` };
    },
    (given, words) =>
      given === 'applied'
        ? `${unitWords(meant, typed, ' is approved')}${saidBefore(before)}${isLeft ? `; what is left goes on with: seqrun ${words.run}` : ''}`
        : `${unitWords(meant, typed, ' is approved')} (handed to the runner)`,
  );
};

const noneNamed = (state: State, { look }: SpecWords): Failure => {
  const open = openReviews(state).map(({ unit }) => unit.id);
  return usageFailure('approve needs the id of a unit', {
    expected: open.length === 0 ? 'a unit that is done; none waits for a review' : `one that waits: ${open.join(', ')}`,
    next: open[0] === undefined ? `seqrun status ${look}` : `seqrun approve ${open[0]} ${look}`,
  });
};

/** What a person had said of it already: the later word counts. */
const saidBefore = (before: Review | null): string =>
  before === null || before.kind === 'open' ? '' : ` (before: ${reviewWords(before)})`;
