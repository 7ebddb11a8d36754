// The shape of src/ as a test: which room may import which, what pure rooms leave alone, how a file begins.
// Each message says the rule and the mend. The table below is the rule itself: change it only with the design.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Rooms each room may import, itself included. `ports` is src/engine/ports.ts alone. */
const ARROWS: Record<string, readonly string[]> = {
  core: ['core'],
  spec: ['core', 'spec'],
  agents: ['core', 'agents'],
  engine: ['core', 'spec', 'engine', 'ports'],
  adapters: ['core', 'ports', 'adapters'],
  sim: ['core', 'ports', 'sim'],
  rehearsal: ['core', 'agents', 'rehearsal'],
  report: ['core', 'report'],
  daemon: ['core', 'spec', 'engine', 'ports', 'compose', 'report', 'daemon'],
  web: ['core', 'spec', 'engine', 'ports', 'compose', 'report', 'web'],
  cli: ['core', 'spec', 'engine', 'ports', 'compose', 'report', 'cli'],
  api: ['core', 'engine', 'ports', 'compose', 'cli', 'api'],
  compose: ['core', 'spec', 'agents', 'engine', 'ports', 'adapters', 'sim', 'rehearsal', 'compose'],
};

const PURE = new Set(['core', 'spec', 'agents']);

/** Packages that touch the world: not for pure rooms. */
const WORLDLY = new Set(['chalk', 'execa', 'fs-extra', 'write-file-atomic', 'yargs']);

/** What a pure room may not name, and what to do instead. Looked for in code without comments. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w])console\./, 'return what is to be said; src/cli/console.ts prints it'],
  [/(?<![.\w])process\.[a-z]/, 'take environment, pid or arguments as parameters'],
  [/(?<![.\w])Date\.now\b/, 'take `nowMs` as a parameter'],
  [/\bnew Date(?:\(\)|(?!\())|(?<![.\w])Date\(\)/, 'take `nowMs` as a parameter and use new Date(nowMs)'],
  [/(?<![.\w])Temporal\.Now\b/, 'take `nowMs` as a parameter'],
  [/(?<![.\w])Math\.random\b|(?<![.\w])crypto\./, 'take the random value as a parameter'],
  [/(?<![.\w])performance\./, 'take the time as a parameter'],
  [
    /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\(/,
    'return an action; the engine performs it',
  ],
];

/** Files that may write to the terminal or end the process. */
const VOICES = /^src\/(?:cli\/(?:main|entry|bin)\.ts|rehearsal\/)/;

const LINES_MAX = 400;

/** Spelt in halves so that this file does not find itself. */
const LEFTOVERS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X:'],
  ['HA', 'CK:'],
].map(halves => halves.join(''));
const PRIVATE_PATHS = [['/wo', 'rk/'].join('')];

type Files = ReadonlyMap<string, string>;

const roomOf = (path: string): string => {
  if (path === 'src/engine/ports.ts') return 'ports';
  const [, room] = path.split('/');
  return room!.replace(/\.ts$/, '');
};

/** Every specifier a file imports, types included, with its line. */
const importsOf = (text: string): { line: number; specifier: string }[] => {
  const patterns = [
    /^(?:import|export)\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+(?:\s*,\s*(?:\{[^}]*\}|\*\s+as\s+\w+))?)\s+from\s+['"]([^'"]+)['"]/gm,
    /^import\s+['"]([^'"]+)['"]/gm,
    /(?<!\* .*)\b(?:import|require)\(\s*[`'"]([^`'"$]+)/g,
  ];
  return patterns.flatMap(pattern =>
    [...text.matchAll(pattern)].map(match => ({
      line: text.slice(0, match.index).split('\n').length,
      specifier: match[1]!,
    })),
  );
};

/** Code without comments; strings stay. */
const codeOf = (path: string, text: string): string => {
  try {
    return transformSync(text, { loader: 'ts', minifyWhitespace: true, legalComments: 'none' }).code;
  } catch (error) {
    throw new Error(`${path} does not parse`, { cause: error });
  }
};

