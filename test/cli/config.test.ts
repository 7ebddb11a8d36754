// seqrun.config.json: what is taken, and what a mistake in it is answered with.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/cli/config.ts';
import { readConfigFile } from '../../src/cli/config-file.ts';
import type { Failure } from '../../src/cli/errors.ts';
import { configKeyOf, FLAG_NAMES, flagOf } from '../../src/cli/flags.ts';

const parse = (text: string) => parseConfig({ path: '/repo/seqrun.config.json', bytes: Buffer.from(text) });

const taken = (value: unknown) => {
  const config = parse(JSON.stringify(value));
  if (Array.isArray(config)) throw new Error(JSON.stringify(config));
  return config.values;
};

const refused = (text: string): Failure[] => {
  const config = parse(text);
  if (!Array.isArray(config)) throw new Error(`taken: ${JSON.stringify(config)}`);
  for (const failure of config) expect(failure.exit).toBe(64);
  return config;
};

describe('values', () => {
  it('takes every key in the form of its kind', () => {
    expect(
      taken({
        $schema: 'x',
        spec: '.kiro/specs/a',
        workdir: '/abs',
        delay: 0.5,
        timeout: '1h30m',
        limitMargin: '0s',
        maxAttempts: 2,
        onFail: 'skip',
        only: ['1', '2.10'],
        noTmux: true,
        command: ['agent', '{model}'],
        agentMode: 'safe',
        agentModes: { claude: 'full' },
      }),
    ).toEqual({
      spec: '/repo/.kiro/specs/a',
      workdir: '/abs',
      delay: 500,
      timeout: 5_400_000,
      'limit-margin': 0,
      'max-attempts': 2,
      'on-fail': 'skip',
      only: ['1', '2.10'],
      'no-tmux': true,
      command: ['agent', '{model}'],
      'agent-mode': 'safe',
      'agent-modes': { claude: 'full' },
    });
    expect(taken({ only: '1,2', command: 'agent "a b"' })).toEqual({ only: ['1', '2'], command: ['agent', 'a b'] });
  });

  const gate = (command: string, name: string | null = null, timeoutMs: number | null = null) => ({
    name,
    command,
    timeoutMs,
  });
  it.each<[string, unknown, unknown[]]>([
    ['a command', 'npm test, all', [gate('npm test, all')]],
    [
      'a list',
      ['a', { command: 'b', timeout: '10m' }, { command: 'c', name: 'unit' }, { command: 'd', name: 'unit-2' }],
      [gate('a'), gate('b', null, 600_000), gate('c', 'unit'), gate('d', 'unit-2')],
    ],
    [
      'levels, in their order and not in that of the file',
      { integration: 'i', test: { command: 't', timeout: '90s' }, ui: 'u', lint: 'l', compile: 'c' },
      [gate('c', 'compile'), gate('l', 'lint'), gate('t', 'test', 90_000), gate('u', 'ui'), gate('i', 'integration')],
    ],
  ])('takes gates as %s', (_form, verify, gates) => {
    expect(taken({ verify })).toEqual({ verify: gates });
  });

  it('takes a list as a text or a list', () => {
    expect(taken({ require: 'signal, change' })).toEqual({ require: ['signal', 'change'] });
    expect(taken({ require: ['signal', 'signal'] })).toEqual({ require: ['signal'] });
  });

  it('hashes the bytes as they are', () => {
    const text = '{ "delay": 1 }\n';
    expect(parse(text)).toMatchObject({ hash: `sha256:${createHash('sha256').update(text).digest('hex')}` });
  });

  it('reads a file with a byte order mark', () => {
    expect(parse('\ufeff{}')).toMatchObject({ values: {} });
  });
});

