// What agents read of the machine they run on: switches among the variables, and where their own files are.
import type { AgentMode } from '../core/agent.ts';

/** 1, true, yes, on: yes. 0, false, no, off: no. Anything else, or nothing: null. */
export const switchOf = (value: string | undefined): boolean | null => {
  if (value !== undefined && /^(?:1|true|yes|on)$/i.test(value.trim())) return true;
  if (value !== undefined && /^(?:0|false|no|off)$/i.test(value.trim())) return false;
  return null;
};

/** A switch that says whether an agent is let loose, as a mode. */
export const modeOfSwitch = (on: boolean | null): AgentMode | null => (on === null ? null : on ? 'full' : 'safe');

/** Absolute paths of files in an agent's own folder: `named` by a variable of its own, else `usual` in HOME. Empty when neither is known. */
export const inHome = (
  env: Readonly<Record<string, string | undefined>>,
  named: string | undefined,
  usual: string,
  files: readonly string[],
): string[] => {
  const folder = named || (env.HOME ? `${env.HOME}/${usual}` : '');
  return folder.startsWith('/') ? files.map(file => `${folder}/${file}`) : [];
};
