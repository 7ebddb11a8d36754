// What happens between an agent's good end and the end of its gates: the file changes, the plan changes, a person decides.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Command, EventBody, JournalEvent } from '../../src/core/events.ts';
import { evolve } from '../../src/core/evolve.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Plan, Unit } from '../../src/core/plan-types.ts';
import type { Policy } from '../../src/core/policy.ts';
import { receiptOf } from '../../src/core/receipt.ts';
import { ended, intent } from '../../src/core/transition.ts';
import type { TreeNote } from '../../src/core/tree.ts';
import { isDone } from '../../src/core/units.ts';
import type { EndSeen } from '../../src/core/verdict.ts';
import { given, planOf, runStarted, unitOf } from './given.ts';

const gate = (name: string, command = `run ${name}`): Gate => ({ name, command, timeoutMs: 1000, from: 'user' });
const gated: Partial<Policy> = { gates: [gate('test')], baseline: 'off' };

/** A run that is led by hand: what `decide` says is started, and ends as it is told. */
const playOf = (plan: Plan, policy: Partial<Policy>) => {
  const { state } = given(plan, policy);
  let nowMs = Date.UTC(2026, 0, 2);
  let tree: TreeNote | null = null;
  const fold = (body: EventBody) => {
    nowMs += 1000;
    evolve(state, { ...body, seq: state.seq + 1, atMs: nowMs } as JournalEvent);
  };
  const next = () => decide(state, { nowMs: nowMs + 24 * 3_600_000, readSeq: state.seq });
  const begin = () => {
    const action = next();
    if (action.kind !== 'launch') throw new Error(`${action.kind}: ${'because' in action ? action.because : ''}`);
    const n = state.lastN + 1;
    fold(intent(state, action, { n, mark: `m${n}`, folder: `/${n}` }, tree)!);
    fold({ type: 'start.began', n, pid: 1, transport: 'plain', window: null, adopted: false });
    return action.job;
  };
  const end = (
    text: string,
    exit: EndSeen['exit'],
    over: Partial<EndSeen['facts']> = {},
    cls: EndSeen['classification']['class'] = exit?.code === 0 ? 'success' : 'crashed',
  ) => {
    const seen: EndSeen = {
      exit,
      facts: {
        session: 's',
        model: null,
        finalText: text,
        succeeded: exit?.code === 0,
        failure: null,
        usage: null,
        worked: true,
        waiting: null,
        warnings: [],
        ...over,
      },
      classification: { class: cls, evidence: null, resetAtMs: null, window: null },
      left: [],
      windowClosed: false,
    };
    const boxes = { ticked: [], opened: [] };
    const agent = { machineStream: true };
    fold(ended(state, state.open!, { seen, agent, boxes, config: null, tree, durationMs: 1 }));
  };
  return {
    state,
    fold,
    next,
    begin,
    /** The next start is an agent's, and it says that it is done. */
    agent: (stays: TreeNote | null = null) => {
      tree = stays;
      const job = begin();
      if (job.kind !== 'agent') throw new Error(`${job.kind} is next`);
      end('<promise>TASK_DONE</promise>', { code: 0, signal: null, interrupt: false });
      return job;
    },
    gate: (code: number, text = '') => {
      const job = begin();
      if (job.kind !== 'gate' && job.kind !== 'baseline') throw new Error(`${job.kind} is next`);
      end(text, { code, signal: null, interrupt: false });
      return job;
    },
    end,
    /** What git says of the working tree from now on. */
    sees: (now: TreeNote) => {
      tree = now;
    },
    /** The task file is read again, and says this now. */
    reads: (now: Plan) => fold({ type: 'plan.made', plan: { ...now, hash: `${now.hash} ${state.seq}` }, ticked: [] }),
    says: (command: Command) => fold({ type: 'command', id: `c${state.seq}`, command }),
    runs: (over: Partial<Policy>) => {
      fold({ type: 'run.ended', run: 'run-1', end: 'stopped', exit: 2, because: 'x' });
      fold(runStarted(over));
    },
  };
};

