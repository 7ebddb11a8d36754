// What a person needs to look at a run: the session of a spec, the window of a unit, and the words that attach to it.
import { encodePath, type TmuxClient } from './client.ts';
import { listOwnWindows, listSessions, type OwnWindow } from './sessions.ts';
import { keyOfStart } from './windows.ts';

export interface SpecSession {
  id: string;
  name: string;
}

/** Sessions that show this spec, on the server that the client means. Empty when there is none or no server. */
export const findSessions = async (client: TmuxClient, specRealpath: string): Promise<SpecSession[]> => {
  const sessions = await listSessions(client);
  if ('ok' in sessions) return [];
  const spec = encodePath(specRealpath);
  return sessions.filter(session => session.spec === spec).map(({ id, name }) => ({ id, name }));
};

/** Windows of a session that show starts, oldest start first. Empty when the session is gone. */
export const listWindows = async (client: TmuxClient, sessionId: string): Promise<OwnWindow[]> => {
  const windows = await listOwnWindows(client, sessionId);
  return 'ok' in windows ? [] : windows;
};

/** The window that shows the latest start whose folder is `<n>-<slug>`, or null. */
export const windowOf = (windows: readonly OwnWindow[], slug: string): OwnWindow | null =>
  windows.findLast(({ start }) => keyOfStart(start) === slug) ?? null;

/**
 * Arguments for tmux that show a session (and one window of it). Inside tmux the client is switched, else it attaches.
 * Ids, since a name with a dot would be read as a pane.
 */
export const attachArgs = (
  session: { id: string },
  window: { window: string } | null,
  insideTmux: boolean,
): string[] => [
  insideTmux ? 'switch-client' : 'attach-session',
  '-t',
  window ? `${session.id}:${window.window}` : `${session.id}:`,
];

/** A line that works when it is pasted into a shell: session names of ours need no quotes. */
export const attachHint = (client: Pick<TmuxClient, 'command'>, session: { name: string }): string =>
  `${client.command.join(' ')} attach -t ${session.name}`;
