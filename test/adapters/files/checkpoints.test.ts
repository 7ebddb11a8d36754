// Checkpoints on disk: whole or not there, never over another one, the newest of each kind stay; and the writer after each unit.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCheckpointWriter } from '../../../src/adapters/files/checkpoint-writer.ts';
import { type CheckpointStore, openCheckpoints } from '../../../src/adapters/files/checkpoints.ts';
import { type Checkpoint, type CheckpointKind, checkpointId, checkpointOf } from '../../../src/core/checkpoint.ts';
import type { EventBody } from '../../../src/core/events.ts';
import { endedOf, given, planOf, type Story, t0, unitOf } from '../../core/given.ts';

let home: string;
let store: CheckpointStore;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'seqrun-chk-'));
  store = openCheckpoints(home);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const make = (id: string, kind: CheckpointKind = 'saved'): Checkpoint =>
  checkpointOf(given(planOf(unitOf('1'))).state, {
    id,
    kind,
    atMs: t0,
    project: 'p',
    spec: 's',
    description: 'd',
    note: null,
    git: null,
    trees: null,
    start: null,
    seq: 3,
  });
const add = (id: string, kind?: CheckpointKind) => store.add(make(id, kind), { lasting: false });
const ids = () => store.list().map(one => (one.kind === 'read' ? one.checkpoint.id : `damaged ${one.id}`));
const latest = () => readlinkSync(join(home, 'checkpoints', 'latest'));

