// Words typed → intention. Touches nothing: the config file is read by a function it is given.
import type { Within } from '../compose/within.ts';
import { readArgv } from './argv.ts';
import { COMMAND_NAMES, type CommandName, commandRow } from './command-table.ts';
import { agentChoices, type Config, parseConfig } from './config.ts';
import { type ConfigFile, formOf } from './config-file.ts';
import type { ReadText } from './config-text.ts';
import { type Failure, quote, usageFailure } from './errors.ts';
import { configKeyOf, envNameOf, flagOf, type Values } from './flags.ts';
import { backgroundFailure, gatesOf } from './gates.ts';
import type { Intention } from './intention.ts';
import { type Layer, mergeLayers, readEnv } from './layers.ts';
import { isPlaceholder } from './placeholder.ts';
import { actualCommand, readRequest, requestOf, specAmong } from './request.ts';
import { requirementFailures } from './requirements.ts';
import { settingsOf } from './settings.ts';
import { shellWord } from './spec-words.ts';
import { choiceExpected, instead } from './values.ts';

/** What the words mean, or everything that is wrong with them (never empty). */
export type Parsed =
  | { kind: 'intention'; intention: Intention }
  /** null = of everything. */
  | { kind: 'help'; command: CommandName | null }
  | { kind: 'version' }
  /** The config file is YAML, and `readYaml` has still to be loaded: parse again with it. */
  | { kind: 'yaml' }
  | { kind: 'refused'; failures: Failure[] };

/** What parsing may ask of the world. */
export interface WordsWorld {
  /** `spec`, `workdir` and `config` as flags and environment gave them. null = there is no file and none was demanded. */
  readConfigFile(asked: {
    spec: string | null;
    workdir: string | null;
    config: string | null;
  }): ConfigFile | Failure | null;
  /** Reads YAML; absent until a file needs it. */
  readYaml?: ReadText;
  /** Specs near the current folder, for the message when none is named. Paths as a user would type them. */
  specsNearby(): string[];
  /** The process, this one or one above it, that belongs to a start of seqrun whatever `env` says; null when none does. */
  withinStart(): Within | null;
}

type Env = Readonly<Record<string, string | undefined>>;

const refused = (...failures: Failure[]): Extract<Parsed, { kind: 'refused' }> => ({ kind: 'refused', failures });

/** `argv` without node and script. Precedence: flags, environment, config file, defaults. */
export const parseWords = (argv: readonly string[], env: Env, world: WordsWorld): Parsed => {
  const parsed = parse(argv, env, world);
  if (parsed.kind !== 'refused') return parsed;
  const spec = namedSpec(argv, env) ?? onlyOne(world.specsNearby());
  // A shell would take `<dir>` for a file to be read.
  const dir = spec === null ? 'DIR' : shellWord(spec);
  const pastable = (next: string | null) =>
    // The example of the help is a spec of nobody's.
    next === `--spec ${flagOf('spec').example}`
      ? `--spec ${shellWord(world.specsNearby()[0] ?? 'DIR')}`
      : (next?.replaceAll('--spec <dir>', `--spec ${dir}`) ?? null);
  return refused(...parsed.failures.map(failure => ({ ...failure, next: pastable(failure.next) })));
};

const onlyOne = (nearby: readonly string[]): string | null => (nearby.length === 1 ? nearby[0]! : null);

/** The spec as it was typed, where nothing else of the words need be understood. */
const namedSpec = (argv: readonly string[], env: Env): string | null => {
  const at = argv.findLastIndex(word => word === '--spec' || word.startsWith('--spec='));
  const named = at < 0 ? env.SEQRUN_SPEC : argv[at] === '--spec' ? argv[at + 1] : argv[at]!.slice('--spec='.length);
  return named && !named.startsWith('-') ? named : null;
};

const parse = (argv: readonly string[], env: Env, world: WordsWorld): Parsed => {
  const end = argv.indexOf('--');
  const before = end < 0 ? argv : argv.slice(0, end);
  if (before.includes('--help') || before.includes('-h') || before[0] === 'help') {
    const [first] = before[0] === 'help' ? before.slice(1) : before;
    return { kind: 'help', command: COMMAND_NAMES.find(name => name === first) ?? null };
  }
  if (before.includes('--version')) return { kind: 'version' };

  const typed = readArgv(argv);
  if (Array.isArray(typed)) return refused(...typed);
  const request = readRequest(typed.words, typed.values);
  if ('what' in request) return refused(request);
  return understand({ ...request, values: typed.values, failures: typed.failures, words: argv }, env, world);
};

/** One call, read: what was asked for, and the values given with it. */
export interface GivenCall {
  command: CommandName;
  /** The words after the command, as `readRequest` leaves them. */
  args: string[];
  /** Each read and checked. */
  values: Values;
  /** What is wrong with those that could not be read. */
  failures: Failure[];
  /** All that was typed, for the command that a message proposes; empty where nobody typed. */
  words: readonly string[];
}

