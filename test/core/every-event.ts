// A long story of one spec in which everything happens once that a journal can hold. Legal: each event is folded.
import type {
  AdoptedEntry,
  Command,
  EndReason,
  EventBody,
  JobKind,
  JournalEvent,
  Outcome,
  RunEnd,
  StartReason,
} from '../../src/core/events.ts';
import type { Gate, GateResult } from '../../src/core/gate.ts';
import { endedOf, given, planOf, runStarted, type Story, unitOf } from './given.ts';

/** Complete by their types: what is added there is missing here, and then in the frozen journals. */
export const everyWord = {
  types: wordsOf<EventBody['type']>()({
    'journal.opened': 1,
    'run.started': 1,
    'run.ended': 1,
    'plan.made': 1,
    'boxes.changed': 1,
    'start.intended': 1,
    'start.began': 1,
    'start.ending': 1,
    'start.ended': 1,
    'unit.committed': 1,
    'spec.unreadable': 1,
    'clock.gap': 1,
    waited: 1,
    command: 1,
    'assignments.edited': 1,
    'completed.edited': 1,
    'config.accepted': 1,
    'entry.merged': 1,
    'checkpoint.restored': 1,
    rebuilt: 1,
  }),
  jobs: wordsOf<JobKind>()({ agent: 1, assign: 1, gate: 1, baseline: 1 }),
  reasons: wordsOf<StartReason['kind']>()({ task: 1, follow_up: 1, answer: 1, continue: 1 }),
  endings: wordsOf<EndReason>()({ timeout: 1, stalled: 1, silent_wait: 1, stopped: 1, window_closed: 1, given_up: 1 }),
  outcomes: wordsOf<Outcome['kind']>()({
    completed: 1,
    checking: 1,
    gate_failed: 1,
    unconfirmed: 1,
    halted: 1,
    limited: 1,
    timeout: 1,
    stalled: 1,
    failed: 1,
    interrupted: 1,
    not_started: 1,
    passed: 1,
    red: 1,
    assigned: 1,
    unassigned: 1,
  }),
  commands: wordsOf<Command['kind']>()({
    stop: 1,
    retry: 1,
    skip: 1,
    accept: 1,
    reset: 1,
    resume: 1,
    follow: 1,
    approve: 1,
    reject: 1,
    pause: 1,
    continue: 1,
  }),
  runEnds: wordsOf<RunEnd>()({
    completed: 1,
    selected: 1,
    iterations: 1,
    halted: 1,
    person: 1,
    failed: 1,
    blocked: 1,
    limit_bound: 1,
    time: 1,
    bad_spec: 1,
    no_agent: 1,
    internal: 1,
    stopped: 1,
    lock_lost: 1,
    unwritable: 1,
    signal: 1,
  }),
};

/** A function declaration: needed above. */
function wordsOf<Word extends string>() {
  return (all: Record<Word, 1>): Word[] => Object.keys(all) as Word[];
}

/** The words of `everyWord` that a journal holds. */
export const wordsIn = (events: readonly JournalEvent[]): Record<keyof typeof everyWord, Set<string>> => {
  const found = Object.fromEntries(Object.keys(everyWord).map(key => [key, new Set<string>()])) as ReturnType<
    typeof wordsIn
  >;
  for (const event of events) {
    found.types.add(event.type);
    if (event.type === 'start.intended') {
      found.jobs.add(event.kind);
      found.reasons.add(event.reason.kind);
    }
    if (event.type === 'start.ending') found.endings.add(event.because);
    if (event.type === 'start.ended') {
      found.outcomes.add(event.outcome.kind);
      if (event.checked) found.outcomes.add(event.checked.outcome.kind);
    }
    if (event.type === 'command') found.commands.add(event.command.kind);
    if (event.type === 'run.ended') found.runEnds.add(event.end);
  }
  return found;
};

const gate: Gate = { name: 'test', command: 'npm test', timeoutMs: 600_000, from: 'user' };
const ran = (start: number, result: GateResult['result']): GateResult => ({
  name: 'test',
  command: 'npm test',
  from: 'user',
  result,
  because: result === 'passed' ? null : 'exit code 1',
  known: result === 'accepted' ? 'before' : null,
  code: result === 'passed' ? 0 : 1,
  durationMs: 900,
  start,
  signature: 'a1b2',
});

const tree = (hash: string) => ({ hash, repos: [{ path: '.', branch: 'main', head: 'c0ffee', dirty: 1 }] });

const adopted: AdoptedEntry = {
  completed: ['1.1'],
  titleHashes: { '1.1': 'h1.1' },
  claimed: ['9'],
  claimedTitles: { h9: '9' },
  open: true,
  limits: { gemini: { untilMs: 1_767_229_200_000, because: 'gemini is limited', window: 'daily' } },
  ticked: ['1.1'],
  assignments: { 2: { type: 'ui', owner: 'gemini', source: 'user', reason: null } },
  units: {
    2: {
      status: 'pending',
      lastOutcome: 'failed',
      attempts: 1,
      followUps: 0,
      interrupted: 0,
      lost: 0,
      session: 's-2',
    },
  },
  halted: null,
  iterations: 1,
  lastStart: 1,
  startedAtMs: 1_767_225_600_000,
};

