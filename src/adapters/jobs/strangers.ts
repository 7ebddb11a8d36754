// Processes of starts that no journal at hand knows: the folders that told of them were removed, or are kept in another state home.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { parseStat } from './process-table.ts';

export interface Stranger {
  pid: number;
  /** Value of its SEQRUN_START; of a git that was called by another seqrun than this process, `git` and its pid. */
  mark: string;
}

/**
 * Living processes of this user that bear the mark of a start, or are a git that another seqrun called, and work in a folder that
 * `isInside` accepts (a real path). `mayBe` is asked first, of every folder that some process works in, and must be quick: what it
 * refuses costs a few µs. This process and those above it are left out: a shell that an agent once opened keeps its mark for ever.
 * Linux only; elsewhere it finds none. A look at one moment; never throws.
 */
export const strangersIn = async (
  isInside: (folder: string) => Promise<boolean>,
  mayBe: (folder: string) => boolean = () => true,
): Promise<Stranger[]> => {
  if (process.platform !== 'linux') return [];
  const above = ancestors();
  const found: Stranger[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || above.has(pid)) continue;
    const folder = workFolderOf(pid);
    const mark = folder === null || !mayBe(folder) ? null : markOf(pid);
    if (mark !== null && folder !== null && (await isInside(folder))) found.push({ pid, mark });
  }
  return found;
};

const ancestors = (): Set<number> => {
  const above = new Set<number>();
  for (let pid = process.pid; pid > 1 && !above.has(pid); pid = parentOf(pid)) above.add(pid);
  return above;
};

const parentOf = (pid: number): number => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.ppid ?? 0;
  } catch {
    return 0;
  }
};

/** A zombie has no environment any more, a process of another user shows none. */
const markOf = (pid: number): string | null => {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return null;
    const environ = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
    const mark = /\0SEQRUN_START=([^\0]+)\0/.exec(environ)?.[1];
    if (mark !== undefined) return mark;
    // Only git itself: a hook may leave a server of the user's behind, which is to stay.
    const caller = /\0SEQRUN_CALLS_GIT=([^\0]+)\0/.exec(environ)?.[1];
    const isGit =
      caller !== undefined &&
      caller !== String(process.pid) &&
      readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === 'git';
    return isGit ? `git ${pid}` : null;
  } catch {
    return null;
  }
};

const workFolderOf = (pid: number): string | null => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
};
