// What each agent of a run may do unasked: one word for all, one of its own, or the safest that lets it work.
import type { Agent, AgentMode } from '../core/agent.ts';
import { defaults } from '../core/defaults.ts';
import type { Failure } from './errors.ts';
import type { Intention } from './intention.ts';

/** The mode of one agent, and whose word it is. */
export interface ChosenMode {
  agent: string;
  mode: AgentMode;
  /** For people: what the mode means for this agent. */
  words: string;
  /** `--agent-mode`, `SEQRUN_AGENT_MODE`, `its own variables`, `the config file`, `the default`. */
  from: string;
  /** Why the agent would not start in it, and what mends it; null = it would. */
  refused: { because: string; mend: string } | null;
}

/** What of a call and of the machine decides modes. */
interface World {
  env: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
}

/**
 * A word typed or in `SEQRUN_AGENT_MODE` is for all agents and wins; then the agent's own variables, then the config file (the agent's
 * own entry before the one for all), then the default. Null for an agent that has no modes.
 */
export const modeOf = (agent: Agent, { settings, origins }: Wishes, world: World): ChosenMode | null => {
  const { modes, name } = agent;
  if (modes === null) return null;
  const { agentMode, agentModes } = settings;
  const origin = origins['agent-mode'];
  const own = modes.wish(world.env);
  const listed = agentModes[name] ?? agentMode;
  const [mode, from] =
    agentMode !== null && origin !== 'config'
      ? [agentMode, origin === 'env' ? 'SEQRUN_AGENT_MODE' : '--agent-mode']
      : own !== null
        ? [own, 'its own variables']
        : listed !== null
          ? [listed, 'the config file']
          : [defaults.agentMode, 'the default'];
  return { agent: name, mode, words: modes.words[mode], from, refused: modes.refuses(mode, world) };
};

type Wishes = Pick<Intention, 'settings' | 'origins'>;

/**
 * The modes of the agents a run may use, the backend among them. A backend that refuses its mode is a failure (69). Another agent
 * that does works in `safe`, which is less than was asked for, and a warning says so.
 */
export const chooseModes = (
  agents: readonly Agent[],
  backend: string,
  wishes: Wishes,
  world: World,
): { modes: ChosenMode[]; warnings: string[] } | Failure => {
  const modes: ChosenMode[] = [];
  const warnings: string[] = [];
  for (const agent of agents) {
    const chosen = modeOf(agent, wishes, world);
    if (chosen === null) continue;
    if (chosen.refused === null) {
      modes.push(chosen);
      continue;
    }
    const { because, mend } = chosen.refused;
    if (agent.name === backend) {
      return {
        exit: 69,
        what: `${agent.name} would not start in mode ${chosen.mode}: ${because}`,
        where: { name: chosen.from },
        expected: 'a mode that it takes here',
        next: `--agent-mode safe, or ${mend}`,
      };
    }
    modes.push({ ...chosen, mode: 'safe', words: agent.modes!.words.safe, refused: null });
    warnings.push(`${agent.name} works in mode safe, not ${chosen.mode}: ${because} (${mend})`);
  }
  return { modes, warnings };
};
