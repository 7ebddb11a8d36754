// Measures what seqrun costs: per unit beside the bare floor and the agent alone, at its start, and in memory.
// `node scripts/bench.mjs [--sizes 50,500] [--rounds 5] [--cold 25] [--only tmux|plain] [--program dist/seqrun.cjs]
// [--folder /tmp] [--rest 360] [--goals]`. `--folder` decides on which disk. The floor makes no files and a start makes ten. On ext4 a file
// takes 0.02 ms, but up to 1 ms for five minutes after thousands were removed (by the tests, by an installation, by this script's own end): the
// kernel passes over the inodes that were freed last, one by one. So the disk is first given `--rest` seconds at most to come to rest; what a file
// costs is shown before and after, since it alone makes 1.2 x or 2 x of the same program. `--folder /dev/shm` shows what is not the disk's.
// Everything is measured in one run, interleaved, since only ratios within a run say anything on a shared machine.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The most that each figure may be; `--goals` exits with 1 when one is missed. */
const goals = {
  tmuxOverFloor: 1.3,
  plainOverAgentMs: 5,
  growth: 1.3,
  help: 1.3,
  status: 2.6,
  plan: 4,
  peakMb: 75,
};

const { values: given } = parseArgs({
  options: {
    sizes: { type: 'string', default: '50,500' },
    rounds: { type: 'string', default: '5' },
    cold: { type: 'string', default: '25' },
    only: { type: 'string' },
    program: { type: 'string', default: join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'seqrun.cjs') },
    folder: { type: 'string', default: tmpdir() },
    rest: { type: 'string', default: '360' },
    goals: { type: 'boolean', default: false },
    git: { type: 'string', default: 'note' },
  },
});
const sizes = given.sizes
  .split(',')
  .map(Number)
  .filter(size => size > 0);
const program = resolve(given.program);
if (!existsSync(program)) {
  process.stderr.write(`${program} is not built yet. Next: npm run build\n`);
  process.exit(69);
}
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) process.stderr.write('tmux is not installed: only runs without it are measured\n');
const transports = ['plain', ...(hasTmux ? ['tmux'] : [])].filter(name => !given.only || name === given.only);

// A world of its own: home, state home, PATH, repository and tmux server.
const root = realpathSync(mkdtempSync(join(given.folder, 'seqrun-bench-')));
const folder = name => {
  mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
  return join(root, name);
};
const env = {
  PATH: `${folder('bin')}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  HOME: folder('home'),
  XDG_STATE_HOME: folder('state'),
  TMUX_TMPDIR: folder('tmux'),
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
};
const agent = join(root, 'bin', 'codex');
writeFileSync(
  agent,
  `#!/bin/sh
printf '%s\\n' '{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}' \\
  '{"type":"turn.started"}' \\
  '{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"It is done.\\n<promise>TASK_DONE</promise>"}}' \\
  '{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":0,"output_tokens":10}}'
`,
);
chmodSync(agent, 0o755);
const agentArgs = ['exec', '--json', '--skip-git-repo-check', '-s', 'workspace-write', '-C', root, '-'];

const tmux = (...args) => execFileSync('tmux', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const cleanUp = () => {
  if (hasTmux) spawnSync('tmux', ['kill-server'], { env, stdio: 'ignore' });
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
};
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const nowMs = () => performance.now();
const median = list => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const sum = list => list.reduce((a, b) => a + b, 0);
/** Mean of the middle 80 %: what another machine on the same host takes away now and then falls on neither side of a comparison. */
const typical = list => {
  const sorted = [...list].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 10);
  const middle = sorted.slice(cut, sorted.length - cut);
  return sum(middle) / middle.length;
};
const ended = child =>
  new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', (code, signal) => done(code ?? signal));
  });

let specs = 0;
/** A repository with one spec of `units` tasks that nobody has run. */
const makeSpec = units => {
  const repo = folder(`repo-${++specs}`);
  const spec = join(repo, '.kiro', 'specs', 'bench');
  mkdirSync(spec, { recursive: true });
  const tasks = Array.from({ length: units }, (_, i) => `- [ ] ${i + 1}. Make part ${i + 1} of the thing\n`);
  writeFileSync(join(spec, 'tasks.md'), `# Plan\n\n${tasks.join('')}`);
  const git = (...args) => spawnSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@b', ...args], { cwd: repo, env });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'bench');
  return { repo, spec };
};