describe('mistakes', () => {
  it.each([
    ['{"maxIteration": 5}', 'unknown key "maxIteration"', 'did you mean "maxIterations"?', '{ "maxIterations": 50 }'],
    ['{"max-iterations": 5}', 'unknown key "max-iterations"', 'did you mean "maxIterations"?', '50'],
    ['{"zzzzzzzz": 5}', 'unknown key "zzzzzzzz"', null, 'limitMargin'],
    ['{"__proto__": 5}', 'unknown key "__proto__"', null, 'one of'],
    ['{"delay": "5"}', '"delay" in the config file is the text "5"', '{ "delay": 15 }', 'number of seconds'],
    ['{"delay": -1}', 'is the number -1', '{ "delay": 15 }', 'from 0 to'],
    ['{"delay": -0.0001}', 'is the number -0.0001', '{ "delay": 15 }', 'from 0 to'],
    ['{"delay": 604800.0001}', 'is the number 604800.0001', '{ "delay": 15 }', 'to 604800'],
    ['{"maxAttempts": 1.5}', 'is the number 1.5', '{ "maxAttempts": 3 }', 'whole number'],
    ['{"timeout": 7200}', 'is the number 7200', '{ "timeout": "90m" }', 'with its unit'],
    ['{"timeout": "7200"}', 'is the text "7200"', '{ "timeout": "90m" }', 'with its unit'],
    ['{"json": "yes"}', 'is the text "yes"', '{ "json": true }', 'true or false'],
    ['{"onFail": "explode"}', 'is the text "explode"', '{ "onFail": "skip" }', 'stop, skip, halt'],
    ['{"only": []}', 'is a list: []', '{ "only": "2,3.1" }', 'task ids'],
    ['{"only": [1]}', 'is a list: [1]', null, 'task ids'],
    ['{"command": []}', 'is a list', '{ "command": ["my-agent","--model","{model}"] }', 'program name'],
    ['{"agentMode": "yolo"}', 'is the text "yolo"', '{ "agentMode": "full" }', 'safe, full'],
    ['{"agentModes": "full"}', 'is the text "full"', '{ "agentModes": { "claude": "full" } }', 'an object with names'],
    ['{"agentModes": { "claude": "yolo" }}', 'is an object', '{ "claude": "full" }', 'safe, full'],
    ['{"verfy": "x"}', 'unknown key "verfy"', 'did you mean "verify"?', '{ "verify": "npm test" }'],
    ['{"require": ["signals"]}', 'is a list', '{ "require": "signal,verify,change" }', 'some of signal'],
    ['{"require": []}', 'is a list', null, 'some of signal'],
    ['{"verify": 5}', '"verify" in the config file is no command', '{ "verify": { "test"', 'commands by level'],
    ['{"verify": " "}', '"verify" in the config file is no command', null, 'a command for sh'],
    ['{"verify": []}', 'is an empty list', null, 'at least one'],
    ['{"verify": {}}', 'holds no level', null, 'compile, lint, test, ui, integration'],
    ['{"model": null}', 'is null', null, 'some text'],
    ['{"spec": ""}', 'is the text ""', null, 'a path'],
  ])('%s', (text, what, next, expected) => {
    const [failure] = refused(text);
    expect(failure!.what).toContain(what);
    if (next !== null) expect(failure!.next).toContain(next);
    expect(failure!.expected).toContain(expected);
    expect(failure!.where).toMatchObject({ name: '/repo/seqrun.config.json', line: 1, column: 2, source: text });
  });

  it.each<[string, string, number, string | null, string]>([
    [
      '{"agentModes": {"claud": "full"}}',
      '"agentModes.claud" in the config file',
      17,
      '{ "claude": "full" }',
      'claude?',
    ],
    ['{"agentModes": {"command": "full"}}', '"agentModes.command"', 17, '{ "claude": "full" }', 'one of opencode'],
    ['{"$schema": 5}', '"$schema" in the config file is the number 5', 2, null, 'a schema'],
    ['{"verify": {"tests": "x"}}', '"verify.tests" in the config file is no level', 13, 'did you mean "test"?', 'ui'],
    ['{"verify": {"test": ""}}', '"verify.test" in the config file is no command', 13, null, 'not empty'],
    ['{"verify": {"test": "a\\u0000"}}', '"verify.test" in the config file is no command', 13, null, 'not empty'],
    [
      '{"verify": {"test": {"cmd": "x"}}}',
      '"verify.test.cmd" in the config file is unknown',
      22,
      null,
      'command, timeout',
    ],
    ['{"verify": {"test": {"timeout": "5m"}}}', 'has no "command"', 13, '"command": "npm test"', 'a command'],
    ['{"verify": {"test": {"command": "x", "name": "y"}}}', '"verify.test.name"', 38, null, 'command, timeout'],
    [
      '{"verify": ["x", {"command": "y", "timeout": 5}]}',
      '"verify[1].timeout"',
      35,
      '"timeout": "10m"',
      'with its unit',
    ],
    ['{"verify": [{"command": "y", "name": "My Test"}]}', '"verify[0].name"', 30, '"name": "unit"', 'lower-case'],
    ['{"verify": [{"command": "y", "name": "task-2"}]}', '"verify[0].name"', 30, '"name": "unit"', 'taken'],
    ['{"verify": [{"command": "a", "name": "u"}, {"command": "b", "name": "u"}]}', 'has the name "u"', 44, null, 'own'],
    ['{"verify": [7]}', '"verify[0]" in the config file is no command', 13, null, 'a text, or an object'],
  ])('%s', (text, what, column, next, expected) => {
    const failure = refused(text).find(one => one.what.includes(what))!;
    expect(failure.where).toMatchObject({ line: 1, column });
    if (next !== null) expect(failure.next).toContain(next);
    expect(failure.expected).toContain(expected);
  });

  it.each(['fresh', 'resume', 'acceptConfig', 'adoptState', 'breakLock', 'dryRun', 'config', 'answer', 'now'])(
    '%s is decided for one call and cannot be kept',
    key => {
      expect(refused(`{"${key}": true}`)[0]!.what).toMatch(/cannot stand in the config file/);
    },
  );

  it('reports all of them with their lines', () => {
    const failures = refused('{\n  "delay": "x",\n  "typo": 1,\r\n  "json": 1\n}');
    expect(failures.map(failure => [failure.where!.line, failure.where!.source])).toEqual([
      [2, '  "delay": "x",'],
      [3, '  "typo": 1,'],
      [4, '  "json": 1'],
    ]);
  });

  it.each([
    ['{\n  "delay": 1,\n}', 3],
    ['{\n  // no\n}', 2],
    ['{ "delay": 1', 1],
    ['', 1],
  ])('shows where JSON ends to be JSON: %j', (text, line) => {
    const [failure] = refused(text);
    expect(failure!.what).toBe('the config file is not valid JSON');
    expect(failure!.where!.line).toBe(line);
    expect(failure!.expected).not.toMatch(/position/);
  });

  it.each(['[]', 'null', '5', '"x"'])('wants an object, not %s', text => {
    expect(refused(text)[0]!.what).toMatch(/no JSON object/);
  });
});

