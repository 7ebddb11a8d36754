// Done means done: claim, gate, change and exit in a table, and random facts of which none makes a unit done without its evidence.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { EventBody, JournalEvent } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Unit } from '../../src/core/plan-types.ts';
import type { Policy, Requirement } from '../../src/core/policy.ts';
import { ended, intent } from '../../src/core/transition.ts';
import type { EndSeen } from '../../src/core/verdict.ts';
import { given, planOf, unitOf } from './given.ts';

/** What one agent's start shows of itself, and what its gate gives. */
interface Facts {
  claim: 'TASK_DONE' | 'COMPLETE' | 'HALT' | 'question' | 'quoted' | 'more' | 'person';
  exit: number | null;
  event: 'success' | 'failure' | 'none';
  gate: number | null;
  change: boolean;
}

const texts: Record<Facts['claim'], string> = {
  TASK_DONE: 'Fine.\n<promise>TASK_DONE</promise>',
  COMPLETE: 'Fine.\n<promise>COMPLETE</promise>',
  HALT: '<promise>HALT</promise>\nWhich one?',
  question: 'Shall I go on?',
  quoted: '> <promise>TASK_DONE</promise>\n```\n<promise>TASK_DONE</promise>\n```',
  more: '```seqrun\n{"needs_follow_up": true, "next_prompt": "the rest"}\n```\n<promise>TASK_DONE</promise>',
  person: '```seqrun\n{"recommended_action": "prompt_user"}\n```\n<promise>TASK_DONE</promise>',
};

const seenOf = ({ claim, exit, event }: Facts): EndSeen => ({
  exit: exit === null ? null : { code: exit, signal: null, interrupt: false },
  facts: {
    session: 's',
    model: null,
    finalText: texts[claim],
    succeeded: event === 'success',
    failure: event === 'failure' ? 'it broke' : null,
    usage: null,
    worked: true,
    waiting: null,
    warnings: [],
  },
  classification: {
    class: event === 'success' ? 'success' : event === 'failure' ? 'crashed' : exit === 0 ? 'no_answer' : 'crashed',
    evidence: null,
    resetAtMs: null,
    window: null,
  },
  left: [],
  windowClosed: false,
});

const gateSeen = (code: number | null): EndSeen => ({
  ...seenOf({ claim: 'question', exit: code, event: 'none', gate: null, change: false }),
});

const test1: Gate = { name: 'test', command: 'npm test', timeoutMs: 1000, from: 'user' };

/** Runs decide, intent and outcome as the loop does, each start with the next facts, until nothing is started any more. */
const play = (units: Unit[], policy: Partial<Policy>, facts: readonly Facts[]) => {
  const { state } = given(planOf(...units), policy);
  const observed = new Map<number, Facts>();
  const gates = new Map<number, number | null>();
  let nowMs = Date.UTC(2026, 0, 2);
  let tree = 0;
  let k = -1;
  const fold = (body: EventBody) => evolve(state, { ...body, seq: state.seq + 1, atMs: nowMs } as JournalEvent);
  for (let steps = 0; steps < 300; steps++) {
    const action = decide(state, { nowMs, readSeq: state.seq });
    if (action.kind === 'finish') return { state, action, observed, gates };
    if (action.kind === 'wait') {
      nowMs = action.untilMs;
      continue;
    }
    if (action.kind === 'commit') {
      fold({ type: 'unit.committed', unit: action.unit, start: action.start, commits: [], problem: null });
      continue;
    }
    if (action.kind !== 'launch') throw new Error(action.kind);
    const n = state.lastN + 1;
    fold(intent(state, action, { n, mark: `m${n}`, folder: `/${n}` }, { hash: `tree ${tree}`, repos: [] })!);
    fold({ type: 'start.began', n, pid: 1, transport: 'plain', window: null, adopted: false });
    nowMs += 1000;
    if (action.job.kind === 'agent') k++;
    const now = facts[Math.max(0, Math.min(k, facts.length - 1))]!;
    if (action.job.kind === 'agent') {
      observed.set(n, now);
      if (now.change) tree++;
    } else gates.set(n, now.gate);
    fold(
      ended(state, state.open!, {
        seen: action.job.kind === 'agent' ? seenOf(now) : gateSeen(now.gate),
        agent: { machineStream: true },
        boxes: { ticked: [], opened: [] },
        config: null,
        tree: action.job.kind === 'agent' ? { hash: `tree ${tree}`, repos: [] } : null,
        durationMs: 1000,
      }),
    );
  }
  throw new Error('it never ended');
};

