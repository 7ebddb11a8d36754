// The JSON Schema of a config file, against an independent validator: what it takes and refuses, and that the parser agrees.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { parseConfig } from '../../src/cli/config.ts';
import { configSchema } from '../../src/cli/config-schema.ts';
import { defaultOf, exampleValue } from '../../src/cli/config-values.ts';
import { configKeyOf, FLAG_NAMES, type FlagName, flagOf } from '../../src/cli/flags.ts';
import { mergeLayers } from '../../src/cli/layers.ts';
import { isQuick } from '../../src/cli/pattern-trial.ts';
import { settingsOf } from '../../src/cli/settings.ts';
import { durationMs } from '../../src/cli/values.ts';

const schema = configSchema();
const validate = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  strictTuples: false,
  allErrors: true,
}).compile(schema);

/** What the validator says against a value, each with its place. */
const complaints = (value: unknown): string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );

const parsed = (value: unknown) =>
  parseConfig({ path: '/repo/seqrun.config.json', bytes: Buffer.from(JSON.stringify(value)) });

/** What the parser says of a file, with what one file cannot hold together. */
const parserTakes = (value: unknown): boolean => {
  const config = parsed(value);
  return !Array.isArray(config) && mergeLayers([{ origin: 'config', values: config.values }]).failures.length === 0;
};

const settings = FLAG_NAMES.filter(name => flagOf(name).where !== 'call');

describe('every setting', () => {
  const properties = schema.properties as Record<string, Record<string, unknown>>;

  it('has a description, and none that is decided for one call is there', () => {
    expect(Object.keys(properties)).toEqual(['$schema', ...settings.map(configKeyOf)]);
    for (const [key, { description }] of Object.entries(properties)) expect(description, key).toMatch(/\w{4}/);
  });

  it('has an example that both take, or is a switch', () => {
    for (const name of settings) {
      const { examples } = properties[configKeyOf(name)]!;
      if (flagOf(name).kind === 'switch') continue;
      expect(examples, name).toEqual([exampleValue(flagOf(name))]);
      const agents = flagOf(name).kind === 'agents' ? {} : { agents: { 'my-agent': { command: 'x' } } };
      const value = { ...agents, [configKeyOf(name)]: (examples as unknown[])[0] };
      expect(complaints(value), name).toEqual([]);
      expect(parsed(value), name).not.toBeInstanceOf(Array);
    }
  });

  it('has the default that holds where nothing is said', () => {
    const nothing = settingsOf({}, { agent: null, model: null });
    const said = Object.fromEntries(
      settings
        // Said at all, it means the boxes of a rehearsal, too.
        .filter(name => defaultOf(flagOf(name)) !== undefined && name !== 'no-write-tasks')
        .map(name => [configKeyOf(name), properties[configKeyOf(name)]!.default]),
    );
    expect(Object.keys(said).length).toBeGreaterThan(20);
    expect(complaints(said)).toEqual([]);
    const config = parsed(said);
    if (Array.isArray(config)) throw new Error(JSON.stringify(config));
    expect(settingsOf(config.values, { agent: null, model: null })).toEqual(nothing);
  });
});

describe('examples', () => {
  const root = new URL('../../', import.meta.url);
  const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
  const pages = readdirSync(new URL('docs/', root)).filter(name => name.endsWith('.md'));
  const blocks = pages
    .flatMap(name => [...text(`docs/${name}`).matchAll(/^```(json|ya?ml) config\n([\s\S]*?)^```$/gm)])
    .map(
      ([, form, block]) =>
        (form === 'json' ? JSON.parse(block!) : parseDocument(block!).toJS()) as Record<string, unknown>,
    )
    .map(value => ('seqrun' in value ? value.seqrun : value));
  const templates = readdirSync(new URL('templates/agents/', root))
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(text(`templates/agents/${name}`)));
  const repository = ['seqrun.config.json', 'examples/seqrun.config.json']
    .filter(path => existsSync(new URL(path, root)))
    .map(path => JSON.parse(text(path)));

  it('are there', () => {
    expect(blocks.length).toBeGreaterThan(5);
    expect(templates.length).toBeGreaterThan(1);
  });

  it.each([...blocks, ...templates, ...repository].map(value => [JSON.stringify(value).slice(0, 80), value]))(
    '%s',
    (_, value) => {
      expect(complaints(value)).toEqual([]);
      expect(parserTakes(value)).toBe(true);
    },
  );

  it('of every form are taken', () => {
    const value = {
      $schema: './node_modules/seqrun/dist/seqrun.schema.json',
      spec: '.kiro/specs/a',
      delay: 0.5,
      timeout: '1h30m',
      limitMargin: '0s',
      only: ['1', '2.10'],
      require: 'signal, change',
      command: ['agent', '{model}'],
      agentModes: { claude: 'full' },
      agents: {
        mine: {
          command: 'x',
          patterns: { limit: ['a', { match: 'b', on: 'stdout', evenOnSuccess: true }] },
          after: ['^c'],
        },
      },
      assignBackend: 'mine',
      verify: { test: { command: 'npm test', timeout: '90s' }, lint: 'biome' },
    };
    expect(complaints(value)).toEqual([]);
    expect(parserTakes(value)).toBe(true);
  });
});

