// Every flag, once: the words on the command line, the environment names, the config keys and the help come from here.
import type { OwnAgent } from '../compose/own-agents.ts';
import type { AgentMode } from '../core/agent.ts';
import { defaults } from '../core/defaults.ts';
import { readableDialects } from '../spec/dialects/names.ts';
import type { Flag, Group } from './flag.ts';
import type { GivenGate } from './gates.ts';
import { PACE_FLAGS } from './pace-flags.ts';
import { PROOF_FLAGS } from './proof-flags.ts';
import { TMUX_FLAGS } from './tmux-flags.ts';

/** Topics of the help, in order, each with an example that works. */
export const GROUPS = {
  spec: ['Which spec', 'seqrun --spec .kiro/specs/cart'],
  tasks: ['Which tasks', 'seqrun --spec specs/cart --only 2,3.1'],
  agent: ['Who does the work', 'seqrun --spec specs/cart --backend codex'],
  pace: ['Pace and time limits', 'seqrun --spec specs/cart --delay 15'],
  proof: ['What counts as done', 'seqrun --spec specs/cart --verify "npm test"'],
  trouble: ['When a unit does not finish', 'seqrun --spec specs/cart --on-fail skip'],
  tmux: ['tmux', 'seqrun --spec specs/cart --tmux-session night'],
  again: ['Going on', 'seqrun resume --spec specs/cart --answer "Use SQLite"'],
  output: ['Output', 'seqrun --spec specs/cart --dry-run'],
} as const satisfies Record<Group, readonly [string, string]>;

/** Words of `--backend` that need no settings. */
const BACKENDS = ['opencode', 'codex', 'claude', 'gemini', 'command', 'rehearsal'] as const;

/** Backends that are a program of their own which a user installs, in the order in which they are looked for. */
export const AGENT_CLIS: readonly string[] = BACKENDS.filter(name => name !== 'command' && name !== 'rehearsal');

const AGENT_MODES = ['safe', 'full'] as const satisfies readonly AgentMode[];

