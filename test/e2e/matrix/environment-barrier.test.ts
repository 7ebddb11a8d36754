// Two runners that a barrier lets go in the same moment, again and again: exactly one runs, the other says why not.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { makeWorld, type Result, type Running, rarely, until, type World } from '../harness.ts';
import { logged } from './cell.ts';
import { plain } from './environment.ts';

let world: World;
afterEach(() => world.close());

const rounds = 100;
const tasks = Array.from({ length: rounds }, (_, k) => `- [ ] ${k + 1}. Unit ${k + 1}\n`).join('');
const other = '.kiro/specs/other';

/** Node has started and read its arguments: what is left until a lock is taken are a few milliseconds. */
const barrier = `
const { existsSync, writeFileSync } = require('node:fs');
if (process.env.BARRIER && /seqrun\\.cjs$/.test(process.argv[1] ?? '')) {
  writeFileSync(process.env.BARRIER + '.' + process.pid, '');
  const still = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(process.env.BARRIER)) Atomics.wait(still, 0, 0, 0.05);
}
`;

/** Any other agent of this world that is alive. Not by a kept pid: in so many rounds numbers come again. */
const beside = `
for p in /proc/[0-9]*; do
  [ "$p" = /proc/$$ ] || ! tr '\\0' ' ' <"$p/cmdline" 2>/dev/null | grep -q "^/bin/sh $0 " || printf '%s\\n' "$p" >>"$AGENT_LOG.overlaps"
done
`;

interface Contest {
  winner: Running;
  loser: Result;
}

/** Lets two calls go at once; each unit waits for its own name, so that the winner is at work until it is let go. */
const contest = async (round: number, both: [string[], string[]]): Promise<Contest> => {
  const at = join(world.root, `barrier-${round}`);
  const preload = join(world.root, 'barrier.cjs');
  const env = { BARRIER: at, NODE_OPTIONS: `--require=${preload}` };
  const runners = both.map(args => world.start(args, { env }));
  await until('both to stand at the barrier', () => runners.every(({ child }) => exists(`${at}.${child.pid}`)));
  writeFileSync(at, '');
  const first = await Promise.race(runners.map(async (runner, k) => ({ loser: await runner.done, k })));
  return { winner: runners[1 - first.k]!, loser: first.loser };
};
const exists = (path: string): boolean => {
  try {
    rmSync(path);
    seen.add(path);
  } catch {
    // Not yet, or seen before.
  }
  return seen.has(path);
};
const seen = new Set<string>();

rarely(
  `two runners of one spec, ${rounds} times: a released lock, that of a killed one, none; one of another spec`,
  async () => {
    world = makeWorld({ tasks, files: { [`${other}/tasks.md`]: tasks } });
    writeFileSync(join(world.root, 'barrier.cjs'), barrier);
    world.codex(`${beside}printf "%s\\n" "$SEQRUN_SPEC" >>"$AGENT_LOG.specs"
wait_for "$SEQRUN_SPEC-$UNIT"
done_`);
    const args = [...plain, '--max-iterations', '1'];
    const ofOther = ['--spec', other, ...args.slice(2)];
    const won = { demo: 0, other: 0 };
    for (let round = 0; round < rounds; round++) {
      const because = `round ${round}`;
      const kind = round % 4;
      if (kind === 2) rmSync(join(world.specsFolder, 'SEQUENTIAL_STATE.lock'), { recursive: true, force: true });
      const { winner, loser } = await contest(round, [args, kind === 3 ? ofOther : args]);
      expect([loser.code, loser.err], because).toEqual([75, expect.stringMatching(/process \d+|is taking this lock/)]);
      const name = winner.child.spawnargs.includes(other) ? 'other' : 'demo';
      won[name]++;
      await until(`${because}: the winner to be at work`, () => logged(world, 'specs').length === round + 1);
      if (kind === 1) {
        // Its lock stays, and the agent ends while nobody looks.
        winner.child.kill('SIGKILL');
        await winner.done;
        world.go(`${name}-${won[name]}`);
        await until('its agent to end', () => !world.living().some(command => command.includes('codex')));
        expect((await world.run([...args, '--until', `${won.demo}`])).code, because).toBe(0);
      } else {
        world.go(`${name}-${won[name]}`);
        const { code, err } = await winner.done;
        expect(code, because + err).toBe(won[name] === rounds ? 0 : 1);
      }
    }
    expect(won.demo + won.other).toBe(rounds);
    expect(logged(world, 'specs')).toHaveLength(rounds);
    expect(world.starts().sort()).toEqual([...idsTo(won.demo), ...idsTo(won.other)].sort());
    expect(logged(world, 'overlaps')).toEqual([]);
  },
  900_000,
);

const idsTo = (n: number): string[] => Array.from({ length: n }, (_, k) => `${k + 1}`);
