// Runs inside this process: what they give, how they are ended, and what they leave alone.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { type RunEvent, readState, runSpec, SeqrunError } from '../../src/api/index.ts';
import { endless, makeWorld, type World } from './world.ts';

const worlds: World[] = [];
const world = (...args: Parameters<typeof makeWorld>): World => {
  const made = makeWorld(...args);
  worlds.push(made);
  return made;
};
afterEach(() => {
  for (const made of worlds.splice(0)) made.close();
  vi.restoreAllMocks();
});

const read = async (events: AsyncIterable<RunEvent>): Promise<RunEvent[]> => {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};
const errorOf = async (doing: Promise<unknown>): Promise<SeqrunError> => {
  const error = await doing.then(
    () => null,
    error => error,
  );
  expect(error).toBeInstanceOf(SeqrunError);
  return error;
};

it('tells what happens, and how it ended; prints nothing and listens to no signal', async () => {
  const { options, root } = world();
  const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException'].map(name => process.listenerCount(name));
  const before = listeners();
  const run = runSpec(options);
  const [events, result] = await Promise.all([read(run.events), run.result]);
  expect(listeners()).toEqual(before);
  for (const write of written) expect(write).not.toHaveBeenCalled();

  expect(result).toMatchObject({ exit: 0, end: 'completed', because: 'all required units are done' });
  expect(result.summary[0]).toBe('done: all required units are done');
  expect(result.state.counts).toMatchObject({ completed: 2, ready: 0 });
  expect(result.state.units.map(({ id, status }) => [id, status])).toEqual([
    ['1', 'completed'],
    ['2', 'completed'],
  ]);
  const ends = events.flatMap(event =>
    event.type === 'start.ended' ? [[event.unit, event.attempt, event.data.outcome.kind]] : [],
  );
  expect(ends).toEqual([
    ['1', 1, 'completed'],
    ['2', 1, 'completed'],
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', spec: 'cart', data: { exit: 0 } });
  expect(readFileSync(join(root, '.kiro/specs/cart/tasks.md'), 'utf8')).toBe('- [x] 1. First\n- [x] 2. Second\n');
  expect((await readState(options)).why).toBe('its last run ended with 0: all required units are done');
});

it('goes on when its events are left, and for who reads none', async () => {
  const run = runSpec(world().options);
  for await (const event of run.events) if (event.type === 'start.began') break;
  expect((await run.result).exit).toBe(0);
});

it('is ended by its signal as by Ctrl-C, and goes on with the next run', async () => {
  const { options, root, write } = world(endless);
  const stop = new AbortController();
  const run = runSpec({ ...options, signal: stop.signal });
  for await (const event of run.events) {
    if (event.type === 'start.began') await vi.waitFor(() => expect(existsSync(join(root, 'begun'))).toBe(true));
    if (event.type === 'start.began') stop.abort();
    if (event.type === 'start.began') expect(() => process.kill(event.data.pid, 0)).not.toThrow();
    if (event.type === 'start.ended') expect(event.data.outcome).toMatchObject({ kind: 'interrupted', by: 'person' });
  }
  const { exit, end, because, state } = await run.result;
  expect({ exit, end }).toEqual({ exit: 130, end: 'signal' });
  expect(because).toContain('aborted');
  expect(state).toMatchObject({ active_in_progress: 0, current: null, counts: { completed: 0 } });

  write('agent.sh', 'cat > /dev/null\necho "<promise>TASK_DONE</promise>"\n');
  expect((await runSpec(options).result).exit).toBe(0);
});

it('does not begin when it was aborted before', async () => {
  const { options, root } = world();
  const error = await errorOf(runSpec({ ...options, signal: AbortSignal.abort() }).result);
  expect(error).toMatchObject({ code: 'interrupted', exit: 130 });
  expect(existsSync(join(root, '.kiro/specs/SEQUENTIAL_STATE.json'))).toBe(false);
});

it('runs specs of two workspaces side by side, and ends the one that is aborted alone', async () => {
  const [one, other] = [world(), world(endless)];
  const stop = new AbortController();
  const second = runSpec({ ...other.options, signal: stop.signal });
  const events = read(second.events);
  const first = await runSpec(one.options).result;
  expect(first.exit).toBe(0);
  expect(first.state.counts.completed).toBe(2);
  await vi.waitFor(() => expect(existsSync(join(other.root, 'begun'))).toBe(true), 10_000);
  stop.abort();
  expect((await second.result).exit).toBe(130);
  const told = (await events).flatMap(event => ('run_id' in event ? [event.run_id] : []));
  expect(new Set(told).size).toBe(1);
});

it('refuses a second run in the workspace of a first one', async () => {
  const { options, root, write } = world(endless);
  write('.kiro/specs/other/tasks.md', '- [ ] 1. Another\n');
  const stop = new AbortController();
  const run = runSpec({ ...options, signal: stop.signal });
  await vi.waitFor(() => expect(existsSync(join(root, 'begun'))).toBe(true), 10_000);
  for (const spec of ['.kiro/specs/cart', '.kiro/specs/other']) {
    const error = await errorOf(runSpec({ ...options, spec }).result);
    expect(error).toMatchObject({ code: 'locked', exit: 75 });
    expect(error.what).toContain(`${process.pid}`);
  }
  expect((await readState(options)).current).toMatchObject({ unit: '1' });
  stop.abort();
  expect((await run.result).exit).toBe(130);
});

it('throws what refuses a run to who reads its events alone', async () => {
  const { options, root } = world();
  const run = runSpec({ ...options, only: '9' });
  const error = await errorOf(read(run.events));
  expect(error).toMatchObject({ code: 'usage', where: { name: expect.stringContaining('tasks.md') } });
  expect(error.expected).toContain('1, 2');
  expect(error.next).toContain(`seqrun plan --spec ${join(root, '.kiro/specs/cart')}`);
});

it('is refused inside a job, whatever variables it is given', async () => {
  vi.stubEnv('SEQRUN', '1');
  try {
    const error = await errorOf(runSpec(world().options).result);
    expect(error).toMatchObject({ code: 'usage', what: 'a run is refused inside a job of seqrun' });
  } finally {
    vi.unstubAllEnvs();
  }
});

it('ends with the exit code of the command line where something fails', async () => {
  const run = runSpec({ ...world('cat > /dev/null\nexit 3\n').options, maxAttempts: 1, maxIterations: 5 });
  const { exit, summary, state } = await run.result;
  expect(exit).toBe(3);
  expect(summary.at(-1)).toMatch(/^next: seqrun receipt 1 --spec/);
  expect(state.units[0]).toMatchObject({ id: '1', status: 'failed' });
});

it('goes by what it was given, whatever its caller makes of the objects afterwards', async () => {
  const { options, root } = world();
  const mine = { ...options, env: { ...options.env } };
  const { result } = runSpec(mine);
  mine.spec = '.kiro/specs/another';
  mine.env.PATH = '';
  mine.env.XDG_STATE_HOME = join(root, 'elsewhere');
  expect((await result).exit).toBe(0);
  expect(existsSync(join(root, 'elsewhere'))).toBe(false);
});
