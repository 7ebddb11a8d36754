// Writes the readable rendering to the terminal of a pane, without ever waiting for it.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { isSame, type ProcessSource } from '../jobs/process-table.ts';

export interface PaneTty {
  /** Shows these bytes as soon as the terminal takes them. Of what waits longer only the newest megabyte is shown. */
  write(bytes: Buffer): void;
  /** Closes it when everything is shown, when the terminal has taken nothing for 2 s, or 4.5 s from now; then calls back. */
  end(onClosed: () => void): void;
}

const waitingBytesMax = 1_000_000;
/** A terminal that reads is asked again soon: it takes a few kilobytes at a time. */
const retryMs = { reading: 5, standing: 50 };
const endMs = { standing: 2_000, inAll: 4_500 };

/**
 * The controlling terminal of that process, or null when it has none or is gone. It is asked again after opening: as long as
 * the process lives, nobody else can have got a terminal of that name. Keeps no process alive; never throws.
 */
export const openPaneTty = (source: ProcessSource, owner: { pid: number; start: string }): PaneTty | null => {
  const path = source.terminalOf(owner.pid);
  if (path === null) return null;
  let fd: number;
  try {
    // Never our own controlling terminal. A tmux server that is stopped must not stop us: it says EAGAIN when its buffer is full.
    fd = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  if (isatty(fd) && source.terminalOf(owner.pid) === path && isSame(source, owner.pid, owner.start)) return ttyOn(fd);
  closeSync(fd);
  return null;
};

const ttyOn = (open: number): PaneTty => {
  let fd: number | null = open;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let onEnd: (() => void) | null = null;
  let timer: NodeJS.Timeout | null = null;
  let giveUp: NodeJS.Timeout | null = null;

  const close = () => {
    if (fd !== null) closeSync(fd);
    fd = null;
    waiting = [];
    if (timer) clearTimeout(timer);
    if (giveUp) clearTimeout(giveUp);
    onEnd?.();
    onEnd = null;
  };
  const flush = () => {
    timer = null;
    let reading = false;
    try {
      while (fd !== null && waiting.length > 0) {
        const first = waiting[0]!;
        const written = writeSync(fd, first);
        waitingBytes -= written;
        reading = true;
        if (written < first.length) waiting[0] = first.subarray(written);
        else waiting.shift();
      }
    } catch (error) {
      // Anything else: the pane is gone.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return close();
      if (reading) giveUp?.refresh();
      timer = setTimeout(flush, reading ? retryMs.reading : retryMs.standing).unref();
      return;
    }
    if (onEnd) close();
  };
  return {
    write: bytes => {
      if (fd === null || bytes.length === 0) return;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      while (waitingBytes > waitingBytesMax && waiting.length > 1) waitingBytes -= waiting.shift()!.length;
      if (timer === null) flush();
    },
    end: onClosed => {
      onEnd = onClosed;
      if (fd === null) return close();
      if (timer === null) flush();
      if (fd === null) return;
      giveUp = setTimeout(close, endMs.standing).unref();
      setTimeout(close, endMs.inAll).unref();
    },
  };
};
