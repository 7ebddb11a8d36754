// The runner is killed again and again at any moment, until it is through: no unit is paid for twice, nothing is told twice.
import { afterEach, describe, expect, test } from 'vitest';
import { makeWorld, someTransports, until, type World } from './harness.ts';

let world: World;
afterEach(() => world?.close());

const spec = '.kiro/specs/demo';
const tasks = Array.from({ length: 6 }, (_, k) => `- [ ] ${k + 1}. Unit ${k + 1}\n`).join('');
const ids = ['1', '2', '3', '4', '5', '6'];

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
const randomFrom = (seed: number) => {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

const long = process.env.SEQRUN_TEST_LONG === '1';
const killsMax = long ? 60 : 5;

const campaign = async (seed: number, transport: string) => {
  world = makeWorld({ tasks });
  // Long enough that a kill often comes while it works.
  world.codex('sleep 0.0$((K + 4)); done_');
  const flags = ['--spec', spec, '--delay', '0', ...(transport === 'plain' ? ['--no-tmux'] : [])];
  const random = randomFrom(seed);
  // How fast this machine is just now: about 100 ms are needed to begin.
  const begunMs = performance.now();
  await world.run(['plan', '--spec', spec]);
  const beginMs = performance.now() - begunMs;
  let kills = 0;
  for (; kills < killsMax; kills++) {
    const runner = world.start(flags);
    // Every moment is as likely. Later ones live longer: a start that was given up takes 2 s to be sure of.
    const afterMs = beginMs * (0.8 + random() * (3 + 0.6 * kills));
    const timer = setTimeout(() => runner.child.kill('SIGKILL'), afterMs);
    const { code, signal, err } = await runner.done;
    clearTimeout(timer);
    if (signal === 'SIGKILL') continue;
    expect(code, `seed ${seed}, after ${kills} kills: ${err}`).toBe(0);
    break;
  }
  const last = await world.run(flags);
  expect(last.code, `seed ${seed}: ${last.err}`).toBe(0);
  const because = `seed ${seed}, ${kills} kills`;
  expect(world.starts(), because).toEqual(ids);
  expect(world.tasks(), because).not.toContain('[ ]');
  const progress = world.progress();
  const numbers = [...progress.matchAll(/^## Iteration (\d+)$/gm)].map(([, n]) => n);
  const units = [...progress.matchAll(/^- \*\*Task:\*\* (\S+)/gm)].map(([, id]) => id);
  expect([numbers, units], because).toEqual([ids, ids]);
  const markers = [...progress.matchAll(/<!-- seqrun demo \d+ -->/g)].map(([marker]) => marker);
  expect(new Set(markers).size, because).toBe(markers.length);
  for (const id of ids) {
    expect(world.state().units[id], because).toMatchObject({ status: 'completed', attempts: 1, interrupted: 0 });
  }
  await until('every process to end', () => world.living().length === 0, 5_000);
  return kills;
};

const seeds = Array.from({ length: long ? 15 : 1 }, (_, k) => k + 1);

describe.each(someTransports)('in %s', transport => {
  test.each(seeds)('seed %i', async seed => void (await campaign(seed, transport)), 120_000);
});
