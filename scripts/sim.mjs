// npm run sim -- --seeds N --from S [--jobs J] [--keep-going]: plays histories, and tells of every promise that was broken.
// npm run sim -- --points | --pairs [--stride N] [--case PATTERN]: hits every point (and every later one as well) of small histories.
// npm run sim -- --show SEED | --case NAME --show 12:kill,40:power: one history, line by line.
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { bundleSim, importSim, root } from './sim-bundle.mjs';
import { playShares } from './sim-jobs.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    show: { type: 'string' },
    points: { type: 'boolean', default: false },
    pairs: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    case: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    'keep-going': { type: 'boolean', default: false },
  },
});
/** Names of small cases. */
const wanted = new RegExp(values.case ?? '');
/** Without --keep-going so many broken promises are enough. */
const brokenMax = 20;
const seedsPerShare = 25;
const pointsPerShare = 4;

const bundle = await bundleSim(root, `sim-${process.pid}`);
let code = 70;
try {
  const sim = await importSim(bundle);
  code = values.show === undefined ? await campaign(sim) : await show(sim);
} finally {
  await rm(bundle, { force: true });
}
process.exit(code);

async function show({ production, scenarioOf, simulate, smallCases, withFaults }) {
  const at =
    values.show === '' ? [] : values.show.split(',').map(one => [Number(one.split(':')[0]), one.split(':')[1]]);
  const small = values.case === undefined ? null : smallCases().find(({ name }) => wanted.test(name));
  const scenario = small ? withFaults(small, at) : scenarioOf(values.show);
  const history = await simulate(production, scenario, { keepLines: true });
  for (const line of history.lines) console.log(line);
  console.log({ ...history, lines: history.lines.length });
  return history.violations.length > 0 ? 1 : 0;
}

async function campaign(sim) {
  const { addTo, emptyTally } = sim;
  const shares = values.points || values.pairs ? await sharesOfPoints(sim) : sharesOfSeeds();
  const total = emptyTally();
  let isEnough = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isEnough = true));
  const begunMs = performance.now();
  await playShares(shares, {
    bundle,
    jobs: Math.max(1, Number(values.jobs)),
    onAnswer: ({ tally, broken }) => {
      addTo(total, tally);
      for (const [where, words] of broken) console.log(`${where}: ${words}`);
      return !isEnough && (values['keep-going'] || total.violations < brokenMax);
    },
  });
  const seconds = (performance.now() - begunMs) / 1000;
  const { histories, kills, powerCuts, violations, virtualDays, ...others } = total;
  console.log({ ...others, virtualDays: Math.round(virtualDays), perSecond: Math.round(histories / seconds) });
  console.log(
    `${histories} histories, ${kills + powerCuts} crashes (${kills} kills, ${powerCuts} power cuts), ${violations} violations, ${seconds.toFixed(1)} s`,
  );
  if (isEnough) console.log('Ended before its end: these are the totals of what was played.');
  return violations > 0 ? 1 : 0;
}

function sharesOfSeeds() {
  const [from, seeds] = [Number(values.from), Number(values.seeds)];
  return Array.from({ length: Math.ceil(seeds / seedsPerShare) }, (_, k) => ({
    seeds: { from: from + k * seedsPerShare, count: Math.min(seedsPerShare, seeds - k * seedsPerShare) },
  }));
}

/** Small cases by name; a case in parts, as each of its points costs as much as all others together. */
async function sharesOfPoints({ countPoints, production, smallCases }) {
  const shares = [];
  const hitting = { stride: Number(values.stride), pairs: values.pairs };
  for (const [index, one] of smallCases().entries()) {
    if (!wanted.test(one.name)) continue;
    const points = await countPoints(production, one, { stride: hitting.stride, offset: 0 });
    const step = values.pairs ? pointsPerShare : points;
    for (let from = 0; from === 0 || from < points; from += step)
      shares.push({ points: { ...hitting, index, part: { from, to: from + step } } });
  }
  return shares;
}
