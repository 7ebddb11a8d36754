// `seqrun checkpoint`, typed in a repository of its own; units are completed by `accept`, so that no agent is needed.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git } from '../../adapters/git/world.ts';
import { runStarted } from '../../core/given.ts';
import { type Folder, makeFolder } from '../in-process.ts';

const tasks = '# Plan\n\n- [ ] 1. First\n- [ ] 2. Second\n- [ ] 3. Third\n';
const spec = '--spec .kiro/specs/cart';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  folder.write(tasks);
  folder.write('state/\n', '.gitignore');
  folder.write('one\n', 'a.txt');
});
afterEach(() => folder.close());

const withGit = () => {
  rmSync(join(folder.root, '.git'), { recursive: true });
  git(folder.root, 'init', '-q', '-b', 'main');
  git(folder.root, 'add', '-A');
  git(folder.root, 'commit', '-q', '-m', 'first');
};
const typed = async (words: string, env = {}) => {
  const ran = await folder.run(`${words} ${spec}`, env);
  return { ...ran, all: `${ran.stdout}\n${ran.stderr}` };
};
const ok = async (words: string): Promise<string> => {
  const ran = await typed(words);
  expect(ran.all).not.toContain('error:');
  expect(ran.exit).toBe(0);
  return ran.stdout;
};
const save = async (note = ''): Promise<string> => (await ok(`checkpoint save ${note}`.trim())).split(':')[0]!;
const text = (name: string) => readFileSync(join(folder.root, name), 'utf8');
const boxes = () => [...text('.kiro/specs/cart/tasks.md').matchAll(/\[(.)\]/g)].map(([, mark]) => mark).join('');
const specHome = () => {
  const specs = join(folder.root, 'state', 'seqrun', 'specs');
  return join(specs, readdirSync(specs)[0]!);
};
const journal = () => readFileSync(join(specHome(), 'journal.jsonl'), 'utf8');
const list = async () => JSON.parse(await ok('checkpoint list --json')).checkpoints as Record<string, unknown>[];
const refs = () => git(folder.root, 'for-each-ref', '--format=%(refname)', 'refs/seqrun').trim().split('\n');

