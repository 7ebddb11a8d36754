// The one recorded reason for where a unit, or the run, stands. Pure: what another process prints for `why`.
import { type Action, agentOf, decide } from './decide.ts';
import { pausedWords, withoutTimeBound } from './holding-back.ts';
import type { Skip, Unit } from './plan-types.ts';
import { restsOnWords } from './rests-on.ts';
import type { Completion, OpenStart, StartRecord, State } from './state.ts';
import { counts, notSelected, unitProgress, vainCauses } from './units.ts';
import { vanishedText } from './vanished.ts';
import { beforeWhat, endingWords, grantedWords } from './words.ts';

/** When and why the next start may come, or null when nothing is waited for. */
export interface Waiting {
  untilMs: number;
  because: string;
  unit: string | null;
}

/** What the loop would wait for now. Null while a start is open, when it would launch, or when no run is recorded. */
export const waiting = (state: State, nowMs: number): Waiting | null => {
  if (state.run === null || state.open || state.plan === null) return null;
  const run = state.lastEnd ? { ...state.run, policy: withoutTimeBound(state.run.policy) } : state.run;
  const action = decide({ ...state, run, mustEnd: null, stopping: null }, { nowMs, readSeq: state.seq });
  return action.kind === 'wait' ? { untilMs: action.untilMs, because: action.because, unit: action.unit } : null;
};

/** One sentence on the whole run. `alive` = a runner holds the lock. */
export const whyRun = (state: State, nowMs: number, alive: boolean): string => {
  if (state.run === null) {
    const told = isTakenOver(state) ? 'no journal of its runs is here: this is what SEQUENTIAL_STATE.json says' : null;
    const held = state.paused ? pausedWords(state.paused) : null;
    return [told ?? 'it was never started', held, nothingLeft(state)].filter(part => part !== null).join('; ');
  }
  if (state.open) {
    const what = openWords(state, state.open);
    if (!alive)
      return `the runner is gone while start ${state.open.n} (${what}) is open: run seqrun again, it will look whether it still lives`;
    const since = new Date(state.open.intendedAtMs).toISOString();
    const held = state.paused ? `; ${pausedWords(state.paused)}` : '';
    return state.open.phase.kind === 'ending'
      ? `${what} is being ended: ${endingWords(state.open.phase)}${held}`
      : `${what} is running${state.open.gate ? '' : ` on ${state.open.agent}`} since ${since} (start ${state.open.n})${held}`;
  }
  if (state.lastEnd) {
    const ended = sinceLastEnd(state, state.lastEnd, nowMs);
    return state.paused && nothingLeft(state) === null ? `${pausedWords(state.paused)}; ${ended}` : ended;
  }
  if (state.paused) return pausedWords(state.paused);
  const wait = waiting(state, nowMs);
  if (wait) {
    const what = `until ${new Date(wait.untilMs).toISOString()} before unit ${wait.unit}: ${wait.because}`;
    return alive ? `waiting ${what}` : `the runner is gone, and would wait ${what}; run seqrun again, it goes on there`;
  }
  return alive ? 'between two steps' : 'the runner was killed between two steps: run seqrun again, it goes on there';
};

const openWords = (state: State, { n, kind, unit, gate }: OpenStart): string => {
  switch (kind) {
    case 'assign':
      return 'the assignment';
    case 'agent':
      return `unit ${unit}`;
    case 'gate':
      return `the gate ${gate?.name} of unit ${unit}`;
    case 'baseline':
      return `the gate ${gate?.name} ${beforeWhat(state, n)}`;
  }
};

/** How the last run ended, and what has become of it since: a person may have decided otherwise. */
const sinceLastEnd = (state: State, { end, exit, because }: NonNullable<State['lastEnd']>, nowMs: number): string => {
  const ended = `its last run ended with ${exit}: ${because.split('\n')[0]}`;
  const over = nothingLeft(state);
  if (over !== null) return end === 'completed' || over === because.split('\n')[0] ? ended : `${over}; ${ended}`;
  const now = whatIsNow(state, nowMs);
  return now === null ? ended : `${now}; ${ended}`;
};

