// What a person needs to know in the morning, from the state alone: what is done, what is not and why, what waits for them.
import { cut } from './closing-text.ts';
import type { DoneSignal } from './events.ts';
import type { GateResult } from './gate.ts';
import { nextCommands } from './handoff-next.ts';
import { type PersonItem, personItems } from './handoff-person.ts';
import type { Unit } from './plan-types.ts';
import type { KnownRed, Review, StartRecord, State, UnitRecord } from './state.ts';
import { notSelected, type UnitProgress, unitProgress, waitsInVain } from './units.ts';
import { blockedWords, doneWords, whatIsNow, whyRun } from './why.ts';
import { withSpec } from './with-spec.ts';
import { count } from './words.ts';

/** How commands name the spec, quoted for a shell. */
export interface SpecWords {
  /** Of those that look or decide: `--spec <path>` and what the plan depends on. */
  look: string;
  /** Of a run: also what it must not be started without. */
  run: string;
}

/** What the hand-off is made for. */
export interface HandoffOptions {
  specWords: SpecWords;
  nowMs: number;
  /** A runner holds the lock. */
  alive: boolean;
  /** Units per list; the rest is counted. `Infinity` = all of them. */
  unitsMax: number;
}

/** A list that may have been cut; `more` = how many are missing. */
export interface Cut<T> {
  list: T[];
  more: number;
}

export interface DoneUnit {
  id: string;
  title: string;
  /** `its gates passed (test)`, `accepted by a person`. */
  restsOn: string;
  signal: DoneSignal | null;
  gates: Pick<GateResult, 'name' | 'result'>[];
  /** Whether the working tree differs since the unit began; null = not known. */
  changed: boolean | null;
  /** The start that its receipt tells of; null = it never had one. */
  start: number | null;
  /** Commits of it, with `--git commit`. */
  commits: readonly string[];
  review: Review | null;
}

export interface LeftUnit {
  id: string;
  title: string;
  /** `again`: it has had starts and goes on; `not_reached`: its turn has not come. */
  status: Exclude<UnitProgress['kind'], 'completed' | 'ready'> | 'again' | 'not_reached';
  because: string;
  /** Null where it never had a start. */
  counters: Pick<UnitRecord, 'attempts' | 'followUps' | 'starts'> | null;
  start: number | null;
  /** The end of the output of the gate that failed, or what the agent said last. */
  output: string | null;
  review: Review | null;
}

/** A gate that is known to be red, and what follows. */
export interface RedGate {
  name: string;
  command: string;
  known: 'before' | 'expected';
  words: string;
}

export interface Handoff {
  /** How the run ended or stands, when, and how many units are done. */
  head: string;
  done: Cut<DoneUnit>;
  left: Cut<LeftUnit>;
  person: PersonItem[];
  red: RedGate[];
  /** What was odd, the latest last: claims that do not count, boxes that moved. */
  notes: string[];
  /** At most three, most likely first; each can be pasted. */
  next: string[];
}

const notesMax = 8;

/** The hand-off for the state as it is. Costs about as much as there are units and starts. */
export const handoffOf = (state: State, options: HandoffOptions): Handoff => {
  const progress = (state.plan?.units ?? []).map(unit => unitProgress(state, unit));
  const starts = lastStarts(state);
  const done = progress.filter(one => one.kind === 'completed');
  const left = sortLeft(state, progress);
  const shownDone = latest(state, done, options.unitsMax);
  const said = (sentence: string): string => withSpec(sentence, options.specWords);
  const person = personItems(state, options.specWords).map(one => ({ ...one, what: said(one.what) }));
  return {
    head: said(headWords(state, progress, options)),
    done: { list: shownDone.map(({ unit }) => doneUnit(state, unit, starts)), more: done.length - shownDone.length },
    left: {
      list: left.slice(0, options.unitsMax).map(one => {
        const unit = leftUnit(state, one, starts);
        return { ...unit, because: said(unit.because) };
      }),
      more: Math.max(0, left.length - options.unitsMax),
    },
    person,
    red: redGates(state),
    notes: state.notices.slice(-notesMax).map(said),
    next: nextCommands(state, { progress, person, specWords: options.specWords, alive: options.alive }),
  };
};

