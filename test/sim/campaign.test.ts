// Campaigns: what their parts add up to is what the whole is, however they are cut and by however many processes they are played.
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
// @ts-expect-error: scripts have no types.
import { bundleSim, root } from '../../scripts/sim-bundle.mjs';
// @ts-expect-error: scripts have no types.
import { playShares } from '../../scripts/sim-jobs.mjs';
import { production } from '../../src/compose/simulation.ts';
import { countPoints, hitPoints, type Played, smallCases } from '../../src/sim/points.ts';
import { addTo, count, emptyTally, type Tally } from '../../src/sim/tally.ts';

const one = smallCases().find(({ name }) => name === 'agent: done at once, 1 units')!;
const hitting = { stride: 9, offset: 0, pairs: false };

const play = async (part?: { from: number; to: number }): Promise<{ tally: Tally; at: Played['at'][] }> => {
  const tally = emptyTally();
  const at: Played['at'][] = [];
  await hitPoints(production, one, {
    ...hitting,
    ...(part ? { part } : {}),
    onPlayed: played => {
      count(tally, played.history);
      at.push(played.at);
    },
  });
  return { tally, at };
};

test('the points of a case, hit in parts, are those of the whole; each crash is counted by its kind', async () => {
  const whole = await play();
  const points = await countPoints(production, one, hitting);
  expect(points).toBeGreaterThan(4);
  const sum = emptyTally();
  const at: Played['at'][] = [];
  for (const part of [
    { from: 0, to: 3 },
    { from: 3, to: points + 1 },
  ]) {
    const played = await play(part);
    addTo(sum, played.tally);
    at.push(...played.at);
  }
  expect(at).toEqual(whole.at);
  expect({ ...sum, virtualDays: 0 }).toEqual({ ...whole.tally, virtualDays: 0 });
  expect(sum).toMatchObject({ histories: 1 + 2 * points, kills: points, powerCuts: points, violations: 0 });
  expect(Object.values(sum.ends).reduce((a, b) => a + b, 0)).toBeGreaterThan(sum.histories);
});

test('answers come in the order of the shares, the same from one process and from two', async () => {
  const bundle = await bundleSim(root, `campaign-${process.pid}`);
  try {
    const shares = [1, 2, 3, 4].map(from => ({ seeds: { from, count: 1 } }));
    const answers = async (jobs: number, atMost = 9): Promise<{ tally: Tally }[]> => {
      const all: { tally: Tally }[] = [];
      const onAnswer = (answer: { tally: Tally }) => all.push(answer) < atMost;
      await playShares(shares, { bundle, jobs, onAnswer });
      return all;
    };
    const alone = await answers(1);
    expect(alone.map(({ tally }) => tally.histories)).toEqual([1, 1, 1, 1]);
    expect(new Set(alone.map(({ tally }) => tally.turns)).size).toBeGreaterThan(1);
    expect(await answers(2, 3)).toEqual(alone.slice(0, 3));
  } finally {
    await rm(bundle, { force: true });
  }
}, 60_000);