test('answers take none of the turns that seqrun may ask for: the first red gate is still told', () => {
  const run = playOf(planOf(unitOf('1')), { ...gated, maxFollowUps: 1, resumable: ['codex'] });
  for (const answer of ['a', 'b', 'c']) {
    run.begin();
    run.end('Which one?\n<promise>HALT</promise>', { code: 0, signal: null, interrupt: false });
    run.says({ kind: 'resume', answer });
  }
  run.agent();
  run.gate(1);
  expect(run.agent()).toMatchObject({ reason: { kind: 'follow_up', from: 'gate' } });
  run.gate(1, 'another red');
  expect(run.next()).toMatchObject({ kind: 'finish', exit: 3 });
});

test('what a hook of a commit ticks is a claim, as what a gate ticks', () => {
  const run = playOf(planOf(unitOf('1'), unitOf('2')), { ...gated, git: 'commit' });
  run.agent();
  run.gate(0);
  expect(run.next().kind).toBe('commit');
  const boxes = { ticked: ['2'], opened: [] };
  run.fold({ type: 'unit.committed', unit: '1', start: 1, commits: ['abc'], problem: null, config: null, boxes });
  expect([[...run.state.done.keys()], [...run.state.claimed]]).toEqual([['1'], ['2']]);
  run.fold({ type: 'boxes.changed', ticked: ['2'], opened: [] });
  expect(run.agent().unit.id).toBe('2');
});

describe('done is what the agent was given', () => {
  test('a subtask that was added to the unit while its agent worked is not', () => {
    const run = playOf(planOf(unitOf('1', ['1.1'])), gated);
    run.agent();
    run.reads(planOf(unitOf('1', ['1.1', '1.2'])));
    run.gate(0);
    expect([...run.state.done.keys()]).toEqual(['1.1']);
    expect(run.agent().unit.id).toBe('1');
  });

  test('a subtask that got another title while its agent worked is not', () => {
    const run = playOf(planOf(unitOf('1', ['1.1', '1.2'])), gated);
    run.agent();
    const other = unitOf('1', ['1.1', '1.2']);
    other.leaves[1]!.titleHash = 'another';
    run.reads(planOf(other));
    run.gate(0);
    expect([...run.state.done.keys()]).toEqual(['1.1']);
  });

  test('also where the unit is cut in another way when its gate ends: nothing is paid again', () => {
    const run = playOf(planOf(unitOf('1', ['1.1', '1.2'])), gated);
    run.agent();
    run.runs(gated);
    run.reads(planOf(unitOf('1.1'), unitOf('1.2')));
    expect(run.gate(0).kind).toBe('gate');
    expect(run.next()).toMatchObject({ kind: 'finish', exit: 0 });
  });

  test('also where the unit is not selected when its gate ends', () => {
    const run = playOf(planOf(unitOf('1', ['1.1']), unitOf('2')), gated);
    run.agent();
    run.runs(gated);
    const only = planOf(unitOf('2'));
    only.skipped = [{ id: '1', because: 'not_selected', leaves: ['1.1'] } as (typeof only.skipped)[number]];
    run.reads(only);
    run.gate(0);
    run.reads(planOf(unitOf('1', ['1.1']), unitOf('2')));
    expect(run.agent().unit.id).toBe('2');
  });

  test('also where the tasks were renumbered before its gate ends', () => {
    const run = playOf(planOf(unitOf('1'), unitOf('2')), gated);
    run.agent();
    const [first, second] = [unitOf('1'), unitOf('2')];
    run.reads(
      planOf(
        { ...second, id: '1', tasks: ['1'], leaves: [{ ...second.leaves[0]!, id: '1' }] },
        { ...first, id: '2', tasks: ['2'], leaves: [{ ...first.leaves[0]!, id: '2' }] },
      ),
    );
    run.gate(0);
    expect([...run.state.done.keys()]).toEqual(['2']);
    expect(run.state.plan!.units.filter(unit => isDone(run.state, unit)).map(unit => unit.title)).toEqual(['Unit 1']);
  });
});

