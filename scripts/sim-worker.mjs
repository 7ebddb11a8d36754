// sim-worker.mjs <bundle of the simulator>: plays the shares of a campaign that its parent sends, one after the other.
// A share is { seeds: { from, count } } or { points: { index, stride, pairs, part } }; the answer is { tally, broken: [where, words] }.
import { pathToFileURL } from 'node:url';

const [, , bundle] = process.argv;
const { count, emptyTally, hitPoints, production, scenarioOf, simulate, smallCases } = await import(
  pathToFileURL(bundle).href
);
const cases = smallCases();

const play = async share => {
  const tally = emptyTally();
  const broken = [];
  const note = (where, history) => {
    count(tally, history);
    if (history.violations.length === 0) return;
    const [{ checker, message }] = history.violations;
    broken.push([where, `${checker}: ${message.split('\n').slice(0, 3).join(' ').slice(0, 300)}`]);
  };
  if (share.seeds) {
    const { from, count: seeds } = share.seeds;
    for (let seed = from; seed < from + seeds; seed++)
      note(`--show ${seed}`, await simulate(production, scenarioOf(String(seed))));
  } else {
    const { index, ...hitting } = share.points;
    const onPlayed = ({ name, at, history }) =>
      note(`--case '${name}' --show ${at.map(([point, fault]) => `${point}:${fault}`).join(',')}`, history);
    await hitPoints(production, cases[index], { ...hitting, offset: 0, onPlayed });
  }
  return { tally, broken };
};

process.on('message', async share => {
  process.send(await play(share));
});
// Ctrl-C goes to all of them: the parent says when it is enough.
process.on('SIGINT', () => {});
// Nobody waits for the answer any more.
process.on('disconnect', () => process.exit(1));
process.send('ready');