describe('mistakes', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { maxIteration: 5 }, /additional properties.*maxIteration/],
    ['a nested unknown key', { agents: { mine: { comand: 'x', command: 'y' } } }, /^\/agents\/mine .*"comand"/m],
    ['a level that is none', { verify: { tests: 'x' } }, /^\/verify .*"tests"/m],
    ['a number of another kind', { maxAttempts: 1.5 }, /^\/maxAttempts must be integer/],
    ['a number out of bounds', { delay: -1 }, /^\/delay must be >= 0/],
    ['a time without its unit', { timeout: '90' }, /^\/timeout must match pattern/],
    ['a time as a number', { timeout: 90 }, /^\/timeout must be string/],
    ['no time at all', { timeout: '0s' }, /^\/timeout must match pattern/],
    ['a word that is no choice', { onFail: 'explode' }, /^\/onFail must be equal to one of the allowed values.*halt/],
    ['a text for a switch', { json: 'yes' }, /^\/json must be boolean/],
    ['an agent without a mode', { agentModes: { claud: 'full' } }, /^\/agentModes property name must be valid.*claud/m],
    [
      'an agent with a name that is taken',
      { agents: { codex: { command: 'x' } } },
      /^\/agents property name must be valid/m,
    ],
    ['no command', { agents: { mine: {} } }, /^\/agents\/mine must have required property 'command'/],
    ['an empty list', { require: [] }, /^\/require must NOT have fewer than 1 items/m],
    ['a blank text', { model: ' ' }, /^\/model must match pattern/],
    ['what is decided for one call', { fresh: true }, /additional properties.*fresh/],
    ['what contradicts itself', { quiet: true, verbose: true }, /must NOT be valid/],
    ['no object', [], /must be object/],
  ])('%s', (_, value, error) => {
    expect(complaints(value).join('\n')).toMatch(error);
    expect(parserTakes(value)).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a switch that is off', { quiet: false, verbose: true }],
    ['words that agree', { assign: 'none', noAssign: true }],
    ['a backend that is the command', { backend: 'command', command: 'x' }],
  ])('%s contradicts nothing', (_, value) => {
    expect(complaints(value)).toEqual([]);
    expect(parserTakes(value)).toBe(true);
  });
});

