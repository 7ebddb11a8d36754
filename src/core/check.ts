// Which gates a unit has to pass, how one of them stands, and what is known of red ones. Pure.
import { defaults } from './defaults.ts';
import type { Outcome } from './events.ts';
import { failureSignature } from './failure-signature.ts';
import { cannotRun, type Gate, type GateResult } from './gate.ts';
import { asHeld } from './held-proof.ts';
import type { Unit } from './plan-types.ts';
import { notice } from './records.ts';
import type { OpenStart, State, UnitStanding } from './state.ts';
import { isDone, standingOf } from './units.ts';
import { count } from './words.ts';

type Checking = Extract<UnitStanding, { kind: 'checking' }>;

/** The gates of a unit as they stand now: the user's own first, then those of the task file where they are allowed. */
export const gatesOf = (state: State, unit: Unit): Gate[] => {
  const { policy } = state.run!;
  const given = policy.gates ?? [];
  if (!policy.allowTaskCommands) return given;
  const wanted = asHeld(state, unit).verify ?? [];
  const own = wanted.filter(command => !given.some(gate => gate.command === command));
  return [
    ...given,
    ...own.map((command, k) => ({
      name: own.length > 1 ? `task-${k + 1}` : 'task',
      command,
      timeoutMs: defaults.gateTimeoutMs,
      from: 'task' as const,
    })),
  ];
};

/** Commands that the task file names for a unit and that no gate runs, because nobody has allowed them. */
export const unrunChecks = (state: State, unit: Unit): string[] => {
  const { allowTaskCommands, gates = [] } = state.run!.policy;
  if (allowTaskCommands) return [];
  return (asHeld(state, unit).verify ?? []).filter(command => !gates.some(gate => gate.command === command));
};

/** Says, once and as it stands now, how many units name checks that are not run. */
export const noticeUnrun = (state: State): void => {
  const flag = '--allow-task-commands runs it';
  state.notices = state.notices.filter(text => !text.endsWith(flag));
  const units = state.run === null ? [] : (state.plan?.units ?? []).filter(unit => unrunChecks(state, unit).length > 0);
  if (units.length === 0) return;
  const name = units.length === 1 ? 'names' : 'name';
  notice(state, `${count(units.length, 'unit')} ${name} a check in the task file that is not run: ${flag}`);
};

/** The unit whose gates have still to be run, or null. At most one: nothing else is started before. */
export const pendingCheck = (state: State): { unit: string; standing: Checking; gate: Gate } | null => {
  for (const [unit, { standing }] of state.units) {
    if (standing.kind === 'checking') return { unit, standing, gate: standing.gates[standing.results.length]! };
  }
  return null;
};

/**
 * The gate that has still to be run before the next unit is started, or null. Never in the middle of a unit: what that has left behind
 * would pass for what was there before.
 */
export const baselineDue = (state: State, next: Unit): Gate | null => {
  if (standingOf(state, next).kind === 'again') return null;
  const { gates = [], baseline = 'require' } = state.run!.policy;
  if (baseline === 'off') return null;
  return gates.find(gate => !state.baselines.has(gate.command)) ?? null;
};

/** What the end of a gate gives: its result, and the outcome of the agent's start when that is known now. Null: nobody waits for it any more. */
export const gateEnd = (
  state: State,
  open: OpenStart,
  outcome: Extract<Outcome, { kind: 'passed' | 'red' }>,
  /** `ending`: seqrun ended it, its time was over. */
  { code, ending, durationMs }: { code: number | null; ending: boolean; durationMs: number },
): { gate: GateResult; checked?: { start: number; outcome: Outcome } } | null => {
  const gate = open.gate!;
  const checking = state.units.get(open.unit!)?.standing;
  // A person has decided otherwise while it ran.
  if (checking?.kind !== 'checking') return null;
  // Then no test was run to its end: whatever is known of failing ones, this is none.
  const untold = ending || cannotRun(code);
  const judged: Judged =
    outcome.kind === 'red' && !cannotRun(code)
      ? knownRed(state, { id: open.unit!, unit: checking.given, gate, untold, code, signature: outcome.signature })
      : { known: null };
  const { known } = judged;
  const but = judged.but === undefined ? '' : `; ${judged.but}`;
  const result: GateResult = {
    name: gate.name,
    command: gate.command,
    from: gate.from,
    result: outcome.kind === 'passed' ? 'passed' : known ? 'accepted' : 'failed',
    because:
      outcome.kind === 'passed'
        ? null
        : known
          ? `${outcome.because}; ${knownWords(known)}`
          : `${outcome.because}${but}`,
    known,
    ...(judged.unlike === undefined ? {} : { unlike: judged.unlike }),
    code,
    durationMs,
    start: open.n,
    signature: outcome.kind === 'red' ? outcome.signature : failureSignature(''),
  };
  const start = checking.start;
  if (result.result === 'failed') {
    return {
      gate: result,
      checked: { start, outcome: { kind: 'gate_failed', gate: gate.name, because: result.because! } },
    };
  }
  const last = checking.results.length + 1 === checking.gates.length;
  return last
    ? { gate: result, checked: { start, outcome: { kind: 'completed', signal: checking.signal } } }
    : { gate: result };
};