describe('the store', () => {
  it('gives each second its numbers, and writes over nothing', async () => {
    expect(store.list()).toEqual([]);
    for (let k = 1; k <= 11; k++) expect(await add(store.freeId(t0))).toBe(true);
    expect(ids().slice(0, 2)).toEqual(['chk-20260101-000000-11', 'chk-20260101-000000-10']);
    expect(ids().slice(-2)).toEqual(['chk-20260101-000000-2', 'chk-20260101-000000']);
    const before = readFileSync(join(home, 'checkpoints', 'chk-20260101-000000.json'), 'utf8');
    expect(await store.add({ ...make('chk-20260101-000000'), description: 'other' }, { lasting: true })).toBe(false);
    expect(readFileSync(join(home, 'checkpoints', 'chk-20260101-000000.json'), 'utf8')).toBe(before);
    store.remove(['chk-20260101-000000', 'chk-20260101-000000-2']);
    expect(store.freeId(t0)).toBe('chk-20260101-000000-12');
    expect(readdirSync(store.folder).filter(name => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is nobody else’s to read, and reads back what was written', async () => {
    const mask = process.umask(0);
    await store.add(make('chk-20260101-000000'), { lasting: true });
    process.umask(mask);
    const path = join(store.folder, 'chk-20260101-000000.json');
    expect([statSync(store.folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(store.list()).toEqual([{ kind: 'read', path, checkpoint: make('chk-20260101-000000') }]);
  });

  it('points to the newest that is no safety copy', async () => {
    await add('chk-20260101-000001', 'automatic');
    await add('chk-20260101-000003', 'safety');
    expect(latest()).toBe('chk-20260101-000001.json');
    // Made earlier, saved later: time decides.
    await add('chk-20260101-000000');
    expect(latest()).toBe('chk-20260101-000001.json');
    store.remove(['chk-20260101-000001']);
    expect(latest()).toBe('chk-20260101-000000.json');
    store.remove(['chk-20260101-000000']);
    expect(() => latest()).toThrow();
  });

  it('keeps the newest of each kind', async () => {
    const kinds: CheckpointKind[] = ['automatic', 'saved', 'automatic', 'safety', 'automatic', 'saved'];
    for (const [k, kind] of kinds.entries()) await add(checkpointId(t0 + k * 1000), kind);
    expect(store.prune(2)).toEqual([{ id: 'chk-20260101-000000', kind: 'automatic' }]);
    expect(store.prune(1)).toEqual([
      { id: 'chk-20260101-000002', kind: 'automatic' },
      { id: 'chk-20260101-000001', kind: 'saved' },
    ]);
    expect(ids()).toEqual(['chk-20260101-000005', 'chk-20260101-000004', 'chk-20260101-000003']);
  });

  it.each([
    ['', 'the file is empty'],
    ['{"id":', 'it is no JSON'],
    ['null', 'its id is not its name'],
    ['{"id":"chk-20260101-000000-7"}', 'its id is not its name'],
    ['{"id":"chk-20260101-000000","version":2}', 'it has version 2, this seqrun reads 1'],
    ['{"id":"chk-20260101-000000","version":1}', 'it is not what seqrun writes'],
    [JSON.stringify({ ...make('chk-20260101-000000'), trees: [{ ref: 'r' }] }), 'it is not what seqrun writes'],
    [JSON.stringify({ ...make('chk-20260101-000000'), timestamp: 'soon' }), 'it is not what seqrun writes'],
  ])('names what cannot be read, and leaves it: %s', (text, because) => {
    mkdirSync(store.folder);
    const path = join(store.folder, 'chk-20260101-000000.json');
    writeFileSync(path, text);
    writeFileSync(join(store.folder, 'notes.json'), text);
    expect(store.list()).toEqual([{ kind: 'damaged', id: 'chk-20260101-000000', path, because }]);
  });

  it('takes away what a crash has left', async () => {
    await add('chk-20260101-000000');
    // Numbers of processes end at 4,194,304: nobody has that one.
    const [dead, living] = [4_194_305, process.pid].map(pid => `.chk-20260101-000001.json.${pid}.0123456789ab.tmp`);
    for (const name of [dead!, living!]) writeFileSync(join(store.folder, name), '');
    store.tidy();
    expect(readdirSync(store.folder).sort()).toEqual([living, 'chk-20260101-000000.json', 'latest']);
  });
});

describe('the writer', () => {
  const done = { kind: 'completed', signal: 'TASK_DONE' } as const;
  const units = Array.from({ length: 14 }, (_, k) => unitOf(String(k + 1)));
  const writer = (story: { events: unknown }) =>
    createCheckpointWriter({
      places: { spec: home, specFolder: join(home, 'specs', 'cart') },
      keptAs: 'cart-1',
      workdir: home,
      events: () => story.events as never,
    });

  const read = () => store.list().flatMap(one => (one.kind === 'read' ? [one.checkpoint] : []));
  /** A unit whose gates pass, all of them or only the first so many. */
  const checkedUnit = (story: Story, unit: string, names: string[], passing = names.length): void => {
    const gates = names.map(name => ({ name, command: name, timeoutMs: 1000, from: 'user' as const }));
    const agent = story.state.lastN + 1;
    const begin = (over: object): void => {
      const n = story.state.lastN + 1;
      const start = { n, unit, mode: 'attempt', reason: { kind: 'task', note: null }, agent: 'codex', model: null };
      const place = { session: null, mark: `m${n}`, folder: `/${n}`, units: [] };
      story.and({ type: 'start.intended', ...start, ...place, ...over } as unknown as EventBody);
    };
    begin({ kind: 'agent', gates });
    story.and(endedOf(agent, { kind: 'checking', signal: 'TASK_DONE' }));
    for (const [k, gate] of gates.slice(0, passing).entries()) {
      begin({ kind: 'gate', gate });
      const start = story.state.lastN;
      const result = {
        result: 'passed',
        because: null,
        known: null,
        code: 0,
        durationMs: 1,
        start,
        signature: '',
      } as const;
      const checked = k === gates.length - 1 ? { checked: { start: agent, outcome: done } } : {};
      story.and(endedOf(start, { kind: 'passed' }, { gate: { ...gate, ...result }, ...checked }));
    }
  };

  it('makes one for each completed unit, once, and keeps ten', async () => {
    const story = given(planOf(...units));
    const first = writer(story);
    await first.write(story.state);
    expect(existsSync(store.folder)).toBe(false);
    for (const unit of units.slice(0, 12)) {
      story.start(unit.id, { kind: 'stalled' });
      await first.write(story.state);
      story.start(unit.id, done);
      await first.write(story.state);
      await first.write(story.state);
    }
    await add('chk-20200101-000000');
    const phases = store.list().map(one => (one.kind === 'read' ? one.checkpoint.phase : ''));
    expect(phases).toEqual([...['12', '11', '10', '9', '8', '7', '6', '5', '4', '3'].map(k => `${k}/14`), '0/1']);
    // Another life of seqrun: the same one is not made twice.
    await writer(story).write(story.state);
    expect(store.list()).toHaveLength(11);
    story.start('13', done);
    await writer(story).write(story.state);
    expect(store.list()).toHaveLength(11);
    expect(latest()).toBe(`${ids()[0]}.json`);
  });

  it('says how things stood when the unit was completed, not when the file is written', async () => {
    const story = given(planOf(...units));
    const mine = writer(story);
    checkedUnit(story, '1', ['compile', 'lint']);
    const { seq } = story.state;
    // What follows takes milliseconds: another unit is done, and a third one is at its gates.
    story.start('2', done);
    checkedUnit(story, '3', ['compile', 'lint'], 1);
    await mine.write(story.state);
    const made = read();
    expect(made.map(one => [one.start, one.phase, one.verification])).toEqual([
      [4, '2/14', {}],
      [1, '1/14', { compile: 'pass', lint: 'pass' }],
    ]);
    expect(made[1]).toMatchObject({ seq, todos: { completed: ['1'], inProgress: null } });
    // Another life, after a crash that came before the files: the last one is made.
    store.remove(ids());
    await writer(story).write(story.state);
    expect(read().map(one => [one.start, one.phase])).toEqual([[4, '2/14']]);
    store.remove(ids());
    story.and({ type: 'command', id: 'r', command: { kind: 'reset', unit: '2' } });
    await writer(story).write(story.state);
    expect(read().map(one => [one.start, one.phase])).toEqual([[1, '1/14']]);
  });

  it('waits for the commit of its unit, and says how it stood then', async () => {
    const tree = { hash: 'h', repos: [{ path: '.', branch: 'x', head: 'a'.repeat(40), dirty: 1 }] };
    const story = given(planOf(...units), { git: 'commit' }).start('1', done, { tree });
    const mine = writer(story);
    await mine.write(story.state);
    expect(read()).toEqual([]);
    const sha = 'b'.repeat(40);
    story.and({ type: 'unit.committed', unit: '1', start: 1, commits: [sha], problem: null }).start('2', done);
    await mine.write(story.state);
    expect(read()).toMatchObject([{ phase: '1/14', start: 1, git: { sha, dirty: false } }]);
  });

  it('begins anew with another journal', async () => {
    const story = given(planOf(...units)).start('1', done);
    await writer(story).write(story.state);
    const other = given(planOf(...units)).start('1', done);
    other.state.journal = 'j2';
    await writer(other).write(other.state);
    expect(ids()).toEqual([
      checkpointId(other.state.done.get('1')!.atMs, 2),
      checkpointId(other.state.done.get('1')!.atMs),
    ]);
  });

  it('names the refs of a linked worktree as git has them', async () => {
    mkdirSync(join(home, 'main', '.git', 'worktrees', 'wt'), { recursive: true });
    const gitDir = join(home, 'main', '.git', 'worktrees', 'wt');
    writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/x\n');
    writeFileSync(join(gitDir, 'commondir'), '../..\n');
    writeFileSync(join(home, '.git'), `gitdir: ${gitDir}\n`);
    const tree = { hash: 'h', repos: [{ path: '.', branch: 'x', head: null, dirty: 0 }] };
    const story = given(planOf(...units), { git: 'check' }).start('1', done, { tree });
    await writer(story).write(story.state);
    const [made] = store.list();
    expect(made?.kind === 'read' && made.checkpoint.trees).toEqual([
      { repo: '.', ref: 'refs/seqrun/cart-1+wt/1/after', commit: null },
    ]);
  });
});
