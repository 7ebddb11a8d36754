// The life of a start's processes: launch.sh comes to its claim, begins the agent, and writes how it ended.
import type { Process } from './machine.ts';
import type { SpecPlace } from './place.ts';
import { emptyFacts, type Member, type Start } from './start.ts';
import type { World } from './world.ts';

/** Something of a start has changed: whoever watches looks again. */
export const changed = (world: World, start: Start): void => {
  start.changedMonoMs = world.time.monoMs;
  for (const tell of [...start.onChange]) tell();
};

/** launch.sh is on its way, in a window or plain. Nobody waits for it here. */
export const sendLaunch = (world: World, spec: SpecPlace, start: Start): void => {
  const plan = world.launchPlanOf(spec, start);
  const { time, machine } = world;
  if (plan.claimAfterMs === Number.POSITIVE_INFINITY) return;
  const launcher = machine.spawn(`launch.sh of ${start.folder}`);
  start.members.push({ process: launcher, kind: 'launch', onTerm: 'dies' });
  if (start.window === 'none') start.window = 'open';
  time.after(plan.claimAfterMs, () => {
    if (!launcher.alive) return;
    if (!start.exists || start.claim !== null) {
      launcher.end();
      changed(world, start);
      return;
    }
    start.claim = 'launch';
    changed(world, start);
    time.after(1, () => {
      if (!launcher.alive) return;
      if (plan.diesAtClaim) {
        launcher.end();
        changed(world, start);
      } else begin(world, spec, start, launcher);
    });
  });
  if (plan.closedAfterMs !== null) {
    time.after(plan.closedAfterMs, () => {
      if (start.exit !== null || start.window !== 'open') return;
      start.window = 'closed';
      world.tell(() => `a person closes the window of ${start.n}`);
      changed(world, start);
    });
  }
  if (plan.sessionGoneAfterMs !== null) {
    time.after(plan.sessionGoneAfterMs, () => {
      if (start.window === 'open') start.window = 'none';
    });
  }
};

const begin = (world: World, spec: SpecPlace, start: Start, launcher: Process): void => {
  const { time, machine } = world;
  const agent = machine.spawn(`${start.job?.kind} of ${start.folder}`);
  const script = world.scriptOf(spec, start);
  start.script = script;
  start.startedPid = agent.pid;
  start.boot = machine.boot;
  start.beganAtMs = time.wallMs();
  start.facts = emptyFacts(start.job?.kind === 'agent' ? (start.job.session ?? `session-${start.n}`) : null);
  start.lastSignMonoMs = time.monoMs;
  start.lastByteMonoMs = time.monoMs;
  const member: Member = { process: agent, kind: 'agent', onTerm: script.onTerm };
  start.members.push(member);
  world.tell(() => `start ${start.n} begins: ${start.job?.kind} ${start.job?.label}, it will: ${script.act}`);
  world.truth.began(spec, start);
  changed(world, start);

  agent.onEnd.add(() => {
    world.truth.ended(start);
    writeExit(world, start, launcher);
    for (const { livesMs, onTerm } of script.children) {
      if (machine.boot !== start.boot) break;
      const child = machine.spawn(`child of ${start.folder}`);
      start.members.push({ process: child, kind: 'child', onTerm });
      time.after(livesMs, () => child.end());
    }
  });
  for (const { atMs, run, what } of script.edits) {
    time.after(atMs, () => {
      if (!agent.alive) return;
      world.tell(() => `start ${start.n}: ${what}`);
      start.facts.worked = true;
      sign(world, start);
      // A full disk keeps agents from writing, too.
      if (!world.disk.full) run();
    });
  }
  if (script.waitsFromMs !== null) {
    time.after(script.waitsFromMs, () => {
      if (!agent.alive) return;
      start.facts.waiting = { because: 'it sits in a limit', evidence: '429' };
      sign(world, start);
      changed(world, start);
    });
  }
  if (script.workMs === Number.POSITIVE_INFINITY) return;
  time.after(script.workMs, () => {
    if (agent.alive) endBySelf(world, start, agent, launcher);
  });
};

const sign = (world: World, start: Start): void => {
  start.lastSignMonoMs = world.time.monoMs;
  start.lastByteMonoMs = world.time.monoMs;
};

/** It says its last word and is gone; launch.sh writes how. */
const endBySelf = (world: World, start: Start, agent: Process, launcher: Process): void => {
  const script = start.script!;
  if (!script.killed) sayLast(world, start);
  if (script.noExitFile) launcher.end();
  if (!script.killed) start.ended = { code: script.code, signal: null, interrupt: false };
  agent.end();
};

/** Everything that its stream will ever hold. */
const sayLast = (world: World, start: Start): void => {
  const script = start.script!;
  if (script.changesTree) world.workspace.treeVersion++;
  Object.assign(start.facts, script.facts, { waiting: null });
  start.class = script.class;
  start.resetAtMs = script.resetAtMs;
  sign(world, start);
  world.truth.said(start);
};

/** launch.sh sees how its agent ended; by KILL, where nobody has said otherwise. */
const writeExit = (world: World, start: Start, launcher: Process): void => {
  const exit = start.ended ?? { code: null, signal: 'KILL', interrupt: false };
  world.time.after(1 + world.latencyMs(3), () => {
    if (launcher.alive && start.exists && start.exit === null) {
      start.exit = exit;
      start.exitAtMs = world.time.wallMs();
      world.truth.exited(start);
    }
    launcher.end();
    changed(world, start);
  });
};

/** TERM to a member: what it does about it, by its script. */
export const terminate = (world: World, start: Start, member: Member): void => {
  if (member.onTerm === 'stubborn' || member.onTerm === 'immortal') return;
  const finishes = member.onTerm === 'finishes' && member.kind === 'agent';
  world.time.after(5 + world.latencyMs(300), () => {
    if (!member.process.alive) return;
    if (finishes) sayLast(world, start);
    endMember(start, member, finishes ? { code: 0, signal: null } : { code: null, signal: 'TERM' });
  });
};

/** KILL: only what hangs in the kernel is left. */
export const kill = (start: Start, member: Member): void => {
  if (member.onTerm !== 'immortal') endMember(start, member, { code: null, signal: 'KILL' });
};

const endMember = (start: Start, member: Member, how: { code: number | null; signal: string | null }): void => {
  if (!member.process.alive) return;
  if (member.kind === 'agent') start.ended = { ...how, interrupt: false };
  member.process.end();
};

/** What a power cut takes of a folder that is young: nothing of it was flushed. */
export const losePower = (world: World, spec: SpecPlace, random: { int(a: number, b: number): number }): void => {
  for (const start of spec.starts.values()) {
    if (world.time.monoMs - start.changedMonoMs > 30_000) continue;
    switch (random.int(0, 5)) {
      case 0:
        start.exists = false;
        world.tell(() => `the power cut takes the folder of start ${start.n}`);
        break;
      case 1:
        start.exit = null;
        start.facts = emptyFacts(start.facts.session);
        start.class = null;
        break;
      case 2:
        start.exit = null;
        break;
      case 3:
        start.claim = null;
        start.startedPid = null;
        start.exit = null;
        start.facts = emptyFacts(null);
        start.class = null;
        break;
      default:
    }
  }
};
