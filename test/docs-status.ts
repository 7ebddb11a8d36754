// What docs/status-json.md says of each field of `status --json`. Complete by its type: a field without words does not compile.
import type { SpecState } from '../src/api/index.ts';

/** Names of what is within: of an object, or of the things in a list. What has ids for keys has no names. */
type Within<T> = T extends readonly (infer One)[]
  ? One extends object
    ? `[].${keyof One & string}`
    : never
  : T extends object
    ? string extends keyof T
      ? never
      : `.${keyof T & string}`
    : never;

type FieldOf<T> = { [Key in keyof T & string]: Key | `${Key}${Within<NonNullable<T[Key]>>}` }[keyof T & string];

/** The numbers in `counts` are told with it. */
export type Field = Exclude<FieldOf<SpecState>, `counts.${string}`>;

/** In the order in which they are printed. */
export const fieldWords: Record<Field, string> = {
  version: 'version of the seqrun that prints',
  now: 'when it was printed',
  spec: "name of the spec's folder",
  run_id: 'the run at work, else the last one; null before the first',
  pid: 'process that runs the spec, or null: nobody does',
  why: 'the sentence of `seqrun why`',
  paused: 'null, or who holds the spec back:',
  'paused.since': 'since when',
  'paused.by': 'who has paused it',
  max_concurrent: 'always 1: units of one board are done one at a time',
  active_in_progress: '1 while a runner has a job at work, else 0',
  available_slots: '0 while a job is open, else 1',
  queue_depth: 'units still to come: `ready` and `blocked`',
  queue_depth_by_board: 'the same by spec; here it is one spec',
  inflight_by_model: 'jobs at work by model, or by agent where no model is named',
  model_limits: 'usage limits that hold starts back:',
  'model_limits[].model': 'the agent that has met it',
  'model_limits[].resets_at': 'when it frees, as far as is known',
  'model_limits[].resets_in': 'the same in seconds from now, at least 0',
  'model_limits[].error': 'what the agent said',
  current: 'the job at work, or the one that was when its runner was killed; else null:',
  'current.unit': 'its unit; null of an assignment or a baseline',
  'current.start': 'number of its start',
  'current.kind': '`agent`, `gate`, `assign` or `baseline`',
  'current.gate': 'name of the gate, or null',
  'current.attempt': 'which try of the unit it is, from 1',
  'current.started_at': 'when it was started',
  'current.last_output_at': 'when it last wrote something, or null',
  not_before: 'until when nothing is started, or null',
  wait_reason: 'why, or null',
  counts:
    'how many units stand where: `completed`, `ready`, `running`, `checking` (its gates are still to pass), `blocked`, `failed`, `halted`, `skipped`; `rehearsed`, so many of the completed ones were only played; and `not_selected`, which this plan leaves out',
  skip_reasons:
    'how many units or tasks are not started for which reason: `paused`, `not_before`, `deps`, `failed`, `halted`, `skipped`, `optional`, `not_selected`',
  iterations: 'iterations of the spec, over all its runs',
  last_end: 'how the last run ended; null before that, and while one is at work:',
  'last_end.exit': 'its exit code',
  'last_end.because': 'the reason in words',
  'last_end.at': 'when',
  last_errors: 'the last five starts that failed, or whose gate did:',
  'last_errors[].unit': 'the unit',
  'last_errors[].start': 'number of the start',
  'last_errors[].error': 'what went wrong, in words',
  next: 'the unit that comes next, or null:',
  'next.unit': 'its id',
  'next.at': 'not before then; null: at once',
  units: 'all units of the plan, in the order in which they run:',
  'units[].id': 'its id, which other commands take',
  'units[].title': 'its title',
  'units[].status': 'one of the words of `counts`',
  'units[].rehearsed': 'whether that was only played, by `--backend rehearsal`',
  'units[].rests_on': 'what its completion rests on, in words; null unless it is completed',
  'units[].attempts': 'tries so far, of `--max-attempts`',
  'units[].follow_ups': 'further turns so far, of `--max-follow-ups`',
  'units[].starts': 'all starts of its agent',
  'units[].blocked_by': 'ids of the tasks it waits for',
  'units[].gates': "gates of its agent's last start: `name`, `result` (`passed`, `failed`, `accepted`)",
  'units[].review':
    'null, or what a person thinks of it: `state` (`open`, `approved`, `rejected`), `because` (or null), `at`',
  'units[].failed_by':
    'null, or what kind of failure it was: that of the agent (`auth`, `config`, `crashed` …), `no_signal`, `no_progress`, `verify_failed` and the like',
  notices: 'what a person should know, in words, newest last; at most 50',
};

export const statusHead = `# status --json

\`seqrun status --json\` prints where a spec stands as one object; with \`--watch\` one line of it for each change, until the run ends. In a
program of your own it is what \`readState\` gives, and the \`state\` of a run's result ([library.md](library.md)). Events are something else:
[events.md](events.md).

Times are ISO 8601 in UTC. Some fields are those of a queue with several boards and models: a run has one of each, so they hold one
entry at most. Fields are only added: leave alone what you do not know. Text comes from task files, agents and people: do not hand it to a
shell.

| field | what it is |
| --- | --- |
`;