describe('what a person decides meanwhile', () => {
  const skippedAt = (code: number) => {
    const run = playOf(planOf(unitOf('1')), gated);
    run.begin();
    run.says({ kind: 'skip', unit: '1' });
    run.end('<promise>TASK_DONE</promise>', { code: 0, signal: null, interrupt: false });
    run.gate(code, 'boom');
    return run;
  };

  test('skipped while its agent works: a red gate starts nothing again', () => {
    expect(skippedAt(1).next()).toMatchObject({ kind: 'finish', because: expect.stringContaining('1 skipped') });
  });

  test('skipped while its agent works: done all the same when its gate passes', () => {
    expect([...skippedAt(0).state.done.keys()]).toEqual(['1']);
  });
});

describe('what a gate says', () => {
  const limited = (because: 'timeout' | 'stopped') => {
    const run = playOf(planOf(unitOf('1')), gated);
    run.agent();
    run.begin();
    run.fold({ type: 'start.ending', n: 2, because, by: because === 'timeout' ? 'seqrun' : 'person' });
    // A watcher or a server takes the TERM for its regular end.
    run.end('watching', { code: 0, signal: null, interrupt: false });
    return run;
  };

  test('ended by its time limit it is red, whatever its exit code', () => {
    const run = limited('timeout');
    expect(run.state.starts[0]!.outcome).toMatchObject({
      kind: 'gate_failed',
      because: expect.stringContaining('not ended'),
    });
  });

  test('ended by a person it is run again, whatever its exit code', () => {
    const run = limited('stopped');
    expect([run.state.done.size, run.begin().kind]).toEqual([0, 'gate']);
  });

  test('with Ctrl-C in its window it is run again, whatever its exit code', () => {
    const run = playOf(planOf(unitOf('1')), gated);
    run.agent();
    run.begin();
    run.end('', { code: 0, signal: null, interrupt: true });
    expect(run.state.done.size).toBe(0);
  });
});

describe('a red gate that is known', () => {
  const bugfix = planOf(unitOf('1', ['1'], { expects: 'red' }), unitOf('2', ['2'], { mayStayRed: true }), unitOf('3'));
  const before: Partial<Policy> = { gates: [gate('test')], baseline: 'halt' };

  test('red before the first unit, and mended since: red again does not pass for an old failure', () => {
    const run = playOf(planOf(unitOf('1')), before);
    run.gate(1);
    expect(run.next()).toMatchObject({ kind: 'finish', exit: 2 });
    run.runs({ ...before, baseline: 'ignore' });
    expect(run.gate(0).kind).toBe('baseline');
    run.agent();
    run.gate(1, 'boom');
    expect(run.state.done.size).toBe(0);
  });

  test('a gate that comes in while a unit is under way is not judged by what that unit has left behind', () => {
    const run = playOf(planOf(unitOf('1'), unitOf('2')), gated);
    run.agent();
    run.gate(1, 'boom');
    run.runs({ gates: [gate('other')], baseline: 'ignore' });
    run.agent();
    run.gate(1, 'boom');
    expect(run.state.done.size).toBe(0);
    run.agent();
    run.gate(0);
    expect(run.begin().kind).toBe('baseline');
  });

  test.each([126, 127])('exit code %i is no failing test: nothing was run', code => {
    const run = playOf(bugfix, gated);
    run.agent();
    run.gate(code, 'sh: 1: pytst: not found');
    expect(run.state.done.size).toBe(0);
  });

  test('nor is one that had to be ended', () => {
    const run = playOf(bugfix, gated);
    run.agent();
    run.begin();
    run.fold({ type: 'start.ending', n: 2, because: 'timeout', by: 'seqrun' });
    run.end('', { code: null, signal: 'TERM', interrupt: false });
    expect(run.state.done.size).toBe(0);
  });

  test('a failing test does not excuse a level that no test belongs to, also where both run the same command', () => {
    const run = playOf(bugfix, { gates: [gate('compile', 'make'), gate('test', 'make')], baseline: 'off' });
    run.agent();
    run.gate(0);
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1']);
    run.agent();
    run.gate(1, 'boom');
    expect(run.next()).toMatchObject({ job: { kind: 'agent', unit: { id: '2' } } });
  });

  test('who was left out mends nothing any more: the last one that runs has to pass', () => {
    const run = playOf(bugfix, gated);
    run.agent();
    run.gate(1, 'boom');
    run.says({ kind: 'skip', unit: '3' });
    run.agent();
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1']);
  });
});

