// One window per unit: opened or respawned in a single tmux call, looked at, and closed when there are too many.
import { existsSync } from 'node:fs';
import type { ProcessSource } from '../jobs/process-table.ts';
import { safeName, startDirectory, type TmuxAnswer, type TmuxClient, word } from './client.ts';
import { type ControlClient, controlClient } from './control.ts';
import {
  ensureSession,
  isServerAlive,
  listOwnWindows,
  type SessionOptions,
  splitLines,
  type TmuxSession,
  windowOptions,
} from './sessions.ts';

/** Which pane shows a start. Kept in the start's folder, so that another life of seqrun can ask what became of it. */
export interface WindowRef {
  serverPid: number;
  serverStart: string;
  session: string;
  window: string;
  pane: string;
}

/**
 * closed: it is gone while its session is there, so a person closed it. gone: its session or server is gone.
 * unknown: the server did not answer.
 */
export type WindowState = 'live' | 'dead' | 'closed' | 'gone' | 'unknown';

export interface WindowJob {
  /** Units of the same key share a window, one after another. */
  key: string;
  /** Hostile text; made safe here. */
  name: string;
  cwd: string;
  /** Folder name of the start: `12-1.2-agent`. */
  start: string;
  /** May get names of variables appended, which it has to unset. */
  argv: readonly string[];
  /** Environment of argv; what it inherits beside it, it is given the names of. */
  env: Readonly<Record<string, string>>;
}

export interface Windows {
  /** Starts `argv` in the unit's window. On a failure nothing was asked of tmux or tmux refused, except for `timeout`. */
  open(job: WindowJob, options: { timeoutMs: number }): Promise<WindowRef | Extract<TmuxAnswer, { ok: false }>>;
  /** What became of a window. One call. */
  look(ref: WindowRef): Promise<WindowState>;
  /** The job in it has ended: it may be respawned or closed from now on; of these the newest `keepWindows` stay. */
  finished(ref: WindowRef): void;
  /** The session in use, or null before the first window. */
  session(): TmuxSession | null;
}

interface Kept {
  key: string;
  ref: WindowRef;
  finished: boolean;
}

