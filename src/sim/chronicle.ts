// What a spec has come to, followed event by event beside the truth: completions and their evidence, counters, limits, halts.
import { isDeepStrictEqual } from 'node:util';
import type { Command, JournalEvent } from '../core/events.ts';
import { evolve, fold } from '../core/evolve.ts';
import type { Plan } from '../core/plan-types.ts';
import type { Completion, State } from '../core/state.ts';
import { followWords, observeCommand, resumed } from './chronicle-commands.ts';
import type { SpecPlace } from './place.ts';
import { leavesOfText } from './task-text.ts';
import type { Begun, Truth } from './truth.ts';

export interface Chronicle {
  granularity: 'group' | 'leaf';
  spec: SpecPlace;
  /** The task file as seqrun read it last. */
  readText: string;
  /** The state of the runner that lives, or lived last. */
  state: State | null;
  seq: number;
  journal: string | null;
  /** Hashes of titles that are done, with the line of the journal that made them so. */
  done: Map<string, number>;
  /** As the state has it. */
  doneById: Map<string, { start: number | null; atMs: number }>;
  /** Hashes of the titles that plans have had, with the ids that had them and the lines of the journal that first said so. */
  titles: Map<string, Map<string, number>>;
  /** Titles that a person ticked or accepted. */
  byPerson: Set<string>;
  /** Titles whose boxes a person has opened: done again as often as it takes. */
  opened: Set<string>;
  /** Commands that a person gave and no runner has taken yet. */
  given: Command[];
  /** Ids of commands that were taken: after a power cut one may come again. */
  taken: Set<string>;
  /** Hashes of titles that were rightly done, and that no person has taken back since. */
  everDone: Set<string>;
  /** By start: title of its unit. Only those that must count. */
  counted: Map<number, string>;
  /** By title of the unit: turns that a person asked for. */
  granted: Map<string, number>;
  /** By title of the unit: those that it had under the same number before it was put in other words. */
  formerTitles: Map<string, Set<string>>;
  counters: Map<string, { title: string; sum: number }>;
  /** Plans that were made, by their hashes. */
  plans: Map<string, Plan>;
  /** Starts that a person has asked to end: whatever comes of them may have come of that. */
  askedToEnd: Set<number>;
  limit: { untilMs: number; because: string; seq: number } | null;
  haltedBy: number | null;
  /** The line that says so. */
  haltedSeq: number;
  /** A stop was taken in this run. */
  stopped: boolean;
  /** The last start that was intended when a pause was taken; null = nothing is held back. */
  pausedAfter: number | null;
  iterations: number;
  actions: number;
  /** A power cut since the last line: lines may be missing. */
  cut: boolean;
}

export const chronicleOf = (spec: SpecPlace, granularity: Chronicle['granularity']): Chronicle => ({
  granularity,
  spec,
  readText: spec.tasks.text ?? '',
  state: null,
  seq: 0,
  journal: null,
  done: new Map(),
  doneById: new Map(),
  titles: new Map(),
  byPerson: new Set(),
  opened: new Set(),
  given: [],
  taken: new Set(),
  everDone: new Set(),
  counted: new Map(),
  granted: new Map(),
  formerTitles: new Map(),
  counters: new Map(),
  plans: new Map(),
  askedToEnd: new Set(),
  limit: null,
  haltedBy: null,
  haltedSeq: 0,
  stopped: false,
  pausedAfter: null,
  iterations: 0,
  actions: 0,
  cut: false,
});

