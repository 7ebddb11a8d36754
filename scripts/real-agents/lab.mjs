// The lab outside the isolation, for the scripts that run real agent CLIs: where it is, the CLIs installed once, a case run cut off, a table of results.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agents } from './agents.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const repository = resolve(here, '..', '..');
const lab = resolve(process.env.SEQRUN_AGENT_LAB ?? join(repository, '..', 'shared', 'agent-lab'));
// Not below the home folder: the isolation hides that.
const installed = process.env.AGENT_LAB_DIR ?? '/var/tmp/seqrun-agent-lab';
const packages = join(installed, 'npm', 'node_modules');

const skip = because => {
  process.stdout.write(`skipped: ${because}\n`);
  process.exit(0);
};

/** Ends the process with 0 and the reason where there is no lab on this machine. */
export const needLab = () => {
  if (!existsSync(join(lab, 'iso.sh'))) skip(`${lab}/iso.sh is not on this machine`);
  if (process.getuid?.() !== 0) skip('namespaces are made as root here');
};

/** The chosen ones of each table by the words that were typed (none of a table = all of it); an unknown word ends the process with 64. */
export const choose = (words, ...tables) => {
  const names = tables.flatMap(table => Object.keys(table));
  const unknown = words.filter(word => !names.includes(word));
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(', ')}; expected ${names.join(', ')}\n`);
    process.exit(64);
  }
  return tables.map(table => {
    const some = Object.entries(table).filter(([name]) => words.includes(name));
    return some.length > 0 ? some : Object.entries(table);
  });
};

/** Installs what is missing of the agents with these names. */
export const install = names => {
  const missing = names.map(name => agents[name]).filter(({ binary }) => !existsSync(binary(packages)));
  if (missing.length === 0) return;
  const wanted = missing.map(agent => agent.package);
  process.stderr.write(`installing ${wanted.join(', ')} in ${installed} …\n`);
  mkdirSync(join(installed, 'npm'), { recursive: true });
  const args = ['install', '--prefix', join(installed, 'npm'), '--no-audit', '--no-fund', ...wanted];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) skip(`the CLIs could not be installed: ${stderr.trim().split('\n').at(-1)}`);
};

/** The program of an agent, or null where its package has none for this machine. */
export const programOf = name => {
  const program = agents[name].binary(packages);
  return existsSync(program) ? program : null;
};

/**
 * Runs `file` with node in the isolation, at most `withinS` seconds; it gets the path of `case.json` with `spec` and what it needs of
 * the lab, and leaves `result.json` in the folder of the case, which is new.
 */
export const runInside = ({ file, folder, name, spec, withinS = 300 }) => {
  const root = join(installed, 'runs', folder, name);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true, mode: 0o755 });
  writeFileSync(join(root, 'case.json'), JSON.stringify({ ...spec, root, lab, packages, repository }));
  // The whole environment: nothing of this machine's goes in.
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: root,
    AGENT_LAB_DIR: installed,
    AGENT_LAB_RESOLV: join(lab, 'resolv.conf'),
  };
  const inside = [process.execPath, join(here, file), join(root, 'case.json')];
  const words = ['-k', '10', String(withinS), join(lab, 'iso.sh'), ...inside];
  const { status, stdout, stderr } = spawnSync('timeout', words, { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  writeFileSync(join(root, 'out.log'), `${stdout}\n${stderr}`);
  const result = existsSync(join(root, 'result.json'))
    ? JSON.parse(readFileSync(join(root, 'result.json'), 'utf8'))
    : { failed: [`no result, exit ${status}`], figures: '' };
  const said = result.failed.length === 0 ? `ok      ${result.figures}` : `FAILED  ${result.failed.join('; ')}`;
  return { root, said };
};

/** Prints the rows `[agent, what, said]`; exit code 1 where one has failed. */
export const printTable = rows => {
  const width = [0, 1].map(at => Math.max(...rows.map(row => row[at].length)));
  for (const [agent, what, said] of rows)
    process.stdout.write(`${agent.padEnd(width[0])}  ${what.padEnd(width[1])}  ${said}\n`);
  const failed = rows.filter(([, , said]) => said.startsWith('FAILED'));
  const where = join(installed, 'runs');
  process.stdout.write(failed.length === 0 ? 'all right\n' : `${failed.length} failed; see out.log below ${where}\n`);
  if (failed.length > 0) process.exitCode = 1;
};
