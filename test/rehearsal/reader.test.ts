// What the program prints, read by the agent's own reader and judged: both sides of the protocol agree.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rehearsalAgent } from '../../src/agents/rehearsal.ts';
import { verdict } from '../../src/core/verdict.ts';
import { bundleProgram, stage } from './program.ts';

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram();
});
afterAll(() => program.remove());

/** Plays one start the way seqrun does: argv from the agent, every line into its reader, the verdict on the end. */
const judged = async (behaviour: unknown) => {
  const shop = stage(program.script, { default: behaviour });
  const agent = rehearsalAgent({ node: process.execPath, script: program.script });
  const { argv } = agent.command({
    workdir: shop.workspace,
    promptFile: '/starts/1/prompt.md',
    model: 'paper',
    session: null,
    newSessionId: '0d3c9f7e-58c1-4f43-9a51-0a6f0b1c2d3e',
    answerOnly: false,
    mode: 'safe',
    env: {},
    isRoot: false,
  });
  const startedAtMs = Date.now();
  const ended = await shop.run({ args: argv.slice(2) });
  shop.remove();
  const reader = agent.reader();
  for (const line of ended.lines) reader.line('stdout', JSON.stringify(line));
  const exit = { code: ended.code, signal: ended.signal?.replace('SIG', '') ?? null, interrupt: false };
  const classification = reader.classify({ exit, file: null, startedAtMs, endedAtMs: Date.now(), zone: 'UTC' });
  const facts = reader.facts();
  const { outcome } = verdict({ exit, facts, classification, left: [], windowClosed: false }, agent, null);
  return { facts, outcome, startedAtMs };
};

it.each([
  ['done', { kind: 'completed', signal: 'TASK_DONE' }],
  ['complete', { kind: 'completed', signal: 'COMPLETE' }],
  ['quote-halt', { kind: 'completed', signal: 'TASK_DONE' }],
  [
    { do: 'talk', lines: 30 },
    { kind: 'completed', signal: 'TASK_DONE' },
  ],
  ['question', { kind: 'unconfirmed', missing: 'signal' }],
  ['bad-exit', { kind: 'unconfirmed', missing: 'exit_code' }],
  [
    { do: 'halt', reason: 'No price list.' },
    { kind: 'halted', reason: 'No price list.' },
  ],
  [
    { do: 'fail', message: 'red tests' },
    { kind: 'failed', class: 'crashed', message: 'red tests' },
  ],
  [
    { do: 'fail', class: 'auth', message: 'log in' },
    { kind: 'failed', class: 'auth', message: 'log in' },
  ],
])('%j', async (behaviour, outcome) => {
  const seen = await judged(behaviour);
  expect(seen.outcome).toEqual(outcome);
  expect(seen.facts).toMatchObject({ session: '0d3c9f7e-58c1-4f43-9a51-0a6f0b1c2d3e', model: 'paper', warnings: [] });
});

it('limit: until its reset, without work', async () => {
  const { outcome, facts, startedAtMs } = await judged({ do: 'limit', seconds: 5, window: 'weekly' });
  if (outcome.kind !== 'limited') throw new Error(`not limited: ${JSON.stringify(outcome)}`);
  expect(outcome).toMatchObject({ because: 'limited', window: 'weekly' });
  expect(outcome.resetAtMs! - startedAtMs).toBeGreaterThanOrEqual(5000);
  expect(facts.worked).toBe(false);
  expect((await judged({ do: 'limit', afterWork: true })).facts.worked).toBe(true);
});

it('crash: never a success', async () => {
  const { outcome } = await judged('crash');
  expect(['interrupted', 'failed']).toContain(outcome.kind);
});
