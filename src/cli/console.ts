// The only place that prints. Results go to stdout, messages to stderr; a dead stream is left alone and the run goes on.
import { type Failure, failureLines } from './errors.ts';
import { bold, clean, cleanLines, cyan, dim, type Piece, red, type Style, safeJson, yellow } from './text.ts';

/** What is needed of stdout and stderr. */
export interface Sink {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  isTTY?: boolean;
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
  /**
   * A line at the bottom of a terminal that the next one replaces (a countdown); null takes it away. Other lines are printed
   * above it and end it. Nothing where stderr is no terminal, and with `--quiet`.
   */
  live(text: string | null): void;
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
  const out = createPrinter(stdout, onOut ? paint : plain, () => live(null));
  const err = createPrinter(stderr, onErr ? paint : plain, () => live(null));
  let drawn = false;
  const live = (text: string | null) => {
    if (quiet || stderr.isTTY !== true || env.TERM === 'dumb') return;
    if (drawn || text !== null) err.raw(text === null ? '\r\u001b[K' : `\r\u001b[K[seqrun] ${clean(text)}`);
    drawn = text !== null;
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
    json: (value, indent = 0) => out.plainLine(safeJson(value, indent)),
    say,
    detail: (...pieces) => {
      if (verbose) say(...pieces);
    },
    warn: (...pieces) => err.line([prefix, ' ', yellow('warning:'), ' ', ...pieces]),
    fail: failure => report('error', failure),
    report,
    live,
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
