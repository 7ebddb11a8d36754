// Who a process is, so that a later one can tell whether it still lives: pid alone is used again by the system.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** A process, named so that no other one on any machine has the same name. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: field 22 of /proc/PID/stat, clock ticks since boot (proc(5)). Elsewhere what `ps -o lstart=` prints. null = unknown. */
  startTime: string | null;
  /** /proc/sys/kernel/random/boot_id; null where there is none. Containers share their host's. */
  bootId: string | null;
  hostname: string;
  /** /etc/machine-id: two hosts may have one name. null = unknown. */
  machineId: string | null;
  /** Inode of the pid namespace: pids of another one mean nothing here. null = unknown. */
  pidNamespace: string | null;
}

export type Liveness = 'alive' | 'dead' | 'unknowable';

/** This process. */
export const ownIdentity = async (): Promise<ProcessIdentity> => ({
  pid: process.pid,
  startTime: (await look(process.pid))?.startTime ?? null,
  bootId: await firstLine('/proc/sys/kernel/random/boot_id'),
  hostname: hostname(),
  machineId: await firstLine('/etc/machine-id'),
  pidNamespace: await stat('/proc/self/ns/pid').then(
    info => String(info.ino),
    () => null,
  ),
});

/**
 * Whether the named process still lives, as seen from `self`. A zombie is dead; so is a pid that another process has got, and
 * everything of an earlier boot of this machine. `unknowable`: another host, or another pid namespace (a container).
 */
export const livenessOf = async (other: ProcessIdentity, self: ProcessIdentity): Promise<Liveness> => {
  const sameKernel = other.bootId !== null && other.bootId === self.bootId;
  if (!sameKernel) {
    if (other.hostname !== self.hostname) return 'unknowable';
    if (other.machineId !== null && self.machineId !== null && other.machineId !== self.machineId) return 'unknowable';
    if (other.bootId !== null && self.bootId !== null) return 'dead';
  }
  if (other.pidNamespace !== self.pidNamespace) return 'unknowable';
  const found = await look(other.pid);
  if (!found) return 'dead';
  if (found.zombie) return 'dead';
  if (found.startTime !== null && other.startTime !== null && found.startTime !== other.startTime) return 'dead';
  return 'alive';
};

/** What the system says about a pid now; null = there is none. */
const look = async (pid: number): Promise<{ startTime: string | null; zombie: boolean } | null> => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else. /proc may hide it from us then (hidepid).
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (line !== null) {
    // The name in brackets may hold anything, brackets and spaces included: the fields begin after the last one.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { startTime: fields[19] ?? null, zombie: fields[0] === 'Z' || fields[0] === 'X' };
  }
  if (process.platform === 'linux') return { startTime: null, zombie: false };
  const shown = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  }).catch(() => null);
  const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(shown?.stdout ?? '');
  return match ? { startTime: match[2]!, zombie: match[1]!.startsWith('Z') } : { startTime: null, zombie: false };
};

const firstLine = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    text => text.split('\n')[0]!.trim() || null,
    () => null,
  );
