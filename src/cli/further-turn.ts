// What `follow` and `reject` share: a unit gets one more turn with what a person says.
import type { Command } from '../core/events.ts';
import type { Unit } from '../core/plan-types.ts';
import type { State } from '../core/state.ts';
import { isDone, unitProgress } from '../core/units.ts';
import { blockedWords } from '../core/why.ts';

/**
 * The commands that bring the text to the unit's agent. What is done without a start that could go on (accepted, ticked, taken over
 * from a state file) is begun anew with it.
 */
export const furtherTurn = (
  state: State,
  unit: Unit,
  command: Extract<Command, { kind: 'follow' | 'reject' }>,
): Command[] =>
  isDone(state, unit) && !canGoOn(state, unit) ? [{ kind: 'reset', unit: unit.id }, command] : [command];

const canGoOn = (state: State, unit: Unit): boolean => {
  const standing = state.units.get(unit.id)?.standing.kind ?? 'fresh';
  return (
    standing !== 'again' &&
    standing !== 'checking' &&
    state.starts.some(start => start.unit === unit.id && start.kind === 'agent')
  );
};

/** When the agent gets to read it, for the answer to the command; `state` as it is before the command. */
export const whenRead = (state: State, unit: Unit): string => {
  const progress = unitProgress(state, unit);
  switch (progress.kind) {
    case 'completed':
      return canGoOn(state, unit)
        ? 'it is not done any more, and goes on with that'
        : 'it is not done any more, and begins with that: no agent of seqrun had completed it';
    case 'running':
    case 'checking':
      return 'it goes on with that when what runs now has ended';
    case 'blocked':
      return `it is told when its turn comes: it ${blockedWords(state, progress)}`;
    case 'skipped':
      return 'it is not skipped any more, and is told when its turn comes';
    default:
      return state.starts.some(start => start.unit === unit.id && start.kind === 'agent')
        ? 'it goes on with that'
        : 'its agent is told with its first start';
  }
};