/** What a call means together with environment and config file. */
export const understand = (
  call: GivenCall,
  env: Env,
  world: WordsWorld,
): Extract<Parsed, { kind: 'intention' | 'refused' | 'yaml' }> => {
  const { command, args, values } = call;
  const environment = readEnv(env);
  const wrong = [...call.failures, ...environment.failures];
  const spec = specAmong(command, args) ?? values.spec;
  const flags: Layer = { origin: 'flag', values: spec === undefined ? values : { ...values, spec } };
  const upper = mergeLayers([flags, environment.layer]);
  const notes = [...environment.notes];

  let config: Config | null = null;
  const configTrouble: Failure[] = [];
  const file = world.readConfigFile({
    spec: upper.values.spec ?? null,
    workdir: upper.values.workdir ?? null,
    config: upper.values.config ?? null,
  });
  if (file !== null) {
    const { readYaml = null } = world;
    if (!('what' in file) && formOf(file.path) === 'yaml' && readYaml === null) return { kind: 'yaml' };
    const found = 'what' in file ? [file] : parseConfig(file, readYaml);
    if (!Array.isArray(found)) config = found;
    else if (holdsFor(commandRow(command).bare, args)) {
      configTrouble.push(...found);
      notes.push(...found.map(failure => `config file ignored: ${failure.what}`));
    } else wrong.push(...found);
  }

  // A file that cannot be read may name any agent.
  if (file === null || config !== null) wrong.push(...unknownAgents([flags, environment.layer], config));

  const layers = [flags, environment.layer];
  if (config) layers.push({ origin: 'config', values: config.values });
  const merged = mergeLayers(layers);
  wrong.push(...contradictions(command, values, merged.values), ...merged.failures);
  // What only looks must work whatever a run would need.
  const starts = ['run', 'resume', 'plan'].includes(actualCommand(command, merged.values));
  for (const { about, ...failure } of starts ? requirementFailures(merged.values) : []) {
    const where = merged.origins[about] === 'config' && config ? config.at(configKeyOf(about)) : null;
    wrong.push({ ...failure, where });
  }
  const gates = starts ? gatesOf(merged.values.verify ?? [], 0) : [];
  const background = backgroundFailure(
    gates,
    merged.origins.verify === 'config' ? (config?.at('verify') ?? null) : null,
  );
  if (background) wrong.push(background);
  wrong.push(...decidedInJob(command, args, merged.values, env, world));
  if (merged.values.spec === undefined) {
    const nearby = world.specsNearby();
    const [only] = nearby;
    // What only looks, or ends something, may guess; what spends or decides may not.
    if (
      only !== undefined &&
      nearby.length === 1 &&
      guesses.has(actualCommand(command, merged.values)) &&
      !decides(command, args)
    ) {
      const parsed = understand({ ...call, values: { ...values, spec: only } }, env, world);
      if (parsed.kind === 'intention')
        parsed.intention.notes.unshift(`the only spec in the usual folders: --spec ${shellWord(only)}`);
      return parsed;
    }
    const { needsNoSpec, withoutSpec } = commandRow(command);
    if (!needsNoSpec && !withoutSpec) wrong.push(missingSpec(call.words, nearby));
  }
  if (wrong.length > 0) return refused(...wrong);

  const actual = actualCommand(command, merged.values);
  const settings = settingsOf(merged.values, environment.opencode);
  return {
    kind: 'intention',
    intention: {
      ...requestOf(actual, args, merged.values, values),
      spec: merged.values.spec ?? '.',
      settings,
      values: merged.values,
      origins: merged.origins,
      config: config && { path: config.path, hash: config.hash, at: config.at },
      configTrouble,
      notes,
    },
  };
};

/** Names of agents that are neither known without settings nor in the config file. */
const unknownAgents = (layers: readonly Layer[], config: Config | null): Failure[] => {
  const known = agentChoices({ agents: layers[0]?.values.agents ?? config?.values.agents });
  return layers.flatMap(({ origin, values }) =>
    (['backend', 'assign-backend'] as const).flatMap(name => {
      const word = values[name];
      if (word === undefined || known.includes(word)) return [];
      const said = origin === 'env' ? `${envNameOf(name)} is` : `--${name} got`;
      const next = origin === 'env' ? `${envNameOf(name)}=` : `--${name} `;
      return usageFailure(`${said} ${quote(word)}`, {
        expected: choiceExpected(word, known),
        next: `${next}${instead(flagOf(name), word, known)}`,
      });
    }),
  );
};

