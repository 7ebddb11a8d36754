// What a run tells people while it runs: events as lines. Pure.
import { agentOf } from '../core/decide.ts';
import type { Command, JournalEvent } from '../core/events.ts';
import type { StartRecord, State, UnitRecord } from '../core/state.ts';
import { notSelected } from '../core/units.ts';
import { beforeWhat, count, durationWords, endingWords, outcomeWords } from '../core/words.ts';
import { reviewWords } from './proof-words.ts';

/** The line above each iteration. A narrower terminal shows less of it. */
export const rule = '-'.repeat(60);

/** Lines for the console about one event, or none. `state` has the event folded in. */
export const eventLines = (event: JournalEvent, state: State): string[] => {
  switch (event.type) {
    case 'start.intended': {
      if (event.kind === 'gate') return [`Gate ${event.gate!.name} of unit ${event.unit}: ${event.gate!.command}`];
      if (event.kind === 'baseline')
        return [`Gate ${event.gate!.name} ${beforeWhat(state, event.n)}: ${event.gate!.command}`];
      if (event.kind === 'assign') return [`Asking ${event.agent} who shall do ${count(event.units.length, 'unit')} …`];
      const { policy, iterations } = state.run!;
      const unit = state.plan!.units.find(one => one.id === event.unit)!;
      const subtasks = unit.leaves.map(leaf => leaf.id).filter(id => id !== unit.id);
      const given = state.assignments.get(unit.id);
      // The bound counts in this run, the progress file over all of them.
      const inAll = state.iterations === iterations ? '' : ` (${state.iterations + 1} in all)`;
      const how = turnWords(event, state.units.get(unit.id));
      return [
        rule,
        `Iteration ${iterations + 1} of ${policy.maxIterations}${inAll}`,
        `Next task: ${unit.id} - ${unit.title}${how}`,
        ...(subtasks.length > 0
          ? [`Parent task with ${count(subtasks.length, 'subtask')}: [${subtasks.join(', ')}]`]
          : []),
        given
          ? `Assignment: type=${given.type} agent=${given.owner} -> backend=${agentOf(state, unit)}${given.source === 'fallback' ? ` (fallback: ${given.reason})` : ''}`
          : `Backend: ${event.agent}`,
      ];
    }
    case 'start.began':
      return event.adopted ? [`Start ${event.n} is still running (pid ${event.pid}): going on with it`] : [];
    case 'start.ending':
      return [`Ending start ${event.n}: ${endingWords(event)}`];
    case 'start.ended': {
      const start = state.starts.at(-1)!;
      const left = event.left.map(one => `swept pid ${one.pid}: ${one.command}${one.ended ? '' : ' (SURVIVED)'}`);
      const settled = event.checked ? [`Unit ${start.unit}: ${outcomeWords(event.checked.outcome)}`] : [];
      return [
        `${startWords(state, start)}: ${endWords(event)}`,
        ...left,
        ...settled,
        ...afterwards(event, start.unit, state),
      ];
    }
    case 'plan.made': {
      if (event.only === 'below') return ['Read again what the task file asks for below its titles'];
      const others = notSelected(event.plan).length;
      const more = others > 0 ? ` (${others} more not selected)` : '';
      return state.seq > 3 ? [`The plan changed: ${count(event.plan.units.length, 'unit')}${more}`] : [];
    }
    case 'command':
      return [commandWords(event.command)];
    case 'clock.gap':
      return [
        `The clock jumped by ${Math.round(event.ms / 1000)} s (suspended, or set): it does not count as working time`,
      ];
    case 'unit.committed':
      if (event.problem !== null) return [`Unit ${event.unit} is not committed: ${event.problem}`];
      return event.commits.map(sha => `Unit ${event.unit}: commit ${sha.slice(0, 12)}`);
    case 'entry.merged':
      return ['SEQUENTIAL_STATE.json came from elsewhere: its completions and counters were merged in'];
    case 'completed.edited':
      return [`SEQUENTIAL_STATE.json was edited by hand: ${event.ids.join(', ')} counted as completed`];
    case 'assignments.edited':
      return [`SEQUENTIAL_STATE.json was edited by hand: owners of ${Object.keys(event.assignments).join(', ')}`];
    case 'checkpoint.restored':
      return [`Checkpoint ${event.id} was restored: ${count(event.completed.length, 'task')} done`];
    case 'rebuilt':
      return [`The journal was written anew: ${event.because}`];
    default:
      return [];
  }
};