const headWords = (state: State, progress: readonly UnitProgress[], { nowMs, alive }: HandoffOptions): string => {
  const done = progress.filter(one => one.kind === 'completed').length;
  const skipped = progress.filter(one => one.kind === 'skipped').length;
  const others = notSelected(state.plan).length;
  const counted = [
    `${done} of ${count(progress.length, others > 0 ? 'selected unit' : 'unit')} done`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(others > 0 ? [`${others} not selected`] : []),
  ].join(', ');
  const rehearsed = state.run?.policy.backend === 'rehearsal' ? ' (rehearsal: no agent has worked)' : '';
  const { lastEnd } = state;
  if (!lastEnd) return `${whyRun(state, nowMs, alive)}; ${counted}${rehearsed}`;
  const because = cut(lastEnd.because.split('\n')[0]!, 300);
  const now = whatIsNow(state, nowMs);
  return `${now === null ? '' : `${cut(now.split('\n')[0]!, 300)}; its last run `}ended with ${lastEnd.exit} (${because}) at ${new Date(lastEnd.atMs).toISOString()}; ${counted}${rehearsed}`;
};

/** The starts by number, and the last start of an agent per unit. */
interface Starts {
  byN: Map<number, StartRecord>;
  byUnit: Map<string, StartRecord>;
}

const lastStarts = (state: State): Starts => {
  const starts: Starts = { byN: new Map(), byUnit: new Map() };
  for (const start of state.starts) {
    starts.byN.set(start.n, start);
    if (start.kind === 'agent' && start.unit !== null) starts.byUnit.set(start.unit, start);
  }
  return starts;
};

/** The units that were done last, in the order of the plan. */
const latest = (state: State, done: UnitProgress[], max: number): UnitProgress[] => {
  if (done.length <= max) return done;
  const doneAt = ({ unit }: UnitProgress) => Math.max(...unit.leaves.map(leaf => state.done.get(leaf.id)!.atMs));
  const times = new Map(done.map(one => [one, doneAt(one)]));
  const kept = new Set([...done].sort((a, b) => times.get(b)! - times.get(a)!).slice(0, max));
  return done.filter(one => kept.has(one));
};

const doneUnit = (state: State, unit: Unit, starts: Starts): DoneUnit => {
  const record = state.units.get(unit.id);
  const n = Math.max(...unit.leaves.map(leaf => state.done.get(leaf.id)!.start ?? 0));
  const start = starts.byN.get(n) ?? null;
  return {
    id: unit.id,
    title: unit.title,
    restsOn: doneWords(state, unit),
    signal: start?.outcome?.kind === 'completed' ? start.outcome.signal : null,
    gates: (start?.gates ?? []).map(({ name, result }) => ({ name, result })),
    changed: start === null ? null : isChanged(start, record),
    start: n === 0 ? (starts.byUnit.get(unit.id)?.n ?? null) : n,
    commits: start?.commits ?? [],
    review: record?.review ?? null,
  };
};

const isChanged = ({ tree }: StartRecord, record: UnitRecord | undefined): boolean | null => {
  const before = record?.treeBefore ?? tree.before?.hash ?? null;
  return before === null || tree.after === null ? null : before !== tree.after.hash;
};

type Left = { unit: Unit; progress: UnitProgress; status: LeftUnit['status'] };

/** What somebody has to do something about comes first. */
const statusOrder: readonly LeftUnit['status'][] = [
  'halted',
  'failed',
  'blocked',
  'running',
  'checking',
  'again',
  'skipped',
  'not_reached',
];

const sortLeft = (state: State, progress: readonly UnitProgress[]): Left[] => {
  const kinds = new Map(progress.map(one => [one.unit.id, one.kind]));
  const vain = new Map<string, boolean>();
  const isVain = (unit: Unit): boolean =>
    unit.dependsOnUnits.some(id => {
      const kind = kinds.get(id);
      if (kind === undefined) return waitsInVain(state, unit);
      if (kind === 'blocked') return vain.get(id) ?? waitsInVain(state, unit);
      return kind === 'failed' || kind === 'halted' || kind === 'skipped';
    });
  const left: Left[] = [];
  for (const one of progress) {
    const { unit, kind } = one;
    if (kind === 'completed') continue;
    const blocked = kind === 'blocked' && isVain(unit);
    if (kind === 'blocked') vain.set(unit.id, blocked);
    const open = kind === 'ready' || (kind === 'blocked' && !blocked);
    const again = open && (state.units.get(unit.id)?.starts ?? 0) > 0;
    left.push({ unit, progress: one, status: open ? (again ? 'again' : 'not_reached') : kind });
  }
  return statusOrder.flatMap(status => left.filter(one => one.status === status));
};

