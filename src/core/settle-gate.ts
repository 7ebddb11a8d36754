// What the end of a gate means: for its unit, and for what is known of the gate itself.
import { defaults } from './defaults.ts';
import type { JournalEvent, Outcome } from './events.ts';
import { cannotRun, type Gate, type GateResult } from './gate.ts';
import { notice, unitRecord } from './records.ts';
import { completeUnit } from './settle-completion.ts';
import { failGate } from './settle-unit.ts';
import type { KnownRed, OpenStart, State } from './state.ts';

type Ended = JournalEvent & { type: 'start.ended' };

/** Folds the end of a gate. What was cut off is run again; the unit goes on when its last gate has passed or one has failed. */
export const settleGate = (state: State, open: OpenStart, event: Ended): void => {
  const record = unitRecord(state, open.unit!);
  const { outcome, gate, checked } = event;
  if (gate === undefined) {
    if (outcome.kind !== 'passed' && outcome.kind !== 'red') cutOff(state, open, event);
    return;
  }
  const unit = state.plan?.units.find(one => one.id === open.unit);
  if (gate.result === 'passed') {
    state.redGates.delete(gate.command);
    state.notices = state.notices.filter(text => !text.startsWith(redBefore(gate.name)));
  }
  const { standing } = record;
  const given = standing.kind === 'checking' ? (standing.given ?? unit) : unit;
  if (gate.known === 'expected') noteExpected(state, gate, open.unit!, given?.expects === 'red');
  if (standing.kind !== 'checking') return;
  standing.results.push(gate);
  const start = state.starts.find(one => one.n === standing.start)!;
  start.gates.push(gate);
  if (!checked) return;
  start.outcome = checked.outcome;
  record.lastOutcome = checked.outcome;
  if (checked.outcome.kind === 'completed') {
    completeUnit(state, { id: open.unit!, given, start, signal: checked.outcome.signal, atMs: event.atMs });
  } else if (standing.skipped !== undefined) {
    record.standing = { kind: 'skipped', because: standing.skipped };
  } else {
    failGate(state, record, start, { gate, output: outcome.kind === 'red' ? outcome.output : '', atMs: event.atMs });
  }
};

/** `wanted`: the unit was to leave a failing test, so that this is the red which those behind it are compared with. */
const noteExpected = (
  state: State,
  { command, signature, code, unlike }: GateResult,
  unit: string,
  wanted: boolean,
): void => {
  const known: KnownRed = state.redGates.get(command) ?? { known: 'expected', unit };
  state.redGates.set(command, known);
  if (wanted && known.known === 'expected') known.red = { unit, signature, code };
  if (unlike !== undefined && !known.unlike?.includes(unit)) known.unlike = [...(known.unlike ?? []), unit];
};

/** Taken back when it has turned green. */
const redBefore = (name: string): string => `gate ${name} was red before the first unit: `;

/** Takes back what was said of gates that the run does not have any more. What is known of their commands stays: they may come again. */
export const forgetOtherGates = (state: State, gates: readonly Gate[]): void => {
  const red = gates.filter(gate => state.redGates.get(gate.command)?.known === 'before');
  state.notices = state.notices.filter(
    text =>
      !/^gate \S+ was red before the first unit: /.test(text) ||
      red.some(({ name }) => text.startsWith(redBefore(name))),
  );
};

const cannotRunWords = ({ name, command }: Gate, code: number | null, output: string): string => {
  const why = code === 127 ? 'command not found' : 'not executable';
  const said = output.trimEnd().split('\n').at(-1)!.trim().slice(0, 200);
  return `gate ${name} cannot be run: exit code ${code} (${why})${said === '' ? '' : `: ${said}`}; mend it (${command}), or --baseline off if a unit is to make it`;
};

/** Folds what a gate said before the first unit. */
export const settleBaseline = (state: State, open: OpenStart, event: Ended): void => {
  const { outcome } = event;
  const gate = open.gate!;
  if (outcome.kind === 'passed') {
    state.baselines.set(gate.command, { result: 'passed', because: null, start: open.n });
    // It was asked before, and was mended since.
    state.redGates.delete(gate.command);
  } else if (outcome.kind === 'red' && cannotRun(event.code)) {
    // It has said nothing of the tree, and would say as little after each unit. Mended or not, it is asked again.
    state.mustEnd = { end: 'person', exit: 2, because: cannotRunWords(gate, event.code, outcome.output) };
  } else if (outcome.kind === 'red') {
    state.baselines.set(gate.command, { result: 'red', because: outcome.because, start: open.n });
    state.redGates.set(gate.command, { known: 'before', unit: null });
    notice(state, `${redBefore(gate.name)}${outcome.because}`);
    if (state.run!.policy.baseline === 'halt') {
      state.mustEnd = {
        end: 'person',
        exit: 2,
        because: `gate ${gate.name} (${gate.command}) is red before the first unit: ${outcome.because}; mend it, or say what it means with --baseline require or --baseline ignore`,
      };
      // Mended or not, it is asked again.
      state.baselines.delete(gate.command);
    }
  } else cutOff(state, open, event);
};

/** A person or the world has cut it off, or it never began: it is run again, but not for ever. */
const cutOff = (state: State, open: OpenStart, { outcome }: Ended): void => {
  if (outcome.kind === 'interrupted' && outcome.by === 'person') return;
  const inRow: Outcome[] = [];
  for (let k = state.starts.length - 1; k >= 0; k--) {
    const { kind, gate, outcome: was } = state.starts[k]!;
    if (kind !== open.kind || gate?.command !== open.gate!.command) break;
    if (was?.kind !== 'not_started' && !(was?.kind === 'interrupted' && was.by === 'world')) break;
    inRow.push(was);
  }
  if (inRow.length < defaults.interruptedMax) return;
  const what = `gate ${open.gate!.name} (${open.gate!.command})`;
  // Only what seqrun itself could never start may be a bug of it.
  state.mustEnd =
    outcome.kind === 'not_started' && inRow.every(was => was.kind === 'not_started')
      ? {
          end: 'internal',
          exit: 70,
          because: `${what} could not be started ${inRow.length} times in a row: ${outcome.message}`,
        }
      : {
          end: 'failed',
          exit: 3,
          because: `${what} was cut off ${inRow.length} times in a row by something outside seqrun`,
        };
};
