// What the user gives us may be broken in any way: each ends with its exit code, says what, where and what next, changes nothing.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { changedFiles, snapshotOf } from './files.ts';
import { few, isLong, makeWorld, type Result, rarely, threeUnits, type World } from './harness.ts';

let world: World;
afterEach(() => world.close());

const spec = ['--spec', '.kiro/specs/demo'];
const flags = [...spec, '--no-assign', '--no-tmux', '--delay', '0'];

/** Ended as it should, never claimed anything, said all of `words`, and no file the user had is different. */
const refused = (result: Result, exit: number, before: Map<string, string>, ...words: (string | RegExp)[]) => {
  const said = result.err + result.out;
  expect(result.code, said).toBe(exit);
  expect(said).not.toMatch(/^done:|all required units|all units done/m);
  expect(said, 'no trace of a stack').not.toMatch(/\n\s+at .*\.(ts|js):\d+|internal error|TypeError/i);
  for (const word of words) {
    if (typeof word === 'string') expect(said).toContain(word);
    else expect(said).toMatch(word);
  }
  expect(changedFiles(before, world.repo)).toEqual([]);
};

interface Row {
  title: string;
  tasks: string | Uint8Array;
  exit: number;
  words: (string | RegExp)[];
}

const nested = (depth: number): string =>
  Array.from(
    { length: depth },
    (_, k) =>
      `${'  '.repeat(k)}- [ ] ${Array(k + 1)
        .fill(1)
        .join('.')} Step`,
  ).join('\n');

describe('a tasks.md that cannot be run', () => {
  const rows: Row[] = [
    { title: 'Q-2.6: empty', tasks: '', exit: 65, words: ['The file is empty', 'demo/tasks.md', '- [ ] 1. Title'] },
    { title: 'only blanks', tasks: ' \n\n\t\n', exit: 65, words: [/empty|No task/, 'demo/tasks.md'] },
    {
      title: 'Q-2.6: no task understood',
      tasks: '# Plan\n\nFirst we do this,\nthen that.\n',
      exit: 65,
      words: ['No task was found', 'demo/tasks.md', '- [ ] 1. Title'],
    },
    {
      title: 'Q-2.7: an id twice',
      tasks: '- [ ] 1. One\n- [ ] 1. Other\n',
      exit: 65,
      words: ['lines 1 and 2', 'demo/tasks.md:2:3', '2 | - [ ] 1. Other'],
    },
    {
      title: 'Q-2.12: a cycle',
      tasks: '- [ ] 1. One\n  - depends on: 2\n- [ ] 2. Two\n  - depends on: 1\n',
      exit: 65,
      words: ['1 → 2 → 1', 'demo/tasks.md:1'],
    },
    {
      title: 'Q-2.12: an unknown dependency',
      tasks: '- [ ] 1. One\n  - depends on: 7\n',
      exit: 65,
      words: ['7', 'demo/tasks.md:', '--lenient-deps'],
    },
    {
      title: 'more than 5 MB',
      tasks: `- [ ] 1. One\n${'x'.repeat(5 * 1024 * 1024)}\n`,
      exit: 65,
      words: ['bytes', '5 MB', 'demo/tasks.md', 'split the spec'],
    },
    {
      title: 'UTF-16',
      tasks: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('- [ ] 1. One\n', 'utf16le')]),
      exit: 65,
      words: ['UTF-16', 'demo/tasks.md'],
    },
  ];

  test.each(few(rows, 3))('$title: $exit, in the run, the plan and the status', async ({ tasks, exit, words }) => {
    world = makeWorld({ tasks: '' });
    world.codex('done_');
    writeFileSync(join(world.specFolder, 'tasks.md'), tasks);
    const before = snapshotOf(world.repo);
    refused(await world.run(flags), exit, before, ...words);
    refused(await world.run(['plan', ...spec]), exit, before, ...words.slice(0, 1));
    expect(world.starts()).toEqual([]);
    expect(world.state().completed_at).toBeNull();
  });

  rarely('mended, the same command goes on as if nothing had been', async () => {
    world = makeWorld({ tasks: '' });
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(65);
    writeFileSync(join(world.specFolder, 'tasks.md'), '- [ ] 1. One\n');
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1']);
  });

  rarely('several errors are all told', async () => {
    world = makeWorld({ tasks: '- [ ] 1. One\n- [ ] 1. Other\n- [ ] 2. Two\n- [ ] 2. Second\n' });
    world.codex('done_');
    refused(await world.run(flags), 65, snapshotOf(world.repo), 'tasks.md:2:3', 'tasks.md:4:3');
  });

  test('--json: the reason is on stderr, and stdout holds one object per line', async () => {
    world = makeWorld({ tasks: '' });
    world.codex('done_');
    const { code, out, err } = await world.run([...flags, '--json']);
    expect(code).toBe(65);
    expect(err).toContain('The file is empty');
    const types = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).type);
    expect(types).toContain('spec.unreadable');
  });
});