const journalOf = spec => {
  const states = join(env.XDG_STATE_HOME, 'seqrun', 'specs');
  for (const name of readdirSync(states)) {
    const lines = readFileSync(join(states, name, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const events = lines.map(line => JSON.parse(line));
    if (events[0].spec === spec) return events;
  }
  throw new Error(`no journal of ${spec}`);
};

/** Peak resident memory of a process in MB, as the kernel keeps it; null where there is no /proc. */
const peakMbOf = pid => {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024 || null;
  } catch {
    return null;
  }
};

/**
 * One whole run. `unitMs`: from one start's intent to the next, as the journal has it, for all but the first; `firstMs`: the first, which
 * makes the tmux session, as the floor has one before it is measured; `totalMs`: the whole process, with its start and end.
 */
const runSeqrun = async (units, transport) => {
  const { repo, spec } = makeSpec(units);
  const args = ['--spec', spec, '--no-assign', '--delay', '0', '--git', given.git, '--max-iterations', '1000'];
  if (transport === 'plain') args.push('--no-tmux');
  const log = openSync(join(root, 'out.log'), 'w');
  const begunMs = nowMs();
  const child = spawn(process.execPath, [program, ...args], { cwd: repo, env, stdio: ['ignore', log, log] });
  let peakMb = 0;
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, peakMbOf(child.pid) ?? 0);
  }, 50);
  const code = await ended(child);
  const totalMs = nowMs() - begunMs;
  clearInterval(sampling);
  closeSync(log);
  const events = journalOf(realpathSync(spec));
  const at = events.filter(event => event.type === 'start.intended').map(event => event.atMs);
  const last = events.findLast(event => event.type === 'start.ended').atMs;
  if (code !== 0 || at.length !== units) {
    throw new Error(
      `a run ended with ${code} after ${at.length} starts:\n${readFileSync(join(root, 'out.log'), 'utf8')}`,
    );
  }
  if (transport === 'tmux') {
    tmux('kill-session', '-t', '=sequential-bench');
    if (!events.some(event => event.type === 'start.began' && event.window)) throw new Error('it ran without a window');
  }
  return {
    totalMs: totalMs / units,
    firstMs: at[1] - at[0],
    unitMs: [...at.slice(2), last].map((atMs, i) => atMs - at[i + 1]),
    peakMb,
    spec,
    repo,
  };
};

/** The agent alone, with its files, started by node: the least that any runner without tmux pays. */
const runAlone = async units => {
  const times = [];
  const input = join(root, 'alone.in');
  writeFileSync(input, 'Do the task.\n');
  for (let i = 0; i < units; i++) {
    const begunMs = nowMs();
    const files = [
      openSync(input, 'r'),
      openSync(join(root, 'alone.out'), 'w'),
      openSync(join(root, 'alone.err'), 'w'),
    ];
    const child = spawn(agent, agentArgs, { cwd: root, env, stdio: files });
    for (const file of files) closeSync(file);
    const code = await ended(child);
    if (code !== 0) throw new Error(`the agent ended with ${code}`);
    times.push(nowMs() - begunMs);
  }
  return times;
};

