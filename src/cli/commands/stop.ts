// `seqrun stop [--now]`: ends the run after this unit, or at once. Ends an agent that was left behind, too.
import { dropCommand } from '../../compose.ts';
import type { Intention } from '../intention.ts';
import { lookAt } from '../look.ts';
import type { Io } from '../main.ts';
import { specWords } from '../spec-words.ts';

export const run = async (intention: Intention, io: Io): Promise<number> => {
  const now = intention.command === 'stop' && intention.now;
  const looked = await lookAt(intention, io);
  if ('exit' in looked) {
    io.console.fail(looked);
    return looked.exit;
  }
  const { runner, state, places } = looked;
  if (runner) {
    await dropCommand(places.inbox, {
      run: runner.run,
      atMs: Date.now(),
      command: { kind: 'stop', now, because: now ? 'stopped with seqrun stop --now' : 'stopped with seqrun stop' },
    });
    io.console.say(
      now
        ? `the runner (pid ${runner.pid}) ends the agent and stops`
        : `the runner (pid ${runner.pid}) stops after this unit`,
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
    io.console.say(
      `no runner is alive; start ${state.open.n} may still be: seqrun stop --now ${specWords(intention)} ends it, seqrun ${specWords(intention)} goes on with it`,
    );
    return 0;
  }
  const { endLeftBehind } = await import('../left-behind.ts');
  return endLeftBehind(intention, io);
};
