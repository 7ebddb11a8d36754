// Options of a function of the library → what they mean together with environment and config file, by the code of the command line.
import { resolve } from 'node:path';
import type { CommandName } from '../cli/command-table.ts';
import { completed } from '../cli/completed.ts';
import { readKeys } from '../cli/config.ts';
import { readConfigFile } from '../cli/config-file.ts';
import type { Failure } from '../cli/errors.ts';
import { configKeyOf, FLAG_NAMES, type FlagName, flagOf } from '../cli/flags.ts';
import type { Intention } from '../cli/intention.ts';
import { placesOf, specsNearby } from '../cli/places.ts';
import { bothWords } from '../cli/spec-words.ts';
import { type GivenCall, understand, type WordsWorld } from '../cli/words.ts';
import { withinStart } from '../compose/within.ts';
import { SeqrunError } from './error.ts';
import type { Surroundings } from './settings.ts';

/** A call, understood; and of the process what matters to it. */
export interface Call {
  intention: Intention;
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  cwd: string;
}

/** Settings that are decided for one run. */
const ofRuns: readonly FlagName[] = ['resume', 'answer', 'fresh', 'accept-config', 'adopt-state', 'break-lock'];

/**
 * Settings that are options: those that are meant to last, and `config`; with `run` also what is decided for one run. How things are
 * printed is none, nor what only commands for people take.
 */
export const optionNames = ({ run }: { run: boolean }): FlagName[] =>
  FLAG_NAMES.filter(name => {
    const { group, where, commands } = flagOf(name);
    if (ofRuns.includes(name)) return run;
    return name === 'config' || (group !== 'output' && where !== 'call' && commands === undefined);
  });

/** Understands the options. Rejects with a SeqrunError with everything that is wrong with them, with a variable, or with the config file. */
export const understandCall = async (command: CommandName, options: object): Promise<Call> => {
  const { env = process.env, cwd: typed = '.', ...rest } = options as Surroundings & Record<string, unknown>;
  const { signal: _, ...settings } = rest;
  const cwd = resolve(typed);
  const { values, failures } = readKeys(defined(settings), {
    name: 'the options object',
    at: (...path) => ({ name: path.reduce<string>((all, step) => all + stepText(step), 'options') }),
    keys: optionNames({ run: command === 'run' }).map(configKeyOf),
    whyNot: key => [
      `"${key}" is no option here`,
      { where: { name: `options.${key}` }, expected: null, next: 'leave it out' },
    ],
    folder: cwd,
  });
  const world = worldAt(cwd, values.workdir ?? cwd);
  const parsed = await meaningOf({ command, args: [], values, failures, words: [] }, env, world);
  if (parsed.kind === 'refused') throw new SeqrunError(parsed.failures);
  return { intention: parsed.intention, env, cwd };
};

/** The error for failures of a call that was understood: commands in them are completed with its spec. */
export const errorOf = ({ intention }: Pick<Call, 'intention'>, failures: readonly Failure[]): SeqrunError =>
  new SeqrunError(failures.map(failure => completed(failure, bothWords(intention, []))));

/** As on the command line the library for YAML is loaded where a file needs it. */
const meaningOf = async (given: GivenCall, env: Call['env'], world: WordsWorld) => {
  const parsed = understand(given, env, world);
  if (parsed.kind !== 'yaml') return parsed;
  const { readYaml } = await import('../cli/config-yaml.ts');
  const again = understand(given, env, { ...world, readYaml });
  if (again.kind === 'yaml') throw new Error('Internal error: YAML can be read, and is asked for again');
  return again;
};

/** `nearby` = where a spec is looked for when none is named. */
const worldAt = (cwd: string, nearby: string): WordsWorld => ({
  readConfigFile: asked =>
    readConfigFile(
      asked.config && resolve(cwd, asked.config),
      placesOf(asked.spec ?? cwd, asked.workdir ?? (asked.spec ? null : cwd), cwd).workdir,
    ),
  specsNearby: () => specsNearby(nearby).map(path => resolve(nearby, path)),
  withinStart,
});

/** An option that is undefined was not given. */
const defined = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const stepText = (step: string | number): string => (typeof step === 'number' ? `[${step}]` : `.${step}`);
