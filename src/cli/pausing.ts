// Holding starts back and letting them go on: what `pause` and `continue` have in common.
import { hostname, userInfo } from 'node:os';
import { pausedWords } from '../core/holding-back.ts';
import { giveCommand } from './command-io.ts';
import type { Intention } from './intention.ts';
import { lookAt } from './look.ts';
import type { Io } from './main.ts';
import { bothWords } from './spec-words.ts';

/** Who types this, as the journal keeps it: `joe@host`, or the user's number where it has no name. */
const whoTypes = (): string => {
  let name = `${process.getuid?.() ?? 'somebody'}`;
  try {
    name = userInfo().username || name;
  } catch {
    // No entry for this user: containers have such.
  }
  return `${name}@${hostname()}`;
};

/** Gives the command where it changes anything; says how things stand where it does not. Returns the exit code. */
export const givePausing = async (kind: 'pause' | 'continue', intention: Intention, io: Io): Promise<number> => {
  const { console } = io;
  const looked = await lookAt(intention, io);
  if ('exit' in looked) {
    console.fail(looked);
    return looked.exit;
  }
  const { state, runner } = looked;
  const words = bothWords(intention, state.run?.words ?? []);
  // What was dropped before this may still be on its way to a runner: then nothing is known better by looking.
  if (!runner) {
    const [trouble] = intention.configTrouble;
    if (trouble) {
      console.fail(trouble);
      return trouble.exit;
    }
    if (kind === 'pause' && state.paused) return said(io, pausedWords(state.paused));
    if (kind === 'continue' && !state.paused) {
      return said(io, `this spec is not paused, and nothing runs; it goes on with: seqrun ${words.run}`);
    }
  } else if (kind === 'continue' && !state.paused) console.say('this spec is not paused, as far as its journal says');
  const now = runner ? `the runner (pid ${runner.pid})` : '';
  const by = whoTypes();
  return giveCommand(
    intention,
    io,
    () => [{ kind, by }],
    (given, { run, look }) => {
      if (kind === 'continue') {
        return given === 'applied' ? `the pause is over; the spec goes on with: seqrun ${run}` : `${now} goes on`;
      }
      const until = `until seqrun continue ${look}`;
      if (given === 'applied') return `nothing runs now, and the next run starts nothing ${until}`;
      const open = state.open ? ' after the start that is open (its agent is left to end, and its gates are run)' : '';
      return `${now} starts nothing more${open} ${until}`;
    },
  );
};

const said = ({ console }: Io, text: string): number => {
  console.say(text);
  return 0;
};
