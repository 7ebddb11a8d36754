// The shape of one row of the flag table.

/** Topics of the help. */
export type Group = 'spec' | 'tasks' | 'agent' | 'pace' | 'proof' | 'trouble' | 'tmux' | 'again' | 'output';

/** How a flag's value is written. Times are kept in milliseconds once read. */
export type Kind =
  /** Any text that is not empty. */
  | 'text'
  /** A path; relative to the current folder, in the config file to the file's folder. */
  | 'path'
  /** A path; each occurrence is one more. */
  | 'paths'
  /** Task ids, comma-separated or repeated. */
  | 'ids'
  /** Seconds as a decimal number. */
  | 'seconds'
  /** `90s`, `15m`, `1h30m`. */
  | 'duration'
  /** A time of day, `HH:MM`; kept as that. */
  | 'clock'
  /** A whole number. */
  | 'count'
  | 'choice'
  /** Some of the choices, comma-separated or repeated. */
  | 'choices'
  /** On or off. */
  | 'switch'
  /** An argv template: JSON array, or words as a shell would split them. */
  | 'argv'
  /** A command for a shell; each occurrence is one, commas are part of it. The config file has more forms. */
  | 'gates'
  /** Agents by name, each with its mode; in the config file alone. */
  | 'modes'
  /** Agents of the user's own by name, each with its command; in the config file alone. */
  | 'agents';

export interface Flag {
  kind: Kind;
  group: Group;
  /** Placeholder of the value in the help; switches have none. */
  hint?: string;
  help: string;
  /** Default as the help shows it; absent = nothing to say. */
  fallback?: string;
  choices?: readonly string[];
  /** A choice among agents: those of the config file's `agents` are choices too, known only when it has been read. */
  ownAgents?: true;
  /** Inclusive bounds of a count, or of seconds and durations in milliseconds. */
  min?: number;
  max?: number;
  /** A valid value, for messages; switches need none. */
  example?: string;
  /**
   * call: a decision about one call, refused in the config file: kept there it would be taken again each night, and an
   * agent could write it. config: a key of the config file alone.
   */
  where?: 'call' | 'config';
  /** Commands the flag belongs to; absent = any. */
  commands?: readonly string[];
}
