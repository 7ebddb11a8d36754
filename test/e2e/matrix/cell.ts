// One cell of the matrix: a fault at a moment, what is expected of seqrun then, and the judge that says what came otherwise.
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foldLines, readLines } from '../../../src/adapters/journal/lines.ts';
import { type Result, until, type World } from '../harness.ts';

/** How a call of seqrun ended: its exit code, or `killed` by a signal. */
export type Ended = number | 'killed';

/** What is expected, written down before the cell is played. */
export interface Expected {
  /** What seqrun does about the fault, in words: for the table. */
  next: string;
  /** How each call of seqrun ends: first the one that the fault hits, then each that is started after it. */
  exits: readonly Ended[];
  /** Starts of the agent of each unit, as the agent itself has logged them. */
  agentStarts: Readonly<Record<string, number>>;
  /** `status` of each unit in the state file at the end. */
  units: Readonly<Record<string, string>>;
  /** What `seqrun why` says right after the call that the fault hits has ended, or the last call where there is no other. */
  why: RegExp;
  /** What the first call that ends with another code than 0 must have printed. */
  says?: RegExp;
  /** `whatFollowed` the fault, word for word. Absent: any way to the rest is right. */
  followed?: string;
  /** Runs of the gate, as it has logged them (`watchfulGate`). Absent: none. */
  gateRuns?: number;
}

export interface Cell {
  fault: string;
  moment: string;
  expected: Expected;
}

/** More calls are never made: whatever needs more than that is wrong. */
const callsMax = 5;

/** Logs itself under `what` beside the agent's log, and everyone of this world that is alive beside it as an overlap. */
const watch = (what: string): string => `
for p in $(cat "$AGENT_LOG.alive" 2>/dev/null); do
  [ "$p" = $$ ] || ! tr '\\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q . || printf '${what} beside %s\\n' "$p" >>"$AGENT_LOG.overlaps"
done
echo $$ >>"$AGENT_LOG.alive"`;

/** A body for `world.codex` that logs any earlier agent or gate that is alive beside it. */
export const watchful = (body: string): string => `${watch('agent')}\n${body}`;

/** A script for `world.bin`: a gate that logs its runs and any agent or gate beside it. `$K` = number of this run, from 1. */
export const watchfulGate = (body: string): string => `#!/bin/sh
echo run >>"$AGENT_LOG.gates"
K=$(grep -c . "$AGENT_LOG.gates")
wait_for() { until [ -e "$AGENT_LOG.\${1:-go}" ]; do sleep 0.02; done; }
${watch('gate')}
${body}
`;

/** Lines of a log beside the agent's. */
export const logged = (world: World, name: string): string[] => {
  const path = `${world.env.AGENT_LOG}.${name}`;
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
};

/** What is seen of a cell that was played. */
export interface Seen {
  calls: Result[];
  /** What `seqrun why` said, see `Expected.why`. */
  why: string;
}

/**
 * Plays the rest of a cell: `first` is how the call that the fault hit has ended. seqrun is started again with the same words until it
 * ends with 0 or as often as is expected, and once more if that was too few. `between` is what a person does before each of those.
 */
export const playOn = async (
  world: World,
  cell: Cell,
  options: { args: string[]; first: Result; env?: Record<string, string>; between?: (call: number) => unknown },
): Promise<Seen> => {
  const { args, first } = options;
  const more = options.env ? { env: options.env } : {};
  const calls = [first];
  const spec = args[args.indexOf('--spec') + 1]!;
  const why = (await world.run(['why', '--spec', spec], more)).out;
  const wanted = Math.min(callsMax, Math.max(cell.expected.exits.length, 2));
  while (calls.at(-1)!.code !== 0 && calls.length < wanted) {
    await options.between?.(calls.length);
    calls.push(await world.run(args, more));
  }
  return { calls, why };
};

const endOf = ({ code, signal }: Result): Ended => (signal === null ? (code ?? -1) : 'killed');

/**
 * What is wrong with a cell that was played; empty = nothing. Beside what is expected: nobody alive beside another, nothing left alive,
 * no litter, no values left in a launch.sh, the journal folds, the boxes are those of the completed units and nothing else of the file has
 * changed, and PROGRESS.md tells every iteration once.
 */
export const judge = async (
  world: World,
  cell: Cell,
  seen: Seen,
  options: { tasks: string; since?: number },
): Promise<string[]> => {
  const { expected } = cell;
  const wrong: string[] = [];
  const same = (what: string, found: unknown, wanted: unknown) => {
    const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (one !== other) wrong.push(`${what}: ${one}, expected ${other}`);
  };
  const said = seen.calls.map(({ err, out }) => `${err}${out}`).join('\n--\n');
  same('ends of the calls', seen.calls.map(endOf), expected.exits);
  if (expected.followed !== undefined) same('what followed', whatFollowed(world, options.since), expected.followed);
  same('starts of the agent', startsOf(world), sorted(expected.agentStarts));
  same('runs of the gate', logged(world, 'gates').length, expected.gateRuns ?? 0);
  same('alive beside another', logged(world, 'overlaps'), []);
  const units = Object.entries((world.state()?.units ?? {}) as Record<string, { status: string }>);
  same('units', sorted(Object.fromEntries(units.map(([id, { status }]) => [id, status]))), sorted(expected.units));
  const done = Object.entries(expected.units).flatMap(([id, status]) => (status === 'completed' ? [id] : []));
  same('tasks.md', world.tasks(), withTicks(options.tasks, done));
  if (!expected.why.test(seen.why)) wrong.push(`why: ${JSON.stringify(seen.why)}, expected ${expected.why}`);
  const complaint = seen.calls.find(({ code }) => code !== 0 && code !== null);
  if (expected.says && !expected.says.test(`${complaint?.err}${complaint?.out}`))
    wrong.push(`the first that did not end well did not say ${expected.says}`);
  wrong.push(...journalTrouble(world), ...progressTrouble(world));
  same('litter', world.litter(), []);
  same('values left in launch.sh', launchesWithValues(world), []);
  await until('everything to end', () => world.living().length === 0, 5_000).catch(() => undefined);
  same('left alive', world.living(), []);
  return wrong.length === 0 ? [] : [...wrong, said];
};

