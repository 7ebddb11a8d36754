// seqrun.config.json: found, read, checked. Keys are the flags' names in camelCase; an unknown one is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { type JsonNode, scanJson } from '../spec/todos/json.ts';
import { type Failure, usageFailure, type Where } from './errors.ts';
import type { Flag } from './flag.ts';
import { AGENT_CLIS, configKeyOf, FLAG_NAMES, type FlagName, flagOf, flagOfConfigKey, type Values } from './flags.ts';
import { readGates } from './gates.ts';
import { nearest } from './nearest.ts';
import { readOwnAgents } from './own-agents.ts';
import { checkTemplate } from './template.ts';
import { choiceExpected, expectedOf, instead, readValue } from './values.ts';

/** The file's name in the workdir. */
export const configName = 'seqrun.config.json';

/** The bytes of a config file. */
export interface ConfigFile {
  /** Absolute. */
  path: string;
  bytes: Uint8Array;
}

/** What a config file says. */
export interface Config {
  path: string;
  /** `sha256:` and the hex digest of the bytes as they were read. */
  hash: string;
  values: Values;
  /** Where a key stands, with its line. */
  at: (key: string) => Where;
}

/**
 * Reads the file that `--config` names (missing = 66), else seqrun.config.json in `workdir` (missing = null).
 * A file that is there and cannot be read is 66 too.
 */
export const readConfigFile = (asked: string | null, workdir: string): ConfigFile | Failure | null => {
  const path = resolve(asked ?? join(workdir, configName));
  try {
    return { path, bytes: readFileSync(path) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (asked === null && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    const what = code === 'ENOENT' ? 'the config file does not exist' : `the config file cannot be read (${code})`;
    return { exit: 66, what, where: { name: path }, expected: 'a JSON file', next: 'seqrun --help lists the settings' };
  }
};

/** Every thing wrong with the file, or its values. Paths in it are made absolute, relative to its folder. */
export const parseConfig = (file: ConfigFile): Config | Failure[] => {
  const text = new TextDecoder('utf-8').decode(file.bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [syntaxFailure(file.path, text, error)];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [
      usageFailure('the config file holds no JSON object', { where: { name: file.path }, next: '{ "delay": 15 }' }),
    ];
  }
  const at = placesIn(file.path, text);
  const { $schema: _, ...given } = value as Record<string, unknown>;
  const source: KeySource = {
    name: 'the config file',
    at,
    keys: CONFIG_KEYS,
    whyNot: (key, name) => [
      `"${key}" cannot stand in the config file: it is decided anew for each call`,
      { where: at(key), next: `take it out, and type --${name} when you mean it` },
    ],
    folder: dirname(file.path),
  };
  const { values, failures } = readKeys(given, source);
  // Which agents there are is known only when all of the file was understood.
  if (failures.length === 0) failures.push(...unknownBackends(values, source));
  if (failures.length > 0) return failures;
  const hash = `sha256:${createHash('sha256').update(file.bytes).digest('hex')}`;
  return { path: file.path, hash, values, at };
};

/** Where settings by key come from. */
export interface KeySource {
  /** As messages call it: `the config file`. */
  name: string;
  /** Where a key, or something in its value, stands. */
  at: (...path: (string | number)[]) => Where;
  /** Keys that may stand there. */
  keys: readonly string[];
  /** What is said of the key of another setting. */
  whyNot(key: string, name: FlagName): Parameters<typeof usageFailure>;
  /** What paths are relative to; absolute. */
  folder: string;
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
          expected: near === null ? `one of ${keys.join(', ')}` : exampleOf(flagOfConfigKey(near)!),
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
      const parsed = v.safeParse(schemaOf(flagOf(name)), given);
      if (parsed.success) {
        values[name] = flagOf(name).kind === 'path' ? resolve(source.folder, parsed.output as string) : parsed.output;
      } else {
        failures.push(
          usageFailure(`"${key}" in ${source.name} is ${typeWord(given)}`, {
            where,
            expected: parsed.issues[0].message,
            next: exampleOf(name, given),
          }),
        );
      }
    }
  }
  return { values: values as Values, failures };
};

