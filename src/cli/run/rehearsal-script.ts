// Whether a rehearsal has a script that can be played, found before a gate or a unit is tried.
import type { RehearsalLook } from '../../compose/rehearsal.ts';
import type { Failure } from '../errors.ts';

const example = '{ "units": { "2": ["question", "done"] }, "default": "done" }';

/**
 * A failure when it has none (66), or one with mistakes (64); null when it can be played. `where` = the task file, or what the
 * environment names.
 */
export const rehearsalFailure = (look: RehearsalLook, where: string): Failure | null => {
  switch (look.kind) {
    case 'playable':
      return null;
    case 'missing':
      return {
        exit: 66,
        what: look.message,
        where: { name: where },
        expected: 'a rehearsal.json that says what each start of a unit plays',
        next: `write one, for example ${example}, or choose a real agent with --backend`,
      };
    case 'wrong': {
      const { problems } = look;
      const more = problems.length > problemsMax ? `; and ${problems.length - problemsMax} more` : '';
      return {
        exit: 64,
        what: `this rehearsal cannot be played: ${problems.slice(0, problemsMax).join('; ')}${more}`,
        where: { name: look.path },
        expected: `by unit what its starts do, one after the other, for example ${example}`,
        next: 'mend the script, then run again; nothing was started',
      };
    }
  }
};

const problemsMax = 5;
