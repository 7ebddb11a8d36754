import { describe, expect, test } from 'vitest';
import { gatesFound } from '../../../src/cli/init/gates-found.ts';

const of = (files: Record<string, string>) =>
  Object.fromEntries(gatesFound(name => files[name] ?? null).map(({ level, command }) => [level, command]));

const scripts = (named: Record<string, unknown>) => JSON.stringify({ name: 'x', scripts: named });

describe('checks that a repository names itself', () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['nothing', {}, {}],
    [
      'npm',
      { 'package.json': scripts({ test: 'vitest', lint: 'biome', build: 'tsc' }) },
      { lint: 'npm run lint', test: 'npm test' },
    ],
    [
      'the placeholder of npm init',
      { 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) },
      {},
    ],
    [
      'pnpm',
      { 'package.json': scripts({ test: 'x', typecheck: 'x' }), 'pnpm-lock.yaml': '' },
      { compile: 'pnpm run typecheck', test: 'pnpm test' },
    ],
    [
      'bun has a test command of its own',
      { 'package.json': scripts({ test: 'x' }), 'bun.lock': '' },
      { test: 'bun run test' },
    ],
    ['a damaged package.json', { 'package.json': '{ "scripts": ' }, {}],
    ['scripts that are none', { 'package.json': '{"scripts":[1]}' }, {}],
    ['scripts that are no text', { 'package.json': scripts({ test: 3 }) }, {}],
    ['null', { 'package.json': 'null' }, {}],
    ['make', { Makefile: 'CC := gcc\nall: a\n\ttest: no\ntest lint: all\n' }, { lint: 'make lint', test: 'make test' }],
    ['a variable is no target', { Makefile: 'test := 1\n%.o: %.c\n' }, {}],
    ['just', { justfile: 'test:\n  cargo test\n' }, { test: 'just test' }],
    [
      'pytest by uv',
      { 'pyproject.toml': '[tool.pytest.ini_options]\n[tool.ruff]\n', 'uv.lock': '' },
      { lint: 'uv run ruff check', test: 'uv run pytest' },
    ],
    ['pytest without a project file', { 'pytest.ini': '[pytest]\n' }, { test: 'pytest' }],
    ['python without tests', { 'pyproject.toml': '[project]\nname = "x"\n' }, {}],
    ['cargo', { 'Cargo.toml': '' }, { compile: 'cargo check', test: 'cargo test' }],
    ['go', { 'go.mod': '' }, { test: 'go test ./...' }],
    [
      'a repository of several: its own scripts come first',
      { 'package.json': scripts({ test: 'x' }), Makefile: 'test:\nlint:\n', 'go.mod': '' },
      { lint: 'make lint', test: 'npm test' },
    ],
  ])('%s', (_, files, expected) => expect(of(files)).toEqual(expected));

  test('says which file names it', () => {
    expect(gatesFound(name => (name === 'go.mod' ? '' : null))).toEqual([
      { level: 'test', command: 'go test ./...', from: 'go.mod' },
    ]);
  });
});
