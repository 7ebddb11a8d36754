// What is secret stays so: files only this user may read, and values of secret variables that are told to nobody.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTmux, makeWorld, until, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const key = 'sk-Canary/4f9A+b77=';
const password = 'pa55-Canary!';
const secrets = { OPENAI_API_KEY: key, DATABASE_URL: `postgres://app:${password}@db/x` };
const holds = (text: string): boolean => text.includes('Canary');

/** Files below a folder, with what they hold; links are passed over. */
const filesIn = (folder: string): { path: string; mode: number; text: string }[] =>
  (readdirSync(folder, { recursive: true }) as string[]).flatMap(name => {
    const path = join(folder, name);
    const info = statSync(path, { throwIfNoEntry: false });
    return info?.isFile() ? [{ path, mode: info.mode & 0o777, text: readFileSync(path, 'latin1') }] : [];
  });

const foldersIn = (folder: string): string[] =>
  (
    readdirSync(folder, { recursive: true, withFileTypes: true }) as {
      name: string;
      parentPath: string;
      isDirectory(): boolean;
    }[]
  )
    .filter(entry => entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name));

/** Command lines of all processes. */
const commandLines = (): string[] =>
  readdirSync('/proc').flatMap(pid => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1')] : [];
    } catch {
      return [];
    }
  });

/** Whatever tells of a run; once, since it is the same for every transport. */
const looking = ['status', 'why', 'receipt 1', 'receipt 2', 'logs 2', 'handoff', 'doctor'].map(words =>
  words.split(' '),
);

const rows = [
  { word: 'plain', umask: '000', more: ['--no-tmux'], looked: looking },
  ...(hasTmux ? [{ word: 'tmux', umask: '077', more: [] as string[], looked: [] }] : []),
  ...(hasTmux && process.env.SEQRUN_TEST_LONG
    ? [{ word: 'tmux', umask: '000', more: [] as string[], looked: looking }]
    : []),
];

describe.each(rows)('in $word, with umask $umask', ({ umask, more, looked }) => {
  test('modes, and values of secret variables', async () => {
    world = makeWorld({
      tasks: '- [ ] 1. One\n- [ ] 2. Two\n',
      files: {
        'gate.sh': '[ -e mended ] || { echo "the key $OPENAI_API_KEY is wrong, so is $DATABASE_URL"; exit 1; }\n',
        'answer.txt': [
          'The key is KEY, the base is URL.',
          '```seqrun',
          '{"summary": "used KEY", "evidence": ["KEY"], "validation": "curl KEY"}',
          '```',
          '<promise>TASK_DONE</promise>\n',
        ].join('\n'),
        'seqrun.config.json': JSON.stringify({ verify: { test: 'sh gate.sh' } }),
      },
      looksAtGit: true,
    });
    world.codex(
      [
        'echo "stderr $OPENAI_API_KEY" >&2',
        'echo "no JSON: $DATABASE_URL"',
        '[ $UNIT.$K = 1.1 ] && wait_for',
        '[ $UNIT.$K = 1.2 ] && touch mended',
        '[ $UNIT = 2 ] && halt "is $OPENAI_API_KEY right?"',
        'say "$(sed "s|KEY|$OPENAI_API_KEY|; s|URL|$DATABASE_URL|" answer.txt)"; completed',
      ].join('\n'),
    );
    const spec = ['--spec', '.kiro/specs/demo'];
    const run = world.start([...spec, '--no-assign', '--delay', '0', '--git', 'check', '--verbose', ...more], {
      env: secrets,
      umask,
    });
    await until('unit 1', () => world.starts().length === 1);
    expect(commandLines().filter(holds)).toEqual([]);
    // A command of another process, while the run is on.
    const stop = await world.run(['follow', '2', 'and more', ...spec], { env: secrets, umask });
    expect(stop.code, stop.err).toBe(0);
    world.go();
    const { code, out, err } = await run.done;
    expect(code, err).toBe(2);
    expect(world.starts()).toEqual(['1', '1', '2']);

    const texts = [out, err];
    for (const words of looked) {
      for (const json of words[0] === 'logs' ? [[]] : [[], ['--json']]) {
        const found = await world.run([...words, ...json, ...(words[0] === 'doctor' ? [] : spec)], { env: secrets });
        texts.push(found.out + found.err);
      }
    }
    texts.push(world.progress(), readFileSync(join(world.specsFolder, 'SEQUENTIAL_STATE.json'), 'utf8'));
    expect(texts.filter(holds)).toEqual([]);
    expect(texts[1]).toContain('is [OPENAI_API_KEY] right?');

    const home = join(world.root, 'xdg');
    const files = filesIn(home);
    const raw = /\/(stdout\.jsonl|stderr\.log)$/;
    expect(files.filter(({ path, text }) => holds(text) && !raw.test(path)).map(({ path }) => path)).toEqual([]);
    expect(files.filter(({ path, text }) => holds(text) && raw.test(path)).length).toBeGreaterThan(0);
    const prompt = files.find(({ path }) => /\/4-1-agent\/prompt\.md$/.test(path))!;
    expect(prompt.text).toContain('the key [OPENAI_API_KEY] is wrong');

    const open = files.filter(({ path, mode }) => (mode & 0o077) !== 0 && !/\/lock\/[^/]*$/.test(path));
    expect(open.map(({ path, mode }) => `${mode.toString(8)} ${path}`)).toEqual([]);
    // Locks hold no secret, and the one in here lies in a closed folder.
    const openFolders = foldersIn(home).filter(path => (statSync(path).mode & 0o077) !== 0 && !path.endsWith('/lock'));
    expect(openFolders).toEqual([]);
  });
});

test('a state home that stood open is closed', async () => {
  world = makeWorld({ tasks: '- [ ] 1. One\n' });
  world.codex('done_');
  const home = join(world.root, 'xdg', 'seqrun');
  mkdirSync(join(home, 'specs'), { recursive: true, mode: 0o755 });
  writeFileSync(join(home, 'x'), '');
  const { code } = await world.run(['--spec', '.kiro/specs/demo', '--no-assign', '--delay', '0', '--no-tmux']);
  expect(code).toBe(0);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});
