// The end of a run in one screen. Pure: lines from the state; the command prints them.

import { disputeAnswers, disputeOf } from '../core/disputes.ts';
import { cannotRun, type Gate } from '../core/gate.ts';
import type { SpecWords } from '../core/handoff.ts';
import type { Unit } from '../core/plan-types.ts';
import { isOnWord } from '../core/rests-on.ts';
import type { StartRecord, State } from '../core/state.ts';
import {
  counts,
  isAccepted,
  isDone,
  isUnproven,
  notSelected,
  type UnitProgress,
  unitProgress,
  waitsInVain,
} from '../core/units.ts';
import { blockedWords } from '../core/why.ts';
import { withSpec } from '../core/with-spec.ts';
import { count, durationWords, moneyWords } from '../core/words.ts';
import { lastAgentStart, openReviews, reviewOf, reviewWords } from './proof-words.ts';

export interface SummaryInput {
  state: State;
  exit: number;
  because: string;
  startedAtMs: number;
  endedAtMs: number;
  /** `3 files changed, …`, or null when unknown or none. */
  changes: string | null;
  /** How the next command names the spec. */
  specWords: SpecWords;
  rehearsal: boolean;
  /** Open boxes of the task file that were not read as tasks though they may be meant as such. */
  unread: number;
}

/** Reviews that the screen has room for. */
const shownMax = 5;

/** Lines with a kind, so that the console can colour them. */
export interface SummaryLine {
  kind: 'head' | 'good' | 'bad' | 'plain' | 'next';
  text: string;
}

