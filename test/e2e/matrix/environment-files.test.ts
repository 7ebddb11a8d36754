// Files and folders that become others under a run: links, another branch, a cleaned tree, state of another machine.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { few, type Result, threeUnits, until, type World } from '../harness.ts';
import {
  allDone,
  kill,
  onceEach,
  pidsOf,
  plain,
  playRow,
  type Row,
  send,
  titled,
  untilUnit,
  untilWait,
} from './environment.ts';

let world: World;
afterEach(() => world.close());

const slow = [...plain.slice(0, -1), '2'];
const one = ['--max-iterations', '1'];
const done = /all required units are done/;
const used = /1 iteration used/;

/** The folder stands elsewhere now, and a link in its place. */
const linkInstead = (folder: string, target: string): void => {
  mkdirSync(dirname(target), { recursive: true });
  renameSync(folder, target);
  symlinkSync(target, folder);
};
const startsFolder = (): string => join(dirname(world.journal()), 'starts');

/** A spec that was moved has another journal, beside its old one. */
const newestJournal = (): void => {
  world.journal = () => {
    const specs = join(world.root, 'xdg', 'seqrun', 'specs');
    const all = readdirSync(specs).map(name => join(specs, name, 'journal.jsonl'));
    return all.filter(path => existsSync(path)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]!;
  };
};

/** One unit, then the end; the fault comes before the next start. */
const afterOne = async (_: World, args: string[]): Promise<Result[]> => [await world.run([...args, ...one])];
/** The fault comes in the pause before unit 2. */
const inPause =
  (fault: () => unknown): Row['play'] =>
  async (_, args) => {
    const run = world.start(args);
    await untilWait(world);
    await fault();
    return [await run.done];
  };

const moves: [string, () => void][] = [
  ['the folder of the starts', () => linkInstead(startsFolder(), join(world.root, 'disk2', 'starts'))],
  [
    'the folder of this spec in the state home',
    () => linkInstead(dirname(world.journal()), join(world.root, 'disk2', 'kept')),
  ],
  ['the state home', () => linkInstead(join(world.root, 'xdg'), join(world.root, 'disk2', 'xdg'))],
];

