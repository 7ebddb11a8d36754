// Keeps what a real agent wrote in each start of a case, with seqrun's verdict on it, as a fixture of this project.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of this machine are the same in every recording. */
const clean = (text, root) =>
  text.replaceAll(root, '/lab').replace(/(?:\/[\w.@+-]+)+\/node_modules\//g, '/lab/node_modules/');

/**
 * Writes `<case>-<n>.stdout`, `.stderr` and `.json` into `folder` for every start of the case. The verdict is that of `seqrun classify`
 * without the session file of Codex, which holds Codex's own instructions; what the run itself made of the start stands beside it.
 */
export const record = ({ agent, name, root, folder, program }) => {
  const specs = join(root, 'state', 'seqrun', 'specs');
  mkdirSync(folder, { recursive: true });
  for (const spec of existsSync(specs) ? readdirSync(specs) : []) {
    const journal = join(specs, spec, 'journal.jsonl');
    if (!existsSync(journal)) continue;
    const lines = readFileSync(journal, 'utf8').trim().split('\n');
    const events = lines.map(line => JSON.parse(line));
    for (const { n, atMs, code, signal, outcome } of events.filter(event => event.type === 'start.ended')) {
      const start = join(
        specs,
        spec,
        'starts',
        readdirSync(join(specs, spec, 'starts')).find(one => one.startsWith(`${n}-`)),
      );
      const file = part => join(folder, `${name}-${n}.${part}`);
      writeFileSync(file('stdout'), clean(readFileSync(join(start, 'stdout.jsonl'), 'utf8'), root));
      writeFileSync(file('stderr'), clean(readFileSync(join(start, 'stderr.log'), 'utf8'), root));
      const startedAtMs = events.find(event => event.type === 'start.began' && event.n === n).atMs;
      const exit = code ?? 128 + (signal === 'KILL' ? 9 : 15);
      const iso = ms => new Date(ms).toISOString();
      const words = [
        program,
        'classify',
        agent,
        '--stdout',
        file('stdout'),
        '--stderr',
        file('stderr'),
        '--exit',
        `${exit}`,
      ];
      words.push('--at', iso(atMs), '--started', iso(startedAtMs), '--tz', 'UTC');
      const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      const kept = { agent, exit, startedAtMs, endedAtMs: atMs, outcome: outcome.kind, verdict: JSON.parse(stdout) };
      writeFileSync(file('json'), `${JSON.stringify(kept, null, 2)}\n`);
    }
  }
};
