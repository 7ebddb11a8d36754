// What a start that runs has said last, and when: from the files of its folder, however long they are.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanLines } from '../text.ts';

/** Longer lines are seen from their middle on. */
const tailBytes = 4096;

export interface Said {
  /** The last line of its readable rendering that is not blank; null = none yet. */
  line: string | null;
  /** Epoch ms of its last output, also where that is nothing to be shown; null = none yet. */
  atMs: number | null;
}

/** When a start last wrote something, epoch ms, or null. */
export const lastOutputMs = async (folder: string): Promise<number | null> => {
  const times = ['stdout.jsonl', 'stderr.log'].map(name =>
    stat(join(folder, name))
      .then(info => (info.size > 0 ? info.mtimeMs : 0))
      .catch(() => 0),
  );
  return Math.max(0, ...(await Promise.all(times))) || null;
};

/** Never rejects: what cannot be read has not been said. */
export const lastSaid = async (folder: string): Promise<Said> => {
  const [line, atMs] = await Promise.all([lastLine(join(folder, 'view.log')).catch(() => null), lastOutputMs(folder)]);
  return { line, atMs };
};

const lastLine = async (path: string): Promise<string | null> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = cleanLines(buffer.toString('utf8', 0, bytesRead)).map(line => line.trim());
    return lines.findLast(line => line !== '') ?? null;
  } finally {
    await file.close();
  }
};
