// The clock of the machine is set while a run waits for a limit: it is waited for by the time the clock then shows.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Running, until, type World } from '../harness.ts';
import { eventsOf, plain, playRow, type Row, titled } from './environment.ts';

let world: World;
afterEach(() => world.close());

const libraries = [
  ...['x86_64', 'aarch64'].map(cpu => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`),
  '/usr/lib64/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
];
const library = libraries.find(path => existsSync(path));
const long = process.env.SEQRUN_TEST_LONG === '1';
if (long && !library)
  process.stderr.write('libfaketime is not installed (Debian: faketime): tests of a clock that is set are skipped\n');

/** Which clock the world's processes see: that of the machine, shifted by this. */
const setClock = (shift: string): void => writeFileSync(join(world.root, 'clock'), `${shift}\n`);
const underFakeClock = (): void => {
  setClock('+0');
  Object.assign(world.env, {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: join(world.root, 'clock'),
    FAKETIME_NO_CACHE: '1',
    // Timers and time limits go by this one.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
};

/** Unit 2 is limited the first time, for twenty minutes. */
const limited = `[ "$UNIT$K" != 21 ] || failed "You've hit your usage limit. Please try again in 20m."\ndone_`;
/** Until the run waits, and has looked at the clock for it. */
const untilLimited = async (run: Running): Promise<void> => {
  await until('the wait for the limit', () => /Waiting until .*limited/.test(run.text()));
  const sinceMs = performance.now();
  await until('the first look at the clock', () => performance.now() - sinceMs > 1_000);
};
const waited = (): number => eventsOf(world).filter(({ type }) => type === 'waited').length;
const expected = {
  agentStarts: { 1: 1, 2: 2, 3: 1 },
  units: { 1: 'completed', 2: 'completed', 3: 'completed' },
  why: /all required units are done/,
};

const rows: Row[] = [
  {
    fault: 'the clock is set forward by an hour',
    moment: 'while a limit of 20 min is waited for',
    body: limited,
    before: underFakeClock,
    expected: { next: 'the limit is over: goes on within half a minute', exits: [0], ...expected },
    play: async (_, args) => {
      const run = world.start(args);
      await untilLimited(run);
      expect(world.starts()).toEqual(['1', '2']);
      setClock('+1h');
      return [await run.done];
    },
  },
  {
    fault: 'the clock is set back by a day, and right again an hour later',
    moment: 'while a limit of 20 min is waited for',
    body: limited,
    before: underFakeClock,
    expected: { next: 'nothing is started into the limit; goes on when it is over', exits: [0], ...expected },
    play: async (_, args) => {
      const run = world.start(args);
      await untilLimited(run);
      const before = waited();
      setClock('-1d');
      // It looks at the clock at least each half minute, and then waits for the same time as before.
      await until('the set clock to be seen', () => waited() > before, 45_000);
      expect(world.starts()).toEqual(['1', '2']);
      expect((await world.run(['why', '--spec', '.kiro/specs/demo'])).out).toMatch(/waiting until .*limited/);
      setClock('+1h');
      return [await run.done];
    },
  },
  {
    fault: 'the clock is set back by a day, and the runner is killed',
    moment: 'while a limit of 20 min is waited for',
    body: limited,
    before: underFakeClock,
    expected: {
      next: 'the next start waits for it, too; when it is over it goes on',
      exits: ['killed', 0],
      ...expected,
      why: /the runner is gone, and would wait until .*limited/,
    },
    play: async (_, args) => {
      const run = world.start(args);
      await untilLimited(run);
      run.child.kill('SIGKILL');
      const ended = await run.done;
      setClock('-1d');
      const again = world.start(args);
      await untilLimited(again);
      expect(world.starts()).toEqual(['1', '2']);
      again.child.kill('SIGKILL');
      await again.done;
      return [ended];
    },
    between: () => setClock('+1h'),
  },
  {
    fault: 'the clock is set forward by three hours, beyond the time limit',
    moment: 'while unit 2 works',
    body: '[ "$UNIT" != 2 ] || wait_for\ndone_',
    before: underFakeClock,
    expected: {
      next: 'no time of work: the agent goes on',
      exits: [0],
      ...expected,
      agentStarts: { 1: 1, 2: 1, 3: 1 },
    },
    play: async (_, args) => {
      const run = world.start(args);
      await until('unit 2 to run', () => world.starts().length === 2 && world.state()?.current?.unit === '2');
      setClock('+3h');
      await until('the set clock to be seen', () => eventsOf(world).some(({ type }) => type === 'clock.gap'));
      world.go();
      return [await run.done];
    },
  },
  {
    fault: 'the clock is set back by a day',
    moment: 'while unit 2 works, with a pause after it',
    body: '[ "$UNIT" != 2 ] || wait_for\ndone_',
    args: [...plain.slice(0, -1), '1'],
    before: underFakeClock,
    expected: { next: 'goes on; no pause lasts for a day', exits: [0], ...expected, agentStarts: { 1: 1, 2: 1, 3: 1 } },
    play: async (_, args) => {
      const run = world.start(args);
      await until('unit 2 to run', () => world.starts().length === 2 && world.state()?.current?.unit === '2');
      setClock('-1d');
      world.go();
      return [await run.done];
    },
  },
];

describe.skipIf(!long || !library)('a clock that is set', () => {
  test.each(titled(rows))(
    '%s',
    async (_, row) => {
      expect(
        await playRow(row, made => {
          world = made;
        }),
      ).toEqual([]);
    },
    120_000,
  );
});
