// What the state of a spec makes a run refuse, or say, before anything is paid for. Pure.
import { rehearsedLeaves } from '../../core/rehearsed.ts';
import type { State } from '../../core/state.ts';
import { count } from '../../core/words.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { bothWords } from '../spec-words.ts';

/** A real run after a rehearsal (2): what a rehearsal has played would count as done. Null when nothing is so. */
export const rehearsedFailure = (
  state: State,
  intention: Intention,
  { backend, specFolder }: { backend: string; specFolder: string },
): Failure | null => {
  const leaves = backend === 'rehearsal' ? [] : [...rehearsedLeaves(state)];
  if (leaves.length === 0) return null;
  return {
    exit: 2,
    what: `${namesOf(leaves)} ${leaves.length === 1 ? 'was' : 'were'} only rehearsed: nothing of it is done`,
    where: { name: specFolder },
    expected: 'a spec without rehearsed units',
    next: `seqrun reset ${bothWords(intention, []).look} (forgets it, and opens boxes that it ticked), or --backend rehearsal`,
  };
};

/** An answer that nothing waits for (64), or null. */
export const unaskedAnswer = (state: State, intention: Intention, specFolder: string): Failure | null => {
  if (intention.command !== 'resume' || intention.answer === null || halted(state).length > 0) return null;
  const words = bothWords(intention, []);
  return {
    exit: 64,
    what: 'no unit of this spec waits for an answer',
    where: { name: specFolder },
    expected: 'a unit that halted',
    next: `seqrun why ${words.look}, or without an answer: seqrun ${words.run}`,
  };
};

/** Whoever resumes without an answer may not know that one was asked for: one warning for each unit that asks. */
export const unansweredWarnings = (state: State, intention: Intention): string[] =>
  intention.command !== 'resume' || intention.answer !== null
    ? []
    : halted(state)
        .filter(({ reason }) => reason !== null)
        .map(
          ({ id, reason }) =>
            `unit ${id} halted: ${reason} — it is told that nobody has answered; seqrun resume ${bothWords(intention, []).run} --answer "…" answers it`,
        );

/**
 * What is said when the state file is gone and work counts as done all the same: so it is after a clean, and so it would be in a new
 * repository at the place of an old one, where nothing of it is done.
 */
export const lostStateFileWarnings = (
  { done }: Pick<State, 'done'>,
  { settings }: Pick<Intention, 'settings'>,
): string[] =>
  done.size === 0 || settings.fresh
    ? []
    : [
        `SEQUENTIAL_STATE.json is gone; what counts as done (${count(done.size, 'task')}) is known from the journal of earlier runs at this place: if this is another repository, begin anew with --fresh`,
      ];

/** Units that wait for an answer, with what they ask, where it is known. */
const halted = (state: State): { id: string; reason: string | null }[] =>
  [...state.units].flatMap(([id, { standing }]) =>
    standing.kind === 'halted' ? [{ id, reason: standing.reason }] : [],
  );

const namesOf = (ids: readonly string[]): string =>
  ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
