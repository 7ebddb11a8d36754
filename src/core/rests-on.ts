// What the completion by a start rests on, in words: no more than was checked.
import { isRehearsal } from './rehearsed.ts';
import type { StartRecord } from './state.ts';

/**
 * `its gates passed (lint, test)`, `on the agent's word (TASK_DONE, exit 0); no gate was set`, or with a red gate that did not count
 * `…; gate test accepted while red: exit code 1; …`. A rehearsed one begins with that. `start` = a completed start; undefined: this
 * journal does not hold it.
 */
export const restsOnWords = (start: Pick<StartRecord, 'agent' | 'gates' | 'outcome' | 'code'> | undefined): string => {
  if (start === undefined) return 'completed by a start that is not known any more';
  const passed = start.gates.filter(gate => gate.result === 'passed').map(gate => gate.name);
  const accepted = start.gates.filter(gate => gate.result === 'accepted');
  return [
    ...(isRehearsal(start) ? ['only rehearsed, no agent has worked on it'] : []),
    ...(passed.length > 0 ? [`its ${passed.length === 1 ? 'gate' : 'gates'} passed (${passed.join(', ')})`] : []),
    ...(passed.length > 0 || isRehearsal(start) ? [] : [`on the agent's word (${ownWords(start)})`]),
    ...accepted.map(
      ({ name, because }) => `gate ${name} accepted while red: ${because?.replace('; accepted: ', '; ')}`,
    ),
    ...(start.gates.length === 0 ? ['no gate was set'] : []),
  ].join('; ');
};

/** Whether nothing but the agent's own word and its exit code speaks for a completed start. */
export const isOnWord = ({ gates }: Pick<StartRecord, 'gates'>): boolean =>
  !gates.some(gate => gate.result === 'passed');

const ownWords = ({ outcome, code }: Pick<StartRecord, 'outcome' | 'code'>): string =>
  [
    (outcome?.kind === 'completed' ? outcome.signal : null) ?? 'no signal',
    ...(code === null ? [] : [`exit ${code}`]),
  ].join(', ');
