// What a rehearsed start can do: every behaviour with its options, their bounds and an example.
import * as v from 'valibot';
import type { RehearsalFailure } from '../agents/rehearsal-protocol.ts';

const failures = [
  'throttled',
  'overloaded',
  'auth',
  'billing',
  'config',
  'model',
  'context',
  'refused',
  'crashed',
] as const satisfies readonly RehearsalFailure[];

const text = 'a text that is not empty';
const words = v.pipe(v.string(text), v.nonEmpty(text));
const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected));
};
const someSeconds = (() => {
  const expected = 'seconds from 0 to 86400';
  return v.pipe(v.number(expected), v.minValue(0, expected), v.maxValue(86_400, expected));
})();
const instant = (() => {
  const expected = 'a time like "2027-03-01T06:30:00Z"';
  return v.pipe(
    v.string(expected),
    v.isoTimestamp(expected),
    v.check(value => !Number.isNaN(Date.parse(value)), expected),
  );
})();
const oneOf = <const T extends readonly string[]>(list: T) => v.picklist(list, `one of ${list.join(', ')}`);
const yesOrNo = v.boolean('true or false');

const behaviour = <const Name extends string, Options extends v.ObjectEntries>(
  name: Name,
  options: Options,
  example: string,
) => ({
  name,
  example,
  schema: v.strictObject({
    do: v.literal(name),
    /** Played this often before the next entry's turn. */
    times: v.optional(wholeNumber(1, 1000)),
    ...options,
  }),
});

/** Every behaviour. The names are the dictionary of `rehearsal.json`. */
export const behaviours = {
  /** Writes its file and says TASK_DONE. */
  done: behaviour('done', {}, '"done"'),
  /** The same with COMPLETE. */
  complete: behaviour('complete', {}, '"complete"'),
  /** Asks something and ends well without a signal. */
  question: behaviour('question', { text: v.optional(words) }, '{ "do": "question", "text": "Which colour?" }'),
  /** Says HALT with a reason. */
  halt: behaviour('halt', { reason: v.optional(words) }, '{ "do": "halt", "reason": "The price list is missing." }'),
  /** Does its work and quotes HALT in a sentence and in a fence before it says TASK_DONE. */
  'quote-halt': behaviour('quote-halt', {}, '"quote-halt"'),
  /** Ends with an error event. */
  fail: behaviour(
    'fail',
    { class: v.optional(oneOf(failures)), message: v.optional(words) },
    '{ "do": "fail", "times": 2, "class": "overloaded" }',
  ),
  /**
   * Reports a used-up window that frees in `seconds`, or `at` a time; `"seconds": null` = the agent does not say when.
   * At once, or with `afterWork` in the middle of it.
   */
  limit: behaviour(
    'limit',
    {
      seconds: v.optional(v.nullable(someSeconds)),
      at: v.optional(instant),
      window: v.optional(words),
      afterWork: v.optional(yesOrNo),
    },
    '{ "do": "limit", "seconds": 5 }',
  ),
  /** Falls silent and never ends by itself. */
  hang: behaviour('hang', {}, '"hang"'),
  /** The same, and TERM, INT and HUP do not end it either. */
  stubborn: behaviour('stubborn', {}, '"stubborn"'),
  /** Works for `seconds` with a line each second, then is done. */
  slow: behaviour('slow', { seconds: v.optional(someSeconds) }, '{ "do": "slow", "seconds": 20 }'),
  /** Prints much, and talks about rate limits and HTTP 429 without having met one; then is done. */
  talk: behaviour('talk', { lines: v.optional(wholeNumber(1, 100_000)) }, '{ "do": "talk", "lines": 500 }'),
  /** Is killed in the middle of its work: no event says so. */
  crash: behaviour('crash', {}, '"crash"'),
  /** Ticks every box in tasks.md, those of other units too, and goes on with `then`. */
  'tick-others': behaviour(
    'tick-others',
    // biome-ignore lint/suspicious/noThenProperty: read as "tick, then fail" in the script; its value is a text, never a function.
    { then: v.optional(oneOf(['done', 'halt', 'fail', 'hang'])) },
    '{ "do": "tick-others", "then": "fail" }',
  ),
  /**
   * Is done but leaves a process behind for `seconds`. `hidden`: the process has left the session and does not carry the mark;
   * the start then stays for another 2.5 s, so that it can be seen.
   */
  child: behaviour(
    'child',
    { seconds: v.optional(someSeconds), hidden: v.optional(yesOrNo) },
    '{ "do": "child", "seconds": 60 }',
  ),
  /** Says TASK_DONE and exits with 1. */
  'bad-exit': behaviour('bad-exit', {}, '"bad-exit"'),
  /** Answers the question who shall do what: the first owner (or `owner`) does everything. */
  assign: behaviour(
    'assign',
    { owner: v.optional(words), type: v.optional(oneOf(['code', 'ui', 'review'])) },
    '{ "do": "assign", "owner": "codex" }',
  ),
} as const;

export type BehaviourName = keyof typeof behaviours;

/** One behaviour with its options. */
export type Behaviour = v.InferOutput<(typeof behaviours)[BehaviourName]['schema']>;

/** The names in the order of this file. */
export const behaviourNames = Object.keys(behaviours) as BehaviourName[];
