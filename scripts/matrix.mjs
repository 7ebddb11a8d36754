// Plays every cell of the matrix of faults and moments (test/e2e/matrix) a few times and prints one Markdown table of them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = 'npm run matrix -- [--times 3] [--files kill|environment] [--only "<a part of a test\'s name>"]';
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '1' },
    files: { type: 'string', default: '' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const times = Number(values.times);
if (values.help || !Number.isInteger(times) || times < 1) {
  console.error(`Usage: ${usage}`);
  process.exit(values.help ? 0 : 64);
}

const folder = mkdtempSync(join(tmpdir(), 'seqrun-matrix-'));
/** One map for each time: name of a cell → what was seen of it. */
const rounds = [];
let allWell = true;
try {
  for (let time = 1; time <= times; time++) {
    const results = join(folder, `${time}.jsonl`);
    const { status } = spawnSync(
      process.execPath,
      [
        ...[
          join(root, 'node_modules', 'vitest', 'vitest.mjs'),
          'run',
          `test/e2e/matrix/${values.files}`,
          '--reporter',
          'dot',
        ],
        ...(values.only ? ['-t', values.only] : []),
      ],
      {
        cwd: root,
        env: { ...process.env, SEQRUN_TEST_LONG: '1', SEQRUN_MATRIX_RESULTS: results },
        // The table alone goes to stdout.
        stdio: ['ignore', 2, 2],
      },
    );
    if (status !== 0) allWell = false;
    const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n').slice(0, -1) : [];
    const cells = lines.map(line => JSON.parse(line));
    rounds.push({ cells: new Map(cells.map(cell => [nameOf(cell), cell])), status });
    console.error(`time ${time} of ${times}: ${cells.length} cells, vitest ended with ${status}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const names = new Set(rounds.flatMap(({ cells }) => [...cells.keys()]));
const rows = [...names].map(name => ({ name, seen: rounds.map(({ cells }) => cells.get(name) ?? null) }));
// Tests run side by side and end in any order.
const order = new Intl.Collator('en').compare;
rows.sort((a, b) => order(a.name, b.name));

const line = cells => `| ${cells.map(cell => String(cell).replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
const heads = ['fault', 'moment', 'in', 'expected', 'ends of the calls', 'what followed', 'agent starts'];
console.log(line([...heads, ...rounds.map((_, k) => `time ${k + 1}`)]));
console.log(line([...heads, ...rounds].map(() => '---')));
for (const { seen } of rows) {
  const cells = seen.filter(one => one !== null);
  /** What came each time; more than one of it where the times differ. */
  const each = pick => [...new Set(cells.map(pick))].join(' / ');
  console.log(
    line([
      ...[cells[0].fault, cells[0].moment, cells[0].transport, cells[0].expected.next],
      ...[each(one => one.exits.join(', ')), each(one => one.followed), each(one => startsWords(one.agentStarts))],
      ...seen.map(one => (one === null ? 'missing' : one.wrong.length === 0 ? 'right' : 'WRONG')),
    ]),
  );
}

const right = rounds.map(({ cells }) => [...cells.values()].filter(({ wrong }) => wrong.length === 0).length);
console.log(`\n${names.size} cells; right: ${right.join(', ')}`);
for (const [k, { cells, status }] of rounds.entries()) {
  if (status !== 0)
    console.log(`\nTime ${k + 1}: vitest ended with ${status}; a cell that broke off is in its report only.`);
  for (const { fault, moment, transport, wrong } of cells.values())
    if (wrong.length > 0)
      console.log(`\nTime ${k + 1}, ${fault}, ${moment}, ${transport}:\n- ${wrong.slice(0, -1).join('\n- ')}`);
}
process.exitCode = allWell && rows.every(({ seen }) => seen.every(one => one?.wrong.length === 0)) ? 0 : 1;

function nameOf({ fault, moment, transport }) {
  return `${fault} ${moment} ${transport}`;
}

function startsWords(starts) {
  return Object.entries(starts)
    .map(([unit, count]) => `${unit}: ${count}`)
    .join(', ');
}
