// `seqrun stop [--now]`: ends the run after this unit, or at once. Ends an agent that was left behind, too.
import { dropCommand } from '../../compose.ts';
import type { OpenStart } from '../../core/state.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { bothWords, shellWord } from '../spec-words.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const now = intention.command === 'stop' && intention.now;
  const looked = await lookAt(intention, io);
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { runner, holder, state, places } = looked;
  const drop = (run: string) =>
    dropCommand(places.inbox, {
      run,
      atMs: Date.now(),
      command: { kind: 'stop', now, because: now ? 'stopped with seqrun stop --now' : 'stopped with seqrun stop' },
    });
  if (runner) {
    await drop(runner.run);
    io.console.say(`the runner (pid ${runner.pid}) ${stopWords(state.open, now)}`);
    return 0;
  }
  if (holder && holder.spec !== null && holder.spec !== places.specFolder) {
    io.console.say(
      `this spec is not running: pid ${holder.pid} runs ${holder.spec} in this workspace (seqrun stop --spec ${shellWord(holder.spec)} stops that)`,
    );
    return 0;
  }
  // What it is about to begin is this spec's run, or nobody's: then nothing ever takes this up.
  if (holder) {
    await drop(holder.run);
    io.console.say(
      `pid ${holder.pid} holds this workspace and has not begun with this spec: if it does, it stops before its first unit`,
    );
    return 0;
  }
  if (!state.open) {
    io.console.say(
      `nothing is running for this spec (${state.lastEnd ? `its last run ended with ${state.lastEnd.exit}` : 'it was never started'})`,
    );
    return 0;
  }
  if (!now) {
    const words = bothWords(intention, state.run?.words ?? []);
    io.console.say(
      `no runner is alive; start ${state.open.n} may still be. To end it: seqrun stop --now ${words.look}; to go on with it: seqrun ${words.run}`,
    );
    return 0;
  }
  const { endLeftBehind } = await import('../left-behind.ts');
  return endLeftBehind(intention, io);
};

/** What a runner does that is told to stop; `open` = what is at work, as far as its journal says. */
export const stopWords = (open: Pick<OpenStart, 'kind' | 'gate'> | null, now: boolean): string => {
  if (open === null) return 'stops: nothing is at work';
  if (!now) return 'stops after this unit';
  if (open.gate) return `ends gate ${open.gate.name} and stops`;
  return `ends the ${open.kind === 'assign' ? 'assignment' : 'agent'} and stops`;
};
