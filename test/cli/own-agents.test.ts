// "agents" in the config file: what is taken, what a mistake is answered with, and how such an agent is named and found.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseBackends, registryOf } from '../../src/cli/backend.ts';
import { parseConfig } from '../../src/cli/config.ts';
import type { Intention, Settings } from '../../src/cli/intention.ts';
import { isQuick } from '../../src/cli/pattern-trial.ts';
import { parseWords } from '../../src/cli/words.ts';

const file = (text: string) => ({ path: '/repo/seqrun.config.json', bytes: Buffer.from(text) });
const parse = (value: unknown) => parseConfig(file(JSON.stringify(value, null, 2)));
const taken = (agents: unknown) => {
  const config = parse({ agents });
  if (Array.isArray(config)) throw new Error(JSON.stringify(config));
  return config.values.agents;
};
const refused = (value: unknown) => {
  const config = parse(value);
  if (!Array.isArray(config)) throw new Error(`taken: ${JSON.stringify(config)}`);
  expect(config.map(failure => failure.exit)).toEqual(config.map(() => 64));
  return config;
};
const patterns = (given: unknown) => ({ agents: { mine: { command: 'mine', patterns: given } } });

describe('what is taken', () => {
  it('a command alone, as words or as a list', () => {
    expect(taken({ mine: { command: "mine --say 'two words' {prompt}" } })).toEqual({
      mine: { command: ['mine', '--say', 'two words', '{prompt}'], patterns: [], after: [] },
    });
    expect(taken({ mine: { command: ['/opt/my tool', '{model}'] } })).toMatchObject({
      mine: { command: ['/opt/my tool', '{model}'] },
    });
    expect(taken({})).toEqual({});
  });

  it('patterns, as texts and as objects', () => {
    const limit = ['rate limit.*at (?<clock>\\d+:\\d+)', { match: 'quota', on: 'stdout', evenOnSuccess: true }];
    expect(
      taken({ mine: { command: 'mine', patterns: { limit, auth: ['bad key'], transient: [] }, after: ['^Cost: '] } }),
    ).toEqual({
      mine: {
        command: ['mine'],
        patterns: [
          { kind: 'limit', match: 'rate limit.*at (?<clock>\\d+:\\d+)', on: 'stderr', evenOnSuccess: false },
          { kind: 'limit', match: 'quota', on: 'stdout', evenOnSuccess: true },
          { kind: 'auth', match: 'bad key', on: 'stderr', evenOnSuccess: false },
        ],
        after: ['^Cost: '],
      },
    });
  });
});

