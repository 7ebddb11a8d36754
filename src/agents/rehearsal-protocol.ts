// The lines that the rehearsal agent prints and its arguments: shared by its reader here and the program that plays it.

/**
 * Arguments of the program, after `node <script>`; the prompt is on stdin, the workspace is the process cwd.
 *
 *     (--session-id <uuid> | --resume <uuid>) [--model <name>] [--answer-only] [--may-tick]
 *
 * `--session-id` opens that session, `--resume` goes on in it; exactly one of them is given.
 * `--answer-only`: no file may be changed and no command run (assignment).
 * `--may-tick`: a script may tick the boxes of the task file; without it they are left alone, whatever it says.
 * Which unit is played, and of which spec, the program learns from `SEQRUN_UNIT` and `SEQRUN_SPEC`.
 */
export const rehearsalFlags = {
  newSession: '--session-id',
  resume: '--resume',
  model: '--model',
  answerOnly: '--answer-only',
  mayTick: '--may-tick',
} as const;

/** Failure classes that a rehearsed `error` can play. Anything else reads as `crashed`. */
export type RehearsalFailure =
  | 'throttled'
  | 'overloaded'
  | 'auth'
  | 'billing'
  | 'config'
  | 'model'
  | 'context'
  | 'refused'
  | 'crashed';

/**
 * One line of stdout, as JSON without newlines inside. Order of a run:
 *
 *     init  (text | tool | retry)*  (result ok:true | limit | error | result ok:false | nothing: it was cut off)
 *
 * - `init` comes first, once. Its session is the one of the arguments.
 * - `text` is what the agent says on the way. Never read for signals.
 * - `tool` is one command with its output and exit code; it counts as work done.
 * - `retry` is a notice (a short rate limit that the agent sits out itself); it decides nothing.
 * - `limit` says that a usage window is used up: `resets_at` in epoch seconds, null = not told. Nothing follows but exit 1.
 * - `error` is a failure that ends the run. Nothing follows but exit 1.
 * - `result` is the last line of a run that ended by itself: `ok:true` with exit 0 is success, and `text` is the final
 *   message, the only place where a signal counts. `ok:false` is a failure of class `crashed` with `text` as its message.
 * - `usage` counts this run alone; cached tokens are part of `input`, reasoning is part of `output`.
 */
export type RehearsalLine =
  | { type: 'init'; session: string; model: string | null }
  | { type: 'text'; text: string }
  | { type: 'tool'; command: string; output: string; exit: number }
  | { type: 'retry'; message: string }
  | { type: 'limit'; resets_at: number | null; window: string | null; message: string }
  | { type: 'error'; class: RehearsalFailure; message: string }
  | { type: 'result'; ok: boolean; text: string; usage: RehearsalUsage | null };

export interface RehearsalUsage {
  input: number;
  cached: number;
  output: number;
  cost_usd: number | null;
}