describe('a tasks.md with odd bytes runs, and keeps them', () => {
  const rows: [string, string, string][] = [
    ['CRLF', '# P\r\n\r\n- [ ] 1. One\r\n- [ ] 2. Two\r\n', '# P\r\n\r\n- [x] 1. One\r\n- [x] 2. Two\r\n'],
    ['BOM', '\uFEFF- [ ] 1. One\n- [ ] 2. Two\n', '\uFEFF- [x] 1. One\n- [x] 2. Two\n'],
    ['NUL bytes', '- [ ] 1. O\0ne\n- [ ] 2. Two\0\n', '- [x] 1. O\0ne\n- [x] 2. Two\0\n'],
    ['no newline at the end', '- [ ] 1. One\n- [ ] 2. Two', '- [x] 1. One\n- [x] 2. Two'],
    ['a lone CR', '- [ ] 1. One\r- [ ] 2. Two\r', '- [x] 1. One\r- [x] 2. Two\r'],
  ];
  test.each(few(rows))('%s', async (_, tasks, after) => {
    world = makeWorld({ tasks });
    world.codex('done_');
    const { code, err } = await world.run(flags);
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1', '2']);
    expect(world.tasks()).toBe(after);
  });

  rarely('bytes that are no UTF-8', async () => {
    world = makeWorld({ tasks: '' });
    world.codex('done_');
    const bytes = (mark: string) =>
      Buffer.concat([Buffer.from(`- [${mark}] 1. Caf`), Buffer.from([0xe9, 0xff]), Buffer.from('\n')]);
    writeFileSync(join(world.specFolder, 'tasks.md'), bytes(' '));
    const { code, err } = await world.run(flags);
    expect(code, err).toBe(0);
    expect(err).toContain('tasks.md:1');
    expect(readFileSync(join(world.specFolder, 'tasks.md')).equals(bytes('x'))).toBe(true);
  });

  rarely('nested 200 deep: one unit, twelve levels of it, and a warning', async () => {
    world = makeWorld({ tasks: nested(200) });
    world.codex('done_');
    const { code, err } = await world.run(flags);
    expect(code, err).toBe(0);
    expect(world.starts()).toEqual(['1']);
    expect(world.tasks().match(/\[x\]/g)).toHaveLength(12);
    expect((await world.run(['lint', '--spec', '.kiro/specs/demo'])).err).toContain('more than 12 levels deep');
  });
});