describe('on any values the schema takes what the parser takes', () => {
  const oddText = fc.constantFrom(
    '',
    ' ',
    '\t\n',
    'x',
    'x y',
    ' x ',
    'a\u0000b',
    'none',
    '5',
    '\ufeff',
    '1, 2',
    ',',
    '1,,2',
    ' a , b ',
  );
  const oddScalar = fc.oneof(
    oddText,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant([]),
    fc.constant({}),
  );
  // How long a time may be, the parser alone says.
  const time = fc
    .oneof(
      fc.stringMatching(/^(\d{1,3}d)?(\d{1,2}h)?(\d{1,2}m)?(\d{1,2}s)?(\d{1,2}ms)?$/),
      fc.constantFrom('0s', '90', '1m1h', '-1s', '0', '1.5h', '000ms'),
      oddText,
    )
    .filter(text => (durationMs(text) ?? 0) <= 24 * 60 * 60_000);
  const listOf = (item: fc.Arbitrary<unknown>) =>
    fc.oneof(
      item,
      fc.array(item, { maxLength: 3 }),
      fc.array(item, { maxLength: 3 }).map(items => items.join(',')),
    );
  // What is within a command or a pattern is the parser's alone, so both come from texts that are plainly one or none.
  const words = fc.constantFrom('agent', 'agent --model {model}', '', ' ', 'a\u0000b', 'a\tb');
  const command = fc.oneof(
    words,
    fc.array(words, { maxLength: 3 }),
    oddScalar.filter(value => typeof value !== 'string'),
  );
  const pattern = fc.oneof(
    fc.constantFrom('rate limit', 'quota', '', ' '),
    fc.record(
      {
        match: fc.constantFrom('busy', ''),
        on: fc.constantFrom('stderr', 'stdout', 'both'),
        evenOnSuccess: fc.constantFrom(true, false, 'no'),
        of: fc.constant(1),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom(5, null),
  );
  const patterns = fc.array(pattern, { maxLength: 2 });
  const ownAgent = fc.oneof(
    fc.record(
      {
        command,
        patterns: fc.oneof(
          fc.record({ limit: patterns, auth: patterns, transient: patterns, limits: patterns }, { requiredKeys: [] }),
          oddScalar,
        ),
        after: fc.oneof(fc.array(fc.constantFrom('^Tokens', '', 5), { maxLength: 2 }), oddScalar),
        comand: fc.constant('x'),
      },
      { requiredKeys: [] },
    ),
    oddScalar,
  );
  const agentName = fc.oneof(
    fc.constantFrom('mine', 'my-agent', 'codex', 'codex-review', 'Mine', '-', 'a--b', 'x'.repeat(33), '1a'),
    fc.stringMatching(/^[a-z0-9-]{1,5}$/),
  );
  const gate = fc.oneof(
    oddScalar,
    fc.record(
      { command: oddText, timeout: time, name: fc.constant('unit'), cmd: fc.constant('x') },
      { requiredKeys: [] },
    ),
  );
  const gateNames = fc.constantFrom('unit', 'unit-2', 'task', 'task-3', 'taskforce', 'Unit', '', 5, 'x'.repeat(33));
  const namedGates = fc.uniqueArray(fc.record({ command: oddText, name: gateNames }, { requiredKeys: ['command'] }), {
    maxLength: 3,
    selector: ({ name }) => name,
  });
  const gates = fc.oneof(
    gate,
    fc.array(gate, { maxLength: 2 }),
    namedGates,
    fc.dictionary(fc.constantFrom('compile', 'lint', 'test', 'ui', 'integration', 'tests'), gate, { maxKeys: 3 }),
  );

  const valueFor = (name: FlagName): fc.Arbitrary<unknown> => {
    const { kind, choices = [], min = 0, max = 0, ownAgents } = flagOf(name);
    const scale = kind === 'seconds' ? 1000 : 1;
    switch (kind) {
      case 'count':
      case 'seconds':
        return fc.oneof(
          fc.double({ min: (min - 2) / scale, max: (max + 2) / scale, noNaN: true }),
          fc.integer({ min: min - 1, max: max + 1 }),
          fc.constantFrom(min / scale, max / scale, (min - 1) / scale, (max + 1) / scale),
          oddScalar,
        );
      case 'duration':
        return fc.oneof(time, oddScalar);
      case 'choice':
        // Whether an agent of that name is there, the parser alone says.
        return ownAgents
          ? fc.oneof(fc.constantFrom(...choices), fc.constantFrom('My Agent', '', 5, null))
          : fc.oneof(fc.constantFrom(...choices), oddScalar);
      case 'choices':
        return fc.oneof(listOf(fc.oneof(fc.constantFrom(...choices, ` ${choices[0]} `), oddText)), oddScalar);
      case 'ids':
      case 'paths':
        return fc.oneof(listOf(fc.oneof(fc.constantFrom('1', '2.10'), oddText)), oddScalar);
      case 'clock':
        return fc.oneof(
          fc.stringMatching(/^\d{1,3}:\d{1,3}$/),
          fc.constantFrom('23:59', '24:00', '7:05', ' 07:05 ', '7:5'),
          oddScalar,
        );
      case 'argv':
        return command;
      case 'modes':
        return fc.oneof(
          fc.dictionary(fc.constantFrom('claude', 'codex', 'command', 'x'), fc.constantFrom('safe', 'full', 'yolo', 1)),
          oddScalar,
        );
      case 'agents':
        return fc.oneof(fc.dictionary(agentName, ownAgent, { maxKeys: 2 }), oddScalar);
      case 'gates':
        return gates;
      default:
        return oddScalar;
    }
  };

  const agree = (value: unknown): void => {
    const said = complaints(value);
    expect(parserTakes(value), `${JSON.stringify(value)}\n${said.join('\n')}`).toBe(said.length === 0);
  };

  it.each(settings)('of %s', name => {
    isQuick('busy');
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(valueFor(name), given => {
        const value = { [configKeyOf(name)]: given };
        agree(value);
        if (complaints(value).length === 0) taken++;
        else refused++;
      }),
      { numRuns: 60 },
    );
    // The values are worth something only where both sides occur.
    expect([taken > 0, refused > 0]).toEqual([true, true]);
  });

  it('of several together', () => {
    const some = fc.dictionary(
      fc.constantFrom('quiet', 'verbose', 'noAssign', 'review', 'stopAtCheckpoints'),
      fc.boolean(),
    );
    const others = fc.record(
      {
        assign: fc.constantFrom('all', 'none'),
        backend: fc.constantFrom('codex', 'command'),
        command: fc.constant('x'),
        only: fc.constant('1'),
        from: fc.constant('1'),
        until: fc.constant('2'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(some, others, (one, other) => agree({ ...one, ...other })),
      { numRuns: 200 },
    );
  });
});
