// npm run sim -- --seeds N --from S [--show SEED] [--keep-going]: plays histories, and tells of every promise that was broken.
import { parseArgs } from 'node:util';
import { loadSim } from './sim-bundle.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    show: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
  },
});

const { production, scenarioOf, simulate } = await loadSim();

if (values.show !== undefined) {
  const history = await simulate(production, scenarioOf(values.show), { keepLines: true });
  for (const line of history.lines) console.log(line);
  console.log({ ...history, lines: history.lines.length });
  process.exit(history.violations.length > 0 ? 1 : 0);
}

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
process.exit(broken.length > 0 ? 1 : 0);
