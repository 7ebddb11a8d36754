// The generation lock: one holder whatever happens to processes, files and file systems.
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { livenessOf, ownIdentity } from '../../../src/adapters/lock/identity.ts';
import { holderOf, type Lock, type LockIdentity, takeLock } from '../../../src/adapters/lock/lock.ts';

let home: string;
let folder: string;
let me: LockIdentity;
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'seqrun-lock-'));
  folder = join(home, 'lock');
  me = { ...(await ownIdentity()), run: 'run-1' };
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

const take = async (identity: LockIdentity = me, force = false): Promise<Lock> => {
  const taken = await takeLock(folder, identity, { force });
  if (taken.kind !== 'held') throw new Error(taken.message);
  return taken.lock;
};
const generations = () => readdirSync(folder).filter(name => /^\d+$/.test(name));
const put = (generation: number, change: object) =>
  writeFileSync(
    join(folder, String(generation)),
    JSON.stringify({ ...JSON.parse(readFileSync(join(folder, generations().at(-1)!), 'utf8')), ...change }),
  );
/** A pid that was somebody's and is nobody's now. */
const deadPid = async (): Promise<number> => {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
};

describe('one holder', () => {
  test('whoever is kept out by another spec is told how to see and to stop that one', async () => {
    await take({ ...me, spec: '/repo/my specs/a' });
    const at = (spec: string) => takeLock(folder, { ...me, run: 'run-2', spec }, { force: false });
    const busy = (await at('/repo/b')) as { message: string };
    expect(busy.message).toContain(
      "seqrun status --spec '/repo/my specs/a'; end it: seqrun stop --spec '/repo/my specs/a'",
    );
    expect(((await at('/repo/my specs/a')) as { message: string }).message).not.toContain('--spec');
    expect(await holderOf(folder, me)).toMatchObject({ spec: '/repo/my specs/a' });
  });

  test('taken, busy for others with pid, host and what to do, released, taken again with a higher number', async () => {
    const lock = await take();
    expect(await lock.stillOurs()).toBe(true);
    const busy = await takeLock(folder, { ...me, run: 'run-2' }, { force: false });
    expect(busy).toMatchObject({
      kind: 'busy',
      exit: 75,
      holder: { pid: process.pid, host: me.hostname, run: 'run-1' },
    });
    expect((busy as { message: string }).message).toMatch(/seqrun status.*seqrun stop/);
    expect((busy as { message: string }).message).not.toContain('--spec');
    await lock.release();
    expect(generations()).toEqual(['1']);
    await take({ ...me, run: 'run-2' });
    expect(generations()).toEqual(['2']);
    expect(await lock.stillOurs()).toBe(false);
    expect(readdirSync(folder)).toEqual(['2']);
  });

  test('a holder that is alive keeps its lock also against --break-lock', async () => {
    await take();
    expect(await takeLock(folder, { ...me, run: 'run-2' }, { force: true })).toMatchObject({ kind: 'busy' });
  });

  test('releasing is of one life only: a later holder is not touched', async () => {
    const first = await take();
    put(2, { run: 'run-2' });
    await first.release();
    expect(JSON.parse(readFileSync(join(folder, '2'), 'utf8'))).toMatchObject({ state: 'held', run: 'run-2' });
    expect(await first.stillOurs()).toBe(false);
  });

  test('the lock beside the state file is kept out of git', async () => {
    await takeLock(folder, me, { force: false, gitIgnored: true });
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('a folder that cannot be made is 73', async () => {
    writeFileSync(folder, '');
    expect(await takeLock(folder, me, { force: false })).toMatchObject({ kind: 'unwritable', exit: 73 });
    // What is to be looked at is there.
    const below = await takeLock(join(folder, 'lock'), me, { force: false });
    expect(below).toMatchObject({ kind: 'unwritable', message: expect.stringContaining(`ls -ld '${folder}'; df -h`) });
  });
});

describe('a dead holder', () => {
  test('a pid that is gone', async () => {
    await take();
    put(1, { pid: await deadPid() });
    await take({ ...me, run: 'run-2' });
    expect(generations()).toEqual(['2']);
  });

  test('a pid that another process has got since (start time)', async () => {
    await take();
    put(1, { startTime: '1' });
    await take({ ...me, run: 'run-2' });
  });

  test('an earlier boot of this machine', async () => {
    await take();
    put(1, { bootId: 'another-boot', pidNamespace: 'another' });
    await take({ ...me, run: 'run-2' });
  });

  test('a zombie', async () => {
    // The inner shell ends and its parent, busy reading, never waits for it.
    const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$; exit 0" & exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(parent);
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line).trim());
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /), { timeout: 5000 });
    await take();
    put(1, { pid, startTime: null });
    await take({ ...me, run: 'run-2' });
  });

  test('a name in /proc that is full of brackets is read right', async () => {
    const odd = join(home, ') Z 1 2) (');
    execFileSync('cp', ['/bin/sleep', odd]);
    const child = spawn(odd, ['60']);
    children.push(child);
    await vi.waitFor(() => expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain(') Z'), { timeout: 5000 });
    expect(await livenessOf({ ...me, pid: child.pid!, startTime: null }, me)).toBe('alive');
  });
});

