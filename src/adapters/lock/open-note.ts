// The workspace's `open` file: which job may be alive in this working tree, whoever started it.
import { closeSync, fstatSync, openSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { codeOf, reasonOf, writeAll } from '../files/atomic.ts';

const noteSchema = v.object({
  /** Real path of the spec folder. */
  spec: v.string(),
  /** The start's folder, absolute. */
  folder: v.string(),
  mark: v.string(),
  /** null: the job is no unit's (assignment). */
  unit: v.nullable(v.string()),
  /** The seqrun that wrote this, not the job: that one is found by its folder and mark. */
  pid: v.number(),
  startTime: v.nullable(v.string()),
  bootId: v.nullable(v.string()),
});

/** A job that was about to be launched, and was not seen to end. */
export type OpenNote = v.InferOutput<typeof noteSchema>;

export type NoteReading =
  | { kind: 'none' }
  | { kind: 'note'; note: OpenNote }
  /** Something is there and cannot be understood: a job may be alive. */
  | { kind: 'unreadable'; exit: 65; path: string; message: string };

/** Clocks are set while a machine runs: only what is clearly older than its boot counts as such. */
const clockSlackMs = 60_000;

/** Path of the note in a workspace's folder. */
export const notePath = (workspaceFolder: string): string => join(workspaceFolder, 'open');

/** Where the note's file stands while no job may be alive. Nobody reads it there. */
const freePath = (path: string): string => `${path}.free`;

/**
 * Writes the note: the file that stands aside is written over and gets the name, so that a killed runner leaves no note or this
 * one. The same file each time, since making and removing one costs more than all the rest (ext4 passes over what was removed in
 * the last minutes). Not flushed: what a power cut could take from it tells of jobs that the same power cut has ended. Throws what
 * the disk says.
 */
export const writeNote = async (workspaceFolder: string, note: OpenNote): Promise<void> => {
  const path = notePath(workspaceFolder);
  const free = freePath(path);
  const bytes = Buffer.from(`${JSON.stringify(note)}\n`);
  const fd = openAside(free);
  try {
    // What is left of a longer note becomes blanks, which no reader of JSON minds.
    writeAll(fd, Buffer.concat([bytes, Buffer.alloc(Math.max(0, fstatSync(fd).size - bytes.length), ' ')]));
  } finally {
    closeSync(fd);
  }
  renameSync(free, path);
};

const openAside = (free: string): number => {
  try {
    return openSync(free, 'r+');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return openSync(free, 'wx', 0o600);
  }
};

/**
 * Reads the note. Never throws. One that cannot be understood and is older than this boot counts as none: a power cut tore it, and
 * ended whatever it told of.
 */
export const readNote = async (workspaceFolder: string): Promise<NoteReading> => {
  const path = notePath(workspaceFolder);
  let why: string;
  const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  try {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), noteSchema), await readFile(path, 'utf8'));
    if (parsed.success) return { kind: 'note', note: parsed.output };
    why = v.summarize(parsed.issues).replace(/\s+/g, ' ').slice(0, 200);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'none' };
    why = reasonOf(error);
  }
  if (writtenMs < Date.now() - uptime() * 1000 - clockSlackMs) return { kind: 'none' };
  return {
    kind: 'unreadable',
    exit: 65,
    path,
    message:
      `The note of the job that may be alive in this workspace cannot be understood: ${why}\n  at ${path}\n` +
      `Look whether an agent still works here (tmux ls); when none does, remove the file: rm '${path}'`,
  };
};

/**
 * Takes the note away; one that is gone already is fine. Throws what the disk says. Not flushed: a note that a power cut brings
 * back tells of a job that nobody finds any more.
 */
export const removeNote = async (workspaceFolder: string): Promise<void> => {
  const path = notePath(workspaceFolder);
  try {
    renameSync(path, freePath(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
};