describe('what the task file says of proof, changed while a job runs, does not hold', () => {
  const own: Partial<Policy> = { ...gated, gates: [], allowTaskCommands: true };
  const wants = (over: Partial<Unit> = {}) => planOf(unitOf('1', ['1'], over), unitOf('2'));

  test('that the tests of the unit are to fail', () => {
    const run = playOf(wants(), gated);
    run.agent();
    run.reads(wants({ expects: 'red' }));
    run.gate(1, 'boom');
    expect(run.state.done.size).toBe(0);
    run.agent();
    run.gate(1, 'boom');
    expect(run.state.done.size).toBe(0);
  });

  test('that they need not pass any more', () => {
    const plan = (over: Partial<Unit>) =>
      planOf(unitOf('1', ['1'], { expects: 'red' }), unitOf('2', ['2'], over), unitOf('3'));
    const run = playOf(plan({ expects: 'green' }), gated);
    run.agent();
    run.reads(plan({ mayStayRed: true }));
    run.gate(1, 'boom');
    run.agent();
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1']);
  });

  test('that a gate may stay red', () => {
    const plan = (over: Partial<Unit>, ...more: Unit[]) =>
      planOf(unitOf('1', ['1'], { expects: 'red' }), ...more, unitOf('2', ['2'], over), unitOf('3'));
    const run = playOf(plan({}), gated);
    run.agent();
    run.reads(plan({ mayStayRed: true }, unitOf('1.5', ['1.5'], { mayStayRed: true })));
    run.gate(1, 'boom');
    for (const unit of ['1.5', '1.5']) {
      expect(run.agent().unit.id).toBe(unit);
      run.gate(1, 'boom');
    }
    run.says({ kind: 'skip', unit: '1.5' });
    run.agent();
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1']);
    expect(run.state.notices.join()).toContain('unit 1.5 came into the task file while a job ran');
  });

  test('that nothing need be changed', () => {
    const run = playOf(wants(), { require: ['signal', 'change'] });
    run.agent();
    run.reads(wants({ noChange: true }));
    run.agent();
    expect(run.state.done.size).toBe(0);
  });

  test('that it is no checkpoint', () => {
    const run = playOf(wants({ checkpoint: true }), { review: 'checkpoints' });
    run.begin();
    run.end('Shall I?', { code: 0, signal: null, interrupt: false });
    run.reads(wants());
    run.agent();
    expect(run.next()).toMatchObject({ kind: 'finish', exit: 2 });
  });

  test('its commands, also where it has changed places with another unit', () => {
    const [first, second] = wants({ verify: ['make'] }).units as [Unit, Unit];
    const run = playOf(planOf(first, second), own);
    run.begin();
    run.end('Shall I?', { code: 0, signal: null, interrupt: false });
    run.reads(planOf({ ...second, id: '1' }, { ...first, id: '2', verify: [] }));
    const all = [run.agent(), run.agent()];
    expect(all.map(({ unit }) => unit.title)).toEqual(['Unit 2', 'Unit 1']);
    expect(run.gate(1)).toMatchObject({ gate: { command: 'make' } });
  });

  test('a unit that comes in may neither leave a failing test nor change nothing', () => {
    const run = playOf(planOf(unitOf('2')), gated);
    run.begin();
    run.end('Shall I?', { code: 0, signal: null, interrupt: false });
    run.reads(planOf(unitOf('1', ['1'], { expects: 'red', noChange: true }), unitOf('2')));
    run.agent();
    run.gate(1, 'boom');
    expect(run.state.done.size).toBe(0);
    expect(run.state.notices.join()).toContain('unit 1 came into the task file while a job ran');
  });

  test('what a person writes between two runs does, and retry takes the rest', () => {
    const run = playOf(wants(), gated);
    run.agent();
    run.reads(wants({ expects: 'red' }));
    run.gate(1, 'boom');
    run.says({ kind: 'retry', unit: '1' });
    run.agent();
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1']);
    run.runs(gated);
    run.reads(planOf(unitOf('1'), unitOf('2', ['2'], { expects: 'red' })));
    run.agent();
    run.gate(1, 'boom');
    expect([...run.state.done.keys()]).toEqual(['1', '2']);
  });
});