export const FLAGS = {
  spec: {
    kind: 'path',
    group: 'spec',
    hint: '<dir>',
    help: 'Folder that holds tasks.md, or the task file itself (a todo JSON too)',
    example: '.kiro/specs/cart',
  },
  workdir: {
    kind: 'path',
    group: 'spec',
    hint: '<dir>',
    help: 'Where the agent works. Else the folder above .kiro/specs, the git top level, or two folders above the spec, not above here',
    example: '.',
  },
  config: {
    kind: 'path',
    group: 'spec',
    hint: '<file>',
    help: 'Settings file. Else in the workdir seqrun.config.json, .yaml, .yml, or "seqrun" in package.json',
    example: 'seqrun.config.json',
    where: 'call',
  },
  only: {
    kind: 'ids',
    group: 'tasks',
    hint: '<id,…>',
    help: 'Only these units or tasks',
    example: '2,3.1',
  },
  from: { kind: 'text', group: 'tasks', hint: '<id>', help: 'First unit, inclusive', example: '3' },
  until: { kind: 'text', group: 'tasks', hint: '<id>', help: 'Last unit, inclusive', example: '5' },
  'include-optional': { kind: 'switch', group: 'tasks', help: 'Run optional tasks too' },
  granularity: {
    kind: 'choice',
    group: 'tasks',
    hint: 'group|leaf',
    help: 'A unit is a numbered group with its subtasks, or each single task',
    choices: ['group', 'leaf'],
    fallback: defaults.granularity,
    example: 'leaf',
  },
  order: {
    kind: 'choice',
    group: 'tasks',
    hint: 'id|priority',
    help: 'By id, or the most urgent first (_priority: 1_ to 5); dependencies always win',
    choices: ['id', 'priority'],
    fallback: defaults.order,
    example: 'priority',
  },
  dialect: {
    kind: 'choice',
    group: 'spec',
    hint: '<name>',
    help: `How tasks.md is written, where it is not seen by itself: ${readableDialects.join(', ')}`,
    choices: readableDialects,
    example: 'openspec',
  },
  strict: {
    kind: 'switch',
    group: 'spec',
    help: 'Run no task file that is warned of, or whose tasks have no numbers (65)',
  },
  'lenient-deps': {
    kind: 'switch',
    group: 'tasks',
    help: 'Unknown or skipped dependencies warn instead of stopping',
  },
  backend: {
    kind: 'choice',
    group: 'agent',
    hint: '<name>',
    help: `Agent CLI: ${BACKENDS.join(', ')}`,
    choices: BACKENDS,
    ownAgents: true,
    fallback: 'the first that is installed',
    example: 'codex',
  },
  model: {
    kind: 'text',
    group: 'agent',
    hint: '<name>',
    help: 'Model, passed to the agent CLI',
    example: 'gpt-5-codex',
  },
  command: {
    kind: 'argv',
    group: 'agent',
    hint: '<template>',
    help: 'Any program as the agent: words or a JSON array; {prompt} (its file, else it is stdin) {workdir} {model} {session} are filled in. Implies --backend command',
    example: '["my-agent","--model","{model}"]',
  },
  agents: {
    kind: 'agents',
    group: 'agent',
    hint: '<agents>',
    help: 'Programs of your own as agents with a name',
    example: '{ "my-agent": { "command": "my-agent --file {prompt}" } }',
    where: 'config',
  },
  templates: {
    kind: 'path',
    group: 'agent',
    hint: '<dir>',
    help: 'Folder with prompts of your own (task.md, retry.md …) in place of those of seqrun',
    fallback: '.seqrun/templates in the workdir',
    example: 'prompts',
    where: 'config',
  },
  'agent-mode': {
    kind: 'choice',
    group: 'agent',
    hint: 'safe|full',
    help: 'What agents may do unasked: what work in the workdir needs, or anything',
    choices: AGENT_MODES,
    fallback: `${defaults.agentMode}, unless the agent's own variables say more`,
    example: 'full',
  },
  'agent-modes': {
    kind: 'modes',
    group: 'agent',
    hint: '<modes>',
    help: 'The mode of some agents, by name',
    example: '{ "claude": "full" }',
    where: 'config',
  },
  'prompt-template': {
    kind: 'path',
    group: 'agent',
    hint: '<file>',
    help: 'What each unit is told, in place of templates/task.md; its {{placeholders}} are checked before the run',
    example: 'night.md',
  },
  'context-file': {
    kind: 'paths',
    group: 'agent',
    hint: '<file>',
    help: 'A file that every unit is told to read; repeated: all of them',
    example: 'docs/style.md',
  },
  assign: {
    kind: 'choice',
    group: 'agent',
    hint: 'all|each|none',
    help: 'Ask an agent who should do what: once for all units, per unit, not at all',
    choices: ['all', 'each', 'none'],
    fallback: defaults.assign,
    example: 'none',
  },
  'no-assign': { kind: 'switch', group: 'agent', help: 'Same as --assign none' },
  'assign-backend': {
    kind: 'choice',
    group: 'agent',
    hint: '<name>',
    help: 'Agent CLI that is asked',
    choices: BACKENDS,
    ownAgents: true,
    fallback: 'same as --backend',
    example: 'codex',
  },
  'assign-opencode-agent': {
    kind: 'text',
    group: 'agent',
    hint: '<name>',
    help: 'OpenCode agent that is asked',
    fallback: defaults.assignOpencodeAgent,
    example: 'gawain',
  },
  ...PACE_FLAGS,
  ...PROOF_FLAGS,
  'max-attempts': {
    kind: 'count',
    group: 'trouble',
    hint: '<n>',
    help: 'Tries of a unit that breaks',
    fallback: `${defaults.maxAttempts}`,
    min: 1,
    max: 1000,
    example: '3',
  },
  'max-follow-ups': {
    kind: 'count',
    group: 'trouble',
    hint: '<n>',
    help: 'Further turns of a unit that works but is unfinished',
    fallback: `${defaults.maxFollowUps}`,
    min: 0,
    max: 1000,
    example: '3',
  },
  'on-fail': {
    kind: 'choice',
    group: 'trouble',
    hint: 'stop|skip|halt',
    help: 'After the last try: end the run (3), go on with other units, or wait for a person (2)',
    choices: ['stop', 'skip', 'halt'],
    fallback: defaults.onFail,
    example: 'skip',
  },
  ...TMUX_FLAGS,
  resume: {
    kind: 'switch',
    group: 'again',
    help: 'Go on after a HALT; same as the command resume',
    where: 'call',
  },
  answer: {
    kind: 'text',
    group: 'again',
    hint: '<text>',
    help: 'What the halted agent is told (resume)',
    example: '"Use SQLite"',
    where: 'call',
    commands: ['resume'],
  },
  fresh: {
    kind: 'switch',
    group: 'again',
    help: 'Begin again: what seqrun has done is forgotten, its boxes are opened; the old journal is kept aside',
    where: 'call',
  },
  now: {
    kind: 'switch',
    group: 'again',
    help: 'End the running agent too (stop)',
    where: 'call',
    commands: ['stop'],
  },
  force: {
    kind: 'switch',
    group: 'again',
    help: 'Go back although branch or HEAD differ (checkpoint restore)',
    where: 'call',
    commands: ['checkpoint'],
  },
  'state-only': {
    kind: 'switch',
    group: 'again',
    help: 'Leave the files as they are (checkpoint restore)',
    where: 'call',
    commands: ['checkpoint'],
  },
  keep: {
    kind: 'count',
    group: 'again',
    hint: '<n>',
    help: 'How many of each kind stay (checkpoint clean)',
    fallback: `${defaults.checkpointsKept}`,
    min: 1,
    max: 1000,
    example: '3',
    where: 'call',
    commands: ['checkpoint'],
  },
  'no-write-tasks': {
    kind: 'switch',
    group: 'again',
    help: 'Leave the boxes of tasks.md alone',
  },
  'accept-config': {
    kind: 'switch',
    group: 'again',
    help: 'The config file changed during a job, and that is right',
    where: 'call',
  },
  'adopt-state': {
    kind: 'switch',
    group: 'again',
    help: 'Go on from SEQUENTIAL_STATE.json when the journal is damaged or missing',
    where: 'call',
  },
  'break-lock': {
    kind: 'switch',
    group: 'again',
    help: "Take over another machine's lock",
    where: 'call',
  },
  skill: {
    kind: 'switch',
    group: 'again',
    help: 'The skill for coding agents, too (init)',
    where: 'call',
    commands: ['init'],
  },
  follow: {
    kind: 'switch',
    group: 'output',
    help: 'Show what comes until the unit is settled, further tries included (logs)',
    where: 'call',
    commands: ['logs'],
  },
  watch: {
    kind: 'switch',
    group: 'output',
    help: 'Show it until the run ends; q ends it too (status)',
    where: 'call',
    commands: ['status'],
  },
  'dry-run': {
    kind: 'switch',
    group: 'output',
    help: 'Start nothing, show the plan (restore: the changes)',
    where: 'call',
  },
  json: { kind: 'switch', group: 'output', help: 'JSON on stdout, messages on stderr' },
  quiet: { kind: 'switch', group: 'output', help: 'Only warnings and errors' },
  verbose: { kind: 'switch', group: 'output', help: 'More about each step' },
  'no-color': { kind: 'switch', group: 'output', help: 'No colours (NO_COLOR is honoured)' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

type ValueOf<F extends Flag> = F extends { kind: 'switch' }
  ? boolean
  : F extends { kind: 'seconds' | 'duration' | 'count' }
    ? number
    : F extends { kind: 'ids' | 'argv' | 'paths' }
      ? string[]
      : F extends { kind: 'gates' }
        ? GivenGate[]
        : F extends { kind: 'choices'; choices: readonly (infer Choice)[] }
          ? Choice[]
          : F extends { kind: 'modes' }
            ? Record<string, AgentMode>
            : F extends { kind: 'agents' }
              ? Record<string, OwnAgent>
              : F extends { ownAgents: true }
                ? string
                : F extends { choices: readonly (infer Choice)[] }
                  ? Choice
                  : string;

/** Values as one source (flags, environment, config) gave them, read and checked. */
export type Values = { [Name in FlagName]?: ValueOf<(typeof FLAGS)[Name]> };

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** The flag with its literal types widened, for generic code. */
export const flagOf = (name: FlagName): Flag => FLAGS[name];

/** `max-iterations` → `SEQRUN_MAX_ITERATIONS`. */
export const envNameOf = (name: FlagName): string => `SEQRUN_${name.toUpperCase().replaceAll('-', '_')}`;

/** `max-iterations` → `maxIterations`. */
export const configKeyOf = (name: FlagName): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A config key's flag, or null. */
export const flagOfConfigKey = (key: string): FlagName | null =>
  FLAG_NAMES.find(name => configKeyOf(name) === key) ?? null;

/** Flags that can be typed (everything but config-only keys). */
export const TYPED_FLAGS = FLAG_NAMES.filter(name => flagOf(name).where !== 'config');
