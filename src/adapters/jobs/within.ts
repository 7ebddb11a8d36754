// Whether this process runs inside a start of seqrun, also when it was given another environment. Linux only.
import { readFileSync } from 'node:fs';
import { hasOwnNumber } from './inherited.ts';

/** What tells it: `environment` of this process or one above it (also of a git that seqrun called: a hook of it may be an agent's), or the limit of file locks that a start hands down. */
export interface Within {
  pid: number;
  by: 'environment' | 'limit';
}

/**
 * The nearest process, this one first and then those above it, that bears the mark of a start or a limit of file locks as only
 * seqrun sets it; null when there is none. Whose it is does not count: whatever has it may lower it, and below 2^32 the limit tells nothing more. Elsewhere than on Linux
 * always null: the caller asks the environment itself. Reads two small files of each process above (0.3 ms for ten); never throws.
 */
export const withinStart = (): Within | null => {
  if (process.platform !== 'linux') return null;
  const seen = new Set<number>();
  for (let pid = process.pid; pid > 0 && !seen.has(pid); pid = parentOf(pid)) {
    seen.add(pid);
    if (/\0SEQRUN_(?:START|CALLS_GIT)=[^\0]/.test(`\0${contentOf(pid, 'environ')}`)) return { pid, by: 'environment' };
    if (hasOwnNumber(contentOf(pid, 'limits'))) return { pid, by: 'limit' };
  }
  return null;
};

const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(contentOf(pid, 'status'))?.[1] ?? 0);

/** Empty when it has gone, or is another user's. */
const contentOf = (pid: number, name: 'environ' | 'limits' | 'status'): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
};