describe('places that are not as they should be', () => {
  test('no tasks.md: 66, and what is there instead', async () => {
    world = makeWorld({ tasks: '', files: { '.kiro/specs/demo/todo.md': '- [ ] 1. One\n' } });
    rmSync(join(world.specFolder, 'tasks.md'));
    refused(await world.run(flags), 66, snapshotOf(world.repo), 'no task file', 'demo/tasks.md', 'todo.md', 'next:');
  });

  rarely('no tasks.md and nothing else: 66, and what to write', async () => {
    world = makeWorld({ tasks: '' });
    rmSync(join(world.specFolder, 'tasks.md'));
    refused(await world.run(flags), 66, snapshotOf(world.repo), 'no task file', 'write tasks.md', '- [ ] 1. Title');
  });

  rarely('a folder in its place: 66', async () => {
    world = makeWorld({ tasks: '' });
    rmSync(join(world.specFolder, 'tasks.md'));
    mkdirSync(join(world.specFolder, 'tasks.md'));
    refused(await world.run(flags), 66, snapshotOf(world.repo), 'tasks.md is a folder', 'demo/tasks.md');
  });

  rarely('a link to nothing: 66', async () => {
    world = makeWorld({ tasks: '' });
    rmSync(join(world.specFolder, 'tasks.md'));
    symlinkSync('/nowhere', join(world.specFolder, 'tasks.md'));
    refused(await world.run(flags), 66, snapshotOf(world.repo), 'no task file', 'demo/tasks.md');
  });

  test('no such spec: 66, with the one that is meant', async () => {
    world = makeWorld({ tasks: threeUnits });
    refused(
      await world.run(['--spec', '.kiro/specs/dmeo']),
      66,
      snapshotOf(world.repo),
      'no such spec',
      'next: --spec .kiro/specs/demo',
    );
  });

  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
  /** Why nobody cannot run anything here, or null. */
  const noNobody = ((): string | null => {
    if (process.getuid?.() !== 0) return 'not root';
    const look = spawnSync('setpriv', [...nobody, '-e', 'process.chdir(process.argv[1])', tmpdir()], { cwd: '/' });
    return look.status === 0 ? null : `another user cannot reach ${process.execPath} or ${tmpdir()}, or has no setpriv`;
  })();
  const isRoot = noNobody === null;
  if (!isRoot) process.stderr.write(`${noNobody}: the tests of another user’s permissions are skipped\n`);

  /** A copy of the program where nobody can reach it: the clone may lie below a folder that is closed to others. */
  const reachableProgram = (): string => {
    const program = process.env.SEQRUN_TEST_PROGRAM ?? join(import.meta.dirname, '..', '..', 'dist', 'seqrun.cjs');
    const copy = join(world.root, 'program');
    if (!existsSync(copy)) {
      for (const part of ['dist', 'templates'])
        cpSync(join(dirname(program), '..', part), join(copy, part), { recursive: true });
    }
    return join(copy, 'dist', basename(program));
  };

  /** Runs seqrun as nobody, in a world that belongs to nobody. */
  const asNobody = async (args: string[]): Promise<Result> => {
    const { spawn, execFileSync } = await import('node:child_process');
    const program = reachableProgram();
    execFileSync('chown', ['-R', '65534:65534', world.root]);
    const child = spawn('setpriv', [...nobody, program, ...args], {
      cwd: world.repo,
      env: world.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', text => {
      out += text;
    });
    child.stderr.on('data', text => {
      err += text;
    });
    return new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
  };

  test.skipIf(!isRoot)('a tasks.md that this user may not read: 66', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    chmodSync(join(world.specFolder, 'tasks.md'), 0);
    refused(await asNobody(flags), 66, snapshotOf(world.repo), /EACCES|permission/i, 'demo/tasks.md', 'ls -l');
    refused(
      await asNobody(['plan', ...spec]),
      66,
      snapshotOf(world.repo),
      /EACCES|permission/i,
      'demo/tasks.md',
      'ls -l',
    );
    expect(world.starts()).toEqual([]);
  });

  test.skipIf(!isRoot || !isLong)('a spec in a folder that this user may not enter: 66', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    chmodSync(world.specsFolder, 0o600);
    for (const args of [flags, ['plan', ...spec], ['status', ...spec]]) {
      refused(
        await asNobody(args),
        66,
        snapshotOf(world.repo),
        'cannot look at the spec (EACCES)',
        '/demo',
        'namei -l',
      );
    }
  });

  test.skipIf(!isRoot || !isLong)('folders that may be entered but not listed, and nothing in them: 66', async () => {
    world = makeWorld({ tasks: threeUnits });
    rmSync(join(world.specFolder, 'tasks.md'));
    chmodSync(world.specFolder, 0o311);
    chmodSync(world.specsFolder, 0o311);
    refused(await asNobody(flags), 66, new Map(), 'no task file', 'demo/tasks.md');
    refused(await asNobody(['--spec', '.kiro/specs/dmeo']), 66, new Map(), 'no such spec');
  });

  test.skipIf(!isRoot || !isLong)('a read-only specs folder: says so and starts nothing', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    chmodSync(world.specsFolder, 0o555);
    const before = snapshotOf(world.repo);
    refused(await asNobody(flags), 73, before, /EACCES|permission/i, '.kiro/specs');
    expect(world.starts()).toEqual([]);
  });

  test.skipIf(!isRoot)('a state home that is not writable: 73', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    chmodSync(world.env.XDG_STATE_HOME!, 0o555);
    refused(await asNobody(flags), 73, snapshotOf(world.repo), /EACCES|permission/i, '/xdg/seqrun', 'XDG_STATE_HOME=');
    expect(world.starts()).toEqual([]);
  });

  rarely('a file in the place of the state home: 73', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    writeFileSync(join(world.root, 'file'), '');
    const env = { XDG_STATE_HOME: join(world.root, 'file') };
    refused(await world.run(flags, { env }), 73, snapshotOf(world.repo), 'ENOTDIR', '/file/seqrun', 'XDG_STATE_HOME=');
  });

  test.skipIf(!existsSync('/proc/self'))('a file system that makes no folders: 73, no endless trying', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const running = world.start(flags, { env: { XDG_STATE_HOME: '/proc/none' } });
    const timer = setTimeout(() => running.child.kill('SIGKILL'), 10_000);
    const result = await running.done;
    clearTimeout(timer);
    refused(result, 73, snapshotOf(world.repo), '/proc/none', 'XDG_STATE_HOME=');
  });
});

