// What seqrun asks of a coding-agent CLI, and what it learns from one run of it. Types only; `agents/` holds the CLIs.

/**
 * What an agent may do with nobody there to be asked. `safe`: the least with which it can work in its folder, files and shell
 * commands alike. `full`: whatever it wants, no question and no sandbox.
 */
export type AgentMode = 'safe' | 'full';

/** The modes of an agent CLI: what they mean there, and who else has a say. */
export interface AgentModes {
  /** For people, one phrase without a full stop: what it may do then. */
  words: Readonly<Record<AgentMode, string>>;
  /** The mode its own variables (`CODEX_BYPASS_SANDBOX`, …) ask for; null = they say nothing. */
  wish(env: Environment): AgentMode | null;
  /** Why it would not even start in that mode, and what mends it; null = it would. */
  refuses(mode: AgentMode, world: { env: Environment; isRoot: boolean }): { because: string; mend: string } | null;
}

/** What is known of an agent CLI as a program on somebody's machine. Nothing of it is needed to start it. */
export interface AgentProgram {
  /** The version whose behaviour was measured; others are expected to behave like it. */
  measured: string;
  login: {
    /** Variables of which one that is not empty makes a login likely. */
    variables: readonly string[];
    /** Files, absolute, whose mere existence makes a login likely. They hold secrets: nobody opens them. */
    files(env: Environment): string[];
    /** What a person does to log in, for `next`. */
    how: string;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What an agent is started for. */
export interface AgentRequest {
  /** Absolute path; the process is started there. */
  workdir: string;
  /** Absolute path of the file that stdin comes from: the prompt, readable by this user alone. */
  promptFile: string;
  model: string | null;
  /** Session to go on with, or null for a new one. */
  session: string | null;
  /** A fresh UUID that an agent which lets us choose its session id may use. */
  newSessionId: string;
  /** Tools off: the agent only answers (assignment). */
  answerOnly: boolean;
  /** Already decided: the variables that `AgentModes.wish` reads have no say any more. Without effect with `answerOnly`. */
  mode: AgentMode;
  /** Caller's environment; agents read switches like CODEAGENT_OPENCODE_MODEL from it. */
  env: Environment;
  /** True when seqrun runs as root (Claude Code refuses some flags then). */
  isRoot: boolean;
}

/** How to start it. The prompt is given on stdin, from `AgentRequest.promptFile`. */
export interface AgentCommand {
  /** argv[0] is the executable, looked up on the caller's PATH. No shell parses any of it. */
  argv: string[];
  /** Added to the caller's environment. */
  env: Record<string, string>;
  /** Removed from the caller's environment (variables of a parent agent, retry watchdogs). */
  unset: string[];
  /** The session id when it is known before the first line, else null. */
  session: string | null;
}

/**
 * Tokens and cost of one start: the totals that some CLIs report for a resumed session are already taken apart.
 * Cached input (read or written) is part of input, reasoning is part of output, whichever way the CLI counts.
 */
export interface Usage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  /** null where the CLI gives no cost. */
  costUsd: number | null;
}

/** One class per run, from structured events, error events and the exit; never from assistant text. */
export type EndClass =
  | 'success'
  | 'limited'
  | 'throttled'
  | 'overloaded'
  | 'auth'
  | 'billing'
  | 'config'
  | 'model'
  | 'context'
  | 'refused'
  | 'crashed'
  | 'interrupted'
  | 'no_answer';

/** Verdict of the classifier with the line it rests on. */
export interface Classification {
  class: EndClass;
  /** The line, cut to 500 characters, or null when the absence of a line is the evidence. */
  evidence: string | null;
  /** `limited` only: when the window frees, epoch ms; null = unknown (never "now"). */
  resetAtMs: number | null;
  /** `limited` only: five_hour, seven_day, daily, … or null. */
  window: string | null;
}

/** How the process ended. */
export interface ProcessEnd {
  /** Exit code, or null when a signal ended it or the exit file is missing. */
  code: number | null;
  /** Signal name without SIG, or null. */
  signal: string | null;
  /** Ctrl-C was pressed in the window while it ran. */
  interrupt: boolean;
}

/** What the stream of one run says, before the exit is known. */
export interface StreamFacts {
  session: string | null;
  model: string | null;
  /** The agent's final message as the CLI marks it, or null when there is none (yet). */
  finalText: string | null;
  /** The CLI's own terminal success event was seen. Always false for agents without a machine stream. */
  succeeded: boolean;
  /** A terminal failure event was seen: its message. Wins over exit code and signal. */
  failure: string | null;
  /** Usage of this run, or null when the stream gave none. */
  usage: Usage | null;
  /** The agent did something: a tool ran, or text other than an error came. */
  worked: boolean;
  /**
   * The last thing it said is that it now sits in a limit: hours may pass in which it looks alive and says nothing. Null while it
   * says something else last, and for a wait that is known to be short. Read without a clock: whether it *was* silent since is
   * for the caller to see.
   */
  waiting: SilentWait | null;
  /** Notices a person should know (denied permissions, broken lines), each one line. */
  warnings: string[];
}

/** A limit in which an agent CLI sits without ending. */
export interface SilentWait {
  /** For people, of the CLI as "it": `it has announced a wait of 3 h 38 min`. */
  because: string;
  /** The line it rests on, clean, cut to 500 characters. */
  evidence: string;
}

/** A line of the readable rendering. */
export interface ViewLine {
  kind: 'text' | 'tool' | 'result' | 'notice' | 'error' | 'usage';
  /** Without control sequences and newlines. */
  text: string;
}

/**
 * Reads one run line by line. A reader keeps state but touches nothing outside; the same lines give the same facts
 * and the same view, so an adopted run is read from its files again.
 */
export interface StreamReader {
  /** One line without its newline. Broken lines and unknown events are tolerated. Lines over 10 MB are given cut. */
  line(stream: 'stdout' | 'stderr', text: string): ViewLine[];
  facts(): StreamFacts;
  /** The verdict on the whole run. Called once, after the last line; `facts()` asked again after it may know the usage better. */
  classify(end: EndFacts): Classification;
}

/** Files a classifier wants after the end (Codex keeps reset times in its rollout file). */
export interface AfterwardsFile {
  /** Folder to search, absolute. */
  root: string;
  /** Only files whose name contains this text count; the newest by name wins. */
  nameContains: string;
  /** At most this many folder levels below root. */
  depth: number;
}

/** What a classifier gets beside the lines it has read. */
export interface EndFacts {
  /** null: no exit file, the process is gone. */
  exit: ProcessEnd | null;
  /** Text of the file asked for by `afterwards`, or null. */
  file: string | null;
  /** Wall clock of the end, epoch ms, and the zone of the process, IANA: for clock times without date or zone. */
  endedAtMs: number;
  /** null = unknown, as of a run that was only recorded. */
  startedAtMs: number | null;
  zone: string;
}

/** One coding-agent CLI: data and pure functions. */
export interface Agent {
  name: string;
  /** Has a machine stream; without one, exit 0 and the last non-empty line of stdout stand in. */
  machineStream: boolean;
  /** Can go on in an earlier session. */
  resumable: boolean;
  /** Name or path of the executable to look for before the first unit; null = ships with seqrun. */
  executable: string | null;
  /** null = it has none of its own: what it may do is up to the command that a user gave. */
  modes: AgentModes | null;
  /** null = no program that anybody could have installed under a known name. */
  program: AgentProgram | null;
  command(request: AgentRequest): AgentCommand;
  reader(): StreamReader;
  afterwards(facts: StreamFacts, env: Environment): AfterwardsFile | null;
}
