// Who does the work of a run, and how it is shown: agents that are there, what they may do unasked, tmux.
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { agentBook, agentOptions, findExecutable } from '../../compose.ts';
import type { Agent } from '../../core/agent.ts';
import { type ChosenMode, chooseModes } from '../agent-modes.ts';
import { type Backends, chooseBackends, registryOf } from '../backend.ts';
import type { Failure } from '../errors.ts';
import type { Intention } from '../intention.ts';
import { missingProgram } from '../missing-program.ts';
import type { Taken } from '../take.ts';
import type { Surroundings } from './prepare.ts';

/** The agents of a run. */
export interface Workers {
  chosen: Backends;
  /** Of the agents that may be started. */
  modes: readonly ChosenMode[];
  /** Throws for a name that is not one of them. */
  agentNamed(name: string): Agent;
  transport: 'tmux' | 'plain';
}

/** Chooses them. A failure (64, 69) names what is missing; nothing is started or written. */
export const chooseWorkers = async (
  intention: Intention,
  { env, cwd, warn }: Surroundings,
  taken: Taken,
): Promise<Workers | Failure> => {
  const { settings } = intention;
  const { state, workdir } = taken;
  const chosen = await chooseBackends(intention, {
    // Where it is started, its folder is the workdir.
    installed: async program =>
      (await findExecutable(program.replaceAll('{workdir}', workdir), env.PATH, workdir)) !== null,
    hasRehearsal:
      Boolean(env.SEQRUN_REHEARSAL) ||
      (await access(join(dirname(taken.tasksPath), 'rehearsal.json')).then(
        () => true,
        () => false,
      )),
    previous: taken.last?.policy.backend ?? null,
  });
  if ('exit' in chosen) return chosen;
  const missing = state.open ? null : await missingProgram(intention, chosen, { env, workdir });
  if (missing) return missing;
  const unplayable = await unplayableScript(chosen, env.SEQRUN_REHEARSAL, taken);
  if (unplayable) return unplayable;
  const registry = registryOf(settings, state.open?.agent ?? null);
  const agentNamed = agentBook(agentOptions(registry, { mayTick: settings.writeTasks && settings.tickRehearsed }));
  const used = [...new Set([chosen.backend, ...Object.values(chosen.owners)])].map(agentNamed);
  const modes = chooseModes(used, chosen.backend, intention, { env, isRoot: process.getuid?.() === 0 });
  if ('exit' in modes) return modes;
  for (const warning of modes.warnings) warn(warning);
  if (settings.noTmux) return { chosen, modes: modes.modes, agentNamed, transport: 'plain' };
  const hasTmux = (await findExecutable('tmux', env.PATH, cwd)) !== null;
  if (!hasTmux && settings.tmuxSession !== null) {
    return {
      exit: 69,
      what: 'tmux is not installed',
      where: { name: 'PATH' },
      expected: 'tmux, since --tmux-session asks for it',
      next: 'install tmux, or use --no-tmux',
    };
  }
  if (!hasTmux) warn('tmux is not installed: units run without windows (--no-tmux says so itself)');
  return { chosen, modes: modes.modes, agentNamed, transport: hasTmux ? 'tmux' : 'plain' };
};

/** A failure (64, 66) when a rehearsal would find out only with its first start that it cannot be played. */
const unplayableScript = async (
  { backend, assignBackend }: Backends,
  named: string | undefined,
  { tasksPath, workdir }: Taken,
): Promise<Failure | null> => {
  if (backend !== 'rehearsal' && assignBackend !== 'rehearsal') return null;
  const [{ lookAtRehearsal }, { rehearsalFailure }] = await Promise.all([
    import('../../compose/rehearsal.ts'),
    import('./rehearsal-script.ts'),
  ]);
  return rehearsalFailure(lookAtRehearsal(tasksPath, { named, workdir }), named ? '$SEQRUN_REHEARSAL' : tasksPath);
};
