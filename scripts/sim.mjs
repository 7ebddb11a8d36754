// npm run sim -- --seeds N --from S [--show SEED] [--keep-going]: plays histories, and tells of every promise that was broken.
// npm run sim -- --points [--stride N] [--case NAME [--show 12:kill,40:power]]: hits every point of small histories in turn.
import { parseArgs } from 'node:util';
import { loadSim } from './sim-bundle.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    show: { type: 'string' },
    points: { type: 'boolean', default: false },
    pairs: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    case: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
  },
});

const { hitPoints, production, scenarioOf, simulate, smallCases, withFaults } = await loadSim();
const exit = code => process.exit(code);

const show = async scenario => {
  const history = await simulate(production, scenario, { keepLines: true });
  for (const line of history.lines) console.log(line);
  console.log({ ...history, lines: history.lines.length });
  exit(history.violations.length > 0 ? 1 : 0);
};

const cases = smallCases().filter(({ name }) => values.case === undefined || name.includes(values.case));
if (values.case !== undefined && values.show !== undefined) {
  const at =
    values.show === '' ? [] : values.show.split(',').map(one => [Number(one.split(':')[0]), one.split(':')[1]]);
  await show(withFaults(cases[0], at));
}
if (values.points || values.pairs) {
  let played = 0;
  let broken = 0;
  const begunMs = performance.now();
  for (const one of cases) {
    played += await hitPoints(production, one, {
      stride: Number(values.stride),
      offset: 0,
      pairs: values.pairs,
      onBroken: ({ name, at, history }) => {
        broken++;
        const [{ checker, message }] = history.violations;
        const hit = at.map(([point, fault]) => `${point}:${fault}`).join(',');
        console.log(`--case '${name}' --show ${hit}: ${checker}: ${message.split('\n')[0].slice(0, 250)}`);
      },
    });
  }
  const seconds = (performance.now() - begunMs) / 1000;
  console.log({
    cases: cases.length,
    played,
    broken,
    seconds: Math.round(seconds),
    perSecond: Math.round(played / seconds),
  });
  exit(broken > 0 ? 1 : 0);
}

if (values.show !== undefined) await show(scenarioOf(values.show));

const total = { seeds: 0, turns: 0, events: 0, starts: 0, faults: 0, points: 0, virtualDays: 0 };
const ends = {};
const broken = [];
const from = Number(values.from);
const begunMs = performance.now();
for (let seed = from; seed < from + Number(values.seeds); seed++) {
  const history = await simulate(production, scenarioOf(String(seed)));
  total.seeds++;
  for (const key of ['turns', 'events', 'starts', 'points']) total[key] += history[key];
  total.faults += history.faults.length;
  total.virtualDays += history.virtualMs / 86_400_000;
  for (const end of history.ends) ends[end] = (ends[end] ?? 0) + 1;
  if (history.violations.length > 0) {
    broken.push(seed);
    const [{ checker, message }] = history.violations;
    console.log(`seed ${seed}: ${checker}: ${message.split('\n').slice(0, 3).join(' ').slice(0, 300)}`);
    if (!values['keep-going'] && broken.length >= 20) break;
  }
}
const seconds = (performance.now() - begunMs) / 1000;
console.log({
  ...total,
  virtualDays: Math.round(total.virtualDays),
  seconds: Number(seconds.toFixed(1)),
  perSecond: Math.round(total.seeds / seconds),
  ends,
  broken,
});
exit(broken.length > 0 ? 1 : 0);