const leftUnit = (state: State, { unit, progress, status }: Left, starts: Starts): LeftUnit => {
  const record = state.units.get(unit.id);
  const start = starts.byUnit.get(unit.id) ?? null;
  return {
    id: unit.id,
    title: unit.title,
    status,
    because: leftWords(state, { progress, status, record }),
    counters:
      record && record.starts > 0
        ? { attempts: record.attempts, followUps: record.followUps, starts: record.starts }
        : null,
    start: start?.n ?? null,
    output: status === 'failed' || status === 'again' ? outputOf(start, starts) : null,
    review: record?.review?.kind === 'rejected' ? record.review : null,
  };
};

const leftWords = (
  state: State,
  { progress, status, record }: Pick<Left, 'progress' | 'status'> & { record: UnitRecord | undefined },
): string => {
  switch (progress.kind) {
    case 'failed':
    case 'skipped':
      return progress.because;
    case 'halted':
      return 'it asks a person, see below';
    case 'running':
      return `start ${state.open!.n} on ${state.open!.agent} since ${new Date(state.open!.intendedAtMs).toISOString()}${
        state.lastEnd ? ', left running: the next run goes on with it' : ''
      }`;
    case 'checking': {
      const { standing } = record!;
      const gates = standing.kind === 'checking' ? standing.gates.slice(standing.results.length) : [];
      return `its agent has ended well; gates still to be run: ${gates.map(gate => gate.name).join(', ')}`;
    }
    case 'blocked':
      return status === 'not_reached' && state.lastEnd ? notReachedWords(state) : blockedWords(state, progress);
    default:
      if (record?.standing.kind === 'again') return record.standing.because;
      return status === 'again' ? 'it begins anew' : notReachedWords(state);
  }
};

const notReachedWords = ({ lastEnd }: State): string => {
  switch (lastEnd?.end) {
    case undefined:
      return 'its turn has not come';
    case 'iterations':
      return 'the iterations were used up first';
    case 'stopped':
    case 'signal':
      return 'the run was stopped first';
    case 'time':
      return "the run's time was over first";
    case 'limit_bound':
      return 'the bound of usage limits came first';
    case 'selected':
      return 'not selected in the last run';
    case 'completed':
      return 'it became due when the run was over';
    default:
      return 'the run ended first';
  }
};

/** What the failing gate printed last, or the last words of the agent where no gate is the reason. */
const outputOf = (start: StartRecord | null, { byN }: Starts): string | null => {
  if (start?.outcome?.kind === 'gate_failed') {
    const outcome = byN.get(start.gates.at(-1)?.start ?? 0)?.outcome;
    return outcome?.kind === 'red' && outcome.output !== '' ? outcome.output : null;
  }
  return start?.evidence.find(line => line.startsWith('last words: ')) ?? null;
};

const redGates = (state: State): RedGate[] =>
  [...state.redGates].flatMap(([command, red]) => {
    // Of a run with other gates: nothing follows from it now.
    const isPast = red.known === 'before' && !state.run?.policy.gates?.some(gate => gate.command === command);
    if (isPast) return [];
    const words = red.known === 'before' ? beforeWords(state) : expectedWords(red);
    return { name: gateName(state, command), command, known: red.known, words };
  });

const gateName = (state: State, command: string): string =>
  state.run?.policy.gates?.find(gate => gate.command === command)?.name ??
  state.starts.findLast(({ gate }) => gate?.command === command)?.gate?.name ??
  'gate';

const beforeWords = (state: State): string => {
  switch (state.run?.policy.baseline) {
    case 'ignore':
      return 'red before the first unit; it does not count against a unit (--baseline ignore) until it has passed once';
    case 'halt':
      return 'red before the first unit; no unit starts before it passes (--baseline halt)';
    default:
      return 'red before the first unit; a unit counts as done only when it passes all the same (--baseline ignore lets it be red)';
  }
};

const expectedWords = ({ unit, unlike = [] }: KnownRed): string =>
  `expected to be red${unit === null ? '' : ` since unit ${unit}, which was to leave a failing test behind`}${
    unlike.length === 0 ? '' : `; red in another way after unit ${unlike.join(', ')}`
  }; it has to pass after the next unit that does more than write tests, at the latest with the last unit`;