export const summaryLines = (input: SummaryInput): SummaryLine[] => {
  const { state, exit, because } = input;
  const tally = counts(state);
  const others = notSelected(state.plan).length;
  // An adopted start began before this run and ended in it.
  const starts = state.starts.filter(start => (start.endedAtMs ?? input.endedAtMs) >= input.startedAtMs);
  /** All was done before: what the banner says of gates and agents has not been used. */
  const idle = exit === 0 && starts.length === 0 && tally.completed > 0;
  const lines: SummaryLine[] = [];
  const put = (kind: SummaryLine['kind'], text: string) => lines.push({ kind, text: withSpec(text, input.specWords) });
  const row = (name: string, text: string, kind: SummaryLine['kind'] = 'plain') =>
    put(kind, `${name.padEnd(10)} ${text}`);

  put(
    'head',
    `${exit === 0 ? 'done' : `ended with ${exit}`}: ${oneLine(withSpec(because.split('\n')[0]!, input.specWords), 600)}${idle ? ' (as before: nothing was started)' : ''}${input.rehearsal ? ' (rehearsal)' : ''}`,
  );
  row(
    'completed',
    `${tally.completed} of ${count(state.plan?.units.length ?? 0, others > 0 ? 'selected unit' : 'unit')}`,
    exit === 0 ? 'good' : 'plain',
  );
  /** Units whose turn has not come. */
  let left = tally.ready + tally.running + tally.checking;
  const unproven = (state.plan?.units ?? []).filter(unit => isUnproven(state, unit));
  const accepted = unproven.filter(unit => isAccepted(state, unit));
  const ticked = unproven.filter(unit => !accepted.includes(unit) && isTicked(state, unit));
  if (accepted.length > 0) row('accepted', `${idsOf(accepted)} (on a person's word)`);
  if (ticked.length > 0) row('ticked', `${idsOf(ticked)} (by hand, not checked)`);
  const unheard = wordOfAgent(state);
  const onWord = unheard.filter(unit => reviewOf(state, unit)?.kind !== 'approved');
  const approved = unheard.filter(unit => !onWord.includes(unit));
  if (approved.length > 0) row('approved', `${idsOf(approved)} (by a person; no gate has passed)`);
  if (onWord.length > 0) row('unchecked', `${idsOf(onWord)} (on the agent's word; no gate has passed)`);
  for (const unit of state.plan?.units ?? []) {
    const progress = unitProgress(state, unit);
    const title = `${unit.id} ${oneLine(unit.title, 60)}`;
    if (progress.kind === 'failed') {
      row('failed', `${title}: ${oneLine(progress.because, 160)}`, 'bad');
      const words = lastAgentStart(state, unit.id)?.evidence.find(line => line.startsWith('last words: '));
      if (words) row('', oneLine(words, 160), 'bad');
    }
    if (progress.kind === 'halted')
      row('a person', `${title}: ${oneLine(progress.because ?? 'halted without a reason', 300)}`, 'bad');
    if (progress.kind === 'blocked') {
      if (waitsInVain(state, unit)) row('blocked', `${title}: ${oneLine(blockedWords(state, progress), 160)}`, 'bad');
      else left++;
    }
    if (progress.kind === 'skipped') row('skipped', `${title}: ${progress.because}`);
  }
  for (const { unit, review } of openReviews(state).slice(0, shownMax)) {
    row('review', `${unit.id} ${oneLine(unit.title, 60)}: ${oneLine(reviewWords(review), 200)}`);
  }
  const more = openReviews(state).length - shownMax;
  if (more > 0) row('review', `${count(more, 'more unit')} (seqrun status names them)`);
  if (left > 0) row('left', count(left, 'unit'));
  if (others > 0) row('left out', `${count(others, 'unit')} (not selected)`);
  const optional = (state.plan?.skipped.length ?? 0) - others;
  if (optional > 0) row('left out', `${count(optional, 'task')} (optional)`);
  row('time', `${durationWords(input.endedAtMs - input.startedAtMs)}${waitsText(state)}`);
  const agents = starts.filter(({ kind }) => kind === 'agent' || kind === 'assign');
  const checks = starts.filter(start => !agents.includes(start));
  row('starts', startsText(agents));
  const gates = idle ? (state.run?.policy.gates ?? []) : [];
  if (gates.length > 0) row('gates', `none was run now${lastGreen(state, gates)}`);
  for (const { name, command } of gates.filter(gate => lastPassed(state, [gate]) === null))
    row(
      'gates',
      `${name} (${oneLine(command, 100)}) has not passed here so far: what is done was done without it`,
      'bad',
    );
  if (checks.length > 0) row('gates', startsText(checks));
  for (const text of acceptedReds(starts)) row('red', oneLine(text, 200));
  const usage = agents.map(start => start.usage).filter(one => one !== null);
  if (usage.length > 0) {
    const sum = (pick: (one: (typeof usage)[number]) => number) => usage.reduce((all, one) => all + pick(one), 0);
    const costs = usage.map(one => one.costUsd).filter(cost => cost !== null);
    const known = usage.length < agents.length ? ` (of ${usage.length} starts that told)` : '';
    row(
      'tokens',
      `${sum(one => one.inputTokens)} in, ${sum(one => one.outputTokens)} out` +
        `${costs.length > 0 ? `, ${moneyWords(costs.reduce((all, cost) => all + cost, 0))}` : ''}${known}`,
    );
  }
  if (input.changes !== null) row('files', input.changes);
  if (state.configChanged !== null)
    row('config', 'the config file was changed while a job ran: look at it before the next run', 'bad');
  for (const text of warningsOf(starts)) row('warning', oneLine(text, 200));
  for (const text of state.notices.slice(-8)) row('note', oneLine(text, 300));
  const next = input.exit === 0 && input.unread > 0 ? `seqrun lint ${input.specWords.look}` : nextCommand(input);
  if (next !== null) put('next', `next: ${next}`);
  return lines;
};

