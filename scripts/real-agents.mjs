// Runs seqrun with the real agent CLIs against a scripted model server, cut off from everything:
// `npm run test:agents [-- codex limit … --record]`. Words choose agents and cases by name. `--record` keeps the streams of every start as
// fixtures of this project, with seqrun's verdict. The CLIs are installed into AGENT_LAB_DIR (default: a folder in /var/tmp; 2 GB), once.
// Needs a lab (isolation and model server) in SEQRUN_AGENT_LAB or ../shared/agent-lab. Where something is missing it says so and ends with
// 0: nobody needs this to build or use seqrun.
import { join } from 'node:path';
import { agents } from './real-agents/agents.mjs';
import { cases } from './real-agents/cases.mjs';
import { choose, install, needLab, printTable, programOf, repository, runInside } from './real-agents/lab.mjs';
import { record } from './real-agents/record.mjs';

needLab();
const recording = process.argv.includes('--record');
const words = process.argv.slice(2).filter(word => word !== '--record');
const [wanted, tried] = choose(words, agents, cases);
install(wanted.map(([agent]) => agent));

const rows = [];
for (const [agent] of wanted) {
  const program = programOf(agent);
  if (program === null) {
    rows.push([agent, '', 'skipped: there is no program of it here']);
    continue;
  }
  for (const [name, { transports }] of tried) {
    for (const transport of transports) {
      const spec = { agent, name, transport, program };
      const place = { folder: 'seqrun', name: `${agent}-${name}-${transport}` };
      const { root, said } = runInside({ file: 'inside.mjs', ...place, spec });
      rows.push([agent, `${name}, ${transport}`, said]);
      if (recording && transport === 'plain') {
        const folder = join(repository, 'test', 'fixtures', 'recorded', agent);
        record({ agent, name, root, folder, program: join(repository, 'dist', 'seqrun.cjs') });
      }
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
  }
}
printTable(rows);
