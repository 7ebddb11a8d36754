// The forms of a config file: JSON, YAML, a key of package.json; which one is found, where mistakes stand, and what counts as a change.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/cli/config.ts';
import { type ConfigFile, configHashNow, hashOf, readConfigFile } from '../../src/cli/config-file.ts';
import { readYaml } from '../../src/cli/config-yaml.ts';
import type { Failure } from '../../src/cli/errors.ts';

const fileOf = (name: string, text: string): ConfigFile => ({ path: `/repo/${name}`, bytes: Buffer.from(text) });
const parse = (name: string, text: string) => parseConfig(fileOf(name, text), readYaml);
const taken = (name: string, text: string) => {
  const config = parse(name, text);
  if (Array.isArray(config)) throw new Error(JSON.stringify(config));
  return config;
};
const refused = (name: string, text: string): Failure[] => {
  const config = parse(name, text);
  if (!Array.isArray(config)) throw new Error(`taken: ${JSON.stringify(config.values)}`);
  return config;
};

const yaml = `# How the nights go
delay: 0.5
timeout: 1h30m
verify:
  lint: biome check
  test: { command: npm test, timeout: 10m }
agents:
  aider: &aider
    command: aider --message-file {prompt}
    patterns:
      limit:
        - rate limit
        - match: quota
          on: stdout
  other: *aider
agentModes: { claude: full }
`;

describe('YAML', () => {
  it('says the same as JSON', () => {
    const aider = {
      command: 'aider --message-file {prompt}',
      patterns: { limit: ['rate limit', { match: 'quota', on: 'stdout' }] },
    };
    const json = {
      delay: 0.5,
      timeout: '1h30m',
      verify: { lint: 'biome check', test: { command: 'npm test', timeout: '10m' } },
      agents: { aider, other: aider },
      agentModes: { claude: 'full' },
    };
    const { values } = taken('seqrun.config.yaml', yaml);
    expect(values).toEqual(taken('seqrun.config.json', JSON.stringify(json)).values);
    expect(Object.keys(values)).toHaveLength(5);
  });

  it.each(['', '\n', '# nothing yet\n', '---\n'])('may say nothing: %j', text => {
    expect(taken('seqrun.config.yml', text).values).toEqual({});
  });

  it.each<[string, string, number, number, string, string]>([
    ['an unknown key', 'delay: 1\nmaxIteration: 5\n', 2, 1, 'unknown key "maxIteration"', 'maxIterations: 50'],
    ['a time without its unit', 'delay: 1\n\ntimeout: 90\n', 3, 1, 'is the number 90', 'with its unit'],
    ['a number for an id', 'from: 3\n', 1, 1, 'is the number 3', 'some text'],
    ['a nested unknown key', 'verify:\n  test:\n    cmd: x\n    command: y\n', 3, 5, '"verify.test.cmd"', 'command'],
    ['an item of a list', 'verify:\n  - npm test\n  - 7\n', 3, 5, '"verify[1]"', 'a text'],
    [
      'a key behind an alias',
      'agents:\n  a: &x { comand: y, command: z }\n  b: *x\n',
      2,
      11,
      'agents.a.comand',
      'one of',
    ],
    ['two of a key', 'delay: 1\ndelay: 2\n', 2, 1, 'not valid YAML', 'unique'],
    ['no end of a text', 'delay: 1\nfrom: "3\n', 3, 1, 'not valid YAML', 'quote'],
    ['a tag', 'model: !secret x\n', 1, 8, 'not valid YAML', '!secret'],
    ['a tab', 'verify:\n\ttest: x\n', 2, 1, 'not valid YAML', 'Tabs'],
    ['two documents', 'delay: 1\n---\ndelay: 2\n', 2, 1, 'not valid YAML', 'multiple documents'],
    ['a list', '- delay: 1\n', 1, 1, 'holds no settings', ''],
    ['a null', 'null\n', 1, 1, 'holds no settings', ''],
  ])('with %s is refused at its line', (_, text, line, column, what, expected) => {
    const [failure] = refused('seqrun.config.yaml', text);
    expect(failure).toMatchObject({ exit: 64, where: { name: '/repo/seqrun.config.yaml', line, column } });
    expect(failure!.what).toContain(what);
    expect(failure!.expected ?? '').toContain(expected);
  });

  it('shows examples as YAML, and the line', () => {
    const [failure] = refused('seqrun.config.yaml', 'onFail: explode # why not\n');
    expect(failure).toMatchObject({ next: 'onFail: "skip"', where: { source: 'onFail: explode # why not' } });
  });

  it('that grows beyond bounds or leads nowhere is a mistake, not a crash', () => {
    const bomb = `${['a: &a [x,x,x,x,x,x,x,x,x]', ...[...'bcdefg'].map((name, k) => `${name}: &${name} [${`*${'abcdef'[k]},`.repeat(9)}]`)].join('\n')}\n`;
    for (const text of [bomb, 'model: *nothing\n', '['.repeat(20_000)]) {
      expect(refused('seqrun.config.yaml', text)[0]!.what).toBe('the config file is not valid YAML');
    }
  });
});

