// Ctrl-C and TERM: once = end what runs and save; a second Ctrl-C = leave it running for the next start.
import type { OpenStart } from '../core/state.ts';
import type { LoopControl } from '../engine/loop.ts';

export interface SignalWatch {
  /** Hands the loop over as soon as there is one; what came before is passed on. `running` = the start that may be at work now. */
  drive(control: LoopControl, say: (message: string) => void, running: () => OpenStart | null): void;
  stop(): void;
}

/** Listens from the call on. SIGHUP is not in here: the console goes off, the run goes on. */
export const catchSignals = (): SignalWatch => {
  let control: LoopControl | null = null;
  let say: (message: string) => void = () => undefined;
  let running: () => OpenStart | null = () => null;
  const seen: NodeJS.Signals[] = [];
  const act = (signal: NodeJS.Signals): void => {
    if (!control) return;
    if (signal === 'SIGINT' && seen.filter(one => one === 'SIGINT').length > 1) {
      say('second Ctrl-C: what still runs is left; run seqrun again and it goes on with it');
      control.abandon();
      return;
    }
    const key = signal === 'SIGINT' ? 'Ctrl-C' : 'TERM';
    const open = running();
    if (open === null) say(`${key}: stopping`);
    else
      say(`${key}: ending ${whatRuns(open)} and saving${signal === 'SIGINT' ? ' (once more leaves it running)' : ''}`);
    control.stop({ because: signal === 'SIGINT' ? 'Ctrl-C' : 'SIGTERM', exit: signal === 'SIGINT' ? 130 : 143 });
  };
  const listener = (signal: NodeJS.Signals): void => {
    seen.push(signal);
    act(signal);
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    drive: (given, sayer, open) => {
      control = given;
      say = sayer;
      running = open;
      for (const signal of seen.slice(-2)) act(signal);
    },
    stop: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
};

const whatRuns = ({ kind, unit, gate }: OpenStart): string => {
  if (kind === 'agent') return 'the agent';
  if (kind === 'assign') return 'the assignment';
  return `gate ${gate?.name}${unit === null ? '' : ` of unit ${unit}`}`;
};