/** Names of agents that are neither known without settings nor among these values. */
const unknownBackends = (values: Values, { at, name: source }: KeySource): Failure[] => {
  const agents = agentChoices(values);
  return (['backend', 'assign-backend'] as const).flatMap(name => {
    const word = values[name];
    if (word === undefined || agents.includes(word)) return [];
    const key = configKeyOf(name);
    return usageFailure(`"${key}" in ${source} is ${typeWord(word)}`, {
      where: at(key),
      expected: choiceExpected(word, agents),
      next: exampleOf(name, word, agents),
    });
  });
};

/** Agents that may be named where these are the values of the config file. */
export const agentChoices = (config: Values): string[] => [
  ...flagOf('backend').choices!,
  ...Object.keys(config.agents ?? {}),
];

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
        v.transform(value => (flag.kind === 'seconds' ? Math.round(value * 1000) : value)),
        v.check(value => flag.kind === 'seconds' || Number.isInteger(value), expected),
        v.minValue(flag.min!, expected),
        v.maxValue(flag.max!, expected),
      );
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
      return v.record(
        // The others have none: what they may do is up to the command, or nothing is really done.
        v.picklist(AGENT_CLIS, expected),
        v.picklist(flagOf('agent-mode').choices!, expectedOf(flagOf('agent-mode'))),
        expected,
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

/** `{ "maxIterations": 50 }`, or the choice that was probably meant by `given`. */
const exampleOf = (name: FlagName, given?: unknown, choices?: readonly string[]): string => {
  const { kind } = flagOf(name);
  const meant = kind === 'choice' && typeof given === 'string';
  const example = meant ? instead(flagOf(name), given, choices) : flagOf(name).example;
  const plain = ['count', 'seconds', 'argv', 'modes', 'agents', 'gates'].includes(kind);
  const bare = kind === 'switch' ? 'true' : plain ? example : null;
  return `{ "${configKeyOf(name)}": ${bare ?? JSON.stringify(example)} }`;
};

const typeWord = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list: ${JSON.stringify(value).slice(0, 80)}`;
  if (typeof value === 'object') return 'an object';
  return `${typeof value === 'string' ? 'the text' : `the ${typeof value}`} ${JSON.stringify(value).slice(0, 80)}`;
};

/** Tells where in a valid JSON text something stands, by keys and indexes from the top: the key, or the item of a list. */
const placesIn = (name: string, text: string): ((...path: (string | number)[]) => Where) => {
  const scan = scanJson(text);
  return (...path) => {
    let node: JsonNode | null = scan.kind === 'read' ? scan.root : null;
    let index = node?.at ?? 0;
    for (const step of path) {
      if (node?.kind === 'object') {
        // Of a key that stands twice the last one counts.
        const member = node.members.findLast(({ key }) => key === step);
        index = member?.keyAt ?? index;
        node = member?.value ?? null;
      } else if (node?.kind === 'array') {
        node = node.items[Number(step)] ?? null;
        index = node?.at ?? index;
      }
    }
    return scan.kind === 'read' ? placeAt(name, text, index) : { name };
  };
};

const placeAt = (name: string, text: string, index: number): Where => {
  const before = text.slice(0, index).split('\n');
  const column = before.at(-1)!.length + 1;
  return { name, line: before.length, column, source: text.split('\n')[before.length - 1]!.replace(/\r$/, '') };
};

const syntaxFailure = (path: string, text: string, error: unknown): Failure => {
  const message = (error as Error).message;
  const position = /position (\d+)/.exec(message);
  // V8 names no position when the text ends too early.
  const where = placeAt(path, text, position ? Number(position[1]) : text.trimEnd().length);
  // V8 quotes the text in the message; the line is shown anyway.
  const reason = message.replace(/,? ?"[\s\S]*" is not valid JSON| in JSON at position[\s\S]*/, '');
  return usageFailure('the config file is not valid JSON', {
    where,
    expected: reason === '' ? 'JSON without comments and trailing commas' : reason,
    next: 'JSON knows no comments and no comma after the last entry',
  });
};