const links: Row[] = [
  ...moves.flatMap(([what, move]): Row[] => [
    {
      fault: `${what} is replaced by a link to where it has gone`,
      moment: 'between two runs',
      body: 'done_',
      expected: { next: 'goes on', exits: [1, 0], agentStarts: onceEach, units: allDone, why: used },
      play: afterOne,
      between: move,
    },
    {
      fault: `${what} is replaced by a link to where it has gone`,
      moment: 'in the pause before unit 2',
      body: 'done_',
      args: slow,
      expected: { next: 'goes on', exits: [0], agentStarts: onceEach, units: allDone, why: done },
      play: inPause(move),
    },
    {
      fault: `${what} is replaced by a link to where it has gone, the runner is killed`,
      moment: 'while unit 2 works',
      expected: {
        next: 'the agent is adopted',
        exits: ['killed', 0],
        agentStarts: onceEach,
        units: allDone,
        why: /the runner is gone while start 2/,
      },
      play: async (_, args) => {
        const run = world.start(args);
        await untilUnit(world, 2);
        move();
        return [await kill(run)];
      },
      between: () => world.go(),
    },
  ]),
  {
    fault: 'the folder of the starts is replaced by a link to nothing',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: {
      next: 'stops with 73; with the folder back it goes on',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /./,
      says: /starts.*start seqrun again/s,
    },
    play: inPause(() => {
      linkInstead(startsFolder(), join(world.root, 'kept', 'starts'));
      renameSync(join(world.root, 'kept'), join(world.root, 'gone'));
    }),
    between: () => renameSync(join(world.root, 'gone'), join(world.root, 'kept')),
  },
  {
    fault: 'the specs folder is replaced by a link to where it has gone',
    moment: 'between two runs',
    body: 'done_',
    expected: {
      next: 'the spec has another place, and goes on from its state file',
      exits: [1, 0],
      agentStarts: onceEach,
      units: allDone,
      why: used,
    },
    play: afterOne,
    otherJournal: true,
    between: () => {
      linkInstead(world.specsFolder, join(world.root, 'disk2', 'specs'));
      newestJournal();
    },
  },
  {
    fault: 'the specs folder is replaced by a link to where it has gone; a second runner by its new name',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: {
      next: 'the run goes on, the second one is told of it; the next start has nothing to do',
      exits: [0, 75, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /no journal of its runs is here: .* all units are done/,
      says: /holds the lock: process \d+/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilWait(world);
      linkInstead(world.specsFolder, join(world.root, 'disk2', 'specs'));
      const second = await world.run(args);
      return [await run.done, second];
    },
    otherJournal: true,
    between: newestJournal,
  },
];

const stateFile = (): string => join(world.specsFolder, 'SEQUENTIAL_STATE.json');
/** Edits this spec's entry as a person does: its sum does not fit any more. */
const editState = (change: (entry: Record<string, unknown>) => void): void => {
  const file = JSON.parse(readFileSync(stateFile(), 'utf8'));
  change(file.specs.demo);
  writeFileSync(`${stateFile()}.new`, JSON.stringify(file, null, 2));
  renameSync(`${stateFile()}.new`, stateFile());
};

const edits: Row[] = [
  {
    fault: 'SEQUENTIAL_STATE.json is edited by hand: unit 3 added to completed',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: {
      next: 'taken: unit 3 is not started',
      exits: [0],
      agentStarts: { 1: 1, 2: 1 },
      units: allDone,
      why: done,
    },
    play: inPause(() => editState(entry => (entry.completed as string[]).push('3'))),
  },
  {
    fault: 'SEQUENTIAL_STATE.json is edited by hand: unit 1 taken out of completed, counters set to 0, a HALT',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: { next: 'none of it is taken', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: inPause(() =>
      editState(entry => Object.assign(entry, { completed: [], iterations: 0, halted: true, halted_task: '2' })),
    ),
  },
  {
    fault: 'SEQUENTIAL_STATE.json is removed',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    expected: { next: 'written again', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: inPause(() => rmSync(stateFile())),
  },
];

const git = (...args: string[]): void => {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: world.repo, stdio: 'pipe' });
};
const fourUnits = `${threeUnits}- [ ] 4. Fourth thing\n`;
const withOne = fourUnits.replace('[ ] 1', '[x] 1');
const file = '.kiro/specs/demo/tasks.md';

/** A branch beside the one that is checked out. */
const branch = (name: string, change: () => void): void => {
  git('checkout', '-qb', name);
  change();
  git('add', '-A');
  git('commit', '-qm', name);
  git('checkout', '-q', 'main');
};

const checkouts: Row[] = [
  {
    fault: 'git checkout of a branch whose tasks.md has unit 1 ticked and a fourth unit',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    before: () => branch('other', () => writeFileSync(join(world.repo, file), withOne)),
    expected: {
      next: 'goes on with what the file says now',
      exits: [0],
      agentStarts: { ...onceEach, 4: 1 },
      units: { ...allDone, 4: 'completed' },
      why: done,
    },
    tasks: fourUnits,
    play: inPause(() => git('checkout', '-qf', 'other')),
  },
  {
    fault: 'git checkout of a branch where nothing is ticked',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    before: () => branch('other', () => writeFileSync(join(world.repo, file), fourUnits)),
    expected: {
      next: 'stops with 2 and asks about unit 1; accepted, it goes on',
      exits: [2, 0],
      agentStarts: { ...onceEach, 4: 1 },
      units: { ...allDone, 4: 'completed' },
      why: /the box of 1 is open again/,
      says: /seqrun accept 1 .*seqrun reset 1/s,
    },
    tasks: fourUnits,
    play: inPause(() => git('checkout', '-qf', 'other')),
    between: async () => expect((await world.run(['accept', '1', '--spec', '.kiro/specs/demo'])).code).toBe(0),
  },
  {
    fault: 'git checkout of a branch without the spec',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    before: () => branch('other', () => rmSync(join(world.repo, file))),
    expected: {
      next: 'stops with 66; back on the branch it goes on',
      exits: [66, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /ended with 66/,
      says: /has vanished/,
    },
    play: inPause(() => {
      git('commit', '-qam', 'first unit');
      git('checkout', '-q', 'other');
    }),
    between: () => git('checkout', '-q', 'main'),
  },
];

const stash = 'git -c user.name=t -c user.email=t@t stash -u';
const cleaned = (what: string, words: string): Row[] => [
  {
    fault: `the agent of unit 2 runs ${what}, state home outside`,
    moment: 'while unit 2 works',
    options: { looksAtGit: true },
    body: `[ $UNIT = 2 ] && ${words} >/dev/null\ndone_`,
    expected: {
      next: 'files and boxes are written again',
      exits: [0],
      agentStarts: onceEach,
      units: allDone,
      why: done,
    },
    play: async (_, args) => [await world.run(args)],
  },
  {
    fault: `the agent of unit 2 runs ${what}, state home in the workspace`,
    moment: 'while unit 2 works',
    options: { looksAtGit: true },
    body: `[ $UNIT$K = 21 ] && ${words} >/dev/null\ndone_`,
    before: () => {
      const home = join(world.repo, '.state');
      mkdirSync(home);
      // The tests look for it there.
      rmSync(join(world.root, 'xdg'), { recursive: true });
      symlinkSync(home, join(world.root, 'xdg'));
      world.env.XDG_STATE_HOME = home;
    },
    expected: {
      next: 'the journal is written again; what the agent said went with its folder: it is asked again',
      exits: [0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: done,
    },
    play: async (_, args) => [await world.run(args)],
  },
];

/** A generation of a lock, as `change` has it. */
const bringLock = (change: object): void => {
  const folder = join(world.specsFolder, 'SEQUENTIAL_STATE.lock');
  mkdirSync(folder);
  const own = {
    state: 'held',
    pid: 4_194_000,
    startTime: '1',
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    hostname: hostname(),
    machineId: null,
    pidNamespace: String(statSync('/proc/self/ns/pid').ino),
    run: 'r',
    sinceMs: 1_700_000_000_000,
  };
  writeFileSync(join(folder, '7'), `${JSON.stringify({ ...own, ...change })}\n`);
};
const abroad = { bootId: '00000000-0000-4000-8000-000000000000', hostname: 'elsewhere', pid: 1 };

const brought: Row[] = [
  {
    fault: 'git brought the lock folder of a runner on another machine',
    moment: 'before the first run',
    body: 'done_',
    before: () => bringLock(abroad),
    expected: {
      next: 'refuses with 75 and names --break-lock, which takes it',
      exits: [75, 0],
      agentStarts: onceEach,
      units: allDone,
      why: done,
      says: /elsewhere.*--break-lock/s,
    },
    play: async (_, args) => [await world.run(args), await world.run([...args, '--break-lock'])],
  },
  {
    fault: 'git brought the lock folder of another machine, released',
    moment: 'before the first run',
    body: 'done_',
    before: () => bringLock({ ...abroad, state: 'released' }),
    expected: { next: 'taken', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => [await world.run(args)],
  },
  {
    fault: 'git brought the lock folder of a dead process of this machine',
    moment: 'before the first run',
    body: 'done_',
    before: () => bringLock({}),
    expected: { next: 'taken over', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => [await world.run(args)],
  },
  {
    fault: 'git brought the lock folder with a pid that another process has here',
    moment: 'before the first run',
    body: 'done_',
    before: () => bringLock({ pid: process.pid }),
    expected: { next: 'taken over', exits: [0], agentStarts: onceEach, units: allDone, why: done },
    play: async (_, args) => [await world.run(args)],
  },
  {
    fault: 'the lock folder is cleaned away, then the runner is killed',
    moment: 'while unit 2 works',
    expected: {
      next: 'the agent is adopted',
      exits: ['killed', 0],
      agentStarts: onceEach,
      units: allDone,
      why: /the runner is gone while start 2/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      rmSync(join(world.specsFolder, 'SEQUENTIAL_STATE.lock'), { recursive: true });
      return [await kill(run)];
    },
    between: () => world.go(),
  },
  {
    fault: 'a clone, with the state file of a run that was under way on another machine',
    moment: 'unit 2 was at work there',
    body: '[ $UNIT$K != 21 ] || wait_for\ndone_',
    otherJournal: true,
    expected: {
      next: 'goes on from the state file: unit 1 is done, unit 2 is started here',
      exits: ['killed', 0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: /it was never started|SEQUENTIAL_STATE/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      const ended = await kill(run);
      send([...pidsOf(world, 'launch'), ...pidsOf(world, 'agent')], 'SIGKILL');
      await until('all to be over', () => world.living().length === 0);
      for (const name of ['xdg', 'repo/.kiro/specs/SEQUENTIAL_STATE.lock'])
        rmSync(join(world.root, name), { recursive: true });
      mkdirSync(join(world.root, 'xdg'));
      return [ended];
    },
  },
];

const rows: Row[] = [
  ...edits,
  ...checkouts,
  ...cleaned('git clean -fdx', 'git clean -fdxq'),
  ...cleaned('git stash -u', stash),
  ...brought,
  ...links,
];

describe('files and folders', () => {
  test.each(titled(few(rows, 1)))('%s', async (_, row) => {
    expect(
      await playRow(row, made => {
        world = made;
      }),
    ).toEqual([]);
  });
});