/** Words that cannot be meant together. */
const contradictions = (command: CommandName, typed: Values, merged: Values): Failure[] => {
  const failures: Failure[] = [];
  const clash = (what: string, next: string | null = null) => failures.push(usageFailure(what, { next }));
  if (typed.resume && command !== 'run' && command !== 'resume') clash(`--resume does not go with ${command}`);
  if (typed['dry-run'] && command !== 'run' && command !== 'plan' && command !== 'checkpoint')
    clash(`--dry-run does not go with ${command}`);
  const actual = actualCommand(command, merged);
  if (typed.fresh && actual !== 'run' && actual !== 'plan' && actual !== 'resume')
    clash(`--fresh does not go with ${command}`);
  for (const name of ['answer', 'now', 'force', 'state-only', 'keep', 'follow', 'watch', 'skill'] as const) {
    const owner = flagOf(name).commands![0] as CommandName;
    if (typed[name] !== undefined && typed[name] !== false && actual !== owner)
      clash(
        `--${name} belongs to ${owner}`,
        `seqrun ${owner} --${name}${commandRow(owner).withoutSpec ? '' : ' --spec <dir>'}`,
      );
  }
  for (const name of ['detach', 'attach'] as const) {
    if (typed[name] && actual !== 'run' && actual !== 'resume')
      clash(`--${name} belongs to run and resume`, `seqrun --spec <dir> --${name}`);
  }
  if (typed['no-tmux'] && typed['tmux-session'] !== undefined)
    clash('--no-tmux and --tmux-session contradict each other');
  if (merged.resume && merged['dry-run'] && command === 'run') clash('--resume and --dry-run contradict each other');
  if (command === 'resume' && merged.fresh) clash('resume and --fresh contradict each other');
  if (merged.backend === 'command' && merged.command === undefined) {
    clash('--backend command has no command to run', `--command ${instead(flagOf('command'), '')}`);
  }
  if (typed.answer !== undefined && isPlaceholder(typed.answer))
    clash(
      `--answer got ${quote(typed.answer)}, which answers nothing`,
      'seqrun resume --spec <dir> --answer "Use SQLite"',
    );
  return failures;
};

/** Decisions of a person, refused where an agent could type them. */
const decidedInJob = (
  command: CommandName,
  args: readonly string[],
  values: Values,
  env: Env,
  world: WordsWorld,
): Failure[] => {
  const decisions = (['resume', 'fresh', 'accept-config', 'adopt-state', 'break-lock'] as const)
    .filter(name => values[name])
    .map(name => `--${name}`);
  if (decides(command, args)) decisions.unshift(commandRow(command).actions ? `${command} ${args[0]}` : command);
  const name = decisions.length === 0 ? null : jobMark(env, world);
  if (name === null) return [];
  return decisions.map(word =>
    usageFailure(`${word} is a person's decision and is refused inside a job of seqrun`, {
      where: { name },
      next: 'type it in a terminal of your own',
    }),
  );
};

/** Whether a person decides something with these words. */
const decides = (command: CommandName, args: readonly string[]): boolean => holdsFor(commandRow(command).decides, args);

/** Whether what the table says of a command, or of some of its actions, holds for these words. */
const holdsFor = (rule: true | readonly string[] | undefined, [action = '']: readonly string[]): boolean =>
  rule === true || rule?.includes(action) === true;

/** What tells that an agent may have typed this, or null. Clearing the environment must not be enough to be taken for a person. */
const jobMark = (env: Env, world: WordsWorld): string | null => {
  if (env.SEQRUN_START || env.SEQRUN) return env.SEQRUN_START ? 'SEQRUN_START' : 'SEQRUN';
  const within = world.withinStart();
  if (within === null) return null;
  return within.by === 'environment'
    ? `the mark of seqrun in the environment of process ${within.pid}`
    : `limit of file locks of process ${within.pid}, as only seqrun sets it for what an agent starts`;
};

/** Commands that take the only spec nearby when none is named. */
const guesses: ReadonlySet<CommandName> = new Set([
  'status',
  'handoff',
  'why',
  'logs',
  'receipt',
  'attach',
  'history',
  'pause',
  'stop',
  'plan',
  'doctor',
  'config',
  'lint',
  'todos',
  'checkpoint',
]);

/** `typed` = all that was typed. Where no spec is nearby the command has a word in its place that nobody takes for one. */
const missingSpec = (typed: readonly string[], nearby: string[]): Failure =>
  usageFailure('no spec is named', {
    expected: `--spec with the folder that holds tasks.md${
      nearby.length === 0 ? '; in the usual ones (.kiro/specs, specs, openspec/changes, …) there is none' : ''
    }`,
    next: `${['seqrun', ...typed.map(shellWord)].join(' ')} --spec ${shellWord(nearby[0] ?? 'DIR')}${
      nearby.length > 1 ? ` (also here: ${nearby.slice(1, 6).join(', ')})` : ''
    }`,
  });