it('gives every flag a key that is found again by its name', () => {
  const examples = FLAG_NAMES.filter(name => flagOf(name).where !== 'call').map(name => {
    const { kind, example } = flagOf(name);
    const bare = ['count', 'seconds', 'modes', 'agents'].includes(kind);
    const value = kind === 'switch' ? true : bare ? JSON.parse(example!) : example;
    return [configKeyOf(name), value];
  });
  expect(Object.keys(taken(Object.fromEntries(examples)))).toHaveLength(examples.length);
});

describe('finding the file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqrun-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is in the workdir, or where --config says', () => {
    expect(readConfigFile(null, folder)).toBeNull();
    expect(readConfigFile(null, join(folder, 'none'))).toBeNull();
    writeFileSync(join(folder, 'seqrun.config.json'), '{}');
    writeFileSync(join(folder, 'other.json'), '{"delay":1}');
    expect(readConfigFile(null, folder)).toMatchObject({ path: join(folder, 'seqrun.config.json') });
    expect(readConfigFile(join(folder, 'other.json'), folder)).toMatchObject({ bytes: Buffer.from('{"delay":1}') });
  });

  it('is 66 when it was asked for and is missing or a folder', () => {
    expect(readConfigFile(join(folder, 'missing.json'), folder)).toMatchObject({ exit: 66 });
    expect(readConfigFile(folder, folder)).toMatchObject({ exit: 66, what: expect.stringContaining('EISDIR') });
  });
});