/** Gates that a test which is to fail may turn red: it has to compile and to be well formed all the same. */
const tests = (gate: Gate): boolean => gate.name !== 'compile' && gate.name !== 'lint';

/** `known`: why a red gate does not speak against the unit, or null. `unlike`: see `GateResult`. `but`: why it is none that is known. */
type Judged = { known: GateResult['known']; unlike?: string; but?: string };

/**
 * Whether a red gate is one that is known. One that was red before the first unit is what the baseline makes of it, whatever the unit
 * writes: a new failing test cannot be told from the old red. Otherwise expected is any red of a test that ran to its end, after a unit
 * that is to leave a failing test; and after the units behind it that only write tests too, before any that could mend it, a red with the
 * same exit code. With another exit code the runner itself has broken, say over what does not compile, and no test has failed. With the
 * same one but other words more tests may have been printed, or others have failed: it is accepted, and somebody should look (`unlike`).
 */
const knownRed = (
  state: State,
  /** `unit` as its agent was given it. */
  {
    id,
    unit,
    gate,
    untold,
    code,
    signature,
  }: { id: string; unit: Unit | undefined; gate: Gate; untold: boolean; code: number | null; signature: string },
): Judged => {
  const found = state.redGates.get(gate.command);
  const mayFail = tests(gate) && !untold;
  const isToFail = unit?.expects === 'red' && mayFail;
  if (found?.known === 'before') {
    if (state.run!.policy.baseline === 'ignore') return { known: 'before' };
    return {
      known: null,
      ...(isToFail && { but: 'a new failing test cannot be told from the old red (--baseline ignore)' }),
    };
  }
  if (isToFail) return { known: 'expected' };
  if (found?.known !== 'expected' || !mayFail) return { known: null };
  const hasToPass = `a test was to fail${found.unit === null ? '' : ` since unit ${found.unit}`}, but has to pass after this unit`;
  if (!unit?.mayStayRed) return { known: null, but: hasToPass };
  // The bug is mended by the end at the latest, and not by who was left out.
  const others =
    state.plan?.units.some(one => one.id !== id && standingOf(state, one).kind !== 'skipped' && !isDone(state, one)) ??
    false;
  if (!others) return { known: null, but: hasToPass };
  const { red } = found;
  if (red && red.code !== code) {
    const how = red.code === null ? 'ended by a signal' : `with exit code ${red.code}`;
    return { known: null, but: `expected to be red as after unit ${red.unit}, ${how}` };
  }
  return { known: 'expected', ...(red && red.signature !== signature ? { unlike: red.unit } : {}) };
};

const knownWords = (known: 'before' | 'expected'): string =>
  known === 'before'
    ? 'accepted: it was red before the first unit (--baseline ignore)'
    : 'accepted: a test is to fail until the bug is mended';

/** The gate that was red after a unit, and accepted, in another way than after the unit that was to leave a failing test; or none. */
export const redOtherwise = (results: readonly GateResult[]): { name: string; unlike: string } | undefined =>
  results.flatMap(({ name, unlike }) => (unlike === undefined ? [] : [{ name, unlike }]))[0];

/** Whether a unit that was to leave a failing test behind left none: a person should look whether the test shows the bug. */
export const isSuspiciouslyGreen = (unit: Unit | undefined, results: readonly GateResult[]): boolean =>
  unit?.expects === 'red' &&
  results.some(({ name }) => tests({ name } as Gate)) &&
  results.every(({ result }) => result === 'passed');