describe('what a person asked for while it ran is handed over', () => {
  const asks = (text = 'use blanks'): Command => ({ kind: 'follow', unit: '1', text });
  const handed = (run: ReturnType<typeof playOf>) => {
    const action = run.next();
    return action.kind === 'launch' && action.job.kind === 'agent' ? JSON.stringify(action.job.reason) : action;
  };

  test('also when that start was the last one that it had', () => {
    const run = playOf(planOf(unitOf('1')), { maxAttempts: 1 });
    run.begin();
    run.says(asks());
    run.end('', { code: 1, signal: null, interrupt: false });
    expect(handed(run)).toContain('use blanks');
    run.begin();
    run.end('', { code: 1, signal: null, interrupt: false });
    expect(run.next()).toMatchObject({ kind: 'finish', exit: 3 });
  });

  test('also when it does not say again that it is done', () => {
    const run = playOf(planOf(unitOf('1')), {});
    for (let k = 0; k < 2; k++) {
      run.begin();
      if (k === 1) run.says(asks());
      run.end('Tabs or blanks?', { code: 0, signal: null, interrupt: false });
    }
    expect(handed(run)).toContain('use blanks');
  });

  test('also when its gate fails as before, and nothing has changed', () => {
    const run = playOf(planOf(unitOf('1')), gated);
    for (let k = 0; k < 2; k++) {
      run.agent({ hash: 'same', repos: [] });
      run.begin();
      if (k === 1) run.says(asks());
      run.end('boom', { code: 1, signal: null, interrupt: false });
    }
    expect(handed(run)).toContain('use blanks');
  });

  test('also when the unit had been skipped just before', () => {
    const run = playOf(planOf(unitOf('1')), gated);
    run.agent();
    run.begin();
    run.says({ kind: 'skip', unit: '1' });
    run.says(asks());
    run.end('boom', { code: 1, signal: null, interrupt: false });
    expect(handed(run)).toContain('use blanks');
  });

  test('also when the start that got it was cut off, and its session is not known any more', () => {
    const run = playOf(planOf(unitOf('1')), {});
    run.agent();
    run.says({ kind: 'reject', unit: '1', text: 'no tests' });
    expect(handed(run)).toContain('no tests');
    run.begin();
    run.end('', null);
    expect(run.begin()).toMatchObject({ reason: { kind: 'continue' }, session: 's' });
    run.end('', { code: 1, signal: null, interrupt: false }, { worked: false }, 'config');
    expect(handed(run)).toContain('no tests');
  });

  test('also when its session belongs to another agent than the one that goes on', () => {
    const run = playOf(planOf(unitOf('1')), {});
    run.agent();
    run.says({ kind: 'reject', unit: '1', text: 'no tests' });
    run.begin();
    run.end('', null);
    run.runs({ backend: 'claude', owners: { claude: 'claude' } });
    expect(handed(run)).toContain('no tests');
  });
});

