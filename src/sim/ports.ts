// The smaller ports of one runner: task file, inbox, publisher, working tree, jobs from launches.
import type { Launch } from '../core/decide.ts';
import type { State } from '../core/state.ts';
import type { Spec, Task } from '../core/task.ts';
import { agentOfLaunch, type Reserved } from '../core/transition.ts';
import type { Inbox, JobSpec, Publisher, SpecFile, Tree } from '../engine/ports.ts';
import type { Process } from './machine.ts';
import type { SpecPlace } from './place.ts';
import type { Production } from './production.ts';
import type { World } from './world.ts';

export interface PortContext {
  world: World;
  spec: SpecPlace;
  runner: Process;
  production: Production;
}

/** Texts repeat over histories, and reading them is most of the cost. */
const specs = new Map<string, Spec>();

const specOf = (text: string, production: Production): Spec => {
  let found = specs.get(text);
  if (!found) {
    if (specs.size > 2_000) specs.clear();
    found = production.readSpec(text);
    specs.set(text, found);
  }
  return found;
};

export const createSimSpecFile = ({ world, spec, runner, production }: PortContext): SpecFile => {
  const set = async (ids: readonly string[], mark: ' ' | 'x'): Promise<{ id: string; reason: string }[]> => {
    const refused: { id: string; reason: string }[] = [];
    for (const id of ids) {
      await runner.step(`tick ${id}`);
      const text = spec.tasks.text ?? '';
      const task: Task | undefined = specOf(text, production).tasks.find(one => one.id === id);
      if (!task) refused.push({ id, reason: 'there is no such task' });
      else if ((mark === 'x') !== (task.state === 'done')) {
        const flipped = production.flipBox(new TextEncoder().encode(text), task, mark);
        if ('reason' in flipped) refused.push({ id, reason: flipped.reason });
        else if (world.disk.full) refused.push({ id, reason: 'no space' });
        else spec.tasks.replace(new TextDecoder().decode(flipped.bytes));
      }
      await runner.step(`ticked ${id}`);
    }
    return refused;
  };
  let last: string | null = null;
  return {
    read: async () => {
      await runner.step('read the task file');
      const { text } = spec.tasks;
      if (text === null) return { kind: 'missing', path: spec.path, message: 'The task file has vanished' };
      world.truth.of(spec).readText = text;
      const unchanged = text === last;
      last = text;
      return { kind: 'spec', spec: specOf(text, production), bytesHash: text, unchanged };
    },
    settle: async () => spec.tasks.flush(),
    tick: ids => set(ids, 'x'),
    untick: async ids => {
      const refused = await set(ids, ' ');
      spec.tasks.flush();
      return refused;
    },
  };
};

export const createSimInbox = ({ spec, runner }: PortContext): Inbox => ({
  drain: async () => {
    await runner.step('look into the inbox');
    return structuredClone(spec.inbox);
  },
  done: async id => {
    await runner.step('empty the inbox');
    spec.inbox = spec.inbox.filter(one => one.id !== id);
  },
  watch: onChange => {
    const tell = () => {
      if (runner.alive) onChange();
    };
    spec.onInbox.add(tell);
    return () => spec.onInbox.delete(tell);
  },
});

const publishSoonMs = 200;

/** Over the real writer of the entry: only the file is a virtual one. */
export const createSimPublisher = (
  { world, spec, runner, production }: PortContext,
  adopted: string | null,
): Publisher => {
  const { workspace, time } = world;
  const states = production.createStateWriter({
    path: '/repo/specs/SEQUENTIAL_STATE.json',
    specName: spec.name,
    spec: spec.path,
    adopted,
    nowMs: () => time.wallMs(),
    warn: () => {},
    disk: {
      id: () => (workspace.state.text === null ? null : `v${workspace.state.version}`),
      read: () =>
        workspace.state.text === null ? null : { text: workspace.state.text, id: `v${workspace.state.version}` },
      write: async (text, { flushName }) => {
        await runner.step('write STATE.json');
        workspace.state.replace(text);
        if (flushName) workspace.state.flush();
        if (world.latencyMs(9) === 0 && workspace.olderStates.length < 5) workspace.olderStates.push(text);
        const id = `v${workspace.state.version}`;
        await runner.step('after STATE.json');
        return id;
      },
      keepAside: async why => {
        await runner.step('keep STATE.json aside');
        workspace.aside.push(workspace.state.text ?? '');
        return `SEQUENTIAL_STATE.${why}.json`;
      },
    },
  });
  const orNothing = async <T>(doing: Promise<T>): Promise<T | null> => {
    try {
      return await doing;
    } catch (error) {
      // A disk that is full or a file that is damaged is said once, and stops nothing.
      world.tell(() => `not published: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
      return null;
    }
  };
  let latest: State | null = null;
  const publish = async (state: State): Promise<void> => {
    latest = null;
    await orNothing(states.write(state));
  };
  const publishSoon = (state: State): void => {
    const planned = latest !== null;
    latest = state;
    if (planned) return;
    time.after(publishSoonMs, () => {
      if (runner.alive && latest) void publish(latest);
    });
  };
  return {
    publish,
    publishSoon,
    settle: async () => {
      if (latest) await publish(latest);
    },
    reclaim: async state => {
      if (!states.isAsWritten()) await orNothing(states.reclaim(state));
      publishSoon(state);
    },
    inspect: async state => {
      await runner.step('look at STATE.json');
      return (await orNothing(states.inspect(state))) ?? { kind: 'same' };
    },
  };
};

export const createSimTree = ({ world, spec, runner }: PortContext, hasGit: boolean): Tree => ({
  note: async () => {
    await runner.step('ask git');
    return hasGit ? { hash: `tree ${world.workspace.treeVersion}`, repos: [] } : null;
  },
  keep: async () => undefined,
  commit: async ({ id, mark, start }) => {
    await runner.step('before the commit');
    const { commits, treeVersion } = world.workspace;
    // Found again by its mark: a crash may have come in between.
    const nothing = commits.at(-1)?.treeVersion === treeVersion;
    if (!nothing && !commits.some(one => one.mark === mark))
      commits.push({ unit: id, mark, start: `${world.truth.of(spec).journal} ${start}`, treeVersion });
    await runner.step('after the commit');
    return { commits: [`c${commits.length}`], problem: null };
  },
});

const unitOfLaunch = (launch: Launch): string | null => {
  if (launch.kind === 'agent') return launch.unit.id;
  return launch.kind === 'gate' ? launch.unit : null;
};

/** A job without prompt and environment: nobody reads them here. `title` of a gate is its command. */
export const makeSimJob = async (state: State, launch: Launch, reserved: Reserved): Promise<JobSpec> => {
  const { policy } = state.run!;
  const gate = launch.kind === 'gate' || launch.kind === 'baseline' ? launch.gate : null;
  return {
    ...reserved,
    unit: unitOfLaunch(launch),
    kind: launch.kind,
    agent: agentOfLaunch(launch),
    label: unitOfLaunch(launch) ?? launch.kind,
    title: gate?.command ?? 'work',
    argv: [],
    cwd: '/repo',
    env: {},
    prompt: '',
    model: null,
    session: launch.kind === 'agent' ? launch.session : null,
    timeoutMs: gate?.timeoutMs ?? policy.timeoutMs,
    stallTimeoutMs: policy.stallTimeoutMs,
  };
};
