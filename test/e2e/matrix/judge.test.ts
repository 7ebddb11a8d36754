// The judge of the matrix: a run that came as expected is right, and each false expectation and each damage is named.
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorld, rarely, type World } from '../harness.ts';
import { type Cell, type Expected, judge, playOn, type Seen, watchful } from './cell.ts';

const tasks = '- [ ] 1. One\n- [ ] 2. Two\n';
const right: Expected = {
  next: 'goes on',
  exits: [1, 0],
  agentStarts: { 1: 1, 2: 1 },
  units: { 1: 'completed', 2: 'completed' },
  why: /its last run ended with 1: 1 iteration used/,
  says: /1 iteration used/,
  followed: 'started 2',
};
const cellOf = (expected: Partial<Expected>): Cell => ({
  fault: 'few iterations',
  moment: 'between two units',
  expected: { ...right, ...expected },
});

let world: World;
let seen: Seen;
const long = process.env.SEQRUN_TEST_LONG;
beforeAll(async () => {
  if (!long) return;
  world = makeWorld({ tasks });
  world.codex(watchful('done_'));
  const args = ['--spec', '.kiro/specs/demo', '--delay', '0', '--no-assign', '--no-tmux', '--max-iterations', '1'];
  seen = await playOn(world, cellOf({}), { args, first: await world.run(args) });
});
afterAll(() => world?.close());

const since = () => readFileSync(world.journal(), 'utf8').split('"type":"run.ended"')[0]!.split('\n').length;
const judged = (expected: Partial<Expected> = {}) => judge(world, cellOf(expected), seen, { tasks, since: since() });

rarely('what came as expected is right', async () => {
  expect(await judged()).toEqual([]);
});

rarely.each<[Partial<Expected>, string]>([
  [{ exits: [0] }, 'ends of the calls: [1,0], expected [0]'],
  [{ exits: ['killed', 0] }, 'ends of the calls'],
  [{ agentStarts: { 1: 1, 2: 2 } }, 'starts of the agent: [["1",1],["2",1]], expected [["1",1],["2",2]]'],
  [{ units: { 1: 'completed', 2: 'failed' } }, 'units: '],
  [{ units: { 1: 'completed', 2: 'failed' } }, 'tasks.md: '],
  [{ why: /killed/ }, 'why: '],
  [{ says: /a person/ }, 'the first that did not end well did not say'],
  [{ followed: 'started 3' }, 'what followed: "started 2", expected "started 3"'],
  [{ gateRuns: 1 }, 'runs of the gate: 0, expected 1'],
])('a false expectation: %o', async (expected, complaint) => {
  expect(await judged(expected)).toContainEqual(expect.stringContaining(complaint));
});

const added = (path: () => string, text: string) => () => {
  const before = readFileSync(path(), 'utf8');
  writeFileSync(path(), before + text);
  return () => writeFileSync(path(), before);
};
rarely.each<[string, () => () => void, string]>([
  ['one was alive beside another', () => logOverlap(), 'alive beside another: ["agent beside 7"]'],
  [
    'the agent was started once more',
    added(() => world.env.AGENT_LOG!, '2\n'),
    'starts of the agent: [["1",1],["2",2]]',
  ],
  ['another byte of tasks.md', added(() => join(world.specFolder, 'tasks.md'), '\n'), 'tasks.md: '],
  ['a torn line in the journal', added(() => world.journal(), '{"seq":'), 'torn bytes'],
  ['a line that does not follow', added(() => world.journal(), '{"seq":3}\n'), 'journal, line '],
  [
    'an iteration told twice',
    added(() => join(world.specsFolder, 'SEQUENTIAL_PROGRESS.md'), '## Iteration 2\n'),
    'PROGRESS.md tells the iterations 1,2,2, counted are 2',
  ],
  [
    'values that were not blanked',
    added(() => join(dirname(world.journal()), 'starts', '1-1-agent', 'launch.sh'), 'export AGENT_LOG=x\n'),
    'values left in launch.sh: ["1-1-agent"]',
  ],
])('damage: %s', async (_, damage, complaint) => {
  const mend = damage();
  try {
    expect(await judged()).toContainEqual(expect.stringContaining(complaint));
  } finally {
    mend();
  }
});

const logOverlap = () => {
  const path = `${world.env.AGENT_LOG}.overlaps`;
  appendFileSync(path, 'agent beside 7\n');
  return () => writeFileSync(path, '');
};

test.runIf(long)('damage: a process that is left alive, and a temporary file', async () => {
  const temp = join(world.specsFolder, '.SEQUENTIAL_STATE.json.1.tmp');
  writeFileSync(temp, '');
  const child = spawn('sleep', ['60'], { env: world.env, stdio: 'ignore' });
  const wrong = await judged();
  child.kill('SIGKILL');
  expect(wrong).toContainEqual(expect.stringContaining('left alive: ["sleep 60"]'));
  expect(wrong).toContainEqual(expect.stringContaining('litter: '));
});
