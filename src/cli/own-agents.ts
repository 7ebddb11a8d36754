// The key "agents" of the config file: programs of the user's own that become agents with a name, and how their ends are read.
import {
  checkPattern,
  type EndPattern,
  lineMax,
  type OwnAgent,
  type PatternKind,
  patternKinds,
} from '../compose/own-agents.ts';
import type { Step } from './config-text.ts';
import { type Failure, quote, usageFailure, type Where } from './errors.ts';
import { flagOf } from './flags.ts';
import { nearest } from './nearest.ts';
import { isQuick, trialMs } from './pattern-trial.ts';
import { checkTemplate, readTemplate } from './template.ts';

/** Names that may not be given to an agent of one's own: agents and owners that are there already. */
export const takenNames = [...flagOf('backend').choices!, 'codex-review'];

/** What a name looks like: it is typed, kept in journals, and part of file names. */
export const agentNamePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const nameMax = 32;

/** Patterns of one agent: each is tried on up to 220 lines when a start has ended. */
export const patternsMax = 50;

const example = '{ "agents": { "my-agent": { "command": "my-agent --file {prompt}" } } }';

/**
 * Reads the value of `agents`:
 *
 *     { "<name>": {
 *         "command": words of the program, one text split as a shell would or a list; {prompt} {workdir} {model} {session},
 *         "patterns": { "limit": […], "auth": […], "transient": […] },
 *         "after": […] } }
 *
 * `after` holds regular expressions of what the program writes to stdout after the answer. An item of `patterns` is a regular
 * expression, or `{ "match": …, "on": "stderr" | "stdout", "evenOnSuccess": true | false }`; see `EndPattern`. Everything that is wrong is reported. `at` tells where in the file something stands, from `agents` on.
 */
export const readOwnAgents = (
  given: unknown,
  at: (...path: Step[]) => Where,
  source = 'the config file',
): { agents: Record<string, OwnAgent> } | Failure[] => {
  const failures: Failure[] = [];
  const wrong: Wrong = (path, what, expected, next) => {
    failures.push(usageFailure(`"${nameOf(path)}" in ${source} ${what}`, { where: at(...path), expected, next }));
    return null;
  };
  const agents: Record<string, OwnAgent> = {};
  if (!isObject(given)) wrong([], 'is no object', 'names of agents, each with its command', example);
  else {
    for (const [name, value] of Object.entries(given)) {
      const path = [name];
      if (takenNames.includes(name)) {
        wrong(path, 'has a name that is taken', 'a name of its own', `for example "my-${name}"`);
      } else if (!agentNamePattern.test(name) || name.length > nameMax) {
        const next = `for example ${JSON.stringify(tidied(name))}`;
        wrong(path, 'has no name for an agent', `lower-case letters, digits and hyphens, at most ${nameMax}`, next);
      }
      const agent = readAgent(value, path, wrong);
      if (agent) agents[name] = agent;
    }
  }
  return failures.length > 0 ? failures : { agents };
};

type Wrong = (path: Step[], what: string, expected: string, next: string | null) => null;

const readAgent = (given: unknown, path: Step[], wrong: Wrong): OwnAgent | null => {
  if (!isObject(given)) return wrong(path, 'is no object', 'an object with "command"', example);
  knownKeys(given, ['command', 'patterns', 'after'], path, wrong);
  const command = readCommand(given, path, wrong);
  const patterns = given.patterns === undefined ? [] : readPatterns(given.patterns, [...path, 'patterns'], wrong);
  const after = given.after === undefined ? [] : readAfter(given.after, [...path, 'after'], wrong);
  return command && { command, patterns, after };
};

const readCommand = (given: Record<string, unknown>, path: Step[], wrong: Wrong): string[] | null => {
  const { command } = given;
  if (command === undefined) return wrong(path, 'has no "command"', 'the words that start it', example);
  const isList = Array.isArray(command) && command.every(word => typeof word === 'string');
  const reading = typeof command === 'string' ? readTemplate(command) : isList ? checkTemplate(command) : null;
  if (reading?.ok) return reading.argv;
  const expected = reading?.expected ?? 'a command: words, or a list of texts';
  return wrong(
    [...path, 'command'],
    'is no command that can be started',
    expected,
    '"command": "my-agent --file {prompt}"',
  );
};

