// The processes of this machine: /proc in one pass on Linux, `ps` elsewhere (macOS: written after its manual, not tested).
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { hasNumber } from './inherited.ts';

export interface ProcessRow {
  pid: number;
  ppid: number;
  /** Session id; the process group where the system does not tell (macOS). */
  sid: number;
  /** One letter; Z and X are dead (all threads of it). */
  state: string;
  /** Only good for comparing: pid and start time together name one process until the next boot. */
  startTime: string;
  /** Grows with the start time. */
  startOrder: number;
  /** CPU time used, in ticks of 10 ms. */
  cpuTicks: number;
}

/** Everything here is a look at one moment; nothing throws for a process that has gone. */
export interface ProcessSource {
  /** Names this boot of this machine. */
  boot: string;
  /**
   * Every process that can be seen, zombies too; those that started before `since` (a `startOrder`) may be left out. About 0.9 ms for 77
   * processes, 0.3 ms where most are older than `since` and were seen before.
   */
  all(since?: number): Map<number, ProcessRow>;
  one(pid: number): ProcessRow | null;
  /**
   * Its environment, as it was started with, holds `SEQRUN_START=<mark>`, or it has the number that belongs to the mark (Linux). False
   * when its environment cannot be read.
   */
  hasMark(pid: number, mark: string): boolean;
  /** It runs as our user. */
  isOurs(pid: number): boolean;
  /** Path of its controlling terminal, or null. */
  terminalOf(pid: number): string | null;
  /** Its command line in one line, at most 200 characters, `?` when unknown. */
  commandOf(pid: number): string;
}

/** True unless the process is a zombie or already dead. */
export const isLive = (row: ProcessRow | null | undefined): row is ProcessRow =>
  row !== null && row !== undefined && row.state !== 'Z' && row.state !== 'X';

/** True when the pid is alive and still the process that had this start time. */
export const isSame = (source: ProcessSource, pid: number, startTime: string): boolean => {
  const row = source.one(pid);
  return isLive(row) && row.startTime === startTime;
};

/** The table of this machine. */
export const processSource = (): ProcessSource => (process.platform === 'linux' ? procSource() : psSource());

/** A machine that makes processes all the time is not waited for. */
const roundsMax = 5;

const procSource = (): ProcessSource => {
  // readFileSync asks twice as much of the system; this is done for every process at every look.
  const buffer = Buffer.alloc(4096);
  /**
   * Processes that were older than what was asked for. The folder of a process has its inode number for as long as the process lives
   * (or the kernel forgets it and gives it a new one); a process that gets the pid later has another.
   */
  let old = new Map<number, { ino: number; startOrder: number }>();
  const one = (pid: number): ProcessRow | null => {
    let fd: number | null = null;
    try {
      fd = openSync(`/proc/${pid}/stat`, 'r');
      return parseStat(buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, null)));
    } catch {
      return null;
    } finally {
      if (fd !== null) closeSync(fd);
    }
  };
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    one,
    all: (since = 0) => {
      const rows = new Map<number, ProcessRow>();
      const still: typeof old = new Map();
      const looked = new Set<string>();
      // Again until nobody new is there: one that made another and ended while this looked is found by the other.
      for (let round = 0, more = true; more && round < roundsMax; round++) {
        more = false;
        for (const name of readdirSync('/proc')) {
          const first = name.charCodeAt(0);
          if (first < 48 || first > 57 || looked.has(name)) continue;
          looked.add(name);
          more = true;
          const pid = Number(name);
          // Asked before the row: when another process gets the pid in between, its own folder has another number.
          const ino = since > 0 ? statSync(`/proc/${name}`, { throwIfNoEntry: false })?.ino : undefined;
          const seen = old.get(pid);
          if (seen !== undefined && seen.ino === ino && seen.startOrder < since) {
            still.set(pid, seen);
            continue;
          }
          const row = one(pid);
          if (row === null) continue;
          rows.set(pid, row);
          if (ino !== undefined && row.startOrder < since) still.set(pid, { ino, startOrder: row.startOrder });
        }
      }
      if (since > 0) old = still;
      return rows;
    },
    hasMark: (pid, mark) =>
      // Names and values end with NUL; the leading one finds the first variable too. The limits can be read where the environment cannot
      // (another user's, one that is not to be dumped), and where it is gone (the first thread has ended, others go on).
      `\0${textOf(`/proc/${pid}/environ`)}\0`.includes(`\0SEQRUN_START=${mark}\0`) ||
      hasNumber(textOf(`/proc/${pid}/limits`), mark),
    isOurs: pid => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid?.(),
    terminalOf: pid => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return terminalPath(Number(text.slice(text.lastIndexOf(')') + 2).split(' ', 5)[4]));
      } catch {
        return null;
      }
    },
    commandOf: pid => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
        return oneLine(words) || `[${/\((.*)\)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '?'}]`;
      } catch {
        return '?';
      }
    },
  };
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** Path of a terminal by its device number (makedev(3)), for those that a tmux has: majors 136 to 143. Null for others. */
const terminalPath = (device: number): string | null => {
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  return major >= 136 && major <= 143 ? `/dev/pts/${(major - 136) * 256 + minor}` : null;
};

