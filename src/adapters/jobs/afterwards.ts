// Finds the file that a classifier asks for after the end (a rollout with reset times) and reads it.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { AfterwardsFile } from '../../core/agent.ts';

/** Reset times stand at the end; a rollout of a long night can be larger than is good to hold. */
const textBytesMax = 20_000_000;
/** An agent's home with more names than this is not searched to its end. */
const namesMax = 200_000;

/**
 * Text of the newest file by name below `root`, at most its last 20 MB; null when there is none or it cannot be read.
 * Links to folders are not followed.
 */
export const readAfterwards = (wanted: AfterwardsFile): string | null => {
  let best: { name: string; path: string } | null = null;
  let names = 0;
  const search = (folder: string, depth: number) => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      if (++names > namesMax) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth > 0) search(path, depth - 1);
      } else if (entry.name.includes(wanted.nameContains) && (best === null || entry.name > best.name)) {
        best = { name: entry.name, path };
      }
    }
  };
  search(wanted.root, wanted.depth);
  return best === null ? null : readLastText((best as { path: string }).path);
};

/** The last 20 MB of a file as text, or null when it cannot be read. A character that is cut at the beginning is lost. */
export const readLastText = (path: string): string | null => {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const size = fstatSync(fd).size;
    const buffer = Buffer.alloc(Math.min(size, textBytesMax));
    const got = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, got);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
};
