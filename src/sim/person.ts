// A person at the keyboard: starts runs, stops them, decides, edits files, and in the end does what seqrun says.
import type { Command } from '../core/events.ts';
import type { State } from '../core/state.ts';
import { isDone } from '../core/units.ts';
import { checkReplay } from './chronicle.ts';
import {
  newTitle,
  personAdds,
  personCompletes,
  personOpens,
  personRenames,
  personReorders,
  personTicks,
} from './edits.ts';
import { eventsOnDisk } from './journal.ts';
import { holderOf } from './lock.ts';
import type { Process } from './machine.ts';
import type { SpecPlace } from './place.ts';
import type { Control, Production } from './production.ts';
import type { Random } from './random.ts';
import { type Ended, giveCommand, type RunOptions, runSpec } from './runner.ts';
import type { Disturbance, Scenario } from './scenario.ts';
import { livingMembers } from './start.ts';
import type { World } from './world.ts';

const minute = 60_000;

export interface Person {
  /** Everything before the world calms down. */
  live(): Promise<void>;
  /** One `seqrun` from start to end; null = it was killed. */
  run(spec: SpecPlace, how?: { rescue?: boolean }): Promise<Ended | null>;
  /** Ctrl-C to all that runs, and the time it takes. */
  stopAll(): Promise<void>;
  /** Does what the end of a run asks for. */
  mend(spec: SpecPlace, ended: Ended | null): Promise<void>;
}

