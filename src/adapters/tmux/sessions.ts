// The tmux session of a spec: found by the option that names the spec, or made; window `seqrun` shows the run's status.
import { isPassed } from '../jobs/launch-script.ts';
import { isSame, type ProcessSource } from '../jobs/process-table.ts';
import { encodePath, safeName, startDirectory, type TmuxAnswer, type TmuxClient, word } from './client.ts';

/** One session of one life of a tmux server. Ids are never reused while that server lives. */
export interface TmuxSession {
  id: string;
  name: string;
  serverPid: number;
  serverStart: string;
  /**
   * Names of the variables that a program in a new window of it inherits, when launch.sh can take them away by itself; null = an old tmux,
   * or names that a shell acts on before its first line: launch.sh then needs a clean start.
   */
  inherits: readonly string[] | null;
}

/** A pane that seqrun made in an earlier start, as the server shows it now. */
export interface OwnWindow {
  window: string;
  pane: string;
  /** Window name. */
  name: string;
  /** Folder name of the start it shows. */
  start: string;
  dead: boolean;
}

export interface SessionOptions {
  client: TmuxClient;
  source: ProcessSource;
  /** Wanted name; made safe here. */
  sessionName: string;
  specRealpath: string;
  /** File whose end window `seqrun` shows. */
  statusFile: string;
}

type Failure = Extract<TmuxAnswer, { ok: false }>;

/** True while the server that this session was found on is alive: only then do its ids mean anything. */
export const isServerAlive = (source: ProcessSource, session: { serverPid: number; serverStart: string }): boolean =>
  isSame(source, session.serverPid, session.serverStart);

/**
 * Finds or makes the session. A session of that name without our option is taken over (its windows are left alone); one that
 * belongs to another spec makes us take `<name>-2`, `-3`, …
 */
export const ensureSession = async (options: SessionOptions): Promise<TmuxSession | Failure> => {
  let failure: Failure | null = null;
  // Somebody else may make a session of that name between the two calls: look again, a few times.
  for (let round = 0; round < 3; round++) {
    const sessions = await listSessions(options.client);
    if ('ok' in sessions) return sessions;
    const { name, there } = choose(options, sessions);
    const made = there ? await takeOver(options, there.id) : await make(options, name);
    if (made.ok) {
      const serverPid = Number(made.stdout.trim().split(' ')[1]);
      const id = made.stdout.trim().split(' ')[0]!;
      const serverStart = options.source.one(serverPid)?.startTime ?? '';
      return { id, name, serverPid, serverStart, inherits: await inheritedNames(options.client, id) };
    }
    failure = made;
    if (failure.why !== 'refused') break;
  }
  return failure!;
};

/** Set by tmux itself in each window, or brought by a client that attaches (tmux(1), `update-environment`). */
const alwaysInherited =
  'TERM TMUX TMUX_PANE SHELL TERM_PROGRAM TERM_PROGRAM_VERSION COLORTERM DISPLAY KRB5CCNAME MSYSTEM SSH_ASKPASS SSH_AUTH_SOCK SSH_AGENT_PID SSH_CONNECTION WINDOWID XAUTHORITY'.split(
    ' ',
  );
/** Every sh keeps these itself, and they can be unset. */
const kept = new Set(['PWD', 'OLDPWD', '_']);
const namesMax = 400;

const inheritedNames = async (client: TmuxClient, session: string): Promise<readonly string[] | null> => {
  const answer = await client.run([
    ...['display-message', '-p', '#{version}', ';', 'show-environment', '-g', ';', 'show-environment', '-t', session],
  ]);
  return answer.ok ? namesToUnset(answer.stdout) : null;
};

/**
 * From the words of `#{version}` and `show-environment`: every name there, or null before tmux 3.0 (`new-window -e`) and when a line is
 * not `NAME=value` of a plain name (a value of several lines, a function that bash exported, SHELLOPTS).
 */
export const namesToUnset = (text: string): readonly string[] | null => {
  const [version = '', ...lines] = splitLines(text);
  if (Number(/(\d+)\.\d/.exec(version)?.[1] ?? 0) < 3) return null;
  const names = new Set(alwaysInherited);
  for (const line of lines) {
    // `-NAME` is one that is taken away already.
    const name = /^(?:-([^=]+)$|([^=]+)=)/.exec(line)?.slice(1).find(Boolean) ?? '';
    if (!isPassed(name) && !kept.has(name)) return null;
    names.add(name);
  }
  return names.size > namesMax ? null : [...names].sort();
};

/** The name that `ensureSession` would take now. Touches nothing; without a server every name is free. */
export const nextSessionName = async (
  options: Pick<SessionOptions, 'client' | 'sessionName' | 'specRealpath'>,
): Promise<string> => {
  const sessions = await listSessions(options.client);
  return choose(options, 'ok' in sessions ? [] : sessions).name;
};

