// Which agent does the work: the one asked for, else the first installed one; and who may own a unit.
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';

export interface Backends {
  backend: string;
  assignBackend: string;
  /** Owner → agent, installed ones only. */
  owners: Record<string, string>;
  /** For the banner. */
  note: string | null;
}

/** Owners of the reference and the agent that plays each. */
const ownersOf: Record<string, readonly string[]> = {
  opencode: ['opencode'],
  codex: ['codex', 'codex-review'],
  claude: ['claude'],
  gemini: ['gemini'],
};
/** Tried in this order when no backend is named. */
const candidates = ['opencode', 'codex', 'claude', 'gemini'];

/**
 * Chooses the backends. `installed` tells whether a name's executable is on the PATH; `previous` is the last run's backend. An explicit backend that is missing, or
 * none at all, is 69; `rehearsal` without a script beside the spec is 64.
 */
export const chooseBackends = async (
  intention: Intention,
  world: { installed(name: string): Promise<boolean>; hasRehearsal: boolean; previous: string | null },
): Promise<Backends | Failure> => {
  const { settings } = intention;
  const present = new Map<string, boolean>();
  for (const name of candidates) present.set(name, await world.installed(name));
  const first = candidates.find(name => present.get(name));
  // Never from a rehearsal, or a command of the user's own, to an agent that costs money just because a flag was left out.
  const { previous } = world;
  if (settings.backend === null && previous === 'command') {
    return {
      exit: 64,
      what: 'the last run of this spec used --command, and this call does not say which agent',
      where: null,
      expected: 'the same --command again, or another agent by name',
      next: `--command '<template>'${first ? ` or --backend ${first}` : ''}`,
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
        expected: `an executable named ${name}`,
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
      if (present.get(name)) for (const owner of ownersOf[name]!) owners[owner] = name;
    }
  }
  return {
    backend,
    assignBackend: settings.assignBackend ?? backend,
    owners,
    note: settings.backend === null ? `${backend} (${again ? 'as in the last run' : 'the first installed one'})` : null,
  };
};