describe('claim × gate × change × exit: the outcome of the first start, and whether the unit is done by it', () => {
  const claims: Facts['claim'][] = ['TASK_DONE', 'HALT', 'question', 'more', 'person'];
  const table: Record<string, [string, boolean]> = {};
  for (const claim of claims) {
    for (const exit of [0, 1, null]) {
      for (const gate of [0, 1]) {
        for (const change of [true, false]) {
          const { state } = play(
            [unitOf('1')],
            {
              gates: [test1],
              baseline: 'off',
              require: ['signal', 'verify', 'change'],
              maxFollowUps: 0,
              maxAttempts: 1,
              maxIterations: 1,
            },
            [{ claim, exit, event: 'success', gate, change }],
          );
          const key = `${claim}, exit ${exit ?? 'unknown'}, gate ${gate === 0 ? 'green' : 'red'}, ${change ? 'change' : 'no change'}`;
          table[key] = [state.starts[0]!.outcome!.kind, state.done.has('1')];
        }
      }
    }
  }
  const expected = (claim: string, exit: string, gate: string, change: string): [string, boolean] => {
    // A HALT in words wins over what the block says; a block that asks a person is a HALT.
    if (claim === 'HALT' || claim === 'person') return ['halted', false];
    if (exit !== '0' || claim === 'question' || claim === 'more' || change === 'no change')
      return ['unconfirmed', false];
    return gate === 'red' ? ['gate_failed', false] : ['completed', true];
  };
  test.each(Object.keys(table))('%s', key => {
    const [claim, exit, gate, change] = key.replace('exit ', '').replace('gate ', '').split(', ');
    expect(table[key]).toEqual(expected(claim!, exit!, gate!, change!));
  });
  test('one of sixty is done', () => {
    expect(Object.values(table).filter(([, done]) => done)).toHaveLength(1);
    expect(Object.keys(table)).toHaveLength(60);
  });
});

const factsArb: fc.Arbitrary<Facts> = fc.record({
  claim: fc.constantFrom<Facts['claim']>(
    'TASK_DONE',
    'TASK_DONE',
    'TASK_DONE',
    'COMPLETE',
    'HALT',
    'question',
    'quoted',
    'more',
    'person',
  ),
  exit: fc.constantFrom(0, 0, 0, 1, 137, null),
  event: fc.constantFrom<Facts['event']>('success', 'success', 'success', 'failure', 'none'),
  gate: fc.constantFrom(0, 0, 0, 1, 127, null),
  change: fc.boolean(),
});

const policyArb = fc.record({
  gated: fc.boolean(),
  require: fc.constantFrom<Requirement[]>(
    ['signal'],
    ['signal', 'verify'],
    ['verify'],
    ['signal', 'verify', 'change'],
    ['verify', 'change'],
  ),
  baseline: fc.constantFrom<NonNullable<Policy['baseline']>>('off', 'require', 'ignore'),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  maxFollowUps: fc.integer({ min: 0, max: 3 }),
  git: fc.constantFrom<NonNullable<Policy['git']>>('note', 'commit'),
});

/** What speaks against a completion, read from the facts alone. */
const missing = (
  run: ReturnType<typeof play>,
  id: string,
  start: number,
  policy: { gated: boolean; require: Requirement[]; baseline: string },
): string[] => {
  const facts = run.observed.get(start)!;
  const record = run.state.starts.find(one => one.n === start)!;
  const own = policy.gated;
  const signal = facts.claim === 'TASK_DONE' || facts.claim === 'COMPLETE';
  const waived = own && !policy.require.includes('signal') && (facts.claim === 'question' || facts.claim === 'quoted');
  const changed = run.state.starts.some(
    one => one.unit === id && one.kind === 'agent' && run.observed.get(one.n)?.change,
  );
  const proven =
    record.gates.length === 1 &&
    record.gates.every(
      gate =>
        run.gates.get(gate.start) === 0 ||
        (gate.known === 'before' && policy.baseline === 'ignore' && gate.code !== 127),
    );
  return [
    ...(signal || waived ? [] : [`claim ${facts.claim}`]),
    ...(facts.exit === 0 ? [] : [`exit ${facts.exit}`]),
    ...(facts.event === 'success' ? [] : [`event ${facts.event}`]),
    ...(own && !proven ? ['gate'] : []),
    ...(policy.require.includes('change') && !changed ? ['change'] : []),
  ];
};

test('random facts: whatever happens, no unit is done without its evidence, and every run ends within its bounds', () => {
  let completed = 0;
  fc.assert(
    fc.property(policyArb, fc.array(factsArb, { minLength: 1, maxLength: 8 }), (policy, facts) => {
      const { gated, ...rest } = policy;
      const units = [unitOf('1'), unitOf('2', ['2.1', '2.2'])];
      const run = play(units, { ...rest, ...(gated ? { gates: [test1] } : {}) }, facts);
      for (const unit of units) {
        const done = unit.leaves.flatMap(leaf => run.state.done.get(leaf.id) ?? []);
        expect([0, unit.leaves.length]).toContain(done.length);
        for (const { start } of done) {
          completed++;
          expect(missing(run, unit.id, start!, policy)).toEqual([]);
        }
      }
      for (const record of run.state.units.values()) {
        expect(record.starts).toBeLessThanOrEqual(policy.maxAttempts + policy.maxFollowUps + 2 * 5);
        expect(record.attempts).toBeLessThanOrEqual(policy.maxAttempts);
        expect(record.followUps).toBeLessThanOrEqual(policy.maxFollowUps);
      }
    }),
    { numRuns: process.env.SEQRUN_TEST_LONG === '1' ? 50_000 : 1200 },
  );
  expect(completed).toBeGreaterThan(200);
});
