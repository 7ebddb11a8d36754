// The settings of a config file, checked. Keys are the flags' names in camelCase; an unknown one is refused.
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { type ConfigFile, formOf, hashOf, packageKey, textOf } from './config-file.ts';
import { type ConfigText, type ReadText, readJson, type Step } from './config-text.ts';
import { type Failure, usageFailure, type Where } from './errors.ts';
import type { Flag } from './flag.ts';
import { AGENT_CLIS, configKeyOf, FLAG_NAMES, type FlagName, flagOf, flagOfConfigKey, type Values } from './flags.ts';
import { readGates } from './gates.ts';
import { nearest } from './nearest.ts';
import { readOwnAgents } from './own-agents.ts';
import { checkTemplate } from './template.ts';
import { choiceExpected, expectedOf, instead, readValue } from './values.ts';

/** What a config file says. */
export interface Config {
  path: string;
  /** See `hashOf`. */
  hash: string;
  values: Values;
  /** Where a key stands, with its line. */
  at: (key: string) => Where;
}

/**
 * Every thing wrong with the file, or its values. Paths in it are made absolute, relative to its folder. `readYaml` reads a YAML file,
 * and may be null for any other.
 */
export const parseConfig = (file: ConfigFile, readYaml: ReadText | null = null): Config | Failure[] => {
  const form = formOf(file.path);
  const read = textIn(file, form === 'yaml' ? readYaml! : readJson);
  if (Array.isArray(read)) return read;
  const { value, at } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what =
      form === 'json' ? 'no JSON object' : form === 'yaml' ? 'no settings' : `no object under "${packageKey}"`;
    const where = form === 'json' ? { name: file.path } : at();
    return [usageFailure(`the config file holds ${what}`, { where, next: asWritten(form, 'delay', '15') })];
  }
  const { $schema, ...given } = value as Record<string, unknown>;
  const source: KeySource = {
    name: 'the config file',
    at,
    keys: CONFIG_KEYS,
    whyNot: (key, name) => [
      `"${key}" cannot stand in the config file: it is decided anew for each call`,
      { where: at(key), next: `take it out, and type --${name} when you mean it` },
    ],
    folder: dirname(file.path),
    asWritten: (key, json) => asWritten(form, key, json),
  };
  const { values, failures } = readKeys(given, source);
  if ($schema !== undefined && typeof $schema !== 'string') {
    const what = `"$schema" in the config file is ${typeWord($schema)}`;
    failures.push(usageFailure(what, { where: at('$schema'), expected: 'the path or address of a schema' }));
  }
  // Which agents there are is known only when all of the file was understood.
  if (failures.length === 0) failures.push(...unknownBackends(values, source));
  if (failures.length > 0) return failures;
  return { path: file.path, hash: hashOf(file), values, at };
};

/** Where settings by key come from. */
export interface KeySource {
  /** As messages call it: `the config file`. */
  name: string;
  /** Where a key, or something in its value, stands. */
  at: ConfigText['at'];
  /** Keys that may stand there. */
  keys: readonly string[];
  /** What is said of the key of another setting. */
  whyNot(key: string, name: FlagName): Parameters<typeof usageFailure>;
  /** What paths are relative to; absolute. */
  folder: string;
  /** A setting as it would be written there, its value as JSON; absent: `{ "delay": 15 }`. */
  asWritten?(key: string, json: string): string;
}