/** The agent in a new window and a wait for its end: the least that any runner with tmux pays. */
const runFloor = async units => {
  const times = [];
  const input = join(root, 'alone.in');
  writeFileSync(input, 'Do the task.\n');
  const run = async (...args) => {
    const code = await ended(spawn('tmux', args, { cwd: root, env, stdio: 'ignore' }));
    if (code !== 0) throw new Error(`tmux ${args[0]} ended with ${code}`);
  };
  const words = [agent, ...agentArgs].map(word => `'${word}'`).join(' ');
  const inWindow = `${words} <'${input}' >'${root}/floor.out' 2>'${root}/floor.err'; tmux wait-for -S bench-floor`;
  for (let i = 0; i < units; i++) {
    const begunMs = nowMs();
    await run('new-window', '-d', '-t', '=floor:', '-n', `task-${i}`, '-c', root, '/bin/sh', '-c', inWindow);
    await run('wait-for', 'bench-floor');
    times.push(nowMs() - begunMs);
  }
  return times;
};

/** What an empty file costs now in `root`, in ms. */
const fileMs = () => {
  const probe = mkdtempSync(join(root, 'probe-'));
  const costs = Array.from({ length: 40 }, (_, i) => {
    const begunMs = nowMs();
    closeSync(openSync(join(probe, `made-${i}`), 'w'));
    return nowMs() - begunMs;
  });
  return median(costs);
};
const restedMs = 0.05;
const rest = async () => {
  const untilMs = nowMs() + Number(given.rest) * 1000;
  for (;;) {
    const cost = fileMs();
    if (cost <= restedMs || nowMs() > untilMs) return cost;
    process.stderr.write(`a file takes ${cost.toFixed(2)} ms: waiting for the disk to come to rest …\n`);
    await new Promise(resolve => setTimeout(resolve, 15_000));
  }
};
const fileBeforeMs = await rest();

const rows = [];
const misses = [];
const ms = value => value.toFixed(2);
const times = value => `${value.toFixed(2)} x`;
/** One line of the table; `most` = the goal in the unit of `value`. */
const row = (what, shown, value = null, most = null) => {
  const missed = most !== null && value > most;
  if (missed) misses.push(what);
  rows.push([what, shown, most === null ? '' : `${missed ? 'MISSED' : 'ok'}, at most ${most}`]);
};

if (transports.includes('tmux')) tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'floor', '-x', '200', '-y', '50');

