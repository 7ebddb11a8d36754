// What the typed words mean, before anything is looked at or started.
import type { OwnAgent } from '../compose/own-agents.ts';
import type { AgentMode } from '../core/agent.ts';
import type { Gate } from '../core/gate.ts';
import type { Requirement } from '../core/policy.ts';
import type { Shell } from './completion/scripts.ts';
import type { Failure, Where } from './errors.ts';
import type { FlagName, Values } from './flags.ts';

/** What is asked for. Units are ids as typed; nobody has checked yet that they exist. */
export type Request =
  | { command: 'run' }
  | { command: 'plan' }
  | { command: 'lint' }
  | { command: 'todos'; action: 'export' }
  /** `spec` is the todo JSON; `into` = the spec folder (or the tasks.md in it) to be written, null = stdout. */
  | { command: 'todos'; action: 'import'; into: string | null }
  /** `named` false: no spec is meant, `spec` is the current folder. */
  | { command: 'doctor'; named: boolean }
  /** `named` as for doctor. */
  | { command: 'config'; named: boolean }
  /** `skill`: the skill for coding agents, too. */
  | { command: 'init'; skill: boolean }
  | { command: 'completion'; shell: Shell }
  /** `watch`: until the run ends. */
  | { command: 'status'; watch: boolean }
  | { command: 'handoff' }
  | { command: 'why'; unit: string | null }
  | { command: 'attach'; unit: string | null }
  | { command: 'logs'; unit: string; follow: boolean }
  | { command: 'receipt'; unit: string }
  | { command: 'resume'; answer: string | null }
  | { command: 'retry'; unit: string }
  | { command: 'skip'; unit: string }
  /** At least one. */
  | { command: 'accept'; units: string[] }
  /** null = the whole spec. */
  | { command: 'reset'; unit: string | null }
  /** One more turn of a unit with what a person wants of it. */
  | { command: 'follow'; unit: string; text: string }
  | { command: 'approve'; unit: string; text: string | null }
  | { command: 'reject'; unit: string; text: string }
  | ({ command: 'checkpoint' } & CheckpointRequest)
  | { command: 'stop'; now: boolean }
  | { command: 'pause' }
  | { command: 'continue' }
  | { command: 'history' };

/** Ids may be `latest`, or the beginning of one. */
export type CheckpointRequest =
  | { action: 'save'; note: string | null }
  | { action: 'list' }
  | { action: 'show'; id: string }
  | { action: 'restore'; id: string; force: boolean; stateOnly: boolean; dryRun: boolean }
  /** How many of each kind stay. */
  | { action: 'clean'; keep: number };

/** Where a setting came from, for the banner and for messages. */
export type Origin =
  | 'flag'
  | 'env'
  | 'config'
  | 'default'
  /** The last run of the spec had it, and this call says nothing of it. */
  | 'last';

/** Every setting, typed, in milliseconds, within its bounds. */
export interface Settings {
  /** As given, or null: infer it (`placesOf`). From the config file it is absolute. */
  workdir: string | null;
  only: string[] | null;
  from: string | null;
  until: string | null;
  includeOptional: boolean;
  granularity: 'group' | 'leaf';
  order: 'id' | 'priority';
  /** A file, as given; from the config file it is absolute. null: the package's template, or the user's own of that name. */
  promptTemplate: string | null;
  /** The same, of what every unit is told to read. */
  contextFiles: string[];
  /** null: what the file looks like. */
  dialect: string | null;
  /** What is warned of in the task file is an error. */
  strict: boolean;
  lenientDeps: boolean;
  /** null = the first installed one. `command` exactly when `commandTemplate` is set. */
  backend: string | null;
  /** null = as backend. */
  assignBackend: string | null;
  model: string | null;
  /** null = what an agent's own variables say, else safe. */
  agentMode: AgentMode | null;
  /** From the config file; a name that is missing has no mode of its own. */
  agentModes: Record<string, AgentMode>;
  /** argv with placeholders {prompt} {workdir} {model} {session}; never empty. */
  commandTemplate: string[] | null;
  /** Agents of the user's own by name, from the config file. */
  agents: Record<string, OwnAgent>;
  /** Folder with prompts of the user's own, absolute; null = `.seqrun/templates` of the workdir. */
  templates: string | null;
  assign: 'all' | 'each' | 'none';
  assignOpencodeAgent: string;
  /** CODEAGENT_OPENCODE_AGENT and CODEAGENT_OPENCODE_MODEL, for OpenCode starts. */
  opencodeAgent: string | null;
  opencodeModel: string | null;
  maxIterations: number;
  delayMs: number;
  /** What chance adds to the delay at most, in percent of it. */
  jitterPercent: number;
  /** null: no bound. */
  maxRuntimeMs: number | null;
  /** `HH:MM` on the clock of this machine; null: no bound. */
  untilTime: string | null;
  timeoutMs: number;
  stallTimeoutMs: number;
  limitMarginMs: number;
  maxAttempts: number;
  maxFollowUps: number;
  onFail: 'stop' | 'skip' | 'halt';
  /** `done` has taken the signal out of `require`. */
  onMissingSignal: 'follow-up' | 'done' | 'fail';
  /** Of every unit, in the order in which they are run. */
  gates: Gate[];
  /** Of gates without a time of their own. */
  verifyTimeoutMs: number;
  /** Commands that the task file names may be run; without it they are only shown. */
  allowTaskCommands: boolean;
  /** What becomes of a gate that is red before the first unit; off: they are not run then. */
  baseline: 'off' | 'require' | 'ignore' | 'halt';
  /** What done needs. Gates that are set are always required; without any, the signal is. */
  require: Requirement[];
  /** `verify` was asked for in so many words: a unit without a gate is not started. */
  everyUnitGated: boolean;
  review: 'none' | 'checkpoints' | 'all';
  git: 'off' | 'note' | 'check' | 'commit';
  /** As given, not yet made safe for tmux; null = named after the spec. */
  tmuxSession: string | null;
  noTmux: boolean;
  keepWindows: number;
  writeTasks: boolean;
  /** The boxes of what was only rehearsed are ticked, too: somebody has said that boxes are to be written. */
  tickRehearsed: boolean;
  /** The run goes on as a process of its own. */
  detach: boolean;
  /** The same, and this terminal shows it. */
  attach: boolean;
  fresh: boolean;
  acceptConfig: boolean;
  adoptState: boolean;
  breakLock: boolean;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  noColor: boolean;
}

export interface ConfigUsed {
  /** Absolute. */
  path: string;
  /** Of what it says; see `hashOf`. */
  hash: string;
  /** Where a key of it stands. */
  at(key: string): Where;
}

/** One call of seqrun, understood. `--resume` and `--dry-run` have become the commands they stand for. */
export type Intention = Request & {
  /** As given: a folder or a task file, relative to the current folder unless the config file (then absolute) named it. */
  spec: string;
  settings: Settings;
  /** What the settings were made of: all that somebody gave. */
  values: Values;
  /** Settings that nobody gave are absent. */
  origins: Partial<Record<FlagName, Origin>>;
  config: ConfigUsed | null;
  /** What is wrong with the config file, where a command goes on without it; else empty. */
  configTrouble: Failure[];
  /** Things worth one line on stderr: a misspelt SEQRUN_ variable, a limit taken from CODEX_TIMEOUT. */
  notes: string[];
};
