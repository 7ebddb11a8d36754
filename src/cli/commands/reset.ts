// `seqrun reset [unit]`: forgets the outcome of a unit, or what seqrun itself did of all, and opens the boxes.
import { isTickedByPerson } from '../../core/records.ts';
import type { State } from '../../core/state.ts';
import { count } from '../../core/words.ts';
import { giveCommand } from '../command-io.ts';
import type { Intention } from '../intention.ts';
import type { Io } from '../main.ts';
import { runningFailure } from '../running.ts';
import { unitWords } from '../unit-words.ts';
import { findUnit } from '../which-unit.ts';

export const run = (intention: Intention, io: Io): Promise<number> => {
  const typed = intention.command === 'reset' ? intention.unit : null;
  let what = '';
  return giveCommand(
    intention,
    io,
    (state, words) => {
      if (typed === null) {
        const any = runningFailure(state, null, words);
        if (any) return any;
        what = forgottenWords(state);
        return [{ kind: 'reset', unit: null, keepTicked: true }];
      }
      const found = findUnit(state, typed);
      if ('exit' in found) return found;
      const running = runningFailure(state, found.unit, words);
      if (running) return running;
      what = unitWords(found.unit.id, typed, ' is open again');
      return [{ kind: 'reset', unit: found.unit.id }];
    },
    () => what,
  );
};

/** How much is forgotten, and how much a person had ticked. */
const forgottenWords = (state: State): string => {
  const leaves = (state.plan?.units ?? []).flatMap(unit => unit.leaves);
  const done = leaves.filter(leaf => state.done.has(leaf.id));
  const ticked = done.filter(leaf => isTickedByPerson(state, leaf.id)).length;
  const own = done.length - ticked;
  const stay =
    ticked === 0
      ? ''
      : `; ${count(ticked, 'box', 'boxes')} that you ticked yourself ${ticked === 1 ? 'stays' : 'stay'}`;
  return `${count(own, 'task')} that seqrun completed or you accepted ${own === 1 ? 'is' : 'are'} open again${stay}`;
};
