// What README and docs say of words, settings and files: each name exists, each block is of a kind that is tested, each link leads somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, commandRow, HIDDEN_COMMANDS } from '../src/cli/command-table.ts';
import { parseConfig } from '../src/cli/config.ts';
import { readYaml } from '../src/cli/config-yaml.ts';
import { envNameOf, FLAG_NAMES } from '../src/cli/flags.ts';
import { readClosing } from '../src/core/closing.ts';
import { makePlan } from '../src/core/plan.ts';
import { behaviourNames, behaviours } from '../src/rehearsal/behaviours.ts';
import { readSpec } from '../src/spec/read.ts';
import { blocksOf, kinds, looksLike, ownTests, pages, proseOf, root, textOf } from './docs-blocks.ts';

const all = pages.filter(page => !(page in ownTests)).flatMap(blocksOf);
const of = (...wanted: string[]) =>
  all.filter(({ kind }) => wanted.includes(kind)).map(block => [at(block), block] as const);
const at = ({ page, line }: { page: string; line: number }) => `${page}:${line}`;
const everything = {
  granularity: 'group' as const,
  includeOptional: false,
  lenientDeps: false,
  only: null,
  from: null,
  until: null,
};
const bytes = (text: string) => new TextEncoder().encode(text);

describe('blocks', () => {
  it('are of the kinds that are tested', () => {
    const strange = all.filter(({ kind }) => !(kinds as readonly string[]).includes(kind));
    expect(
      strange.map(block => `${at(block)} is of the kind "${block.kind}": test/docs-blocks.ts lists what there is`),
    ).toEqual([]);
    expect(all.length).toBeGreaterThan(30);
    // One that is not closed, or whose info string holds a backtick, is none.
    expect(pages.filter(page => /^ *```/m.test(proseOf(page)))).toEqual([]);
  });

  it.each(Object.entries(ownTests))('of %s are compared by %s', (page, test) => {
    expect(readFileSync(join(root, test), 'utf8')).toContain(page.replace('docs/', ''));
  });

  it.each(of('json config', 'yaml config'))('%s: settings that are taken', (_, { kind, text }) => {
    const form =
      kind === 'yaml config' ? 'seqrun.config.yaml' : /"seqrun":/.test(text) ? 'package.json' : 'seqrun.config.json';
    const config = parseConfig({ path: join('/repo', form), bytes: Buffer.from(text) }, readYaml);
    expect(config, JSON.stringify(config)).not.toBeInstanceOf(Array);
    expect(Object.keys('values' in config ? config.values : {})).not.toEqual([]);
  });

  it.each(of('md tasks', 'json todos'))('%s: tasks that are read without a remark', (_, { text }) => {
    const spec = readSpec(bytes(text));
    expect([...spec.diagnostics, ...makePlan(spec, everything).diagnostics]).toEqual([]);
    expect(spec.tasks.length).toBeGreaterThan(0);
  });

  it.each(of('text closing'))('%s: a closing block that counts', (_, { text }) => {
    const { closing, warnings } = readClosing(text, { runId: 'r' });
    expect(warnings).toEqual([]);
    expect(closing?.needsFollowUp).toBe(false);
  });

  it.each(of('json other'))('%s: JSON', (_, { text }) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it.each(of('sh setup'))('%s: scripts of package.json', (_, { text }) => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const call of text.trim().split(/\n|&&/)) {
      const [, script] = /^npm (?:run |(?=test\b))([\w:]+)(?: -- .*)?$/.exec(call.trim()) ?? [];
      expect(call.trim() === 'npm ci' || script! in scripts, call).toBe(true);
    }
  });

  it('the two commands that set up everything are there as they always were', () => {
    const setup = blocksOf('README.md').filter(({ kind }) => kind === 'sh setup');
    expect(setup.map(({ text }) => text)).toEqual(['npm ci && npm run try\n', 'npm ci && npm run check\n']);
  });
});

describe('words', () => {
  /** Flags of other programs, and what `seqrun` itself takes beside its table. */
  const others = ['--auto', '--exit', '--stderr', '--stdout', '--file', '--version', '--help'];
  /** What a recipe adds. */
  const added = all
    .filter(({ kind, file }) => kind === 'ts add' && file === 'src/cli/flags.ts')
    .map(({ text }) => `--${text.trim().split(':')[0]}`);
  const known = new Set([...FLAG_NAMES.map(name => `--${name}`), ...others, ...added]);
  const commands: readonly string[] = [...COMMAND_NAMES, ...HIDDEN_COMMANDS];
  const codeOf = (page: string): string[] => [
    ...[...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!),
    ...blocksOf(page)
      .filter(({ kind }) => kind.startsWith('sh '))
      .flatMap(({ text }) => text.split('\n')),
  ];

  it.each(pages)('%s names flags, commands and variables that exist', page => {
    const wrong: string[] = [];
    for (const code of codeOf(page)) {
      const ours = !/^(npx|node|npm|git|tmux|my-agent|cp|rm) /.test(code);
      for (const [flag] of ours ? code.matchAll(/(?<![\w-])--[a-z][a-z-]+/g) : [])
        if (!known.has(flag)) wrong.push(flag);
      for (const [, command] of code.matchAll(/(?:^|[(;] ?)seqrun ([a-z]+)\b/g)) {
        if (!commands.includes(command!)) wrong.push(`seqrun ${command}`);
      }
      for (const [, command, action] of code.matchAll(/(?:^|seqrun )(checkpoint|todos|completion) ([a-z]+)/g)) {
        const { actions } = commandRow(command as 'todos');
        if (actions && !(action! in actions)) wrong.push(`${command} ${action}`);
      }
      for (const [name] of code.matchAll(/SEQRUN_[A-Z_]+/g)) {
        if (!FLAG_NAMES.some(flag => envNameOf(flag) === name) && !/^SEQRUN_(START|TEST_\w+)$/.test(name))
          wrong.push(name);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([...pages.filter(page => !(page in ownTests)), 'CHANGELOG.md'])(
    '%s: links lead to files, lines are short',
    page => {
      for (const [, link] of proseOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (!/^https?:/.test(link!)) expect(existsSync(join(root, dirname(page), link!)), link).toBe(true);
      }
      const long = textOf(page)
        .split('\n')
        .filter(line => line.length > 140 && !/^\||^\{|https:/.test(line));
      expect(long).toEqual([]);
    },
  );

  it('nothing that is installed links to what is in the repository alone', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
    const isInstalled = (path: string): boolean =>
      files.some(one =>
        one.includes('*')
          ? dirname(path) === dirname(one) && path.endsWith(one.split('*')[1]!)
          : path === one || path.startsWith(`${one}/`),
      );
    const installed = [...pages, 'CHANGELOG.md'].filter(isInstalled);
    expect(installed.length).toBeGreaterThan(8);
    const dead = installed.flatMap(page =>
      [...proseOf(page).matchAll(/(?<!!)\[[^\]]*\]\((?!https?:)([^)#\s]+)/g)]
        .map(([, link]) => join(dirname(page), link!))
        .filter(path => !isInstalled(path))
        .map(path => `${page}: ${path}`),
    );
    expect(dead).toEqual([]);
  });

  it('every behaviour of a rehearsal, and each of its options, is explained', () => {
    const rows = textOf('docs/agents.md').split('| `do` |')[1]!.split('\n\n')[0]!.split('\n');
    const untold = behaviourNames.flatMap(name => {
      const row = rows.find(line => line.split(' | ')[0]!.includes(`\`${name}\``)) ?? '';
      const { do: _, times: __, ...options } = behaviours[name].schema.entries;
      return [name, ...Object.keys(options)]
        .filter(word => !row.includes(`\`${word}\``))
        .map(word => `${name}: ${word}`);
    });
    expect(untold).toEqual([]);
  });

  it('every command has its place in README or docs, and every page of docs a link in README', () => {
    const text = pages.map(textOf).join('\n');
    const named = (command: string) => new RegExp(`seqrun ${command}\\b`).test(text);
    expect(COMMAND_NAMES.filter(command => command !== 'run' && !named(command))).toEqual([]);
    const unlinked = pages.filter(page => page.startsWith('docs/') && !textOf('README.md').includes(`](${page})`));
    expect(unlinked).toEqual([]);
    expect(textOf('README.md')).toContain('`CONTRIBUTING.md` in the repository');
  });
});

it('pictures are shown somewhere, and show no folder of the machine that made them', () => {
  const shown = pages.flatMap(page =>
    [...proseOf(page).matchAll(/\((?:docs\/)?pictures\/(\S+)\)/g)].map(([, name]) => name),
  );
  const there = readdirSync(join(root, 'docs/pictures'));
  expect(there.sort()).toEqual([...new Set(shown)].sort());
  for (const name of there)
    expect(readFileSync(join(root, 'docs/pictures', name), 'utf8'), name).not.toMatch(/\/tmp|\/root/);
});

it('output may leave out what differs, and nothing else', () => {
  const printed = 'a 12 s\nb\nc\nlast\n';
  for (const shown of ['a … s\nb\nc\nlast', 'a …\n…\nlast', '…\nlast', 'a 12 s\nb\nc\nlast\n…']) {
    expect(looksLike(printed, shown), shown).toBe(true);
  }
  for (const shown of ['a … s\nb\nlast', 'a …', '…\nc', 'a . s\nb\nc\nlast', 'b\n…']) {
    expect(looksLike(printed, shown), shown).toBe(false);
  }
});