/** What the next run would do first, where it is not what the last one has ended with: since then a person has decided, or the file changed. */
export const whatIsNow = (state: State, nowMs: number): string | null => {
  const { lastEnd, run, plan } = state;
  if (!lastEnd || !run || !plan || state.open || state.seq === lastEnd.seq) return null;
  const action = firstOf(state, run, nowMs);
  switch (action.kind) {
    case 'finish':
      return action.because === lastEnd.because ? null : action.because.split('\n')[0]!;
    case 'wait':
      return `unit ${action.unit} is next`;
    case 'launch': {
      if (action.job.kind === 'gate') return `the gates of unit ${action.job.unit} are next`;
      const ready = plan.units.find(unit => unitProgress(state, unit).kind === 'ready');
      return ready ? `unit ${ready.id} is next` : null;
    }
    default:
      return null;
  }
};

/** What a next run with the same settings would do first. */
const firstOf = (state: State, run: NonNullable<State['run']>, nowMs: number): Action =>
  decide(
    {
      ...state,
      paused: null,
      mustEnd: null,
      stopping: null,
      run: { ...run, iterations: 0, policy: withoutTimeBound(run.policy) },
    },
    { nowMs, readSeq: state.seq },
  );

/** That all units of the spec are done, in words, or what of it waits for a word all the same; null when they are not, or only a part of them is known. */
const nothingLeft = (state: State): string | null => {
  const { plan } = state;
  if (plan === null || plan.units.length === 0 || notSelected(plan).length > 0) return null;
  // A person has still to say whether they are.
  if (state.disputed.size > 0) return null;
  const { completed, skipped } = counts(state);
  if (completed + skipped < plan.units.length) return null;
  const gone = vanishedText(state);
  if (gone !== null) return gone;
  return `all units are done${skipped > 0 ? `, ${skipped} skipped by a person` : ''}`;
};

/** The state comes from a state file alone: there were runs, and no journal tells of them. */
const isTakenOver = (state: State): boolean =>
  state.firstStartedAtMs !== null ||
  state.lastN > 0 ||
  state.iterations > 0 ||
  [...state.done.values()].some(({ by, start }) => by === 'agent' && start === null);

/** Why a task does not run. `id` may be that of a task in a unit that was not selected. */
export const leftOutWords = (id: string, { because }: Skip): string =>
  `${id} is left out: ${because === 'optional' ? 'optional (--include-optional runs it)' : 'not selected in this run'}`;

/** Words of a limit in what a plain command said: nobody waits for it, since nothing says how its limits are worded. */
const looksLimited = ({ agent, outcome }: StartRecord): boolean =>
  agent === 'command' &&
  outcome?.kind === 'failed' &&
  /\b(?:(?:usage|rate|session|weekly|daily) limit|quota|too many requests|429)\b/i.test(outcome.message);

const limitHint =
  'if that is a usage limit: those of a --command are seen only with patterns, "agents" in the settings file (seqrun --help)';

const ORDER_ONLY = 'the text of the file wants that order; nothing waits for it';

/** Where one unit stands and why, as lines: the first is the answer. `alive` = a runner holds the lock. */
export const whyUnit = (state: State, unit: Unit, nowMs: number, alive: boolean): string[] => {
  const progress = unitProgress(state, unit);
  const record = state.units.get(unit.id);
  const lines = [`${unit.id} is ${progress.kind}: ${reason(state, unit, nowMs, alive)}`];
  const behind = [...(unit.followsUnits ?? []), ...(unit.followsGroups ?? [])];
  if (behind.length > 0) lines.push(`stands behind ${behind.join(', ')}: ${ORDER_ONLY}`);
  if (record && record.starts > 0) {
    const { policy } = state.run!;
    // Cut off each time, or begun again by a person: none was used, and that many are not left either.
    const attempts = record.attempts > 0 ? `, attempts ${record.attempts} of ${policy.maxAttempts}` : '';
    lines.push(
      `starts ${record.starts}${attempts}, follow-ups ${record.followUps} of ${policy.maxFollowUps}${grantedWords(record)}` +
        `${record.interrupted > 0 ? `, interrupted ${record.interrupted}` : ''}${record.lost > 0 ? `, never begun ${record.lost}` : ''}`,
    );
  }
  // Its gates only say what the agent's start before them has come to.
  const last = state.starts.findLast(
    start => start.unit === unit.id && start.kind !== 'gate' && start.outcome !== null,
  );
  if (last) {
    lines.push(`last start ${last.n}: ${last.outcome!.kind}`);
    for (const line of last.evidence) lines.push(`  ${line}`);
    if (looksLimited(last)) lines.push(`  ${limitHint}`);
  }
  for (const text of record?.asked ?? [])
    lines.push(`a person asked for more, and its agent has not been told yet: ${text}`);
  const given = state.assignments.get(unit.id);
  if (given)
    lines.push(
      `assigned to ${given.owner} (${given.type}, ${given.source}${given.reason ? `: ${given.reason}` : ''}), runs on ${agentOf(state, unit)}`,
    );
  for (const { id } of unit.leaves) if (state.disputed.has(id)) lines.push(openBoxWords(id, unit.id));
  for (const leaf of unit.leaves) {
    if (state.claimed.has(leaf.id) && !state.done.has(leaf.id)) {
      lines.push(`the box of ${leaf.id} was ticked while a job ran: not counted (seqrun accept ${leaf.id} counts it)`);
    }
  }
  return lines;
};