/** Reads settings by their keys, each as its flag says. Everything that is wrong is reported; `values` has the rest. */
export const readKeys = (
  settings: Readonly<Record<string, unknown>>,
  source: KeySource,
): { values: Values; failures: Failure[] } => {
  const { at, keys } = source;
  const failures: Failure[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(settings)) {
    const name = flagOfConfigKey(key);
    const where = at(key);
    if (name === null) {
      const near = nearest(key, keys);
      failures.push(
        usageFailure(`${source.name} has an unknown key "${key}"`, {
          where,
          expected: near === null ? `one of ${keys.join(', ')}` : exampleOf(source, flagOfConfigKey(near)!),
          next: near === null ? null : `did you mean "${near}"?`,
        }),
      );
    } else if (!keys.includes(key)) {
      failures.push(usageFailure(...source.whyNot(key, name)));
    } else if (name === 'agents') {
      const read = readOwnAgents(given, (...path) => at('agents', ...path), source.name);
      if (Array.isArray(read)) failures.push(...read);
      else values.agents = read.agents;
    } else if (name === 'verify') {
      const read = readGates(given, timeOfGate, (...path) => at('verify', ...path), source.name);
      if (Array.isArray(read)) failures.push(...read);
      else values.verify = read.gates;
    } else {
      const strange = flagOf(name).kind === 'modes' ? strangeAgent(given) : null;
      const parsed = v.safeParse(schemaOf(flagOf(name)), given);
      if (parsed.success) {
        values[name] = placed(flagOf(name), parsed.output, source.folder);
      } else if (strange !== null) {
        failures.push(
          usageFailure(`"${key}.${strange}" in ${source.name} is no agent with a mode`, {
            where: at(key, strange),
            expected: choiceExpected(strange, AGENT_CLIS),
            next: exampleOf(source, name),
          }),
        );
      } else {
        failures.push(
          usageFailure(`"${key}" in ${source.name} is ${typeWord(given)}`, {
            where,
            expected: parsed.issues[0].message,
            next: exampleOf(source, name, given),
          }),
        );
      }
    }
  }
  return { values: values as Values, failures };
};

/** Names of agents that are neither known without settings nor among these values. */
const unknownBackends = (values: Values, source: KeySource): Failure[] => {
  const agents = agentChoices(values);
  return (['backend', 'assign-backend'] as const).flatMap(name => {
    const word = values[name];
    if (word === undefined || agents.includes(word)) return [];
    const key = configKeyOf(name);
    return usageFailure(`"${key}" in ${source.name} is ${typeWord(word)}`, {
      where: source.at(key),
      expected: choiceExpected(word, agents),
      next: exampleOf(source, name, word, agents),
    });
  });
};

/** The text of a file; of package.json the value of its key, with the places in the whole file. */
const textIn = (file: ConfigFile, read: ReadText): ConfigText | Failure[] => {
  const whole = read(file.path, textOf(file.bytes));
  if (Array.isArray(whole) || formOf(file.path) !== 'package') return whole;
  const { value, at } = whole;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, packageKey)) {
    const next = `"${packageKey}": { "delay": 15 }`;
    return [usageFailure(`this package.json has no key "${packageKey}"`, { where: { name: file.path }, next })];
  }
  return {
    value: (value as Record<string, unknown>)[packageKey],
    at: (...path: Step[]) => at(packageKey, ...path),
  };
};

/** `{ "maxIterations": 50 }`, as it would stand in a file of that form. `value` is JSON, which is YAML too. */
const asWritten = (form: ReturnType<typeof formOf>, key: string, value: string): string =>
  form === 'yaml' ? `${key}: ${value}` : `${form === 'package' ? `"${packageKey}": ` : ''}{ "${key}": ${value} }`;

/** Agents that may be named where these are the values of the config file. */
export const agentChoices = (config: Values): string[] => [
  ...flagOf('backend').choices!,
  ...Object.keys(config.agents ?? {}),
];

/** The first name that is no agent with a mode, or null. */
const strangeAgent = (given: unknown): string | null =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
    ? (Object.keys(given).find(name => !AGENT_CLIS.includes(name)) ?? null)
    : null;

/** A value with its paths made absolute. */
const placed = ({ kind }: Flag, value: unknown, folder: string): unknown => {
  if (kind === 'path') return resolve(folder, value as string);
  return kind === 'paths' ? (value as string[]).map(path => resolve(folder, path)) : value;
};