/** The first of `<name>`, `<name>-2`, … that no other spec has. */
const choose = (options: Pick<SessionOptions, 'sessionName' | 'specRealpath'>, sessions: readonly Session[]) => {
  const base = safeName(options.sessionName) || 'sequential';
  const spec = encodePath(options.specRealpath);
  for (let k = 1; ; k++) {
    const name = k === 1 ? base : `${base}-${k}`;
    const there = sessions.find(session => session.name === name);
    if (!there || there.spec === '' || there.spec === spec) return { name, there };
  }
};

interface Session {
  id: string;
  name: string;
  spec: string;
}

/** Sessions of the server; `spec` is the encoded realpath or ''. A missing server has none. */
export const listSessions = async (client: TmuxClient): Promise<Session[] | Failure> => {
  const answer = await client.run(['list-sessions', '-F', '#{session_id} #{session_name} #{@seqrun-spec}']);
  if (!answer.ok) return answer.why === 'no_server' ? [] : answer;
  return splitLines(answer.stdout).map(line => {
    // A session named by somebody else may hold spaces; ids and our option never do.
    const parts = line.split(' ');
    return { id: parts[0]!, name: parts.slice(1, -1).join(' '), spec: parts.at(-1)! };
  });
};

/** Windows of a session that show a start, by start number. Those that a person opened are not in it. */
export const listOwnWindows = async (client: TmuxClient, sessionId: string): Promise<OwnWindow[] | Failure> => {
  const format = '#{window_id} #{pane_id} #{pane_dead} #{@seqrun} #{window_name}';
  const answer = await client.run(['list-panes', '-s', '-t', `${sessionId}:`, '-F', format]);
  if (!answer.ok) return answer;
  const own = splitLines(answer.stdout)
    .map(line => line.split(' '))
    .filter(([, , , start]) => /^\d+-/.test(start ?? ''))
    .map(([window, pane, dead, start, ...name]) => ({
      window: window!,
      pane: pane!,
      dead: dead === '1',
      start: start!,
      name: name.join(' '),
    }));
  return own.sort((a, b) => Number.parseInt(a.start, 10) - Number.parseInt(b.start, 10));
};

const report = '#{session_id} #{pid}';

const make = (options: SessionOptions, name: string): Promise<TmuxAnswer> =>
  options.client.run([
    ...['new-session', '-d', '-P', '-F', report, '-s', name, '-n', 'seqrun', '-x', '200', '-y', '50', '-c', '/'],
    ...statusCommand(options.statusFile),
    // In the same call: with a global `destroy-unattached on` the session would be gone before a second one.
    ...[';', 'set-option', '-t', `=${name}:`, 'destroy-unattached', 'off'],
    ...[';', 'set-option', '-t', `=${name}:`, '@seqrun-spec', encodePath(options.specRealpath)],
    ...windowOptions(`=${name}:`, 'status'),
  ]);

const takeOver = async (options: SessionOptions, id: string): Promise<TmuxAnswer> => {
  const answer = await options.client.run([
    ...['set-option', '-t', `${id}:`, 'destroy-unattached', 'off'],
    ...[';', 'set-option', '-t', `${id}:`, '@seqrun-spec', encodePath(options.specRealpath)],
    ...[
      ';',
      'list-panes',
      '-s',
      '-t',
      `${id}:`,
      '-F',
      `${report} #{pane_id} #{pane_dead} #{@seqrun} #{pane_start_command}`,
    ],
  ]);
  if (!answer.ok) return answer;
  const there = splitLines(answer.stdout).filter(line => /^\S+ \S+ \S+ 0 status(?: |$)/.test(line));
  // The pane, not the window: a person may have split it.
  const own = there.find(line => line.includes(tailWords.join(' ')))?.split(' ')[2];
  if (own) {
    // It shows the run before this one, and would say of the file that it has become shorter. Nothing depends on it.
    await options.client.run([
      ...['respawn-pane', '-k', '-t', own, '-c', startDirectory('/'), ...statusCommand(options.statusFile)],
      ...[';', 'clear-history', '-t', own],
    ]);
  }
  if (there.length > 0) return answer;
  // The person closed the status window, or the session was theirs: put one at the end.
  const added = await options.client.run([
    ...['new-window', '-d', '-a', '-t', `${id}:{end}`, '-n', 'seqrun', '-c', startDirectory('/')],
    ...statusCommand(options.statusFile),
    ...windowOptions(`${id}:{end}`, 'status'),
  ]);
  return added.ok ? answer : added;
};

const tailWords = ['tail', '-n', '100', '-F'];

const statusCommand = (statusFile: string): string[] => ['--', ...tailWords, '--', word(statusFile)];

/** Commands that set our options on one window, to be appended to the call that made it. Its name (`-n`) turns automatic-rename off. */
export const windowOptions = (target: string, seqrun: string): string[] => [
  ...[';', 'set-option', '-w', '-t', target, 'remain-on-exit', 'on'],
  ...[';', 'set-option', '-w', '-t', target, 'allow-rename', 'off'],
  ...[';', 'set-option', '-w', '-t', target, '@seqrun', seqrun],
];

export const splitLines = (text: string): string[] => text.split('\n').filter(line => line !== '');