test('the mark of a commit is one that nobody could know while the unit ran', () => {
  const run = playOf(planOf(unitOf('1')), { git: 'commit' });
  run.agent();
  const atMs = run.state.starts[0]!.endedAtMs;
  expect(run.next()).toMatchObject({ kind: 'commit', unit: '1', start: 1, atMs });
});

test('a commit that was refused is tried first when the run is started again, and nothing before it', () => {
  const git = { git: 'commit' as const };
  const run = playOf(planOf(unitOf('1'), unitOf('2')), git);
  run.agent();
  run.fold({ type: 'unit.committed', unit: '1', start: 1, commits: [], problem: 'a hook says no' });
  expect(run.next()).toMatchObject({ kind: 'finish', exit: 2, because: expect.stringContaining('a hook says no') });
  run.runs(git);
  expect(run.next()).toMatchObject({ kind: 'commit', unit: '1' });
  run.fold({ type: 'unit.committed', unit: '1', start: 1, commits: ['abc'], problem: null });
  expect(run.agent().unit.id).toBe('2');
});

test.each([
  { kind: 'reject', unit: '1', text: 'mend what the hook says' },
  { kind: 'reset', unit: '1' },
] as Command[])('a commit that was refused is not due any more after a $kind', command => {
  const git = { git: 'commit' as const };
  const run = playOf(planOf(unitOf('1'), unitOf('2')), git);
  run.agent();
  run.fold({ type: 'unit.committed', unit: '1', start: 1, commits: [], problem: 'a hook says no' });
  run.says(command);
  run.runs(git);
  expect(run.agent().unit.id).toBe('1');
});

describe('tasks that a job takes out of the file', () => {
  const three = () => planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3'));
  const leftWith = (plan: Plan, policy: Partial<Policy> = {}) => {
    const run = playOf(three(), policy);
    run.agent();
    run.reads(plan);
    for (let k = 1; k < plan.units.length; k++) run.agent();
    return run;
  };

  test('are not done: the rest is, and then a person is asked', () => {
    const run = leftWith(planOf(unitOf('1'), unitOf('2', ['2.1'])));
    const because = expect.stringMatching(/^2\.2 Leaf 2\.2; 3 Leaf 3 were taken out of the task file while a job ran/);
    expect(run.next()).toMatchObject({ kind: 'finish', end: 'person', exit: 2, because });
    run.runs({});
    expect(run.next()).toMatchObject({ exit: 2 });
    run.runs({ resume: true });
    expect(run.next()).toMatchObject({ exit: 0 });
  });

  test('put back, they run', () => {
    const run = leftWith(planOf(unitOf('1'), unitOf('2', ['2.1', '2.2'])));
    expect(run.next()).toMatchObject({ exit: 2 });
    run.runs({});
    run.reads(three());
    expect(run.agent().unit.id).toBe('3');
    expect(run.next()).toMatchObject({ exit: 0 });
  });

  test('made optional is as good as taken out', () => {
    const plan = planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']));
    plan.skipped = [{ id: '3', title: 'x', because: 'optional' }];
    expect(leftWith(plan).next()).toMatchObject({ exit: 2, because: expect.stringContaining('3 Leaf 3 was') });
  });

  test.each([
    ['renumbered', planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), { ...unitOf('4'), leaves: unitOf('3').leaves })],
    ['split', planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), unitOf('3', ['3.1', '3.2']))],
    [
      'reworded',
      planOf(unitOf('1'), unitOf('2', ['2.1', '2.2']), {
        ...unitOf('3', ['3']),
        leaves: [{ ...unitOf('3').leaves[0]!, titleHash: 'y' }],
      }),
    ],
  ])('%s, nothing is taken out', (_how, plan) => {
    expect(leftWith(plan).next()).toMatchObject({ exit: 0 });
  });

  test('what a person takes out between two runs is theirs', () => {
    const run = playOf(three(), {});
    run.agent();
    run.runs({});
    run.reads(planOf(unitOf('1')));
    expect(run.next()).toMatchObject({ exit: 0 });
  });
});