/** One line of /proc/PID/stat (proc(5)); the name in parentheses may hold anything, also `)`. Null when it is cut. */
export const parseStat = (text: string): ProcessRow | null => {
  const nameEnd = text.lastIndexOf(')');
  // Only as many as are used: this is done for every process of the machine after each job.
  const fields = text.slice(nameEnd + 2).split(' ', 20);
  const startTime = fields[19];
  if (nameEnd < 0 || startTime === undefined) return null;
  return {
    pid: Number.parseInt(text, 10),
    // A process whose first thread has ended shows as dead while the others go on (num_threads).
    state: fields[0] === 'Z' && Number(fields[17]) > 1 ? 'S' : fields[0]!,
    ppid: Number(fields[1]),
    sid: Number(fields[3]),
    // Its own and those of children that it has waited for: a build is many short processes.
    cpuTicks: Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]),
    startTime,
    startOrder: Number(startTime),
  };
};

const psSource = (): ProcessSource => {
  const ps = (args: string[]): string => {
    try {
      return execFileSync('ps', args, {
        encoding: 'utf8',
        env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 64e6,
      });
    } catch {
      return '';
    }
  };
  const columns = 'pid=,ppid=,pgid=,state=,time=,lstart=';
  const rowsOf = (text: string) =>
    text
      .split('\n')
      .map(parsePsLine)
      .filter(row => row !== null);
  return {
    boot: execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim(),
    one: pid => rowsOf(ps(['-o', columns, '-p', String(pid)]))[0] ?? null,
    all: () => new Map(rowsOf(ps(['-axo', columns])).map(row => [row.pid, row])),
    hasMark: (pid, mark) =>
      ` ${ps(['-Eww', '-o', 'command=', '-p', String(pid)]).trim()} `.includes(` SEQRUN_START=${mark} `),
    isOurs: pid => Number(ps(['-o', 'uid=', '-p', String(pid)])) === process.getuid?.(),
    terminalOf: pid => {
      const name = ps(['-o', 'tty=', '-p', String(pid)]).trim();
      return /^tty\w+$/.test(name) ? `/dev/${name}` : null;
    },
    commandOf: pid => oneLine(ps(['-ww', '-o', 'command=', '-p', String(pid)])) || '?',
  };
};

/** `pid ppid pgid state time lstart` of ps; the start time is `Mon Nov 20 10:00:00 2026`. Null for anything else. */
export const parsePsLine = (line: string): ProcessRow | null => {
  const found =
    /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.(\d+))?\s+(\S.*\d{4})\s*$/.exec(line);
  if (!found) return null;
  const [, pid, ppid, sid, state, days, hours, minutes, seconds, hundredths] = found;
  const secondsUsed = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3_600 + Number(minutes) * 60 + Number(seconds);
  const startTime = found[10]!.replace(/\s+/g, ' ');
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    sid: Number(sid),
    state: state!,
    cpuTicks: secondsUsed * 100 + Number((hundredths ?? '0').slice(0, 2)),
    startTime,
    startOrder: Date.parse(startTime),
  };
};

const oneLine = (text: string): string =>
  text
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim()
    .slice(0, 200);
