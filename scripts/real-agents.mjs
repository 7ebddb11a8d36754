// Runs seqrun with the real agent CLIs against a scripted model server, cut off from everything:
// `npm run test:agents [-- codex limit … --record]`. Words choose agents and cases by name. `--record` keeps the streams of every start as
// fixtures of this project, with seqrun's verdict. The CLIs are installed into AGENT_LAB_DIR (default: a folder in /var/tmp; 2 GB), once.
// Needs a lab (isolation and model server) in SEQRUN_AGENT_LAB or ../shared/agent-lab. Where something is missing it says so and ends with
// 0: nobody needs this to build or use seqrun.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agents } from './real-agents/agents.mjs';
import { cases } from './real-agents/cases.mjs';
import { record } from './real-agents/record.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = dirname(here);
const lab = resolve(process.env.SEQRUN_AGENT_LAB ?? join(repository, '..', 'shared', 'agent-lab'));
// Not below the home folder: the isolation hides that.
const installed = process.env.AGENT_LAB_DIR ?? '/var/tmp/seqrun-agent-lab';

const skip = because => {
  process.stdout.write(`skipped: ${because}\n`);
  process.exit(0);
};
if (!existsSync(join(lab, 'iso.sh'))) skip(`${lab}/iso.sh is not on this machine`);
if (process.getuid?.() !== 0) skip('namespaces are made as root here');

const recording = process.argv.includes('--record');
const words = process.argv.slice(2).filter(word => word !== '--record');
const chosen = (all, names) => {
  const some = names.filter(name => words.includes(name));
  return some.length > 0 ? some.map(name => [name, all[name]]) : Object.entries(all);
};
const unknown = words.filter(word => !(word in agents) && !(word in cases));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown: ${unknown.join(', ')}; expected ${[...Object.keys(agents), ...Object.keys(cases)].join(', ')}\n`,
  );
  process.exit(64);
}

const packages = join(installed, 'npm', 'node_modules');
const wanted = chosen(agents, Object.keys(agents));
const missing = wanted.filter(([, { binary }]) => !existsSync(binary(packages)));
if (missing.length > 0) {
  const names = missing.map(([, agent]) => agent.package);
  process.stderr.write(`installing ${names.join(', ')} in ${installed} …\n`);
  mkdirSync(join(installed, 'npm'), { recursive: true });
  const args = ['install', '--prefix', join(installed, 'npm'), '--no-audit', '--no-fund', ...names];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) skip(`the CLIs could not be installed: ${stderr.trim().split('\n').at(-1)}`);
}

const runs = join(installed, 'runs', 'seqrun');
mkdirSync(runs, { recursive: true });
const rows = [];
for (const [agent, { binary }] of wanted) {
  const program = binary(packages);
  if (!existsSync(program)) {
    rows.push([agent, '', `skipped: ${program} is not there`]);
    continue;
  }
  for (const [name, { transports }] of chosen(cases, Object.keys(cases))) {
    for (const transport of transports) {
      const root = join(runs, `${agent}-${name}-${transport}`);
      rmSync(root, { recursive: true, force: true });
      mkdirSync(root, { mode: 0o755 });
      const spec = { agent, name, transport, root, lab, repository, program };
      writeFileSync(join(root, 'case.json'), JSON.stringify(spec));
      // The whole environment: nothing of this machine's goes in.
      const env = {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: root,
        AGENT_LAB_DIR: installed,
        AGENT_LAB_RESOLV: join(lab, 'resolv.conf'),
      };
      const inside = join(here, 'real-agents', 'inside.mjs');
      const words = ['-k', '10', '300', join(lab, 'iso.sh'), process.execPath, inside, join(root, 'case.json')];
      const { status, stdout, stderr } = spawnSync('timeout', words, { env, encoding: 'utf8', maxBuffer: 1 << 26 });
      writeFileSync(join(root, 'out.log'), `${stdout}\n${stderr}`);
      const result = existsSync(join(root, 'result.json'))
        ? JSON.parse(readFileSync(join(root, 'result.json'), 'utf8'))
        : { failed: [`no result, exit ${status}`], figures: '' };
      const said = result.failed.length === 0 ? `ok      ${result.figures}` : `FAILED  ${result.failed.join('; ')}`;
      rows.push([agent, `${name}, ${transport}`, said]);
      if (recording && transport === 'plain') {
        const folder = join(repository, 'test', 'fixtures', 'recorded', agent);
        record({ agent, name, root, folder, program: join(repository, 'dist', 'seqrun.cjs') });
      }
      process.stderr.write(`${rows.at(-1).join('  ')}\n`);
    }
  }
}
const width = [0, 1].map(at => Math.max(...rows.map(row => row[at].length)));
for (const [agent, what, said] of rows)
  process.stdout.write(`${agent.padEnd(width[0])}  ${what.padEnd(width[1])}  ${said}\n`);
const failed = rows.filter(([, , said]) => said.startsWith('FAILED'));
process.stdout.write(failed.length === 0 ? 'all right\n' : `${failed.length} failed; see out.log in ${runs}\n`);
if (failed.length > 0) process.exitCode = 1;