it('the page about agents shows an entry that is taken', () => {
  const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
  const [, shown] = /```json config\n(\{\n {2}"agents"[^`]*)```/.exec(page)!;
  expect(parseConfig(file(shown!))).toMatchObject({ values: { agents: { 'my-agent': { after: ['^Cost: '] } } } });
});

describe('mistakes', () => {
  it.each<[unknown, string, string | null, string | null]>([
    [{ agents: [] }, '"agents" in the config file is no object', 'names of agents', null],
    [
      { agents: { codex: { command: 'x' } } },
      '"agents.codex" in the config file has a name that is taken',
      null,
      'my-codex',
    ],
    [{ agents: { 'My Tool': { command: 'x' } } }, 'has no name for an agent', 'lower-case', '"my-tool"'],
    [{ agents: { mine: 'mine' } }, '"agents.mine" in the config file is no object', null, null],
    [{ agents: { mine: {} } }, '"agents.mine" in the config file has no "command"', null, 'my-agent'],
    [
      { agents: { mine: { command: 'mine', pattern: {} } } },
      '"agents.mine.pattern" in the config file is an unknown key',
      'one of command, patterns, after',
      'did you mean "patterns"?',
    ],
    [{ agents: { mine: { command: 'mine | tee' } } }, '"agents.mine.command"', 'no bare |', null],
    [{ agents: { mine: { command: ['mine', 5] } } }, '"agents.mine.command"', 'a list of texts', null],
    [{ agents: { mine: { command: 'mine {promt}' } } }, '"agents.mine.command"', 'did you mean {prompt}?', null],
    [patterns([]), '"agents.mine.patterns" in the config file is no object', 'limit, auth, transient', null],
    [
      patterns({ limits: [] }),
      '"agents.mine.patterns.limits" in the config file is an unknown key',
      null,
      'did you mean "limit"?',
    ],
    [patterns({ limit: 'x' }), '"agents.mine.patterns.limit" in the config file is no list', null, null],
    [patterns({ limit: ['ok', 5] }), '"agents.mine.patterns.limit[1]" in the config file is no pattern', null, null],
    [
      patterns({ limit: [{ match: 'x', of: 'stdout' }] }),
      '"agents.mine.patterns.limit[0].of" in the config file is an unknown key',
      null,
      'did you mean "on"?',
    ],
    [
      patterns({ limit: [{ match: 'x', on: 'both' }] }),
      '"agents.mine.patterns.limit[0].on" in the config file is "both"',
      'stdout',
      null,
    ],
    [
      patterns({ auth: [{ match: 'x', evenOnSuccess: 1 }] }),
      '"agents.mine.patterns.auth[0].evenOnSuccess"',
      'true or false',
      null,
    ],
    [
      { agents: { mine: { command: 'mine', after: 'x' } } },
      '"agents.mine.after" in the config file is no list',
      null,
      null,
    ],
    [
      { agents: { mine: { command: 'mine', after: ['a(?<clock>b)'] } } },
      '"agents.mine.after[0]" in the config file has a group',
      null,
      null,
    ],
    [patterns({ limit: ['rate (limit'] }), 'is no regular expression', 'flags iu', 'backslash is written twice'],
    [patterns({ limit: ['at (?<when>\\d+)'] }), 'unknown group name "when"', 'epoch, seconds, clock, date, zone', null],
    [patterns({ limit: ['(?:a+)+b'] }), 'repeats a group', null, null],
    [patterns({ limit: ['.*.*.*b'] }), 'takes too long', '250 ms', '.{0,80}'],
    [
      patterns({ transient: Array.from({ length: 51 }, (_, k) => `error ${k}`) }),
      'has 51 patterns',
      'at most 50',
      null,
    ],
    [
      { agents: { mine: { command: 'mine' } }, backend: 'mime' },
      '"backend" in the config file is the text "mime"',
      'did you mean mine?',
      null,
    ],
  ])('%j', (value, what, expected, next) => {
    const [failure] = refused(value);
    expect(failure!.what).toContain(what);
    if (expected !== null) expect(failure!.expected).toContain(expected);
    if (next !== null) expect(failure!.next).toContain(next);
    expect(failure!.where).toMatchObject({ name: '/repo/seqrun.config.json', line: expect.any(Number) });
  });

  it('shows the line of the pattern, whatever stands before it', () => {
    const text =
      '{\n "agents": {\n  "limit": { "command": "limit" },\n  "mine": {\n   "command": "mine",\n   "patterns": { "limit": [\n    "fine",\n    "ba(d"\n   ] }\n  }\n }\n}\n';
    const config = parseConfig(file(text));
    expect(config).toMatchObject([{ where: { line: 8, column: 5, source: '    "ba(d"' } }]);
  });

  it('shows a key of the file itself where an agent has one of the same name', () => {
    const config = parseConfig(file('{\n "agents": { "mine": { "command": "mine" } },\n "command": 5\n}\n'));
    expect(config).toMatchObject([{ where: { line: 3, column: 2 } }]);
  });
});

describe('patterns that run away', () => {
  it.each(['.*.*.*b', '\\s*\\s*\\s*\\s*b', `${'a?'.repeat(30)}${'a'.repeat(30)}b`, 'x.*y.*x.*y.*x.*y.*!'])(
    '%j is stopped in time',
    match => {
      expect(isQuick(match)).toBe(false);
    },
  );
  it.each([
    'rate limit.*?resets (?:at|in) (?<clock>\\d{1,2}:\\d{2})(?: \\((?<zone>[^)]+)\\))?',
    '.*overloaded',
    '\\b503\\b',
  ])('%j is quick', match => expect(isQuick(match)).toBe(true));
});

const config = { agents: { mine: { command: ['/opt/mine', '{prompt}'] } } };
const intend = (words: string, given: unknown = config, env: Record<string, string> = {}) =>
  parseWords(words.split(' '), env, {
    readConfigFile: () => (given === null ? null : file(JSON.stringify(given))),
    specsNearby: () => [],
    withinStart: () => null,
  });

describe('naming one', () => {
  it.each<[string, unknown, Record<string, string>]>([
    ['--spec a --backend mine', config, {}],
    ['--spec a', { ...config, backend: 'mine' }, {}],
    ['--spec a', config, { SEQRUN_BACKEND: 'mine' }],
  ])('%s', (words, given, env) => {
    expect(intend(words, given, env)).toMatchObject({ intention: { settings: { backend: 'mine' } } });
  });

  it.each<[string, unknown, Record<string, string>, RegExp]>([
    ['--spec a --backend mien', config, {}, /rehearsal, mine; did you mean mine.*--backend got "mien"/],
    ['--spec a --assign-backend other', config, {}, /--assign-backend got "other"/],
    ['--spec a', config, { SEQRUN_BACKEND: 'mien' }, /SEQRUN_BACKEND is "mien"/],
    ['--spec a --backend mine', null, {}, /--backend got "mine"/],
  ])('%s is refused', (words, given, env, wanted) => {
    const parsed = intend(words, given, env);
    expect(parsed.kind).toBe('refused');
    expect(JSON.stringify(parsed).replaceAll('\\"', '"')).toMatch(wanted);
  });

  it('is not blamed for a config file that cannot be read', () => {
    const parsed = intend('--spec a --backend mine', { agents: 5 });
    expect(parsed).toMatchObject({ kind: 'refused', failures: [{ what: expect.stringContaining('"agents"') }] });
    expect(intend('status --spec a --backend mine', { agents: 5 }).kind).toBe('intention');
  });
});

describe('choosing one', () => {
  const choose = (words: string, installed: string[], previous: string | null = null, given: unknown = config) => {
    const parsed = intend(words, given);
    if (parsed.kind !== 'intention') throw new Error(JSON.stringify(parsed));
    const world = { installed: async (name: string) => installed.includes(name), hasRehearsal: false, previous };
    return chooseBackends(parsed.intention as Intention, world);
  };

  it('finds it by its executable, and lets it own units', async () => {
    expect(await choose('--spec a --backend mine', ['/opt/mine', 'codex'])).toMatchObject({
      backend: 'mine',
      owners: { codex: 'codex', 'codex-review': 'codex', mine: 'mine' },
    });
    expect(await choose('--spec a --backend mine', ['codex'])).toMatchObject({
      exit: 69,
      what: 'mine is not installed',
      expected: 'an executable named /opt/mine',
    });
  });
  it('takes it by itself only where no other is installed, or the last run had it', async () => {
    expect(await choose('--spec a', ['/opt/mine', 'codex'])).toMatchObject({ backend: 'codex' });
    expect(await choose('--spec a', ['/opt/mine'])).toMatchObject({ backend: 'mine' });
    expect(await choose('--spec a', ['/opt/mine', 'codex'], 'mine')).toMatchObject({ backend: 'mine' });
  });
  it('never goes over to another one because its settings are gone', async () => {
    expect(await choose('--spec a', ['codex'], 'mine', {})).toMatchObject({
      exit: 64,
      next: expect.stringMatching(/--backend codex/),
    });
  });
  it('knows one that is still at work and has left the settings', () => {
    const none = { commandTemplate: null, agents: {} } satisfies Partial<Settings>;
    expect(registryOf(none, 'mine').own).toEqual({ mine: { command: ['true'], patterns: [], after: [] } });
    expect(registryOf(none, 'command')).toEqual({ command: ['true'], own: {} });
    for (const name of ['codex', 'rehearsal', null]) expect(registryOf(none, name)).toEqual({ command: null, own: {} });
  });
});