/** A runner begins: what it read must be what was known, but for what a power cut took. */
export const observeLife = (
  chronicle: Chronicle,
  { state, events }: { state: State; events: readonly JournalEvent[] },
  truth: Truth,
): void => {
  if (state.journal === chronicle.journal && state.seq > chronicle.seq) {
    // Written by one that did not live to fold it.
    const again = fold(structuredClone(events.slice(0, chronicle.seq)) as JournalEvent[]);
    for (const event of structuredClone(events.slice(chronicle.seq)))
      observe(chronicle, event, evolve(again, event), truth);
  }
  if (chronicle.journal !== null && state.journal === chronicle.journal && state.seq < chronicle.seq) {
    if (!chronicle.cut) truth.broken('journal', `${chronicle.seq - state.seq} lines are gone without a power cut`);
    const { seq } = state;
    for (const [n, known] of lineOf(chronicle)) if (known > seq) chronicle.counted.delete(n);
    for (const [hash, line] of chronicle.done) if (line > seq) chronicle.done.delete(hash);
    // What stands in no line any more, nobody can be held to.
    for (const [hash, ids] of chronicle.titles) {
      for (const [id, line] of ids) if (line > seq) ids.delete(id);
      if (ids.size === 0) chronicle.titles.delete(hash);
    }
    if (chronicle.haltedSeq > seq) chronicle.haltedBy = null;
    if (chronicle.limit && chronicle.limit.seq > seq) chronicle.limit = null;
    chronicle.counters = countersOf(state);
  }
  if (state.journal !== chronicle.journal) {
    chronicle.counters = countersOf(state);
    for (const ids of chronicle.titles.values()) for (const id of ids.keys()) ids.set(id, 0);
  }
  if (chronicle.cut) {
    // A tick that a power cut took looks like a box that a person has opened.
    for (const { hash, ticked } of leavesOfText(chronicle.spec.tasks.text ?? '')) {
      if (!ticked && chronicle.done.has(hash)) chronicle.opened.add(hash);
    }
  }
  // Fewer lines of the same journal: what they say was judged when they were written.
  const isKnown = state.journal === chronicle.journal && state.seq < chronicle.seq;
  chronicle.cut = false;
  if (!state.paused) chronicle.pausedAfter = null;
  chronicle.doneById = new Map([...state.done].map(([id, { start, atMs }]) => [id, { start, atMs }]));
  chronicle.journal = state.journal;
  chronicle.state = state;
  chronicle.seq = state.seq;
  const now = hashesOf(state);
  for (const hash of chronicle.done.keys()) {
    if (!now.has(hash)) {
      // Of a task that is not in the file any more nothing needs to be known.
      if (leavesOfText(chronicle.spec.tasks.text ?? '').some(leaf => leaf.hash === hash))
        truth.broken('nothing is lost', `what was done is not done any more after a new start (${hash})`);
      chronicle.done.delete(hash);
    }
  }
  for (const hash of now) {
    if (chronicle.done.has(hash)) continue;
    if (isKnown && chronicle.everDone.has(hash)) chronicle.done.set(hash, 0);
    else judgeDone(chronicle, state, hash, truth, 0);
  }
};

/** Lines at which starts ended, of those that count. */
const lineOf = (chronicle: Chronicle): [number, number][] =>
  [...chronicle.counted.keys()].map(n => [n, chronicle.state?.starts.find(start => start.n === n)?.seq ?? 0]);

const hashesOf = (state: State): Set<string> =>
  new Set([...state.done.values()].map(({ titleHash }) => titleHash).filter(hash => hash !== ''));

const countersOf = (state: State): Chronicle['counters'] =>
  new Map(
    [...state.units].map(([id, record]) => [
      id,
      {
        title: state.plan?.units.find(unit => unit.id === id)?.title ?? '',
        sum: record.attempts + record.followUps + record.interrupted + record.lost,
      },
    ]),
  );