/** The events, from the first. */
export const everyEvent = (): JournalEvent[] => {
  const plan = planOf(
    unitOf('1', ['1.1', '1.2']),
    ...['2', '3', '4', '5', '6', '7', '8'].map(id => unitOf(id, [id], id === '8' ? { dependsOnUnits: ['7'] } : {})),
  );
  const story = given(plan, { gates: [gate], baseline: 'require', git: 'commit', modes: { codex: 'safe' } });
  // After a --fresh: claims are all that is kept.
  Object.assign(story.events[0]!, { claimed: ['9'], claimedTitles: { h9: '9' } });
  let runs = 1;
  const nextRun = (end: RunEnd, exit: number): void => {
    story.and({ type: 'run.ended', run: 'run-1', end, exit, because: `it ended: ${end}` }, {
      ...runStarted(),
      workdir: '/repo',
    } as EventBody);
    runs++;
  };
  const begin = (kind: JobKind, unit: string | null, reason: StartReason, more: object = {}): number => {
    const n = story.state.lastN + 1;
    const mode = reason.kind === 'follow_up' ? 'follow_up' : 'attempt';
    const intended = { n, unit, kind, mode, reason, agent: kind === 'agent' || kind === 'assign' ? 'codex' : 'gate' };
    story.and({
      type: 'start.intended',
      ...intended,
      model: null,
      session: null,
      mark: `mark-${n}`,
      folder: `/home/user/starts/${n}`,
      units: kind === 'assign' ? ['1', '2'] : [],
      ...(kind === 'gate' || kind === 'baseline' ? { gate } : {}),
      ...more,
    } as EventBody);
    return n;
  };
  const began = (n: number, transport: 'tmux' | 'plain' = 'plain', isAdopted = false): Story =>
    story.and({
      type: 'start.began',
      n,
      pid: 100 + n,
      transport,
      window: transport === 'tmux' ? '@1' : null,
      adopted: isAdopted,
    });
  const whole = (kind: JobKind, unit: string | null, outcome: Outcome, more: object = {}): number => {
    const n = begin(kind, unit, { kind: 'task', note: null });
    began(n);
    story.and(endedOf(n, outcome, more));
    return n;
  };
  let commands = 0;
  const command = (one: Command): void => {
    story.and({ type: 'command', id: `command-${++commands}`, command: one });
  };

  story.and({ type: 'entry.merged', entry: adopted });
  // Who does what, and how the gate stands before.
  whole('assign', null, { kind: 'unassigned', reason: 'no JSON' });
  whole('assign', null, { kind: 'assigned', assignments: { 1: { type: 'code', owner: 'codex' } } });
  whole('baseline', null, { kind: 'red', because: 'exit code 1', signature: 'a1b2', output: '1 failed' });
  // Unit 1: a gate fails, a follow-up, it passes, it is committed, a person approves.
  const first = begin('agent', '1', { kind: 'task', note: null }, { gates: [gate], tree: tree('before') });
  began(first, 'tmux').and(
    { type: 'clock.gap', ms: 60_000 },
    endedOf(
      first,
      { kind: 'checking', signal: 'TASK_DONE' },
      {
        tree: tree('after'),
        usage: { inputTokens: 10, cachedInputTokens: 5, outputTokens: 2, reasoningTokens: 0, costUsd: 0.01 },
        evidence: ['exit code: 0'],
        left: [{ pid: 7, startTime: '77', command: 'sleep 9', ended: true }],
        boxes: { ticked: ['1.1', '3'], opened: [] },
      },
    ),
  );
  const red = begin('gate', '1', { kind: 'task', note: null });
  const failed: Outcome = { kind: 'gate_failed', gate: 'test', because: 'exit code 1' };
  began(red).and(
    endedOf(
      red,
      { kind: 'red', because: 'exit code 1', signature: 'c3d4', output: '2 failed' },
      {
        gate: ran(red, 'failed'),
        checked: { start: first, outcome: failed },
      },
    ),
  );
  const second = begin(
    'agent',
    '1',
    { kind: 'follow_up', missing: 'gate test failed', from: 'gate', output: '2 failed' },
    { gates: [gate], session: 'session-1' },
  );
  began(second).and(
    endedOf(
      second,
      { kind: 'checking', signal: null },
      {
        closing: {
          summary: 'Done.',
          achieved: ['all'],
          evidence: ['npm test'],
          remaining: [],
          changes: ['a.ts'],
          validation: 'tests',
          needsFollowUp: false,
          recommendedAction: 'in_review',
          nextPrompt: null,
          followUp: [],
        },
      },
    ),
  );
  const green = begin('gate', '1', { kind: 'task', note: null });
  began(green).and(
    endedOf(
      green,
      { kind: 'passed' },
      {
        gate: ran(green, 'passed'),
        checked: { start: second, outcome: { kind: 'completed', signal: 'COMPLETE' } },
      },
    ),
    { type: 'boxes.changed', ticked: ['1.1', '1.2'], opened: [] },
    { type: 'unit.committed', unit: '1', start: second, commits: ['c0ffee'], problem: null, config: null },
  );
  command({ kind: 'approve', unit: '1', text: 'good' });
  command({ kind: 'reject', unit: '1', text: 'not good' });
  whole('agent', '1', { kind: 'completed', signal: null }, { delayMs: 5_500 });
  // Unit 2: everything that goes wrong.
  whole('agent', '2', { kind: 'limited', because: 'limited', resetAtMs: null, window: 'five_hour' }, { worked: false });
  story.and({ type: 'waited', because: 'codex is limited', fromMs: story.nowMs - 900_000 });
  whole('agent', '2', { kind: 'unconfirmed', missing: 'rest', next: 'the tests' });
  const endings: [EndReason, Outcome][] = [
    ['timeout', { kind: 'timeout' }],
    ['stalled', { kind: 'stalled' }],
    ['silent_wait', { kind: 'limited', because: 'silent_wait', resetAtMs: null, window: null }],
    ['stopped', { kind: 'interrupted', by: 'person' }],
    ['window_closed', { kind: 'interrupted', by: 'person' }],
    ['given_up', { kind: 'interrupted', by: 'world' }],
  ];
  for (const [k, [because, outcome]] of endings.entries()) {
    const unit = k < 3 ? '2' : '3';
    const n = begin(
      'agent',
      unit,
      k === 5 ? { kind: 'continue', after: 'interrupted' } : { kind: 'task', note: 'again' },
    );
    began(n, 'plain', k === 4).and(
      { type: 'start.ending', n, because, by: 'seqrun', ...(because === 'silent_wait' ? { says: 'it waits' } : {}) },
      endedOf(n, outcome, { code: null, signal: 'TERM' }),
    );
    nextRun('person', 2);
  }
  whole('agent', '3', { kind: 'not_started', message: 'no window' }, { worked: false });
  whole('agent', '3', { kind: 'failed', class: 'crashed', message: 'it fell' }, { config: 'other', boxes: null });
  story.and({ type: 'config.accepted', config: 'other' });
  whole('agent', '4', { kind: 'halted', reason: 'Which one?' });
  nextRun('halted', 2);
  command({ kind: 'resume', answer: 'the first' });
  const answered = begin('agent', '4', { kind: 'answer', text: 'the first' });
  began(answered).and(endedOf(answered, { kind: 'completed', signal: 'TASK_DONE' }));
  command({ kind: 'follow', unit: '4', text: 'and the tests' });
  // What people do.
  command({ kind: 'retry', unit: '2' });
  command({ kind: 'skip', unit: '5' });
  command({ kind: 'accept', unit: '6' });
  command({ kind: 'reset', unit: '5' });
  command({ kind: 'pause', by: 'joe@host' });
  command({ kind: 'continue', by: 'joe@host' });
  story.and(
    { type: 'assignments.edited', assignments: { 5: { type: 'review', owner: 'claude' } } },
    { type: 'completed.edited', ids: ['5'] },
    { type: 'plan.made', plan: planOf(...plan.units, unitOf('10')), ticked: ['1.1', '1.2'], below: { 10: 'd10' } },
    { type: 'rebuilt', because: 'the file had been removed' },
    { type: 'spec.unreadable', exit: 65, message: 'two tasks have the id 3' },
  );
  nextRun('bad_spec', 65);
  story.and({
    type: 'checkpoint.restored',
    id: '20260101-000000',
    completed: [{ id: '1.1', by: 'agent', atMs: story.nowMs, start: second, titleHash: 'h1.1' }],
    again: ['2'],
    back: [],
    reviews: { 1: { kind: 'approved', because: 'good', atMs: story.nowMs } },
    redGates: [{ command: 'npm test', known: 'before', unit: null }],
  });
  for (const [end, exit] of [
    ['selected', 0],
    ['iterations', 1],
    ['failed', 3],
    ['blocked', 3],
    ['limit_bound', 4],
    ['time', 4],
    ['no_agent', 69],
    ['internal', 70],
    ['lock_lost', 75],
    ['unwritable', 73],
    ['signal', 130],
    ['completed', 0],
  ] as const) {
    nextRun(end, exit);
  }
  whole('agent', '3', { kind: 'completed', signal: 'TASK_DONE' });
  command({ kind: 'stop', now: false, because: 'seqrun stop' });
  story.and({ type: 'run.ended', run: `run-${runs}`, end: 'stopped', exit: 2, because: 'seqrun stop' });
  return story.events;
};