describe('package.json', () => {
  const text = `{\n  "name": "shop",\n  "seqrun": {\n    "delay": 15,\n    "verify": { "test": "npm test" }\n  }\n}\n`;

  it('gives the value of its key', () => {
    expect(taken('package.json', text).values).toEqual({
      delay: 15_000,
      verify: [{ name: 'test', command: 'npm test', timeoutMs: null }],
    });
  });

  it.each<[string, string, number, number, string]>([
    ['a key', text.replace('delay', 'dely'), 4, 5, 'unknown key "dely"'],
    ['a nested key', text.replace('"test"', '"tests"'), 5, 17, '"verify.tests"'],
    ['what is no object', '{\n  "seqrun": "^1.0.0"\n}', 2, 3, 'holds no object under "seqrun"'],
    ['what is no JSON', text.replace('15,', '15,,'), 4, 17, 'not valid JSON'],
  ])('is refused with the line of %s', (_, wrong, line, column, what) => {
    const [failure] = refused('package.json', wrong);
    expect(failure).toMatchObject({ exit: 64, where: { name: '/repo/package.json', line, column } });
    expect(failure!.what).toContain(what);
  });

  it('shows examples with its key', () => {
    expect(refused('package.json', text.replace('15', '"x"'))[0]!.next).toBe('"seqrun": { "delay": 15 }');
  });

  it('without the key is refused where it was asked for', () => {
    expect(refused('package.json', '{ "name": "x" }')[0]!.what).toBe('this package.json has no key "seqrun"');
  });

  it('is the same whatever else changes in it, and however its key is written', () => {
    const hash = hashOf(fileOf('package.json', text));
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    const more = { dependencies: { left: '1' }, seqrun: { verify: { test: 'npm test' }, delay: 15 } };
    expect(hashOf(fileOf('package.json', JSON.stringify(more)))).toBe(hash);
    expect(hashOf(fileOf('package.json', text.replace('15', '16')))).not.toBe(hash);
    expect(hashOf(fileOf('package.json', '{ "name": "x" }'))).toBe('none');
    const order = (verify: string[]) => hashOf(fileOf('package.json', JSON.stringify({ seqrun: { verify } })));
    expect(order(['a', 'b'])).not.toBe(order(['b', 'a']));
  });
});

describe('in a workdir', () => {
  let folder = '';
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqrun-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['seqrun.config.json', 'seqrun.config.yaml', 'seqrun.config.yml'])('%s is found', name => {
    write(name, '{}');
    expect(readConfigFile(null, folder)).toMatchObject({ path: join(folder, name) });
  });

  it('package.json is found where it has the key', () => {
    write('package.json', '{ "seqrun": { "delay": 1 } }');
    expect(readConfigFile(null, folder)).toMatchObject({ path: join(folder, 'package.json') });
  });

  it.each<[string, string | null]>([
    ['without the key', '{ "name": "seqrun" }'],
    ['with seqrun among its dependencies', '{ "devDependencies": { "seqrun": "^0.1.0" } }'],
    ['that is no JSON', '{ "name": "x",, }'],
    ['that is no JSON, with seqrun among its dependencies', '{ "devDependencies": { "seqrun": "^0.1.0" },, }'],
    ['that is no object', '"seqrun"'],
    ['that is a folder', null],
  ])('a package.json %s is nothing', (_, text) => {
    if (text === null) mkdirSync(join(folder, 'package.json'));
    else write('package.json', text);
    expect(readConfigFile(null, folder)).toBeNull();
    expect(configHashNow(null, folder)).toBe('none');
    write('seqrun.config.yaml', 'delay: 1\n');
    expect(readConfigFile(null, folder)).toMatchObject({ path: join(folder, 'seqrun.config.yaml') });
  });

  it('a broken package.json with settings in it is not taken for none', () => {
    write('package.json', '{ "seqrun": { "verify": "npm test" },, }');
    const file = readConfigFile(null, folder) as ConfigFile;
    expect(parseConfig(file)).toMatchObject([{ exit: 64, where: { line: 1 } }]);
  });

  it.each([
    ['seqrun.config.json', 'seqrun.config.yaml', 'seqrun.config.json and seqrun.config.yaml'],
    ['seqrun.config.yaml', 'seqrun.config.yml', 'seqrun.config.yaml and seqrun.config.yml'],
    ['package.json', 'seqrun.config.yml', 'seqrun.config.yml and the key "seqrun" of package.json'],
  ])('%s beside %s is refused, and both are named', (one, other, names) => {
    for (const name of [one, other]) write(name, '{ "seqrun": {} }');
    expect(readConfigFile(null, folder)).toMatchObject({ exit: 64, what: expect.stringContaining(names) });
    expect(readConfigFile(join(folder, one), folder)).toMatchObject({ path: join(folder, one) });
  });

  it('changes are seen in every form, and a second file is one', () => {
    expect(configHashNow(null, folder)).toBe('none');
    write('seqrun.config.yaml', 'delay: 1\n');
    const file = readConfigFile(null, folder) as ConfigFile;
    expect(configHashNow(null, folder)).toBe(hashOf(file));
    write('package.json', '{ "name": "x" }');
    expect(configHashNow(null, folder)).toBe(hashOf(file));
    write('package.json', '{ "name": "x", "seqrun": {} }');
    expect(configHashNow(null, folder)).toMatch(/^several:/);
    expect(configHashNow(file.path, folder)).toBe(hashOf(file));
    write('package.json', '{ "name": "x" }');
    write('seqrun.config.yaml', 'delay: 2\n');
    expect(configHashNow(null, folder)).not.toBe(hashOf(file));
    rmSync(file.path);
    expect(configHashNow(null, folder)).toBe('none');
    expect(configHashNow(file.path, folder)).toBe('none');
  });

  it.skipIf(process.getuid?.() === 0)('a file of its own that may not be read is 66', () => {
    write('seqrun.config.yml', '{}');
    chmodSync(join(folder, 'seqrun.config.yml'), 0);
    expect(readConfigFile(null, folder)).toMatchObject({ exit: 66, what: expect.stringContaining('EACCES') });
    expect(configHashNow(null, folder)).toBe('unreadable');
  });
});