/** What to type next, or null when there is nothing to do. */
export const nextCommand = ({
  state,
  exit,
  specWords: { look, run },
}: Pick<SummaryInput, 'state' | 'exit' | 'specWords'>): string | null => {
  const stuck = (state.plan?.units ?? []).map(unit => unitProgress(state, unit));
  // The next run asks for it first.
  const again = `seqrun ${state.configChanged === null ? '' : '--accept-config '}${run}`;
  const halted = stuck.find(one => one.kind === 'halted');
  const failed = stuck.find(one => one.kind === 'failed');
  switch (exit) {
    case 0:
      return null;
    case 1:
      return again;
    case 2: {
      if (halted) return `seqrun resume ${run} --answer "…"`;
      const dispute = disputeOf(state);
      if (dispute) return `${disputeAnswers(dispute, look)}, then ${again}`;
      const gate = redBefore(state);
      if (gate !== null)
        return `seqrun logs baseline ${look} shows what gate ${gate} printed; mend it, then seqrun ${run}, or go on as it is: seqrun ${requiring(run)}`;
      if (failed) return afterFailure(state, failed.unit.id, look);
      const [review] = waitedFor(state);
      if (review === undefined) return withoutGone(state, stuck, run) ?? again;
      return `seqrun receipt ${review} ${look}, then seqrun approve ${review} ${look} (or, instead of approve: reject ${review} "what is wrong")`;
    }
    case 3:
      return failed ? afterFailure(state, failed.unit.id, look) : `seqrun why ${look}`;
    case 65:
    case 66:
      return `seqrun plan ${look}`;
    default:
      return again;
  }
};

/** What goes on where a run ends for something that is in the plan no more: the same call would end the same. Null = it does not. */
const withoutGone = (state: State, stuck: readonly UnitProgress[], run: string): string | null => {
  const known = new Set([...(state.plan?.units ?? []), ...(state.plan?.skipped ?? [])].map(({ id }) => id));
  const halted = [...state.units].some(([id, { standing }]) => standing.kind === 'halted' && !known.has(id));
  if (halted) return `seqrun resume ${run}`;
  if (state.vanished.size === 0 || stuck.some(({ kind }) => kind !== 'completed' && kind !== 'skipped')) return null;
  const what = state.vanished.size === 1 ? `task ${[...state.vanished.values()][0]!.id}` : 'the tasks that are gone';
  return `put ${what} back into the task file, then seqrun ${run}; or go on without: seqrun resume ${run}`;
};

/** A gate found fault with it, or it went round in circles: then more words help, and the same again does not. */
const afterFailure = (state: State, id: string, look: string): string => {
  const standing = state.units.get(id)?.standing;
  const byProof =
    standing?.kind === 'failed' && (standing.class === 'verify_failed' || standing.class === 'no_progress');
  const receipt = `seqrun receipt ${id} ${look}, then seqrun`;
  if (!byProof) return `${receipt} retry ${id} ${look}`;
  return `${receipt} follow ${id} "what to do" ${look} (or, instead of follow: retry ${id} to begin anew, skip ${id} to leave it out)`;
};

/** The gate whose red before the first unit has ended the run, or null. */
const redBefore = (state: State): string | null => {
  const last = state.starts.at(-1);
  const halts = state.run?.policy.baseline === 'halt' && last?.kind === 'baseline' && last.outcome?.kind === 'red';
  // Of one that cannot be run the reason says what to do: it lets no run go on as it is.
  return halts && !cannotRun(last.code) ? (last.gate?.name ?? null) : null;
};

/** The same run, only that a red gate does not end it before the first unit. */
const requiring = (specWords: string): string => {
  const said = specWords.lastIndexOf(' --baseline halt');
  const before = said < 0 ? specWords : specWords.slice(0, said) + specWords.slice(said + ' --baseline halt'.length);
  return `${before} --baseline require`;
};

/** Units whose review the run has stopped for. */
const waitedFor = (state: State): string[] => {
  const { review = 'none' } = state.run?.policy ?? {};
  if (review === 'none') return [];
  return openReviews(state).flatMap(({ unit }) => (review === 'all' || unit.checkpoint ? [unit.id] : []));
};