test('taken over from the state file alone: asked in its session, not begun again', () => {
  const run = playOf(planOf(unitOf('1')), gated);
  const was = { status: 'pending', lastOutcome: 'checking', attempts: 1, followUps: 0, interrupted: 0, lost: 0 };
  const none = {
    completed: [],
    titleHashes: {},
    claimed: [],
    ticked: [],
    assignments: {},
    halted: null,
    startedAtMs: null,
  };
  run.fold({
    type: 'entry.merged',
    entry: { ...none, units: { 1: { ...was, session: 's' } }, iterations: 1, lastStart: 1 },
  });
  expect(run.agent()).toMatchObject({ mode: 'follow_up', session: 's' });
  run.gate(0);
  expect(run.state.units.get('1')).toMatchObject({ attempts: 1, followUps: 1 });
  expect([...run.state.done.keys()]).toEqual(['1']);
});

test('a branch that the agent has left is named in what the outcome rests on', () => {
  const on = (branch: string | null): TreeNote => ({ hash: 'x', repos: [{ path: '.', branch, head: 'a', dirty: 0 }] });
  const run = playOf(planOf(unitOf('1')), {});
  run.sees(on('main'));
  run.begin();
  run.sees(on(null));
  run.end('<promise>TASK_DONE</promise>', { code: 0, signal: null, interrupt: false });
  expect(run.state.starts[0]!.evidence).toContain('warning: it left the branch main (now: no branch)');
});

describe('what was said of a red gate before the first unit', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const said = 'gate test was red before the first unit: exit code 1';
  const redBefore = () => {
    const run = playOf(plan, { gates: [gate('test')] });
    run.gate(1, 'boom');
    expect(run.state.notices).toEqual([said]);
    return run;
  };
  test.each([
    ['none', []],
    ['one of its name with another command', [gate('test', 'run other')]],
    ['its command under another name', [gate('verify')]],
  ])('is not said in a run that has another gate: %s', (_name, gates) => {
    const run = redBefore();
    run.runs({ gates: gates.map(one => (one.name === 'verify' ? { ...one, command: 'run test' } : one)) });
    expect(run.state.notices).toEqual([]);
  });
  test('stays where the gate stays', () => {
    const run = redBefore();
    run.runs({ gates: [gate('lint'), gate('test')] });
    expect(run.state.notices).toEqual([said]);
  });
});

describe('a check that the task file names and that is not run', () => {
  const plan = planOf(
    unitOf('1', ['1'], { verify: ['npm test', 'run test'] }),
    unitOf('2', ['2'], { verify: ['npm test'] }),
    unitOf('3'),
  );
  const said = '2 units name a check in the task file that is not run: --allow-task-commands runs it';
  const evidence = (run: ReturnType<typeof playOf>) => run.state.starts.at(-1)?.evidence.join('\n');
  const named = 'the task file names a check that was not run: npm test (--allow-task-commands runs it)';

  test('is told once per run, and in the evidence of each such unit', () => {
    const run = playOf(plan, { gates: [gate('test')], baseline: 'off' });
    expect(run.state.notices).toEqual([said]);
    run.agent();
    expect(evidence(run)).toContain(named);
    expect(evidence(run)).not.toContain('not run: run test');
    run.gate(0);
    run.agent();
    run.gate(0);
    run.agent();
    expect(evidence(run)).not.toContain('names a check');
    run.runs({});
    expect(run.state.notices.filter(text => text === said)).toEqual([said]);
  });
  test('is not told where it is run', () => {
    const run = playOf(plan, { allowTaskCommands: true, baseline: 'off' });
    expect(run.state.notices).toEqual([]);
    run.agent();
    expect(evidence(run)).not.toContain('names a check');
  });
  test('with the flag in a later run nothing is said any more', () => {
    const run = playOf(plan, {});
    run.runs({ allowTaskCommands: true });
    expect(run.state.notices).toEqual([]);
  });
});