describe('without git', () => {
  it('saves, lists, shows, and goes back to the state', async () => {
    expect((await typed('checkpoint list')).stderr).toContain('there are no checkpoints yet');
    await ok('accept 1');
    const id = await save('mine');
    expect(id).toMatch(/^chk-\d{8}-\d{6}$/);
    await ok('accept 2');
    expect(boxes()).toBe('xx ');
    expect(await ok('checkpoint list')).toMatch(new RegExp(`^${id}  1/3  saved +mine  \\d\\d:\\d\\d`));
    expect(await ok('checkpoint show latest')).toContain('remaining: 2, 3');
    expect(JSON.parse(await ok(`checkpoint show ${id} --json`))).toMatchObject({ id, notes: 'mine', git: null });
    const told = await ok(`checkpoint restore ${id}`);
    expect(told).toContain('not done any more: 2');
    expect(told).toContain('files stay as they are: the checkpoint holds none');
    expect(told).toContain('next: unit 2 - Second');
    expect(told).toContain('seqrun --spec .kiro/specs/cart');
    expect(boxes()).toBe('x  ');
    // And forward again.
    await ok(`checkpoint restore ${(await list()).find(one => one.kind === 'safety')!.id}`);
    expect(boxes()).toBe('xx ');
    expect(text('.kiro/specs/SEQUENTIAL_PROGRESS.md')).toContain(
      `> restored checkpoint ${id}: 1 of 3 units done; 2 is open again\n`,
    );
  });

  it('goes on with the whole plan, whatever the last run had selected', async () => {
    await ok('accept 1');
    await save();
    const words = [
      { flag: 'delay', value: '1' },
      { flag: 'only', value: '1' },
    ];
    for (const event of [
      { ...runStarted(), words },
      { type: 'run.ended', run: 'run-1', end: 'completed', exit: 0, because: '' },
    ]) {
      const seq = journal().trim().split('\n').length + 1;
      appendFileSync(join(specHome(), 'journal.jsonl'), `${JSON.stringify({ seq, atMs: Date.now(), ...event })}\n`);
    }
    const told = await ok('checkpoint restore latest');
    expect(told).toContain('next: unit 2 - Second\n  seqrun --spec .kiro/specs/cart --delay 1\n');
  });

  it('counts as not done what has another title now, and says why', async () => {
    await ok('accept 1,2');
    await save();
    await ok('reset');
    folder.write(tasks.replace('First', 'Something else'));
    expect(await ok('checkpoint restore latest')).toContain(
      'not done, although the checkpoint has it: 1: the task file has another title there now',
    );
    expect(boxes()).toBe(' x ');
  });

  it('keeps a box that was ticked just before it was saved', async () => {
    await ok('accept 1');
    folder.write(text('.kiro/specs/cart/tasks.md').replace('[ ] 2', '[x] 2'));
    await save();
    await ok('accept 3');
    await ok('checkpoint restore latest');
    expect(boxes()).toBe('xx ');
  });

  it('takes nothing that came later for what a file said when it was saved', async () => {
    await ok('accept 1');
    folder.write(text('.kiro/specs/cart/tasks.md').replace('[ ] 2', '[x] 2'));
    await save();
    folder.write(text('.kiro/specs/cart/tasks.md').replace('[x] 2', '[ ] 2'));
    await ok('accept 3');
    await ok('checkpoint restore latest');
    expect(boxes()).toBe('x  ');
  });

  it('changes nothing when it is only tried out', async () => {
    await ok('accept 1');
    const id = await save();
    await ok('accept 2');
    const before = [journal(), boxes(), text('.kiro/specs/SEQUENTIAL_STATE.json'), await list()];
    expect(await ok(`checkpoint restore ${id} --dry-run`)).toContain('would be restored');
    expect([journal(), boxes(), text('.kiro/specs/SEQUENTIAL_STATE.json'), await list()]).toEqual(before);
  });

  const wrong: [words: string, exit: number, said: string][] = [
    ['checkpoint restore', 64, 'needs the id of a checkpoint, or latest'],
    ['checkpoint show nothing', 64, 'there is no checkpoint "nothing"'],
    ['checkpoint show chk-', 64, '2 checkpoints begin with "chk-"'],
    ['checkpoint save two words', 64, "seqrun checkpoint save 'two words'"],
    ['checkpoint forget', 64, 'one of save, list, show, restore, clean'],
    ['checkpoint list --keep x', 64, '--keep got "x"'],
    ['status --force', 64, '--force belongs to checkpoint'],
    ['run --keep 3', 64, '--keep belongs to checkpoint'],
  ];
  it('refuses what it cannot mean', async () => {
    await save();
    await save();
    for (const [words, exit, said] of wrong) {
      const ran = await typed(words);
      expect([words, ran.exit, ran.stderr]).toEqual([words, exit, expect.stringContaining(said)]);
    }
  });

  it('takes the beginning of an id, and says when one cannot be read', async () => {
    const id = await save();
    expect(await ok(`checkpoint show ${id.slice(4)}`)).toContain(id);
    writeFileSync(join(specHome(), 'checkpoints', `${id}.json`), '{');
    const ran = await typed(`checkpoint restore ${id}`);
    expect([ran.exit, ran.stderr]).toEqual([65, expect.stringContaining('it is no JSON')]);
    expect(await ok('checkpoint list')).toContain('cannot be read: it is no JSON');
  });

  it('looks also when the config file is broken, and decides nothing then', async () => {
    const id = await save();
    folder.write('{', 'seqrun.config.json');
    expect((await typed('checkpoint list')).stdout).toContain(id);
    expect((await typed('checkpoint show latest')).exit).toBe(0);
    expect((await typed(`checkpoint restore ${id}`)).exit).toBe(64);
  });

  it('lets an agent look and nothing else', async () => {
    const id = await save();
    const inJob = { SEQRUN_START: 'mark' };
    for (const words of ['save', `restore ${id}`, 'clean']) {
      const ran = await typed(`checkpoint ${words}`, inJob);
      expect([ran.exit, ran.stderr]).toEqual([64, expect.stringContaining("is a person's decision")]);
    }
    expect((await typed('checkpoint list', inJob)).exit).toBe(0);
    expect((await typed(`checkpoint show ${id}`, inJob)).exit).toBe(0);
  });

  it('neither goes back nor cleans while a start is open; saving and looking are allowed', async () => {
    await ok('accept 1');
    const id = await save();
    const seq = journal().trim().split('\n').length;
    const event = {
      ...{
        type: 'start.intended',
        n: 1,
        unit: '2',
        kind: 'agent',
        mode: 'attempt',
        reason: { kind: 'task', note: null },
      },
      ...{ agent: 'codex', model: null, session: null, mark: 'm', folder: '/nowhere/1', units: [] },
    };
    appendFileSync(
      join(specHome(), 'journal.jsonl'),
      `${JSON.stringify({ seq: seq + 1, atMs: Date.now(), ...event })}\n`,
    );
    for (const words of [`checkpoint restore ${id}`, `checkpoint restore ${id} --dry-run`, 'checkpoint clean']) {
      const ran = await typed(words);
      expect([ran.exit, ran.stderr]).toEqual([75, expect.stringContaining('start 1 of unit 2 may still be running')]);
    }
    expect(await ok('checkpoint save')).toContain('1 of 3 units done, unit 2 at work');
    expect(await list()).toHaveLength(2);
  });

  it('keeps ten of each kind, and as many as it is told', async () => {
    for (let k = 0; k < 12; k++) await save(`n${k}`);
    expect((await list()).map(one => one.notes)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map(k => `n${k}`));
    await ok('checkpoint restore latest');
    expect(await ok('checkpoint clean --keep 3')).toContain('removed: 7 saved; 4 checkpoints left (3 saved, 1 safety)');
    const left = (await list()).filter(one => one.kind === 'saved').map(one => one.notes);
    expect(left).toEqual(['n11', 'n10', 'n9']);
    expect(await ok('checkpoint clean --keep 3')).toContain('removed: none; 4 checkpoints left');
    // What a person has saved does not all go by a number.
    const none = await typed('checkpoint clean --keep 0');
    expect([none.exit, none.stderr]).toEqual([64, expect.stringContaining('--keep got "0"')]);
    expect(await list()).toHaveLength(4);
  });
});

