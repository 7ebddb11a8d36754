// A run that was started detached tells the process that has started it when it has begun: then nobody need wait for it any more.
import type { Told } from '../engine/loop.ts';
import type { Watching } from './run/perform.ts';

/** In the environment of such a run alone. It is none of the flags' names, and no agent gets it. */
export const detachedMark = '_SEQRUN_DETACHED';

/** What is told. */
export interface Begun {
  seqrun: 'begun';
  /** tmux session; null = the run has none. */
  session: string | null;
  /** The command that shows it, or null. */
  attach: string | null;
  /** A person holds the run back since then: it starts nothing. `since` is ISO 8601. Null = it is not paused. */
  paused: { since: string; by: string } | null;
}

/** Whether this is one; asked once, before anything is started that would inherit the mark. */
const takeMark = (): boolean => {
  const has = process.env[detachedMark] !== undefined && process.send !== undefined;
  delete process.env[detachedMark];
  return has;
};

/**
 * `tell` as it is, but for a run that was started detached: its first start that lives, or its first wait, is told to who has started
 * it. What ends the run before that is an end of the first moments, and told by its exit code.
 */
export const tellingOf = (tell: (told: Told) => void, { sessionName, attach }: Watching): ((told: Told) => void) => {
  if (!takeMark()) return tell;
  let isTold = false;
  return told => {
    tell(told);
    if (isTold || told.kind !== 'action' || !['watch', 'wait', 'paused'].includes(told.action.kind)) return;
    isTold = true;
    const { paused } = told.action.kind === 'paused' ? told.state : { paused: null };
    const begun: Begun = {
      seqrun: 'begun',
      session: attach === null ? null : sessionName,
      attach,
      paused: paused && { since: new Date(paused.atMs).toISOString(), by: paused.by },
    };
    // Whoever waited may be gone: the run goes on.
    process.send?.(begun, undefined, undefined, () => {
      if (process.connected) process.disconnect();
    });
  };
};
