// Shapes of options that are more than a word or a number, and what of its caller every function takes.
import type { GateLevel } from '../core/gate.ts';

/** What of the process matters to a call. */
export interface Surroundings {
  /** Variables of the call, and of what it starts. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What paths in the options are relative to. Default: `process.cwd()` at the time of the call. */
  cwd?: string;
}

/** `90s`, `15m`, `1h30m`. */
export type DurationSetting = string;

/** A command for `sh -c`; `timeout` in place of `verifyTimeout`. */
export type GateSetting = string | { command: string; timeout?: DurationSetting };

/** One gate, several in order, or gates by level (run in the order compile, lint, test, ui, integration). */
export type GatesSetting =
  | string
  | readonly (string | { command: string; timeout?: DurationSetting; name?: string })[]
  | { readonly [Level in GateLevel]?: GateSetting };

/** A regular expression that tells how a program of your own ended, and where it is looked for (default: `stderr`, failed ends alone). */
export type PatternSetting = string | { match: string; on?: 'stderr' | 'stdout'; evenOnSuccess?: boolean };

/** A program of your own as an agent. */
export interface AgentSetting {
  /** Words, or one text that is split as a shell would; {prompt} {workdir} {model} {session} are filled in. */
  command: string | readonly string[];
  patterns?: {
    limit?: readonly PatternSetting[];
    auth?: readonly PatternSetting[];
    transient?: readonly PatternSetting[];
  };
  /** What it writes to stdout after the answer. */
  after?: readonly string[];
}
