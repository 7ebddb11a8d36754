// What a person has said of a unit: kept for every start that is not in the session which has heard it.
import { cut } from './closing-text.ts';
import type { Command, StartReason } from './events.ts';
import { unitRecord } from './records.ts';
import type { State } from './state.ts';

/** More than a person says of one unit; what was said first goes first. */
const keptMax = 10;
const textMax = 4_000;
const questionMax = 500;

/** How a reject is told. */
export const rejectWords = (text: string): string => `A person has looked at it and rejects it: ${text}`;

/** Keeps what a command says of units; a reset forgets it. To be called before the command is folded. */
export const noteSaid = (state: State, command: Command): void => {
  switch (command.kind) {
    case 'follow':
      keep(state, command.unit, command.text);
      return;
    case 'reject':
      keep(state, command.unit, rejectWords(command.text));
      return;
    case 'resume':
      if (command.answer === null) return;
      for (const [id, { standing }] of state.units) {
        if (standing.kind !== 'halted') continue;
        const asked =
          standing.reason === null ? 'You halted.' : `You halted and asked: ${cut(standing.reason, questionMax)}`;
        keep(state, id, `${asked} The answer: ${command.answer}`);
      }
      return;
    case 'reset':
      for (const [id, record] of state.units) {
        if (command.unit !== null && command.unit !== id) continue;
        record.said = [];
        record.asked = [];
      }
      return;
  }
};

const keep = (state: State, unit: string, text: string): void => {
  const record = unitRecord(state, unit);
  record.said = [...record.said, cut(text, textMax)].slice(-keptMax);
};

/** What has still to be told to who hears all that the reason of its start says. */
export const unheard = (said: readonly string[], reason: StartReason): string[] => {
  const heard = heardWith(reason);
  return said.filter(text => !heard.includes(text.replace(/…$/, '')));
};

const heardWith = (reason: StartReason): string => {
  switch (reason.kind) {
    case 'task':
      return reason.note ?? '';
    case 'follow_up':
      return reason.missing;
    case 'answer':
      return reason.text ?? '';
    case 'continue':
      return '';
  }
};