export const createPerson = (options: {
  world: World;
  production: Production;
  scenario: Scenario;
  ends: string[];
  random: Random;
}): Person => {
  const { world, production, scenario, ends, random } = options;
  const { time, machine, workspace, truth } = world;
  /** Of the runs that live: how signals reach them. */
  const controls = new Map<Process, { control: Control; spec: SpecPlace }>();
  let acceptConfig = false;
  let resume: { answer: string | null } | null = null;
  let dropped = 0;

  const sleep = (ms: number): Promise<void> => new Promise(resolve => void time.after(ms, resolve));

  const optionsOf = (): RunOptions => ({
    policy: { ...structuredClone(scenario.policy), resume: resume !== null && resume.answer === null },
    plan: scenario.plan,
    hasGit: scenario.hasGit,
    writeTasks: scenario.writeTasks,
    acceptConfig,
    adoptState: false,
    answer: resume?.answer ?? null,
  });

  /** Runs something as a process of its own; null = it was killed. */
  const asProcess = async (
    name: string,
    spec: SpecPlace,
    doing: (context: { world: World; spec: SpecPlace; runner: Process; production: Production }) => Promise<Ended>,
  ): Promise<Ended | null> => {
    const runner = machine.spawn(name);
    const died = new Promise<null>(resolve => {
      runner.onEnd.add(() => resolve(null));
    });
    const result = await Promise.race([doing({ world, spec, runner, production }), died]);
    controls.delete(runner);
    runner.end();
    const events = eventsOnDisk(spec, production);
    const chronicle = truth.of(spec);
    // Another one may go on with it already.
    const mine = holderOf(workspace.workspaceLock, machine) === null;
    if (
      events &&
      mine &&
      !chronicle.cut &&
      events[0]?.type === 'journal.opened' &&
      events[0].journal === chronicle.journal
    ) {
      checkReplay(chronicle, events, truth);
    }
    return result;
  };

  const run: Person['run'] = async (spec, { rescue = false } = {}) => {
    const given = optionsOf();
    if (rescue) Object.assign(given.policy, { maxIterations: 50, onFail: 'stop', maxRuntimeMs: undefined });
    const ended = await asProcess(`seqrun ${spec.name}`, spec, context => {
      // The word that ended a pause may be lost with a journal: then somebody sees it in the end.
      const onPaused = () =>
        void time.after(180 * minute, () => {
          if (context.runner.alive && truth.of(spec).state?.paused) drop(spec, { kind: 'continue', by: 'a person' });
        });
      return runSpec(context, { ...given, onPaused }, control => {
        controls.set(context.runner, { control, spec });
      });
    });
    world.tell(() => `run of ${spec.name} ended: ${ended ? `${ended.exit} ${ended.because}` : 'killed'}`);
    ends.push(ended ? `${ended.exit} ${ended.end ?? ''}` : 'killed');
    acceptConfig = false;
    resume = null;
    const refused = ['config', 'survivor', 'strange', 'usage', 'damaged'].includes(ended?.end ?? '');
    if (ended && !refused && ![73, 75, 130].includes(ended.exit)) {
      const left = [...spec.starts.values()].flatMap(livingMembers).filter(({ onTerm }) => onTerm !== 'immortal');
      if (left.length > 0)
        truth.broken('left alive', `${left[0]!.process.name} lives after a run that ended with ${ended.exit}`);
    }
    return ended;
  };

  const command = (spec: SpecPlace, commandsOf: (state: State) => Command[]): Promise<Ended | null> =>
    asProcess(`seqrun command ${spec.name}`, spec, context => giveCommand(context, optionsOf(), commandsOf));

  /** Some command that the command line would let through. */
  const someCommand = (state: State): Command[] => {
    const units = state.plan?.units ?? [];
    if (units.length === 0) return [];
    const unit = random.pick(units);
    const { id } = unit;
    const isComplete = isDone(state, unit);
    const standing = state.units.get(id)?.standing.kind ?? 'fresh';
    const canGoOn =
      standing !== 'again' &&
      standing !== 'checking' &&
      state.starts.some(one => one.unit === id && one.kind === 'agent');
    const further = (kind: 'follow' | 'reject'): Command[] => [
      ...(isComplete && !canGoOn ? [{ kind: 'reset' as const, unit: id }] : []),
      { kind, unit: id, text: 'more, please' },
    ];
    switch (random.pick(['retry', 'skip', 'accept', 'reset', 'reset all', 'resume', 'follow', 'approve', 'reject'])) {
      case 'retry':
        return ['failed', 'halted', 'skipped', 'again'].includes(standing) && !isComplete
          ? [{ kind: 'retry', unit: id }]
          : [];
      case 'skip':
        return isComplete ? [] : [{ kind: 'skip', unit: id }];
      case 'accept':
        return [{ kind: 'accept', unit: id }];
      case 'reset':
        return [{ kind: 'reset', unit: id }];
      case 'reset all':
        return [{ kind: 'reset', unit: null, keepTicked: true }];
      case 'resume':
        return standing === 'halted' ? [{ kind: 'resume', answer: 'the second one' }] : [];
      case 'follow':
        return further('follow');
      case 'approve':
        return isComplete ? [{ kind: 'approve', unit: id, text: null }] : [];
      default:
        return isComplete ? further('reject') : [];
    }
  };

  const give = (spec: SpecPlace, commandsOf: (state: State) => Command[]): Promise<Ended | null> =>
    command(spec, state => {
      const commands = commandsOf(state);
      for (const one of commands) allow(spec, one, state);
      return commands;
    });

  /** What a command makes done, a person has said. */
  const allow = (spec: SpecPlace, one: Command, state: State): void => {
    world.tell(() => `a person says: ${JSON.stringify(one)}`);
    if (one.kind !== 'accept') return;
    const unit = state.plan?.units.find(({ id }) => id === one.unit);
    truth.person(spec, { ticks: unit?.leaves.map(({ titleHash }) => titleHash) ?? [] });
  };

  /** Into the inbox of the runner that lives. */
  const drop = (spec: SpecPlace, one: Command): void => {
    const { state } = truth.of(spec);
    world.tell(() => `a person drops: ${JSON.stringify(one)}`);
    spec.inbox.push({ id: `in-${dropped++}`, run: state?.run?.id ?? null, atMs: time.wallMs(), command: one });
    truth.person(spec, { command: one });
    for (const tell of [...spec.onInbox]) tell();
  };

  const loseJournal = (spec: SpecPlace): void => {
    if (spec.journal.text === null) return;
    world.tell(() => `the journal of ${spec.name} is removed`);
    spec.journal.replace(null);
    spec.journal.flush();
    workspace.state.flush();
  };

  const between = async (spec: SpecPlace): Promise<void> => {
    if (random.chance(scenario.journalLost)) loseJournal(spec);
    if (!random.chance(scenario.personBetween) || world.disk.full) return;
    switch (random.int(0, 9)) {
      case 0:
        truth.person(spec, { ticks: personTicks(spec, random) });
        break;
      case 1:
        truth.person(spec, { opens: personOpens(spec, random) });
        break;
      case 2:
        personAdds(spec, newTitle(world, 'Thought of later'));
        break;
      case 3:
        truth.person(spec, { ticks: personRenames(spec, random, newTitle(world, 'Said better')) });
        break;
      case 4:
        personReorders(spec, newTitle(world, 'Most urgent'));
        break;
      case 5:
        // By number: of the file as it is, or as the entry was written from.
        for (const { leaf, tasksHash } of personCompletes(world, spec, random)) {
          const { id, hash } = leaf;
          const plan = truth.of(spec).plans.get(tasksHash);
          const meant = plan?.units.filter(unit => unit.tasks.includes(id)) ?? [];
          const leaves = meant.flatMap(unit => unit.leaves.filter(leaf => `${leaf.id}.`.startsWith(`${id}.`)));
          truth.person(spec, { ticks: [hash, ...leaves.map(leaf => leaf.titleHash)] });
        }
        break;
      default:
        await give(spec, someCommand);
    }
  };

  const disturb = (kind: Disturbance['kind']): void => {
    const [one, two] = workspace.specs as [SpecPlace, SpecPlace | undefined];
    const running = [...controls.entries()];
    const spec = running[0]?.[1].spec ?? one;
    world.tell(() => `disturbance: ${kind}`);
    switch (kind) {
      case 'power cut':
        machine.hits.push('power cut from outside');
        machine.powerCut();
        return;
      case 'suspend':
      case 'clock forward':
        time.shiftWall(random.int(1, 600) * minute);
        return;
      case 'clock back':
        time.shiftWall(-random.int(1, 300) * minute);
        return;
      case 'drift':
        time.setDrift(random.pick([0.01, -0.01, 0.001]));
        return;
      case 'disk full':
        world.disk.full = true;
        return;
      case 'disk free':
        world.disk.full = false;
        return;
      case 'second runner':
        void run(spec);
        return;
      case 'other spec':
        void run(two ?? one);
        return;
      case 'stop':
      case 'stop now':
        if (running.length > 0) drop(spec, { kind: 'stop', now: kind === 'stop now', because: 'stopped by a person' });
        return;
      case 'pause':
        if (running.length === 0) return;
        drop(spec, { kind: 'pause', by: 'a person' });
        time.after(random.int(1, 120) * minute, () => drop(spec, { kind: 'continue', by: 'a person' }));
        return;
      case 'ctrl-c':
      case 'ctrl-c twice':
        for (const [process, { control }] of running) {
          control.stop({ because: 'interrupted (Ctrl-C)', exit: 130 });
          if (kind === 'ctrl-c twice') {
            time.after(random.int(1, 3_000), () => {
              if (process.alive) control.abandon();
            });
          }
        }
        return;
      case 'command': {
        const { state } = truth.of(spec);
        if (running.length === 0 || !state) return;
        for (const given of someCommand(state)) {
          allow(spec, given, state);
          drop(spec, given);
        }
        return;
      }
      case 'journal removed':
        loseJournal(spec);
        return;
      case 'box ticked':
        if (!world.disk.full) truth.person(spec, { ticks: personTicks(spec, random) });
        return;
      case 'agent killed':
        for (const start of spec.starts.values()) for (const { process } of livingMembers(start)) process.end();
        for (const start of spec.starts.values()) for (const tell of [...start.onChange]) tell();
        return;
      case 'folder removed': {
        const start = [...spec.starts.values()].at(-1);
        if (start) start.exists = false;
        for (const tell of [...(start?.onChange ?? [])]) tell();
      }
    }
  };

  const killStartsOf = (spec: SpecPlace): void => {
    for (const start of spec.starts.values()) {
      for (const { process, onTerm } of livingMembers(start)) if (onTerm !== 'immortal') process.end();
    }
  };

  const mend: Person['mend'] = async (spec, ended) => {
    await sleep(10 * minute);
    if (!ended) return;
    if (ended.end === 'config') acceptConfig = true;
    if (ended.exit === 75) {
      await sleep(30 * minute);
      // It says whose start it is: another spec's goes on there, one that nobody knows any more is to be killed.
      for (const other of workspace.specs) {
        if (other === spec) continue;
        const found = await run(other, { rescue: true });
        if (found?.end === 'running') killStartsOf(other);
      }
      if (ended.end !== 'busy') killStartsOf(spec);
      return;
    }
    if (ended.end === 'limit_bound') {
      const resets = [...(truth.of(spec).state?.limits.values() ?? [])].map(({ untilMs }) => untilMs);
      return sleep(Math.max(0, ...resets.map(untilMs => time.monoUntil(untilMs))));
    }
    if (ended.end === 'survivor' || ended.end === 'strange') return sleep(120 * minute);
    if (ended.exit === 65) {
      world.tell(() => 'a person moves the broken files away');
      workspace.state.replace(null);
      if (ended.end === 'bad_spec') spec.tasks.replace(spec.firstTasks);
      return;
    }
    const { state } = truth.of(spec);
    if (!state || ![2, 3, 70].includes(ended.exit)) return;
    if (ended.because.includes('seqrun resume goes on')) {
      resume = { answer: null };
      return;
    }
    if (ended.end === 'halted' && state.units.size > 0 && !ended.because.includes('failed:')) {
      resume = { answer: null };
      return;
    }
    await give(spec, now => {
      const commands: Command[] = [];
      for (const id of now.disputed) commands.push({ kind: 'accept', unit: id });
      for (const unit of now.plan?.units ?? []) {
        const record = now.units.get(unit.id);
        if (isDone(now, unit)) {
          if (record?.review?.kind === 'open') commands.push({ kind: 'approve', unit: unit.id, text: null });
        } else if (record && ['failed', 'skipped'].includes(record.standing.kind))
          commands.push({ kind: 'retry', unit: unit.id });
        else if (record && (record.lost > 0 || ended.because.includes(`seqrun retry ${unit.id} begins it anew`)))
          commands.push({ kind: 'retry', unit: unit.id });
      }
      return commands;
    });
  };

  return {
    run,
    mend,
    stopAll: async () => {
      for (const { control } of controls.values()) control.stop({ because: 'interrupted (Ctrl-C)', exit: 130 });
      await sleep(10 * minute);
    },
    live: async () => {
      for (const { atMs, kind } of scenario.disturbances) time.after(atMs, () => disturb(kind));
      for (let life = 0; life < scenario.lives; life++) {
        const spec = workspace.specs[life % 4 === 3 ? workspace.specs.length - 1 : 0]!;
        const ended = await run(spec);
        await sleep(random.pick([100, 5_000, 10 * minute]));
        if (ended && random.chance(0.6)) await mend(spec, ended);
        await between(spec);
      }
      world.disk.full = false;
    },
  };
};
