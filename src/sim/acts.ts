// What scripted agents and gates do: one entry per behaviour, from finishing well to sitting in a limit for ever.

import type { SpecPlace } from './place.ts';
import type { Random } from './random.ts';
import type { Script, Start } from './start.ts';
import type { World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const done = 'All of it is there.\n<promise>TASK_DONE</promise>';

const base: Omit<Script, 'act'> = {
  workMs: 5 * minute,
  busy: true,
  edits: [],
  facts: { worked: true, succeeded: true, finalText: done },
  class: 'success',
  resetAtMs: null,
  code: 0,
  killed: false,
  noExitFile: false,
  onTerm: 'dies',
  children: [],
  waitsFromMs: null,
  changesTree: true,
};

const failing = (cls: Script['class'], code = 1): Partial<Script> => ({
  facts: { worked: true, failure: `the agent says: ${cls}` },
  class: cls,
  code,
});

const closing = (fields: object): Partial<Script> => ({
  facts: { worked: true, succeeded: true, finalText: `${done}\n\`\`\`seqrun\n${JSON.stringify(fields)}\n\`\`\`\n` },
});

type Make = (world: World, random: Random) => Partial<Script>;

const limited = (world: World, closedMs: number, statedMs: number | null): Partial<Script> => {
  world.workspace.closedUntilMs = Math.max(world.workspace.closedUntilMs, world.time.wallMs() + closedMs);
  return {
    workMs: 20_000,
    facts: { failure: 'usage limit' },
    class: 'limited',
    resetAtMs: statedMs === null ? null : world.time.wallMs() + statedMs,
    code: 1,
    changesTree: false,
  };
};

/** By name. */
export const agentActs = {
  done: () => ({}),
  'done, complete': () => ({
    facts: { worked: true, succeeded: true, finalText: 'Fine.\n<promise>COMPLETE</promise>' },
  }),
  'done at once': () => ({ workMs: 3 }),
  question: () => ({ facts: { worked: true, succeeded: true, finalText: 'Shall I go on?' } }),
  idle: () => ({ changesTree: false }),
  halt: () => ({
    facts: { worked: true, succeeded: true, finalText: '<promise>HALT</promise>\nWhich database?' },
  }),
  crash: () => failing('crashed'),
  'bare failure': () => ({ facts: { worked: true }, class: 'crashed', code: 3 }),
  'same failure, nothing changed': () => ({ ...failing('crashed'), changesTree: false }),
  auth: () => failing('auth'),
  billing: () => failing('billing'),
  context: () => failing('context'),
  refused: () => failing('refused'),
  overloaded: () => failing('overloaded'),
  'missing program': () => ({
    facts: {},
    class: 'crashed',
    code: 127,
    workMs: 10,
    changesTree: false,
  }),
  'no answer': () => ({ facts: { worked: true }, class: 'no_answer', code: 0 }),
  'signal, bad exit': () => ({ code: 1 }),
  'signal, failure event': () => ({
    facts: { worked: true, finalText: done, failure: 'it broke' },
    class: 'crashed',
    code: 1,
  }),
  'forgets its session': () => ({
    facts: { failure: 'no such session' },
    class: 'config',
    code: 1,
    workMs: 500,
    changesTree: false,
  }),
  'limit, known': (world, random) => {
    const ms = random.int(10, 300) * minute;
    return limited(world, ms, ms);
  },
  'limit, unknown': (world, random) => limited(world, random.int(1, 90) * minute, null),
  'limit, named too early': (world, random) => limited(world, random.int(60, 200) * minute, 10 * minute),
  'limit, in the past': (world, random) => limited(world, random.int(1, 60) * minute, -hour),
  'limit, after work': (world, random) => {
    const ms = random.int(5, 100) * minute;
    return { ...limited(world, ms, ms), facts: { worked: true, failure: 'usage limit' }, workMs: 10 * minute };
  },
  'limit, a week': world => limited(world, 7 * 24 * hour, 7 * 24 * hour),
  'limit, a month': world => limited(world, 30 * 24 * hour, 30 * 24 * hour),
  throttled: world => ({ ...limited(world, minute, null), class: 'throttled' }),
  'sits in a limit': () => ({ workMs: Number.POSITIVE_INFINITY, busy: true, waitsFromMs: 30_000 }),
  'sits in a limit, ends well when told': () => ({
    workMs: Number.POSITIVE_INFINITY,
    busy: true,
    waitsFromMs: 30_000,
    onTerm: 'finishes',
  }),
  'sits in a limit, goes on': () => ({ workMs: 100_000, waitsFromMs: 20_000 }),
  hang: () => ({ workMs: Number.POSITIVE_INFINITY, busy: false }),
  'hang, stubborn': () => ({ workMs: Number.POSITIVE_INFINITY, busy: false, onTerm: 'stubborn' }),
  'hang, immortal': world => {
    void world;
    return { workMs: 3 * hour, busy: false, onTerm: 'immortal' };
  },
  endless: () => ({ workMs: Number.POSITIVE_INFINITY }),
  'endless, ends well when told': () => ({ workMs: Number.POSITIVE_INFINITY, onTerm: 'finishes' }),
  slow: () => ({ workMs: 100 * minute }),
  killed: () => ({ killed: true, class: 'interrupted' }),
  'killed with launch.sh': () => ({ killed: true, noExitFile: true, class: 'interrupted' }),
  'done, no exit file': () => ({ noExitFile: true }),
  'done, leaves a child': () => ({ children: [{ livesMs: 2 * hour, onTerm: 'dies' }] }),
  'done, leaves a stubborn child': () => ({ children: [{ livesMs: 2 * hour, onTerm: 'stubborn' }] }),
  'done, leaves an immortal child': () => ({ children: [{ livesMs: hour, onTerm: 'immortal' }] }),
  'closing: goes on': () => closing({ recommended_action: 'requeue_same_task', next_prompt: 'the rest' }),
  'closing: asks a person': () => closing({ recommended_action: 'prompt_user', next_prompt: 'which one?' }),
  'closing: review': () => closing({ recommended_action: 'in_review' }),
} satisfies Record<string, Make>;

export const gateActs = {
  pass: () => ({ facts: { worked: true, succeeded: true, finalText: 'ok' }, workMs: 30_000, changesTree: false }),
  'red, the same': () => ({
    facts: { worked: true, finalText: '1 test failed: a' },
    class: 'crashed',
    code: 1,
    workMs: 30_000,
    changesTree: false,
  }),
  'red, another': (_, random) => ({
    facts: { worked: true, finalText: `a test failed: ${random.pick(['b', 'c', 'd', 'e'])}` },
    class: 'crashed',
    code: 1,
    workMs: 30_000,
    changesTree: false,
  }),
  hang: () => ({ workMs: Number.POSITIVE_INFINITY, busy: true, changesTree: false }),
  killed: () => ({ killed: true, class: 'interrupted', workMs: 5_000, changesTree: false }),
  'no exit file': () => ({ killed: true, noExitFile: true, class: 'interrupted', workMs: 5_000, changesTree: false }),
  'not found': () => ({ facts: {}, class: 'crashed', code: 127, workMs: 10, changesTree: false }),
} satisfies Record<string, Make>;

export type AgentAct = keyof typeof agentActs;
export type GateAct = keyof typeof gateActs;

/** The script of an agent's start. While its provider is closed, it is limited whatever it meant to do. */
export const agentScript = (world: World, start: Start, act: AgentAct, random: Random): Script => {
  const make = agentActs[act] as Make;
  const isLimit = act.startsWith('limit') || act === 'throttled';
  const closedMs = world.workspace.closedUntilMs - world.time.wallMs();
  if (!isLimit && closedMs > 0) {
    const stated = random.chance(0.6) ? closedMs : null;
    return { ...base, ...limited(world, 0, stated), act: `limit (still closed, meant: ${act})` };
  }
  if (act === 'forgets its session' && start.job?.session === null) return { ...base, act: 'done' };
  return { ...base, ...make(world, random), act };
};

export const gateScript = (world: World, act: GateAct, random: Random): Script => ({
  ...base,
  ...(gateActs[act] as Make)(world, random),
  act: `gate: ${act}`,
});

/** What an agent may do to files on its way, by name. */
export type Edit = (world: World, spec: SpecPlace, start: Start, random: Random) => void;
