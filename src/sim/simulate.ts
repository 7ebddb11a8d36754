// One whole history: a person starts seqrun again and again, the world interferes, and in the end everything must come right.
import { type AgentAct, agentScript, type GateAct, gateScript } from './acts.ts';
import { checkReplay } from './chronicle.ts';
import { Disk } from './disk.ts';
import { agentEdits } from './edits.ts';
import { eventsOnDisk } from './journal.ts';
import { losePower } from './launch.ts';
import { Machine } from './machine.ts';
import { createPerson, type Person } from './person.ts';
import { createWorkspace, type SpecPlace } from './place.ts';
import type { Production } from './production.ts';
import { randomOf } from './random.ts';
import type { Scenario } from './scenario.ts';
import { goodLaunch } from './scenario.ts';
import { leavesOfText } from './task-text.ts';
import { Time } from './time.ts';
import { Truth, type Violation } from './truth.ts';
import type { World } from './world.ts';

export interface History {
  violations: Violation[];
  /** How each run ended, in order. */
  ends: string[];
  /** Everything that happened, for people; empty unless it was asked for. */
  lines: string[];
  faults: string[];
  points: number;
  /** Points before the world calmed down: those that can be hit. */
  calmPoints: number;
  turns: number;
  events: number;
  starts: number;
  virtualMs: number;
}

/** Past this a history does not end. */
const turnsMax = 400_000;
const epochMs = Date.UTC(2026, 0, 1);

/** Plays a scenario. Deterministic: the same scenario gives the same history. */
export const simulate = async (
  production: Production,
  scenario: Scenario,
  { keepLines = false }: { keepLines?: boolean } = {},
): Promise<History> => {
  const { seed } = scenario;
  const time = new Time(epochMs);
  const latency = randomOf(`${seed} latency`);
  const machine = new Machine(time, { faults: scenario.faults, random: randomOf(`${seed} faults`), latency });
  const disk = new Disk(machine, randomOf(`${seed} disk`));
  const workspace = createWorkspace(disk, scenario.specs);
  const truth = new Truth(scenario.plan.granularity);
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const next = (key: string): number => {
    const k = counts.get(key) ?? 0;
    counts.set(key, k + 1);
    return k;
  };
  let calm = false;
  const scripts = randomOf(`${seed} scripts`);
  const world: World = {
    time,
    machine,
    disk,
    workspace,
    truth,
    latencyMs: max => latency.int(0, max),
    tell: text => {
      if (keepLines) lines.push(`${new Date(time.wallMs()).toISOString()} ${text()}`);
    },
    launchPlanOf: () => (calm ? goodLaunch : scenario.launchPlan(next('launch'))),
    scriptOf: (spec, start) => {
      const { job } = start;
      if (job?.kind !== 'agent') {
        const act: GateAct = calm ? 'pass' : scenario.gateAct(job?.title ?? '', next(`gate ${job?.title}`));
        return gateScript(world, act, scripts);
      }
      const unit = job.unit!;
      const k = next(`${spec.name} ${unit}`);
      const act: AgentAct = calm ? 'done' : scenario.act(unit, k);
      const script = agentScript(world, start, act, scripts);
      const spanMs = Math.min(script.workMs, 60_000);
      const names = calm ? ['ticks its own boxes'] : scenario.edits(unit, k);
      script.edits = names.map((name, index) => ({
        atMs: Math.floor((spanMs * (index + 1)) / (names.length + 1)),
        what: name,
        run: () => agentEdits[name]!(world, spec, start, scripts),
      }));
      return script;
    },
  };
  truth.attach(world);
  for (const spec of workspace.specs) {
    truth.person(spec, {
      ticks: leavesOfText(spec.firstTasks)
        .filter(leaf => leaf.ticked)
        .map(leaf => leaf.hash),
    });
  }
  const powerRandom = randomOf(`${seed} power`);
  machine.onPowerCut.add(() => {
    world.tell(() => 'POWER CUT');
    for (const spec of workspace.specs) {
      truth.of(spec).cut = true;
      losePower(world, spec, powerRandom);
    }
  });

  const ends: string[] = [];
  const person = createPerson({ world, production, scenario, ends, random: randomOf(`${seed} person`) });
  let over = false;
  let calmPoints = 0;
  let failure: unknown = null;
  const history = async (): Promise<void> => {
    await person.live();
    calm = true;
    calmPoints = machine.points;
    machine.calm = true;
    disk.full = false;
    workspace.closedUntilMs = 0;
    await person.stopAll();
    for (const spec of workspace.specs) await rescue(world, person, spec);
  };
  history().then(
    () => {
      over = true;
    },
    error => {
      failure = error;
      over = true;
    },
  );
  try {
    await time.drive(() => over || truth.violations.length > 0 || time.turns > turnsMax);
  } catch (error) {
    failure = error;
  }
  if (failure !== null) {
    truth.broken('internal error', failure instanceof Error ? (failure.stack ?? failure.message) : String(failure));
  } else if (time.turns > turnsMax) truth.broken('every run ends', `not over after ${turnsMax} turns`);
  else if (truth.violations.length === 0) {
    for (const spec of workspace.specs) {
      const events = eventsOnDisk(spec, production);
      if (events) checkReplay(truth.of(spec), events, truth);
      const made = workspace.commits.map(({ unit, start }) => `${unit} ${start}`);
      if (new Set(made).size !== made.length) truth.broken('commits', 'a completion was committed twice');
    }
  }
  return {
    violations: truth.violations,
    ends,
    lines,
    faults: machine.hits,
    points: machine.points,
    calmPoints,
    turns: time.turns,
    events: workspace.specs.reduce((sum, spec) => sum + truth.of(spec).seq, 0),
    starts: truth.begun.length,
    virtualMs: time.monoMs,
  };
};

/** The world is calm now: a person who does what seqrun says must come to the end. */
const rescue = async (world: World, person: Person, spec: SpecPlace): Promise<void> => {
  const seen: string[] = [];
  for (let life = 0; life < 40; life++) {
    const ended = await person.run(spec, { rescue: true });
    seen.push(`${ended?.exit ?? 'died'}: ${ended?.because ?? ''}`);
    if (ended?.exit === 0) {
      const chronicle = world.truth.of(spec);
      const missing = leavesOfText(spec.tasks.text ?? '').filter(
        ({ hash, id }) =>
          !chronicle.done.has(hash) &&
          ![...(chronicle.state?.units ?? [])].some(
            ([unit, record]) => record.standing.kind === 'skipped' && (id === unit || id.startsWith(`${unit}.`)),
          ),
      );
      if (missing.length > 0) {
        world.truth.broken('false done', `exit 0, but ${missing.map(({ id }) => id).join(', ')} never got done`);
      }
      return;
    }
    await person.mend(spec, ended);
    // Somebody has started it elsewhere: two of them are of no use.
    if (ended?.end === 'busy') await person.stopAll();
  }
  world.truth.broken(
    'comes right',
    `40 runs of ${spec.name} in a calm world did not end it: ${seen.slice(-4).join(' | ')}`,
  );
};