export const tmuxWindows = (
  options: SessionOptions & {
    client: TmuxClient;
    /** Environment of the clients, as in `TmuxOptions`. */
    env: Readonly<Record<string, string | undefined>>;
    source: ProcessSource;
    keepWindows: number;
  },
): Windows => {
  const { client, source } = options;
  let session: TmuxSession | null = null;
  /** Stays attached to `session`; made with it. */
  let control: ControlClient | null = null;
  /** Our windows, oldest use first. */
  let kept: Kept[] = [];

  const refOf = (window: string, pane: string): WindowRef => ({
    serverPid: session!.serverPid,
    serverStart: session!.serverStart,
    session: session!.id,
    window,
    pane,
  });

  const ensure = async (): Promise<Extract<TmuxAnswer, { ok: false }> | null> => {
    if (session && isServerAlive(source, session)) return null;
    session = null;
    const found = await ensureSession(options);
    if ('ok' in found) return found;
    session = found;
    control = controlClient(client, options.env, found.id);
    kept = [];
    const windows = await listOwnWindows(client, found.id);
    if ('ok' in windows) return null;
    // This is asked before a launch, when no other job lives: whatever these show has ended.
    for (const { window, pane, start } of windows) {
      kept.push({ key: keyOfStart(start), ref: refOf(window, pane), finished: true });
    }
    return null;
  };

  /** The oldest finished windows, all but the newest `keep` of them. */
  const finishedBeyond = (keep: number): Kept[] => {
    const finished = kept.filter(entry => entry.finished);
    return finished.slice(0, Math.max(0, finished.length - Math.max(0, keep)));
  };

  /** Over the client that stays, or with one for this call where there is none (any more). */
  const call = async (args: string[], timeoutMs: number): Promise<TmuxAnswer> =>
    (await control?.run(args, { timeoutMs })) ?? client.run(args, { timeoutMs });

  const respawn = (there: Kept, job: WindowJob, timeoutMs: number) =>
    call(
      [
        ...['respawn-pane', '-k', '-t', there.ref.pane, '-c', startDirectory(job.cwd), ...commandOf(job, session!)],
        ...[';', 'set-option', '-w', '-t', there.ref.pane, '@seqrun', word(job.start)],
      ],
      timeoutMs,
    );

  /** The new window and, at the end of the same call, the oldest finished ones away. */
  const create = (job: WindowJob, surplus: Kept[], timeoutMs: number) => {
    const end = `${session!.id}:{end}`;
    return call(
      [
        ...['new-window', '-d', '-a', '-t', end, '-P', '-F', '#{window_id} #{pane_id}'],
        ...['-n', safeName(job.name) || 'job', '-c', startDirectory(job.cwd), ...commandOf(job, session!)],
        ...windowOptions(end, word(job.start)),
        // The pane, not the window: a person may have split it.
        ...surplus.flatMap(({ ref }) => [';', 'kill-pane', '-t', ref.pane]),
      ],
      timeoutMs,
    );
  };

  return {
    session: () => session,
    open: async (job, { timeoutMs }) => {
      // A second round only when the session turns out to be gone, which tmux says before it has done anything.
      for (let round = 0; ; round++) {
        const failure = await ensure();
        if (failure) return failure;
        const there = kept.find(({ key, finished }) => finished && key === job.key);
        if (there) {
          const answer = await respawn(there, job, timeoutMs);
          kept = kept.filter(entry => entry !== there);
          if (answer.ok) {
            kept.push({ key: job.key, ref: there.ref, finished: false });
            return there.ref;
          }
          if (answer.why !== 'refused') return answer;
          // Closed since: a new one.
        }
        // One more than is kept now: this one will be finished too, and then no call is needed.
        const surplus = finishedBeyond(options.keepWindows - 1);
        const answer = await create(job, surplus, timeoutMs);
        const [window, pane] = answer.stdout.trim().split(' ');
        // What was printed has been done, whatever failed after it (a finished window that a person had closed already).
        if (window?.startsWith('@') && pane?.startsWith('%')) {
          kept = kept.filter(entry => !surplus.includes(entry));
          const ref = refOf(window, pane);
          kept.push({ key: job.key, ref, finished: false });
          return ref;
        }
        if (answer.ok) return { ok: false, why: 'refused', message: 'tmux new-window: printed no ids', stdout: '' };
        if (round > 0 || answer.why === 'timeout' || answer.why === 'absent') return answer;
        session = null;
      }
    },
    look: async ref => {
      if (!isServerAlive(source, ref)) return 'gone';
      const answer = await client.run(['list-panes', '-a', '-F', '#{session_id} #{pane_id} #{pane_dead}']);
      if (!answer.ok) return answer.why === 'no_server' ? 'gone' : 'unknown';
      let sessionThere = false;
      for (const line of splitLines(answer.stdout)) {
        const [session, pane, dead] = line.split(' ');
        if (pane === ref.pane) return dead === '1' ? 'dead' : 'live';
        if (session === ref.session) sessionThere = true;
      }
      return sessionThere ? 'closed' : 'gone';
    },
    finished: ref => {
      for (const entry of kept) if (entry.ref.pane === ref.pane) entry.finished = true;
      // Only when none is to stay, or fewer than an earlier run left. Not waited for: nothing depends on it.
      const surplus = finishedBeyond(options.keepWindows);
      if (surplus.length === 0) return;
      kept = kept.filter(entry => !surplus.includes(entry));
      void client.run(surplus.flatMap(({ ref }, k) => [...(k > 0 ? [';'] : []), 'kill-pane', '-t', ref.pane]));
    },
  };
};

/** As `keyOfStart`, for a start's folder as a path. */
export const startKey = (folder: string): string => keyOfStart(folder.slice(folder.lastIndexOf('/') + 1));

/** `12-1.2-agent` → `1.2-agent`: what stays the same over the starts of a unit. */
export const keyOfStart = (start: string): string =>
  start.replace(/^\d+-/, '').replace(/-gate-[a-z]+(?:-\d+)?$/, '-agent');

/**
 * The last words of the call: `-e NAME=value … -- argv names…`. Where the names are not known, `env -i` in front of argv puts the few
 * variables in place of all others; it is a program more to be started, 0.7 of the 9 ms that a bare window takes here.
 */
const commandOf = (job: WindowJob, session: TmuxSession): string[] => {
  const variables = Object.entries(job.env).map(([name, value]) => `${name}=${value}`);
  const words = session.inherits
    ? [...variables.flatMap(one => ['-e', one]), '--', ...job.argv, ...session.inherits]
    : ['--', envPath, '-i', ...variables, ...job.argv];
  return words.map(word);
};

const envPath = existsSync('/usr/bin/env') ? '/usr/bin/env' : 'env';