const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

const startsOf = (world: World): [string, number][] => {
  const count: Record<string, number> = {};
  for (const unit of world.starts()) count[unit] = (count[unit] ?? 0) + 1;
  return sorted(count);
};

/** The file with the boxes of these units and of their subtasks ticked. */
const withTicks = (tasks: string, units: readonly string[]): string =>
  units.reduce((text, id) => text.replaceAll(`- [ ] ${id}.`, `- [x] ${id}.`), tasks);

const journalTrouble = (world: World): string[] => {
  const path = world.journal();
  if (!existsSync(path)) return ['there is no journal'];
  const lines = readLines(readFileSync(path));
  if (lines.damage) return [`journal, line ${lines.damage.line}: ${lines.damage.message}`];
  if (lines.tornBytes > 0) return [`the journal ends with ${lines.tornBytes} torn bytes`];
  const { state, damage } = foldLines(lines.events);
  if (damage) return [`the journal does not fold: line ${damage.line}: ${damage.message}`];
  const { open, seq } = state;
  return [
    ...(open ? [`start ${open.n} is open in the journal`] : []),
    ...(world.state()?.seq === seq ? [] : [`the state file is of event ${world.state()?.seq}, the journal of ${seq}`]),
  ];
};

const progressTrouble = (world: World): string[] => {
  const text = world.progress();
  const markers = [...text.matchAll(/<!-- seqrun \S+ \d+ -->/g)].map(([marker]) => marker);
  const iterations = [...text.matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => Number(n));
  const counted = iterations.every((n, k) => n === k + 1) && iterations.length === world.state()?.iterations;
  return [
    ...(new Set(markers).size === markers.length ? [] : ['PROGRESS.md tells something twice']),
    ...(counted ? [] : [`PROGRESS.md tells the iterations ${iterations}, counted are ${world.state()?.iterations}`]),
  ];
};

/** Start folders whose launch.sh still holds the caller's variables. */
const launchesWithValues = (world: World): string[] => {
  const starts = join(dirname(world.journal()), 'starts');
  const names = existsSync(starts) ? readdirSync(starts) : [];
  return names.filter(name => {
    const path = join(starts, name, 'launch.sh');
    return existsSync(path) && readFileSync(path, 'utf8').includes('export AGENT_LOG');
  });
};

/**
 * What happened after the fault, from the journal: what became of the start that was open, which others ended otherwise than well, what was
 * started. `since` = lines of the journal at the fault; absent: all that came before the second call.
 */
export const whatFollowed = (world: World, since?: number): string => {
  const all = existsSync(world.journal()) ? readLines(readFileSync(world.journal())).events : [];
  const calls = all.flatMap((event, k) => (event.type === 'run.started' ? [k] : []));
  const fault = since ?? calls[1] ?? all.length;
  const words: string[] = [];
  const open = new Set<number>();
  for (const event of all.slice(0, fault)) {
    if (event.type === 'start.intended') open.add(event.n);
    if (event.type === 'start.ended') open.delete(event.n);
  }
  const fresh: number[] = [];
  for (const event of all.slice(fault)) {
    if (event.type === 'start.intended') fresh.push(event.n);
    else if (event.type === 'start.began' && event.adopted) words.push(`went on with ${event.n}`);
    else if (event.type === 'start.ended') {
      const { kind } = event.outcome;
      const wentWell = kind === 'completed' || kind === 'checking' || kind === 'passed';
      if (open.has(event.n) || !wentWell) words.push(`${event.n} ${kind}`);
    } else if (event.type === 'run.ended' && event.exit !== 0) words.push(`ended with ${event.exit}`);
  }
  if (fresh.length > 0) words.push(`started ${fresh.join(', ')}`);
  return words.join('; ') || 'nothing';
};

/** Adds a cell to the file that `SEQRUN_MATRIX_RESULTS` names, if it does. */
export const record = (
  world: World,
  cell: Cell,
  seen: Seen,
  found: { transport: string; wrong: string[]; since?: number },
): void => {
  const path = process.env.SEQRUN_MATRIX_RESULTS;
  if (!path) return;
  const { fault, moment, expected } = cell;
  const line = {
    fault,
    moment,
    transport: found.transport,
    expected: { ...expected, why: undefined, says: undefined },
    exits: seen.calls.map(endOf),
    followed: whatFollowed(world, found.since),
    agentStarts: Object.fromEntries(startsOf(world)),
    wrong: found.wrong,
  };
  appendFileSync(path, `${JSON.stringify(line)}\n`);
};
