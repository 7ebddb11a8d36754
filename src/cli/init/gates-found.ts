// The checks a repository has of its own (type check, lint, tests), read from the files that name them. Pure; runs nothing.

/** A command that could be a gate. */
export interface FoundGate {
  level: 'compile' | 'lint' | 'test';
  command: string;
  /** The file that names it. */
  from: string;
}

/** The text of a file in the top folder, or null when it is not there or cannot be read. */
export type ReadFile = (name: string) => string | null;

/** At most one command for each level; what comes first in a repository with several is what its own scripts say. */
export const gatesFound = (read: ReadFile): FoundGate[] => {
  const all = [nodeGates, makeGates, justGates, pythonGates, rustGates, otherGates].flatMap(look => look(read));
  return (['compile', 'lint', 'test'] as const).flatMap(level => all.find(gate => gate.level === level) ?? []);
};

/** Names that scripts and targets commonly have, best first. */
const COMMON = {
  compile: ['typecheck', 'type-check', 'types', 'check-types', 'tsc'],
  lint: ['lint'],
  test: ['test', 'tests'],
} as const;

const fromNames = (
  names: ReadonlySet<string>,
  from: string,
  command: (name: string) => string,
  levels: readonly FoundGate['level'][] = ['compile', 'lint', 'test'],
): FoundGate[] =>
  levels.flatMap(level => {
    const name = COMMON[level].find(one => names.has(one));
    return name === undefined ? [] : [{ level, command: command(name), from }];
  });

const nodeGates = (read: ReadFile): FoundGate[] => {
  const scripts = scriptsOf(read('package.json') ?? '');
  const manager = managerOf(read);
  return fromNames(new Set(scripts), 'package.json', name =>
    name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${name}`,
  );
};

const scriptsOf = (text: string): string[] => {
  try {
    const scripts: unknown = JSON.parse(text)?.scripts;
    if (typeof scripts !== 'object' || scripts === null) return [];
    // What `npm init` writes for want of a test exits with 1 for ever.
    return Object.entries(scripts).flatMap(([name, command]) =>
      typeof command !== 'string' || /no test specified/.test(command) ? [] : [name],
    );
  } catch {
    return [];
  }
};

const managerOf = (read: ReadFile): string => {
  const locks = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun' };
  return Object.entries(locks).find(([name]) => read(name) !== null)?.[1] ?? 'npm';
};

/** Targets without a variable or pattern in their name. */
const targetsOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^([A-Za-z][\w -]*?)\s*:(?!=)/gm)].flatMap(([, names]) => names!.split(/\s+/)));

const makeGates = (read: ReadFile): FoundGate[] =>
  ['Makefile', 'makefile', 'GNUmakefile'].flatMap(file =>
    fromNames(targetsOf(read(file) ?? ''), file, name => `make ${name}`),
  );

const justGates = (read: ReadFile): FoundGate[] =>
  ['justfile', 'Justfile'].flatMap(file => fromNames(targetsOf(read(file) ?? ''), file, name => `just ${name}`));

const pythonGates = (read: ReadFile): FoundGate[] => {
  const project = read('pyproject.toml');
  const run = read('uv.lock') !== null ? 'uv run ' : read('poetry.lock') !== null ? 'poetry run ' : '';
  const from = project !== null && /\bpytest\b/.test(project) ? 'pyproject.toml' : null;
  const file = from ?? ['pytest.ini', 'tox.ini', 'conftest.py'].find(name => /pytest/.test(read(name) ?? ''));
  const gates: FoundGate[] = file === undefined ? [] : [{ level: 'test', command: `${run}pytest`, from: file }];
  if (project !== null && /^\[tool\.ruff\b/m.test(project))
    gates.push({ level: 'lint', command: `${run}ruff check`, from: 'pyproject.toml' });
  if (project !== null && /^\[tool\.mypy\b/m.test(project))
    gates.push({ level: 'compile', command: `${run}mypy .`, from: 'pyproject.toml' });
  return gates;
};

const rustGates = (read: ReadFile): FoundGate[] =>
  read('Cargo.toml') === null
    ? []
    : [
        { level: 'compile', command: 'cargo check', from: 'Cargo.toml' },
        { level: 'test', command: 'cargo test', from: 'Cargo.toml' },
      ];

/** Ecosystems whose tests have one command. */
const otherGates = (read: ReadFile): FoundGate[] =>
  (
    [
      ['go.mod', 'go test ./...'],
      ['mix.exs', 'mix test'],
      ['deno.json', 'deno test'],
      ['Package.swift', 'swift test'],
      ['pom.xml', 'mvn -q test'],
      ['gradlew', './gradlew test'],
    ] as const
  ).flatMap(([from, command]) => (read(from) === null ? [] : [{ level: 'test' as const, command, from }]));
