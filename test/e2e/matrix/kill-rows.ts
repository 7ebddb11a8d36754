// What is expected when something is killed in the life of unit 2: one row for each fault at each moment, written before it is played.
import type { Cell, Expected } from './cell.ts';
import { type Moment, type MomentName, moments } from './moments.ts';

export type Fault =
  | 'the runner'
  | 'the agent'
  | 'the gate'
  | 'launch.sh'
  | 'its window'
  | 'the tmux server'
  | 'the session'
  /** The runner, the agent or gate, launch.sh and the server at once, as when the machine goes down. */
  | 'everything';

export type Transport = 'tmux' | 'plain';

export interface Row extends Cell {
  fault: Fault;
  moment: MomentName;
  in: readonly Transport[];
  /** launch.sh is let go on only when its start has been given up; else at once. */
  late: boolean;
}

const both = ['tmux', 'plain'] as const;
const tmux = ['tmux'] as const;
const plain = ['plain'] as const;

type Ends = Pick<Expected, 'exits' | 'why'>;
const gone = (why: RegExp): Ends => ({ exits: ['killed', 0], why });
const goneInUnit = gone(/the runner is gone while start 2 \(unit 2\) is open/);
const goneInNext = gone(/the runner is gone while start 3 \(unit 3\) is open/);
const goneInGate = gone(/the runner is gone while start 4 \(the gate verify of unit 2\) is open/);
const goneBetween = gone(/the runner was killed between two steps/);
const goesOn: Ends = { exits: [0], why: /its last run ended with 0: all required units are done/ };
const stops: Ends = { exits: [2, 0], why: /its last run ended with 2: stopped in tmux: the window was closed/ };

/** Each unit is done and was paid for once, and each gate was run once; a row says what is otherwise. */
const row = (
  fault: Fault,
  moment: MomentName,
  where: Row['in'],
  ends: Ends,
  next: string,
  followed: string,
  more: Partial<Expected> & { late?: true } = {},
): Row => {
  const { late = false, ...expected } = more;
  const gates = (moments[moment] as Moment).gate ? { gateRuns: 3 } : {};
  const units = { 1: 'completed', 2: 'completed', 3: 'completed' };
  return {
    ...{ fault, moment, late, in: where },
    expected: { next, followed, ...ends, agentStarts: { 1: 1, 2: 1, 3: 1 }, units, ...gates, ...expected },
  };
};

const again = { agentStarts: { 1: 1, 2: 2, 3: 1 } };
const gateAgain = { gateRuns: 4 };
const late = { late: true } as const;

/** Rows that are the same for several moments. */
const rowsAt = (names: readonly MomentName[], make: (moment: MomentName) => Row): Row[] => names.map(make);

const endUnwritten: readonly MomentName[] = ['before its end is written', 'in the middle of its end'];
const endWritten: readonly MomentName[] = [
  'after its end is written',
  'PROGRESS.md half written',
  'PROGRESS.md written',
  'before the boxes are ticked',
  'between two boxes',
  'after the boxes are ticked',
];
const stateWritten: readonly MomentName[] = [
  'STATE.json half written',
  'STATE.json before its rename',
  'STATE.json after its rename',
];

// Without the runner the agent works on, and the next call finds what became of it.
const ofRunner: Row[] = [
  row('the runner', 'before the intent', both, goneBetween, 'starts unit 2', 'started 3, 4'),
  row('the runner', 'in the middle of the intent', both, goneBetween, 'starts unit 2', 'started 3, 4'),
  row('the runner', 'after the intent', both, goneInUnit, 'wins the claim', '2 not_started; started 3, 4'),
  row('the runner', 'before the launch', both, goneInUnit, 'wins the claim', '2 not_started; started 3, 4'),
  row(
    'the runner',
    'while the window opens',
    both,
    goneInUnit,
    'goes on with it',
    'went on with 2; 2 completed; started 3',
  ),
  row('the runner', 'while the window opens', both, goneInUnit, 'wins the claim', '2 not_started; started 3, 4', late),
  row(
    'the runner',
    'right after the claim',
    both,
    goneInUnit,
    'goes on with it',
    'went on with 2; 2 completed; started 3',
  ),
  row(
    'the runner',
    'while the agent runs',
    both,
    goneInUnit,
    'goes on with it',
    'went on with 2; 2 completed; started 3',
  ),
  row('the runner', 'agent gone, exit not read', both, goneInUnit, 'reads its exit', '2 completed; started 3'),
  ...rowsAt(endUnwritten, moment =>
    row('the runner', moment, both, goneInUnit, 'reads its exit', '2 completed; started 3'),
  ),
  ...rowsAt(endWritten, moment => row('the runner', moment, both, goneBetween, 'starts unit 3', 'started 3')),
  ...rowsAt(stateWritten, moment =>
    row('the runner', moment, both, goneInNext, 'goes on with unit 3', 'went on with 3; 3 completed'),
  ),
  row('the runner', 'while a gate runs', both, goneInGate, 'goes on with it', 'went on with 4; 4 passed; started 5, 6'),
  row('the runner', "in the middle of the gate's end", both, goneInGate, 'reads its exit', '4 passed; started 5, 6'),
  row('the runner', "after the gate's end", both, goneBetween, 'starts unit 3', 'started 5, 6'),
  row('the runner', "before the run's end is written", both, goneBetween, 'all is done', 'nothing'),
  row('the runner', "in the middle of the run's end", both, goneBetween, 'all is done', 'nothing'),
];

// What the world has ended is tried again: an agent after a counted crash, a gate as if it had not been run.
const ofAgent: Row[] = [
  row('the agent', 'while the agent runs', both, goesOn, 'tries it again', '2 failed; started 3, 4', again),
  row('the gate', 'while a gate runs', both, goesOn, 'runs it again', '4 interrupted; started 5, 6, 7', gateAgain),
];