describe('while it runs', () => {
  test('the spec vanishes: 66 after the running unit, which counts', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('mv .kiro/specs/demo "$AGENT_LOG.gone"; done_');
    const { code, out, err } = await world.run(flags);
    expect(code, err).toBe(66);
    expect(err).toContain('vanished');
    expect(out).not.toMatch(/^done:/m);
    expect(out).toContain('1 of 3 units');
    expect(world.state().completed).toEqual(['1']);
    const { renameSync } = await import('node:fs');
    renameSync(`${world.env.AGENT_LOG}.gone`, world.specFolder);
    world.codex('done_');
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });

  const breaks: [string, string, string][] = [
    ['an id twice', 'echo "- [ ] 1. Again" >>.kiro/specs/demo/tasks.md', 'tasks.md:6:3'],
    ['an emptied file', ': >.kiro/specs/demo/tasks.md', 'The file is empty'],
    ['prose', 'echo "All is done." >.kiro/specs/demo/tasks.md', 'No task was found'],
  ];
  test.each(few(breaks, 1))('the agent breaks tasks.md: %s', async (_, body, words) => {
    world = makeWorld({ tasks: threeUnits });
    world.codex(`[ $UNIT = 1 ] && { ${body}; }; done_`);
    const { code, out, err } = await world.run(flags);
    expect(code, err).toBe(65);
    expect(err).toContain(words);
    expect(out).not.toMatch(/^done:/m);
    expect(world.state()).toMatchObject({ completed: ['1'], completed_at: null });
    for (const command of ['status', 'why']) {
      const looked = await world.run([command, ...spec]);
      expect(looked.out).toContain('its last run ended with 65');
    }
    writeFileSync(join(world.specFolder, 'tasks.md'), threeUnits);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3']);
  });
});