/** The schema of a key's value, made from its flag. Text forms are read as on the command line. */
const schemaOf = (flag: Flag): v.GenericSchema<unknown, unknown> => {
  const expected = expectedOf(flag);
  const asText = (schema: v.GenericSchema<unknown, string>) =>
    v.pipe(
      schema,
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const reading = readValue(flag, dataset.value);
        if (reading.ok) return reading.value;
        addIssue({ message: reading.expected });
        return NEVER;
      }),
    );
  switch (flag.kind) {
    case 'switch':
      return v.boolean(expected);
    case 'count':
    case 'seconds':
      return v.pipe(
        v.number(expected),
        v.transform(value => (flag.kind === 'seconds' ? value * 1000 : value)),
        v.check(value => flag.kind === 'seconds' || Number.isInteger(value), expected),
        v.minValue(flag.min!, expected),
        v.maxValue(flag.max!, expected),
        v.transform(Math.round),
      );
    case 'paths': {
      const path = v.pipe(v.string(expected), v.trim(), v.nonEmpty(expected));
      return v.union([asText(v.string()), v.pipe(v.array(path, expected), v.nonEmpty(expected))], expected);
    }
    case 'ids': {
      const id = v.pipe(v.string(expected), v.trim(), v.nonEmpty(expected));
      return v.union([asText(v.string()), v.pipe(v.array(id, expected), v.nonEmpty(expected))], expected);
    }
    case 'choices':
      return v.union(
        [
          asText(v.string()),
          v.pipe(
            v.array(v.picklist(flag.choices!, expected), expected),
            v.nonEmpty(expected),
            v.transform(words => [...new Set(words)]),
          ),
        ],
        expected,
      );
    case 'argv':
      return v.pipe(
        v.union([v.string(), v.array(v.string())], expected),
        v.rawTransform(({ dataset, addIssue, NEVER }) => {
          const given = dataset.value;
          const reading = typeof given === 'string' ? readValue(flag, given) : asReading(checkTemplate(given));
          if (reading.ok) return reading.value;
          addIssue({ message: reading.expected });
          return NEVER;
        }),
      );
    case 'modes':
      return v.pipe(
        // A list would be a record of nothing.
        v.custom<Record<string, unknown>>(value => !Array.isArray(value), expected),
        v.record(
          // The others have none: what they may do is up to the command, or nothing is really done.
          v.picklist(AGENT_CLIS, expected),
          v.picklist(flagOf('agent-mode').choices!, expectedOf(flagOf('agent-mode'))),
          expected,
        ),
      );
    default:
      return asText(v.string(expected));
  }
};

/** The time of one gate, as `--verify-timeout` is written. */
const timeOfGate = {
  expected: expectedOf(flagOf('verify-timeout')),
  read: (given: unknown): number | null => {
    const reading = typeof given === 'string' ? readValue(flagOf('verify-timeout'), given) : null;
    return reading?.ok ? (reading.value as number) : null;
  },
};

const asReading = (reading: ReturnType<typeof checkTemplate>) =>
  reading.ok ? { ok: true as const, value: reading.argv } : reading;

/** Keys that may stand in the file. */
const CONFIG_KEYS = FLAG_NAMES.filter(name => flagOf(name).where !== 'call').map(configKeyOf);

/** An example as it would be written, or the choice that was probably meant by `given`. */
const exampleOf = (
  { asWritten: written = (key, json) => `{ "${key}": ${json} }` }: KeySource,
  name: FlagName,
  given?: unknown,
  choices?: readonly string[],
): string => {
  const { kind } = flagOf(name);
  const meant = kind === 'choice' && typeof given === 'string';
  const example = meant ? instead(flagOf(name), given, choices) : flagOf(name).example;
  const plain = ['count', 'seconds', 'argv', 'modes', 'agents', 'gates'].includes(kind);
  return written(configKeyOf(name), kind === 'switch' ? 'true' : plain ? example! : JSON.stringify(example));
};

const typeWord = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list: ${JSON.stringify(value).slice(0, 80)}`;
  if (typeof value === 'object') return 'an object';
  return `${typeof value === 'string' ? 'the text' : `the ${typeof value}`} ${JSON.stringify(value).slice(0, 80)}`;
};