describe('what a unit has named as remaining', () => {
  const plan = planOf(unitOf('1'), unitOf('2'));
  const good = { code: 0, signal: null, interrupt: false };
  const left = '```seqrun\n{"remaining": ["the docs"], "needs_follow_up": "yes"}\n```\n<promise>TASK_DONE</promise>';
  const tree = (hash: string): TreeNote => ({ hash, repos: [] });
  const turns = (policy: Partial<Policy>, ...texts: [text: string, after: string | null][]) => {
    const run = playOf(plan, policy);
    run.sees(tree('t0'));
    for (const [text, after] of texts) {
      run.begin();
      if (after !== null) run.sees(tree(after));
      run.end(text, good);
    }
    return run;
  };
  const review = (run: ReturnType<typeof playOf>) => run.state.units.get('1')?.review?.because ?? null;
  const receipt = (run: ReturnType<typeof playOf>) => {
    const start = run.state.starts.findLast(one => one.unit === '1' && one.kind === 'agent')!;
    return { json: receiptOf(run.state, start, 's'), evidence: start.evidence };
  };
  const named = 'an earlier turn named what remains: the docs';

  test('is not forgotten by a turn that changes nothing and says DONE without a block', () => {
    const run = turns({}, [left, 't1'], ['<promise>TASK_DONE</promise>', 't1']);
    expect([isDone(run.state, plan.units[0]!), review(run)]).toEqual([true, named]);
    expect(receipt(run).json).toMatchObject({ remaining: [], remaining_earlier: ['the docs'] });
    expect(receipt(run).evidence).toContain(
      'working tree: this start changed nothing; the unit has changed the tree since it began',
    );
  });
  test('nor by turns in between that end otherwise, nor before its gates have passed', () => {
    const run = turns(
      { gates: [gate('test')], baseline: 'off' },
      [left, 't1'],
      ['And now?', 't1'],
      ['<promise>TASK_DONE</promise>', 't1'],
    );
    expect(review(run)).toBeNull();
    run.gate(0);
    expect(review(run)).toBe(named);
  });
  test.each<[string, [string, string | null][]]>([
    [
      'the tree has changed since',
      [
        [left, 't1'],
        ['<promise>TASK_DONE</promise>', 't2'],
      ],
    ],
    [
      'a later block does not name it any more',
      [
        [left, 't1'],
        ['```seqrun\n{"summary": "all"}\n```\n<promise>TASK_DONE</promise>', 't1'],
      ],
    ],
    [
      'nothing was named',
      [
        ['And now?', 't1'],
        ['<promise>TASK_DONE</promise>', 't1'],
      ],
    ],
  ])('is none where %s', (_why, texts) => {
    const run = turns({}, ...texts);
    expect([isDone(run.state, plan.units[0]!), review(run)]).toEqual([true, null]);
    expect(receipt(run).json.remaining_earlier).toEqual([]);
  });
  test('where git cannot tell, it is taken as unchanged', () => {
    const run = playOf(plan, {});
    for (const text of [left, '<promise>TASK_DONE</promise>']) {
      run.begin();
      run.end(text, good);
    }
    expect(review(run)).toBe(named);
  });
  test('a unit that begins again has named nothing', () => {
    const run = turns({ maxFollowUps: 0 }, [left, 't1']);
    run.says({ kind: 'retry', unit: '1' });
    run.begin();
    run.end('<promise>TASK_DONE</promise>', good);
    expect(review(run)).toBeNull();
  });
  test('of a unit that nobody has changed, the tree is said to be as it was', () => {
    const run = turns({}, ['<promise>TASK_DONE</promise>', 't0']);
    expect(receipt(run).evidence).toContain('working tree: not changed since the unit began');
  });
});
