// The only place that prints. Results go to stdout, messages to stderr; a dead stream is left alone and the run goes on.
import { type Failure, failureLines } from './errors.ts';
import type { Region } from './live/region.ts';
import { canRewrite, showsUnicode } from './live/terminal.ts';
import { bold, clean, cleanLines, cyan, dim, type Piece, red, type Style, safeJson, yellow } from './text.ts';

/** What is needed of stdout and stderr. */
export interface Sink {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  isTTY?: boolean;
  /** Size of a terminal, in cells. */
  columns?: number;
  rows?: number;
}

/** Lines at the bottom of a terminal that are rewritten in place; what else is printed scrolls above them. */
export interface Screen {
  colour: boolean;
  unicode: boolean;
  /** Of the whole terminal, now. */
  size(): { columns: number; rows: number };
  /** Lines that are clean and narrower than the terminal, fewer than it has. The same ones again write nothing. */
  draw(lines: readonly string[]): void;
  /** Somebody else has written to the terminal: the next drawing begins where the cursor is. */
  forget(): void;
  /** Takes them away; nothing is drawn any more. */
  close(): void;
}

export interface ConsoleOptions {
  stdout: Sink;
  stderr: Sink;
  env: Readonly<Record<string, string | undefined>>;
  quiet: boolean;
  verbose: boolean;
  noColor: boolean;
}

/** Prints. Nothing here throws, and nothing of what is given is acted on by a terminal. */
export interface Console {
  /** One line of the result, on stdout. Printed with `--quiet` too. */
  out(...pieces: Piece[]): void;
  /** Text of several lines, each cleaned, on stdout. */
  text(text: string): void;
  /** A line of texts with tabs between, on stdout, for programs; no text keeps a tab of its own. */
  cells(...texts: string[]): void;
  /** A JSON value on stdout; `indent` 2 for one object, 0 (default) for a line of a stream. */
  json(value: unknown, indent?: number): void;
  /** `[seqrun] …` on stderr. Silent with `--quiet`. */
  say(...pieces: Piece[]): void;
  /** As `say`, with `--verbose` only. */
  detail(...pieces: Piece[]): void;
  /** `[seqrun] warning: …` on stderr, always. */
  warn(...pieces: Piece[]): void;
  /** All parts of a failure on stderr, always. */
  fail(failure: Failure): void;
  /** As `fail` for things that are less than failures: a warning always, an info as `say`. */
  report(severity: 'error' | 'warning' | 'info', failure: Failure): void;
  /** A screen on a terminal, or null: with `--quiet`, in a CI, on a dumb terminal and where the stream is none. One at a time. */
  screen(on: 'stdout' | 'stderr'): Promise<Screen | null>;
  /** Lines that a seqrun has said already, as they are but for what a terminal would act on, on stderr. */
  again(text: string): void;
  /** Cells of a line where this stream is a terminal, else null. */
  columns(on: 'stdout' | 'stderr'): number | null;
  /** Nobody reads stdout any more. */
  unread(): boolean;
  /** Prints nothing from now on (the terminal hung up). */
  off(): void;
  /** Resolves when what was printed has left the process or its stream is dead. */
  flush(): Promise<void>;
}

/**
 * Whether to colour a stream: `--no-color`, then FORCE_COLOR (0 and false = no), then NO_COLOR (any text), then whether
 * it is a terminal that is not dumb.
 */
export const wantsColor = (sink: Sink, env: ConsoleOptions['env'], noColor: boolean): boolean => {
  if (noColor) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force.toLowerCase() !== 'false';
  if (env.NO_COLOR) return false;
  return sink.isTTY === true && env.TERM !== 'dumb';
};

type Painter = (style: Style, text: string) => string;

const plain: Painter = (_, text) => text;

/** chalk is loaded only when something will be coloured: it costs as much as reading a spec. */
const painter = async (): Promise<Painter> => {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return (style, text) => chalk[style](text);
};

