// What tells a process of a start although its environment was cleared.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasNumber, hasOwnNumber, inheritedNumber, inheritedNumberIn } from '../../../src/adapters/jobs/inherited.ts';
import { newMark } from '../../../src/adapters/jobs/reserving.ts';
import { strangersIn } from '../../../src/adapters/jobs/strangers.ts';

const limits = (soft: string, hard: string) =>
  `Max processes             unlimited            unlimited            processes \nMax file locks            ${soft.padEnd(20)} ${hard.padEnd(20)} locks     \nMax pending signals       95             95             signals   \n`;

test('the number is the one that cannot be raised again', () => {
  expect(inheritedNumberIn(limits('unlimited', 'unlimited'))).toBeNull();
  expect(inheritedNumberIn(limits('17', '123456789012'))).toBe(123456789012);
  expect(inheritedNumberIn(limits('17', 'unlimited'))).toBeNull();
  expect(inheritedNumberIn('')).toBeNull();
  const mark = 'x-0123456789a';
  expect(hasNumber(limits(`${inheritedNumber(mark)}`, `${inheritedNumber(mark)}`), mark)).toBe(true);
});

test('a limit that an administrator sets is none of seqrun; one of any new mark is', () => {
  for (const set of ['unlimited', '0', '1024', '65536', '4294967295'])
    expect(hasOwnNumber(limits(set, set))).toBe(false);
  for (let n = 1; n <= 40; n++) {
    const number = inheritedNumber(newMark(n))!;
    expect(number).toBeGreaterThanOrEqual(2 ** 43);
    expect(hasOwnNumber(limits(`${number}`, `${number}`))).toBe(true);
  }
});

test.skipIf(process.platform !== 'linux')('the limits of a real process are read', () => {
  const text = execFileSync('sh', ['-c', 'ulimit -w 4711 2>/dev/null || ulimit -x 4711; cat /proc/self/limits'], {
    encoding: 'utf8',
  });
  expect(inheritedNumberIn(text)).toBe(4711);
});

test.skipIf(process.platform !== 'linux')(
  'an agent and a git of another seqrun are found; what a hook left behind, and a git of this one, are not',
  async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'seqrun-within-')));
    execFileSync('git', ['init', '-q', root]);
    writeFileSync(join(root, '.git/hooks/pre-commit'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
    const options = {
      cwd: root,
      env: { ...process.env, SEQRUN_CALLS_GIT: '1' },
      detached: true,
      stdio: 'ignore',
    } as const;
    const child = spawn('git', [...who, 'commit', '-qm', 'x', '--allow-empty'], options);
    // Called by this process: it knows of it.
    const env = { ...options.env, SEQRUN_CALLS_GIT: String(process.pid) };
    const own = spawn('git', [...who, 'commit', '-qm', 'y', '--allow-empty'], { ...options, env });
    const marked = spawn('sleep', ['60'], { ...options, env: { ...process.env, SEQRUN_START: 'another' } });
    const asked: string[] = [];
    const isRoot = async (folder: string) => asked.push(folder) > 0 && folder === root;
    const look = async () => (await strangersIn(isRoot)).sort((a, b) => a.pid - b.pid);
    try {
      await expect.poll(look).toEqual([
        { pid: child.pid, mark: `git ${child.pid}` },
        { pid: marked.pid, mark: 'another' },
      ]);
      asked.length = 0;
      expect(await strangersIn(isRoot, folder => folder !== root)).toEqual([]);
      expect(asked).not.toContain(root);
    } finally {
      for (const { pid } of [child, own, marked]) process.kill(-pid!, 'SIGKILL');
      rmSync(root, { recursive: true, force: true });
    }
  },
);
