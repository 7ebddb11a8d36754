// The JSON Schema (draft 2020-12) of a config file, made from the flag table at build time: editors check and complete with it. Pure.
import { patternKinds } from '../compose/own-agents.ts';
import { gateLevels } from '../core/gate.ts';
import { defaultOf, exampleValue } from './config-values.ts';
import type { Flag } from './flag.ts';
import { AGENT_CLIS, configKeyOf, FLAG_NAMES, type FlagName, flagOf } from './flags.ts';
import { nameMax as gateNameMax, gateNamePattern, gateNamesTaken } from './gates.ts';
import { EXCLUSIVE, harmlessBeside } from './layers.ts';
import { agentNamePattern, nameMax, patternsMax, takenNames } from './own-agents.ts';
import { durationPattern } from './values.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Takes all that the parser takes. What a schema cannot say is left to the parser: the longest times, quotes within commands, what a
 * pattern may be, names that occur twice, and agents that are named and not there.
 */
export const configSchema = (): Schema => {
  const names = FLAG_NAMES.filter(name => flagOf(name).where !== 'call');
  const keys = new Set<FlagName>(names);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of seqrun',
    description:
      'seqrun.config.json, seqrun.config.yaml, or the key "seqrun" of package.json. Flags and SEQRUN_ variables win over them.',
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for editors' },
      ...Object.fromEntries(names.map(name => [configKeyOf(name), propertyOf(flagOf(name))])),
    },
    additionalProperties: false,
    allOf: EXCLUSIVE.filter(pair => pair.every(name => keys.has(name))).map(([a, b]) => contradiction(a, b)),
  };
};

const propertyOf = (flag: Flag): Schema => {
  const fallback = defaultOf(flag);
  const example = exampleValue(flag);
  return {
    description: `${flag.help}${fallback === undefined && flag.fallback !== undefined ? ` (${flag.fallback})` : ''}`,
    ...typeOf(flag),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(example === undefined ? {} : { examples: [example] }),
  };
};

/** Not blank, and without the character that ends a text in other languages. */
const text: Schema = { type: 'string', pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$' };

/** Comma-separated items of that pattern. */
const listed = (item: string): string => `^\\s*${item}\\s*(?:,\\s*${item}\\s*)*$`;

const typeOf = (flag: Flag): Schema => {
  switch (flag.kind) {
    case 'switch':
      return { type: 'boolean' };
    case 'count':
      return { type: 'integer', minimum: flag.min, maximum: flag.max };
    case 'seconds':
      return { type: 'number', minimum: flag.min! / 1000, maximum: flag.max! / 1000 };
    case 'duration':
      return duration(flag);
    case 'choice':
      return flag.ownAgents ? { anyOf: [{ enum: flag.choices }, agentName] } : { enum: flag.choices };
    case 'choices':
      return {
        anyOf: [
          { type: 'string', pattern: listed(`(?:${flag.choices!.join('|')})`) },
          { type: 'array', items: { enum: flag.choices }, minItems: 1 },
        ],
      };
    case 'ids':
      return {
        anyOf: [
          { type: 'string', pattern: listed('[^,\\s](?:[^,]*[^,\\s])?') },
          { type: 'array', items: { type: 'string', pattern: '\\S' }, minItems: 1 },
        ],
      };
    case 'argv':
      return command;
    case 'modes':
      return {
        type: 'object',
        propertyNames: { enum: AGENT_CLIS },
        additionalProperties: { enum: flagOf('agent-mode').choices },
      };
    case 'agents':
      return { type: 'object', propertyNames: agentName, additionalProperties: ownAgent };
    case 'gates':
      return gates;
    case 'clock':
      return { type: 'string', pattern: '^\\s*(?:\\d|[01]\\d|2[0-3]):[0-5]\\d\\s*$' };
    case 'paths':
      return { anyOf: [text, { type: 'array', items: { type: 'string', pattern: '\\S' }, minItems: 1 }] };
    default:
      return text;
  }
};

/** At least one digit that is no zero, where nothing at all will not do. */
const duration = ({ min }: Flag): Schema => ({
  type: 'string',
  pattern: min === 0 ? durationPattern : durationPattern.replace('^', '^(?=.*[1-9])'),
});

const word: Schema = { type: 'string', pattern: '^[^\\u0000]*$' };

/** The words of a program. How a text is cut into words, the parser says. */
const command: Schema = {
  anyOf: [text, { type: 'array', prefixItems: [text], items: word, minItems: 1 }],
};

const agentName: Schema = {
  type: 'string',
  pattern: agentNamePattern.source,
  maxLength: nameMax,
  not: { enum: takenNames },
};

const pattern: Schema = {
  anyOf: [
    { type: 'string', pattern: '\\S' },
    {
      type: 'object',
      properties: {
        match: { type: 'string', pattern: '\\S', description: 'A regular expression, tried on single lines' },
        on: { enum: ['stderr', 'stdout'], default: 'stderr' },
        evenOnSuccess: { type: 'boolean', default: false },
      },
      required: ['match'],
      additionalProperties: false,
    },
  ],
};

const ownAgent: Schema = {
  type: 'object',
  properties: {
    command: { description: 'The words that start it; {prompt} {workdir} {model} {session} are filled in', ...command },
    patterns: {
      description: 'How lines of its output show that it ended in a limit, without a login, or for a passing reason',
      type: 'object',
      properties: Object.fromEntries(
        patternKinds.map(kind => [kind, { type: 'array', items: pattern, maxItems: patternsMax }]),
      ),
      additionalProperties: false,
    },
    after: {
      description: 'What it writes to stdout after the answer',
      type: 'array',
      items: { type: 'string', pattern: '\\S' },
      maxItems: patternsMax,
    },
  },
  required: ['command'],
  additionalProperties: false,
};

const gate = (more: Record<string, Schema> = {}): Schema => ({
  anyOf: [
    text,
    {
      type: 'object',
      properties: { command: text, timeout: duration(flagOf('verify-timeout')), ...more },
      required: ['command'],
      additionalProperties: false,
    },
  ],
});

const gates: Schema = {
  anyOf: [
    text,
    {
      type: 'array',
      items: gate({
        name: {
          type: 'string',
          pattern: gateNamePattern.source,
          maxLength: gateNameMax,
          not: { pattern: gateNamesTaken.source },
        },
      }),
      minItems: 1,
    },
    {
      type: 'object',
      properties: Object.fromEntries(gateLevels.map(level => [level, gate()])),
      additionalProperties: false,
      minProperties: 1,
    },
  ],
};

/** Two settings that one file cannot both hold. */
const contradiction = (a: FlagName, b: FlagName): Schema => ({
  not: {
    required: [configKeyOf(a), configKeyOf(b)],
    properties: { [configKeyOf(a)]: says(a, b), [configKeyOf(b)]: says(b, a) },
  },
});

/** The values with which it contradicts the other one. */
const says = (name: FlagName, other: FlagName): Schema | true => {
  const harmless = harmlessBeside(name, other);
  return harmless === undefined ? true : { not: { const: harmless } };
};
