// Whole histories over the real loop, desk and folds: no promise may break, whatever dies, lies or gets lost.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { production } from '../../src/compose/simulation.ts';
import { hitPoints, smallCases } from '../../src/sim/points.ts';
import { scenarioOf } from '../../src/sim/scenario.ts';
import { simulate } from '../../src/sim/simulate.ts';

const long = process.env.SEQRUN_TEST_LONG === '1';
const kept: { seeds: { seed: string; was: string }[] } = JSON.parse(
  readFileSync(new URL('./kept-seeds.json', import.meta.url), 'utf8'),
);

const broken = async (seed: string): Promise<string[]> => {
  const { violations } = await simulate(production, scenarioOf(seed));
  return violations.slice(0, 1).map(({ checker, message }) => `npm run sim -- --show ${seed}: ${checker}: ${message}`);
};

test('seeds that once broke a promise', async () => {
  const found: string[] = [];
  for (const { seed } of kept.seeds) found.push(...(await broken(seed)));
  expect(found).toEqual([]);
});

test(`seeds 1 to ${long ? 20_000 : 60}`, async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= (long ? 20_000 : 60); seed++) found.push(...(await broken(String(seed))));
  expect(found).toEqual([]);
}, 3_600_000);

test(`small histories, hit at ${long ? 'every point' : 'some points'}`, async () => {
  const found: string[] = [];
  let played = 0;
  for (const [index, one] of smallCases().entries()) {
    if (!long && index % 12 !== 0) continue;
    await hitPoints(production, one, {
      stride: long ? 1 : 23,
      offset: index,
      pairs: false,
      onPlayed: ({ name, at, history }) => {
        played++;
        const [broken] = history.violations;
        if (!broken) return;
        const hit = at.map(([point, fault]) => `${point}:${fault}`).join();
        found.push(`npm run sim -- --case '${name}' --show ${hit}: ${broken.checker}: ${broken.message}`);
      },
    });
  }
  expect(found).toEqual([]);
  expect(played).toBeGreaterThan(80);
}, 3_600_000);

test.runIf(long)(
  'one unit, hit at every pair of points',
  async () => {
    const found: string[] = [];
    const one = smallCases().find(({ name }) => name === 'agent: done, 1 units')!;
    let played = 0;
    await hitPoints(production, one, {
      stride: 1,
      offset: 0,
      pairs: true,
      onPlayed: ({ at, history }) => {
        played++;
        if (history.violations.length > 0) found.push(JSON.stringify(at));
      },
    });
    expect(found).toEqual([]);
    expect(played).toBeGreaterThan(1000);
  },
  3_600_000,
);

test('the same seed gives the same history, line by line', async () => {
  const play = () => simulate(production, scenarioOf('7'), { keepLines: true });
  const [first, second] = [await play(), await play()];
  expect(second.lines).toEqual(first.lines);
  expect(first.lines.length).toBeGreaterThan(10);
});