const brokenArrows = (files: Files): string[] => {
  const broken: string[] = [];
  for (const [path, text] of files) {
    const room = roomOf(path);
    const allowed = ARROWS[room === 'ports' ? 'engine' : room];
    if (allowed === undefined) {
      broken.push(`${path}: "${room}" is no room. Put the file into one of ${Object.keys(ARROWS).join(', ')}.`);
      continue;
    }
    for (const { line, specifier } of importsOf(text)) {
      const at = `${path}:${line} imports ${specifier}:`;
      if (!specifier.startsWith('.')) {
        const pure = PURE.has(room);
        if (pure && specifier.startsWith('node:')) broken.push(`${at} ${room} is pure. Take the value as a parameter.`);
        if (pure && WORLDLY.has(specifier)) broken.push(`${at} ${room} is pure. Do this in adapters or cli.`);
        continue;
      }
      const target = posix.join(posix.dirname(path), specifier);
      const targetRoom = roomOf(target);
      if (allowed.includes(targetRoom)) continue;
      const mend =
        targetRoom === 'adapters' || targetRoom === 'sim'
          ? 'Only src/compose.ts joins adapters; get it from there, behind an interface of src/engine/ports.ts.'
          : targetRoom === 'cli'
            ? 'Nothing but api imports cli; move what is shared to core.'
            : 'Move what is shared to core, or pass it in as a value.';
      broken.push(`${at} ${room} may import ${allowed.join(', ')}. ${mend}`);
    }
  }
  return broken;
};

const impurities = (files: Files): string[] =>
  [...files]
    .filter(([path]) => PURE.has(roomOf(path)))
    .flatMap(([path, text]) => {
      const code = codeOf(path, text);
      return IMPURE.flatMap(([pattern, mend]) => {
        const found = pattern.exec(code);
        return found === null ? [] : [`${path} uses ${found[0]}, and ${roomOf(path)} is pure: ${mend}.`];
      });
    });

const untidy = (files: Files): string[] =>
  [...files].flatMap(([path, text]) => {
    const problems: string[] = [];
    const lines = text.split('\n');
    if (!/^\/\/ \S.*[.:)]$/.test(lines[0]!)) {
      problems.push(`${path}: the first line is no comment. Say in one sentence what lives here: "// …."`);
    }
    if (lines.length - 1 > LINES_MAX) {
      problems.push(`${path}: ${lines.length - 1} lines, ${LINES_MAX} at most. Split it by what it does.`);
    }
    if (!VOICES.test(path)) {
      const code = codeOf(path, text);
      if (/(?<![.\w])process\.(?:stdout|stderr)\b(?!\.(?:isTTY|columns)\b)/.test(code)) {
        problems.push(`${path}: writes to the terminal itself. Use the console it is given (src/cli/console.ts).`);
      }
      if (/(?<![.\w])process\.exit(?:Code)?\b/.test(code)) {
        problems.push(`${path}: ends the process. Return an exit code; src/cli/entry.ts exits.`);
      }
    }
    return problems;
  });

const containing = (files: Files, words: readonly string[], mend: string): string[] =>
  [...files].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        words.filter(word => line.includes(word)).map(word => `${path}:${index + 1} says ${word}: ${mend}`),
      ),
  );

const read = (folder: string, pattern: RegExp): Files => {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name =>
    posix.join(folder, name),
  );
  return new Map(
    names
      .filter(name => pattern.test(name) && !/(?:^|\/)(?:node_modules|dist|coverage|fixtures)\//.test(name))
      .sort()
      .map(name => [name, readFileSync(join(root, name), 'utf8')]),
  );
};

describe('src', () => {
  const files = read('src', /\.ts$/);

  it('keeps the arrows between rooms', () => {
    expect(brokenArrows(files)).toEqual([]);
  });

  it('keeps pure rooms pure', () => {
    expect(impurities(files)).toEqual([]);
  });

  it('begins each file with its sentence, keeps it short, and prints and exits in one place', () => {
    expect(untidy(files)).toEqual([]);
  });

  it('leaves nothing for later', () => {
    const all = new Map([...files, ...read('scripts', /\.(?:ts|mjs|sh)$/)]);
    expect(containing(all, LEFTOVERS, 'finish it, or say what is so now')).toEqual([]);
  });
});

it('needs nothing that only one machine has', () => {
  const folders = ['src', 'scripts', 'test', 'templates', 'examples', 'bin', 'docs'].filter(name =>
    readdirSync(root).includes(name),
  );
  const all = folders.flatMap(folder => [...read(folder, /\.(?:ts|mjs|cjs|sh|md|json)$/)]);
  const top = readdirSync(root)
    .filter(name => /\.(?:md|ts|json)$/.test(name) && name !== 'package-lock.json')
    .map(name => [name, readFileSync(join(root, name), 'utf8')] as const);
  expect(containing(new Map([...all, ...top]), PRIVATE_PATHS, 'it exists on one machine only')).toEqual([]);
});