describe('words', () => {
  const rows: [string, string[], number, (string | RegExp)[]][] = [
    ['an unknown flag', [...flags, '--delai', '3'], 64, ['--delai', 'did you mean --delay?']],
    ['an unknown command', ['statsu', ...spec], 64, ['statsu', 'did you mean status?']],
    ['an unknown backend', [...flags, '--backend', 'codx'], 64, ['codx', 'did you mean codex?']],
    ['Q-2.31: no spec at all is a usage error', ['--no-tmux'], 64, ['no spec is named', '--spec .kiro/specs/demo']],
    ['Q-2.48: a negative delay', [...spec, '--delay=-1'], 64, ['--delay', '-1', 'number of seconds']],
    ['Q-2.48: a delay that is no number', [...spec, '--delay', 'NaN'], 64, ['--delay', 'NaN']],
    ['Q-2.30: a time limit without its unit', [...spec, '--timeout', '600'], 64, ['--timeout', '600', '--timeout 90m']],
    [
      'a backend that is not installed',
      [...flags, '--backend', 'claude'],
      69,
      ['claude is not installed', '--backend codex'],
    ],
  ];
  test.each(few(rows, 4))('%s', async (_, args, exit, words) => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    refused(await world.run(args), exit, snapshotOf(world.repo), ...words);
    expect(world.starts()).toEqual([]);
  });

  const typed: [string, string, ...(string | RegExp)[]][] = [
    ['--only', '99', /--only 99: there is no such unit/, 'one of 1, 2, 3, or of the tasks in them'],
    ['--only', '11', /--only 11: there is no such unit. Did you mean 1\?/, 'one of 1, 2, 3, or of the tasks in them'],
    ['--from', '4', /--from 4: there is no such unit. Did you mean 1 or 2/, 'one of 1, 2, 3, or of the tasks in them'],
    ['--until', 'x', /--until x: there is no such unit/, 'seqrun plan --spec .kiro/specs/demo'],
  ];
  test.each(few(typed, 2))('%s %s: a typing error is no run', async (flag, id, ...words) => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    refused(await world.run([...flags, flag, id]), 64, snapshotOf(world.repo), ...words);
    expect(existsSync(world.journal())).toBe(false);
    // Nor after a run: what that ended with stays.
    expect((await world.run([...flags, '--max-iterations', '1'])).code).toBe(1);
    const [events, before] = [world.events().length, snapshotOf(world.repo)];
    refused(await world.run([...flags, flag, id]), 64, before, ...words);
    refused(await world.run(['plan', ...spec, flag, id]), 64, before, words[0]!);
    expect(world.events().length).toBe(events);
    expect(world.state().last_end).toMatchObject({ exit: 1 });
  });

  const missing: [string, ...string[]][] = [
    ['nosuchprog', '"nosuchprog"', 'at PATH'],
    ['./tools/agent.sh --fast', '"./tools/agent.sh"', 'repo/tools/agent.sh'],
    ['{workdir}/gone', 'repo/gone"', 'ls -l'],
  ];
  test.each(few(missing, 1))(
    '--command %s, which is not there: 69, and no unit is tried with it',
    async (command, ...words) => {
      world = makeWorld({ tasks: threeUnits });
      refused(
        await world.run([...flags, '--command', command]),
        69,
        snapshotOf(world.repo),
        'program of --command',
        ...words,
      );
      expect(world.events().map(event => event.type)).toEqual(['journal.opened']);
      world.bin('nosuchprog', '#!/bin/sh\ncat >/dev/null; echo "<promise>TASK_DONE</promise>"\n');
      expect((await world.run([...flags, '--command', 'nosuchprog'])).code).toBe(0);
    },
  );

  test('no agent on the PATH: 69', async () => {
    world = makeWorld({ tasks: threeUnits });
    refused(
      await world.run(flags),
      69,
      snapshotOf(world.repo),
      'no coding agent is installed',
      'codex, claude',
      '--command',
    );
  });

  test('tmux demanded and missing: 69; not demanded: a warning, and it goes on without', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    const tools = join(world.root, 'tools');
    mkdirSync(tools);
    const { execFileSync } = await import('node:child_process');
    for (const name of [
      'sh',
      'env',
      'git',
      'cat',
      'mkdir',
      'rm',
      'mv',
      'ps',
      'grep',
      'sed',
      'awk',
      'setsid',
      'head',
      'sleep',
      'dd',
      'ls',
    ]) {
      symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(tools, name));
    }
    const PATH = `${join(world.root, 'bin')}:${tools}`;
    refused(
      await world.run([...spec, '--no-assign', '--delay', '0', '--tmux-session', 'night'], { env: { PATH } }),
      69,
      snapshotOf(world.repo),
      'tmux is not installed',
      '--no-tmux',
    );
    const { code, err } = await world.run([...spec, '--no-assign', '--delay', '0'], { env: { PATH } });
    expect(code, err).toBe(0);
    expect(err).toMatch(/warning: .*tmux/);
  });

  test.each([
    [
      'a wrong value',
      '{\n  "delay": "soon"\n}\n',
      ['seqrun.config.json:2:3', '2 |   "delay": "soon"', '{ "delay": 15 }'],
    ],
    ['an unknown key', '{ "mxAttempts": 3 }', ['mxAttempts', 'did you mean "maxAttempts"?']],
    ['no JSON', '{ "delay": 3,, }', ['not valid JSON', 'seqrun.config.json:1:14']],
    ['a word for one call', '{ "fresh": true }', ['fresh', '--fresh']],
  ])('a config file with %s: 64', async (_, config, words) => {
    world = makeWorld({ tasks: threeUnits, files: { 'seqrun.config.json': config } });
    world.codex('done_');
    refused(await world.run(flags), 64, snapshotOf(world.repo), ...words);
  });
});

