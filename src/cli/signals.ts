// Ctrl-C and TERM: once = end the running agent and save; a second Ctrl-C = leave it running for the next start.
import type { LoopControl } from '../engine/loop.ts';

export interface SignalWatch {
  /** Hands the loop over as soon as there is one; what came before is passed on. */
  drive(control: LoopControl, say: (message: string) => void): void;
  stop(): void;
}

/** Listens from the call on. SIGHUP is not in here: the console goes off, the run goes on. */
export const catchSignals = (): SignalWatch => {
  let control: LoopControl | null = null;
  let say: (message: string) => void = () => undefined;
  const seen: NodeJS.Signals[] = [];
  const act = (signal: NodeJS.Signals): void => {
    if (!control) return;
    if (signal === 'SIGINT' && seen.filter(one => one === 'SIGINT').length > 1) {
      say('second Ctrl-C: an agent that still runs is left; run seqrun again and it goes on with it');
      control.abandon();
      return;
    }
    say(
      signal === 'SIGINT'
        ? 'Ctrl-C: ending the agent and saving (once more leaves it running)'
        : 'TERM: ending the agent and saving',
    );
    control.stop({ because: signal === 'SIGINT' ? 'Ctrl-C' : 'SIGTERM', exit: signal === 'SIGINT' ? 130 : 143 });
  };
  const listener = (signal: NodeJS.Signals): void => {
    seen.push(signal);
    act(signal);
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    drive: (given, sayer) => {
      control = given;
      say = sayer;
      for (const signal of seen.slice(-2)) act(signal);
    },
    stop: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
};