// Without launch.sh nobody says how it ended. In a window the agent gets HUP with it, without one it works on.
const ofLaunch: Row[] = [
  row('launch.sh', 'while the window opens', both, goesOn, 'gives it up', '2 not_started; started 3, 4'),
  row('launch.sh', 'right after the claim', both, goesOn, 'gives it up after 2 s', '2 not_started; started 3, 4'),
  row(
    'launch.sh',
    'while the agent runs',
    tmux,
    goesOn,
    'goes on in its session',
    '2 interrupted; started 3, 4',
    again,
  ),
  row('launch.sh', 'while the agent runs', plain, goesOn, 'asks for the rest', '2 unconfirmed; started 3, 4', again),
  row('launch.sh', 'agent gone, exit not read', tmux, goesOn, 'reads its exit', '2 completed; started 3'),
  row('launch.sh', 'while a gate runs', both, goesOn, 'runs it again', '4 interrupted; started 5, 6, 7', gateAgain),
];

// Who closes a window wants its unit to stop. The next call goes on with it.
const unitStops = ['2 interrupted; ended with 2; started 3, 4', again] as const;
const ofWindow: Row[] = [
  row('its window', 'while the window opens', tmux, stops, 'stops, then goes on', ...unitStops),
  row(
    'its window',
    'while the window opens',
    tmux,
    stops,
    'stops, then starts unit 2',
    '2 not_started; ended with 2; started 3, 4',
    late,
  ),
  row('its window', 'right after the claim', tmux, stops, 'stops, then goes on', ...unitStops),
  row('its window', 'while the agent runs', tmux, stops, 'stops, then goes on', ...unitStops),
  row('its window', 'agent gone, exit not read', tmux, goesOn, 'reads its exit', '2 completed; started 3'),
  row(
    'its window',
    'while a gate runs',
    tmux,
    stops,
    'stops, then runs it again',
    '4 interrupted; ended with 2; started 5, 6, 7',
    gateAgain,
  ),
  ...rowsAt(endUnwritten, moment => row('its window', moment, tmux, goesOn, 'goes on', '2 completed; started 3')),
  ...rowsAt(endWritten, moment => row('its window', moment, tmux, goesOn, 'goes on', 'started 3')),
  ...rowsAt(stateWritten, moment => row('its window', moment, tmux, goesOn, 'goes on', '3 completed')),
];

// Without session or server the work goes on without a window, and the next unit makes a new session.
const ofSession = (fault: 'the tmux server' | 'the session'): Row[] => [
  row(fault, 'before the intent', tmux, goesOn, 'makes a new session', 'started 2, 3'),
  row(fault, 'in the middle of the intent', tmux, goesOn, 'makes a new session', 'started 2, 3'),
  row(fault, 'after the intent', tmux, goesOn, 'makes a new session', '2 completed; started 3'),
  row(fault, 'before the launch', tmux, goesOn, 'makes a new session', '2 completed; started 3'),
  row(fault, 'while the window opens', tmux, goesOn, 'goes on without a window', '2 completed; started 3'),
  row(
    fault,
    'while the window opens',
    tmux,
    goesOn,
    'gives it up, makes a new session',
    '2 not_started; started 3, 4',
    late,
  ),
  row(fault, 'right after the claim', tmux, goesOn, 'goes on without a window', '2 completed; started 3'),
  row(fault, 'while the agent runs', tmux, goesOn, 'goes on without a window', '2 completed; started 3'),
  row(fault, 'agent gone, exit not read', tmux, goesOn, 'reads its exit', '2 completed; started 3'),
  row(fault, 'while a gate runs', tmux, goesOn, 'goes on without a window', '4 passed; started 5, 6'),
  ...rowsAt(endUnwritten, moment => row(fault, moment, tmux, goesOn, 'makes a new session', '2 completed; started 3')),
  ...rowsAt(endWritten, moment => row(fault, moment, tmux, goesOn, 'makes a new session', 'started 3')),
  ...rowsAt(stateWritten, moment => row(fault, moment, tmux, goesOn, 'goes on without a window', '3 completed')),
];

const ofEverything: Row[] = [
  row('everything', 'before the intent', both, goneBetween, 'starts unit 2', 'started 3, 4'),
  row('everything', 'after the intent', both, goneInUnit, 'wins the claim', '2 not_started; started 3, 4'),
  row('everything', 'while the window opens', both, goneInUnit, 'wins the claim', '2 not_started; started 3, 4'),
  row('everything', 'right after the claim', both, goneInUnit, 'gives it up after 2 s', '2 not_started; started 3, 4'),
  row(
    'everything',
    'while the agent runs',
    both,
    goneInUnit,
    'goes on in its session',
    '2 interrupted; started 3, 4',
    again,
  ),
  row('everything', 'agent gone, exit not read', both, goneInUnit, 'reads its exit', '2 completed; started 3'),
  row('everything', 'in the middle of its end', both, goneInUnit, 'reads its exit', '2 completed; started 3'),
  row(
    'everything',
    'while a gate runs',
    both,
    goneInGate,
    'runs it again',
    '4 interrupted; started 5, 6, 7',
    gateAgain,
  ),
  row('everything', 'between two boxes', both, goneBetween, 'starts unit 3', 'started 3'),
];

export const killRows: readonly Row[] = [
  ...ofRunner,
  ...ofAgent,
  ...ofLaunch,
  ...ofWindow,
  ...ofSession('the tmux server'),
  ...ofSession('the session'),
  ...ofEverything,
];