/** Follows one event. */
export const observe = (chronicle: Chronicle, event: JournalEvent, state: State, truth: Truth): void => {
  chronicle.state = state;
  chronicle.seq = state.seq;
  chronicle.journal = state.journal;
  switch (event.type) {
    case 'run.started':
      chronicle.stopped = false;
      chronicle.iterations = 0;
      chronicle.actions = 0;
      if (event.policy.resume) resumed(chronicle);
      break;
    case 'run.ended':
      if (event.because === '') truth.broken('reasons', 'a run ended without a reason');
      break;
    case 'command':
      if (!chronicle.taken.has(event.id)) observeCommand(chronicle, event.command, state, truth);
      chronicle.taken.add(event.id);
      break;
    case 'start.ending':
      if (event.by === 'person') chronicle.askedToEnd.add(event.n);
      break;
    case 'start.ended':
      observeEnd(chronicle, event, state, truth);
      break;
    default:
  }
  const mayForget =
    (event.type === 'command' && ['reset', 'follow', 'reject', 'retry'].includes(event.command.kind)) ||
    event.type === 'plan.made' ||
    event.type === 'checkpoint.restored' ||
    event.type === 'entry.merged';
  const now = hashesOf(state);
  for (const hash of [...chronicle.done.keys()]) {
    if (now.has(hash)) continue;
    if (event.type === 'command') chronicle.everDone.delete(hash);
    if (!mayForget) truth.broken('nothing is lost', `a completion went away with ${event.type}`);
    chronicle.done.delete(hash);
  }
  for (const hash of now) {
    if (chronicle.done.has(hash)) continue;
    // Put in other words, and its box still ticked: it is the same task, unless only others had these words before.
    const [id, done] = [...state.done].find(([, { titleHash }]) => titleHash === hash)!;
    const before = chronicle.doneById.get(id);
    const renamed = before !== undefined && before.start === done.start && before.atMs === done.atMs;
    const sameTask = renamed && (chronicle.titles.get(hash)?.has(id) ?? true);
    const backAgain = event.type === 'entry.merged' && chronicle.everDone.has(hash);
    if (backAgain || (event.type === 'plan.made' && sameTask)) chronicle.done.set(hash, event.seq);
    else judgeDone(chronicle, state, hash, truth, event.seq);
  }
  for (const hash of chronicle.done.keys()) chronicle.everDone.add(hash);
  chronicle.doneById = new Map([...state.done].map(([id, { start, atMs }]) => [id, { start, atMs }]));
  for (const leaf of state.plan?.units.flatMap(unit => unit.leaves) ?? []) {
    const ids = chronicle.titles.get(leaf.titleHash) ?? new Map<string, number>();
    if (!ids.has(leaf.id)) ids.set(leaf.id, event.seq);
    chronicle.titles.set(leaf.titleHash, ids);
  }

  const counters = countersOf(state);
  if (event.type === 'plan.made') {
    chronicle.plans.set(event.plan.hash, event.plan);
    followWords(chronicle, counters, state);
  }
  if (!mayForget) {
    for (const [id, { title, sum }] of chronicle.counters) {
      const after = counters.get(id);
      if (after && after.title === title && after.sum < sum) {
        truth.broken('counters', `the counters of ${id} went down from ${sum} to ${after.sum} with ${event.type}`);
      }
    }
  }
  chronicle.counters = counters;
};

const observeEnd = (
  chronicle: Chronicle,
  event: JournalEvent & { type: 'start.ended' },
  state: State,
  truth: Truth,
): void => {
  const one = truth.begun.findLast(begun => begun.spec === chronicle.spec && begun.n === event.n);
  if (event.checked?.outcome.kind === 'completed') forgetCounted(chronicle, one?.unitTitle ?? null);
  if (one?.kind !== 'agent') return;
  const { outcome } = event;
  const { script } = one.start;
  if (outcome.kind !== 'not_started' && outcome.kind !== 'limited') chronicle.iterations++;
  if (outcome.kind === 'limited') {
    const resetAtMs = one.said ? (script?.resetAtMs ?? null) : null;
    const policy = state.run!.policy;
    chronicle.limit =
      resetAtMs !== null && resetAtMs > event.atMs
        ? {
            untilMs: resetAtMs + policy.limitMarginMs,
            because: 'the reset that the agent named, with its margin',
            seq: event.seq,
          }
        : {
            untilMs: event.atMs + Math.min(60_000, policy.limitMarginMs),
            because: 'a minute after a limit',
            seq: event.seq,
          };
  } else if (outcome.kind !== 'not_started') chronicle.limit = null;
  const { exit, exists, class: said } = one.start;
  const halted = script?.act === 'halt' && one.said && exit?.code === 0 && exists && said !== null;
  if (halted && outcome.kind !== 'halted') truth.broken('halt', `start ${one.n} halted, and counts as ${outcome.kind}`);
  if (outcome.kind === 'halted') Object.assign(chronicle, { haltedBy: one.n, haltedSeq: event.seq });
  if (one.unitTitle === null) return;
  if (mustCount(one) && !chronicle.askedToEnd.has(one.n)) chronicle.counted.set(one.n, one.unitTitle);
  // What is begun again after that is other work: somebody has changed its text.
  if (outcome.kind === 'completed') forgetCounted(chronicle, one.unitTitle);
};

