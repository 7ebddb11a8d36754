// What the window `seqrun` shows: a file that a `tail -F` follows.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { cleanLines } from './text.ts';

export interface StatusLog {
  /** Adds a line, or several with newlines in between, within a turn of the event loop. Never throws: the window is a courtesy. */
  add(lines: string): void;
  /** Writes what is left and closes the file. */
  close(): void;
}

/** Begins the file anew; where that cannot be, nothing is shown. Lines of one moment are written at once: each writing wakes the tail, the tmux server and its clients. */
export const openStatusLog = (file: string): StatusLog => {
  let fd: number | null = null;
  try {
    writeFileSync(file, '', { mode: 0o600 });
    fd = openSync(file, 'a');
  } catch {
    // As for the lines.
  }
  let waiting = '';
  const write = () => {
    const text = waiting;
    waiting = '';
    try {
      if (fd !== null) writeSync(fd, text);
    } catch {
      // As said above.
    }
  };
  return {
    add: lines => {
      if (waiting === '') setImmediate(() => waiting !== '' && write());
      // A terminal shows it as it is.
      waiting += `${cleanLines(lines).join('\n')}\n`;
    },
    close: () => {
      if (waiting !== '') write();
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
};
