// The agents seqrun knows, by name.
import type { Agent } from '../core/agent.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { commandAgent } from './command.ts';
import type { Reading } from './command-patterns.ts';
import { gateRunner } from './gate.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { type RehearsalProgram, rehearsalAgent } from './rehearsal.ts';

/** What the agents need that are no program of their own. */
export interface AgentOptions {
  /** Where the rehearsal program is; null = not available. */
  rehearsal: RehearsalProgram | null;
  /** Argv template of the `command` agent; null or empty = not available. */
  command: readonly string[] | null;
  /** Agents of the user's own by name, none of them a name of `agentNames`; absent = none. */
  own?: Readonly<Record<string, OwnAgent>>;
}

/** A program that the user's settings made into an agent with a name. */
export interface OwnAgent extends Reading {
  /** Argv template, at least the executable. */
  command: readonly string[];
}

/** Every name that can be given as a backend without settings, in the order they are tried when none is given. */
export const agentNames = ['opencode', 'codex', 'claude', 'gemini', 'command', 'rehearsal'] as const;

/** The agent of that name, or null for an unknown name or one whose option is missing. Looks at nothing on disk. */
export const agentNamed = (name: string, options: AgentOptions): Agent | null => {
  switch (name) {
    case 'codex':
      return codex;
    case 'claude':
      return claude;
    case 'opencode':
      return opencode;
    case 'gemini':
      return gemini;
    case 'command':
      return options.command && options.command.length > 0 ? commandAgent(options.command) : null;
    case 'rehearsal':
      return options.rehearsal && rehearsalAgent(options.rehearsal);
    case gateRunner.name:
      return gateRunner;
    default: {
      const own = options.own && Object.hasOwn(options.own, name) ? options.own[name]! : null;
      return own && commandAgent(own.command, { name, ...own });
    }
  }
};