describe('state and journal', () => {
  const stateFile = () => join(world.specsFolder, 'SEQUENTIAL_STATE.json');

  const broken: [string, string, string[]][] = [
    ['Q-2.44: cut off', '{"version": 2, "specs": {', ['no JSON', 'line 1']],
    ['Q-2.44: empty', '', ['it is empty']],
    ['somebody else’s JSON', '{"hello": 1}', ['neither "specs" nor']],
    ['a list', '[]', ['no JSON object']],
    ['a newer version', '{"version": 3, "specs": {}}', ['version is 3', 'newer seqrun']],
  ];
  test.each(few(broken, 2))('a state file without journal: %s: 65, kept', async (_, text, words) => {
    world = makeWorld({ tasks: threeUnits, files: { '.kiro/specs/SEQUENTIAL_STATE.json': text } });
    world.codex('done_');
    const before = snapshotOf(world.repo);
    refused(await world.run(flags), 65, before, 'SEQUENTIAL_STATE.json', ...words, /mv '.*' '.*\.broken'/);
    refused(await world.run(['status', ...spec]), 65, before, 'SEQUENTIAL_STATE.json');
    expect(world.starts()).toEqual([]);
  });

  test('Q-2.44: a state file that breaks beside its journal is a warning: the journal is the truth', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 2 ] && halt; done_');
    expect((await world.run(flags)).code).toBe(2);
    writeFileSync(stateFile(), '{broken');
    world.codex('done_');
    const { code, err } = await world.run([...flags, '--resume']);
    expect(code, err).toBe(0);
    expect(err).toMatch(/warning: .*state file cannot be understood/);
    expect(readFileSync(stateFile(), 'utf8')).toBe('{broken');
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
  });

  rarely('Q-2.44: a directory in its place', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('done_');
    mkdirSync(stateFile());
    refused(await world.run(flags), 65, snapshotOf(world.repo), 'no regular file', 'SEQUENTIAL_STATE.json');
  });

  const flat =
    '{"completed": ["1"], "halted": true, "halted_task": "2", "assignments": {"3": {"type": "ui", "owner_agent": "codex"}}}';

  test('Q-2.41: the old flat file: its completions and its HALT are kept, a copy too', async () => {
    world = makeWorld({ tasks: threeUnits, files: { '.kiro/specs/SEQUENTIAL_STATE.json': flat } });
    world.codex('done_');
    const halted = await world.run(flags);
    expect(halted.code, halted.err).toBe(2);
    expect(world.starts()).toEqual([]);
    expect(readFileSync(join(world.specsFolder, 'SEQUENTIAL_STATE.v1.json'), 'utf8')).toBe(flat);
    expect((await world.run([...flags, '--resume'])).code).toBe(0);
    expect(world.starts()).toEqual(['2', '3']);
    expect(world.state()).toMatchObject({ halted: false, halted_at: null, halted_task: null });
  });

  test('Q-2.40: an old flat file over two specs belongs to nobody: 65, --adopt-state gives it to one', async () => {
    world = makeWorld({
      tasks: threeUnits,
      files: { '.kiro/specs/SEQUENTIAL_STATE.json': '{"completed": ["1"]}', '.kiro/specs/other/tasks.md': threeUnits },
    });
    world.codex('done_');
    const before = snapshotOf(world.repo);
    refused(await world.run(flags), 65, before, 'flat form', 'SEQUENTIAL_STATE.json', '--adopt-state');
    const status = await world.run(['status', ...spec]);
    expect(status.out).toContain('0 of 3 units');
    expect((await world.run([...flags, '--adopt-state'])).code).toBe(0);
    expect(world.starts()).toEqual(['2', '3']);
    expect((await world.run(['--spec', '.kiro/specs/other', ...flags.slice(2)])).code).toBe(0);
    expect(world.starts()).toEqual(['2', '3', '1', '2', '3']);
  });

  test('a torn tail of the journal is cut and kept aside', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 2 ] && halt; done_');
    await world.run(flags);
    const journal = world.journal();
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}{"seq":999,"atM`);
    world.codex('done_');
    const { code, err } = await world.run([...flags, '--resume']);
    expect(code, err).toBe(0);
    const [, aside] = /kept in (\S+)/.exec(err) ?? [];
    expect(dirname(aside!)).toBe(dirname(journal));
    expect(readFileSync(aside!, 'utf8')).toBe('{"seq":999,"atM');
    expect(world.starts()).toEqual(['1', '2', '2', '3']);
  });

  test('damage in the middle of the journal: 65, kept as it is; --adopt-state goes on from the state file', async () => {
    world = makeWorld({ tasks: threeUnits });
    world.codex('[ $UNIT = 3 ] && failed no; done_');
    expect((await world.run([...flags, '--max-attempts', '1'])).code).toBe(3);
    const journal = world.journal();
    const lines = readFileSync(journal, 'utf8').split('\n');
    lines[3] = lines[3]!.replace('"seq"', '"sex"');
    writeFileSync(journal, lines.join('\n'));
    const [kept, before] = [readFileSync(journal), snapshotOf(world.repo)];
    for (const args of [flags, ['status', ...spec], ['why', ...spec], ['accept', '3', ...spec]]) {
      refused(await world.run(args), 65, before, 'journal is damaged', 'journal.jsonl:4', '--adopt-state');
    }
    expect(readFileSync(journal).equals(kept)).toBe(true);

    world.codex('done_');
    const adopted = await world.run([...flags, '--adopt-state']);
    expect(adopted.code, adopted.err + adopted.out).toBe(3);
    const [, aside] = /kept: (\S+),/.exec(adopted.err) ?? [];
    expect(readFileSync(aside!).equals(kept)).toBe(true);
    expect((await world.run(['retry', '3', ...spec])).code).toBe(0);
    expect((await world.run(flags)).code).toBe(0);
    expect(world.starts()).toEqual(['1', '2', '3', '3']);
  });
});
