// Which processes belong to a start, on made-up tables; and the tables themselves.
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Started } from '../../../src/adapters/jobs/folder.ts';
import {
  isSame,
  type ProcessRow,
  type ProcessSource,
  parsePsLine,
  parseStat,
  processSource,
} from '../../../src/adapters/jobs/process-table.ts';
import { endMembers, isOfThisBoot, signalSame, treeMembers } from '../../../src/adapters/jobs/tree.ts';
import { isAlive, until } from './rig.ts';

const started: Started = {
  mark: 'm',
  host: 'h',
  boot: 'b',
  pid: 100,
  start: '50',
  agent: 101,
  agentStart: '51',
  tty: true,
};
const row = (pid: number, ppid: number, sid: number, start: number, state = 'S'): ProcessRow => ({
  pid,
  ppid,
  sid,
  state,
  startTime: String(start),
  startOrder: start,
  cpuTicks: 0,
});
const launch = row(100, 1, 100, 50);
const table = (rows: ProcessRow[], marked: number[] = []): ProcessSource => ({
  boot: 'b',
  all: () => new Map(rows.map(it => [it.pid, it])),
  one: pid => rows.find(it => it.pid === pid) ?? null,
  hasMark: pid => marked.includes(pid),
  isOurs: () => true,
  terminalOf: () => null,
  commandOf: pid => `p${pid}`,
});
const members = (rows: ProcessRow[], marked: number[] = [], remembered: [number, string][] = []) =>
  treeMembers(table(rows, marked), { mark: 'm', started, remembered: new Map(remembered) }, { marks: true }).map(
    ({ pid }) => pid,
  );

test('the agent and its descendants; not launch.sh, its helpers, nor strangers', () => {
  const rows = [
    launch,
    row(101, 100, 100, 51),
    row(102, 100, 100, 51),
    row(103, 100, 100, 99),
    row(104, 101, 104, 60),
    row(105, 104, 105, 61),
    row(7, 1, 7, 60),
  ];
  expect(members(rows, [100, 103])).toEqual([101, 104, 105]);
});

test('re-parented ones: by mark, by session, by memory with the same start time; zombies and older ones never', () => {
  const rows = [
    row(110, 1, 110, 60),
    row(111, 1, 100, 60),
    row(112, 1, 112, 60),
    row(113, 1, 113, 61),
    row(114, 1, 100, 60, 'Z'),
    row(115, 1, 115, 20),
  ];
  expect(
    members(
      rows,
      [110, 115],
      [
        [112, '60'],
        [113, '60'],
      ],
    ),
  ).toEqual([110, 111, 112]);
  expect(members([launch, ...rows], [110, 115], [[112, '60']])).toEqual([110, 111, 112]);
});

test('a session whose leader is another process now is not ours', () => {
  expect(members([row(100, 1, 100, 70), row(111, 100, 100, 71)])).toEqual([]);
  expect(members([row(102, 1, 100, 51)])).toEqual([102]);
});

test('a start of another boot or host tells nothing', () => {
  expect(isOfThisBoot(table([]), 'h', started)).toBe(true);
  expect(isOfThisBoot(table([]), 'other', started)).toBe(false);
  expect(isOfThisBoot({ ...table([]), boot: 'other' }, 'h', started)).toBe(false);
});

test('one line of /proc/PID/stat, also with a name that tries to look like one', () => {
  const tail = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20';
  expect(parseStat(`42 (a) R 9 (b) S ${tail}`)).toMatchObject({
    pid: 42,
    state: 'S',
    ppid: 1,
    sid: 3,
    cpuTicks: 11 + 12 + 13 + 14,
    startTime: '777',
  });
  expect(parseStat('42 (a')).toBe(null);
});

test('one line of ps', () => {
  expect(parsePsLine('  42   1    42 Ss+   0:01.50 Fri Nov 20 10:00:00 2026')).toMatchObject({
    pid: 42,
    ppid: 1,
    sid: 42,
    state: 'S',
    cpuTicks: 150,
    startTime: 'Fri Nov 20 10:00:00 2026',
  });
  expect(parsePsLine('nonsense')).toBe(null);
});

test('this machine: own process, mark, a pid of another start time is not signalled', async () => {
  const source = processSource();
  expect(isSame(source, process.pid, source.one(process.pid)!.startTime)).toBe(true);
  expect(source.all().has(process.pid)).toBe(true);
  const child = spawn('sleep', ['600'], { env: { SEQRUN_START: 'mark-1', PATH: process.env.PATH } });
  await until('the child', () => source.commandOf(child.pid!) === 'sleep 600');
  expect(source.hasMark(child.pid!, 'mark-1')).toBe(true);
  expect(source.hasMark(child.pid!, 'mark-')).toBe(false);
  expect(source.isOurs(child.pid!)).toBe(true);
  signalSame(source, { pid: child.pid!, startTime: '1' }, 'SIGKILL');
  expect(isAlive(child.pid!)).toBe(true);
  const own = source.one(child.pid!)!;
  const left = await endMembers(
    source,
    () => [source.one(child.pid!)].filter(it => it !== null && it.state !== 'Z') as ProcessRow[],
    {
      graceMs: 5_000,
      monotonicMs: () => performance.now(),
    },
  );
  expect(left).toEqual([{ pid: own.pid, startTime: own.startTime, command: 'sleep 600', ended: true }]);
});

test('processes that are older than what is asked for may be left out, a newer one never', async () => {
  const source = processSource();
  const child = spawn('sleep', ['600']);
  const row = await until('the child', () => source.one(child.pid!));
  // Once to get to know them, once to leave them out.
  const [first, second] = [source.all(row.startOrder), source.all(row.startOrder)];
  expect([first.has(process.pid), second.has(process.pid)]).toEqual([true, false]);
  expect(second.get(child.pid!)).toMatchObject({ ppid: process.pid, startTime: row.startTime });
  expect(source.all().has(process.pid)).toBe(true);
  expect(source.all(1).has(process.pid)).toBe(true);
  child.kill('SIGKILL');
});

test('a process whose first thread has ended is not dead while others of it go on', () => {
  const stat = (state: string, threads: number) =>
    `7 (a) b) ${state} 1 2 3 0 -1 4194304 0 0 0 0 1 2 3 4 20 0 ${threads} 0 99 1 2`;
  expect(parseStat(stat('Z', 2))).toMatchObject({ pid: 7, state: 'S', startTime: '99' });
  expect(parseStat(stat('Z', 1))).toMatchObject({ state: 'Z' });
  expect(parseStat(stat('S', 5))).toMatchObject({ state: 'S' });
});

test('what survives KILL is named as such', async () => {
  let nowMs = 0;
  // A pid that no process has: every signal goes nowhere.
  const left = await endMembers(table([]), () => [row(99_999_999, 1, 1, 1)], {
    graceMs: 100,
    monotonicMs: () => (nowMs += 40),
  });
  expect(left).toMatchObject([{ pid: 99_999_999, command: 'p99999999', ended: false }]);
  expect(left[0]!.startTime).toBeTypeOf('string');
});
