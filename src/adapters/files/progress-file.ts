// SEQUENTIAL_PROGRESS.md: appended to, never rewritten; what is missing is added, nothing twice, whatever others write into it.
import { closeSync, fstatSync, ftruncateSync, openSync, statSync } from 'node:fs';
import type { JournalEvent } from '../../core/events.ts';
import type { SpecWords } from '../../core/handoff.ts';
import { journalMarker, readMarkers, restOf } from '../../core/progress-markers.ts';
import { type ProgressEntry, progressFold, progressHeader, progressTitle } from '../../core/project-progress.ts';
import { type FileId, fileIdOf, writeAll } from './atomic.ts';
import { readWithId } from './state-file.ts';

export interface ProgressWriter {
  /** Appends the entries that the file does not have yet. Throws what the disk says; the file then has whole entries only. */
  write(): Promise<void>;
}

/**
 * The writer for one spec's journal. Each event is folded once; the file is read only at first and when it is not as it was left.
 */
export const createProgressWriter = (options: {
  path: string;
  specName: string;
  /** Absolute. */
  specFolder: string;
  /** How commands in the file name the spec; without it by its absolute path. */
  specWords?: SpecWords;
  /** The journal's events, oldest first; the same array or a longer one each time. */
  events: () => readonly JournalEvent[];
}): ProgressWriter => {
  const { path, specName } = options;
  const fold = progressFold(specName, options.specWords);
  const entries: ProgressEntry[] = [];
  let folded = 0;
  /** Entries that are in the file as of `lastId`. */
  let written = 0;
  let lastId: FileId | null = null;
  /**
   * Entries that were there when this life first looked at the file: another life may have written them. Of a later one only this life
   * can have, so that a marker of it that came beforehand is nobody's word.
   */
  let known: number | null = null;

  /** What must be appended to the file as it is now. */
  const missingText = (journal: string, startedAtMs: number): string => {
    const found = readWithId(path);
    const text = found?.text ?? '';
    const { present, current } = readMarkers(text, specName, journal);
    known ??= entries.length;
    const believed = Math.max(known, written);
    const missing = entries.filter((entry, k) => k >= believed || !present.has(entry.seq));
    if (missing.length === 0) return '';
    const header = progressHeader(options.specFolder, startedAtMs);
    const mark = `${journalMarker(specName, journal)}\n\n`;
    const told = missing.map(entry => entry.text).join('');
    // A writer that was killed in the middle left the beginning of it.
    for (const piece of current ? [told] : [header + mark + told, mark + told]) {
      const rest = restOf(text, piece);
      if (rest !== null) return rest;
    }
    const gap = text === '' || text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n';
    return gap + (hasTitle(text) ? '' : header) + (current ? '' : mark) + told;
  };

  return {
    write: async () => {
      const events = options.events();
      const first = events[0];
      if (first?.type !== 'journal.opened') return;
      for (; folded < events.length; folded++) {
        const entry = fold.add(events[folded]!);
        if (entry) entries.push(entry);
      }
      const id = idOf(path);
      const untouched = id !== null && id === lastId;
      if (untouched && written === entries.length) return;
      const text = untouched
        ? entries
            .slice(written)
            .map(entry => entry.text)
            .join('')
        : missingText(first.journal, first.atMs);
      lastId = text === '' ? id : appendWhole(path, text);
      written = entries.length;
    },
  };
};

/** A file that begins with other words is somebody's own; it gets the title as well, so that readers find where this begins. */
const hasTitle = (text: string): boolean => text.includes(progressTitle);

const idOf = (path: string): FileId | null => {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info ? fileIdOf(info) : null;
};

/** Appends all of the text, or (full disk) cuts what was appended of it. */
const appendWhole = (path: string, text: string): FileId => {
  const fd = openSync(path, 'a');
  try {
    const before = fstatSync(fd);
    const bytes = Buffer.from(text);
    try {
      writeAll(fd, bytes);
    } catch (error) {
      cutBack(fd, before.size, bytes.length);
      throw error;
    }
    return fileIdOf(fstatSync(fd, { bigint: true }));
  } finally {
    closeSync(fd);
  }
};

/** Only our own bytes are cut: had somebody else appended meanwhile, theirs would be behind ours. */
const cutBack = (fd: number, size: number, length: number): void => {
  try {
    const now = fstatSync(fd);
    if (now.size > size && now.size <= size + length) ftruncateSync(fd, size);
  } catch {
    // A part of an entry stays: the next writing sees that it is not whole.
  }
};
