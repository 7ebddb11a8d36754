// Remembers the starts there have been: one line each in the state home, so that scripts go on after any restart.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** One start, as a line of the memory and of the script's log. */
export interface StartLine {
  /** ISO, UTC. */
  at: string;
  /** Real path of the spec folder. */
  spec: string;
  /** Empty: owners were asked for. */
  unit: string;
  /** From 1. */
  nth: number;
  do: string;
  /** Mark of the start, or null when it was started by hand. */
  start: string | null;
  session: string;
  resumed: boolean;
  /** What seqrun said about the attempt, as written, or null. */
  attempt: string | null;
  pid: number;
  workspace: string;
  title: string;
  /** Pids of earlier starts in this workspace that were alive when this one began. Always empty without /proc. */
  alive_before: number[];
}

export interface Memory {
  /** Starts of this unit of this spec so far. */
  startsOf(spec: string, unit: string): number;
  /** The start that used the session last, or null. */
  ofSession(session: string): StartLine | null;
  /** See `StartLine.alive_before`. */
  aliveIn(workspace: string): number[];
  /** Adds a start. Throws what the file system throws. */
  add(line: StartLine): void;
}

/** The memory's file: `$XDG_STATE_HOME/seqrun/rehearsal/starts.jsonl`; a relative XDG_STATE_HOME does not count. */
export const memoryFile = (env: Readonly<Record<string, string | undefined>>): string => {
  const { XDG_STATE_HOME: state } = env;
  const home = state && isAbsolute(state) ? state : join(env.HOME || homedir(), '.local', 'state');
  return join(home, 'seqrun', 'rehearsal', 'starts.jsonl');
};

/** Reads the memory; a missing file is an empty one, a torn or foreign line is passed over. Other trouble is thrown. */
export const openMemory = (file: string): Memory => {
  const lines = readLines(file);
  return {
    startsOf: (spec, unit) => lines.filter(line => line.spec === spec && line.unit === unit).length,
    ofSession: session => lines.findLast(line => line.session === session) ?? null,
    aliveIn: workspace =>
      lines
        .filter(line => line.workspace === workspace && line.start !== null)
        .slice(-20)
        .filter(line => hasMark(line.pid, line.start!))
        .map(line => line.pid),
    add: line => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      appendLine(file, line);
      lines.push(line);
    },
  };
};

/** Appends one JSON line, on a line of its own even after a torn one. */
export const appendLine = (file: string, line: StartLine): void =>
  appendFileSync(file, `${endsTorn(file) ? '\n' : ''}${JSON.stringify(line)}\n`, { mode: 0o600 });

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};

const endsTorn = (file: string): boolean => {
  const text = textOf(file);
  return text !== '' && !text.endsWith('\n');
};

const readLines = (file: string): StartLine[] =>
  textOf(file)
    .split('\n')
    .map(parse)
    .filter(line => line !== null);

const parse = (line: string): StartLine | null => {
  try {
    const value = JSON.parse(line) as Partial<StartLine> | null;
    return typeof value?.spec === 'string' && typeof value.unit === 'string' ? (value as StartLine) : null;
  } catch {
    return null;
  }
};

/** A pid may have been given to another program since: only the mark in its environment tells. */
const hasMark = (pid: number, mark: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`SEQRUN_START=${mark}`);
  } catch {
    return false;
  }
};