describe('a holder that cannot be checked from here', () => {
  test.each<[string, object]>([
    ['another host', { hostname: 'elsewhere', bootId: 'b2' }],
    ['another host of the same name', { machineId: 'm2', bootId: 'b2' }],
    ['another container on this kernel', { hostname: 'elsewhere', pidNamespace: '7' }],
    ['another container with our name', { pidNamespace: '7' }],
  ])('%s: busy, and --break-lock takes it', async (_name, change) => {
    me = { ...me, machineId: 'm1' };
    const lock = await take();
    put(1, change);
    const busy = await takeLock(folder, { ...me, run: 'run-2' }, { force: false });
    expect(busy).toMatchObject({ kind: 'busy', exit: 75 });
    expect((busy as { message: string }).message).toContain('--break-lock');
    const forced = await take({ ...me, run: 'run-2' }, true);
    expect(await forced.stillOurs()).toBe(true);
    expect(await lock.stillOurs()).toBe(false);
  });

  test('a generation that seqrun did not write', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, '4'), 'what is this');
    expect(await takeLock(folder, me, { force: false })).toMatchObject({ kind: 'busy', holder: null });
    await take(me, true);
    expect(generations()).toEqual(['5']);
  });
});

describe('a lock that is harmed under its holder', () => {
  test('the generation removed (git clean): linked again', async () => {
    const lock = await take();
    rmSync(join(folder, '1'));
    expect(await lock.stillOurs()).toBe(true);
    expect(generations()).toEqual(['1']);
    rmSync(folder, { recursive: true });
    expect(await lock.stillOurs()).toBe(true);
    await lock.release();
    await take({ ...me, run: 'run-2' });
  });

  test('removed, and another runner came first: it may have a job by now, so ours is lost', async () => {
    const first = await take();
    await first.release();
    const second = await take();
    rmSync(folder, { recursive: true });
    const stranger = await take({ ...me, run: 'run-2' });
    expect(await second.stillOurs()).toBe(false);
    expect(await stranger.stillOurs()).toBe(true);
  });

  test('removed, and another runner has our number: it is not ours', async () => {
    const lock = await take();
    rmSync(folder, { recursive: true });
    await take({ ...me, run: 'run-2' });
    expect(await lock.stillOurs()).toBe(false);
  });

  test('removed when it is released: nothing comes back', async () => {
    const lock = await take();
    rmSync(folder, { recursive: true });
    await lock.release();
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a taker that slept between looking and linking', () => {
  test('its number was used and pruned meanwhile: it must not hold', async () => {
    await (await take()).release();
    let winner: Lock | null = null;
    const slow = await takeLock(
      folder,
      { ...me, run: 'slow' },
      {
        force: false,
        linkFile: async (from, to) => {
          if (!winner) {
            await (await take({ ...me, run: 'run-2' })).release();
            winner = await take({ ...me, run: 'run-3' });
          }
          await (await import('node:fs/promises')).link(from, to);
        },
      },
    );
    expect(slow).toMatchObject({ kind: 'busy', holder: { run: 'run-3' } });
    expect(await winner!.stillOurs()).toBe(true);
    expect(generations()).toEqual(['3']);
  });
});

describe('no link(2) (FAT, some network file systems)', () => {
  const linkFile = async (): Promise<void> => {
    throw Object.assign(new Error('no links here'), { code: 'EPERM' });
  };

  test('taken, busy, released, taken over', async () => {
    const taken = await takeLock(folder, me, { force: false, linkFile });
    expect(taken.kind).toBe('held');
    expect(await takeLock(folder, { ...me, run: 'run-2' }, { force: false, linkFile })).toMatchObject({ kind: 'busy' });
    await (taken as { lock: Lock }).lock.release();
    expect(await takeLock(folder, { ...me, run: 'run-2' }, { force: false, linkFile })).toMatchObject({ kind: 'held' });
    expect(readdirSync(folder)).toEqual(['2']);
  });

  test('an empty generation is held for 5 s, then its maker died between making and writing', async () => {
    mkdirSync(folder);
    const path = join(folder, '1');
    writeFileSync(path, '');
    expect(await takeLock(folder, me, { force: true, linkFile })).toMatchObject({ kind: 'busy', holder: null });
    const past = Date.now() / 1000 - 6;
    utimesSync(path, past, past);
    expect(await takeLock(folder, me, { force: false, linkFile })).toMatchObject({ kind: 'held' });
  });
});

describe('many takers at once', () => {
  let program: string;
  let programs: string;
  beforeAll(async () => {
    programs = await mkdtemp(join(tmpdir(), 'seqrun-taker-'));
    program = join(programs, 'taker.mjs');
    await build({
      stdin: {
        contents: `
          import { ownIdentity } from './identity.ts';
          import { takeLock } from './lock.ts';
          const refuse = async () => { throw Object.assign(new Error(), { code: 'EPERM' }); };
          const me = await ownIdentity();
          process.on('message', async ({ folder, run, at, links }) => {
            const sleepMs = at - Date.now() - 1;
            if (sleepMs > 0) await new Promise(resolve => setTimeout(resolve, sleepMs));
            while (Date.now() < at);
            const taken = await takeLock(folder, { ...me, run }, { force: false, ...(links ? {} : { linkFile: refuse }) });
            process.send({ kind: taken.kind, ours: taken.kind === 'held' ? await taken.lock.stillOurs() : null, message: taken.message });
          });
          process.send('ready');
        `,
        resolveDir: join(import.meta.dirname, '../../../src/adapters/lock'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    });
  });
  afterAll(() => rm(programs, { recursive: true, force: true }));

  test.each([
    ['with link(2)', true],
    ['without', false],
  ])('%s: of three takers of one stale lock exactly one wins, 50 times', async (_name, links) => {
    const takers = Array.from({ length: 3 }, () => fork(program, { stdio: 'inherit' }));
    children.push(...takers);
    await Promise.all(takers.map(taker => once(taker, 'message')));
    for (let round = 0; round < 50; round++) {
      folder = join(home, `lock-${round}`);
      const stale = await take();
      if (round % 2 === 0) put(1, { startTime: '1' });
      else await stale.release();
      const at = Date.now() + 15;
      const answers = takers.map(taker => once(taker, 'message'));
      for (const [i, taker] of takers.entries()) taker.send({ folder, run: `${round}-${i}`, at, links });
      const seen = (await Promise.all(answers)).map(
        ([answer]) => answer as { kind: string; ours: boolean | null; message?: string },
      );
      expect(seen.map(answer => answer.kind).sort(), JSON.stringify(seen)).toEqual(['busy', 'busy', 'held']);
      expect(seen.find(answer => answer.kind === 'held')!.ours).toBe(true);
    }
  });
});
