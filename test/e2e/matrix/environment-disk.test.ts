// Disks that are full or cannot be written, at each kind of moment: 73 or a warning, nothing lost, and right again with room.
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { few, type World } from '../harness.ts';
import {
  allDone,
  becomeNobody,
  fill,
  type Mounted,
  noMounts,
  noNobody,
  onceEach,
  plain,
  playRow,
  type Row,
  readOnly,
  smallDisk,
  titled,
  untilUnit,
  untilWait,
} from './environment.ts';

let world: World;
const mounted: Mounted[] = [];
afterEach(async () => {
  for (const one of mounted.splice(0).reverse()) await one.unmount();
  world.close();
});
if (noMounts) process.stderr.write(`${noMounts}: tests of full and read-only disks are skipped\n`);
if (noNobody) process.stderr.write(`${noNobody}: tests of another user’s permissions are skipped\n`);

const slow = [...plain.slice(0, -1), '2'];
const done = /all required units are done/;
/** What, where, and what to do about it. */
const full = /no space left on device \(ENOSPC\)\n {2}at \/[\s\S]*\n {2}(expected|next): .*df -h '\//;
const readOnlyDisk = /read-only file system \(EROFS\)\n {2}at \/[\s\S]*\n {2}(expected|next): /;
const denied = /permission denied \(EACCES\)\.?\n {2}at \/[\s\S]*\n {2}(expected|next): .*ls -ld? '\//;
const stateHome = (): string => join(world.root, 'xdg');
const once = '[ $UNIT$K != 21 ] || wait_for\n';

const onSmallDisk = async (folder: string): Promise<void> => {
  mounted.push(await smallDisk(folder, '512k'));
};
const free = (folder: string): void => rmSync(join(folder, 'filler'));
const unmountAll = async (): Promise<void> => {
  for (const one of mounted.splice(0).reverse()) await one.unmount();
};

/** The fault comes while unit 2 works, which then goes on. */
const whileTwoWorks =
  (fault: () => unknown, says?: RegExp): Row['play'] =>
  async (_, args) => {
    const run = world.start(args);
    await untilUnit(world, 2);
    await fault();
    world.go();
    const ended = await run.done;
    if (says) expect(ended.err).toMatch(says);
    return [ended];
  };
const inPause =
  (fault: () => unknown): Row['play'] =>
  async (_, args) => {
    const run = world.start(args);
    await untilWait(world);
    await fault();
    return [await run.done];
  };
const atOnce: Row['play'] = async (_, args) => [await world.run(args)];