describe('the rules catch what they are for', () => {
  const one = (path: string, text: string): Files => new Map([[path, `// A file.\n${text}\n`]]);

  it.each([
    ['src/core/a.ts', "import type { Clock } from '../engine/ports.ts';", /core may import core\./],
    ['src/core/a.ts', "import { x } from '../spec/read.ts';", /core may import/],
    ['src/spec/a.ts', "import { x } from '../engine/loop.ts';", /spec may import/],
    ['src/agents/a.ts', "import { x } from '../spec/read.ts';", /agents may import/],
    ['src/engine/a.ts', "import { x } from '../adapters/clock.ts';", /Only src\/compose\.ts joins adapters/],
    ['src/engine/a.ts', "export * from '../agents/codex.ts';", /engine may import/],
    ['src/adapters/a.ts', "import { x } from '../engine/loop.ts';", /adapters may import/],
    ['src/adapters/tmux/a.ts', "import { x } from '../../cli/console.ts';", /Nothing but api imports cli/],
    ['src/sim/a.ts', "import { x } from '../adapters/clock.ts';", /sim may import/],
    ['src/compose.ts', "import {\n  a,\n  b,\n} from './cli/main.ts';", /Nothing but api imports cli/],
    ['src/cli/a.ts', "const { x } = await import('../adapters/clock.ts');", /Only src\/compose\.ts/],
    ['src/cli/a.ts', "import '../sim/clock.ts';", /Only src\/compose\.ts/],
    ['src/cli/a.ts', "import { runSpec } from '../api/index.ts';", /cli may import/],
    ['src/api/a.ts', "import { clock } from '../adapters/clock.ts';", /Only src\/compose\.ts/],
    ['src/utils/a.ts', '', /"utils" is no room/],
    ['src/core/a.ts', "import { createHash } from 'node:crypto';", /core is pure/],
    ['src/spec/a.ts', "import * as fs from 'fs-extra';", /spec is pure/],
  ])('%s: %s', (path, text, message) => {
    expect(brokenArrows(one(path, text)).join()).toMatch(message);
  });

  it.each([
    ['src/cli/commands/run.ts', "import { compose } from '../../compose.ts';"],
    ['src/compose.ts', "import { clock } from './adapters/clock.ts';"],
    ['src/sim/a.ts', "import type { Clock } from '../engine/ports.ts';"],
    ['src/spec/a.ts', "import { unified } from 'unified';"],
    ['src/api/run.ts', "import { wholeRun } from '../cli/run/whole.ts';"],
    ['src/core/a.ts', "// import { x } from '../cli/main.ts';"],
  ])('lets %s: %s through', (path, text) => {
    expect(brokenArrows(one(path, text))).toEqual([]);
  });

  it.each([
    'export const a = () => Date.now();',
    'export const a = new Date();',
    'export const a = () => new Date;',
    'export const a = Math.random();',
    "export const a = process.env['HOME'];",
    "console.log('x');",
    'export const a = performance.now();',
    'setTimeout(() => {}, 1);',
  ])('finds the world in %s', text => {
    expect(impurities(one('src/core/a.ts', text))).toHaveLength(1);
    expect(impurities(one('src/adapters/a.ts', text))).toEqual([]);
  });

  it('takes no comment and no fixed date for the world', () => {
    expect(
      impurities(one('src/core/a.ts', '/** not Date.now() */\nexport const a = new Date(0); // process.env')),
    ).toEqual([]);
  });

  it('finds files without a sentence, long ones, and those that print or exit', () => {
    expect(untidy(new Map([['src/core/a.ts', 'export const a = 1;\n']]))).toHaveLength(1);
    expect(untidy(one('src/core/a.ts', 'export {};\n'.repeat(LINES_MAX)))).toHaveLength(1);
    expect(untidy(one('src/cli/a.ts', "process.stdout.write('x');"))).toHaveLength(1);
    expect(untidy(one('src/engine/a.ts', 'process.exitCode = 1;'))).toHaveLength(1);
    expect(untidy(one('src/cli/entry.ts', 'process.exit(1);'))).toEqual([]);
    expect(untidy(one('src/cli/a.ts', 'export const wide = process.stdout.isTTY;'))).toEqual([]);
  });

  it('finds leftovers and private paths', () => {
    expect(containing(one('src/a.ts', `// ${LEFTOVERS[0]}: later`), LEFTOVERS, '')).toHaveLength(1);
    expect(containing(one('test/a.ts', `'${PRIVATE_PATHS[0]}x'`), PRIVATE_PATHS, '')).toHaveLength(1);
  });
});
