// The error that the functions of the library reject with: what a person can mend, as the command line would say it.
import { type Failure, failureLines } from '../cli/errors.ts';
import { EXIT } from '../cli/exit-codes.ts';

/** Names of the exit codes: `usage` is 64, `locked` is 75. */
export type SeqrunErrorCode = keyof typeof EXIT;

/** A place in something a person wrote. Lines and columns are 1-based. */
export interface TroublePlace {
  /** A path, a variable's name, `options.delay`. */
  name: string;
  line?: number | null;
  column?: number | null;
  /** The source line. */
  source?: string | null;
}

/** One thing that is wrong. Text in it may quote files and agents: clean it before a terminal shows it. */
export interface Trouble {
  /** What the command line would exit with. */
  exit: number;
  /** What happened: one sentence without a full stop. */
  what: string;
  where: TroublePlace | null;
  expected: string | null;
  /** What to type or to change next. */
  next: string | null;
}

/**
 * There is nothing to give: an option is wrong, there is no such spec, the lock is held. `message` has all of it in lines. What else a
 * function of the library rejects with is a bug in seqrun.
 */
export class SeqrunError extends Error implements Trouble {
  /** Said, not left to the declaration: minified code has other names, and this one is printed. */
  static override readonly name = 'SeqrunError';
  override readonly name = 'SeqrunError';
  readonly code: SeqrunErrorCode;
  readonly exit: number;
  readonly what: string;
  readonly where: TroublePlace | null;
  readonly expected: string | null;
  readonly next: string | null;
  /** All that is wrong; the first one is this error. */
  readonly troubles: readonly Trouble[];

  /** `troubles` is never empty. */
  constructor(troubles: readonly Trouble[]) {
    super(troubles.flatMap(one => failureLines(one as Failure)).join('\n'));
    const [first] = troubles as readonly [Trouble];
    this.code = (Object.keys(EXIT) as SeqrunErrorCode[]).find(code => EXIT[code] === first.exit) ?? 'internal';
    this.exit = first.exit;
    this.what = first.what;
    this.where = first.where;
    this.expected = first.expected;
    this.next = first.next;
    this.troubles = troubles;
  }
}
