// Runs what README and docs show: the shell blocks of a page, in order, in a repository with the spec `checkout` and a scripted agent.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Block, blocksOf, looksLike, ownTests, pages, root } from './docs-blocks.ts';
import { hasTmux, makeWorld, rarely } from './e2e/harness.ts';

const tasks = `# Checkout

- [x] 1. Keep the cart
- [ ] 2. Add the price
  - [ ] 2.1 Sum the lines
  - [ ] 2.2 Add the tax
- [ ] 3. Pay
  - _Depends: 2_
- [ ]* 4. Draw a picture of it
`;

const program = process.env.SEQRUN_TEST_PROGRAM ?? join(root, 'dist', 'seqrun.cjs');

/** Which agent is found first is told by some blocks, and a machine may have others where programs usually are. */
const others = ['opencode', 'codex', 'claude', 'gemini'].filter(name =>
  ['/usr/local/bin', '/usr/bin', '/bin'].some(folder => existsSync(join(folder, name))),
);
const cannot = others.length > 0 ? `${others.join(', ')} would be found` : hasTmux ? null : 'there is no tmux';
if (cannot) process.stderr.write(`the pages are not run: ${cannot}\n`);

const runs = ['sh run', 'sh clone', 'sh file', 'md file', 'json file', 'text output'];

/** Runs the blocks of a page; fails with the block that does not do what the page says. */
const play = (page: string): void => {
  const world = makeWorld({
    tasks,
    spec: 'checkout',
    files: {
      'package.json': '{ "private": true, "scripts": { "test": "node --test" } }\n',
      '.gitignore': 'node_modules\n',
    },
    env: { SEQRUN_DELAY: '0' },
    looksAtGit: true,
  });
  try {
    world.codex('echo more >>done.txt; done_');
    // Green, and quicker than the real one.
    world.bin('npm', '#!/bin/sh\nexit 0\n');
    world.bin('seqrun', `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    let printed = '';
    for (const { kind, file, line, text } of blocksOf(page).filter(block => runs.includes(block.kind))) {
      const place = `${page}:${line}`;
      if (kind === 'text output') {
        expect(looksLike(printed, text), `${place} shows\n${text}\nbut it printed\n${printed}`).toBe(true);
      } else if (file !== null) {
        mkdirSync(dirname(join(world.repo, file)), { recursive: true });
        writeFileSync(join(world.repo, file), text);
      } else printed = runBlock(text, kind === 'sh clone' ? root : world.repo, world.env, place);
    }
  } finally {
    world.close();
  }
};

/** What it prints on stdout. It must end with 0; one that shows an exit code itself goes on after a command that fails. */
const runBlock = (text: string, cwd: string, env: Record<string, string>, place: string): string => {
  const shell = ['/bin/sh', ...(text.includes('$?') ? [] : ['-e']), '-c', text] as const;
  const { status, stdout, stderr } = spawnSync(shell[0], shell.slice(1), {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect(status, `${place}\n${text}\n${stderr}${stdout}`).toBe(0);
  expect(stderr, `${place}\n${text}`).not.toMatch(/^\[seqrun\] error/m);
  return stdout;
};

const withRuns = (page: string): boolean => blocksOf(page).some((block: Block) => block.kind === 'sh run');

test.skipIf(cannot)('README.md does what it shows', () => play('README.md'));

const deeper = pages.filter(page => page !== 'README.md' && !(page in ownTests) && withRuns(page));
for (const page of cannot ? [] : deeper) rarely(`${page} does what it shows`, () => play(page));

/** What a change of the sources needs, in a folder of its own. */
const copyOfTree = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'seqrun-recipe-'));
  const wanted = /^(src|scripts|test|templates|docs|examples)$|\.(json|md|ts)$|^LICENSE$/;
  for (const name of readdirSync(root).filter(one => wanted.test(one))) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
};

const addPiece = (copy: string, { file, beside, line, text }: Block): void => {
  const path = join(copy, file!);
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.findIndex(one => one.includes(beside!.words));
  expect(at, `CONTRIBUTING.md:${line}: ${file} has no line with ${beside!.words}`).toBeGreaterThanOrEqual(0);
  lines.splice(beside!.where === 'above' ? at : at + 1, 0, text.trimEnd());
  writeFileSync(path, lines.join('\n'));
};

/** Of a shell in which somebody works on seqrun; nothing of this test run. */
const toolEnv = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', TMPDIR: tmpdir() };

const recipes = blocksOf('CONTRIBUTING.md').filter(({ kind }) => kind === 'sh copy' || kind === 'ts add');
for (const section of new Set(recipes.map(block => block.section))) {
  rarely(
    `CONTRIBUTING.md: ${section}, as it is told`,
    () => {
      const copy = copyOfTree();
      try {
        for (const block of recipes.filter(one => one.section === section)) {
          if (block.kind === 'ts add') addPiece(copy, block);
          else runBlock(block.text, copy, toolEnv, `CONTRIBUTING.md:${block.line}`);
        }
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
    600_000,
  );
}
