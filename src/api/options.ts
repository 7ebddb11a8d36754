// The options of the library: what the config file takes, key by key. Made from the table of flags by test/api/options.test.ts.
import type { AgentSetting, DurationSetting, GatesSetting, Surroundings } from './settings.ts';

/** Which spec, and how it is run. What is not given comes from `SEQRUN_` variables, the config file, and the defaults. */
export interface SpecOptions extends Surroundings {
  /** Folder that holds tasks.md, or the task file itself (a todo JSON too). */
  spec?: string;
  /** Where the agent works. Else the folder above .kiro/specs, the git top level, or two folders above the spec, not above here. */
  workdir?: string;
  /** Settings file. Else in the workdir seqrun.config.json, .yaml, .yml, or "seqrun" in package.json. */
  config?: string;
  /** Only these units or tasks. */
  only?: string | readonly string[];
  /** First unit, inclusive. */
  from?: string;
  /** Last unit, inclusive. */
  until?: string;
  /** Run optional tasks too. */
  includeOptional?: boolean;
  /** A unit is a numbered group with its subtasks, or each single task. Default: group. */
  granularity?: 'group' | 'leaf';
  /** By id, or the most urgent first (_priority: 1_ to 5); dependencies always win. Default: id. */
  order?: 'id' | 'priority';
  /** How tasks.md is written, where it is not seen by itself: kiro, cc-sdd, spec-kit, spec-kitty, openspec, spec-workflow, claude-specs, agent-os, ai-dev-tasks, ai-dlc, specd, headings, plain, todos. */
  dialect?:
    | 'kiro'
    | 'cc-sdd'
    | 'spec-kit'
    | 'spec-kitty'
    | 'openspec'
    | 'spec-workflow'
    | 'claude-specs'
    | 'agent-os'
    | 'ai-dev-tasks'
    | 'ai-dlc'
    | 'specd'
    | 'headings'
    | 'plain'
    | 'todos';
  /** Run no task file that is warned of, or whose tasks have no numbers (65). */
  strict?: boolean;
  /** Unknown or skipped dependencies warn instead of stopping. */
  lenientDeps?: boolean;
  /** Agent CLI: opencode, codex, claude, gemini, command, rehearsal. Default: the first that is installed. */
  backend?: 'opencode' | 'codex' | 'claude' | 'gemini' | 'command' | 'rehearsal' | (string & {});
  /** Model, passed to the agent CLI. */
  model?: string;
  /** Any program as the agent: words or a JSON array; {prompt} (its file, else it is stdin) {workdir} {model} {session} are filled in. Implies --backend command. */
  command?: string | readonly string[];
  /** Programs of your own as agents with a name. */
  agents?: { readonly [name: string]: AgentSetting };
  /** Folder with prompts of your own (task.md, retry.md …) in place of those of seqrun. Default: .seqrun/templates in the workdir. */
  templates?: string;
  /** What agents may do unasked: what work in the workdir needs, or anything. Default: safe, unless the agent's own variables say more. */
  agentMode?: 'safe' | 'full';
  /** The mode of some agents, by name. */
  agentModes?: { readonly [agent: string]: 'safe' | 'full' };
  /** What each unit is told, in place of templates/task.md; its {{placeholders}} are checked before the run. */
  promptTemplate?: string;
  /** A file that every unit is told to read; repeated: all of them. */
  contextFile?: string | readonly string[];
  /** Ask an agent who should do what: once for all units, per unit, not at all. Default: all. */
  assign?: 'all' | 'each' | 'none';
  /** Same as --assign none. */
  noAssign?: boolean;
  /** Agent CLI that is asked. Default: same as --backend. */
  assignBackend?: 'opencode' | 'codex' | 'claude' | 'gemini' | 'command' | 'rehearsal' | (string & {});
  /** OpenCode agent that is asked. Default: gawain. */
  assignOpencodeAgent?: string;
  /** Agent starts in this run. Default: 50. */
  maxIterations?: number;
  /** Seconds between two starts, may be a fraction. Default: 5. */
  delay?: number;
  /** Percent of the delay that chance adds at most: 50 makes 60 s to 60 to 90 s. Default: 0. */
  jitter?: number;
  /** Start nothing more when the run has lasted so long; it ends with 4, before a wait that would outlast it. */
  maxRuntime?: DurationSetting;
  /** The same from the next such time of day on. */
  untilTime?: string;
  /** Longest time for one start. Default: 2h. */
  timeout?: DurationSetting;
  /** Longest time without output and without CPU use. Default: 30m. */
  stallTimeout?: DurationSetting;
  /** Waited beyond a usage limit's reset. Default: 60s. */
  limitMargin?: DurationSetting;
  /** A gate: run by sh in the workdir after each unit, which is done when it exits with 0. Repeated: all, in order. none = no gate. */
  verify?: GatesSetting;
  /** Longest time for a gate. Default: 30m. */
  verifyTimeout?: DurationSetting;
  /** Commands of tasks.md (_verify: …_ lines) are gates of their units; plan shows them. */
  allowTaskCommands?: boolean;
  /** Gates are run before the first unit. One that is red then: require = is named, and has to turn green all the same; ignore = does not count until it was green once; halt = ends the run (2). off = they are not run before. Default: require. */
  baseline?: 'off' | 'require' | 'ignore' | 'halt';
  /** What done needs: signal (of the agent), verify (a gate; each that is set counts anyway), change (in the working tree, so a git repository). Default: signal, and verify where a gate is set. */
  require?: string | readonly ('signal' | 'verify' | 'change')[];
  /** When the agent ends well without a signal: ask it in a follow-up, or fail; done = where gates are set they decide alone. Default: follow-up. */
  onMissingSignal?: 'follow-up' | 'done' | 'fail';
  /** Stop (2) after each unit until you approve or reject it. As all in this group, kept for the next runs until another word is said: --review=false. */
  review?: boolean;
  /** The same, but only after checkpoints of the task file. */
  stopAtCheckpoints?: boolean;
  /** note = record and report what changed; check = refuse a dirty start, keep the tree before and after each unit; commit = check, and one commit per completed unit; off = leave git alone. Default: note. */
  git?: 'off' | 'note' | 'check' | 'commit';
  /** Tries of a unit that breaks. Default: 3. */
  maxAttempts?: number;
  /** Further turns of a unit that works but is unfinished. Default: 3. */
  maxFollowUps?: number;
  /** After the last try: end the run (3), go on with other units, or wait for a person (2). Default: stop. */
  onFail?: 'stop' | 'skip' | 'halt';
  /** Session that shows the units. Default: sequential-<spec>. */
  tmuxSession?: string;
  /** Run agents without windows. */
  noTmux?: boolean;
  /** Finished windows that stay open. Default: 10. */
  keepWindows?: number;
  /** Leave the boxes of tasks.md alone. */
  noWriteTasks?: boolean;
}

/** Of a run: also what is decided for it alone. */
export interface RunOptions extends SpecOptions {
  /** Go on after a HALT; same as the command resume. */
  resume?: boolean;
  /** What the halted agent is told (resume). */
  answer?: string;
  /** Begin again: what seqrun has done is forgotten, its boxes are opened; the old journal is kept aside. */
  fresh?: boolean;
  /** The config file changed during a job, and that is right. */
  acceptConfig?: boolean;
  /** Go on from SEQUENTIAL_STATE.json when the journal is damaged or missing. */
  adoptState?: boolean;
  /** Take over another machine's lock. */
  breakLock?: boolean;
  /** Aborted: as one Ctrl-C. What runs is ended, its state is saved, and the run resolves with 130. */
  signal?: AbortSignal;
}