const commandWords = (command: Command): string => {
  if (command.kind === 'pause') return `Paused by ${command.by}: nothing is started until seqrun continue`;
  if (command.kind === 'continue') return `Continued by ${command.by}`;
  const unit = 'unit' in command && command.unit ? ` ${command.unit}` : '';
  const text = 'text' in command && command.text ? `: ${command.text}` : '';
  return `Command: ${command.kind}${unit}${text}`;
};

/** What the end of a start has made of its unit, where that is more than its outcome: it failed for good, or a person should look. */
const afterwards = (
  { checked, outcome, atMs }: Extract<JournalEvent, { type: 'start.ended' }>,
  unit: string | null,
  state: State,
): string[] => {
  const record = unit === null ? undefined : state.units.get(unit);
  if (!record) return [];
  const { kind } = (checked ?? { outcome }).outcome;
  if (kind === 'completed' && record.review?.kind === 'open' && record.review.atMs === atMs)
    return [`Unit ${unit}: ${reviewWords(record.review)}`];
  if (record.standing.kind === 'failed' && kind !== 'completed')
    return [`Unit ${unit} failed: ${record.standing.because}`];
  return [];
};

const startWords = (state: State, { n, kind, unit, gate }: StartRecord): string => {
  if (kind === 'assign') return 'Assignment';
  if (kind === 'agent') return `Unit ${unit}`;
  return kind === 'gate' ? `Gate ${gate?.name} of unit ${unit}` : `Gate ${gate?.name} ${beforeWhat(state, n)}`;
};

/** How a start ended; a red gate that is known to be red counts as accepted, and says so. */
const endWords = ({ gate, outcome }: Extract<JournalEvent, { type: 'start.ended' }>): string =>
  gate && gate.result !== 'passed' ? `${gate.result}: ${gate.because}` : outcomeWords(outcome);

/** What `--verbose` adds: where things are and what a verdict rests on. */
export const detailLines = (event: JournalEvent): string[] => {
  switch (event.type) {
    case 'start.intended':
      return [`Start ${event.n}: ${event.folder}${event.session ? ` in session ${event.session}` : ''}`];
    case 'start.began':
      return [`Start ${event.n} runs: pid ${event.pid}, ${event.window ? `window ${event.window}` : event.transport}`];
    case 'start.ended':
      return [`Start ${event.n} rests on:`, ...event.evidence.map(line => `  ${line}`)];
    case 'boxes.changed':
      return [`tasks.md: ticked ${event.ticked.join(', ') || 'none'}, opened ${event.opened.join(', ') || 'none'}`];
    case 'waited':
      return [`Waited ${durationWords(event.atMs - event.fromMs)}: ${event.because}`];
    default:
      return [];
  }
};

/** What kind of turn a start is, behind the title: nothing for the first one. */
const turnWords = (
  { mode, reason, session }: Extract<JournalEvent, { type: 'start.intended' }>,
  record: UnitRecord | undefined,
): string => {
  const same = session === null ? '' : ' in the same session';
  if (reason.kind === 'answer')
    return `, goes on ${reason.text === null ? 'without an answer' : 'with the answer'}${same}`;
  if (reason.kind === 'continue') return `, goes on${same}`;
  if (mode === 'follow_up') return `, follow-up ${(record?.followUps ?? 0) + 1}${same}`;
  const tries = record?.attempts ?? 0;
  // It was done before, and the task file has more for it now: nothing has failed.
  if (record?.lastOutcome?.kind === 'completed') return ', goes on with what was added';
  return tries > 0 ? `, attempt ${tries + 1}` : '';
};