const openBoxWords = (id: string, unit: string): string =>
  `the box of ${id} is open in the task file now: seqrun accept ${id} (it is done) or seqrun reset ${unit} (do it again)`;

/** `waits for 2`, and when that does not come, why: `waits for 2 (2 was skipped by a person)`. */
export const blockedWords = (state: State, { unit, by }: { unit: Unit; by: string[] }): string => {
  const causes = vainCauses(state, unit).map(cause => cause.words);
  const more = causes.length > 3 ? ', …' : '';
  return `waits for ${by.join(', ')}${causes.length > 0 ? ` (${causes.slice(0, 3).join(', ')}${more})` : ''}`;
};

/** What the completion of a done unit rests on. Leaves are named where they differ. */
export const doneWords = (state: State, unit: Unit): string => {
  const leavesBy = new Map<string, string[]>();
  for (const { id } of unit.leaves) {
    const done = state.done.get(id);
    const words = done && doneWord(state, done);
    if (words) leavesBy.set(words, [...(leavesBy.get(words) ?? []), id]);
  }
  if (leavesBy.size < 2) return [...leavesBy.keys()].join('');
  return [...leavesBy].map(([words, ids]) => `${words} (${ids.join(', ')})`).join('; ');
};

const doneWord = (state: State, { by, start }: Completion): string => {
  switch (by) {
    case 'agent':
      return start === null
        ? 'completed before, as the state file says'
        : restsOnWords(state.starts.find(one => one.n === start));
    case 'box':
      return 'its box was ticked before the first start';
    case 'hand':
      return 'marked by hand';
    case 'accept':
      return 'accepted by a person';
  }
};

const reason = (state: State, unit: Unit, nowMs: number, alive: boolean): string => {
  const progress = unitProgress(state, unit);
  switch (progress.kind) {
    case 'completed':
      return doneWords(state, unit);
    case 'running':
      return `start ${state.open!.n} on ${state.open!.agent}`;
    case 'checking':
      return 'its agent has ended well; its gates have still to be run';
    case 'blocked':
      return `it ${blockedWords(state, progress)}`;
    case 'failed':
      return `${sentenceBegun(progress.because)}; seqrun retry ${unit.id} tries it again, seqrun skip ${unit.id} leaves it out`;
    case 'halted':
      return `${sentenceBegun(progress.because ?? 'no reason given')}; seqrun resume --answer "…" goes on`;
    case 'skipped':
      return progress.because;
    case 'ready': {
      if (state.paused) return pausedWords(state.paused);
      const wait = state.run ? waiting(state, nowMs) : null;
      if (wait?.unit === unit.id) {
        const what = `until ${new Date(wait.untilMs).toISOString()}: ${wait.because}`;
        return alive ? `waiting ${what}` : `it is next; a run would wait ${what}`;
      }
      // A review, an answer, a failure: nothing else is started before that.
      const first = state.run && !state.open ? firstOf(state, state.run, nowMs) : null;
      if (first?.kind === 'finish') return `nothing is started before this is settled: ${first.because}`;
      const before = state.plan?.units.find(one => unitProgress(state, one).kind === 'ready');
      return before && before.id !== unit.id ? `its turn comes after ${before.id}` : 'it is next';
    }
  }
};

/** Words of an agent that something is added to: without the full stop at their end. */
const sentenceBegun = (text: string): string => text.replace(/(?<!\.)\.$/, '');
