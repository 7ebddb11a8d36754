// Every command, once: what may follow it, and what it is for.

/** Words a command takes after its name. */
export type Takes =
  | 'nothing'
  | 'maybe unit'
  | 'unit'
  | 'units'
  | 'maybe path'
  | 'path'
  | 'unit text'
  | 'unit maybe text'
  | 'maybe text'
  | 'id'
  | 'maybe id';

export interface CommandRow {
  takes: Takes;
  help: string;
  /** One of these words must come first; it decides what it takes after that, and `takes` is what is shown for all of them. */
  actions?: Readonly<Record<string, Takes>>;
  /** A person decides with it, or with these actions of it: refused inside a job, where an agent could type it. */
  decides?: true | readonly string[];
  /** Without a spec it still has something to say: the current folder stands for it then. */
  needsNoSpec?: true;
  /** No spec is meant at all, and none is shown in its help. */
  withoutSpec?: true;
  /** It, or these actions of it, only look at things or end them: that must work even when the config file does not. */
  bare?: true | readonly string[];
}

export const COMMANDS = {
  run: { takes: 'nothing', help: 'Run the units of a spec one after another (the default)' },
  plan: { takes: 'maybe path', help: 'Show units, order, what is skipped and why; start nothing' },
  lint: { takes: 'maybe path', help: 'Everything seqrun noticed in a task file' },
  todos: {
    takes: 'maybe path',
    actions: { export: 'maybe path', import: 'path' },
    help: 'Print a spec as todo JSON; make a tasks.md of one',
  },
  doctor: { takes: 'nothing', help: 'What is installed, and whether a run could start', bare: true, needsNoSpec: true },
  config: { takes: 'nothing', help: 'Each setting, and where it came from', needsNoSpec: true },
  init: {
    takes: 'nothing',
    help: 'Write a first settings file; --skill: tell coding agents how to call seqrun',
    bare: true,
    withoutSpec: true,
  },
  status: { takes: 'nothing', help: 'What is done, running, waiting, failed', bare: true },
  why: { takes: 'maybe unit', help: 'Why a unit, or the run, stands where it stands', bare: true },
  handoff: { takes: 'nothing', help: 'What to know in the morning: done, not done, what waits', bare: true },
  attach: { takes: 'maybe unit', help: 'Go to the tmux window of a unit', bare: true },
  logs: { takes: 'unit', help: 'What the agent of a unit said', bare: true },
  receipt: { takes: 'unit', help: 'What the outcome of a unit rests on', bare: true },
  resume: { takes: 'nothing', help: 'Go on after a HALT, with --answer TEXT if asked', decides: true },
  retry: { takes: 'unit', help: 'Try a failed unit again', decides: true },
  skip: { takes: 'unit', help: 'Leave a unit out', decides: true },
  follow: { takes: 'unit text', help: 'Ask for one more turn of a unit', decides: true },
  approve: { takes: 'unit maybe text', help: 'A completed unit is right', decides: true },
  reject: { takes: 'unit text', help: 'It is not, and goes on with what you say', decides: true },
  accept: { takes: 'units', help: 'Count units as done on your word', decides: true },
  reset: { takes: 'maybe unit', help: 'Forget the outcome of a unit, or of all', decides: true },
  checkpoint: {
    takes: 'maybe id',
    actions: { save: 'maybe text', list: 'nothing', show: 'id', restore: 'id', clean: 'nothing' },
    // An agent that saves again and again would push out what a person has saved.
    decides: ['save', 'restore', 'clean'],
    bare: ['list', 'show'],
    help: 'Where things stood, and the way back: save, list, show, restore, clean',
  },
  history: { takes: 'nothing', help: 'The runs of a spec: when, how long, what came of them', bare: true },
  pause: { takes: 'nothing', help: 'Start nothing more after this unit, until continue', bare: true },
  continue: { takes: 'nothing', help: 'Go on after a pause', decides: true, bare: true },
  completion: {
    takes: 'nothing',
    actions: { bash: 'nothing', zsh: 'nothing', fish: 'nothing' },
    help: 'What makes a shell complete the words: bash, zsh, fish',
    bare: true,
    withoutSpec: true,
  },
  stop: { takes: 'nothing', help: 'End the run after this unit, with --now at once', bare: true },
} as const satisfies Record<string, CommandRow>;

/** For whoever works on seqrun itself: not in the help, without a spec, with flags of their own. */
export const HIDDEN_COMMANDS = ['classify', 'complete'] as const;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** The row with its literal types widened. */
export const commandRow = (name: CommandName): CommandRow => COMMANDS[name];

/** `logs <unit>`, `todos <export|import> [path]`, `checkpoint <action> [id]`, as help and messages show it; `todos import <path>` with its action. */
export const usageOf = (name: CommandName, action: string | null = null): string => {
  const words = {
    nothing: '',
    'maybe unit': ' [unit]',
    unit: ' <unit>',
    units: ' <unit..>',
    'maybe path': ' [path]',
    path: ' <path>',
    'unit text': ' <unit> <text>',
    'unit maybe text': ' <unit> [text]',
    'maybe text': ' [note]',
    id: ' <id>',
    'maybe id': ' [id]',
  };
  const { takes, actions } = commandRow(name);
  if (!actions) return `${name}${words[takes]}`;
  const names = Object.keys(actions);
  // The help has no room for many; it names them beside it.
  return action === null
    ? `${name} <${names.length > 2 ? 'action' : names.join('|')}>${words[takes]}`
    : `${name} ${action}${words[actions[action]!]}`;
};