const isTicked = (state: State, unit: Unit): boolean =>
  unit.leaves.some(leaf => ['box', 'hand'].includes(state.done.get(leaf.id)!.by));

/** Done units that no gate speaks for, only the agent's signal and its exit code. */
const wordOfAgent = (state: State): Unit[] => {
  const byN = new Map(state.starts.map(start => [start.n, start]));
  return (state.plan?.units ?? []).filter(
    unit =>
      isDone(state, unit) &&
      unit.leaves.some(leaf => {
        const start = byN.get(state.done.get(leaf.id)!.start ?? 0);
        return start !== undefined && isOnWord(start);
      }),
  );
};

/** The first of many ids. */
const idsOf = (units: readonly Unit[]): string =>
  `${units
    .slice(0, 12)
    .map(unit => unit.id)
    .join(', ')}${units.length > 12 ? ` and ${units.length - 12} more` : ''}`;

/** What agents were denied or seqrun found odd, each once: a unit is completed all the same, and a person should know. */
const warningsOf = (starts: readonly StartRecord[]): string[] => {
  const found = new Map<string, string[]>();
  for (const start of starts) {
    for (const line of start.evidence) {
      if (!line.startsWith('warning: ')) continue;
      const text = line.slice('warning: '.length);
      found.set(text, [...(found.get(text) ?? []), start.unit ?? 'assignment']);
    }
  }
  return [...found].slice(0, 5).map(([text, units]) => `${[...new Set(units)].slice(0, 5).join(', ')}: ${text}`);
};

const waitsText = (state: State): string => {
  const byReason = new Map<string, number>();
  for (const { because, ms } of state.waits) {
    const reason = reasonWord(because);
    byReason.set(reason, (byReason.get(reason) ?? 0) + ms);
  }
  const parts = [...byReason].filter(([, ms]) => ms >= 1000).map(([reason, ms]) => `${reason} ${durationWords(ms)}`);
  return parts.length > 0 ? `, of it waiting: ${parts.join(', ')}` : '';
};

/** What was waited for, in one word, from the sentence that was recorded. */
const reasonWord = (because: string): string => {
  if (because.startsWith('paused')) return 'pause';
  if (because.startsWith('delay')) return 'delay';
  return because.includes(' is limited') ? 'limits' : 'backoff';
};

/** Red gates that did not count, each with its units and once per reason. */
const acceptedReds = (starts: readonly StartRecord[]): string[] => {
  const found = new Map<string, string[]>();
  for (const { unit, gates } of starts) {
    for (const { name, result, because } of gates) {
      if (result !== 'accepted') continue;
      const text = `gate ${name}: ${because}`;
      found.set(text, [...(found.get(text) ?? []), unit ?? '']);
    }
  }
  return [...found].slice(0, 5).map(([text, units]) => `${[...new Set(units)].slice(0, 5).join(', ')}: ${text}`);
};

/** The last start that passed one of these gates, by its command: a name may mean another one since. */
const lastPassed = ({ starts }: State, gates: readonly Gate[]): StartRecord | null =>
  starts.findLast(
    ({ kind, gate, outcome }) =>
      kind === 'gate' && outcome?.kind === 'passed' && gates.some(({ command }) => command === gate?.command),
  ) ?? null;

const lastGreen = (state: State, gates: readonly Gate[]): string => {
  const last = lastPassed(state, gates);
  if (!last?.gate || last.endedAtMs === null) return '';
  return `; gate ${last.gate.name} passed last at ${new Date(last.endedAtMs).toISOString()}, after unit ${last.unit}`;
};

const startsText = (starts: readonly StartRecord[]): string => {
  const kinds = new Map<string, number>();
  for (const start of starts) {
    const kind = start.outcome?.kind ?? 'open';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const detail = [...kinds].map(([kind, k]) => `${k} ${kind.replace('_', ' ')}`).join(', ');
  return `${starts.length}${detail === '' ? '' : ` (${detail})`}`;
};

const oneLine = (text: string, length: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};
