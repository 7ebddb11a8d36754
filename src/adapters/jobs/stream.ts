// Feeds what an agent has written to its reader, bit by bit, and appends the readable rendering to view.log.
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import type { StreamReader, ViewLine } from '../../core/agent.ts';
import type { PaneTty } from '../tmux/pane-tty.ts';
import { startPaths } from './folder.ts';
import { lineTail } from './lines.ts';
import { viewText } from './view.ts';

export interface JobStream {
  reader: StreamReader;
  /** Reads what has come since; yields to other work between chunks. Calls while one runs are joined into one more round. */
  pump(): Promise<void>;
  /** The last round: what stands after the last newlines is fed too. Nothing may be written any more. */
  finish(): Promise<void>;
  /** Where new rendering is shown too. `finish` closes it when everything is shown and calls `onShown`; `close` only closes it. */
  showOn(tty: PaneTty, onShown: () => void): void;
  /** Bytes of stdout and stderr read so far. */
  readBytes(): number;
  close(): void;
}

/**
 * The stream of the start in `folder`, from its first byte. When view.log is there already (another life of seqrun wrote
 * it), everything is fed again and only the missing rest of the rendering is appended.
 *
 * The rendering depends on the order in which the two files were read, which nothing in them tells. So each time that
 * stderr is fed, a line `<bytes of stdout fed before> <bytes of stderr fed after>` is appended to view.order *before* the
 * rendering; together the three files determine view.log exactly. A start that says nothing on stderr has no view.order.
 * A view that cannot be written (full disk) is given up; the facts are not affected.
 */
export const jobStream = (folder: string, reader: StreamReader): JobStream => {
  const paths = startPaths(folder);
  const stdout = lineTail(paths.stdout);
  const stderr = lineTail(paths.stderr);
  /** Bytes of the rendering that another life has written already. */
  let skipBytes = statSync(paths.view, { throwIfNoEntry: false })?.size ?? 0;
  let replay: { stdoutBytes: number; stderrBytes: number }[] | null = readOrder(paths.viewOrder);
  let viewFailed = false;
  let tty: PaneTty | null = null;
  let shown = () => {};
  let rendered: string[] = [];

  const take = (lines: ViewLine[]) => {
    for (const line of lines) rendered.push(viewText(line));
  };
  const fromStdout = (text: string) => take(reader.line('stdout', text));
  const fromStderr = (text: string) => take(reader.line('stderr', text));

  const append = (path: string, bytes: string | Buffer) => {
    if (viewFailed) return;
    try {
      appendFileSync(path, bytes, { mode: 0o600 });
    } catch {
      viewFailed = true;
    }
  };
  const writeView = () => {
    if (rendered.length === 0) return;
    const bytes = Buffer.from(rendered.join(''));
    rendered = [];
    const skipped = Math.min(skipBytes, bytes.length);
    skipBytes -= skipped;
    if (skipped === bytes.length) return;
    append(paths.view, bytes.subarray(skipped));
    tty?.write(bytes.subarray(skipped));
  };
  const drain = async (tail: typeof stdout, onLine: (text: string) => void, untilBytes?: number) => {
    while (tail.read(onLine, untilBytes)) {
      if (tail === stdout) writeView();
      await new Promise(resolve => setImmediate(resolve));
    }
  };

  const round = async () => {
    for (const { stdoutBytes, stderrBytes } of replay ?? []) {
      await drain(stdout, fromStdout, stdoutBytes);
      await drain(stderr, fromStderr, stderrBytes);
    }
    replay = null;
    await drain(stdout, fromStdout);
    writeView();
    const before = stderr.givenBytes();
    await drain(stderr, fromStderr);
    if (stderr.givenBytes() > before) append(paths.viewOrder, `${stdout.givenBytes()} ${stderr.givenBytes()}\n`);
    writeView();
  };

  let running: Promise<void> | null = null;
  let again = false;
  const pump = (): Promise<void> => {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await round();
      } while (again);
    })().finally(() => {
      running = null;
    });
    return running;
  };

  const close = () => {
    stdout.close();
    stderr.close();
    tty?.end(() => {});
  };

  return {
    reader,
    pump,
    finish: async () => {
      await pump();
      stdout.flush(fromStdout);
      stderr.flush(fromStderr);
      writeView();
      tty?.end(shown);
      tty = null;
      close();
    },
    showOn: (next, onShown) => {
      tty = next;
      shown = onShown;
    },
    readBytes: () => stdout.readBytes() + stderr.readBytes(),
    close,
  };
};

/** Complete lines of view.order; anything odd ends the list, the rest is then read as if it were new. */
const readOrder = (path: string): { stdoutBytes: number; stderrBytes: number }[] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const order = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const found = /^(\d+) (\d+)$/.exec(line);
    if (!found) break;
    order.push({ stdoutBytes: Number(found[1]), stderrBytes: Number(found[2]) });
  }
  return order;
};