const disks: Row[] = [
  {
    fault: 'no room in the state home',
    moment: 'before the first run',
    body: 'done_',
    before: async () => {
      await onSmallDisk(stateHome());
      fill(stateHome());
    },
    expected: {
      next: 'refuses with 73, nothing is started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /never started/,
      says: full,
    },
    play: async (_, args) => {
      const ended = await world.run(args);
      expect(world.starts()).toEqual([]);
      return [ended];
    },
    between: () => free(stateHome()),
  },
  {
    fault: 'no room in the state home',
    moment: 'in the pause before unit 2, before its start is intended',
    body: 'done_',
    args: slow,
    before: () => onSmallDisk(stateHome()),
    expected: {
      next: 'ends with 73, unit 2 is not started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /gone|killed|ended with 73/,
      says: full,
    },
    play: inPause(() => fill(stateHome())),
    between: () => {
      expect(world.starts()).toEqual(['1']);
      free(stateHome());
    },
  },
  {
    fault: 'no room in the state home; the agent says little more, which finds room',
    moment: 'while unit 2 works',
    before: () => onSmallDisk(stateHome()),
    expected: {
      next: 'its end counts; 73 at the latest at the next start',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /gone|killed|ended with 73/,
      says: full,
    },
    play: whileTwoWorks(() => fill(stateHome())),
    between: () => free(stateHome()),
  },
  {
    fault: 'no room in the state home; the agent says more than finds room, and its signal is lost',
    moment: 'while unit 2 works',
    body: `${once}say "$(head -c 20000 /dev/zero | tr '\\0' x)"\ndone_`,
    before: () => onSmallDisk(stateHome()),
    expected: {
      next: 'not done: 73, then asked again in the same session',
      exits: [73, 0],
      agentStarts: { 1: 1, 2: 2, 3: 1 },
      units: allDone,
      why: /gone|killed|ended with 73/,
      says: full,
    },
    play: whileTwoWorks(() => fill(stateHome())),
    between: () => {
      expect(world.tasks()).toContain('[ ] 2.');
      free(stateHome());
    },
  },
  {
    fault: 'no room in the state home, and the runner is killed',
    moment: 'while unit 2 works',
    before: () => onSmallDisk(stateHome()),
    expected: {
      next: 'refuses with 73 while there is none; then unit 2 counts',
      exits: ['killed', 73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /the runner is gone while start 2/,
      says: full,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      run.child.kill('SIGKILL');
      const ended = await run.done;
      fill(stateHome());
      return [ended];
    },
    between: (_, call) => {
      world.go();
      if (call === 2) free(stateHome());
    },
  },
  {
    fault: 'no room beside the spec',
    moment: 'before the first run',
    body: 'done_',
    before: async () => {
      await onSmallDisk(world.specsFolder);
      fill(world.specsFolder);
    },
    expected: {
      next: 'refuses with 73, nothing is started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /never started/,
      says: full,
    },
    play: async (_, args) => {
      const ended = await world.run(args);
      expect(world.starts()).toEqual([]);
      return [ended];
    },
    between: () => free(world.specsFolder),
  },
  {
    fault: 'no room beside the spec, for state and progress file',
    moment: 'while unit 2 works',
    before: () => onSmallDisk(world.specsFolder),
    expected: {
      next: 'a warning, and the run goes on; the next start writes them',
      exits: [0, 0],
      agentStarts: onceEach,
      units: allDone,
      why: done,
    },
    play: whileTwoWorks(
      () => fill(world.specsFolder),
      /warning: .*(no space left on device|ENOSPC)[\s\S]*SEQUENTIAL_STATE\.json/,
    ),
    between: () => free(world.specsFolder),
  },
  {
    fault: 'the workspace is mounted read-only',
    moment: 'before the first run',
    body: 'done_',
    before: async () => {
      mounted.push(await readOnly(world.repo));
    },
    expected: {
      next: 'refuses with 73, nothing is started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /never started/,
      says: readOnlyDisk,
    },
    play: atOnce,
    between: () => unmountAll(),
  },
  {
    fault: 'the workspace is mounted read-only',
    moment: 'while unit 2 works',
    expected: {
      next: 'warnings, and the run goes on; the next start writes files and boxes',
      exits: [0, 0],
      agentStarts: onceEach,
      units: allDone,
      why: done,
    },
    play: whileTwoWorks(async () => {
      mounted.push(await readOnly(world.repo));
    }, /warning: .*EROFS/),
    between: () => unmountAll(),
  },
  {
    fault: 'the state home is mounted read-only',
    moment: 'before the first run',
    body: 'done_',
    before: async () => {
      mounted.push(await readOnly(stateHome()));
    },
    expected: {
      next: 'refuses with 73, nothing is started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /never started/,
      says: /EROFS[\s\S]*XDG_STATE_HOME=/,
    },
    play: atOnce,
    between: () => unmountAll(),
  },
  {
    fault: 'the state home is mounted read-only',
    moment: 'while unit 2 works',
    expected: {
      next: 'its end counts; 73 at the next start',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /gone|killed|ended with 73/,
      says: readOnlyDisk,
    },
    play: whileTwoWorks(async () => {
      mounted.push(await readOnly(stateHome()));
    }),
    between: () => unmountAll(),
  },
];

/** The only folder of a spec in the state home. */
const kept = (): string => dirname(world.journal());
/** Root's from now on: nobody may look, and not write. */
const closeFolder = (folder: string): void => {
  chownSync(folder, 0, 0);
  chmodSync(folder, 0o555);
};
const openFolder = (folder: string): void => chownSync(folder, 65534, 65534);

const nobodys: Row[] = [
  {
    fault: 'another user’s starts folder (EACCES)',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    before: () => becomeNobody(world),
    expected: {
      next: 'ends with 73, unit 2 is not started',
      exits: [73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /gone|killed|ended with 73/,
      says: denied,
    },
    play: inPause(() => closeFolder(join(kept(), 'starts'))),
    between: () => {
      expect(world.starts()).toEqual(['1']);
      openFolder(join(kept(), 'starts'));
      chmodSync(join(kept(), 'starts'), 0o700);
    },
  },
  {
    fault: 'another user’s journal (EACCES), and the runner is killed',
    moment: 'while unit 2 works',
    before: () => becomeNobody(world),
    expected: {
      next: 'refuses with 73 and adopts with the right to write',
      exits: ['killed', 73, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /the runner is gone while start 2/,
      says: denied,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilUnit(world, 2);
      run.child.kill('SIGKILL');
      const ended = await run.done;
      chownSync(world.journal(), 0, 0);
      chmodSync(world.journal(), 0o644);
      return [ended];
    },
    between: (_, call) => {
      if (call === 1) return;
      chownSync(world.journal(), 65534, 65534);
      world.go();
    },
  },
  {
    fault: 'tasks.md that may not be read any more (EACCES)',
    moment: 'in the pause before unit 2',
    body: 'done_',
    args: slow,
    before: () => becomeNobody(world),
    expected: {
      next: 'ends with 66, unit 2 is not started',
      exits: [66, 0],
      agentStarts: onceEach,
      units: allDone,
      why: /ended with 66/,
      says: denied,
    },
    play: inPause(() => chmodSync(join(world.specFolder, 'tasks.md'), 0)),
    between: () => chmodSync(join(world.specFolder, 'tasks.md'), 0o644),
  },
  {
    fault: 'tasks.md and its folders become another user’s (EACCES)',
    moment: 'while unit 2 works',
    before: () => becomeNobody(world),
    expected: {
      next: 'warnings, and the run goes on; the next start writes files and boxes',
      exits: [0, 0],
      agentStarts: onceEach,
      units: allDone,
      why: done,
    },
    play: whileTwoWorks(() => {
      closeFolder(world.specsFolder);
      closeFolder(world.specFolder);
      chownSync(join(world.specFolder, 'tasks.md'), 0, 0);
    }, /warning: .*EACCES/),
    between: () => {
      for (const path of [world.specsFolder, world.specFolder]) {
        openFolder(path);
        chmodSync(path, 0o755);
      }
      openFolder(join(world.specFolder, 'tasks.md'));
    },
  },
];

const play = async (row: Row): Promise<void> => {
  const wrong = await playRow(row, made => {
    world = made;
  });
  expect(wrong).toEqual([]);
};

const rows = [...(noMounts ? [] : disks), ...(noNobody ? [] : nobodys)];
describe.skipIf(rows.length === 0)('disks and other users', () => {
  test.each(titled(few(rows, 1)))('%s', (_, row) => play(row));
});
