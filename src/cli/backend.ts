// Which agent does the work: the one asked for, else the first installed one; and who may own a unit.
import type { Failure } from './errors.ts';
import { AGENT_CLIS } from './flags.ts';
import type { Intention, Settings } from './intention.ts';

export interface Backends {
  backend: string;
  assignBackend: string;
  /** Owner → agent, installed ones only. */
  owners: Record<string, string>;
  /** For the banner. */
  note: string | null;
}

/** Owners of the reference that an agent plays; any other plays the one of its own name. */
const ownersOf: ReadonlyMap<string, readonly string[]> = new Map([['codex', ['codex', 'codex-review']]]);

/**
 * Chooses the backends. `installed` tells whether an executable is there; `previous` is the last run's backend. An explicit
 * backend that is missing, or none at all, is 69; `rehearsal` without a script beside the spec is 64.
 */
export const chooseBackends = async (
  intention: Intention,
  world: { installed(executable: string): Promise<boolean>; hasRehearsal: boolean; previous: string | null },
): Promise<Backends | Failure> => {
  const { settings, origins } = intention;
  const present = new Map<string, boolean>();
  // Tried in this order when no backend is named.
  const candidates = [...AGENT_CLIS, ...Object.keys(settings.agents)];
  for (const name of candidates) present.set(name, await world.installed(programOf(settings, name)));
  const first = candidates.find(name => present.get(name));
  // Never from a rehearsal, or a command of the user's own, to an agent that costs money just because a flag was left out.
  const { previous } = world;
  if (settings.backend === null && previous === 'command') {
    return {
      exit: 64,
      what: 'the last run of this spec had its --command from the environment or a config file, and this call has none',
      where: null,
      expected: 'the same --command again, or another agent by name',
      next: `set it there again (SEQRUN_COMMAND, or "command" in the config file), or type --command${first ? `, or --backend ${first}` : ''}`,
    };
  }
  if (settings.backend === null && previous !== null && previous !== 'rehearsal' && !candidates.includes(previous)) {
    return {
      exit: 64,
      what: `the last run of this spec used the agent ${previous}, which the settings do not name any more`,
      where: null,
      expected: `"${previous}" under "agents" in the config file, or another agent by name`,
      next: `put it back${first ? `, or --backend ${first}` : ', or name another: --backend …'}`,
    };
  }
  const again = previous !== null && (previous === 'rehearsal' || present.get(previous)) ? previous : null;
  const backend = settings.backend ?? again ?? first ?? null;
  if (backend === null) {
    return {
      exit: 69,
      what: 'no coding agent is installed',
      where: { name: 'PATH' },
      expected: `one of ${candidates.join(', ')}, or any program through --command`,
      next: 'install one, or try seqrun without any: --backend rehearsal',
    };
  }
  for (const name of new Set([backend, settings.assignBackend ?? backend])) {
    if (candidates.includes(name) && !present.get(name)) {
      return {
        exit: 69,
        what: `${name} is not installed`,
        where: { name: 'PATH' },
        expected: `an executable named ${programOf(settings, name)}`,
        next: first ? `--backend ${first}` : 'install it, or try seqrun without any agent: --backend rehearsal',
      };
    }
  }
  if (backend === 'rehearsal' && !world.hasRehearsal) {
    return {
      exit: 64,
      what: 'this spec has no rehearsal.json',
      where: { name: intention.spec },
      expected: 'a script that says what the rehearsal agent plays; without it a rehearsal would claim real work',
      next: 'write one, for example {"default": "done"}, or choose a real agent with --backend',
    };
  }
  // A rehearsal, and a command of the user's own, are never mixed with agents that cost money.
  const owners: Record<string, string> = {};
  if (backend !== 'rehearsal' && backend !== 'command') {
    for (const name of candidates) {
      if (present.get(name)) for (const owner of ownersOf.get(name) ?? [name]) owners[owner] = name;
    }
  }
  return {
    backend,
    assignBackend: settings.assignBackend ?? backend,
    owners,
    note: noteOf(backend, { asked: settings.backend !== null && origins.command !== 'last', again: again !== null }),
  };
};

/** Why it is this one, where this call does not say it. */
const noteOf = (backend: string, { asked, again }: { asked: boolean; again: boolean }): string | null => {
  if (asked) return null;
  return `${backend} (${again || backend === 'command' ? 'as in the last run' : 'the first installed one'})`;
};

/** The executable of an agent: the first word of its command, or a known agent's name. */
const programOf = ({ agents }: Settings, name: string): string =>
  Object.hasOwn(agents, name) ? agents[name]!.command[0]! : name;

/**
 * What the registry needs of the settings. An agent that has left them may still be at work: it can be watched and ended, its ends
 * are read without patterns, and it is never started.
 */
export const registryOf = (
  settings: Pick<Settings, 'commandTemplate' | 'agents'>,
  atWork: string | null,
): { command: readonly string[] | null; own: Settings['agents'] } => {
  const gone = atWork !== null && !AGENT_CLIS.includes(atWork) && !Object.hasOwn(settings.agents, atWork);
  return {
    command: settings.commandTemplate ?? (atWork === 'command' ? ['true'] : null),
    own:
      gone && atWork !== 'command' && atWork !== 'rehearsal'
        ? { ...settings.agents, [atWork]: { command: ['true'], patterns: [], after: [] } }
        : settings.agents,
  };
};
