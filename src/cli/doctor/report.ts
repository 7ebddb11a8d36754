// What `seqrun doctor` finds: the one object that `--json` prints. Values of variables and contents of login files are never in it.
import type { AgentMode } from '../../core/agent.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Fields are only ever added. Paths are absolute; null = not there, or not known. */
export interface DoctorReport {
  version: '1';
  /** Exit code of the command: 0 = a run could start, else that of the first error among `findings`. */
  exit: ExitCode;
  /** Version of seqrun. */
  seqrun: string;
  node: { version: string; path: string };
  /** The agent that a run typed here, with the same words, would give its units to; null = none. */
  backend: string | null;
  /** Why it is that one, where nobody named it. */
  backend_because: string | null;
  agents: AgentReport[];
  tmux: {
    path: string | null;
    /** As `tmux -V` says it, without the name. */
    version: string | null;
    /** Whether units can have windows: tmux 3.0 or newer, and not switched off. */
    windows: boolean;
  };
  git: {
    path: string | null;
    /** Top of the repository that the workdir lies in. */
    repository: string | null;
    /** Files that differ from the last commit, new ones included; a new folder counts as one. */
    changes: number | null;
  };
  files: {
    workdir: string;
    /** Where journals, prompts and streams are kept. */
    state_home: string;
    state_home_writable: boolean;
    /** The settings file in use; null = none was found, or it was ignored because of what `findings` says. */
    config: string | null;
  };
  /** null = no spec was named. */
  spec: {
    folder: string;
    tasks: string;
    journal: string;
    state_file: string;
    /** Where what is recorded of it was read from: `nothing` = it was never run. */
    source: 'journal' | 'state file' | 'nothing';
    /** Units known to be done, and all of them. */
    done: number;
    units: number;
    /** Why the last run ended. */
    last_end: string | null;
  } | null;
  locks: LockReport[];
  /** What is wrong or worth knowing, worst first. */
  findings: Finding[];
}

export interface AgentReport {
  name: string;
  /** Of its executable. */
  path: string | null;
  /** As it says itself within 5 s. */
  version: string | null;
  /** Why `version` is null although the executable is there. */
  version_error: string | null;
  /** The version whose behaviour was measured; null for a program of the user's own. */
  measured: string | null;
  /** How `version` relates to `measured`. */
  compared: 'same' | 'older' | 'newer' | null;
  /** What makes a login likely: the name of a variable, or the path of a file. No proof: nobody was asked. */
  login_sign: string | null;
  /** null = it has none of its own. */
  mode: AgentMode | null;
  mode_means: string | null;
  /** Whose word it is. */
  mode_from: string | null;
  /** Why it would not start in this mode here. */
  mode_refused: string | null;
}

export interface LockReport {
  of: 'workspace' | 'specs folder';
  path: string;
  pid: number;
  host: string;
  run: string;
  /** `dead`: the next run takes it over. `unknowable`: another host or container. */
  holder: 'alive' | 'dead' | 'unknowable';
}

export interface Finding {
  severity: 'error' | 'warning' | 'info';
  /** The exit code a run would end with because of it; null for what stops nobody. */
  exit: ExitCode | null;
  what: string;
  where: string | null;
  /** What to type or to change next. */
  next: string | null;
}