const forgetCounted = (chronicle: Chronicle, title: string | null): void => {
  for (const [n, of] of chronicle.counted) if (of === title) chronicle.counted.delete(n);
};

/** It ended by itself, everything of its end is there, and nothing but the agent's own doing explains it. */
const mustCount = ({ start, said, exitCode }: Begun): boolean => {
  if (!said || exitCode === 'none' || start.exit === null || !start.exists || start.class === null) return false;
  const free = ['limited', 'throttled', 'interrupted', 'auth', 'billing', 'config', 'model'];
  return !free.includes(start.class) && !(start.script?.code === 127);
};

/** A title counts as done: what does that rest on? */
const judgeDone = (chronicle: Chronicle, state: State, hash: string, truth: Truth, seq: number): void => {
  chronicle.done.set(hash, seq);
  const found = [...state.done].find(([, done]) => done.titleHash === hash);
  if (!found) return;
  const [id, done] = found;
  const why = whyNotDone(chronicle, state, hash, truth, done);
  if (why !== null) truth.broken('false done', `${id} counts as done (${done.by}, start ${done.start}): ${why}`);
};

const whyNotDone = (
  chronicle: Chronicle,
  state: State,
  hash: string,
  truth: Truth,
  done: Completion,
): string | null => {
  if (done.by !== 'agent') return chronicle.byPerson.has(hash) ? null : 'no person ticked or accepted it';
  const one = truth.begun.findLast(begun => begun.spec === chronicle.spec && begun.n === done.start);
  if (!one) return 'no such start ever ran, or it came from a state file that nobody may believe';
  if (one.kind !== 'agent') return `it was a ${one.kind}`;
  if (!one.leaves.has(hash)) return 'its agent was not given that task';
  const { script } = one.start;
  if (!one.said || !script) return 'its agent never came to an end';
  const { policy } = state.run!;
  const text = script.facts.finalText ?? '';
  const signal = /^<promise>(TASK_DONE|COMPLETE)<\/promise>$/m.test(text) && !/^<promise>HALT/m.test(text);
  const gates = policy.gates ?? [];
  const required = (policy.require?.includes('signal') ?? true) || gates.length === 0;
  if (!signal && required) return 'its agent gave no signal';
  if (script.facts.succeeded !== true) return 'its agent reported no success';
  if (one.exitCode !== 0) return `its exit code was ${one.exitCode}`;
  for (const gate of gates) {
    const known = policy.baseline === 'ignore' && state.baselines.get(gate.command)?.result === 'red';
    if (!known && !passedAfter(chronicle, gate.command, one, truth))
      return `the gate ${gate.name} never passed after it`;
  }
  return null;
};

const passedAfter = (chronicle: Chronicle, command: string, one: Begun, truth: Truth): boolean =>
  truth.begun.some(
    run =>
      run.spec === chronicle.spec &&
      run.kind === 'gate' &&
      run.gate === command &&
      run.beganMonoMs >= (one.endedMonoMs ?? Number.POSITIVE_INFINITY) &&
      run.exitCode === 0,
  );

/** What a runner holds in memory is what its journal folds to. `events` are read from the file for this alone. */
export const checkReplay = (chronicle: Chronicle, events: readonly JournalEvent[], truth: Truth): void => {
  const { state } = chronicle;
  if (!state || state.seq === 0) return;
  if (events.length < state.seq) {
    truth.broken('replay', `memory is at ${state.seq}, the journal has ${events.length} lines`);
    return;
  }
  const folded = fold(events.slice(0, state.seq));
  if (isDeepStrictEqual(folded, state)) return;
  const differs = (Object.keys(folded) as (keyof State)[]).filter(key => !isDeepStrictEqual(folded[key], state[key]));
  truth.broken('replay', `the journal folds to something else than memory holds: ${differs.join(', ')}`);
};