const readPatterns = (given: unknown, path: Step[], wrong: Wrong): EndPattern[] => {
  const next = '{ "limit": ["rate limit.*resets at (?<clock>\\\\d{1,2}:\\\\d{2})"], "auth": ["invalid api key"] }';
  const patterns: EndPattern[] = [];
  if (!isObject(given)) {
    wrong(path, 'is no object', `lists of patterns under ${patternKinds.join(', ')}`, next);
    return patterns;
  }
  knownKeys(given, patternKinds, path, wrong);
  for (const kind of patternKinds) {
    const list = given[kind];
    if (list === undefined) continue;
    if (!Array.isArray(list)) {
      wrong([...path, kind], 'is no list', 'a list of regular expressions', next);
      continue;
    }
    for (const [k, item] of list.entries()) {
      const pattern = readPattern(kind, item, [...path, kind, k], wrong);
      if (pattern) patterns.push(pattern);
    }
  }
  if (patterns.length > patternsMax) {
    wrong(path, `has ${patterns.length} patterns`, `at most ${patternsMax}`, 'join some with |');
  }
  return patterns;
};

const readAfter = (given: unknown, path: Step[], wrong: Wrong): string[] => {
  if (!Array.isArray(given)) {
    wrong(path, 'is no list', 'a list of regular expressions', '"after": ["^Tokens: "]');
    return [];
  }
  if (given.length > patternsMax)
    wrong(path, `has ${given.length} patterns`, `at most ${patternsMax}`, 'join some with |');
  return given.filter((match, k): match is string =>
    typeof match === 'string'
      ? isUsable('after', match, [...path, k], wrong)
      : wrong([...path, k], 'is no pattern', 'a regular expression', '"^Tokens: "') !== null,
  );
};

const readPattern = (kind: PatternKind, item: unknown, path: Step[], wrong: Wrong): EndPattern | null => {
  const given: Record<string, unknown> | null =
    typeof item === 'string' ? { match: item } : isObject(item) ? item : null;
  const { match, on = 'stderr', evenOnSuccess = false } = given ?? {};
  if (given === null || typeof match !== 'string') {
    return wrong(
      path,
      'is no pattern',
      'a regular expression, or an object with "match"',
      '{ "match": "rate limit", "on": "stdout" }',
    );
  }
  knownKeys(given, ['match', 'on', 'evenOnSuccess'], path, wrong);
  if (on !== 'stderr' && on !== 'stdout') {
    return wrong(
      [...path, 'on'],
      `is ${JSON.stringify(on)}`,
      '"stderr" (where nothing is said) or "stdout"',
      '"on": "stdout"',
    );
  }
  if (typeof evenOnSuccess !== 'boolean') {
    return wrong(
      [...path, 'evenOnSuccess'],
      `is ${JSON.stringify(evenOnSuccess)}`,
      'true or false',
      '"evenOnSuccess": true',
    );
  }
  return isUsable(kind, match, path, wrong) ? { kind, match, on, evenOnSuccess } : null;
};

const isUsable = (kind: PatternKind | 'after', match: string, path: Step[], wrong: Wrong): boolean => {
  const problem = checkPattern(kind, match);
  if (problem) wrong(path, `${problem.what}: ${quote(match)}`, problem.expected, problem.next);
  else if (!isQuick(match)) {
    wrong(
      path,
      `takes too long on a line that nearly fits: ${quote(match)}`,
      `at most ${trialMs} ms for some lines of ${lineMax} characters`,
      'drop a .* at the beginning, it says nothing, and bound the others: .{0,80}',
    );
  } else return true;
  return false;
};

const knownKeys = (given: Record<string, unknown>, known: readonly string[], path: Step[], wrong: Wrong): void => {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    wrong([...path, key], 'is an unknown key', `one of ${known.join(', ')}`, near ? `did you mean "${near}"?` : null);
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `agents.aider.patterns.limit[0]` */
const nameOf = (path: readonly Step[]): string =>
  ['agents', ...path].map((step, k) => (typeof step === 'number' ? `[${step}]` : k === 0 ? step : `.${step}`)).join('');

const tidied = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-\d]+|-+$/g, '')
    .slice(0, nameMax) || 'my-agent';