/** Per size: every figure of every round. */
const perUnit = new Map();
let used = null;
for (const size of sizes) {
  const found = { alone: [], floor: [], plain: [], tmux: [] };
  perUnit.set(size, found);
  const rounds = size > 100 ? Math.min(2, Number(given.rounds)) : Number(given.rounds);
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${size} units, round ${round + 1} of ${rounds} …\n`);
    // The comparisons before and after each run, so that what else the machine does falls on all of them.
    const piece = Math.min(50, Math.ceil(size / 2));
    const compare = async () => {
      found.alone.push(...(await runAlone(piece)));
      if (transports.includes('tmux')) found.floor.push(...(await runFloor(piece)));
    };
    await compare();
    for (const transport of transports) {
      const one = await runSeqrun(size, transport);
      found[transport].push(one);
      if (size === sizes[0]) used = one;
      await compare();
    }
  }
}
for (const [size, { alone, floor, plain, tmux: inTmux }] of perUnit) {
  const of = (list, key) => median(list.map(one => one[key]));
  const unitOf = list => typical(list.flatMap(one => one.unitMs));
  row(`${size} units: agent alone`, `${ms(typical(alone))} ms (mean of all ${ms(sum(alone) / alone.length)})`);
  if (floor.length > 0) {
    row(`${size} units: bare tmux floor`, `${ms(typical(floor))} ms (mean of all ${ms(sum(floor) / floor.length)})`);
  }
  if (plain.length > 0) {
    const over = unitOf(plain) - typical(alone);
    row(
      `${size} units: seqrun --no-tmux`,
      `${ms(unitOf(plain))} ms (the first ${ms(of(plain, 'firstMs'))}; whole run / units ${ms(of(plain, 'totalMs'))})`,
    );
    row(`${size} units: … over the agent alone`, `${ms(over)} ms`, over, goals.plainOverAgentMs);
    row(
      `${size} units: … peak memory`,
      `${Math.max(...plain.map(one => one.peakMb)).toFixed(1)} MB`,
      Math.max(...plain.map(one => one.peakMb)),
      goals.peakMb,
    );
  }
  if (inTmux.length > 0) {
    const over = unitOf(inTmux) / typical(floor);
    row(
      `${size} units: seqrun in tmux`,
      `${ms(unitOf(inTmux))} ms (the first ${ms(of(inTmux, 'firstMs'))}; whole run / units ${ms(of(inTmux, 'totalMs'))})`,
    );
    row(`${size} units: … beside the floor`, times(over), over, goals.tmuxOverFloor);
    row(
      `${size} units: … peak memory`,
      `${Math.max(...inTmux.map(one => one.peakMb)).toFixed(1)} MB`,
      Math.max(...inTmux.map(one => one.peakMb)),
      goals.peakMb,
    );
  }
}
if (sizes.length > 1) {
  const [few, many] = [sizes[0], sizes.at(-1)];
  for (const transport of transports) {
    const of = size => typical(perUnit.get(size)[transport].flatMap(one => one.unitMs));
    row(
      `growth from ${few} to ${many} units, ${transport}`,
      times(of(many) / of(few)),
      of(many) / of(few),
      goals.growth,
    );
  }
}

// Cold starts, interleaved with `node -e 0`.
const fresh = makeSpec(50);
const ran = used && sizes[0] === 50 ? used : await runSeqrun(50, transports[0]);
const calls = {
  'node -e 0': ['-e', '0'],
  '--help': [program, '--help'],
  'status, 50 units after a run': [program, 'status', '--spec', ran.spec],
  'plan, 50 tasks': [program, 'plan', '--spec', fresh.spec],
};
const cold = Object.fromEntries(Object.keys(calls).map(name => [name, []]));
for (let round = 0; round < Number(given.cold); round++) {
  for (const [name, args] of Object.entries(calls)) {
    const begunMs = nowMs();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: fresh.repo, env });
    cold[name].push(nowMs() - begunMs);
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  }
}
const node = median(cold['node -e 0']);
const limits = { '--help': goals.help, 'status, 50 units after a run': goals.status, 'plan, 50 tasks': goals.plan };
for (const [name, list] of Object.entries(cold)) {
  const ratio = median(list) / node;
  if (name === 'node -e 0') row(name, `${ms(node)} ms`);
  else row(name, `${ms(median(list))} ms = ${times(ratio)}`, ratio, limits[name]);
}
const sorted = [...cold['node -e 0']].sort((a, b) => a - b);
const at = share => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
row(
  'noise: node -e 0, from 10 % to 90 %',
  `${ms(at(0.1))} to ${ms(at(0.9))} ms (${Math.round((100 * (at(0.9) - at(0.1))) / node)} % of the median)`,
);
row('machine', `${cpus().length} processors, load ${loadavg()[0].toFixed(1)}, node ${process.version}`);

const fileAfterMs = fileMs();
const line = openSync(join(root, 'line'), 'a');
const flushed = median(
  Array.from({ length: 100 }, () => {
    const begunMs = nowMs();
    writeSync(line, `${'x'.repeat(700)}\n`);
    fsyncSync(line);
    return nowMs() - begunMs;
  }),
);
closeSync(line);
row(
  `the disk of ${given.folder}`,
  `${ms(fileBeforeMs)} ms for a file before and ${ms(fileAfterMs)} after, ${ms(flushed)} ms for a flush: a start makes ten files and waits for one flush`,
);

const width = Math.max(...rows.map(([what]) => what.length));
const shownWidth = Math.max(...rows.map(([, shown]) => shown.length));
for (const [what, shown, goal] of rows) {
  process.stdout.write(`${what.padEnd(width)}  ${shown.padEnd(shownWidth)}  ${goal}`.trimEnd().concat('\n'));
}
process.stdout.write(misses.length === 0 ? 'every goal is met\n' : `missed: ${misses.join('; ')}\n`);
if (given.goals && misses.length > 0) process.exitCode = 1;