/** Makes the console. It listens for errors of both streams from then on. */
export const createConsole = async (options: ConsoleOptions): Promise<Console> => {
  const { stdout, stderr, env, quiet, verbose, noColor } = options;
  const onOut = wantsColor(stdout, env, noColor);
  const onErr = wantsColor(stderr, env, noColor);
  const paint = onOut || onErr ? await painter() : plain;
  let shown: { region: Region; on: Sink } | null = null;
  let isOwed = false;
  /** Before a line of this stream: the region makes room, and is back when the lines of this moment are printed. */
  const lift = (sink: Sink) => () => {
    if (shown === null || (shown.on !== sink && sink.isTTY !== true)) return;
    shown.region.lift();
    if (isOwed) return;
    isOwed = true;
    setImmediate(() => {
      isOwed = false;
      shown?.region.back();
    });
  };
  const out = createPrinter(stdout, onOut ? paint : plain, lift(stdout));
  const err = createPrinter(stderr, onErr ? paint : plain, lift(stderr));
  const screen: Console['screen'] = async name => {
    const [on, printer, colour] = name === 'stdout' ? [stdout, out, onOut] : [stderr, err, onErr];
    if (quiet || on.isTTY !== true || !canRewrite(env)) return null;
    const { createRegion } = await import('./live/region.ts');
    // A terminal that does not say how large it is says 0.
    const size = () => ({ columns: on.columns || 80, rows: on.rows || 24 });
    const region = createRegion(printer.raw, size);
    shown = { region, on };
    return {
      colour,
      unicode: showsUnicode(env),
      size,
      draw: lines => {
        if (shown?.region === region) region.draw(lines);
      },
      forget: region.forget,
      close: () => {
        region.lift();
        if (shown?.region === region) shown = null;
      },
    };
  };
  const prefix: Piece = dim('[seqrun]');

  const say = (...pieces: Piece[]) => {
    if (!quiet) err.line([prefix, ' ', ...pieces]);
  };
  const report: Console['report'] = (severity, failure) => {
    if (quiet && severity === 'info') return;
    const [first, ...rest] = failureLines(failure);
    const head: Piece[] = [{ error: red, warning: yellow, info: cyan }[severity](`${severity}:`), ' '];
    err.line([prefix, ' ', ...head, severity === 'error' ? bold(first!) : first!]);
    for (const line of rest) err.line([line]);
  };
  return {
    out: (...pieces) => out.line(pieces),
    text: text => {
      for (const line of cleanLines(text)) out.line([line]);
    },
    cells: (...texts) => out.plainLine(texts.map(clean).join('\t')),
    json: (value, indent = 0) => out.plainLine(safeJson(value, indent)),
    say,
    detail: (...pieces) => {
      if (verbose) say(...pieces);
    },
    warn: (...pieces) => err.line([prefix, ' ', yellow('warning:'), ' ', ...pieces]),
    fail: failure => report('error', failure),
    report,
    screen,
    again: text => {
      for (const line of cleanLines(text)) {
        const said = line.startsWith('[seqrun] ');
        err.line(said ? [prefix, line.slice('[seqrun]'.length)] : [line]);
      }
    },
    columns: name => {
      const on = name === 'stdout' ? stdout : stderr;
      return on.isTTY === true ? on.columns || 80 : null;
    },
    unread: out.isOff,
    off: () => {
      out.off();
      err.off();
    },
    flush: async () => {
      await Promise.all([out.flush(), err.flush()]);
    },
  };
};

/** One stream. Any error of it (EPIPE, EIO, ENOSPC) ends printing there; the other stream may still be read by someone. */
const createPrinter = (sink: Sink, paint: Painter, before: () => void) => {
  let alive = true;
  const off = () => {
    alive = false;
  };
  sink.on('error', off);
  const raw = (text: string) => {
    if (!alive) return;
    try {
      sink.write(text);
    } catch {
      off();
    }
  };
  return {
    off,
    isOff: () => !alive,
    raw,
    /** One line as it is; the caller has made it safe. */
    plainLine: (text: string) => {
      before();
      raw(`${text}\n`);
    },
    line: (pieces: Piece[]) => {
      before();
      const parts = pieces.map(piece =>
        typeof piece === 'string' ? clean(piece) : paint(piece.style, clean(piece.text)),
      );
      raw(`${parts.join('')}\n`);
    },
    flush: () =>
      new Promise<void>(resolve => {
        if (!alive) return resolve();
        sink.on('error', () => resolve());
        try {
          sink.write('', () => resolve());
        } catch {
          resolve();
        }
      }),
  };
};