describe('with git', () => {
  beforeEach(withGit);

  it('brings files and state back, and forward again', async () => {
    await ok('accept 1');
    folder.write('two\n', 'a.txt');
    folder.write('new\n', 'src/new.txt');
    const id = await save('before');
    expect(JSON.parse(await ok('checkpoint show latest --json')).git).toMatchObject({
      branch: 'main',
      sha: git(folder.root, 'rev-parse', 'HEAD').trim(),
      dirty: true,
      modifiedFiles: ['a.txt'],
      untrackedFiles: ['src/new.txt'],
    });
    await ok('accept 2');
    folder.write('three\n', 'a.txt');
    folder.write('later\n', 'later.txt');
    rmSync(join(folder.root, 'src'), { recursive: true });
    // The task file is the user's own: what was written into it since stays.
    folder.write(`${text('.kiro/specs/cart/tasks.md')}- [ ] 4. Fourth\n`);
    const dry = await ok(`checkpoint restore ${id} --dry-run`);
    expect(dry).toContain('files: 2 written (a.txt, src/new.txt), 1 removed (later.txt)');
    expect(text('a.txt')).toBe('three\n');
    const kept = refs();
    expect(kept).toHaveLength(1);
    expect(await ok(`checkpoint restore ${id}`)).toContain('2 written (a.txt, src/new.txt), 1 removed (later.txt)');
    expect([text('a.txt'), text('src/new.txt'), boxes()]).toEqual(['two\n', 'new\n', 'x   ']);
    expect(existsSync(join(folder.root, 'later.txt'))).toBe(false);
    const safety = (await list()).find(one => one.kind === 'safety')!;
    expect(refs()).toContainEqual(expect.stringMatching(new RegExp(`/0/safety-${safety.id}$`)));
    await ok(`checkpoint restore ${safety.id}`);
    expect([text('a.txt'), text('later.txt'), boxes()]).toEqual(['three\n', 'later\n', 'xx  ']);
    expect(existsSync(join(folder.root, 'src'))).toBe(false);
  });

  it('works again after it was cut off between state and files', async () => {
    await ok('accept 1');
    const id = await save();
    await ok('accept 2');
    folder.write('later\n', 'a.txt');
    // As a crash leaves it: the state is back, the files are not.
    await ok(`checkpoint restore ${id} --state-only`);
    expect([text('a.txt'), boxes()]).toEqual(['later\n', 'x  ']);
    await ok(`checkpoint restore ${id}`);
    expect([text('a.txt'), boxes()]).toEqual(['one\n', 'x  ']);
  });

  it('counts nothing as done again before its files are there', async () => {
    await ok('accept 1');
    const id = await save();
    await ok('reset 1');
    folder.write('later\n', 'a.txt');
    await ok(`checkpoint restore ${id}`);
    const events = journal()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    const restored = events.filter(event => event.type === 'checkpoint.restored');
    expect(restored.map(event => event.completed.map((one: { id: string }) => one.id))).toEqual([[], ['1']]);
    expect(boxes()).toBe('x  ');
  });

  it('refuses when branch or HEAD differ, and goes back all the same with --force', async () => {
    const id = await save();
    git(folder.root, 'checkout', '-q', '-b', 'other');
    git(folder.root, 'commit', '-q', '--allow-empty', '-m', 'second');
    folder.write('later\n', 'a.txt');
    const ran = await typed(`checkpoint restore ${id}`);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(/on branch other, it was on branch main; HEAD is [0-9a-f]{12}, it was [0-9a-f]{12}/);
    expect(ran.stderr).toContain(`seqrun checkpoint restore ${id} --force`);
    expect(text('a.txt')).toBe('later\n');
    expect((await typed(`checkpoint restore ${id} --dry-run`)).exit).toBe(2);
    await ok(`checkpoint restore ${id} --force`);
    expect(text('a.txt')).toBe('one\n');
    expect(git(folder.root, 'branch', '--show-current').trim()).toBe('other');
  });

  it('removes no copy of the state file, and puts none back', async () => {
    const id = await save();
    folder.write('{"kept":1}\n', '.kiro/specs/SEQUENTIAL_STATE.before-20260101T000000_000Z.json');
    expect(await ok(`checkpoint restore ${id}`)).toContain('files: 0 written, 0 removed');
    expect(text('.kiro/specs/SEQUENTIAL_STATE.before-20260101T000000_000Z.json')).toBe('{"kept":1}\n');
  });

  it('says what cannot come back with another journal', async () => {
    await ok('accept 1');
    const id = await save();
    const path = join(specHome(), 'checkpoints', `${id}.json`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"journal": "[^"]+"/, '"journal": "another"'));
    const words =
      'receipts, reviews and counters of that time do not come back: they are in a journal that was set aside';
    expect(await ok(`checkpoint restore ${id} --dry-run`)).toContain(words);
    expect(await ok(`checkpoint restore ${id}`)).toContain(words);
  });

  it('tells a way back and forth with one line in units each', async () => {
    await ok('accept 1,2');
    const id = await save();
    await ok('reset');
    await ok('accept 3');
    await ok(`checkpoint restore ${id}`);
    const told = [...text('.kiro/specs/SEQUENTIAL_PROGRESS.md').matchAll(/^> .*checkpoint.*$/gm)].map(([line]) => line);
    expect(told).toEqual([`> restored checkpoint ${id}: 2 of 3 units done; 3 is open again; 1 and 2 are done again`]);
  });

  it('says when the files are not kept any more, or are others', async () => {
    const id = await save();
    folder.write('later\n', 'a.txt');
    const [ref] = refs();
    git(folder.root, 'update-ref', ref!, 'HEAD');
    expect((await typed(`checkpoint restore ${id}`)).stderr).toContain('holds something else now');
    git(folder.root, 'update-ref', '-d', ref!);
    const gone = await typed(`checkpoint restore ${id}`);
    expect([gone.exit, gone.stderr]).toEqual([2, expect.stringContaining(`${ref} is gone`)]);
    await ok(`checkpoint restore ${id} --state-only`);
    expect(text('a.txt')).toBe('later\n');
  });

  it('leaves git alone when it is told to', async () => {
    expect(await ok('checkpoint save --git off')).toContain('without files');
    expect(JSON.parse(await ok('checkpoint show latest --json')).git).toBeNull();
    expect(refs()).toEqual(['']);
  });

  it('drops the trees of what it removes once they are old', async () => {
    await save();
    const [ref] = refs();
    // What was kept an hour ago, by its commit's own time.
    const old = git(folder.root, 'rev-parse', `${ref}^{tree}`).trim();
    process.env.GIT_COMMITTER_DATE = '2020-01-01T00:00:00Z';
    const commit = git(folder.root, 'commit-tree', old, '-m', 'kept').trim();
    delete process.env.GIT_COMMITTER_DATE;
    const base = ref!.replace(/\/0\/.*$/, '');
    git(folder.root, 'update-ref', `${base}/0/before`, commit);
    git(folder.root, 'update-ref', `${base}/0/after`, ref!);
    const told = await ok('checkpoint clean');
    expect(told).toContain('removed: none; 1 checkpoint left (1 saved)');
    expect(told).toContain('kept trees: 1 dropped; 1 is younger than an hour, a later clean drops it');
    expect(refs()).toEqual([`${base}/0/after`, ref]);
  });

  it('drops what was kept for a removed checkpoint with a later clean, however few units came since', async () => {
    await ok('accept 1');
    await save();
    const [ref] = refs();
    process.env.GIT_COMMITTER_DATE = '2020-01-01T00:00:00Z';
    const commit = git(folder.root, 'commit-tree', `${ref}^{tree}`, '-m', 'kept').trim();
    delete process.env.GIT_COMMITTER_DATE;
    const base = ref!.replace(/\/0\/.*$/, '');
    // Removed ones that were saved, or made before a way back, after the last start.
    git(folder.root, 'update-ref', `${base}/7/saved-chk-20200101-000000`, commit);
    git(folder.root, 'update-ref', `${base}/7/safety-chk-20200101-000001`, commit);
    git(folder.root, 'update-ref', `${base}/7/after`, commit);
    const intended = {
      ...{ type: 'start.intended', n: 7, unit: null, kind: 'baseline', mode: 'attempt' },
      ...{ reason: { kind: 'task', note: null }, agent: 'codex', model: null, session: null, mark: 'm' },
      ...{ folder: '/nowhere/7', units: [], gate: { name: 'test', command: 'true', timeoutMs: 1, from: 'user' } },
    };
    const ended = {
      ...{ type: 'start.ended', n: 7, outcome: { kind: 'passed' }, code: null, signal: null, session: null },
      ...{ usage: null, evidence: [], worked: false, left: [], boxes: null, stop: null, config: null },
    };
    for (const event of [runStarted(), intended, ended]) {
      const seq = journal().trim().split('\n').length + 1;
      appendFileSync(join(specHome(), 'journal.jsonl'), `${JSON.stringify({ seq, atMs: Date.now(), ...event })}\n`);
    }
    expect(await ok('checkpoint clean')).toContain('kept trees: 2 dropped; 1 of the last 10 units stays');
    expect(refs()).toEqual([ref, `${base}/7/after`]);
  });
});
