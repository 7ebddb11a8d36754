// What docs/events.md says of each event. Complete by its type: an event without words does not compile.
import type { EventType } from '../../src/core/event-line.ts';
import { everyWord } from './every-event.ts';

const list = (words: readonly string[]): string => words.map(word => `\`${word}\``).join(', ');

/** In the order of a run's life. */
export const eventWords: Record<EventType, string> = {
  'journal.opened':
    'The first line of every journal. `adopted`: the entry of SEQUENTIAL_STATE.json that it goes on from, or null. `claimed`, `claimedTitles`: boxes that a job had ticked before everything else was forgotten (`--fresh`), by number and by hash of the title. `limits`: agents that were closed then, and how often in a row one was limited; `paused`: since when and by whom.',
  'run.started':
    'A run began. `policy` holds its settings, `config` the hash of the config file (`none`: there is none), `words` what the call was given that a next one needs, `workdir` the folder that was typed for it or inferred.',
  'plan.made':
    'The task file was read for the first time, or its structure has changed. `plan.units` are in the order in which they run; `ticked` = ids whose boxes are ticked. `below`: by id, a hash of what stands below the title of a task; `only`: `below` when nothing else has changed.',
  'boxes.changed': 'Boxes of the task file were ticked or opened while nothing ran.',
  'start.intended': `A job is about to be started: from this line on it may be alive. \`kind\`: ${list(everyWord.jobs)}. \`folder\` holds all about it; \`reason.kind\`: ${list(everyWord.reasons)}.`,
  'start.began':
    'Its process was seen. `adopted`: it was already running, an earlier seqrun had started it. `window`: its tmux window, or null.',
  'start.ending': `seqrun ends it. \`because\`: ${list(everyWord.endings)}.`,
  'start.ended': `It has ended, and nothing of it is alive. \`outcome.kind\`: ${list(everyWord.outcomes)}; a unit is done only with \`completed\`, here or in \`checked.outcome\` (the end of its last gate). \`evidence\`: what the outcome rests on, a line each. \`usage\`: tokens and money, or null. \`left\`: processes that outlived it. \`stop\`: why the run must end now, or null.`,
  'unit.committed': 'With `--git commit`: the changes of a completed unit are commits, or `problem` says why not.',
  waited: 'A wait is over, at its time or because something happened. `fromMs`: when it began.',
  'clock.gap': 'The clock jumped by `ms` while a job ran: the machine slept, or the time was set.',
  command: `A person's command was taken. \`command.kind\`: ${list(everyWord.commands)}.`,
  'assignments.edited': 'Owners were changed by hand in SEQUENTIAL_STATE.json.',
  'completed.edited': 'Tasks were added to `completed` by hand in SEQUENTIAL_STATE.json.',
  'entry.merged': 'SEQUENTIAL_STATE.json came from another machine or folder and was merged in.',
  'config.accepted': 'A person has accepted the config file as it is now (`--accept-config`).',
  'checkpoint.restored': 'A person went back to a checkpoint: exactly `completed` is done now.',
  'spec.unreadable': 'The task file could not be read or planned: the run ends with `exit`.',
  rebuilt: 'The journal had been removed or replaced while it was in use, and was written anew from memory.',
  'run.ended': `The last line of a run, unless seqrun was killed or its lock taken over. An agent of another run in the workspace, which no lock told of, ends it as \`lock_lost\`, too. \`exit\` is its exit code, \`end\` one of ${list(everyWord.runEnds)}, \`because\` the reason in words.`,
};

export const docsHead = `# Events

\`seqrun --spec <dir> --json\` prints one line of JSON on stdout for each event of the run, as it happens; messages for people go to stderr.
The same events are the lines of the spec's journal. A run prints what its loop does: \`journal.opened\`, \`run.started\` and what the call
itself decided (\`resume\`, \`--accept-config\`) are in the journal before it and have no line of their own. What \`status --json\` and the other
commands print is no event.

Every line has these fields:

| field | what it is |
| --- | --- |
| \`schema\` | \`1\`: the version of this page. Within it fields, events and words are only added: leave alone what you do not know |
| \`ts\` | when it happened, ISO 8601 in UTC |
| \`run_id\` | the run |
| \`spec\` | name of the spec's folder |
| \`seq\` | position in the spec's journal from 1, without gaps |
| \`type\` | one of the events below |
| \`unit\`, \`attempt\` | of a start of a unit: which unit, and which try of it. Absent on other lines |
| \`data\` | what belongs to the event |

Times in \`data\` whose names end in \`Ms\` are milliseconds, instants counted from 1970. Text comes from task files, agents and people: do not hand
it to a shell. It holds no control characters, and values of secret variables are replaced by their names.

In TypeScript the line is the union \`EventLine\`, told apart by \`type\`; \`RunEvent\` of the library (library.md) holds it.
`;
